"""River plants and the signals of the outside market, checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from target_statistics import read_tables

from xinzhou_energy.profiles.calendar import snapshots
from xinzhou_energy.profiles.hydro import hydro_potential
from xinzhou_energy.profiles.market import midday_weight, reference_price, season_hour_deviation


@pytest.fixture(scope="module")
def tables():
    return read_tables()


def _potential(tables, seed: int) -> pd.DataFrame:
    plants = tables["hydro_plants"].sort_index()
    values = hydro_potential(plants, tables["hydro_months"], seed=seed)
    return pd.DataFrame(values, index=snapshots(2025), columns=plants.index)


def test_flood_runs_every_plant_at_its_limit(tables):
    flood = tables["hydro_months"].assign(flow_m3s=9000.0)
    potential = hydro_potential(tables["hydro_plants"].loc[["wanjiazhai", "longkou", "tianqiao"]], flood, seed=1)
    # 9.81 x 0.88 x 1,806 m3/s x 68 m = 1,060 MW of 1,080; 1,464 x 31: 391.8 of 420; Tianqiao full.
    np.testing.assert_allclose(potential.min(axis=0), [0.9817, 0.9328, 1.0], atol=2e-4)


def test_dry_river_gives_nothing(tables):
    drought = tables["hydro_months"].assign(flow_m3s=5.0)
    assert hydro_potential(tables["hydro_plants"], drought, seed=1).max() == 0


def test_potential_peaks_with_the_autumn_flood_and_dips_in_may(tables):
    years = [_potential(tables, seed)["wanjiazhai"] for seed in range(1, 9)]
    monthly = pd.concat([year.groupby(year.index.month).mean() for year in years], axis=1).mean(axis=1)
    # Toudaoguai 2001-2022: 1,180 m3/s in September, 381 in May, ice melt in March.
    assert monthly.idxmax() == 9
    assert monthly[3] > 1.4 * monthly[5]
    assert monthly[9] == pytest.approx((1180 - 15) * 9.81 * 0.88 * 68 / 1e3 / 1080, rel=0.12)


def test_three_plants_share_one_river(tables):
    assert _potential(tables, 1).corr(method="spearman").to_numpy().min() > 0.99


@pytest.mark.parametrize(
    ("hour", "price"),
    [
        ("2026-01-15 03:00", 230), ("2026-01-15 12:00", 65), ("2026-12-15 19:00", 370),
        ("2026-04-10 07:00", 255), ("2026-04-10 16:00", 160), ("2026-07-01 20:00", 510),
        ("2026-09-10 22:00", 405), ("2026-10-10 09:00", 355),
    ],
)  # fmt: skip
def test_reference_price_is_table_1a_of_the_calibration(tables, hour, price):
    index = snapshots(2026)
    series = pd.Series(reference_price(index, tables["market_prices"]), index=index)
    assert series[hour] == price


def test_seasonal_means_of_the_price_match_table_1a(tables):
    # Means printed in table 1a of the calibration.
    means = tables["market_prices"][["winter", "spring", "summer", "autumn"]].mean()
    np.testing.assert_allclose(means, [225, 250, 315, 370], atol=6)


def test_midday_weight_rises_from_0630_to_1000_and_falls_from_1500_to_1730():
    weight = midday_weight(snapshots(2026))[:24]
    np.testing.assert_allclose(weight[:7], 0)
    np.testing.assert_allclose(weight[7:10], [1 / 3.5, 2 / 3.5, 3 / 3.5])
    np.testing.assert_allclose(weight[10:15], 1)
    np.testing.assert_allclose(weight[15:18], [0.8, 0.4, 0])
    np.testing.assert_allclose(weight[18:], 0)


def test_deviation_has_no_mean_in_any_season_and_hour():
    index = snapshots(2026)
    series = np.random.default_rng(1).gamma(2.0, 3.0, 8760) + 5 * np.sin(index.hour.to_numpy())
    deviation = pd.Series(season_hour_deviation(index, series), index=index)
    spring_noon = deviation[index.month.isin([3, 4, 5]) & (index.hour == 12)]
    assert len(spring_noon) == 92
    assert spring_noon.mean() == pytest.approx(0, abs=1e-9)
    assert deviation.std() < series.std()
