"""Weather years that took no part in the calibration: seeds 2-6 on the copper plate, and the months of each year."""

from __future__ import annotations

import pandas as pd
import pytest
from copper_plate import REFERENCE, plate_of_seed

pytestmark = pytest.mark.slow

TARGETS = pd.read_csv(REFERENCE / "calibration_targets.csv", index_col="id")
HELD_OUT = range(2, 7)
ALL_SEEDS = range(1, 7)
CALM = {7, 8, 9, 12}
MONTHLY = (1.0, 10.0)


@pytest.mark.parametrize("row", TARGETS.index)
@pytest.mark.parametrize("seed", HELD_OUT)
def test_held_out_weather_year_stays_in_range(seed: int, row: str) -> None:
    low, high = TARGETS.loc[row, ["held_out_low", "held_out_high"]]
    assert low <= plate_of_seed(seed).headline[row] <= high


@pytest.mark.parametrize("seed", ALL_SEEDS)
def test_at_least_ten_months_curtail_between_one_and_ten_per_cent(seed: int) -> None:
    monthly = plate_of_seed(seed).monthly
    assert monthly.between(*MONTHLY).sum() >= 10
    assert monthly.max() <= 11.0


def test_months_outside_are_few_and_of_the_calm_kind() -> None:
    """Of 72 months nine or fewer lie outside; too little is curtailed only in calm months, too much in windy ones."""
    months = pd.concat({seed: plate_of_seed(seed).monthly for seed in ALL_SEEDS})
    outside = months[~months.between(*MONTHLY)]
    assert len(outside) <= 10
    assert {month for (_, month) in outside[outside < MONTHLY[0]].index} <= CALM
    assert {month for (_, month) in outside[outside > MONTHLY[1]].index} <= {2, 6}


def test_months_of_the_mean_weather_year_curtail_between_one_and_ten_per_cent_but_for_august() -> None:
    mean = pd.concat([plate_of_seed(seed).monthly for seed in ALL_SEEDS], axis=1).mean(axis=1)
    assert mean.drop(index=8).between(*MONTHLY).all()
    assert 0.3 <= mean[8] <= MONTHLY[1]
