"""Lines, loads, projects, corridor and islands of the small city, worked by hand."""

from __future__ import annotations

import pypsa
import pytest

from tiny_grid import LOAD_MWH, tiny_data, tiny_scenario
from xinzhou_energy.errors import FormulationError, ScenarioError
from xinzhou_energy.network import assemble

LINE_ANNUITY = 0.06 / (1 - 1.06**-40) + 0.015  # 6 %, 40 years, 1.5 % fixed operation


@pytest.fixture(scope="module")
def city() -> pypsa.Network:
    return assemble(tiny_scenario(), tiny_data())


def test_load_is_the_years_energy_by_share_and_shape(city: pypsa.Network) -> None:
    load = city.loads_t.p_set
    assert list(load["Alpha load"]) == pytest.approx([825, 750, 675, 750])  # 3,000 MWh x (1.1, 1, 0.9, 1) / 4
    assert list(load["Beta load"]) == pytest.approx([250, 300, 200, 250])
    assert load.sum().sum() == pytest.approx(LOAD_MWH)


def test_stated_load_energy_replaces_the_table() -> None:
    city = assemble(tiny_scenario(load={"energy": 8_000_000.0}), tiny_data())
    assert city.loads_t.p_set.sum().sum() == pytest.approx(8_000_000)


def test_load_stands_at_its_county_bus(city: pypsa.Network) -> None:
    assert dict(city.loads.bus) == {"Alpha load": "N220_Alpha", "Beta load": "N220_Beta"}


def test_line_keeps_its_table_without_the_project(city: pypsa.Network) -> None:
    line = city.lines.loc["L01"]
    assert (line.s_nom, line.x, line.r, line.num_parallel) == (2000, 9.18, 0.66, 2)


def test_upgrade_travels_with_its_project() -> None:
    city = assemble(tiny_scenario(projects={"K3": {"in_service": True}}), tiny_data())
    line = city.lines.loc["L01"]
    assert (line.s_nom, line.x, line.r, line.num_parallel) == (2800, 6.12, 0.44, 3)


def test_project_takes_the_stated_size() -> None:
    city = assemble(tiny_scenario(projects={"K3": {"in_service": True, "p_nom": 660.0}}), tiny_data())
    assert city.generators.p_nom["K3 K3 name"] == 660


def test_standing_plant_can_be_switched_off(city: pypsa.Network) -> None:
    without = assemble(tiny_scenario(projects={"K1": {"in_service": False}}), tiny_data())
    assert "K1 K1 name" in city.generators.index
    assert "K1 K1 name" not in without.generators.index


def test_standing_plant_named_as_a_project_stays_old() -> None:
    city = assemble(tiny_scenario(projects={"K1": {"in_service": True, "p_nom": 1100.0}}), tiny_data())
    plant = city.generators.loc["K1 K1 name"]
    assert (plant.p_nom, bool(plant.is_new), plant.capital_cost) == (1100, False, 0)


def test_plant_without_a_place_is_refused_as_a_project() -> None:
    with pytest.raises(ScenarioError) as caught:
        assemble(tiny_scenario(projects={"Z9": {"in_service": True}}), tiny_data())
    (found,) = caught.value.findings
    assert found.code == "no-bus"
    assert found.where.path == "projects.Z9"
    assert "siting" in found.remedy


def test_line_factor_widens_all_lines_but_the_border_equivalents() -> None:
    city = assemble(tiny_scenario(grid={"line_factor": 1.6}), tiny_data())
    assert city.lines.s_nom["L01"] == pytest.approx(3200)
    assert city.lines.x["L01"] == pytest.approx(9.18 / 1.6)
    assert city.lines.s_nom["C01"] == pytest.approx(1440)
    assert (city.lines.s_nom["B01"], city.lines.x["B01"]) == (8000, 30)


def test_impedance_is_referred_to_the_voltage_of_the_first_bus(city: pypsa.Network) -> None:
    """PyPSA divides by v_nom squared of bus0: 1.35 ohm at 220 kV, 9.18 ohm at 500 kV."""
    city.calculate_dependent_values()
    assert city.lines.x_pu["C01"] == pytest.approx(1.35 / 220**2)
    assert city.lines.x_pu["L01"] == pytest.approx(9.18 / 500**2)


def corridor(**choice: object) -> pypsa.Network:
    return assemble(tiny_scenario(year=2030, corridor={"option": "ac", **choice}), tiny_data())


def test_corridor_brings_link_buyer_and_collectors(city: pypsa.Network) -> None:
    with_corridor = corridor()
    link = with_corridor.links.loc["ac corridor"]
    assert (link.bus0, link.bus1, link.p_nom) == ("NW500", "BTH_corridor", 4000)
    assert link.efficiency == pytest.approx(0.965)
    assert set(with_corridor.lines.index) - set(city.lines.index) == {"ac_XZ_NW"}
    assert "BTH_corridor" not in city.buses.index


def test_corridor_buyer_has_three_equal_steps_each_40_lower() -> None:
    network = corridor()
    steps = [f"BTH corridor step {number}" for number in (1, 2, 3)]
    assert list(network.generators.p_nom[steps]) == pytest.approx([4000 / 3] * 3)
    price = -network.generators_t.marginal_cost[steps]
    assert list(price.iloc[0]) == pytest.approx([330, 290, 250])
    assert list(price.iloc[1]) == pytest.approx([214.5, 174.5, 134.5])  # 35 % lower at midday


def test_corridor_takes_the_scenarios_size_price_and_loss() -> None:
    network = corridor(p_nom=2000.0, price=400.0, loss=0.05)
    assert network.links.p_nom["ac corridor"] == 2000
    assert network.links.efficiency["ac corridor"] == pytest.approx(0.95)
    assert -network.generators_t.marginal_cost["BTH corridor step 1"].iloc[0] == pytest.approx(400)


def test_four_gigawatt_ac_corridor_costs_0_51_bn_a_year() -> None:
    """Calibration section 5: 4 GW x 420 km."""
    link = corridor().links.loc["ac corridor"]
    assert link.capital_cost == pytest.approx(3734 * 420 * LINE_ANNUITY)
    assert link.capital_cost * link.p_nom == pytest.approx(0.51e9, rel=0.01)


def test_eight_gigawatt_dc_corridor_costs_0_85_to_1_1_bn_a_year() -> None:
    network = assemble(tiny_scenario(year=2030, corridor={"option": "dc"}), tiny_data())
    link = network.links.loc["dc corridor"]
    assert 0.85e9 < link.capital_cost * link.p_nom < 1.1e9
    assert "dc_XZ_NW" in network.lines.index
    assert "ac_XZ_NW" not in network.lines.index


@pytest.mark.parametrize("factor", [1.0, 1.6])
def test_collector_costs_the_annuity_of_its_table_whatever_the_line_factor(factor: float) -> None:
    network = assemble(tiny_scenario(year=2030, corridor={"option": "ac"}, grid={"line_factor": factor}), tiny_data())
    line = network.lines.loc["ac_XZ_NW"]
    assert line.is_new
    assert line.capital_cost * line.s_nom == pytest.approx(193.5e6 * LINE_ANNUITY)


def test_corridor_before_its_year_is_refused() -> None:
    """An overlay may say that the corridor comes later than the year any corridor may."""
    corridors = tiny_data().tables["corridors"].assign(earliest_year=2035)
    with pytest.raises(ScenarioError) as caught:
        assemble(tiny_scenario(year=2030, corridor={"option": "ac"}), tiny_data(tables={"corridors": corridors}))
    (found,) = caught.value.findings
    assert found.code == "too-early"
    assert found.where.path == "corridor.option"
    assert "2030" in found.found
    assert "2035" in found.expected


def test_corridor_in_2026_never_becomes_a_scenario() -> None:
    with pytest.raises(ScenarioError, match="2029"):
        tiny_scenario(year=2026, corridor={"option": "ac"})


def test_island_is_refused_and_named() -> None:
    data = tiny_data()
    lines = data.tables["lines"].drop(index="C02")
    with pytest.raises(FormulationError) as caught:
        assemble(tiny_scenario(), tiny_data(tables={"lines": lines}))
    (found,) = caught.value.findings
    assert found.code == "island"
    assert "N220_Beta" in found.found
    assert "N220_Alpha" not in found.found


def test_bus_without_load_or_plant_may_stand_alone() -> None:
    tables = tiny_data().tables
    lines = tables["lines"].copy()
    lines.loc["C02", "bus1"] = "XZ500"
    lines = lines.drop(index="L01")  # leaves NW500 alone, and nothing is there
    network = assemble(tiny_scenario(), tiny_data(tables={"lines": lines}))
    assert "NW500" in network.buses.index


def test_network_is_plain_pypsa(city: pypsa.Network) -> None:
    assert type(city) is pypsa.Network
    assert city.meta["label"] == "by hand"
