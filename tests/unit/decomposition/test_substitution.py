"""Flows that their balance keeps within their limits go, and with each a balance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import Year, check_step, optimum, random_year, trimmed

from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import OtherPatternError
from xinzhou_energy.decomposition.reductions.substitution import Substitution


def line(limit: float = 58.0, hours: int = 1, toll: float = 0.0) -> Problem:
    """A cheap plant (2 CNY, 60 MW) at one end of a line, a load of 50 MW and a dear plant (7 CNY) at the other."""
    year = Year()
    for hour in range(hours):
        cheap = year.column("cheap", hour, lower=0.0, upper=60.0, cost=2.0)
        flow = year.column("flow", hour, lower=-limit, upper=limit, cost=toll)
        dear = year.column("dear", hour, lower=0.0, upper=60.0, cost=7.0)
        year.row({cheap: 1.0, flow: -1.0}, 0.0, 0.0, hour)
        year.row({flow: 1.0, dear: 1.0}, 50.0, 50.0, hour)
    return year.problem


@pytest.mark.parametrize("limit", [58.0, 1000.0])
def test_a_line_of_a_tree_goes_and_one_balance_is_left(limit: float) -> None:
    """By the balance of the load, or by either."""
    small = check_step(Substitution, line(limit))
    assert small.matrix.toarray().tolist() == [[1.0, 1.0]]
    assert small.row_lower.tolist() == [50.0]


def test_what_a_flow_costs_is_paid_by_what_is_left() -> None:
    """50 MWh of toll, less one for each MWh of the dear plant."""
    problem = line(toll=1.0)
    assert check_step(Substitution, problem).cost.tolist() == [2.0, 6.0]
    step = Substitution.fitted(problem)
    step.apply(problem)
    assert step.constant == 50.0


def test_both_balances_have_their_price_back() -> None:
    problem = line()
    step = Substitution.fitted(problem)
    assert step.duals(optimum(step.apply(problem))[2]) == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize(("limit", "columns"), [(40.0, 3), (50.0, 3), (55.0, 3), (56.0, 2)])
def test_a_line_that_can_be_full_or_nearly_so_stays(limit: float, columns: int) -> None:
    """50 MW at most: a twentieth of the range is kept free, so that small changes reach no limit."""
    assert check_step(Substitution, line(limit)).lower.size == columns


def test_a_column_of_another_hour_stays() -> None:
    problem = line(hours=2)
    elsewhere = replace(problem, row_hour=np.where(problem.row_hour == 1, 0, 1))
    assert check_step(Substitution, elsewhere).lower.size == problem.lower.size


@pytest.mark.parametrize("seed", range(5))
def test_years_lose_wide_lines_with_a_balance_each(seed: int) -> None:
    problem = trimmed(random_year(seed).problem)
    small = check_step(Substitution, problem)
    columns, rows = (before - after for before, after in zip(size(problem), size(small), strict=True))
    assert columns == rows > 0


def size(problem: Problem) -> tuple[int, int]:
    """Columns and rows."""
    return problem.lower.size, problem.row_lower.size


def test_other_loads_limits_and_costs_in_the_same_pattern() -> None:
    """5 MW of the 45 MW are left to the plant behind the line, which is now the dear one."""
    problem = line()
    step = Substitution.fitted(problem)
    load = np.array([0.0, 45.0])
    upper, price = np.array([60.0, 58.0, 40.0]), np.array([8.0, 0.0, 3.0])
    other = replace(problem, row_lower=load, row_upper=load, upper=upper, cost=price)
    cost, values, _ = optimum(step.apply(other))
    assert cost + step.constant == pytest.approx(3 * 40 + 8 * 5)
    assert step.values(values) == pytest.approx([5, 5, 40])


@pytest.mark.parametrize(
    "change",
    [
        {"upper": [60.0, 49.0, 60.0]},
        {"lower": [0.0, -9.0, 0.0]},
        {"upper": [60.0, 58.0, 120.0]},
        {"row_lower": [0.0, 49.0]},
    ],
)
def test_a_flow_that_can_reach_its_limit_is_another_pattern(change: dict[str, list[float]]) -> None:
    problem = line()
    step = Substitution.fitted(problem)
    with pytest.raises(OtherPatternError, match="flow"):
        step.apply(replace(problem, **{name: np.array(values) for name, values in change.items()}))
