"""Each kind of constraint by hand: the total sited, its wind part, headroom, storage over weeks."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pypsa
import pytest

from tiny_grid import SITING, tiny_data, tiny_scenario
from xinzhou_energy.errors import InfeasibleError
from xinzhou_energy.formulation.constraints import CONSTRAINTS
from xinzhou_energy.formulation.constraints.siting import headroom_rows, siting_rows
from xinzhou_energy.formulation.constraints.week_storage import week_storage_rows
from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.solve import Solution

NEW = ["Alpha onwind sited", "Alpha solar sited", "Beta onwind sited", "Beta solar sited"]


def city(**changes: object) -> tuple[pypsa.Network, Scenario]:
    scenario = tiny_scenario(siting={**SITING, **changes})
    return assemble(scenario, tiny_data()), scenario


def terms(rows: pd.DataFrame, name: str) -> tuple[list[str], str, float]:
    """Return variables, sense and right-hand side of one row."""
    row = rows[rows["id"] == name]
    assert set(row["coefficient"]) == {1.0}
    assert set(row["variable"]) == {"Generator-p_nom"}
    assert set(row["stage"]) == {"siting"}
    return sorted(row["name"]), row["sense"].iloc[0], row["rhs"].iloc[0]


def test_fixed_split_fixes_total_and_wind() -> None:
    rows = siting_rows(*city())
    assert set(rows["id"]) == {"siting_total", "siting_onwind"}
    assert terms(rows, "siting_total") == (NEW, "=", 500)
    assert terms(rows, "siting_onwind") == (["Alpha onwind sited", "Beta onwind sited"], "=", 200)


def test_free_split_bounds_the_wind() -> None:
    rows = siting_rows(*city(split="free"))
    assert set(rows["id"]) == {"siting_total", "siting_onwind_min", "siting_onwind_max"}
    assert terms(rows, "siting_onwind_min")[1:] == (">=", 150)
    assert terms(rows, "siting_onwind_max")[1:] == ("<=", 300)


def test_headroom_holds_wind_and_solar_of_a_county_together() -> None:
    rows = headroom_rows(*city())
    assert terms(rows, "headroom N220_Alpha") == (NEW[:2], "<=", 400)
    assert terms(rows, "headroom N220_Beta") == (NEW[2:], "<=", 350)


def test_given_capacities_need_no_rows() -> None:
    given = {"Alpha": {"onwind": 200.0, "solar": 300.0}}
    network, scenario = city(capacity=given)
    assert siting_rows(network, scenario).empty
    assert headroom_rows(network, scenario).empty


def test_solved_siting_keeps_total_split_limits_and_headroom(solve_now: Callable[..., Solution]) -> None:
    network, scenario = city()
    solve_now(network, scenario)
    size = network.generators.p_nom_opt[NEW]
    assert size.sum() == pytest.approx(500)
    assert size["Alpha onwind sited"] + size["Beta onwind sited"] == pytest.approx(200)
    assert (size <= network.generators.p_nom_max[NEW] + 1e-6).all()
    assert size[NEW[:2]].sum() <= 400 + 1e-6
    assert size[NEW[2:]].sum() <= 350 + 1e-6


def test_headroom_moves_the_rest_to_the_other_county(solve_now: Callable[..., Solution]) -> None:
    """700 MW of 750 MW headroom: Alpha's 400 and Beta's 350 leave 50 MW of choice."""
    network, scenario = city(total=700.0)
    solve_now(network, scenario)
    size = network.generators.p_nom_opt[NEW]
    assert 350 - 1e-6 <= size[NEW[:2]].sum() <= 400 + 1e-6
    assert 300 - 1e-6 <= size[NEW[2:]].sum() <= 350 + 1e-6


def test_free_split_ends_between_its_bounds(solve_now: Callable[..., Solution]) -> None:
    network, scenario = city(split="free")
    solve_now(network, scenario)
    wind = network.generators.p_nom_opt[["Alpha onwind sited", "Beta onwind sited"]].sum()
    assert 150 - 1e-6 <= wind <= 300 + 1e-6


def test_rows_that_only_together_have_no_answer_end_as_infeasible(solve_now: Callable[..., Solution]) -> None:
    """900 MW fit the county limits (980) but not the headroom (750)."""
    network, scenario = city(total=900.0)
    with pytest.raises(InfeasibleError) as caught:
        solve_now(network, scenario)
    assert caught.value.exit_code == 3


def test_full_year_needs_no_week_rows() -> None:
    network, scenario = city()
    assert week_storage_rows(network, scenario).empty


def test_every_storage_level_is_tied_to_the_last_week() -> None:
    """Two weeks of two hours: each storage ends hour 2 at its level of hour 4."""
    network, scenario = city()
    network.meta = {**network.meta, "weeks": {"starts": ["first", "second"]}}
    rows = week_storage_rows(network, scenario)
    assert rows["id"].nunique() == 2  # one border inside, two storages
    for _, row in rows.groupby("id"):
        assert list(row["snapshot"]) == [network.snapshots[1], network.snapshots[3]]
        assert list(row["coefficient"]) == [1, -1]
        assert set(row["sense"]) == {"="}
        assert set(row["rhs"]) == {0}
        assert set(row["stage"]) == {"dispatch"}
        assert row["name"].nunique() == 1


def test_storage_cannot_carry_energy_into_another_week(solve_now: Callable[..., Solution]) -> None:
    """Cheap first week, dear second: without the rows the pumped storage would move energy between them."""
    moved = {}
    for weeks in (False, True):
        scenario = tiny_scenario()
        network = assemble(scenario, tiny_data())
        network.generators_t.marginal_cost.loc[network.snapshots[:2], "BTH existing lines"] = -10.0
        network.generators_t.marginal_cost.loc[network.snapshots[2:], "BTH existing lines"] = -800.0
        if weeks:
            network.meta = {**network.meta, "weeks": {"starts": ["first", "second"]}}
        solve_now(network, scenario)
        level = network.storage_units_t.state_of_charge["S1 S1 name"]
        moved[weeks] = abs(level.iloc[1] - level.iloc[3])
    assert moved[False] > 100
    assert moved[True] == pytest.approx(0, abs=1e-6)


def test_kinds_are_registered_once() -> None:
    assert list(CONSTRAINTS) == ["siting", "headroom", "corridor_share", "upgrade_share", "commitments", "week_storage"]
