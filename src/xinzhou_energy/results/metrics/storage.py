"""Use of storage and rivers."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.results.measure import by_group, measured, ratio, totals
from xinzhou_energy.results.operation import capacity, energy_weight, storage_plants, weighted_sum
from xinzhou_energy.results.registry import metric


@metric(
    {
        "storage_charge": "MWh",
        "storage_discharge": "MWh",
        "storage_losses": "MWh",
        "storage_cycles": "per year",
        "storage_hours": "h",
        "storage_duty_hours": "h",
    }
)
def storage(network: pypsa.Network) -> pd.DataFrame:
    """Energy in and out of storage without inflow, losses, full cycles, hours of discharge. [MWh, per year, h]

    Notes
    -----
    cycles = Σ_t w_t p_dispatch,t / η_dispatch / (p_nom max_hours); hours = Σ_t w_t p_dispatch,t / p_nom, and per p_nom
    times its largest p_max_pu for `storage_duty_hours` (pumped storage serves the city with a part of its power).
    """
    units = storage_plants(network)
    units = units[~units["natural"]]
    weight = energy_weight(network)
    given = weighted_sum(network.storage_units_t.p_dispatch[units.index], weight)
    size = capacity(units)
    duty = network.get_switchable_as_dense("StorageUnit", "p_max_pu")[units.index].max()
    sums = pd.DataFrame(
        {
            "charge": weighted_sum(network.storage_units_t.p_store[units.index], weight),
            "discharge": given,
            "drawn": given / units["efficiency_dispatch"],
            "reservoir": size * units["max_hours"],
            "size": size,
            "duty": size * duty,
        }
    )
    grouped = by_group(sums, units)
    return pd.concat(
        [
            measured(grouped, "storage_charge", "charge", statistic="sum"),
            measured(grouped, "storage_discharge", "discharge", statistic="sum"),
            measured(grouped, "storage_losses", grouped["charge"] - grouped["discharge"], statistic="sum"),
            measured(grouped, "storage_cycles", ratio(grouped["drawn"], grouped["reservoir"]), statistic="sum"),
            measured(grouped, "storage_hours", ratio(grouped["discharge"], grouped["size"]), statistic="sum"),
            measured(grouped, "storage_duty_hours", ratio(grouped["discharge"], grouped["duty"]), statistic="sum"),
        ]
    )


@metric({"inflow": "MWh", "spill": "MWh"})
def rivers(network: pypsa.Network) -> pd.DataFrame:
    """Inflow of the hydro plants and what passed them unused. [MWh]"""
    units = storage_plants(network)
    units = units[units["natural"]]
    weight = energy_weight(network)
    inflow = network.get_switchable_as_dense("StorageUnit", "inflow")[units.index]
    spill = network.storage_units_t.spill.reindex(columns=units.index, fill_value=0.0)
    return pd.concat(
        [
            totals("inflow", weighted_sum(inflow, weight).to_frame("energy"), units),
            totals("spill", weighted_sum(spill, weight).to_frame("energy"), units),
        ]
    )
