"""Marginal prices at the city and what each technology earns by them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.measure import by_group, measured, ratio, single
from xinzhou_energy.results.operation import (
    EVENING,
    MIDDAY,
    SPRING,
    city_price,
    energy_weight,
    generators_of,
    in_hours,
    load_power,
    plant_power,
    storage_plants,
    weighted_sum,
)
from xinzhou_energy.results.registry import metric

QUANTILES = (1, 10, 25, 50, 75, 90, 99)
ALL_MONTHS = tuple(range(1, 13))


@metric({"price": "CNY/MWh", "price_hours_below_50": "h", "price_hours_below_100": "h", "price_hours_above_400": "h"})
def price(network: pypsa.Network) -> pd.DataFrame:
    """Price at the city: mean over county buses weighted by load. [CNY/MWh, h]

    Statistics: `mean` over time, `load_weighted_mean`, `q01` ... `q99` (share of the year's hours, inverted
    distribution), `spring_midday` (March-May, 10 to 16 o'clock) and `evening` (17 to 22 o'clock).
    """
    hourly = city_price(network)
    weight = energy_weight(network)
    load = load_power(network).sum(axis=1)
    parts = [
        single("price", "mean", np.average(hourly, weights=weight)),
        single("price", "load_weighted_mean", np.average(hourly, weights=weight * load)),
    ]
    levels = np.quantile(hourly, np.array(QUANTILES) / 100, weights=weight, method="inverted_cdf")
    parts += [single("price", f"q{level:02d}", value) for level, value in zip(QUANTILES, levels, strict=True)]
    for statistic, months, hours in (("spring_midday", SPRING, MIDDAY), ("evening", ALL_MONTHS, EVENING)):
        chosen = in_hours(hourly.index, months, hours)
        if chosen.any():
            parts.append(single("price", statistic, np.average(hourly[chosen], weights=weight[chosen])))
    parts += [
        single("price_hours_below_50", "sum", np.dot(weight, hourly < 50)),
        single("price_hours_below_100", "sum", np.dot(weight, hourly < 100)),
        single("price_hours_above_400", "sum", np.dot(weight, hourly > 400)),
    ]
    return pd.concat(parts)


@metric({"price_month_hour": "CNY/MWh", "price_bus": "CNY/MWh"})
def price_patterns(network: pypsa.Network) -> pd.DataFrame:
    """Mean price at the city by month and hour (`month_01_hour_00` ...), and by bus (`component`). [CNY/MWh]"""
    weight = energy_weight(network)
    when = pd.DatetimeIndex(network.snapshots)
    frame = pd.DataFrame(
        {
            "value": (city_price(network) * weight).to_numpy(),
            "weight": weight.to_numpy(),
            "month": when.month,
            "hour": when.hour,
        }
    )
    sums = frame.groupby(["month", "hour"])[["value", "weight"]].sum()
    pattern = pd.DataFrame(
        {
            "metric": "price_month_hour",
            "statistic": [f"month_{month:02d}_hour_{hour:02d}" for month, hour in sums.index],
            "carrier": "",
            "location": "",
            "component": "",
            "value": (sums["value"] / sums["weight"]).to_numpy(),
        }
    )
    means = weighted_sum(network.buses_t.marginal_price, weight) / float(weight.sum())
    by_bus = pd.DataFrame(
        {
            "metric": "price_bus",
            "statistic": "mean",
            "carrier": "",
            "location": network.buses.county[means.index].astype(str).to_numpy(),
            "component": means.index.astype(str),
            "value": means.to_numpy(),
        }
    )
    return pd.concat([pattern, by_bus])


@metric({"market_value": "CNY", "capture_price": "CNY/MWh", "value_factor": "per unit"})
def capture_price(network: pypsa.Network) -> pd.DataFrame:
    """What the output of plants and storage is worth at their own bus. [CNY, CNY/MWh, per unit of the mean price]

    Notes
    -----
    capture = Σ_t w_t λ_t p_t / Σ_t w_t p_t; value factor = capture / time mean of the city price (Hirth 2013, "The
    market value of variable renewables", Energy Economics 38). Of storage, what it discharges.
    """
    plants, power = _output(network)
    weight = energy_weight(network)
    prices = network.buses_t.marginal_price[plants["bus"]].set_axis(plants.index, axis=1)
    sums = pd.DataFrame({"energy": weighted_sum(power, weight), "value": weighted_sum(power * prices, weight)})
    grouped = by_group(sums, plants)
    # a hair of output left by the solver has no meaningful price
    captured = ratio(grouped["value"], grouped["energy"].where(grouped["energy"] > 1e-3, 0.0))
    mean = float(np.average(city_price(network), weights=weight))
    parts = [
        measured(grouped, "market_value", "value", statistic="sum"),
        measured(grouped, "capture_price", captured, statistic="mean"),
    ]
    if mean > 0:
        parts.append(measured(grouped, "value_factor", captured / mean, statistic="mean"))
    return pd.concat(parts)


def _output(network: pypsa.Network) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return plants and storage units with `carrier, county, bus`, and their output. [MW, (snapshot, component)]"""
    columns = ["carrier", "county", "bus"]
    plants, units = generators_of(network, "plant"), storage_plants(network)
    power = [plant_power(network)]
    if not units.empty:
        power.append(network.storage_units_t.p_dispatch[units.index])
    return pd.concat([part[columns] for part in (plants, units) if not part.empty]), pd.concat(power, axis=1)
