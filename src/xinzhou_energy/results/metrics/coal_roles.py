"""What coal is there for: energy that pays, heat, the minimum that keeps it online, and the winter evening."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.measure import totals
from xinzhou_energy.results.metrics.adequacy import evening_margin
from xinzhou_energy.results.operation import (
    available_power,
    capacity,
    coal_plants,
    energy_weight,
    solved_power,
    weighted_sum,
)
from xinzhou_energy.results.registry import metric

# statistic, Chinese, English
ROLES: tuple[tuple[str, str, str], ...] = (
    ("economic", "经济发电", "above the minimum, because it pays"),
    ("heat_minimum", "供热最小出力", "minimum for heat"),
    ("minimum", "其他最小出力", "other minimum"),
    ("winter_evening", "冬季晚高峰在线容量", "online in the tightest winter evening hour"),
)
HEATING_MONTHS = (11, 12, 1, 2, 3)
RAISED = 0.005  # per unit of the online capacity: a minimum raised by less is not raised for heat


@metric({"coal_energy_role": "MWh"})
def coal_energy_role(network: pypsa.Network) -> pd.DataFrame:
    """Energy of coal plants by its role (`statistic`); the three add up to their generation. [MWh]

    Notes
    -----
    minimum part = min(p, p_min_pu p_nom_opt), `economic` the rest. The minimum part counts as `heat_minimum` in
    November to March at plants whose minimum, per unit of what is online, is higher in these months than in the
    others: the network does not say which plants heat. Where a run lacks either season nothing counts as heat.
    """
    plants = coal_plants(network)
    weight = energy_weight(network)
    power = solved_power(network, plants.index)
    share = minimum_share(network, plants.index)
    least = power.where(power < share * capacity(plants), share * capacity(plants))
    heats = heat_hours(network, plants.index)
    by_role = {
        "economic": power - least,
        "heat_minimum": least.where(heats, 0.0),
        "minimum": least.where(~heats, 0.0),
    }
    parts = [
        totals("coal_energy_role", weighted_sum(part, weight).to_frame("energy"), plants, statistic=role)
        for role, part in by_role.items()
    ]
    return pd.concat(parts)


@metric({"coal_capacity_role": "MW"})
def coal_capacity_role(network: pypsa.Network) -> pd.DataFrame:
    """Coal capacity online in the hour with the smallest winter evening margin (`winter_evening`). [MW]

    Notes
    -----
    p_max_pu p_nom_opt in the hour of `winter_evening_margin`; none in a run without winter evenings.
    """
    plants = coal_plants(network)
    hour = evening_margin(network).nsmallest(1).index
    online = available_power(network, plants.index).loc[hour].T.set_axis(["power"] * len(hour), axis=1)
    if online.empty:
        return totals("coal_capacity_role", online.assign(power=0.0), plants).iloc[:0]
    return totals("coal_capacity_role", online, plants, statistic="winter_evening")


def minimum_share(network: pypsa.Network, names: pd.Index) -> pd.DataFrame:
    """Minimum output. [per unit of p_nom, (snapshot, generator)]"""
    share: pd.DataFrame = network.get_switchable_as_dense("Generator", "p_min_pu")[names]
    return share


def heat_hours(network: pypsa.Network, names: pd.Index) -> pd.DataFrame:
    """Mark the hours in which a plant's minimum is that of heating. [bool, (snapshot, generator)]"""
    online = network.get_switchable_as_dense("Generator", "p_max_pu")[names]
    of_online = minimum_share(network, names) / online.where(online > 0)
    is_season = np.asarray(pd.DatetimeIndex(network.snapshots).month.isin(HEATING_MONTHS))
    is_raised = of_online[is_season].mean() > of_online[~is_season].mean() + RAISED
    marked = is_season[:, None] & is_raised.to_numpy()
    return pd.DataFrame(marked, index=network.snapshots, columns=names)
