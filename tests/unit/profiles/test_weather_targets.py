"""The synthetic weather, load and river meet the reference statistics (66 rows).

Misses of seeds 1-5, all other rows hold:

====  =============================================================================
seed  row: value (range)
====  =============================================================================
1     S25: 0.604 (0.38-0.60); H03: Wuzhai, as the mildest town, 4,342 K d (4,400-5,000)
3     W10-01: 0.665 (0.70-1.10); W10-04: 1.575 (1.20-1.50)
4     W46: 0.314 (0.10-0.30)
====  =============================================================================

Over seeds 1-20 a year holds 64.4 rows on average and 62 at least. Most often missed: S25 (5 of 20), W01 and
W10-04 (4), W10-12 and W50-80-130 (3), H03 and H05 (2); ten other rows once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from target_statistics import (
    SOLAR_MW,
    WIND_MW,
    all_statistics,
    annual_fleet_means,
    in_range,
    read_tables,
    read_targets,
)

from xinzhou_energy.profiles.generate import generate_profiles, simulate_weather

SEEDS = range(1, 6)


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def profiles(tables):
    return {seed: generate_profiles(tables, year=2026, seed=seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def holds(tables, profiles):
    annual = annual_fleet_means(tables, range(1, 31))
    interannual = float(annual.std(ddof=1) / annual.mean())
    targets = read_targets()
    columns = {
        seed: in_range(
            targets,
            all_statistics(tables, simulate_weather(tables, seed=seed), profiles[seed], interannual),
        )
        for seed in SEEDS
    }
    return pd.DataFrame(columns)


def _city_deviation(profiles) -> pd.Series:
    city = profiles["onwind"].to_pandas() @ WIND_MW + profiles["solar"].to_pandas() @ SOLAR_MW
    return city - city.groupby([profiles["season"].to_numpy(), city.index.hour]).transform("mean")


def test_reference_holds_the_66_applicable_rows():
    targets = read_targets()
    assert len(targets) == 66
    assert targets.index.is_unique
    assert targets["source"].notna().all()


def test_at_least_60_rows_of_66_hold_on_four_of_seeds_1_to_5(holds):
    misses = {seed: list(holds.index[~holds[seed]]) for seed in SEEDS}
    assert (holds.sum() >= 60).sum() >= 4, misses


def test_no_seed_of_1_to_5_falls_below_62_rows(holds):
    # Tighter than the requirement above, so that a loss of quality shows before it breaks that one.
    assert (holds.sum() >= 62).all(), holds.sum().to_dict()


def test_no_row_misses_on_all_seeds(holds):
    never = holds.index[~holds.any(axis=1)]
    assert list(never) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_wind_full_load_hours_match_the_base_year(profiles, seed):
    # Calibration section 3: target 2,000-2,400 h before curtailment.
    hours = float((profiles[seed]["onwind"].sum("snapshot").to_pandas() * WIND_MW).sum() / WIND_MW.sum())
    assert 2000 <= hours <= 2400


@pytest.mark.parametrize("seed", SEEDS)
def test_solar_full_load_hours_match_the_base_year(profiles, seed):
    # Calibration section 3: 1,355-1,408 h over six seeds with the factor 0.99; +-2 % around that span.
    hours = 0.99 * float((profiles[seed]["solar"].sum("snapshot").to_pandas() * SOLAR_MW).sum() / SOLAR_MW.sum())
    assert 1328 <= hours <= 1436


@pytest.mark.parametrize("seed", SEEDS)
def test_province_deviates_with_the_spread_and_correlation_of_the_calibration(profiles, seed):
    # Calibration section 1: sd 5.2 GW over the year, 7.1 GW at spring midday, correlation with the city 0.76.
    deviation = profiles[seed]["market_deviation"].to_series()
    spring_midday = (profiles[seed]["season"].to_numpy() == "spring") & np.isin(deviation.index.hour, range(10, 15))
    assert deviation.std() == pytest.approx(5200, rel=0.12)
    assert deviation[spring_midday].std() == pytest.approx(7100, rel=0.12)
    assert deviation.corr(_city_deviation(profiles[seed])) == pytest.approx(0.76, abs=0.07)
