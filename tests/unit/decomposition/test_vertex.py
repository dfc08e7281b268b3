"""From blocks to the optimum of the whole year: its cost and its prices are those of simplex on the whole."""

from __future__ import annotations

import numpy as np
import pytest
from small_years import INF, TIMELESS, TOLERANCE, Here, Year, at_sizes, optimum, quiet, random_year

from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.cut import cut
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats
from xinzhou_energy.decomposition.reductions import reduce
from xinzhou_energy.decomposition.session import Found, Session
from xinzhou_energy.decomposition.vertex import best_vertex

HOURS = 48
BLOCKS = [1, 2, 3, 6, 48]


def solved(year: Year, blocks: int) -> Found:
    with Session(year.problem, workers=2, hours_per_block=HOURS / blocks, make_hand=Here) as session:
        return session.solve(tolerance=TOLERANCE, time_limit=60, tell=quiet)


def prices(year: Year, duals: Floats) -> Floats:
    return duals[list(year.balances.values())]


@pytest.mark.parametrize("blocks", BLOCKS)
@pytest.mark.parametrize("seed", range(4))
def test_operation_of_fixed_sizes_is_that_of_the_whole(seed: int, blocks: int) -> None:
    """A store and a ramp go over every border."""
    year = random_year(seed, HOURS, open_sizes=False)
    truth, _, duals = optimum(year.problem)
    found = solved(year, blocks)
    assert found.operation.cost == pytest.approx(truth, rel=1e-9)
    assert abs(found.operation.gap) < 1e-9
    assert found.operation.violation < 1e-6
    assert prices(year, found.duals) == pytest.approx(prices(year, duals), rel=1e-9)


@pytest.mark.parametrize("blocks", BLOCKS)
@pytest.mark.parametrize("seed", range(4))
def test_operation_of_the_sizes_found_is_that_of_the_whole(seed: int, blocks: int) -> None:
    year = random_year(seed, HOURS)
    found = solved(year, blocks)
    truth, _, duals = optimum(at_sizes(year.problem, found.values))
    assert found.operation.cost == pytest.approx(truth, rel=1e-9)
    assert abs(found.operation.gap) < 1e-9
    assert found.operation.violation < 1e-6
    assert prices(year, found.duals) == pytest.approx(prices(year, duals), rel=1e-9)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_any_borders_lead_to_the_same_vertex(seed: int, spread: float) -> None:
    """Levels and outputs at the borders anywhere within their limits, also where they cannot be reached."""
    year = random_year(seed, HOURS, open_sizes=False)
    reduced = reduce(year.problem)
    cutting = cut(reduced.problem, 12)
    truth, _, duals = optimum(year.problem)
    master, draw = cutting.master, np.random.default_rng(seed)
    links = master.lower + (master.upper - master.lower) * draw.uniform(0.5 - spread / 2, 0.5 + spread / 2)
    with Pool(cutting.parts, 1, Here) as pool:
        vertex = best_vertex(cutting, links, pool.bases(links), 60)
    assert vertex.cost + reduced.constant == pytest.approx(truth, rel=1e-9)
    assert prices(year, reduced.expand_duals(vertex.duals)) == pytest.approx(prices(year, duals), rel=1e-9)
    assert abs(certify(cutting.problem, vertex.values, vertex.duals).gap) < 1e-9


def test_from_good_borders_the_way_is_shorter() -> None:
    cutting = cut(reduce(random_year(0, 240, open_sizes=False).problem).problem, 60)
    _, values, _ = optimum(cutting.problem)
    steps = []
    for links in (values[cutting.master.columns], cutting.master.upper):
        with Pool(cutting.parts, 1, Here) as pool:
            steps.append(best_vertex(cutting, links, pool.bases(links), 60).iterations)
    assert steps[0] < steps[1] / 2


@pytest.mark.parametrize("sizes", [(0.0, 0.0), (3000.0, 0.0), (0.0, 800.0)])
def test_sizes_of_nothing_leave_columns_with_one_value(sizes: tuple[float, float]) -> None:
    """The row that asks for some of both is left out."""
    year = random_year(0, HOURS)
    year.rows[4] = (year.rows[4][0], -INF, 6500.0, TIMELESS)
    cutting = cut(reduce(year.problem).problem, 12)
    links = (cutting.master.lower + cutting.master.upper) / 2
    links[:2] = sizes
    with Pool(cutting.parts, 1, Here) as pool:
        vertex = best_vertex(cutting, links, pool.bases(links), 60)
    fixed = at_sizes(cutting.problem, cutting.gather(links, [np.zeros(part.own.size) for part in cutting.parts]))
    truth = optimum(fixed)[0]
    assert vertex.cost == pytest.approx(truth, rel=1e-9)
    assert vertex.values[:2].tolist() == list(sizes)
    assert abs(certify(fixed, vertex.values, vertex.duals).gap) < 1e-9
