"""The contract of the generator: shape, labels, determinism, order of rows, calendar policies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from target_statistics import LOAD_PCT, read_tables

from xinzhou_energy.errors import DataError
from xinzhou_energy.profiles.generate import generate_profiles

BY_COUNTY = ("onwind", "onwind_new", "solar", "temperature", "load")
HOURLY = ("market_price", "midday_weight", "market_deviation")


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def profiles(tables):
    return generate_profiles(tables, year=2026, seed=1)


def test_dataset_keeps_its_contract(profiles):
    assert set(profiles.data_vars) == {*BY_COUNTY, "hydro", *HOURLY}
    assert all(profiles[name].dims == ("snapshot", "county") for name in BY_COUNTY)
    assert all(profiles[name].dims == ("snapshot",) for name in HOURLY)
    assert profiles["hydro"].dims == ("snapshot", "hydro_plant")
    assert dict(profiles.sizes) == {"snapshot": 8760, "county": 14, "hydro_plant": 3}
    assert set(profiles["hydro_plant"].to_numpy()) == {"wanjiazhai", "longkou", "tianqiao"}
    for variable in profiles.data_vars.values():
        assert variable.dtype == np.float64
        assert bool(variable.notnull().all())
        assert set(variable.attrs) == {"unit", "long_name"}


def test_label_says_synthetic(profiles):
    assert profiles.attrs["label"] == "synthetic, calibrated"


def test_outputs_lie_between_zero_and_one(profiles):
    for name in ("onwind", "onwind_new", "solar", "hydro", "midday_weight"):
        assert float(profiles[name].min()) >= 0
        assert float(profiles[name].max()) <= 1


def test_modern_turbines_yield_more_than_the_existing_fleet_every_hour(profiles):
    assert bool((profiles["onwind_new"] >= profiles["onwind"] - 1e-12).all())


def test_sun_never_shines_at_midnight_and_always_at_noon(profiles):
    hour = profiles["snapshot"].dt.hour
    assert float(profiles["solar"].where(hour == 0, drop=True).max()) == 0
    assert float(profiles["solar"].where(hour == 12, drop=True).min()) > 0


def test_solar_noon_lies_half_an_hour_after_clock_noon(profiles):
    # 112.7 deg east is 29 minutes behind the meridian of the clock.
    by_hour = profiles["solar"].mean("county").groupby("snapshot.hour").mean().to_series()
    centroid = (by_hour * (by_hour.index + 0.5)).sum() / by_hour.sum()
    assert centroid == pytest.approx(12.5, abs=0.2)


def test_same_year_and_seed_give_identical_numbers(tables, profiles):
    xr.testing.assert_identical(generate_profiles(tables, year=2026, seed=1), profiles)


def test_order_of_rows_changes_nothing(tables, profiles):
    shuffled = {name: table.sample(frac=1, random_state=7) for name, table in tables.items()}
    assert any(not shuffled[name].index.equals(tables[name].index) for name in tables)
    xr.testing.assert_identical(generate_profiles(shuffled, year=2026, seed=1), profiles)


def test_another_seed_changes_the_weather_but_not_load_and_price(tables, profiles):
    other = generate_profiles(tables, year=2026, seed=2)
    for name in ("onwind", "solar", "temperature", "hydro", "market_deviation"):
        assert not np.allclose(other[name], profiles[name])
    for name in ("load", "market_price", "midday_weight"):
        np.testing.assert_array_equal(other[name], profiles[name])


def test_another_year_changes_the_load_but_not_the_weather(tables, profiles):
    other = generate_profiles(tables, year=2027, seed=1)
    for name in ("onwind", "onwind_new", "solar", "temperature", "hydro"):
        np.testing.assert_array_equal(other[name], profiles[name])
    assert not np.allclose(other["load"], profiles["load"])


def test_tables_are_left_as_they_were(tables):
    before = {name: table.copy() for name, table in tables.items()}
    generate_profiles(tables, year=2026, seed=3)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_leap_year_drops_29_february(tables):
    leap = generate_profiles(tables, year=2028, seed=1)
    index = leap.indexes["snapshot"]
    assert len(index) == 8760
    assert not ((index.month == 2) & (index.day == 29)).any()
    assert pd.Timestamp("2028-12-31 23:00") in index
    assert bool(leap["load"].notnull().all())


def test_year_outside_the_calendar_is_refused(tables):
    with pytest.raises(DataError, match="unknown-year") as caught:
        generate_profiles(tables, year=2036, seed=1)
    assert "2018 to 2035" in str(caught.value)


def test_missing_tables_are_named_all_at_once(tables):
    partial = {name: table for name, table in tables.items() if name not in ("calendar", "hydro_months")}
    with pytest.raises(DataError) as caught:
        generate_profiles(partial, year=2026, seed=1)
    assert [finding.where.file for finding in caught.value.findings] == [
        "data/grid/calendar.csv",
        "data/grid/hydro_months.csv",
    ]


def test_wind_target_of_one_county_moves_that_county_only(tables, profiles):
    counties = tables["weather_counties"].copy()
    counties.loc["Kelan", "wind_cf"] += 0.02
    changed = generate_profiles({**tables, "weather_counties": counties}, year=2026, seed=1)
    gain = (changed["onwind"] - profiles["onwind"]).mean("snapshot").to_series()
    assert gain["Kelan"] == pytest.approx(0.02, abs=0.004)
    assert gain.drop("Kelan").abs().max() == 0


def test_county_swings_add_up_to_the_shape_of_the_city(tables):
    # Otherwise the energy-weighted counties would not add up to the shape of 2018.
    swing = tables["weather_counties"]["load_swing"]
    assert (swing * LOAD_PCT).sum() / LOAD_PCT.sum() == pytest.approx(1.0, abs=1e-3)


def test_higher_towns_are_colder(profiles):
    mean = profiles["temperature"].mean("snapshot").to_series()
    # Shenchi 1,530 m against Yuanping 830 m: 700 m at 6 K/km.
    assert mean["Yuanping"] - mean["Shenchi"] == pytest.approx(4.2, abs=0.4)


def test_seasons_and_heating_follow_the_calibration(profiles):
    season = pd.Series(profiles["season"].to_numpy(), index=profiles.indexes["snapshot"])
    by_month = season.groupby(season.index.month).first()
    assert list(by_month) == ["winter"] * 2 + ["spring"] * 3 + ["summer"] * 3 + ["autumn"] * 2 + ["winter"] * 2
    assert profiles["heating"].dtype == bool
    months = profiles.indexes["snapshot"].month[profiles["heating"].to_numpy()]
    assert sorted(set(months)) == [1, 2, 3, 11, 12]
