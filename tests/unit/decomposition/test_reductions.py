"""All reductions together: the same optimum and a way back, for a problem and for its relatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, Year, check_optimum, optimum, random_year

from xinzhou_energy.decomposition.certificate import certify
from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import OtherPatternError, Reduced, reduce


def check(reduced: Reduced, truth: float) -> None:
    """Solve the smaller problem and go back to the full one."""
    cost, values, duals = optimum(reduced.problem)
    assert cost + reduced.constant == pytest.approx(truth, rel=1e-9)
    check_optimum(certify(reduced.full, reduced.expand(values), reduced.expand_duals(duals)), truth)


def day(changes: dict[str, tuple[float, float]] | None = None, prices: dict[str, float] | None = None) -> Problem:
    """Noon and night: sun, two equal units and gas behind a line serve a load; all limits by name can be changed."""
    limits = {"sun": (0.0, 0.0), "a": (0.0, 30.0), "b": (0.0, 30.0), "line": (-75.0, 75.0), "gas": (0.0, 40.0)}
    limits |= changes or {}
    cost = {"sun": 0.1, "a": 3.0, "b": 3.0, "line": 0.0, "gas": 8.0} | (prices or {})
    year = Year()
    for hour in range(2):
        at = {name: year.limited(name, hour, *limits[name], cost=cost[name]) for name in limits}
        year.row({at["sun"]: 1.0, at["a"]: 1.0, at["b"]: 1.0, at["line"]: 1.0}, 70.0, 70.0, hour)
        year.row({at["gas"]: 1.0, at["line"]: -1.0}, 0.0, 0.0, hour)
        year.row({at["a"]: 1.0, at["b"]: 1.0}, -INF, 65.0, hour)
    return year.problem


@pytest.mark.parametrize("hours", [24, 48])
@pytest.mark.parametrize("seed", range(6))
def test_a_year_with_open_sizes_is_the_same_from_less(seed: int, hours: int) -> None:
    year = random_year(seed, hours).problem
    reduced = reduce(year)
    assert reduced.problem.row_lower.size < 0.2 * year.row_lower.size
    assert reduced.problem.lower.size < 0.85 * year.lower.size
    check(reduced, optimum(year)[0])


@pytest.mark.parametrize("seed", range(6))
def test_a_year_with_fixed_sizes_is_the_same_from_less(seed: int) -> None:
    year = random_year(seed, open_sizes=False).problem
    reduced = reduce(year)
    assert reduced.problem.row_lower.size < 0.1 * year.row_lower.size
    check(reduced, optimum(year)[0])


def test_of_an_evening_little_is_left() -> None:
    """Units pool, the sun is dark, the line and its balance go: the pool and the gas, and one balance an hour."""
    reduced = reduce(day())
    assert reduced.problem.matrix.shape == (2, 4)
    check(reduced, 2 * (60 * 3 + 10 * 8))


def test_a_row_that_is_left_to_one_column_still_binds() -> None:
    """Sun and gas share 5 MW; at night the gas has them alone, and 3 of the 8 MW come from the dear plant."""
    year = Year()
    sun = year.limited("sun", 0, 0.0, 0.0)
    gas, dear = (year.limited(name, 0, 0.0, 9.0, cost=cost) for name, cost in (("gas", 1.0), ("dear", 5.0)))
    year.row({sun: 1.0, gas: 1.0}, -INF, 5.0, 0)
    year.row({sun: 1.0, gas: 1.0, dear: 1.0}, 8.0, INF, 0)
    check(reduce(year.problem), 5 * 1 + 3 * 5)


def test_a_row_that_is_left_to_one_pool_still_binds() -> None:
    """Two units of 36 and 30 MW may give 65 MW together; gas gives 5 MW."""
    check(reduce(day({"a": (0.0, 36.0)})), 2 * (65 * 3 + 5 * 8))


def test_a_problem_without_any_choice_is_reduced_to_its_cost() -> None:
    """One plant, one load."""
    year = Year()
    plant = year.limited("plant", 0, 0.0, 100.0, cost=10.0)
    year.row({plant: 1.0}, 50.0, 50.0, 0)
    reduced = reduce(year.problem)
    assert reduced.problem.lower.size == 0
    assert reduced.constant == 500
    assert reduced.expand(np.zeros(0)).tolist() == [50]


@pytest.mark.parametrize("limit", [0.0, 40.0])
def test_a_size_that_its_limits_fix_is_proven_too(limit: float) -> None:
    """Wind within a size of exactly 40 MW, or none; its output has no bound but the row."""
    year = Year()
    size = year.limited("size", TIMELESS, limit, limit, cost=2.0)
    wind = year.sized("wind", 0, size, 0.5, cost=1.0)
    gas, dear = (year.limited(name, 0, 0.0, 20.0 + cost, cost=cost) for name, cost in (("gas", 0.0), ("dear", 90.0)))
    year.row({wind: 1.0, gas: 1.0, dear: 1.0}, 50.0, 50.0, 0)
    check(reduce(year.problem), 2 * limit + limit / 2 + 90 * (30 - limit / 2))


@pytest.mark.parametrize("seed", range(4))
def test_sizes_at_their_limits_are_proven_too(seed: int) -> None:
    """Sizes for nothing are as large as may be; their limit is paid, not that of the outputs, which have none."""
    year = random_year(seed).problem
    free = replace(year, cost=np.where(year.hour == TIMELESS, 0.0, year.cost))
    check(reduce(free), optimum(free)[0])


@pytest.mark.parametrize("open_sizes", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_relatives_are_reduced_in_the_same_way(seed: int, open_sizes: bool) -> None:
    first = reduce(random_year(seed, open_sizes=open_sizes).problem)
    for relative in (1, 2):
        other = random_year(seed, open_sizes=open_sizes, relative=relative).problem
        truth = optimum(other)[0]
        assert truth != pytest.approx(optimum(first.full)[0], rel=1e-3)
        renewed = first.renewed(other)
        assert renewed.problem.matrix is first.problem.matrix
        check(renewed, truth)
        check(reduce(other), truth)


def test_a_renewed_reduction_is_the_one_made_afresh() -> None:
    other = day({"gas": (0.0, 35.0), "a": (0.0, 28.0)}, {"gas": 9.0, "a": 4.0, "b": 4.0})
    renewed, fresh = reduce(day()).renewed(other), reduce(other)
    for name in ("lower", "upper", "row_lower", "row_upper", "cost"):
        assert getattr(renewed.problem, name) == pytest.approx(getattr(fresh.problem, name))
    assert renewed.constant == pytest.approx(fresh.constant)


@pytest.mark.parametrize(
    ("limits", "prices", "words"),
    [
        ({"sun": (0.0, 5.0)}, {}, "fixed"),
        ({"a": (0.0, 36.0)}, {}, "row"),
        ({}, {"b": 3.5}, "cost"),
        ({"line": (-75.0, 39.0)}, {}, "flow"),
    ],
    ids=["a fixed column opens", "an idle row can bind", "equal costs differ", "a flow can reach its limit"],
)
def test_other_patterns_are_refused(
    limits: dict[str, tuple[float, float]], prices: dict[str, float], words: str
) -> None:
    reduced = reduce(day())
    with pytest.raises(OtherPatternError, match=words):
        reduced.renewed(day(limits, prices))
