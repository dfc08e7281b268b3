"""Curtailment of wind and solar and its complement, the utilisation rate (新能源利用率)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.causes import curtailment_causes
from xinzhou_energy.results.measure import by_group, measured, ratio, single, totals
from xinzhou_energy.results.operation import (
    available_power,
    energy_weight,
    plant_power,
    variable_renewables,
    weighted_sum,
    zone_power,
)
from xinzhou_energy.results.registry import metric

NOTICEABLE_MW = 1.0


@metric({"curtailment": "MWh", "curtailment_share": "%", "utilisation": "%"})
def curtailment(network: pypsa.Network) -> pd.DataFrame:
    """Available wind and solar energy that was not taken. [MWh, % of available energy]

    Notes
    -----
    C = Σ_t w_t (p_max_pu_t p_nom_opt - p_t). The solver's split among generators of equal cost is arbitrary. Statistic
    `sum` (`mean` for the shares) shares it pro rata within a bus and keeps every bus's energy balance; statistic `zone`
    shares it pro rata over all buses at which wind and solar set the price in that hour, so that it does not depend on
    the solver's choice among counties between which no line binds. Both have the same total.
    """
    names = variable_renewables(network)
    available = available_power(network, names)
    parts = []
    for power, sums, means in ((plant_power(network)[names], "sum", "mean"), (zone_power(network), "zone", "zone")):
        grouped = _curtailed(network, available, power)
        share = 100 * ratio(grouped["curtailed"], grouped["available"])
        parts += [
            measured(grouped, "curtailment", "curtailed", statistic=sums),
            measured(grouped, "curtailment_share", share, statistic=means),
            measured(grouped, "utilisation", 100 - share, statistic=means),
        ]
    return pd.concat(parts)


def _curtailed(network: pypsa.Network, available: pd.DataFrame, power: pd.DataFrame) -> pd.DataFrame:
    """Return available and curtailed energy on every level. [MWh]"""
    weight = energy_weight(network)
    sums = pd.DataFrame(
        {"available": weighted_sum(available, weight), "curtailed": weighted_sum(_unused(available, power), weight)}
    )
    return by_group(sums, network.generators.loc[available.columns])


def _unused(available: pd.DataFrame, power: pd.DataFrame) -> pd.DataFrame:
    """Return what was not taken; the solver's noise below zero is cut. [MW, (snapshot, generator)]"""
    return (available - power).clip(lower=0.0)


@metric({"curtailment_share_monthly": "%", "curtailment_hours": "h", "curtailment_peak": "MW"})
def curtailment_in_time(network: pypsa.Network) -> pd.DataFrame:
    """Curtailment by month (`month_01` ...), hours with more than 1 MW of it, and its deepest hour. [%, h, MW]"""
    names = variable_renewables(network)
    weight = energy_weight(network)
    available = available_power(network, names)
    unused = _unused(available, plant_power(network)[names])
    month = pd.DatetimeIndex(network.snapshots).month
    parts = []
    for carrier in ("", *sorted(network.generators.carrier[names].unique())):
        members = names if carrier == "" else names[network.generators.carrier[names] == carrier]
        had = (available[members].sum(axis=1) * weight).groupby(month).sum()
        lost = (unused[members].sum(axis=1) * weight).groupby(month).sum()
        share = 100 * ratio(lost, had)
        parts += [
            single("curtailment_share_monthly", f"month_{number:02d}", value, carrier=carrier)
            for number, value in share.dropna().items()
        ]
    total = unused.sum(axis=1)
    hours = float(np.dot(weight, total > NOTICEABLE_MW))
    parts += [single("curtailment_hours", "sum", hours), single("curtailment_peak", "max", total.max())]
    return pd.concat(parts)


@metric({"curtailment_by_cause": "MWh"})
def curtailment_by_cause(network: pypsa.Network) -> pd.DataFrame:
    """Available wind and solar energy that was not taken, by what stood in its way (`statistic`). [MWh]

    Causes are the ids of `causes.CAUSES`; they add up to `curtailment`, statistic `zone`, on every level.
    """
    weight = energy_weight(network)
    parts = []
    for cause, power in curtailment_causes(network).items():
        energy = weighted_sum(power, weight).to_frame("energy")
        rows = totals("curtailment_by_cause", energy, network.generators, statistic=cause)
        parts.append(rows[rows["component"] == ""])
    return pd.concat(parts)
