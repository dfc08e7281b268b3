"""Yearly rows cut by blocks: the same optimum, and only the shares of the blocks are links."""

from __future__ import annotations

import numpy as np
import pytest
from small_years import INF, TIMELESS, TOLERANCE, Here, Year, add_cap, optimum, quiet, random_year

from xinzhou_energy.decomposition.budget import MANY, with_budgets
from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.cut import cut
from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import reduce
from xinzhou_energy.decomposition.session import Found, Session

HOURS = 48
EDGES = np.array([0, 16, 32, 48])
EMITTERS = {"coal 1": 0.9, "coal 2": 0.9, "slow": 0.8, "gas": 0.4}


def capped(seed: int, *, open_sizes: bool, share: float = 0.8) -> tuple[Year, int]:
    """A year that may emit a share of what it would, and the row that says so."""
    year = random_year(seed, HOURS, open_sizes=open_sizes)
    _, values, _ = optimum(year.problem)
    emitted = sum(rate * sum(year.values(name, values)) for name, rate in EMITTERS.items())
    return year, add_cap(year, HOURS, share * emitted)


def floored(seed: int, *, open_sizes: bool) -> tuple[Year, int]:
    """A year in which gas must give more than it would, and the row that says so."""
    year = random_year(seed, HOURS, open_sizes=open_sizes)
    _, values, _ = optimum(year.problem)
    gas, slow = (sum(year.values(name, values)) for name in ("gas", "slow"))
    at = [place for (name, _), place in year.names.items() if name in ("gas", "slow", "sun")]
    sun = sum(year.values("sun", values))
    return year, year.row(dict.fromkeys(at, 1.0), gas + slow + sun + 4000.0, INF, TIMELESS)


def solved(problem: Problem, hours_per_block: float = 16, tolerance: float = TOLERANCE) -> Found:
    with Session(problem, workers=2, hours_per_block=hours_per_block, make_hand=Here) as session:
        return session.solve(tolerance=tolerance, time_limit=60, tell=quiet)


@pytest.mark.parametrize("kind", [capped, floored])
@pytest.mark.parametrize("seed", range(3))
def test_shares_leave_the_optimum_as_it_is(seed: int, kind) -> None:
    year, row = kind(seed, open_sizes=True)
    problem = year.problem
    truth, _, duals = optimum(problem)
    assert abs(duals[row]) > 100, "a row that does not bind shows nothing"
    cut_up = with_budgets(problem, EDGES)
    assert cut_up.lower.size == problem.lower.size + 3
    assert cut_up.row_lower.size == problem.row_lower.size + 3
    cost, values, found = optimum(cut_up)
    assert cost == pytest.approx(truth, rel=1e-9)
    assert found[row] == pytest.approx(duals[row], rel=1e-6)
    assert certify(problem, values[: problem.lower.size], found[: problem.row_lower.size]).violation < 1e-6


def test_only_the_shares_are_links() -> None:
    """Three blocks: two sizes, levels and ramps at two and a half borders, three shares."""
    year, _ = capped(0, open_sizes=True)
    without = cut(reduce(random_year(0, HOURS).problem).problem, 16).master.columns.size
    assert cut(reduce(with_budgets(year.problem, EDGES)).problem, 16).master.columns.size == without + 3


def test_a_row_of_few_columns_stays() -> None:
    year = random_year(0, HOURS)
    at = [place for (name, _), place in year.names.items() if name in ("gas", "sun")][:MANY]
    year.row(dict.fromkeys(at, 1.0), -INF, 9e9, TIMELESS)
    problem = year.problem
    assert with_budgets(problem, EDGES) is problem


def test_sizes_in_a_yearly_row_stay_in_it() -> None:
    """Wind of open size must give 5 h of full load a day: sum p - 10 P >= 0."""
    year = random_year(1, 120)
    entries = {place: 1.0 for (name, _), place in year.names.items() if name == "new wind"}
    size = year.names["wind", TIMELESS]
    row = year.row(entries | {size: -45.0}, 0.0, INF, TIMELESS)
    problem = year.problem
    cut_up = with_budgets(problem, np.array([0, 60, 120]))
    assert sorted(cut_up.matrix[[row]].tocoo().data) == [-45, 1, 1]
    assert optimum(cut_up)[0] == pytest.approx(optimum(problem)[0], rel=1e-9)


def test_a_block_without_the_row_has_no_share() -> None:
    year = random_year(0, HOURS)
    at = [place for (name, hour), place in year.names.items() if 0 <= hour < 16 and name.startswith(("coal", "g", "s"))]
    assert len(at) > MANY
    year.row(dict.fromkeys(at, 1.0), -INF, 9e9, TIMELESS)
    assert with_budgets(year.problem, EDGES).lower.size == year.problem.lower.size + 1


@pytest.mark.parametrize("kind", [capped, floored])
@pytest.mark.parametrize("seed", range(3))
def test_fixed_sizes_under_a_yearly_row_are_solved_in_blocks(seed: int, kind) -> None:
    year, row = kind(seed, open_sizes=False)
    problem = year.problem
    truth, _, duals = optimum(problem)
    found = solved(problem)
    assert found.operation.cost == pytest.approx(truth, rel=1e-9)
    assert abs(found.operation.gap) < 1e-9
    assert found.duals[row] == pytest.approx(duals[row], rel=1e-6)
    assert abs(duals[row]) > 100
    assert abs(certify(problem, found.values, found.duals).gap) < 1e-9


@pytest.mark.parametrize("kind", [capped, floored])
@pytest.mark.parametrize("seed", range(3))
def test_open_sizes_under_a_yearly_row_are_solved_in_blocks(seed: int, kind) -> None:
    year, _ = kind(seed, open_sizes=True)
    truth = optimum(year.problem)[0]
    found = solved(year.problem)
    assert truth * (1 - 1e-9) <= found.sizes.cost <= truth * (1 + TOLERANCE)
    assert found.sizes.bound <= truth * (1 + 1e-9)
    assert found.sizes.gap <= TOLERANCE
    assert found.values.size == year.problem.lower.size
    assert found.duals.size == year.problem.row_lower.size


def test_a_yearly_row_over_few_columns_is_solved_in_blocks() -> None:
    """Three plants share the fuel of a day: 72 columns, which become links themselves."""
    year = random_year(0, 24, open_sizes=False)
    free = optimum(year.problem)[1]
    fuel = [at for (name, _), at in year.names.items() if name in ("coal 1", "coal 2", "slow")]
    year.row(dict.fromkeys(fuel, 1.0), -INF, 0.8 * free[fuel].sum(), TIMELESS)
    assert solved(year.problem, 8).operation.cost == pytest.approx(optimum(year.problem)[0], rel=1e-9)
