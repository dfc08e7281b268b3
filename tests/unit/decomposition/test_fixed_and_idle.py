"""Columns with one value and rows that cannot bind go, and come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, Year, bounded, check_step, random_year

from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import OtherPatternError
from xinzhou_energy.decomposition.reductions.fixed_and_idle import FixedAndIdle


def hour() -> Problem:
    """4 MW by a given plant (3 CNY) and 6 by an open one (5 CNY): 42 CNY; together they never reach 100 MW."""
    year = Year()
    given = year.column("given", 0, lower=4.0, upper=4.0, cost=3.0)
    open_ = year.column("open", 0, lower=0.0, upper=20.0, cost=5.0)
    dear = year.column("dear", 0, lower=0.0, upper=20.0, cost=9.0)
    year.row({given: 1.0, open_: 1.0, dear: 1.0}, 10.0, 10.0, 0)
    year.row({given: 2.0, open_: 1.0, dear: 1.0}, -INF, 100.0, 0)
    return year.problem


def test_given_column_and_idle_row_go() -> None:
    small = check_step(FixedAndIdle, hour())
    assert small.matrix.toarray().tolist() == [[1.0, 1.0]]
    assert (small.row_lower.tolist(), small.row_upper.tolist()) == ([6.0], [6.0])


def test_cost_of_what_is_given_is_kept_apart() -> None:
    problem = hour()
    step = FixedAndIdle.fitted(problem)
    step.apply(problem)
    assert step.constant == 12.0


@pytest.mark.parametrize("open_sizes", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_years_lose_their_dark_suns_and_their_limits(seed: int, open_sizes: bool) -> None:
    problem = bounded(random_year(seed, open_sizes=open_sizes).problem)
    small = check_step(FixedAndIdle, problem)
    assert small.lower.size == problem.lower.size - 13  # from 18 to 6 o'clock
    assert np.diff(small.matrix.indptr).min() > 1


def test_other_numbers_in_the_same_pattern() -> None:
    problem = hour()
    step = FixedAndIdle.fitted(problem)
    other = replace(problem, lower=np.array([5.0, 0, 0]), upper=np.array([5.0, 30, 20]), cost=np.array([1.0, 2, 3]))
    small = step.apply(other)
    assert (small.row_lower.tolist(), small.upper.tolist(), step.constant) == ([5.0], [30.0, 20.0], 5.0)
    assert step.values(np.array([5.0, 0.0])).tolist() == [5.0, 5.0, 0.0]


def test_a_given_column_that_opens_is_another_pattern() -> None:
    problem = hour()
    step = FixedAndIdle.fitted(problem)
    with pytest.raises(OtherPatternError, match="fixed"):
        step.apply(replace(problem, upper=np.array([5.0, 20, 20])))


@pytest.mark.parametrize("change", [{"row_upper": [10.0, 47.0]}, {"row_lower": [10.0, 9.0]}, {"upper": [4.0, 99, 20]}])
def test_an_idle_row_that_can_bind_is_another_pattern(change: dict[str, list[float]]) -> None:
    problem = hour()
    step = FixedAndIdle.fitted(problem)
    with pytest.raises(OtherPatternError, match="row"):
        step.apply(replace(problem, **{name: np.array(values) for name, values in change.items()}))
