"""A corridor of open size: what its buyers take grows with it."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.formulation.rows import empty_rows
from xinzhou_energy.scenario import Scenario


def corridor_share_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:  # noqa: ARG001 - one signature for all kinds
    """Give each of the n buyers behind an open corridor an n-th of its size.

    Notes
    -----
    P_buyer - P_corridor / n = 0, MW.
    """
    links = network.links[network.links["p_nom_extendable"].astype(bool)]
    parts = []
    for corridor, link in links.iterrows():
        buyers = network.generators.index[network.generators["bus"] == link["bus1"]]
        parts += [share_row(str(buyer), str(corridor), len(buyers)) for buyer in buyers]
    return pd.concat(parts, ignore_index=True) if parts else empty_rows()


def share_row(buyer: str, corridor: str, count: int) -> pd.DataFrame:
    """Write one row."""
    return pd.DataFrame(
        {
            "id": f"corridor_share {buyer}",
            "origin": "corridor_share",
            "stage": "siting",
            "variable": ["Generator-p_nom", "Link-p_nom"],
            "name": [buyer, corridor],
            "snapshot": pd.NaT,
            "coefficient": [1.0, -1.0 / count],
            "sense": "=",
            "rhs": 0.0,
        }
    )
