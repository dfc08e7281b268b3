"""What a point and duals prove, by hand: never too much, whatever they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, Year, optimum, random_year

from xinzhou_energy.decomposition.certificate import Certificate, certify
from xinzhou_energy.decomposition.problem import Floats, Problem


def load() -> Problem:
    """50 MW at least by a (2 CNY, up to 30 MW) and b (5 CNY, no limit): 160 CNY, price 5."""
    year = Year()
    a = year.column("a", 0, lower=0.0, upper=30.0, cost=2.0)
    b = year.column("b", 0, lower=0.0, cost=5.0)
    year.row({a: 1.0, b: 1.0}, 50.0, INF, 0)
    return year.problem


def proof(values: list[float], dual: float) -> Certificate:
    return certify(load(), np.array(values), np.array([dual]))


def test_optimum_and_its_price_prove_each_other() -> None:
    found = proof([30, 20], 5.0)
    assert (found.cost, found.bound, found.gap, found.violation) == (160, 160, 0, 0)


@pytest.mark.parametrize(("price", "bound"), [(0.0, 0.0), (2.0, 100.0), (4.0, 140.0)])
def test_wrong_duals_prove_less(price: float, bound: float) -> None:
    """50 MW at the price, less what a earns at it: (price - 2) x 30."""
    assert proof([30, 20], price).bound == bound


def test_a_dual_of_the_wrong_sign_counts_as_none() -> None:
    assert proof([30, 20], -4.0).bound == 0


def test_a_price_that_an_endless_column_would_beat_proves_nothing() -> None:
    assert proof([30, 20], 6.0).bound == -np.inf


def test_a_hair_of_price_on_an_endless_column_is_the_solvers_and_costs_nothing() -> None:
    assert proof([30, 20], 5.0 + 1e-7).bound == pytest.approx(160)


def test_gap_is_over_gross_cost() -> None:
    """45 MW of b: 265 CNY, 105 too many; income does not make the gross cost smaller."""
    assert proof([5, 51], 5.0).gap == pytest.approx((265 - 160) / 265)
    year = load()
    earning = replace(year, cost=np.array([-2.0, 5.0]))
    assert certify(earning, np.array([30.0, 20.0]), np.array([5.0])).gross == 100


@pytest.mark.parametrize(
    ("values", "violation"),
    [([30, 17], 3.0), ([32, 20], 2.0), ([-1, 60], 1.0), ([30, 20], 0.0), ([29, 25], 0.0)],
)
def test_violation_is_the_worst_miss(values: list[float], violation: float) -> None:
    assert proof(values, 5.0).violation == violation


def test_a_row_of_two_sides_pays_the_side_of_its_sign() -> None:
    """1 <= x <= 4 as a row over a free column."""
    year = Year()
    year.row({year.column("x", 0, cost=3.0): 1.0}, 1.0, 4.0, 0)
    assert certify(year.problem, np.array([1.0]), np.array([3.0])).bound == 3
    down = replace(year.problem, cost=np.array([-3.0]))
    assert certify(down, np.array([4.0]), np.array([-3.0])).bound == -12


@pytest.mark.parametrize("seed", range(5))
def test_no_duals_prove_more_than_the_optimum(seed: int) -> None:
    problem = random_year(seed, open_sizes=False).problem
    truth, values, duals = optimum(problem)
    assert certify(problem, values, duals).bound == pytest.approx(truth, rel=1e-9)
    draw = np.random.default_rng(seed)
    whole = replace(problem, lower=np.maximum(problem.lower, -1e5), upper=np.minimum(problem.upper, 1e5))
    for spread in (1e-3, 1.0, 1e3, 1e5):
        assert certify(whole, values, wrong(duals, draw, spread)).bound < truth


def wrong(duals: Floats, draw: np.random.Generator, spread: float) -> Floats:
    return duals + draw.normal(0.0, spread, duals.size)
