"""What the commitments of a scenario add to the network.

Every component carries the id of its commitment in the column `commitment`, '' where it has none, written where the
component is made. Verdicts, prices and ablations find components by it, so each megawatt belongs to one commitment.
"""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.grid.commitments import Commitment, from_meta
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.technologies.block import add_block

OWNED = ("generators", "storage_units", "links", "loads")


def add_commitments(network: pypsa.Network, data: GridData) -> None:
    """Add the blocks and loads of the commitments in service; plants, sites and the corridor have their own place."""
    for commitment in data.commitments.values():
        if not commitment.in_service:
            continue
        if commitment.block is not None:
            add_block(network, data, commitment, commitment.block)
        elif commitment.kind == "load" and commitment.county and commitment.quantity is not None:
            add_load(network, commitment, commitment.quantity)


def add_load(network: pypsa.Network, commitment: Commitment, power: float) -> None:
    """Add a flat load [MW] at the bus of a county."""
    at_county = (network.buses.kind == "county") & (network.buses.county == commitment.county)
    network.add(
        "Load",
        f"{commitment.id} load",
        bus=str(network.buses.index[at_county][0]),
        carrier="AC",
        county=commitment.county,
        p_set=pd.Series(power, index=network.snapshots),
        commitment=commitment.id,
    )


def commitments_in(network: pypsa.Network) -> dict[str, Commitment]:
    """Return the commitments that a network carries, by id."""
    return from_meta(network.meta.get("commitments", []))


def owned(network: pypsa.Network, commitment: str) -> dict[str, pd.Index]:
    """Return the names of the components that belong to a commitment, by table; tables without any are left out."""
    found = {}
    for name in OWNED:
        table = getattr(network, name)
        if "commitment" in table:
            mine = table.index[table["commitment"] == commitment]
            if len(mine):
                found[name] = mine
    return found


def complete_owners(network: pypsa.Network) -> None:
    """Write '' for every component that nobody claimed."""
    for name in OWNED:
        table = getattr(network, name)
        table["commitment"] = table["commitment"].fillna("").astype(str) if "commitment" in table else ""
