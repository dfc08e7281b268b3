"""A plan in the other market: the sizes that were chosen are given, and every promise stays what it was."""

from __future__ import annotations

import pandas as pd
import pypsa
import pytest
from small_ledger import build, small_data

from tiny_grid import SITING, tiny_tables
from xinzhou_energy.formulation import build_rows
from xinzhou_energy.network import assemble
from xinzhou_energy.network.commitments import owned
from xinzhou_energy.network.weeks import weekly_signals
from xinzhou_energy.results import RunResult
from xinzhou_energy.results.topology import topology_table
from xinzhou_energy.run import in_other_market
from xinzhou_energy.scenario import Scenario

CONNECTION, UPGRADE, STORAGE = "wind_solar_connection", "coal_upgrade", "geothermal_biomass_storage"
OPEN_BATTERY = {"XZ500": {"p_nom_max": 400.0, "max_hours": 2.0}}
OPEN_CORRIDOR = {"option": "ac", "p_nom_max": 2000.0}


def chosen(network: pypsa.Network, sizes: dict[str, float]) -> RunResult:
    """Return the result of a siting that found these sizes, 0 for the others. [MW]"""
    solved = network.copy()
    for table in (solved.generators, solved.storage_units, solved.links):
        is_open = table["p_nom_extendable"].astype(bool)
        table.loc[is_open, "p_nom"] = [sizes.get(name, 0.0) for name in table.index[is_open]]
        table["p_nom_extendable"] = False
    empty = pd.DataFrame()
    return RunResult("tiny", "by hand", 2026, empty, empty, topology_table(solved))


def other(scenario: Scenario, network: pypsa.Network, sizes: dict[str, float]) -> tuple[Scenario, pypsa.Network]:
    """Return the scenario of the other market and its network."""
    twin = in_other_market(scenario, chosen(network, sizes))
    return twin, assemble(twin, small_data(twin))


SITED = {"Alpha onwind sited": 100.0, "Beta onwind sited": 100.0, "Alpha solar sited": 300.0}
PARTS = {"K1 K1 name": 600.0, "K1 K1 name upgraded": 400.0, "K2 K2 name": 100.0, "K2 K2 name upgraded": 300.0}


def test_the_upgrade_that_was_chosen_is_given_in_the_other_market() -> None:
    scenario, _, network = build({UPGRADE: {"choice": True}})
    twin, town = other(scenario, network, PARTS)
    assert twin.market == "tight"
    assert dict(town.generators["p_nom"][list(PARTS)]) == PARTS
    assert not town.generators["p_nom_extendable"].any()


def test_given_promises_are_the_same_in_the_other_market() -> None:
    promises = {"green_park_yuanping": {}, "power_system_sgls": {}, UPGRADE: {}}
    scenario, _, network = build(promises, siting=SITING, batteries=OPEN_BATTERY)
    _, town = other(scenario, network, {**SITED, "XZ500 battery": 250.0})
    for name in (*promises, CONNECTION, STORAGE):
        mine = owned(network, name)
        assert {table: list(names) for table, names in owned(town, name).items()} == {
            table: list(names) for table, names in mine.items()
        }
    assert town.storage_units["p_nom"]["XZ500 battery"] == 250


# A promise that binds open sizes is kept by them once they are given: `run` solves both markets of a plan.
BINDING = {
    "connection": ({CONNECTION: {"binding": True}}, {"siting": SITING}, SITED),
    "storage": ({STORAGE: {"binding": True}}, {"batteries": OPEN_BATTERY}, {"XZ500 battery": 300.0}),
    "upgrade": ({UPGRADE: {"binding": True, "choice": True, "due": "2026-12-31"}}, {}, PARTS),
    "own capacity": (
        {"sun": {"kind": "capacity", "carrier": "solar", "quantity": "300 MW", "binding": True}},
        {"siting": SITING},
        SITED,
    ),
}


@pytest.mark.parametrize("case", BINDING)
def test_a_binding_promise_holds_in_the_other_market_too(case: str) -> None:
    promises, changes, sizes = BINDING[case]
    scenario, _, network = build(promises, **changes)
    assert not build_rows(network, scenario).empty
    twin, town = other(scenario, network, sizes)
    build_rows(town, twin)


def test_a_corridor_that_is_not_worth_building_ends_no_run() -> None:
    """Nothing was chosen of an open corridor whose thresholds the scenario states."""
    promises = {"export_corridor": {"thresholds": {"hours": 2000.0}}}
    scenario, _, network = build(promises, year=2030, corridor=OPEN_CORRIDOR)
    build_rows(network, scenario)
    twin, town = other(scenario, network, {})
    assert twin.corridor.option == "none"
    build_rows(town, twin)


# Next to no load and no market, so that must-run output is a surplus, which the choice of weeks looks at.
LITTLE = {"demand": tiny_tables()["demand"].assign(energy=800.0)}
NARROW = {"a_floor": 0.0, "a_ceiling": 1.0, "bth_evening": 1.0, "bth_midday": 1.0}


def signals(promises: dict[str, object]) -> pd.DataFrame:
    _, data, network = build(promises, year=2030, tables=LITTLE, calibration=NARROW)
    return weekly_signals(network, data)


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    return signals({})


def test_both_markets_see_the_same_weeks_where_the_upgrade_is_chosen() -> None:
    scenario, data, network = build({UPGRADE: {"choice": True}}, tables=LITTLE, calibration=NARROW)
    twin = in_other_market(scenario, chosen(network, PARTS))
    town = assemble(twin, small_data(twin, tables=LITTLE, calibration=NARROW))
    mine = weekly_signals(network, data)
    assert mine["surplus"].min() > 0
    pd.testing.assert_frame_equal(mine, weekly_signals(town, data))


@pytest.mark.parametrize(
    "promises",
    [
        {"base_ningwu": {}, "green_park_wutai": {}, "power_system_sgls": {}},
        {"coal_guangyu_3": {}, "coal_baode": {}, UPGRADE: {}},
        {"smelter": {"kind": "load", "county": "Beta", "quantity": "30 MW"}},
    ],
    ids=["blocks", "coal", "load"],
)
def test_a_year_with_and_without_a_promise_sees_the_same_weeks(
    promises: dict[str, object], plain: pd.DataFrame
) -> None:
    pd.testing.assert_frame_equal(signals(promises), plain)
