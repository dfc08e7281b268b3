"""Rows of equal entries become one with two sides, and each gets its dual back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, Year, check_step, optimum, random_year, trimmed

from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions.row_pairs import RowPairs


def two_hours(first: float, second: float) -> Problem:
    """A plant (1 CNY) that moves by 30 MW up, 20 MW down (stated as 40 too), beside a dear one (9 CNY)."""
    year = Year()
    for hour, load in enumerate((first, second)):
        plant = year.column("plant", hour, lower=0.0, upper=100.0, cost=1.0)
        dear = year.column("dear", hour, lower=0.0, upper=100.0, cost=9.0)
        year.row({plant: 1.0, dear: 1.0}, load, load, hour)
    ramp = {year.names["plant", 1]: 1.0, year.names["plant", 0]: -1.0}
    year.row(ramp, -INF, 30.0, 1)
    year.row(ramp, -40.0, INF, 1)
    year.row(ramp, -20.0, INF, 1)
    return year.problem


def test_ramps_become_one_row_with_the_tightest_sides() -> None:
    small = check_step(RowPairs, two_hours(10.0, 90.0))
    assert (small.row_lower.tolist(), small.row_upper.tolist()) == ([10.0, 90.0, -20.0], [10.0, 90.0, 30.0])


@pytest.mark.parametrize(
    ("loads", "duals"),
    [((10.0, 90.0), [-8, 0, 0]), ((90.0, 10.0), [0, 0, 8]), ((50.0, 60.0), [0, 0, 0])],
)
def test_the_dual_goes_to_the_row_that_binds(loads: tuple[float, float], duals: list[float]) -> None:
    """A megawatt more of ramp puts the plant in the place of the dear one: 8 CNY."""
    problem = two_hours(*loads)
    check_step(RowPairs, problem)
    step = RowPairs.fitted(problem)
    found = step.duals(optimum(step.apply(problem))[2])
    assert found[2:] == pytest.approx(duals)


def test_a_side_that_two_rows_state_is_paid_once() -> None:
    problem = two_hours(90.0, 10.0)
    twice = replace(problem, row_lower=np.where(problem.row_lower == -40, -20.0, problem.row_lower))
    check_step(RowPairs, twice)


def test_equal_rows_of_other_hours_stay_apart() -> None:
    problem = two_hours(10.0, 90.0)
    apart = replace(problem, row_hour=np.array([0, 1, 1, 0, 0]))
    assert check_step(RowPairs, apart).row_lower.size == 4


def test_the_tightest_side_follows_the_numbers() -> None:
    problem = two_hours(90.0, 10.0)
    step = RowPairs.fitted(problem)
    small = step.apply(replace(problem, row_lower=np.where(problem.row_lower == -20, -50.0, problem.row_lower)))
    assert small.row_lower.tolist() == [90.0, 10.0, -40.0]
    assert step.duals(np.array([0.0, 0.0, 2.0])).tolist() == [0, 0, 0, 2, 0]


@pytest.mark.parametrize("seed", range(5))
def test_years_have_half_as_many_ramps(seed: int) -> None:
    problem = trimmed(random_year(seed).problem)
    assert check_step(RowPairs, problem).row_lower.size == problem.row_lower.size - 23
