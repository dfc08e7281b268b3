"""A corridor of open size and its buyers, by hand on the small city."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pypsa
import pytest

from tiny_grid import tiny_data, tiny_scenario
from xinzhou_energy.formulation import build_rows
from xinzhou_energy.formulation.constraints.corridor_share import corridor_share_rows
from xinzhou_energy.formulation.rows import ROW_COLUMNS
from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.solve import Method, Solution

STEPS = [f"BTH corridor step {number}" for number in (1, 2, 3)]


def city(cost: float, **corridor: float) -> tuple[pypsa.Network, Scenario]:
    """A corridor at `cost` CNY per MW and km, and a battery of open size at 100 CNY/MWh: four hours pay no more."""
    battery = {"NW500": {"p_nom_max": 500.0, "max_hours": 4.0}}
    scenario = tiny_scenario(year=2030, corridor={"option": "ac", "price": 500.0, **corridor}, batteries=battery)
    data = tiny_data(economics={"battery_4h.capital_cost_energy": 100.0})
    corridors = data.tables["corridors"].assign(capital_cost=cost)
    return assemble(scenario, tiny_data(tables={"corridors": corridors}, economics=dict(data.economics))), scenario


def test_each_buyer_has_a_third_of_the_corridor() -> None:
    rows = corridor_share_rows(*city(1.0, p_nom_max=6000.0))
    assert set(rows.columns) == set(ROW_COLUMNS) - {"commitment"}
    assert rows["id"].nunique() == 3
    for step, (_, row) in zip(STEPS, rows.groupby("id"), strict=True):
        assert list(row["variable"]) == ["Generator-p_nom", "Link-p_nom"]
        assert list(row["name"]) == [step, "ac corridor"]
        assert list(row["coefficient"]) == [1, pytest.approx(-1 / 3)]
        assert set(zip(row["stage"], row["sense"], row["rhs"], strict=True)) == {("siting", "=", 0.0)}


@pytest.mark.parametrize("corridor", [{}, {"p_nom": 3000.0}])
def test_a_given_corridor_needs_no_rows(corridor: dict[str, float]) -> None:
    assert corridor_share_rows(*city(1.0, **corridor)).empty


def test_buyers_share_the_size_found(solve_now: Callable[..., Solution]) -> None:
    network, scenario = city(0.5, p_nom_max=6000.0)
    solve_now(network, scenario)
    size = network.links.p_nom_opt["ac corridor"]
    assert 100 < size < 6000
    assert list(network.generators.p_nom_opt[STEPS]) == pytest.approx([size / 3] * 3)
    taken = network.generators_t.p[STEPS]
    assert (taken <= size / 3 + 1e-6).all(axis=None)
    assert taken.to_numpy().max() == pytest.approx(size / 3)  # the best of the three is what the corridor is for


def test_a_corridor_that_never_pays_is_not_built(solve_now: Callable[..., Solution]) -> None:
    network, scenario = city(3734.0, p_nom_max=6000.0)
    solve_now(network, scenario)
    assert network.links.p_nom_opt["ac corridor"] == pytest.approx(0, abs=1e-6)
    assert network.generators_t.p[STEPS].sum().sum() == pytest.approx(0, abs=1e-6)


def test_an_open_corridor_is_as_good_as_the_same_one_given(solve_now: Callable[..., Solution]) -> None:
    """Its size written down as given costs as much, but for the annuity, which is not in the dispatch."""
    network, scenario = city(0.5, p_nom_max=6000.0)
    found = solve_now(network, scenario)
    size = network.links.p_nom_opt["ac corridor"]
    given, scenario = city(0.5, p_nom=float(size))
    again = solve_now(given, scenario)
    annuity = network.links.capital_cost["ac corridor"] * size
    assert again.objective == pytest.approx(found.objective - annuity, rel=1e-9)
    assert given.storage_units.p_nom_opt["NW500 battery"] == pytest.approx(
        network.storage_units.p_nom_opt["NW500 battery"]
    )


def test_blocks_find_the_same_corridor(solve_now: Callable[..., Solution]) -> None:
    network, scenario = city(0.5, p_nom_max=6000.0)
    truth = solve_now(network, scenario).objective
    blocks, scenario = city(0.5, p_nom_max=6000.0)
    solution = solve_now(blocks, scenario, method=Method.BLOCKS)
    assert solution.objective == pytest.approx(truth, rel=1e-4)
    assert blocks.generators.p_nom_opt[STEPS].std() == pytest.approx(0, abs=1e-4)


def test_rows_stand_between_siting_and_dispatch() -> None:
    network, scenario = city(0.5, p_nom_max=6000.0)
    rows = build_rows(network, scenario)
    assert isinstance(rows, pd.DataFrame)
    assert set(rows["origin"]) == {"corridor_share"}
