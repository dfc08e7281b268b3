"""Constraint kinds: each turns a network and a scenario into rows. One file per kind, one line here."""

from collections.abc import Callable

import pandas as pd
import pypsa

from xinzhou_energy.formulation.constraints.commitments import commitment_rows, upgrade_rows
from xinzhou_energy.formulation.constraints.corridor_share import corridor_share_rows
from xinzhou_energy.formulation.constraints.siting import headroom_rows, siting_rows
from xinzhou_energy.formulation.constraints.week_storage import week_storage_rows
from xinzhou_energy.scenario import Scenario

CONSTRAINTS: dict[str, Callable[[pypsa.Network, Scenario], pd.DataFrame]] = {
    "siting": siting_rows,
    "headroom": headroom_rows,
    "corridor_share": corridor_share_rows,
    "upgrade_share": upgrade_rows,
    "commitments": commitment_rows,
    "week_storage": week_storage_rows,
}
