"""A model and its relatives in memory: each as good as if it were solved alone."""

from __future__ import annotations

from collections.abc import Iterator

import linopy
import pypsa
import pytest

from xinzhou_energy.errors import SolverError
from xinzhou_energy.formulation import build_rows, formulate
from xinzhou_energy.network import assemble
from xinzhou_energy.solve import Method, Settings, Solution, solve
from xinzhou_energy.solve.blocks import Family

GAP = 1e-5
SETTINGS = Settings(time_limit=60, threads=1, gap=GAP)


@pytest.fixture
def city(quick, cut_days) -> pypsa.Network:
    """A day of the city with its siting open."""
    scenario = quick.scenario.with_changes(time=None)
    network = assemble(scenario, cut_days(quick.data, "2026-04-20"))
    formulate(network, build_rows(network, scenario))
    return network


@pytest.fixture
def family(city: pypsa.Network) -> Iterator[Family]:
    with Family(city, SETTINGS) as family:
        yield family


def siting(model: linopy.Model) -> linopy.Constraint:
    """The rows of the total and of its wind."""
    (name,) = {name for name in model.constraints if name.startswith("siting-siting") and "siting_total" in str(
        model.constraints[name].indexes["row"])}  # fmt: skip
    return model.constraints[name]


def gross(solution: Solution) -> float:
    assert solution.bound is not None
    return (solution.objective - solution.bound) / solution.gap if solution.gap > 0 else abs(solution.objective)


def check_alone(city: pypsa.Network, found: Solution) -> None:
    """Compare with simplex on the model as it is now."""
    truth = solve(city, method=Method.SIMPLEX, reason="", settings=SETTINGS, stage="siting", report=lambda _: None)
    assert found.gap <= GAP
    assert found.bound is not None
    assert found.bound <= truth.objective + 1e-9 * abs(truth.objective)
    assert -1e-9 * abs(truth.objective) <= found.objective - truth.objective <= GAP * gross(found)


def test_the_first_is_what_blocks_find(family: Family, city: pypsa.Network) -> None:
    found = family.solve()
    assert found.method is Method.BLOCKS
    assert found.reason == "a relative in memory"
    check_alone(city, found)


def test_another_total_is_solved_from_what_is_proven(family: Family, city: pypsa.Network) -> None:
    first = family.solve()
    siting(city.model).update(rhs=siting(city.model).rhs * 0.9)
    second = family.solve()
    assert second.objective != pytest.approx(first.objective, rel=1e-6)
    assert city.generators.p_nom_opt[city.generators.sited.astype(bool)].sum() == pytest.approx(0.9 * 2450)
    check_alone(city, second)


def test_other_costs_are_solved(family: Family, city: pypsa.Network) -> None:
    first = family.solve()
    city.model.objective = city.model.objective.expression * 1.5
    second = family.solve()
    assert second.objective == pytest.approx(1.5 * first.objective, rel=1e-3)
    check_alone(city, second)


def test_numbers_alone_leave_the_network_untouched(family: Family, city: pypsa.Network) -> None:
    assert family.solve(write=False).objective != 0
    assert city.generators_t.p.empty


def test_a_relative_that_cannot_be_cut_is_told_and_the_next_is_solved(family: Family, city: pypsa.Network) -> None:
    """Without a limit on a size there is no box to look in."""
    family.solve()
    upper = city.model.constraints["Generator-ext-p_nom-upper"]
    before = upper.rhs
    upper.update(rhs=before + float("inf"))
    with pytest.raises(SolverError, match="bounds"):
        family.solve()
    upper.update(rhs=before)
    check_alone(city, family.solve())


def test_after_a_relative_without_an_operation_the_next_is_solved(family: Family, city: pypsa.Network) -> None:
    first = family.solve()
    total = siting(city.model)
    before = total.rhs
    total.update(rhs=before * 100)
    with pytest.raises(SolverError):
        family.solve()
    total.update(rhs=before)
    again = family.solve()
    assert again.objective == pytest.approx(first.objective, rel=1e-4)
    check_alone(city, again)
