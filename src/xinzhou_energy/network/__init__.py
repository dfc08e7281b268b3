"""The physical system as a plain `pypsa.Network`."""

from xinzhou_energy.network.assemble import assemble
from xinzhou_energy.network.weeks import cut_to_weeks

__all__ = ["assemble", "cut_to_weeks"]
