"""The physical system as a plain `pypsa.Network`."""

import pypsa

from xinzhou_energy.network.assemble import assemble
from xinzhou_energy.network.sizes import fix_sizes, is_open, open_sizes
from xinzhou_energy.network.weeks import cut_to_weeks

__all__ = ["assemble", "cut_to_weeks", "fix_sizes", "is_open", "open_sizes"]

# pandas 3 strings, as PyPSA 2 will keep them; without a choice PyPSA warns at every table.
pypsa.options.api.legacy_string_dtype = False
