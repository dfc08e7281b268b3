"""Two bounds that close around the optimum, and what is left if they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_years import TOLERANCE, Here, optimum, quiet, random_year

from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.cut import Cutting, cut
from xinzhou_energy.decomposition.level_set import Cuts, MasterModel, Optimum, StoppedError, minimise
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.reductions import reduce

SEEDS = range(4)


def year(seed: int) -> tuple[Cutting, float]:
    """Three blocks and the optimum of the whole."""
    cutting = cut(reduce(random_year(seed).problem).problem, 8)
    return cutting, optimum(cutting.problem)[0]


def closed(cutting: Cutting, **options: Any) -> Optimum:
    with Pool(cutting.parts, 2, Here) as pool:
        return minimise(cutting, pool, **{"tolerance": TOLERANCE, "time_limit": 60, "tell": quiet, **options})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_lies_between_the_bounds(seed: int) -> None:
    cutting, truth = year(seed)
    gaps: list[tuple[int, float]] = []
    found = closed(cutting, tell=lambda number, gap: gaps.append((number, gap)))
    assert found.lower <= truth * (1 + 1e-9)
    assert truth <= found.upper * (1 + 1e-9)
    assert found.gap <= TOLERANCE
    assert gaps[-1] == (found.rounds, found.gap)
    assert [number for number, _ in gaps] == list(range(1, found.rounds + 1))
    assert found.rounds > 1
    assert found.iterations > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_values_reach_the_upper_bound_and_duals_prove_the_lower(seed: int) -> None:
    cutting, _ = year(seed)
    found = closed(cutting)
    proof = certify(cutting.problem, found.values, found.duals)
    assert proof.cost == pytest.approx(found.upper, rel=1e-9)
    assert proof.bound == pytest.approx(found.lower, rel=1e-9)
    assert proof.violation < 1e-2  # what may be missed at the borders


@pytest.mark.parametrize("seed", SEEDS)
def test_cuts_of_one_run_close_another_at_once(seed: int) -> None:
    cutting, _ = year(seed)
    cuts = Cuts()
    first = closed(cutting, cuts=cuts)
    assert len(cuts.constants) == first.rounds
    again = closed(cutting, cuts=cuts, start=first.links)
    assert again.rounds == 1


def test_cuts_proven_again_for_the_same_numbers_are_the_same() -> None:
    cutting, _ = year(0)
    cuts = Cuts()
    closed(cutting, cuts=cuts)
    again = cuts.prove_again(cutting.parts, [0, 3])
    for new, old in ((0, 0), (1, 3)):
        assert again.constants[new] == pytest.approx(cuts.constants[old])
        for slope, before in zip(again.slopes[new], cuts.slopes[old], strict=True):
            assert slope == pytest.approx(before)
    assert Cuts().prove_again(cutting.parts, []).constants == []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_round_bounds_above_the_optimum(seed: int) -> None:
    cutting, truth = year(seed)
    cuts = Cuts()
    model = MasterModel(cutting, cuts)
    draw = np.random.default_rng(seed)
    bounds = []
    with Pool(cutting.parts, 1, Here) as pool:
        for _ in range(6):
            links = draw.uniform(cutting.master.lower, cutting.master.upper)
            cuts.add(cutting.parts, pool.evaluate(links))
            bounds.append(model.lower_bound()[0])
    assert max(bounds) <= truth * (1 + 1e-9)
    assert bounds[-1] > bounds[0]


def test_links_proposed_keep_to_the_masters_bounds_and_rows() -> None:
    cutting, _ = year(1)
    master, model = cutting.master, MasterModel(cutting, Cuts())
    for links in (model.interior_point(1e14), model.lowest_point()):
        assert links is not None
        assert (links >= master.lower).all()
        assert (links <= master.upper).all()
        assert (master.matrix @ links >= master.row_lower - 1e-3).all()
        assert (master.matrix @ links <= master.row_upper + 1e-3).all()


def test_time_limit_says_what_it_has_and_leaves_nothing() -> None:
    cutting, truth = year(2)
    with pytest.raises(
        StoppedError, match=r"stopped after 1 rounds: best plan [\d,]+ CNY, bound -?[\d,]+ CNY, gap \d"
    ) as stop:
        closed(cutting, tolerance=0.0, time_limit=0.0)
    error = stop.value
    assert error.lower <= truth <= error.upper
    assert error.rounds == 1
    assert error.gap > 0
    assert not error.interrupted


def test_an_interrupt_says_what_it_has() -> None:
    cutting, truth = year(2)

    def tell(rounds: int, _gap: float) -> None:
        if rounds == 3:
            raise KeyboardInterrupt

    with pytest.raises(StoppedError, match="stopped after 3 rounds") as stop:
        closed(cutting, tell=tell)
    assert stop.value.interrupted
    assert stop.value.lower <= truth <= stop.value.upper


def test_without_a_plan_the_words_say_so() -> None:
    assert "no plan yet" in str(StoppedError(np.inf, 3.0, np.inf, 4))
