"""Time: the 8,760 hours of a model year, seasons, and the one calendar key for the type of a day.

Weather repeats on a 365-day year without a calendar; only the load knows which day is a Sunday or a festival.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from xinzhou_energy.errors import DataError, Finding, Where

HOURS = 8760
DAYS = 365
DAY_TYPES = ("workday", "weekend", "holiday", "spring_festival")
SEASONS = ("winter", "spring", "summer", "autumn")

# Season of each month as in table 1a of the calibration: winter is November to February, autumn two months.
_SEASON_OF_MONTH = np.array([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 0, 0])
_HEATING_MONTHS = (11, 12, 1, 2, 3)
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SPRING_FESTIVAL_DAYS = range(-1, 7)  # from the eve to the sixth day of the new year, eight days
_FIXED_HOLIDAYS = ("01-01", "05-01", "05-02", "05-03", "05-04", "05-05",
                   "10-01", "10-02", "10-03", "10-04", "10-05", "10-06", "10-07")  # fmt: skip
_MOVING_HOLIDAYS = ("qingming", "dragon_boat", "mid_autumn")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def snapshots(year: int) -> pd.DatetimeIndex:
    """Return the 8,760 hours of a year in China Standard Time, hour-beginning and tz-naive.

    Leap years lose 29 February: every model year has 365 days, so weather years and load years line up.
    """
    hours = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left", name="snapshot")
    return hours[~((hours.month == 2) & (hours.day == 29))]


def month_of_day() -> Ints:
    """Return the month (0-11) of each of the 365 days."""
    return np.repeat(np.arange(12), _MONTH_DAYS)


def season_number(index: pd.DatetimeIndex) -> Ints:
    """Return the position of each snapshot's season in ``SEASONS``."""
    return np.asarray(_SEASON_OF_MONTH[index.month.to_numpy() - 1])


def season_of(index: pd.DatetimeIndex) -> npt.NDArray[np.str_]:
    """Return the season of each snapshot: winter Nov-Feb, spring Mar-May, summer Jun-Aug, autumn Sep-Oct."""
    return np.asarray(SEASONS)[season_number(index)]


def heating_season(index: pd.DatetimeIndex) -> npt.NDArray[np.bool_]:
    """Return whether each snapshot lies in the heating season, 1 November to 31 March."""
    return np.isin(index.month.to_numpy(), _HEATING_MONTHS)


def annual_cycle(monthly: Floats) -> Floats:
    """Spread twelve monthly values over 365 days without steps at the borders of months.

    Linear between the middles of months, with node values solved such that every month keeps its own mean.

    Parameters
    ----------
    monthly
        Shape (12, ...), any unit.

    Returns
    -------
    Shape (365, ...), same unit.
    """
    lengths = np.array(_MONTH_DAYS)
    middles = np.cumsum(lengths) - lengths / 2
    day = np.arange(DAYS) + 0.5
    basis = np.stack([np.interp(day, middles, node, period=DAYS) for node in np.eye(12)], axis=1)
    month_means = np.stack([basis[month_of_day() == month].mean(axis=0) for month in range(12)])
    nodes = np.linalg.solve(month_means, monthly.reshape(12, -1))
    return (basis @ nodes).reshape(DAYS, *monthly.shape[1:])


def day_types(index: pd.DatetimeIndex, calendar: pd.DataFrame) -> pd.Series:
    """Return the type of each day: workday, weekend, holiday or spring_festival.

    Working weekends in exchange for bridge days are decreed a year at a time, so they are not modelled.

    Parameters
    ----------
    index
        Snapshots of one year.
    calendar
        Indexed by year, columns spring_festival, qingming, dragon_boat, mid_autumn (ISO dates).

    Returns
    -------
    Series of str indexed by day (midnight), one row per day of ``index``.

    Raises
    ------
    DataError
        The calendar has no row for the year, or a date that is none of it.
    """
    days = pd.DatetimeIndex(index.normalize().unique())
    year = int(days[0].year)
    moving = pd.DatetimeIndex([_date(calendar, year, name) for name in _MOVING_HOLIDAYS])
    festival = np.isin(days_since_spring_festival(days, calendar), list(_SPRING_FESTIVAL_DAYS))
    types = pd.Series(np.where(days.dayofweek >= 5, "weekend", "workday"), index=days, dtype=object)
    fixed = np.isin(days.strftime("%m-%d"), _FIXED_HOLIDAYS)
    types[fixed | days.isin(moving)] = "holiday"
    types[festival] = "spring_festival"
    return types


def days_since_spring_festival(days: pd.DatetimeIndex, calendar: pd.DataFrame) -> Ints:
    """Return the distance of each day from the lunar new year's day of its calendar year, in days.

    Raises
    ------
    DataError
        The calendar has no row for the year, or a date that is none of it.
    """
    first = _date(calendar, int(days[0].year), "spring_festival")
    return np.asarray((days - first).days, dtype=np.int64)


def _date(calendar: pd.DataFrame, year: int, column: str) -> pd.Timestamp:
    if year not in calendar.index:
        known = f"{calendar.index.min()} to {calendar.index.max()}"
        remedy = "Add a row with the festival dates of that year, or choose another year."
        where = Where("data/grid/calendar.csv", path="year")
        raise DataError(Finding("unknown-year", where, str(year), f"a year of the calendar, {known}", remedy))
    text = str(calendar.loc[year, column])
    date = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if pd.isna(date) or date.year != year:
        where = Where("data/grid/calendar.csv", path=f"{year}.{column}")
        remedy = f"Write the date as {year}-MM-DD."
        raise DataError(Finding("bad-date", where, f"'{text}'", f"a day of {year}", remedy))
    return pd.Timestamp(date)
