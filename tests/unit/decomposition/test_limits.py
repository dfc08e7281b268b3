"""Rows that bound one column, by a number or by an open size, and the duals that belong to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, Year, bounded, check_optimum, optimum, random_year

from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions.limits import (
    Limits,
    bounds_from_rows,
    bounds_from_sizes,
    single_rows,
    sized_rows,
    with_single_rows,
)


def plants() -> Problem:
    """Two plants within rows: 5 <= a <= 40 (stated as -2 a >= -80, and as 60), b <= 70; they serve 100 MW."""
    year = Year()
    a, b = year.column("a", 0, lower=0.0, cost=1.0), year.column("b", 0, lower=0.0, cost=3.0)
    year.row({a: 1.0}, 5.0, INF, 0)
    year.row({a: -2.0}, -80.0, INF, 0)
    year.row({a: 1.0}, -INF, 60.0, 0)
    year.row({b: 1.0}, -INF, 70.0, 0)
    year.row({a: 1.0, b: 1.0}, 100.0, 100.0, 0)
    return year.problem


def sized() -> Problem:
    """Wind within half of a size of 10 to 60 MW, a store that takes up to twice a size, and a row that is no limit."""
    year = Year()
    size = year.limited("size", TIMELESS, 10.0, 60.0)
    wind = year.column("wind", 0)
    year.row({wind: 1.0, size: -0.5}, -INF, 0.0, 0)
    take = year.column("take", 0, upper=70.0)
    year.row({take: -0.5, size: -1.0}, -INF, 0.0, 0)
    year.row({wind: 1.0, take: 1.0, size: 1.0}, -INF, 9.0, 0)
    return year.problem


def test_the_tightest_row_of_one_entry_is_the_bound() -> None:
    tight = bounds_from_rows(plants())
    assert (tight.lower.tolist(), tight.upper.tolist()) == ([5, 0], [40, 70])


def test_bounds_that_cross_meet_instead_of_turning_over() -> None:
    problem = plants()
    crossed = bounds_from_rows(replace(problem, row_upper=np.where(problem.row_upper == 60, 1.0, problem.row_upper)))
    assert (crossed.lower[0], crossed.upper[0]) == (5, 5)


def test_the_row_that_holds_a_column_gets_its_reduced_cost() -> None:
    """Another megawatt of a saves 2 CNY; its limit is the row of entry -2: 1 CNY per unit of that row."""
    problem = plants()
    duals = with_single_rows(problem, np.array([9.0, 9, 9, 9, 3]))
    assert duals.tolist() == [0, 1, 0, 0, 3]
    check_optimum(certify(problem, np.array([40.0, 60.0]), duals), 220.0)


@pytest.mark.parametrize("seed", range(5))
def test_years_of_bounds_are_years_of_rows(seed: int) -> None:
    problem = random_year(seed, open_sizes=False).problem
    rows = np.ones(problem.row_lower.size, dtype=bool)
    rows[single_rows(problem)[0]] = False
    small = replace(
        bounds_from_rows(problem),
        matrix=problem.matrix[rows],
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        row_hour=problem.row_hour[rows],
    )
    assert rows.sum() < 0.25 * rows.size
    truth = optimum(problem)[0]
    cost, values, found = optimum(small)
    assert cost == pytest.approx(truth, rel=1e-9)
    duals = np.zeros(rows.size)
    duals[rows] = found
    check_optimum(certify(problem, values, with_single_rows(problem, duals)), truth)


def test_a_sized_row_holds_one_column_with_an_hour_and_sizes() -> None:
    assert sized_rows(sized()).tolist() == [False, False, True, True, False]


def test_rows_without_an_hour_or_without_entries_are_no_limits() -> None:
    problem = sized()
    assert not sized_rows(replace(problem, row_hour=np.full(5, TIMELESS))).any()
    problem.matrix.data[:] = 0
    problem.matrix.eliminate_zeros()
    assert not sized_rows(problem).any()


def test_sizes_bound_their_columns() -> None:
    """At 20 MW: wind up to 10 MW; -0.5 take <= 20, so take is -40 MW at least."""
    problem = bounds_from_rows(sized())
    limits = Limits.of(problem, sized_rows(problem))
    taken = problem.matrix @ np.array([20.0, 0, 0])
    lower, upper = limits.bounds(problem, taken, taken)
    assert (lower[1:].tolist(), upper[1:].tolist()) == ([-INF, -40], [10, 70])


def test_the_largest_size_bounds_what_has_no_bound() -> None:
    wide = bounds_from_sizes(bounds_from_rows(sized()))
    assert (wide.lower.tolist(), wide.upper.tolist()) == ([10, -INF, -120], [60, 30, 70])


def test_a_limit_has_the_dual_of_the_column_it_holds() -> None:
    problem = bounds_from_rows(sized())
    limits = Limits.of(problem, sized_rows(problem))
    duals = limits.duals(problem, np.array([20.0, 0, 0]), np.array([0.0, -3.0, 4.0]))
    assert duals.tolist() == [0, 0, -3, -8, 0]
    assert not limits.duals(problem, np.array([20.0, 0, 0]), np.array([7.0, 0.0, -4.0])).any()


@pytest.mark.parametrize("seed", range(5))
def test_years_bounded_by_sizes_are_the_same_years(seed: int) -> None:
    problem = random_year(seed).problem
    tight = bounded(problem)
    assert np.isfinite(tight.lower + tight.upper).all()
    assert optimum(tight)[0] == pytest.approx(optimum(problem)[0], rel=1e-9)
