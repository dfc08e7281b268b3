"""What the year costs: parts that add up to the objective and to gross and net system cost."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.results.measure import labelled, single
from xinzhou_energy.results.operation import (
    capacity,
    cost_weight,
    generators_of,
    solved_power,
    storage_plants,
    weighted_sum,
)
from xinzhou_energy.results.registry import metric

# part of the cost table → column of CNY/MWh on a plant
PLANT_PARTS = {
    "fuel": "fuel_cost",
    "variable_om": "variable_om_cost",
    "carbon": "carbon_cost",
    "starts": "start_cost",
}
NOT_GROSS = ("export_revenue",)


@metric({"cost": "CNY"})
def cost(network: pypsa.Network) -> pd.DataFrame:
    """Cost of the year by part (`statistic`), and of each part by carrier or border. [CNY]

    Parts: annuity_new, fuel, variable_om, carbon, starts, storage_fee, transmission_charge, load_shedding,
    must_run_slack, export_revenue (negative), other (what the columns of a plant leave of its marginal cost; 0 in a
    sound network). All but annuity_new add up to the objective of the dispatch.
    """
    parts = []
    for part, by_key in _parts(network).items():
        key = "location" if part in {"transmission_charge", "export_revenue"} else "carrier"
        nonzero = by_key[(by_key != 0) & (by_key.index != "")]
        parts += [labelled("cost", part, nonzero, key), single("cost", part, by_key.sum())]
    return pd.concat(parts)


@metric({"gross_system_cost": "CNY", "net_system_cost": "CNY", "operating_cost": "CNY", "objective_gap": "CNY"})
def system_cost(network: pypsa.Network) -> pd.DataFrame:
    """Gross system cost (export revenue not subtracted), net cost, operating cost and its gap to the objective. [CNY]

    Notes
    -----
    net = gross + export revenue (negative) = objective + annuities of new plant, where capacities are fixed. The
    gap, operating cost - `network.objective`, is what the cost table must close; left out if nothing was solved here.
    """
    sums = cost_by_part(network)
    net = float(sums.sum())
    operating = net - float(sums["annuity_new"])
    gross = float(sums.drop(list(NOT_GROSS)).sum())
    rows = [
        single("gross_system_cost", "sum", gross),
        single("net_system_cost", "sum", net),
        single("operating_cost", "sum", operating),
    ]
    objective = getattr(network, "objective", None)
    if objective is not None and pd.notna(objective):
        rows.append(
            single("objective_gap", "difference", operating + _capital_in_objective(network) - float(objective))
        )
    return pd.concat(rows)


def cost_by_part(network: pypsa.Network) -> pd.Series:
    """Return the cost of each part of the cost table. [CNY]"""
    return pd.Series({part: float(values.sum()) for part, values in _parts(network).items()})


def _parts(network: pypsa.Network) -> dict[str, pd.Series]:
    """Return every part of the cost, by carrier or border. [CNY]"""
    weight = cost_weight(network)
    plants = generators_of(network, "plant")
    units = storage_plants(network)
    energy = weighted_sum(solved_power(network, plants.index), weight)
    stored = weighted_sum(network.storage_units_t.p_dispatch.reindex(columns=units.index, fill_value=0.0), weight)
    tanks = ~units["natural"]
    parts = {"annuity_new": _annuities(network)}
    for part, column in PLANT_PARTS.items():
        by_unit = (stored * units[column]).where(~(tanks & (column == "variable_om_cost")), 0.0)
        parts[part] = (
            pd.concat([energy * plants[column], by_unit])
            .groupby(pd.concat([plants["carrier"], units["carrier"]]))
            .sum()
        )
    fee = (stored * units["variable_om_cost"])[tanks]
    parts["storage_fee"] = fee.groupby(units["carrier"][tanks]).sum()
    parts["transmission_charge"] = _transmission(network)
    for kind, key, part in (
        ("load_shedding", "carrier", "load_shedding"),
        ("must_run_slack", "carrier", "must_run_slack"),
        ("market", "border", "export_revenue"),
    ):
        generators = generators_of(network, kind)
        parts[part] = _generator_cost(network, generators.index).groupby(generators[key]).sum()
    parts["other"] = _unexplained(network, plants, units, energy, stored)
    return {part: values.astype(float) for part, values in parts.items()}


def _generator_cost(network: pypsa.Network, names: pd.Index) -> pd.Series:
    """Return Σ_t w_t c_t p_t of each generator. [CNY]"""
    price = network.get_switchable_as_dense("Generator", "marginal_cost")[names]
    return weighted_sum(solved_power(network, names) * price, cost_weight(network))


def _transmission(network: pypsa.Network) -> pd.Series:
    """Return the charges on what enters each link, by border. [CNY]"""
    if network.links.empty:
        return pd.Series(dtype=float)
    charge = network.get_switchable_as_dense("Link", "marginal_cost")
    paid = weighted_sum(network.links_t.p0 * charge, cost_weight(network))
    border: pd.Series = network.links["border"]
    return paid.groupby(border).sum()


def _unexplained(
    network: pypsa.Network, plants: pd.DataFrame, units: pd.DataFrame, energy: pd.Series, stored: pd.Series
) -> pd.Series:
    """Return what the cost columns leave of plants' marginal cost, by carrier. [CNY]"""
    columns = list(PLANT_PARTS.values())
    of_plants = _generator_cost(network, plants.index) - energy * plants[columns].sum(axis=1)
    of_units = stored * (units["marginal_cost"] - units[columns].sum(axis=1))
    carriers = pd.concat([plants["carrier"], units["carrier"]])
    left: pd.Series = pd.concat([of_plants, of_units]).groupby(carriers).sum()
    return left


def _annuities(network: pypsa.Network) -> pd.Series:
    """Return capital_cost · p_nom_opt, by carrier; what stood before 2026 carries none. [CNY/a]"""
    tables = [table for table in (network.generators, network.storage_units, network.links) if not table.empty]
    paid = [(table["capital_cost"] * capacity(table)).groupby(table["carrier"]).sum() for table in tables]
    return pd.concat(paid).groupby(level=0).sum() if paid else pd.Series(dtype=float)


def _capital_in_objective(network: pypsa.Network) -> float:
    """Return the capital cost that the objective holds: of components whose capacity was open. [CNY]"""
    tables = (network.generators, network.storage_units, network.links)
    open_tables = [table[table["p_nom_extendable"].astype(bool)] for table in tables if not table.empty]
    return float(sum((table["capital_cost"] * table["p_nom_opt"]).sum() for table in open_tables))
