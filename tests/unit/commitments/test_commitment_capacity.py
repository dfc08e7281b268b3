"""Capacity, region and promises of the planner's own, by hand: each megawatt once, each in one line of YAML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_ledger import Town, annuity, build, meaning, town

from tiny_grid import SITING, tiny_tables
from xinzhou_energy.errors import ScenarioError, XinzhouError
from xinzhou_energy.formulation import build_rows
from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.network import assemble
from xinzhou_energy.network.commitments import owned
from xinzhou_energy.results.verdicts.case import RULES, Case, Year
from xinzhou_energy.results.verdicts.judge import load_rules
from xinzhou_energy.scenario import load_scenario

CONNECTION, STORAGE, BASE = "wind_solar_connection", "geothermal_biomass_storage", "base_ningwu"
GIVEN = {**SITING, "capacity": {"Alpha": {"onwind": 100.0, "solar": 250.0}, "Beta": {"onwind": 100.0, "solar": 50.0}}}
BATTERIES = {"XZ500": {"p_nom": 200.0, "max_hours": 2.0}}
PLACE = {"bus": "XZ500", "county": "Alpha"}
OWN = {  # one line each, as a planner writes it
    "sun_in_alpha": {"kind": "capacity", "carrier": "solar", "county": "Alpha", "quantity": "260 MW"},
    "smelter": {"kind": "load", "county": "Beta", "quantity": "30 MW"},
    "co2_budget": {"kind": "account", "quantity": "1 kt"},
    "xuangang": {"kind": "project", "plant": "K3", "quantity": "900 MW"},
    "sun_park": {
        "kind": "supply",
        "block": {**PLACE, "solar": 50.0, "load": 20.0, "export_limit": 50.0, "import_limit": 20.0},
        "thresholds": {"annual_share": 0.5},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def city() -> Town:
    """Siting of given sizes, a base that counts toward it, batteries, and one own promise of each kind."""
    promises = {BASE: {"counts_toward": CONNECTION}, **OWN}
    return town(promises, year=2030, siting=GIVEN, batteries=BATTERIES)


def counting(city: Town, target: str) -> Town:
    """Return the same solved city in which the base counts toward another promise, or toward none."""
    return meaning(city, BASE, counts_toward=target)


def test_what_counts_toward_the_connection_counts_once(city: Town) -> None:
    """500 MW sited and the 300 MW of the base; the park's 50 MW of sun count toward nothing."""
    assert city.verdict(CONNECTION)["value"] == pytest.approx(800)
    assert counting(city, "").verdict(CONNECTION)["value"] == pytest.approx(500)
    assert city.verdict(BASE)["value"] == pytest.approx(300)


def test_a_block_that_counts_toward_storage_adds_its_battery_only(city: Town) -> None:
    assert counting(city, STORAGE).verdict(STORAGE)["value"] == pytest.approx(200)
    assert counting(city, STORAGE).verdict(CONNECTION)["value"] == pytest.approx(500)


def test_the_connection_is_met_from_its_target_on(city: Town) -> None:
    row = counting(city, "").verdict(CONNECTION)
    assert (row["verdict"], row["target"], row["unit"]) == ("met", 500, "MW")
    assert row["margin"] == pytest.approx(0)


def test_storage_short_of_its_target_is_missed_by_what_lacks(city: Town) -> None:
    row = city.verdict(STORAGE)
    assert (row["verdict"], row["value"], row["margin"], row["unit"]) == ("missed", 200, -100, "MW")
    battery = city.network.storage_units.loc["XZ500 battery"]
    assert battery["commitment"] == STORAGE
    assert battery["capital_cost"] == pytest.approx(0.95e6 * 2 * (annuity(15) + 0.02))


def test_the_pumped_storage_that_stands_is_no_new_storage(city: Town) -> None:
    assert city.network.storage_units["commitment"]["S1 S1 name"] == ""
    assert "S1 S1 name" in city.network.storage_units.index


def test_the_base_year_is_what_stood_before(city: Town) -> None:
    """G1 144, H1 540, M1 30, S1 1,200, V1 50, W1-W3 200 MW clean; K1 and K2 beside them."""
    row = city.verdict("base_year")
    assert (row["verdict"], row["value"], row["margin"]) == ("met", 2164, 0)
    assert city.figure("base_year", "clean_share_before_2026") == pytest.approx(100 * 2164 / 3564)


def test_a_base_year_that_is_off_is_missed_either_way(city: Town) -> None:
    for change in (-1.0, 1.0):
        row = meaning(city, "base_year", quantity=2164 + change).verdict("base_year")
        assert (row["verdict"], row["margin"]) == ("missed", -change)


def test_a_closed_plant_shows_in_the_base_year() -> None:
    """The base year is a fact: a scenario that takes a plant of 2025 out does not keep it."""
    _, _, network = build({}, projects={"V1": {"in_service": False}})
    clean = network.generators[(network.generators["kind"] == "plant") & network.generators["is_clean"]]
    assert clean["p_nom"].sum() + 540 + 1200 == pytest.approx(2164 - 50)


def test_growth_reports_demand_and_peak(city: Town) -> None:
    """4,000 MWh, 30 MW of smelter and 20 MW of park in four hours."""
    row = city.verdict("growth")
    assert (row["verdict"], row["unit"]) == ("reported", "MWh")
    assert row["value"] == pytest.approx(4000 + 4 * 50)
    assert "peak 1,125 MW" in row["note_en"]  # 825 + 250 + 50 in hour 1


def test_exchange_is_reported_by_border_with_the_rent_of_its_links(city: Town) -> None:
    """Taken by the buyers plus losses; rent is what the flow is worth more at the far end."""
    network, row = city.network, city.verdict("regional_cooperation")
    buyers = network.generators[network.generators["kind"] == "market"]
    price, sums, rent = network.buses_t.marginal_price, {}, 0.0
    for name, link in network.links[network.links["border"] != ""].iterrows():
        out, arrives = network.links_t.p0[name], -network.links_t.p1[name]
        sums[link["border"]] = float(out.sum())
        rent += float((arrives * price[link["bus1"]] - out * price[link["bus0"]]).sum())
        taken = network.generators_t.p[buyers.index[buyers["border"] == link["border"]]].to_numpy().sum()
        assert float(arrives.sum()) == pytest.approx(taken, abs=1e-6)
    for border, sent in sums.items():
        assert city.figure("regional_cooperation", f"exchange_{border}") == pytest.approx(sent, abs=1e-6)
    assert row["value"] == pytest.approx(sum(sums.values()))
    assert row["value"] > 100
    assert city.figure("regional_cooperation", "border_rent") == pytest.approx(rent, abs=1e-6)
    assert row["verdict"] == "reported"


# --- own promises


def test_own_capacity_counts_all_that_is_new_in_its_county(city: Town) -> None:
    """250 MW sited in Alpha and the park's 50 MW; Alpha asks for 260."""
    row = city.verdict("sun_in_alpha")
    assert (row["verdict"], row["value"], row["margin"]) == ("met", 300, 40)
    assert (row["section"], row["provenance"]) == ("own", "user")


def test_own_load_is_connected_flat_and_served(city: Town) -> None:
    load = city.network.loads.loc["smelter load"]
    assert (load["bus"], load["county"]) == ("N220_Beta", "Beta")
    assert list(city.network.loads_t.p_set["smelter load"]) == [30] * 4
    row = city.verdict("smelter")
    assert (row["verdict"], row["value"], row["note_en"]) == ("met", 30, "unserved 0 MWh")


def test_load_shedding_covers_every_load_of_a_bus(city: Town) -> None:
    """Beta's own load peaks at 300 MW in the hour in which the smelter takes 30."""
    shedding = city.network.generators["p_nom"]["N220_Beta load shedding"]
    assert shedding == pytest.approx(330)


def test_own_load_that_is_cut_is_missed(city: Town) -> None:
    network = city.network.copy()
    network.generators_t.p.loc[network.snapshots[0], "N220_Beta load shedding"] = 2.0
    assert replace(city, network=network).verdict("smelter")["verdict"] == "missed"


def test_own_account_is_the_carbon_of_all_plants(city: Town) -> None:
    power = city.network.generators_t.p
    fuels = {"K1 K1 name": 0.3361 / 0.395, "K2 K2 name": 0.3361 / 0.385, "K3 K3 name": 0.3361 / 0.431}
    fuels["G1 G1 name"] = 0.198 / 0.48
    emitted = sum(float(power[name].sum()) * intensity for name, intensity in fuels.items())
    row = city.verdict("co2_budget")
    assert (row["unit"], row["target"]) == ("t", 1000)
    assert row["value"] == pytest.approx(emitted)
    assert row["verdict"] == "missed"
    assert row["margin"] == pytest.approx(1000 - emitted)


def test_own_project_switches_its_plant_on(city: Town) -> None:
    plant = city.network.generators.loc["K3 K3 name"]
    assert (plant["p_nom"], plant["commitment"]) == (900, "xuangang")
    assert plant["is_new"]
    row = city.verdict("xuangang")
    assert (row["verdict"], row["value"], row["target"]) == ("met", 900, 900)


def test_own_supply_is_a_block(city: Town) -> None:
    """50 MW of Alpha's sun: 39.6 and 49.5 MWh for 80 MWh of load."""
    row = city.verdict("sun_park")
    assert row["value"] == pytest.approx(100 * (39.6 + 49.5) / 80)
    assert row["verdict"] == "met"
    assert set(owned(city.network, "sun_park")) == {"generators", "links", "loads"}


YAML = """\
name: {zh: 甲, en: A}
year: 2026
market: frozen
commitments:
  sun_in_wutai: {kind: capacity, carrier: solar, county: Wutai, quantity: 26 万千瓦}
  smelter: {kind: load, county: Xinfu, quantity: 3 万千瓦}
  co2_budget: {kind: account, quantity: 3000 万吨, binding: true}
  xuangang: {kind: project, plant: P006, quantity: 132 万千瓦}
  park: {kind: supply, block: {bus: XZ500, county: Xinfu, solar: 5 万千瓦, export_limit: 5 万千瓦}}
additions: {solar: 10 万千瓦}
"""


def test_each_kind_of_own_promise_is_one_line_of_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(YAML, encoding="utf-8")
    scenario = load_scenario(tmp_path / "a.yaml")
    data = read_grid(scenario)
    network = assemble(scenario, data)
    network.set_snapshots(network.snapshots[:24])
    rows = build_rows(network, scenario)
    parts = {name: sorted(owned(network, name)) for name in scenario.commitments}
    assert parts == {
        "sun_in_wutai": [], "smelter": ["loads"], "co2_budget": [], "xuangang": ["generators"],
        "park": ["generators", "links"],
    }  # fmt: skip
    assert set(rows["commitment"]) == {"co2_budget"}
    assert set(rows["rhs"]) == {3e7}
    assert data.commitments["sun_in_wutai"].quantity == 260


def test_an_own_project_without_a_quantity_takes_the_plants_size() -> None:
    """As `projects: {K3: {}}` does: 1,320 MW of plants.csv."""
    _, _, network = build({"xuangang": {"kind": "project", "plant": "K3"}})
    assert network.generators["p_nom"]["K3 K3 name"] == 1320


def test_an_own_project_may_be_pumped_storage() -> None:
    _, data, network = build({"pumped": {"kind": "project", "plant": "S2", "quantity": "900 MW"}})
    assert network.storage_units["commitment"]["S2 S2 name"] == "pumped"
    load_rules()
    judged = RULES["project"](Case(Year(network), data.commitments["pumped"], pd.DataFrame()))
    assert (judged.value, judged.kept) == (900, True)


def test_an_own_project_may_be_a_wind_farm() -> None:
    _, _, network = build({"wind_farm": {"kind": "project", "plant": "W9", "quantity": "80 MW"}})
    mine = owned(network, "wind_farm")
    assert set(mine) == {"generators"}
    assert network.generators["p_nom"][mine["generators"]].sum() == 80


def test_an_own_project_of_a_plant_that_stands_leaves_the_base_year_alone() -> None:
    """K1 stands since before 2025: a promise to keep it running makes it no new plant with an annuity."""
    _, _, network = build({"keep": {"kind": "project", "plant": "K1", "quantity": "1 GW"}})
    assert network.generators["capital_cost"]["K1 K1 name"] == 0


@pytest.mark.parametrize("name", ["Alpha", "XZ500"])
def test_an_own_promise_named_like_a_place_hides_nothing(name: str) -> None:
    """`Alpha load` is the county's load and `XZ500` a bus: either the name is refused, or both are there."""
    block = {"bus": "N220_Alpha", "county": "Alpha", "solar": 50.0, "load": 20.0, "export_limit": 50.0}
    promise = {"kind": "supply", "block": {**block, "import_limit": 20.0}}
    try:
        _, _, network = build({name: promise})
    except ScenarioError:
        return
    assert network.loads_t.p_set.sum().sum() == pytest.approx(4000 + 80)
    assert len(network.buses) == len(tiny_tables()["buses"]) + 1


@pytest.mark.slow
def test_binding_own_capacity_moves_the_siting() -> None:
    """Alone the optimum puts all 300 MW of sun into Alpha; 150 are asked for in Beta."""
    promise = {"kind": "capacity", "carrier": "solar", "county": "Beta", "quantity": "150 MW", "binding": True}
    city = town({"sun_in_beta": promise}, siting=SITING)
    size = city.network.generators["p_nom"]
    assert size["Beta solar sited"] == pytest.approx(150)
    assert size["Alpha solar sited"] == pytest.approx(150)
    row = city.verdict("sun_in_beta")
    assert row["verdict"] == "binding"
    assert row["price"] > 0
    assert city.verdict(CONNECTION)["value"] == pytest.approx(500)


@pytest.mark.slow
def test_a_binding_budget_holds_the_carbon_down() -> None:
    """About 2,800 t without it; K1 and K2 must run for some 1,400 t."""
    city = town({"co2_budget": {"kind": "account", "quantity": "2 kt", "binding": True}})
    row = city.verdict("co2_budget")
    assert row["value"] == pytest.approx(2000, rel=1e-6)
    assert row["verdict"] == "binding"
    assert row["price_unit"] == "CNY/t"
    assert row["price"] > 0


@pytest.mark.parametrize(
    "promise", [{"carbon_accounting": {"binding": True}}, {"budget": {"kind": "account", "binding": True}}]
)
def test_a_binding_account_without_a_budget_is_refused(promise: dict[str, object]) -> None:
    """It would otherwise mean a budget of zero."""

    def refused() -> None:
        scenario, _, network = build(promise)
        build_rows(network, scenario)

    with pytest.raises(XinzhouError):
        refused()
