"""Columns of equal cost and entries become one, and share its value out by what each can give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, Year, at_sizes, check_step, optimum, random_year, trimmed

from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import OtherPatternError
from xinzhou_energy.decomposition.reductions.column_pools import ColumnPools


def units(load: float = 30.0) -> Problem:
    """Two units at 5 CNY of 4 to 20 MW and 1 to 40 MW, and one at 9 CNY, under one load."""
    year = Year()
    unit = [
        year.column("unit", n, lower=low, upper=high, cost=5.0) for n, low, high in ((0, 4.0, 20.0), (0, 1.0, 40.0))
    ]
    dear = year.column("dear", 0, lower=0.0, upper=50.0, cost=9.0)
    year.row({unit[0]: 1.0, unit[1]: 1.0, dear: 1.0}, load, load, 0)
    return year.problem


def winds(gusts: tuple[float, ...] = (0.5, 1.0), standing: float = 10.0) -> Problem:
    """New wind of open size beside wind that stands, of one price, serves 40 MW an hour; gas is the rest."""
    year = Year()
    size = year.column("size", TIMELESS, lower=0.0, upper=100.0, cost=8.0)
    for hour, gust in enumerate(gusts):
        old = year.column("old", hour, lower=0.0, upper=standing * gust, cost=1.0)
        new = year.column("new", hour, lower=0.0, upper=100.0 * gust, cost=1.0)
        gas = year.column("gas", hour, lower=0.0, upper=50.0, cost=15.0)
        year.row({new: 1.0, size: -gust}, -INF, 0.0, hour)
        year.row({old: 1.0, new: 1.0, gas: 1.0}, 40.0, 40.0, hour)
    return year.problem


def test_two_equal_units_become_one() -> None:
    small = check_step(ColumnPools, units())
    assert (small.lower.tolist(), small.upper.tolist(), small.cost.tolist()) == ([5, 0], [60, 50], [5, 9])


def test_each_unit_gives_the_same_share_of_its_range() -> None:
    """30 MW: 5 at least, and 25 of the 55 MW between."""
    problem = units()
    step = ColumnPools.fitted(problem)
    step.apply(problem)
    share = 25 / 55
    assert step.values(np.array([30.0, 0.0])) == pytest.approx([4 + 16 * share, 1 + 39 * share, 0])


def test_wind_of_open_size_takes_the_standing_wind_in() -> None:
    """The pool gives P + 10 MW at most. A megawatt pays (14 CNY and 7 CNY for 8) until the windier hour is full."""
    problem = winds()
    small = check_step(ColumnPools, problem)
    assert small.lower.size == problem.lower.size - 2
    assert small.row_upper.tolist() == [5.0, 40.0, 10.0, 40.0]
    assert optimum(small)[1][0] == pytest.approx(30.0)


def test_two_open_sizes_do_not_share_a_pool() -> None:
    year = Year()
    sizes = [year.column("size", n, lower=0.0, upper=50.0, cost=cost) for n, cost in ((TIMELESS, 1.0), (TIMELESS, 2.0))]
    entries = {}
    for size in sizes:
        at = year.column("wind", 0, lower=0.0, upper=50.0, cost=1.0)
        year.row({at: 1.0, size: -1.0}, -INF, 0.0, 0)
        entries[at] = 1.0
    year.row(entries, 70.0, 70.0, 0)
    assert check_step(ColumnPools, year.problem).lower.size == 4


def test_columns_of_other_hours_entries_or_without_bounds_stay_apart() -> None:
    for change in ({"hour": [0, 1, 0]}, {"cost": [5.0, 6.0, 9.0]}, {"upper": [INF, INF, 50.0]}):
        problem = replace(units(), **{name: np.array(values) for name, values in change.items()})
        assert check_step(ColumnPools, problem).lower.size == 3
    problem = units()
    entries = problem.matrix.copy()
    entries.data = np.array([1.0, 0.9, 1.0])
    assert check_step(ColumnPools, replace(problem, matrix=entries)).lower.size == 3


def test_units_whose_costs_part_are_another_pattern() -> None:
    problem = units()
    step = ColumnPools.fitted(problem)
    with pytest.raises(OtherPatternError, match="cost"):
        step.apply(replace(problem, cost=np.array([5.0, 5.5, 9.0])))
    assert step.apply(replace(problem, cost=np.array([6.0, 6.0, 9.0]))).cost.tolist() == [6, 9]


@pytest.mark.parametrize("seed", range(5))
def test_years_have_one_coal_and_one_wind(seed: int) -> None:
    for problem in (trimmed(random_year(seed, open_sizes=sizes).problem) for sizes in (True, False)):
        assert check_step(ColumnPools, problem).lower.size == problem.lower.size - 2 * 24


@pytest.mark.parametrize("seed", range(3))
def test_values_keep_to_the_size_found(seed: int) -> None:
    problem = trimmed(random_year(seed).problem)
    step = ColumnPools.fitted(problem)
    values = step.values(optimum(step.apply(problem))[1])
    assert optimum(at_sizes(problem, values))[0] == pytest.approx(problem.cost @ values, rel=1e-9)
