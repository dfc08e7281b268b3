"""The load follows the calendar: week, festival, evening peak, industry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from target_statistics import LOAD_PCT, read_tables

from xinzhou_energy.profiles.calendar import day_types, snapshots
from xinzhou_energy.profiles.load import load_shape


@pytest.fixture(scope="module")
def tables():
    return read_tables()


def _load(tables, year: int) -> pd.DataFrame:
    swing = tables["weather_counties"]["load_swing"].sort_index()
    index = snapshots(year)
    values = load_shape(
        index,
        calendar=tables["calendar"],
        months=tables["load_months"],
        days=tables["load_days"],
        hours=tables["load_hours"],
        swing=swing,
    )
    return pd.DataFrame(values, index=index, columns=swing.index)


def _city(tables, year: int) -> pd.Series:
    load = _load(tables, year)
    return load @ (LOAD_PCT / LOAD_PCT.sum()).loc[load.columns]


@pytest.mark.parametrize("year", [2025, 2026, 2028])
def test_city_peaks_in_a_winter_evening(tables, year):
    peak = _city(tables, year).idxmax()
    assert peak.month in (12, 1)
    assert peak.hour in (18, 19, 20)


@pytest.mark.parametrize("year", range(2018, 2036))
def test_load_has_mean_one_in_every_county_and_year_of_the_calendar(tables, year):
    load = _load(tables, year)
    assert load.notna().all(axis=None)
    np.testing.assert_allclose(load.mean(), 1.0, atol=1e-9)


@pytest.mark.parametrize(("year", "month"), [(2025, 1), (2026, 2), (2027, 2)])
def test_spring_festival_dip_moves_with_the_lunar_year(tables, year, month):
    city = _city(tables, year)
    daily = city.groupby(city.index.normalize()).mean()
    types = day_types(snapshots(year), tables["calendar"])
    winter = daily[daily.index.month <= 2]
    assert types[winter.idxmin()] == "spring_festival"
    festival = types.index[types == "spring_festival"]
    assert festival[1].month == month
    assert daily[festival].max() < daily[winter.index.difference(festival)].min()
    dip = daily[types == "spring_festival"].mean() / winter[types.loc[winter.index] == "workday"].max()
    # Shanxi 2018: 0.78 of the weeks before, 0.77 of their workdays.
    assert 0.70 <= dip <= 0.80


def test_load_returns_slowly_after_the_festival(tables):
    city = _city(tables, 2026)
    day = city.groupby(city.index.normalize()).mean()
    # The festival week of 2026 ends on Monday 23 February; Tuesday to Thursday climb towards the week after.
    week_after = day["2026-03-03":"2026-03-05"].mean()
    assert day["2026-02-24"] < day["2026-02-25"] < day["2026-02-26"] < week_after
    assert day["2026-02-24"] < 0.95 * week_after


def test_weekend_lies_5_percent_below_the_week(tables):
    city = _city(tables, 2026)
    june = city["2026-06-01":"2026-06-14"]
    weekend = june.index.dayofweek >= 5
    # Shanxi 2018: 0.9694 against 1.0223.
    assert june[weekend].mean() / june[~weekend].mean() == pytest.approx(0.948, abs=0.01)


def test_industrial_counties_swing_less_within_the_day(tables):
    load = _load(tables, 2026)
    swing = load.groupby(load.index.normalize()).agg(lambda day: day.max() - day.min()).mean()
    # Baode (alumina, coal) against Wuzhai (farming).
    assert swing["Baode"] < 0.9 * swing["Wuzhai"]
