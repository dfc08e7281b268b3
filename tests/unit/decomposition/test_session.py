"""A session: sizes to a certified gap, relatives from what is proven already, and its failures."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, TOLERANCE, Here, Year, at_sizes, optimum, quiet, random_year

from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.cut import NotSeparableError
from xinzhou_energy.decomposition.level_set import StoppedError
from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.session import Found, Session

HOURS, PER_BLOCK = 48, 12


@contextmanager
def session_of(problem: Problem) -> Iterator[Session]:
    with Session(problem, workers=2, hours_per_block=PER_BLOCK, make_hand=Here) as session:
        yield session


def solve(session: Session) -> Found:
    return session.solve(tolerance=TOLERANCE, time_limit=60, tell=quiet)


def cold(problem: Problem) -> Found:
    with session_of(problem) as session:
        return solve(session)


def check(problem: Problem, found: Found) -> None:
    """Sizes within the gap of the optimum, a bound below it, and an operation that is the best at these sizes."""
    truth = optimum(problem)[0]
    assert truth * (1 - 1e-9) <= found.sizes.cost <= truth * (1 + TOLERANCE)
    assert found.sizes.bound <= truth * (1 + 1e-9)
    assert found.sizes.gap <= TOLERANCE
    assert found.sizes.violation < 1e-6
    assert found.operation.cost == pytest.approx(optimum(at_sizes(problem, found.values))[0], rel=1e-9)
    assert abs(found.operation.gap) < 1e-9
    assert problem.cost @ found.values == pytest.approx(found.sizes.cost, rel=1e-12)


def mild(year: Year) -> Problem:
    """Return a year whose sizes end below their limits."""
    year.rows[1], year.rows[3] = ((at, low, 20_000.0, hour) for at, low, _, hour in (year.rows[1], year.rows[3]))
    year.rows[4] = (year.rows[4][0], year.rows[4][1], 50_000.0, TIMELESS)
    return year.problem


@pytest.mark.parametrize("seed", range(12))
def test_sizes_are_within_the_gap_of_the_optimum(seed: int) -> None:
    problem = mild(random_year(seed, HOURS))
    check(problem, cold(problem))


@pytest.mark.parametrize("seed", range(12))
def test_sizes_that_their_limits_hold_are_within_the_gap_too(seed: int) -> None:
    problem = random_year(seed, HOURS).problem
    check(problem, cold(problem))


def test_tidy_sizes_stay_within_the_gap() -> None:
    """A town of 27 MW: its store of 0.9 MW is no dust."""
    year, factor = mild(random_year(4, HOURS)), 0.003
    sides = {name: getattr(year, name) * factor for name in ("lower", "upper", "row_lower", "row_upper")}
    problem = replace(year, **sides)
    check(problem, cold(problem))


@pytest.mark.parametrize("relative", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_a_relative_is_solved_as_well_as_alone(seed: int, relative: int) -> None:
    """Other prices, loads and limits; what was proven for the first is proven again for the other."""
    other = mild(random_year(seed, HOURS, relative=relative))
    with session_of(mild(random_year(seed, HOURS))) as session:
        solve(session)
        session.change(other)
        found = solve(session)
    check(other, found)
    assert found.sizes.cost == pytest.approx(cold(other).sizes.cost, rel=TOLERANCE)


@pytest.mark.parametrize("what", ["cost", "load", "size limit"])
def test_a_small_change_takes_fewer_rounds(what: str) -> None:
    year = random_year(2, HOURS)
    first = mild(year)
    other = changed(year, first, what)
    with session_of(first) as session:
        solve(session)
        session.change(other)
        found = solve(session)
    check(other, found)
    assert optimum(other)[0] != pytest.approx(optimum(first)[0], rel=1e-4)
    assert found.rounds < cold(other).rounds


def changed(year: Year, problem: Problem, what: str) -> Problem:
    """Dearer gas, a greater load, or wind of half the size it would have."""
    if what == "cost":
        gas = [at for (name, _), at in year.names.items() if name == "gas"]
        return replace(problem, cost=np.where(np.isin(np.arange(problem.cost.size), gas), 1.05, 1.0) * problem.cost)
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    if what == "load":
        rows = list(year.balances.values())
        lower[rows] *= 1.02
        upper[rows] *= 1.02
    else:
        upper[1] = optimum(problem)[1][year.names["wind", TIMELESS]] / 2
    return replace(problem, row_lower=lower, row_upper=upper)


def test_a_chain_of_relatives_stays_exact() -> None:
    with session_of(mild(random_year(5, HOURS))) as session:
        for relative in (1, 2, 3, 1):
            other = mild(random_year(5, HOURS, relative=relative))
            session.change(other)
            check(other, solve(session))


def test_a_change_beyond_the_pattern_begins_anew() -> None:
    """The sun shines at night."""
    year = random_year(0, HOURS)
    first = mild(year)
    night = year.names["sun", 0]
    limit = next(row for row, (at, _, most, _) in enumerate(year.rows) if at == {night: 1.0} and most == 0)
    upper = first.row_upper.copy()
    upper[limit] = 500.0
    other = replace(first, row_upper=upper)
    with session_of(first) as session:
        solve(session)
        session.change(other)
        found = solve(session)
    check(other, found)
    assert found.values[night] == pytest.approx(500)


def test_fixed_sizes_need_no_rounds_and_have_one_certificate() -> None:
    problem = random_year(0, HOURS, open_sizes=False).problem
    found = cold(problem)
    assert found.rounds == 0
    assert found.sizes is found.operation
    assert abs(certify(problem, found.values, found.duals).gap) < 1e-9


def test_relatives_of_fixed_sizes_are_exact() -> None:
    with session_of(random_year(3, HOURS, open_sizes=False).problem) as session:
        for relative in (1, 2):
            other = random_year(3, HOURS, open_sizes=False, relative=relative).problem
            session.change(other)
            assert solve(session).operation.cost == pytest.approx(optimum(other)[0], rel=1e-9)


def test_duals_of_rows_on_sizes_come_with_the_prices() -> None:
    """Where wind and store must be more than they would, the row has a price; the master knows it to its gap."""
    year = random_year(5, HOURS)
    year.rows[4] = (year.rows[4][0], 7000.0, 50_000.0, TIMELESS)
    year.rows[1] = (year.rows[1][0], -INF, 20_000.0, TIMELESS)
    found = cold(year.problem)
    truth = optimum(year.problem)[2][4]
    assert truth > 1000
    assert found.duals[4] == pytest.approx(truth, rel=0.02)


def test_proposals_that_cannot_serve_are_paid_by_shedding() -> None:
    """Nothing is built in the first proposals of a dear year; the load is shed at its price until something is."""
    year = random_year(1, HOURS)
    problem = mild(year)
    beyond = problem.row_lower.copy(), problem.row_upper.copy()
    rows = list(year.balances.values())
    for side in beyond:
        side[rows] *= 1.6
    heavy = replace(problem, row_lower=beyond[0], row_upper=beyond[1])
    shed = [place for (name, _), place in year.names.items() if name.startswith("shed")]
    nothing = replace(heavy, upper=np.where(heavy.hour == TIMELESS, 0.0, heavy.upper), row_lower=no_size(heavy))
    assert optimum(nothing)[1][shed].sum() > 1000
    check(heavy, cold(heavy))


def no_size(problem: Problem) -> np.ndarray:
    return np.where(problem.row_hour == TIMELESS, np.minimum(problem.row_lower, 0.0), problem.row_lower)


def test_no_time_leaves_words_and_no_result() -> None:
    problem = mild(random_year(0, HOURS))
    truth = optimum(problem)[0]
    words = r"stopped after 1 rounds: (best plan [\d,]+ CNY|no plan yet), bound -?[\d,]+ CNY, gap (inf|\d)"
    with session_of(problem) as session:
        with pytest.raises(StoppedError, match=words) as stop:
            session.solve(tolerance=TOLERANCE, time_limit=0.0, tell=quiet)
        assert stop.value.lower <= truth <= stop.value.upper
        check(problem, solve(session))


def test_a_year_without_an_operation_is_an_error() -> None:
    """More must-run than load, spilling and storing together."""
    year = random_year(0, HOURS, open_sizes=False)
    year.row({year.names["slow", 5]: 1.0, year.names["gas", 5]: 1.0}, 9000.0, INF, 5)
    with session_of(year.problem) as session, pytest.raises(RuntimeError, match="Infeasible"):
        solve(session)


def test_after_a_relative_without_an_operation_the_next_is_solved() -> None:
    year = random_year(0, HOURS, open_sizes=False)
    row = year.row({year.names["slow", 5]: 1.0, year.names["gas", 5]: 1.0}, 0.0, INF, 5)
    problem = year.problem
    lower = problem.row_lower.copy()
    lower[row] = 9000.0
    with Session(problem, workers=2, hours_per_block=PER_BLOCK) as session:
        session.change(replace(problem, row_lower=lower))
        with pytest.raises(RuntimeError):
            solve(session)
        session.change(problem)
        assert solve(session).operation.cost == pytest.approx(optimum(problem)[0], rel=1e-9)


def test_a_column_without_bounds_is_refused() -> None:
    year = random_year(0, HOURS, open_sizes=False)
    year.row({year.column("free", 3, cost=1.0): 1.0, year.names["gas", 3]: 1.0}, 0.0, INF, 3)
    with pytest.raises(NotSeparableError, match="bounds"), session_of(year.problem):
        pass


def test_one_worker_finds_what_two_find_and_a_lost_one_changes_nothing() -> None:
    """Processes this time."""
    problem = mild(random_year(0, HOURS))
    costs = []
    for workers in (1, 2):
        with Session(problem, workers=workers, hours_per_block=PER_BLOCK) as session:
            costs.append(solve(session).sizes.cost)
            os.kill(session._pool.hands[0].pid, signal.SIGKILL)
            costs.append(solve(session).sizes.cost)
    assert costs[1] == pytest.approx(costs[0], rel=TOLERANCE)
    assert costs[2:] == pytest.approx(costs[:2], rel=1e-9)
