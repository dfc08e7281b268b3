"""Installed capacity: all, clean and new."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.results import operation
from xinzhou_energy.results.measure import by_group, measured, ratio, totals
from xinzhou_energy.results.registry import metric

COLUMNS = ["carrier", "county", "is_clean", "is_new", "sited", "p_nom", "p_nom_opt", "p_nom_extendable"]


def installed(network: pypsa.Network) -> pd.DataFrame:
    """Return generators and storage units that are plants, with `size` [MW]."""
    units = network.storage_units
    plants = [operation.generators_of(network, "plant"), units]
    table: pd.DataFrame = pd.concat([part[COLUMNS] for part in plants if not part.empty])
    return table.assign(size=operation.capacity(table))


@metric({"capacity": "MW", "capacity_clean": "MW", "clean_share": "%"})
def capacity(network: pypsa.Network) -> pd.DataFrame:
    """Installed capacity of all plants and storage, the new and clean part, and its share. [MW, MW, %]"""
    plants = installed(network)
    sums = pd.DataFrame({"size": plants["size"], "clean": plants["size"].where(plants["is_clean"].astype(bool), 0.0)})
    grouped = by_group(sums, plants)
    summary = grouped[(grouped["carrier"] == "") & (grouped["component"] == "")]
    share = 100 * ratio(summary["clean"], summary["size"])
    return pd.concat(
        [
            measured(grouped, "capacity", "size", statistic="sum"),
            measured(summary, "capacity_clean", "clean", statistic="sum"),
            measured(summary, "clean_share", share, statistic="mean"),
        ]
    )


@metric({"capacity_new": "MW", "capacity_sited": "MW"})
def capacity_new(network: pypsa.Network) -> pd.DataFrame:
    """Capacity built after 2025, and the part whose place the optimiser chose. [MW]"""
    plants = installed(network)
    parts = [
        totals(name, plants.loc[plants[flag].astype(bool), ["size"]], plants)
        for name, flag in (("capacity_new", "is_new"), ("capacity_sited", "sited"))
    ]
    return pd.concat(parts)
