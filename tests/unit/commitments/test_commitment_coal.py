"""Coal projects, the upgrade and coal burnt, by hand.

Coal of the small city: K1 1,000 MW without heat and K2 400 MW with heat; K3 and K4 wait for their commitments.
Hours 1 and 2 are winter and heating (80 % online), hours 3 and 4 spring (62 %).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pypsa
import pytest
from small_ledger import Town, annuity, build, town

from tiny_grid import table
from xinzhou_energy.errors import ScenarioError
from xinzhou_energy.formulation import build_rows

GUANGYU, BAODE, UPGRADE = "coal_guangyu_3", "coal_baode", "coal_upgrade"
OLD, NEW = ["K1 K1 name", "K2 K2 name"], ["K1 K1 name upgraded", "K2 K2 name upgraded"]
COAL_YEARLY = 3.998e6 * (annuity(30) + 0.025)  # CNY/MW/a
FREE, DEAR = 1.0, 1e7  # CNY/MW


def band(network: pypsa.Network, name: str) -> tuple[list[float], list[float]]:
    lower = network.get_switchable_as_dense("Generator", "p_min_pu")[name]
    upper = network.get_switchable_as_dense("Generator", "p_max_pu")[name]
    return list(lower.round(6)), list(upper.round(6))


@pytest.fixture(scope="module")
def city() -> Town:
    """Both projects in service."""
    return town({GUANGYU: {}, BAODE: {}}, year=2030)


def test_a_project_comes_with_its_commitments_size(city: Town) -> None:
    """600 MW of the commitment, not the 700 MW of the plant's row."""
    plant = city.network.generators.loc["K4 K4 name"]
    assert (plant["p_nom"], plant["commitment"]) == (600, GUANGYU)
    assert plant["is_new"]
    assert plant["capital_cost"] == pytest.approx(COAL_YEARLY)


def test_a_quantity_of_the_scenario_sizes_the_plant() -> None:
    _, _, network = build({GUANGYU: {"quantity": "1.32 GW"}}, year=2030)
    assert network.generators["p_nom"]["K4 K4 name"] == 1320


def test_a_heating_project_keeps_the_winter_minimum(city: Town) -> None:
    assert band(city.network, "K4 K4 name") == ([0.4, 0.4, 0.248, 0.248], [0.8, 0.8, 0.62, 0.62])
    assert band(city.network, "K3 K3 name")[0] == [0.32, 0.32, 0.248, 0.248]
    power = city.network.generators_t.p["K4 K4 name"]
    assert (power >= np.array([240, 240, 148.8, 148.8]) - 1e-6).all()


def test_a_line_upgrade_comes_with_the_project_it_is_built_for(city: Town) -> None:
    line = city.network.lines.loc["L01"]
    assert (line["s_nom"], line["x"], line["num_parallel"]) == (2800, 6.12, 3)


def test_without_the_project_the_line_stays_as_it_is() -> None:
    _, _, network = build({GUANGYU: {}}, year=2030)
    assert (network.lines.s_nom["L01"], network.lines.x["L01"]) == (2000, 9.18)
    assert "K3 K3 name" not in network.generators.index


def test_a_project_cannot_run_before_its_first_year() -> None:
    _, data, network = build({GUANGYU: {}, BAODE: {}}, year=2026)
    assert not {"K3 K3 name", "K4 K4 name"} & set(network.generators.index)
    assert network.lines.s_nom["L01"] == 2000
    assert data.commitments[GUANGYU].active
    assert not data.commitments[GUANGYU].in_service


def test_an_approval_is_tracked_and_its_plant_measured(city: Town) -> None:
    row = city.verdict(BAODE)
    assert (row["verdict"], row["value"], row["target"]) == ("tracked", 900, 900)
    energy = float(city.network.generators_t.p["K3 K3 name"].sum())
    assert city.figure(BAODE, "project_full_load_hours") == pytest.approx(energy / 900)
    assert city.figure(BAODE, "project_co2") == pytest.approx(energy * 0.3361 / 0.431)


def test_winter_capacity_of_a_project_is_what_is_online(city: Town) -> None:
    """The small city has four hours of March: no winter, so nothing is firm in it. In January 62 % are online."""
    assert city.figure(GUANGYU, "project_winter_capacity") == 0
    january = city.network.copy()
    for hourly in (january.generators_t, january.storage_units_t, january.links_t, january.loads_t, january.buses_t):
        for frame in hourly.values():
            frame.index = frame.index - pd.Timedelta(days=59)
    january.snapshots = city.network.snapshots - pd.Timedelta(days=59)
    assert replace(city, network=january).figure(GUANGYU, "project_winter_capacity") == pytest.approx(0.62 * 600)


# --- upgrade, given


@pytest.fixture(scope="module")
def fixed() -> Town:
    return town({UPGRADE: {}})


def test_a_fixed_programme_reaches_its_share_of_all_coal(fixed: Town) -> None:
    """50 % of 1,400 MW, the same share of each plant."""
    size = fixed.network.generators["p_nom"]
    assert list(size[NEW]) == [500, 200]
    assert list(size[OLD]) == [500, 200]
    row = fixed.verdict(UPGRADE)
    assert (row["verdict"], row["value"], row["target"], row["unit"]) == ("met", 50, 50, "%")


def test_a_programme_counts_the_coal_outside_it() -> None:
    """2030 with K3: 2,300 MW of coal, half is 1,150 of the 1,400 MW in the programme."""
    _, _, network = build({UPGRADE: {}, BAODE: {}}, year=2030)
    assert network.generators["p_nom"][NEW].sum() == pytest.approx(1150)
    assert network.generators["p_nom"][[*OLD, *NEW]].sum() == pytest.approx(1400)


@pytest.mark.slow
def test_a_programme_too_large_for_its_plants_is_missed() -> None:
    """90 % of 2,300 MW are 2,070; the plants in the programme have 1,400: 60.9 %."""
    city = town({UPGRADE: {"quantity": "90 %"}, BAODE: {}}, year=2030)
    row = city.verdict(UPGRADE)
    assert row["verdict"] == "missed"
    assert row["value"] == pytest.approx(100 * 1400 / 2300)


def test_upgraded_units_have_the_lower_minimum_where_no_heat_binds(fixed: Town) -> None:
    assert band(fixed.network, NEW[0]) == ([0.24, 0.24, 0.186, 0.186], [0.8, 0.8, 0.62, 0.62])
    assert band(fixed.network, NEW[1])[0] == [0.4, 0.4, 0.186, 0.186]  # heat in hours 1 and 2
    assert band(fixed.network, OLD[0])[0] == [0.32, 0.32, 0.248, 0.248]


def test_upgraded_units_ramp_faster_and_burn_less(fixed: Town) -> None:
    table_ = fixed.network.generators
    unit, old = table_.loc[NEW[1]], table_.loc[OLD[1]]
    assert (unit["ramp_limit_up"], unit["ramp_limit_down"], old["ramp_limit_up"]) == (0.7, 0.7, 0.5)
    efficiency = 0.385 * 1.02
    assert unit["efficiency"] == pytest.approx(efficiency)
    assert unit["fuel_cost"] == pytest.approx(81 / efficiency)
    assert unit["co2_intensity"] == pytest.approx(0.3361 / efficiency)
    assert unit["coal_intensity"] == pytest.approx(1 / (6.397 * efficiency))
    assert old["coal_intensity"] == pytest.approx(1 / (6.397 * 0.385))
    assert unit["carbon_cost"] == pytest.approx(62.36 * 0.3361 / efficiency)
    assert unit["start_cost"] == pytest.approx(old["start_cost"])
    parts = unit[["fuel_cost", "variable_om_cost", "carbon_cost", "start_cost", "penalty_cost"]].sum()
    assert unit["marginal_cost"] == pytest.approx(parts)
    assert unit["marginal_cost"] < old["marginal_cost"]


def test_the_upgrade_costs_its_annuity_only(fixed: Town) -> None:
    units = fixed.network.generators
    assert list(units["capital_cost"][NEW]) == pytest.approx([150_000 * annuity(30), 300_000 * annuity(30)])
    assert list(units["capital_cost"][OLD]) == [0, 0]
    assert not units["is_new"][NEW].any()
    spent = (500 * 150_000 + 200 * 300_000) * annuity(30)
    assert fixed.figure(UPGRADE, "upgrade_annuity") == pytest.approx(spent)


def test_the_fleet_of_2025_stays_as_large_as_it_was(fixed: Town) -> None:
    assert fixed.verdict("base_year")["verdict"] == "met"


def test_sizes_by_plant_come_first() -> None:
    _, _, network = build({UPGRADE: {"sizes": {"K1": 1000.0}}})
    assert list(network.generators["p_nom"][NEW]) == [1000, 0]
    assert list(network.generators["p_nom"][OLD]) == [0, 400]


def test_more_than_a_plant_cannot_be_upgraded() -> None:
    with pytest.raises(ScenarioError) as caught:
        build({UPGRADE: {"sizes": {"K2": 401.0}}})
    (fault,) = caught.value.findings
    assert fault.code == "too-large"
    assert "400 MW" in fault.expected


@pytest.mark.parametrize("name", ["K7", "K3"])
def test_sizes_of_a_plant_outside_the_programme_are_refused(name: str) -> None:
    """K7 is no plant at all, K3 is none of upgrades.csv: 300 MW asked for, and nothing would be upgraded."""
    with pytest.raises(ScenarioError, match=name):
        build({UPGRADE: {"sizes": {name: 300.0}}})


# --- upgrade, chosen


def priced(cost: float) -> dict[str, object]:
    """Return the upgrade table at another investment. [CNY/MW]"""
    text = """\
plant  minimum_load  ramp_limit  efficiency_gain
K1     0.3           0.6         0.01
K2     0.3           0.7         0.02
"""
    return {"upgrades": table(text).assign(capital_cost=cost)}


@pytest.fixture(scope="module")
def chosen() -> Town:
    """The optimiser chooses, and an upgrade is as good as free."""
    return town({UPGRADE: {"choice": True}}, tables=priced(FREE))


@pytest.mark.slow
def test_an_upgrade_that_pays_is_chosen_whole(chosen: Town) -> None:
    size = chosen.network.generators["p_nom"]
    assert list(size[NEW]) == pytest.approx([1000, 400])
    assert list(size[OLD]) == pytest.approx([0, 0], abs=1e-6)
    assert chosen.verdict(UPGRADE)["value"] == pytest.approx(100)


@pytest.mark.slow
def test_an_upgrade_that_does_not_pay_is_left() -> None:
    dear = town({UPGRADE: {"choice": True, "due": "2026-12-31"}}, tables=priced(DEAR))
    size = dear.network.generators["p_nom"]
    assert list(size[NEW]) == pytest.approx([0, 0], abs=1e-6)
    assert list(size[OLD]) == pytest.approx([1000, 400])
    assert dear.verdict(UPGRADE)["verdict"] == "missed"


@pytest.mark.slow
def test_a_binding_choice_upgrades_exactly_its_share_and_has_a_price() -> None:
    """Nothing would be upgraded by itself; 50 % of 1,400 MW are asked for."""
    promise = {"choice": True, "binding": True, "due": "2026-12-31"}
    city = town({UPGRADE: promise}, tables=priced(DEAR))
    size = city.network.generators["p_nom"]
    assert size[NEW].sum() == pytest.approx(700)
    assert size[[OLD[0], NEW[0]]].sum() == pytest.approx(1000)
    assert size[[OLD[1], NEW[1]]].sum() == pytest.approx(400)
    row = city.verdict(UPGRADE)
    assert row["verdict"] == "binding"
    # what is saved in four hours is small beside the annuity, and never above it
    assert 0.9 * DEAR * annuity(30) < row["price"] <= DEAR * annuity(30)
    assert row["price_unit"] == "CNY/MW"


def test_the_two_parts_of_a_plant_add_up_in_a_row_each() -> None:
    scenario, _, network = build({UPGRADE: {"choice": True}})
    rows = build_rows(network, scenario)
    mine = rows[rows["origin"] == "upgrade_share"]
    assert mine["id"].nunique() == 2
    for (old, new), size in zip(zip(OLD, NEW, strict=True), (1000, 400), strict=True):
        row = mine[mine["id"] == f"upgrade_share {new}"]
        assert set(row["name"]) == {old, new}
        assert set(row["coefficient"]) == {1.0}
        assert (row["sense"].iloc[0], row["rhs"].iloc[0]) == ("=", size)


def test_a_chosen_upgrade_keeps_the_slack_under_must_run_output() -> None:
    """The slack at a bus is as large as the plants that must run there, whether or not their parts are open."""
    _, _, given = build({UPGRADE: {}})
    _, _, open_ = build({UPGRADE: {"choice": True}})
    for bus in ("XZ500", "N220_Alpha"):
        name = f"{bus} must-run slack"
        assert open_.generators["p_nom"][name] >= given.generators["p_nom"][name] - 1e-6


# --- coal burnt


EFFICIENCY = {"K1": 0.395, "K2": 0.385, "K3": 0.431, "K4": 0.385}


def burnt_by_hand(city: Town) -> float:
    """Coal at 6.397 MWh per tonne. [t]"""
    power = city.network.generators_t.p
    burns = {name: eff for name, eff in EFFICIENCY.items() if f"{name} {name} name" in power}
    return sum(float(power[f"{name} {name} name"].sum()) / (6.397 * eff) for name, eff in burns.items())


def test_coal_burnt_is_measured_against_half_of_the_supply(city: Town) -> None:
    burnt = burnt_by_hand(city) / 1e6
    row = city.verdict("coal_supply")
    assert (row["verdict"], row["unit"], row["target"]) == ("met", "Mt", 57.5)
    assert row["value"] == pytest.approx(burnt)
    assert row["margin"] == pytest.approx(57.5 - burnt)
    output = city.verdict("coal_output")
    assert (output["verdict"], output["target"]) == ("met", 115)
    assert city.figure("coal_output", "coal_burnt_share") == pytest.approx(100 * burnt / 115)
    # coalbed methane and biomass are no coal
    assert city.network.generators["coal_intensity"][["G1 G1 name", "M1 M1 name"]].sum() == 0


@pytest.mark.slow
def test_a_binding_supply_limits_what_is_burnt() -> None:
    """2,000 t of coal, half of it for power: 1,000 t, above the must-run 660 t and below the 1,123 t of the optimum."""
    city = town({"coal_supply": {"binding": True, "quantity": "2000 t"}})
    assert burnt_by_hand(city) == pytest.approx(1000, rel=1e-6)
    row = city.verdict("coal_supply")
    assert row["verdict"] == "binding"
    assert row["value"] == pytest.approx(0.001)
    assert row["price_unit"] == "CNY/t"
    assert row["price"] > 0
