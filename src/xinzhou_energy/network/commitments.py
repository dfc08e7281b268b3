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
from xinzhou_energy.network.topology import add_flat_load, county_bus

OWNED = ("generators", "storage_units", "links", "loads")


def add_commitments(network: pypsa.Network, data: GridData) -> None:
    """Add the blocks and loads of the commitments in service; plants, sites and the corridor have their own place."""
    for commitment in data.commitments.values():
        if not commitment.in_service:
            continue
        if commitment.block is not None:
            add_block(network, data, commitment, commitment.block)
        elif commitment.kind == "load" and commitment.county and commitment.quantity is not None:
            bus = county_bus(network, commitment.county)
            add_flat_load(network, commitment.id, bus=bus, county=commitment.county, power=commitment.quantity)


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


def counted(network: pypsa.Network, commitment: str, table: str) -> pd.DataFrame:
    """Return the components of one table that count toward a commitment: its own, and those that say so."""
    names = [each.id for each in commitments_in(network).values() if each.counts_toward == commitment]
    components: pd.DataFrame = getattr(network, table)
    return components[components["commitment"].isin([commitment, *names])]


def new_capacity(network: pypsa.Network, commitment: Commitment) -> pd.DataFrame:
    """Return the new generators and storage units of a carrier, in a county or in all."""
    table = pd.concat([network.generators, network.storage_units])
    mine = table["is_new"].fillna(value=False).astype(bool) & (table["carrier"] == commitment.carrier)
    if commitment.county:
        mine &= table["county"] == commitment.county
    return pd.DataFrame(table[mine])


def connection_ways(network: pypsa.Network, block: str) -> tuple[pd.Index, pd.Index]:
    """Return the links of a block towards the grid and from it."""
    links = network.links
    return links.index[links["bus0"] == block], links.index[links["bus1"] == block]


def complete_owners(network: pypsa.Network) -> None:
    """Write '' for every component that nobody claimed."""
    for name in OWNED:
        table = getattr(network, name)
        table["commitment"] = table["commitment"].fillna("").astype(str) if "commitment" in table else ""
