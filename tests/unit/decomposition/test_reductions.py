"""Reductions leave the optimum as it is, and cutting loses nothing."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import pytest
import scipy.sparse as sp

from xinzhou_energy.decomposition.cut import NotSeparableError, cut
from xinzhou_energy.decomposition.level_set import minimise
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import TIMELESS, Problem, reduce

INF = np.inf


def city(hours: int = 6, block: int = 3) -> tuple[Problem, int]:
    """A plant of size P (cost 5 each) serves a load of 1 to `hours` MW, shedding costs 2 per MWh, a store lends a hand.

    Columns: P, then per hour output p, shed s, level e. Rows per hour: p ≤ P, p + s - (e - e_before) = load, p ≤ 100,
    s ≤ 100, e ≤ 2, with e before the first hour 0.
    """
    count = 1 + 3 * hours
    rows, low, high, row_hour = [], [], [], []

    def row(entries: dict[int, float], least: float, most: float, hour: int) -> None:
        line = np.zeros(count)
        for place, value in entries.items():
            line[place] = value
        rows.append(line)
        low.append(least)
        high.append(most)
        row_hour.append(hour)

    for hour in range(hours):
        p, s, e = 1 + 3 * hour, 2 + 3 * hour, 3 + 3 * hour
        row({p: 1.0, 0: -1.0}, -INF, 0.0, hour)
        balance = {p: 1.0, s: 1.0, e: -1.0} | ({e - 3: 1.0} if hour else {})
        row(balance, hour + 1.0, hour + 1.0, hour)
        row({p: 1.0}, -INF, 100.0, hour)
        row({s: 2.0}, -INF, 200.0, hour)
        row({e: -1.0}, -2.0, INF, hour)
        row({p: 1.0, s: 1.0}, -INF, 1000.0, hour)  # never binds
    row({0: 1.0}, -INF, 50.0, TIMELESS)
    cost = np.zeros(count)
    cost[0], cost[1::3], cost[2::3] = 5.0, 0.1, 2.0
    hour_of = np.concatenate([[TIMELESS], np.repeat(np.arange(hours), 3)])
    problem = Problem(
        matrix=sp.csr_array(np.array(rows)),
        lower=np.zeros(count),
        upper=np.full(count, INF),
        row_lower=np.array(low),
        row_upper=np.array(high),
        cost=cost,
        hour=hour_of,
        row_hour=np.array(row_hour),
    )
    return problem, block


def solved(problem: Problem) -> tuple[float, np.ndarray]:
    """Solve a problem as a whole."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.addVars(problem.lower.size, problem.lower, problem.upper)
    highs.changeColsCost(problem.cost.size, np.arange(problem.cost.size, dtype=np.int32), problem.cost)
    matrix = problem.matrix
    highs.addRows(
        problem.row_lower.size,
        problem.row_lower,
        problem.row_upper,
        matrix.nnz,
        matrix.indptr,
        matrix.indices,
        matrix.data,
    )
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getInfo().objective_function_value, np.asarray(highs.getSolution().col_value)


def test_reduced_problem_has_the_optimum_of_the_full_one() -> None:
    problem, _ = city()
    reduced = reduce(problem)
    objective, found = solved(reduced.problem)
    assert objective + reduced.constant == pytest.approx(solved(problem)[0], rel=1e-9)
    assert problem.cost @ reduced.expand(found) == pytest.approx(objective + reduced.constant, rel=1e-9)


def test_rows_of_one_entry_become_bounds_and_idle_rows_go() -> None:
    """Of six rows an hour two stay: p ≤ P and the balance; P ≤ 50 becomes a bound."""
    problem, _ = city()
    reduced = reduce(problem)
    assert reduced.problem.row_lower.size == 2 * 6
    assert reduced.problem.upper[0] == 50
    assert reduced.problem.upper[1:].reshape(6, 3)[0].tolist() == [100, 100, 2]


def test_column_with_one_value_goes_into_the_right_hand_side() -> None:
    problem, _ = city()
    upper, lower = problem.upper.copy(), problem.lower.copy()
    upper[0] = lower[0] = 2.0
    given = replace(problem, lower=lower, upper=upper)
    reduced = reduce(given)
    objective, found = solved(reduced.problem)
    assert 0 not in reduced.columns
    assert reduced.expand(found)[0] == 2.0
    assert objective + reduced.constant == pytest.approx(solved(given)[0], rel=1e-9)


def test_links_are_the_capacity_and_the_level_at_the_border() -> None:
    """Two blocks of three hours share P (column 0) and the level at the end of hour 2 (column 9)."""
    problem, block = city()
    master, parts = cut(reduce(problem).problem, block)
    assert master.columns.tolist() == [0, 9]
    assert [part.links.tolist() for part in parts] == [[0, 1], [0, 1]]
    assert sum(part.own.size for part in parts) == 1 + 3 * 6 - 2


def test_link_without_bounds_is_refused() -> None:
    problem, block = city()
    rest = replace(problem, row_upper=np.where(problem.row_hour == TIMELESS, INF, problem.row_upper))
    with pytest.raises(NotSeparableError, match="bounds"):
        cut(reduce(rest).problem, block)


def test_blocks_close_on_the_optimum_from_both_sides() -> None:
    problem, block = city(hours=12, block=3)
    reduced = reduce(problem)
    truth = solved(reduced.problem)[0]
    master, parts = cut(reduced.problem, block)
    gaps: list[float] = []
    with Pool(parts, workers=2) as pool:
        found = minimise(master, parts, pool, tolerance=1e-6, time_limit=60, tell=lambda _number, gap: gaps.append(gap))
    assert found.lower <= truth + 1e-6 <= found.upper + 2e-6
    assert found.upper == pytest.approx(truth, rel=2e-6)
    assert found.gap <= 1e-6
    assert gaps[-1] == found.gap
    assert found.rounds == len(gaps) > 1


def test_time_limit_leaves_no_result() -> None:
    problem, block = city(hours=12, block=3)
    master, parts = cut(reduce(problem).problem, block)
    with Pool(parts, workers=1) as pool, pytest.raises(TimeoutError, match="gap"):
        minimise(master, parts, pool, tolerance=0.0, time_limit=0.0, tell=lambda _number, _gap: None)


def test_block_without_an_operation_is_an_error_of_the_worker() -> None:
    problem, block = city()
    reduced = reduce(problem).problem
    master, parts = cut(replace(reduced, upper=np.minimum(reduced.upper, 0.5)), block)
    with Pool(parts, workers=1) as pool, pytest.raises(RuntimeError, match="Infeasible"):
        pool.evaluate(master.upper)
