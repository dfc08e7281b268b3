"""A block at given links: what it costs, what its duals prove, and that a hot start changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, Here, Year, optimum, random_year

from xinzhou_energy.decomposition.block import ELASTIC_COST, Block, BlockData, bound
from xinzhou_energy.decomposition.cut import Cutting, cut
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats
from xinzhou_energy.decomposition.reductions import reduce


def hour(store: bool = False) -> BlockData:
    """10 MW by wind within half of a size (1 CNY) or gas (7 CNY); with a store, the level it began with helps too."""
    year = Year()
    size = year.column("size", TIMELESS, lower=0.0, upper=100.0)
    before = year.column("before", 0, lower=0.0, upper=30.0)
    wind = year.column("wind", 1, lower=0.0, upper=9.0, cost=1.0)
    gas = year.column("gas", 1, lower=0.0, upper=4.0 if store else 20.0, cost=7.0)
    year.row({wind: 1.0, gas: 1.0} | ({before: 1.0} if store else {}), 10.0, 10.0, 1)
    year.row({wind: 1.0, size: -0.5}, -INF, 0.0, 1)
    return cut(year.problem, 1).parts[1].data


def years(seed: int) -> tuple[Cutting, np.random.Generator]:
    return cut(reduce(random_year(seed).problem).problem, 8), np.random.default_rng(seed)


def proposals(cutting: Cutting, draw: np.random.Generator, count: int) -> list[Floats]:
    """Sizes and border levels anywhere within their bounds, reachable or not."""
    master = cutting.master
    return [draw.uniform(master.lower, master.upper) for _ in range(count)]


@pytest.mark.parametrize(
    ("size", "cost", "limit"), [(0.0, 70.0, -6.0), (8.0, 46.0, -6.0), (18.0, 16.0, -6.0), (40.0, 16.0, 0.0)]
)
def test_cost_and_what_another_megawatt_saves(size: float, cost: float, limit: float) -> None:
    """Wind takes the place of gas, 6 CNY/MWh cheaper, until 9 MW; where both limits hold, the open one is paid."""
    found = Block(hour()).evaluate(np.array([size]))
    assert (found.cost, found.gross, found.missed) == pytest.approx((cost, cost, 0))
    assert found.duals == pytest.approx([7.0, limit] if limit else [7.0, 0.0])


def test_a_balance_that_cannot_be_met_is_missed_at_a_price() -> None:
    """9 MW of wind and 4 of gas are more than enough; without wind 6 MW are missed."""
    block = Block(hour(store=True))
    assert block.evaluate(np.array([40.0, 0.0])).missed == 0
    found = block.evaluate(np.array([0.0, 0.0]))
    assert found.missed == pytest.approx(6)
    assert found.cost == pytest.approx(4 * 7 + 6 * ELASTIC_COST)
    assert found.gross == pytest.approx(28)


def test_a_block_without_an_operation_is_an_error() -> None:
    """Gas gives 20 MW at most, and no store is there to blame."""
    data = hour()
    block = Block(replace(data, row_lower=data.row_lower + 30, row_upper=data.row_upper + 30))
    with pytest.raises(RuntimeError, match="Infeasible"):
        block.evaluate(np.array([0.0]))


def test_a_dual_of_the_wrong_sign_proves_nothing() -> None:
    """Gas gives 2 MW anyhow; it must give 10 MW at least (70 CNY), and may not give more than 20."""
    year = Year()
    gas = year.column("gas", 0, lower=2.0, upper=30.0, cost=7.0)
    year.row({gas: 1.0}, 10.0, INF, 0)
    year.row({gas: 1.0}, -INF, 20.0, 0)
    (part,) = cut(year.problem, 1).parts
    duals = np.array([[7.0, 0.0], [-100.0, 0.0], [0.0, 100.0], [5.0, 0.0]]).T
    assert bound(part.data, duals)[0].tolist() == [70, 14, 14, 54]


def test_a_row_that_may_be_missed_is_worth_no_more_than_its_price() -> None:
    """At a price above it the block would rather miss the row: 28 CNY for gas, and 6 MW at the price."""
    data = hour(store=True)
    links = np.zeros(2)
    truth = Block(data).evaluate(links).cost
    for price in (ELASTIC_COST, 1.2 * ELASTIC_COST, 1e9):
        constant, slope = bound(data, np.array([[price], [-price]]))
        assert constant[0] + links @ slope[:, 0] <= truth
    constant, slope = bound(data, np.array([[1e9], [1.0 - ELASTIC_COST]]))
    assert constant[0] == pytest.approx(truth)


@pytest.mark.parametrize("seed", range(6))
def test_random_duals_never_prove_too_much(seed: int) -> None:
    cutting, draw = years(seed)
    for links in proposals(cutting, draw, 3):
        for part in cutting.parts:
            mine = links[part.links]
            found = Block(part.data).evaluate(mine)
            spread = draw.choice([1.0, 1e2, 1e4, 1e6], size=20)
            duals = found.duals[:, None] * draw.uniform(0, 1, 20) + draw.normal(size=(found.duals.size, 20)) * spread
            constants, slopes = bound(part.data, duals)
            assert (constants + mine @ slopes <= found.cost + 1e-6 * abs(found.cost)).all()


@pytest.mark.parametrize("seed", range(6))
def test_duals_of_the_solver_prove_the_cost_at_their_links_and_no_more_elsewhere(seed: int) -> None:
    cutting, draw = years(seed)
    here, there = proposals(cutting, draw, 2)
    for part in cutting.parts:
        block = Block(part.data)
        found = block.evaluate(here[part.links])
        constant, slope = (each[..., 0] for each in bound(part.data, found.duals[:, None]))
        assert constant + slope @ here[part.links] == pytest.approx(found.cost, rel=1e-8)
        elsewhere = block.evaluate(there[part.links]).cost
        assert constant + slope @ there[part.links] <= elsewhere + 1e-8 * abs(elsewhere)


@pytest.mark.parametrize("seed", range(3))
def test_a_hot_start_finds_what_a_cold_one_finds(seed: int) -> None:
    cutting, draw = years(seed)
    part = cutting.parts[1]
    hot = Block(part.data)
    for links in proposals(cutting, draw, 4):
        mine = links[part.links]
        assert hot.evaluate(mine).cost == pytest.approx(Block(part.data).evaluate(mine).cost, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_an_updated_block_is_a_new_one(seed: int) -> None:
    cutting, draw = years(seed)
    part = cutting.parts[1]
    block = Block(part.data)
    (links,) = proposals(cutting, draw, 1)
    mine = links[part.links]
    before = block.evaluate(mine).cost
    other = replace(part.data, cost=part.data.cost * 1.1, upper=part.data.upper * 0.99, row_upper=part.data.row_upper)
    block.update(other)
    after = block.evaluate(mine).cost
    assert after != pytest.approx(before, rel=1e-3)
    assert after == pytest.approx(Block(other).evaluate(mine).cost, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_blocks_at_the_optimum_cost_what_the_whole_costs(seed: int) -> None:
    cutting, _ = years(seed)
    truth, values, _ = optimum(cutting.problem)
    links = values[cutting.master.columns]
    with Pool(cutting.parts, 1, Here) as pool:
        found = pool.evaluate(links)
    assert sum(each.cost for each in found) + cutting.master.cost @ links == pytest.approx(truth, rel=1e-8)
    assert sum(each.missed for each in found) < 1e-5


@pytest.mark.parametrize("seed", range(3))
def test_a_basis_has_as_many_basic_ones_as_rows(seed: int) -> None:
    """Also where a row is missed at a price: the row itself is basic then."""
    cutting, draw = years(seed)
    for links in proposals(cutting, draw, 3):
        for part in cutting.parts:
            block = Block(part.data)
            block.evaluate(links[part.links])
            basis = block.basis()
            basic = 1
            assert (basis.columns == basic).sum() + (basis.rows == basic).sum() == basis.rows.size
            assert basis.rows.size == part.rows.size - part.data.limits
