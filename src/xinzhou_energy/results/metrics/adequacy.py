"""Whether the lights stay on: winter-evening margin, unserved energy, must-run slack, and the balance itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.measure import labelled, single
from xinzhou_energy.results.operation import (
    EVENING,
    WINTER,
    available_power,
    capacity,
    energy_weight,
    generators_of,
    in_hours,
    load_power,
    solved_power,
    storage_plants,
    weighted_sum,
)
from xinzhou_energy.results.registry import metric


@metric({"winter_evening_margin": "MW", "winter_evening_margin_share": "%"})
def winter_evening_margin(network: pypsa.Network) -> pd.DataFrame:
    """Available capacity less the city's load in the tightest winter evening hour. [MW, % of that hour's load].

    Winter evenings are December to February from 17 to 22 o'clock. Exports count as interruptible, lines
    as sufficient.

    Notes
    -----
    margin_t = Σ p_max_pu_t p_nom_opt (plants) + Σ hydro_t + Σ storage - load_t; the lowest over the hours. Hydro counts
    with its inflow, storage with its duty, p_max_pu p_nom, but no more than its full reservoir gives over the five
    hours of the evening. After NERC's planning reserve margin, (resources - net internal demand) / net internal demand
    (Reliability Assessment Guidebook), with the hour's availability in place of a seasonal rating.
    """
    margin = evening_margin(network)
    if margin.empty:
        return single("winter_evening_margin", "min", np.nan).iloc[:0]
    tightest = margin.index[[int(margin.to_numpy().argmin())]]
    lowest, demand = float(margin.min()), float(load_power(network).loc[tightest].to_numpy().sum())
    parts = [single("winter_evening_margin", "min", lowest)]
    if demand > 0:
        parts.append(single("winter_evening_margin_share", "min", 100 * lowest / demand))
    return pd.concat(parts)


def evening_margin(network: pypsa.Network) -> pd.Series:
    """Available capacity less the city's load in the winter evening hours, none in a run without. [MW, (snapshot,)]"""
    hours = in_hours(network.snapshots, WINTER, EVENING)
    margin: pd.Series = (_available_capacity(network) - load_power(network).sum(axis=1))[hours]
    return margin


def _available_capacity(network: pypsa.Network) -> pd.Series:
    """Return what plants, rivers and storage could give. [MW, (snapshot,)]"""
    available: pd.Series = available_power(network, generators_of(network, "plant").index).sum(axis=1)
    units = storage_plants(network)
    if units.empty:
        return available
    size = capacity(units)
    duty = (network.get_switchable_as_dense("StorageUnit", "p_max_pu") * size).to_numpy()
    inflow = network.get_switchable_as_dense("StorageUnit", "inflow").to_numpy()
    reservoir = size * units["max_hours"] * units["efficiency_dispatch"] / len(EVENING)
    limit = np.where(units["natural"].to_numpy(), inflow, reservoir.to_numpy())
    firm = np.minimum(duty, limit)
    return available.add(firm.sum(axis=1))


@metric({"unserved_energy": "MWh", "unserved_hours": "h", "must_run_slack_energy": "MWh"})
def penalised_energy(network: pypsa.Network) -> pd.DataFrame:
    """Load shed, the hours with more than 0.001 MW of it, and must-run output that had to be destroyed. [MWh, h]"""
    weight = energy_weight(network)
    parts = []
    for name, kind in (("unserved_energy", "load_shedding"), ("must_run_slack_energy", "must_run_slack")):
        generators = generators_of(network, kind)
        energy = weighted_sum(solved_power(network, generators.index), weight)
        by_county = energy.groupby(generators["county"]).sum()
        by_county = by_county[(by_county.index != "") & (by_county > 0)]
        parts += [labelled(name, "sum", by_county, "location"), single(name, "sum", energy.sum())]
    shed = solved_power(network, generators_of(network, "load_shedding").index).sum(axis=1)
    parts.append(single("unserved_hours", "sum", np.dot(weight, shed > 1e-3)))
    return pd.concat(parts)


@metric({"balance_residual": "MW"})
def balance_residual(network: pypsa.Network) -> pd.DataFrame:
    """Largest gap of the energy balance over all buses and snapshots; below 1e-4 in a sound run. [MW]

    Notes
    -----
    r_b = Σ sign p (generators, storage) - Σ p_set (loads) - Σ p0 - Σ p1 (lines, links at their ends).
    """
    residual = pd.DataFrame(0.0, index=network.snapshots, columns=network.buses.index)
    injections = [
        (solved_power(network, network.generators.index) * network.generators["sign"], network.generators["bus"]),
        (-load_power(network), network.loads["bus"]),
    ]
    if not network.storage_units.empty:
        injections.append((network.storage_units_t.p, network.storage_units["bus"]))
    for branches, power in ((network.lines, network.lines_t), (network.links, network.links_t)):
        if not branches.empty:
            injections += [(-power.p0, branches["bus0"]), (-power.p1, branches["bus1"])]
    for power, bus in injections:
        at_bus = power.T.groupby(bus).sum().T
        residual[at_bus.columns] += at_bus
    return single("balance_residual", "max", residual.abs().to_numpy().max())
