"""Snapshots, seasons, day types and the smooth yearly cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from target_statistics import read_tables

from xinzhou_energy.errors import DataError
from xinzhou_energy.profiles.calendar import annual_cycle, day_types, month_of_day, snapshots


@pytest.fixture(scope="module")
def calendar():
    return read_tables()["calendar"]


@pytest.mark.parametrize("year", [2025, 2026, 2028, 2032])
def test_every_year_has_8760_naive_hours(year):
    index = snapshots(year)
    assert len(index) == 8760
    assert index.tz is None
    assert index.is_monotonic_increasing
    assert index[0] == pd.Timestamp(f"{year}-01-01")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-02-13", "workday"),
        ("2026-02-16", "spring_festival"),  # eve of 17 February
        ("2026-02-17", "spring_festival"),
        ("2026-02-23", "spring_festival"),
        ("2026-02-24", "workday"),
        ("2026-04-05", "holiday"),  # Qingming, a Sunday
        ("2026-05-01", "holiday"),
        ("2026-06-19", "holiday"),  # Dragon Boat
        ("2026-09-25", "holiday"),  # Mid-Autumn
        ("2026-10-07", "holiday"),
        ("2026-10-08", "workday"),
        ("2026-03-14", "weekend"),
    ],
)
def test_day_types_of_2026(calendar, day, kind):
    types = day_types(snapshots(2026), calendar)
    assert types[pd.Timestamp(day)] == kind


@pytest.mark.parametrize(
    ("year", "first"),
    [
        (2025, "2025-01-29"), (2026, "2026-02-17"), (2027, "2027-02-06"), (2028, "2028-01-26"),
        (2029, "2029-02-13"), (2030, "2030-02-03"), (2031, "2031-01-23"), (2032, "2032-02-11"),
        (2033, "2033-01-31"), (2034, "2034-02-19"), (2035, "2035-02-08"),
    ],
)  # fmt: skip
def test_spring_festival_week_of_each_year(calendar, year, first):
    # New year's days of the Chinese calendar.
    types = day_types(snapshots(year), calendar)
    festival = types.index[types == "spring_festival"]
    assert len(festival) == 8
    assert festival[1] == pd.Timestamp(first)


def test_every_day_has_one_of_four_types(calendar):
    types = day_types(snapshots(2028), calendar)
    assert len(types) == 365
    assert set(types) == {"workday", "weekend", "holiday", "spring_festival"}


@pytest.mark.parametrize("text", ["2026-02-30", "17 Feb 2026", "2025-02-17"])
def test_bad_festival_date_is_refused_with_its_place(calendar, text):
    broken = calendar.copy()
    broken.loc[2026, "spring_festival"] = text
    with pytest.raises(DataError, match="bad-date") as caught:
        day_types(snapshots(2026), broken)
    assert caught.value.findings[0].where.path == "2026.spring_festival"


def test_annual_cycle_keeps_the_mean_of_every_month():
    monthly = np.array([4.0, 5, 7, 6, 4, 5, 6, 8, 12, 7, 5, 4])
    daily = annual_cycle(monthly)
    means = [daily[month_of_day() == month].mean() for month in range(12)]
    np.testing.assert_allclose(means, monthly, rtol=1e-9)


def test_annual_cycle_has_no_step_at_the_borders_of_months():
    daily = annual_cycle(np.array([0.0, 0, 0, 0, 0, 0, 31, 31, 31, 31, 31, 31]))
    # A step would be 31; spread from middle to middle it is a few units a day, over new year too.
    assert np.abs(np.diff(np.append(daily, daily[0]))).max() < 3


def test_annual_cycle_of_a_constant_is_constant():
    np.testing.assert_allclose(annual_cycle(np.full((12, 2), 3.0)), np.full((365, 2), 3.0))
