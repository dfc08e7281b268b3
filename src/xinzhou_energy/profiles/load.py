"""Hourly shape of electricity demand by county.

The city keeps Shanxi's shape of 2018, which predates rooftop photovoltaics: rooftop output is modelled as
generation, so the load has no midday hole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from xinzhou_energy.profiles.calendar import annual_cycle, day_types, days_since_spring_festival, season_of

Floats = npt.NDArray[np.float64]

# Industry winds down before the festival and restarts shortly before the Lantern festival: share of the way
# back to a normal day by distance from the new year's day. Assumed.
_RAMP_DAYS = np.array([-5.0, -2.0, -1.0, 6.0, 7.0, 12.0])
_RAMP_NORMAL = np.array([1.0, 0.8, 0.0, 0.0, 0.4, 1.0])


def load_shape(
    index: pd.DatetimeIndex,
    *,
    calendar: pd.DataFrame,
    months: pd.DataFrame,
    days: pd.DataFrame,
    hours: pd.DataFrame,
    swing: pd.Series,
) -> Floats:
    """Return demand over its annual mean, shape (8760, county); every county has mean 1.

    Parameters
    ----------
    index
        Snapshots of the year.
    calendar
        Festival dates by year.
    months
        Indexed 1-12, column load_rel: level of a workday by month.
    days
        Indexed by day type, column load_rel: level of the day over a workday.
    hours
        Indexed 0-23, columns <season>_<workday|weekend>: shape within the day, any scale.
    swing
        By county: swing of the load within the day over that of the city. Where its mean weighted with the
        annual energy is 1, the counties add up to the city's shape exactly.

    Raises
    ------
    DataError
        The calendar has no row for the year.
    """
    types = day_types(index, calendar)
    level = annual_cycle(months["load_rel"].sort_index().to_numpy(dtype=float))
    level = level * _day_factor(types, calendar, days)
    daily = np.repeat(level / level.mean(), 24)
    within = _hourly_factor(index, types, hours)
    city_swing = daily * (within - 1)
    return np.asarray(daily[:, None] + city_swing[:, None] * swing.to_numpy(dtype=float))


def _day_factor(types: pd.Series, calendar: pd.DataFrame, days: pd.DataFrame) -> Floats:
    factor = days["load_rel"].astype(float)
    ordinary = types.where(types != "spring_festival", "weekend").map(factor).to_numpy(dtype=float)
    distance = days_since_spring_festival(pd.DatetimeIndex(types.index), calendar)
    normal = np.interp(distance, _RAMP_DAYS, _RAMP_NORMAL)
    return np.asarray(normal * ordinary + (1 - normal) * float(factor["spring_festival"]))


def _hourly_factor(index: pd.DatetimeIndex, types: pd.Series, hours: pd.DataFrame) -> Floats:
    """Return the shape within each day, mean 1 over the day; festivals and holidays look like weekends."""
    kind = np.where(types == "workday", "workday", "weekend")
    names = [f"{season}_{day}" for season, day in zip(season_of(index)[::24], kind, strict=True)]
    shapes = hours.sort_index()[sorted(set(names))].astype(float)
    shapes = shapes / shapes.mean()
    return np.asarray(shapes[names].to_numpy().T.ravel())
