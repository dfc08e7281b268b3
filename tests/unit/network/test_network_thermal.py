"""Coal, gas and biomass, worked by hand on four hours (winter heating, winter heating, spring, spring)."""

from __future__ import annotations

import numpy as np
import pypsa
import pytest

from tiny_grid import tiny_data, tiny_scenario
from xinzhou_energy.network import assemble


@pytest.fixture(scope="module")
def city() -> pypsa.Network:
    return assemble(tiny_scenario(), tiny_data())


def band(network: pypsa.Network, name: str) -> tuple[list[float], list[float]]:
    lower = network.get_switchable_as_dense("Generator", "p_min_pu")[name]
    upper = network.get_switchable_as_dense("Generator", "p_max_pu")[name]
    return list(lower.round(6)), list(upper.round(6))


def test_coal_runs_between_minimum_load_times_online_and_online(city: pypsa.Network) -> None:
    lower, upper = band(city, "K1 K1 name")
    assert upper == [0.80, 0.80, 0.62, 0.62]
    assert lower == [0.32, 0.32, 0.248, 0.248]  # 0.40 x online


def test_heating_plant_keeps_a_higher_floor_in_the_heating_season_only(city: pypsa.Network) -> None:
    lower, _ = band(city, "K2 K2 name")
    assert lower == [0.40, 0.40, 0.248, 0.248]  # 0.50 x 0.80, then 0.40 x 0.62


def test_heating_floor_does_not_touch_plants_without_heat() -> None:
    city = assemble(tiny_scenario(), tiny_data(calibration={"minimum_load_chp_heating": 0.6}))
    assert band(city, "K1 K1 name")[0] == [0.32, 0.32, 0.248, 0.248]
    assert band(city, "K2 K2 name")[0][:2] == [0.48, 0.48]


def test_gas_and_biomass_contracts_run_evenly_over_the_horizon(city: pypsa.Network) -> None:
    gas, biomass = band(city, "G1 G1 name"), band(city, "M1 M1 name")
    assert gas == ([0.5] * 4, [0.9] * 4)  # 2 full-load hours in 4
    assert biomass == ([0.75] * 4, [0.9] * 4)  # 3 full-load hours in 4


def test_coal_cost_is_fuel_and_operation_and_one_adder_that_holds_carbon(city: pypsa.Network) -> None:
    plant = city.generators.loc["K1 K1 name"]
    assert plant.fuel_cost == pytest.approx(81 / 0.395)  # 205.06
    assert plant.variable_om_cost == 20
    assert plant.co2_intensity == pytest.approx(0.3361 / 0.395)  # 0.8509 t/MWh
    assert plant.carbon_cost == pytest.approx(62.36 * 0.3361 / 0.395)  # 53.06
    assert plant.carbon_cost + plant.start_cost == pytest.approx(70)
    assert plant.marginal_cost == pytest.approx(81 / 0.395 + 20 + 70)


def test_carbon_part_never_exceeds_the_adder() -> None:
    city = assemble(tiny_scenario(), tiny_data(calibration={"coal_cost_adder": 50.0}))
    plant = city.generators.loc["K1 K1 name"]
    assert (plant.carbon_cost, plant.start_cost) == (50, 0)


def test_gas_pays_fuel_and_operation_without_adder(city: pypsa.Network) -> None:
    plant = city.generators.loc["G1 G1 name"]
    assert plant.marginal_cost == pytest.approx(165 / 0.48 + 20)
    assert (plant.carbon_cost, plant.start_cost) == (0, 0)


def test_cost_parts_add_up_to_marginal_cost_everywhere(city: pypsa.Network) -> None:
    parts = ["fuel_cost", "variable_om_cost", "carbon_cost", "start_cost", "penalty_cost"]
    for table in (city.generators[city.generators.kind != "market"], city.storage_units):
        np.testing.assert_allclose(table[parts].sum(axis=1), table.marginal_cost, rtol=1e-12)


def test_standing_plants_carry_no_yearly_cost(city: pypsa.Network) -> None:
    standing = city.generators[(city.generators.kind == "plant") & ~city.generators.is_new.astype(bool)]
    assert (standing.capital_cost == 0).all()
    assert (city.storage_units.capital_cost == 0).all()


def test_new_coal_costs_0_39_bn_per_gigawatt_and_year() -> None:
    """Calibration section 5; 3,998 CNY/kW over 30 years at 6 %, and 2.5 % fixed operation."""
    city = assemble(tiny_scenario(projects={"K3": {"in_service": True}}), tiny_data())
    plant = city.generators.loc["K3 K3 name"]
    annuity = 0.06 / (1 - 1.06**-30)
    assert plant.capital_cost == pytest.approx(3.998e6 * (annuity + 0.025))
    assert plant.capital_cost * 1000 == pytest.approx(0.39e9, rel=0.01)
    assert plant.is_new
    assert plant.p_nom == 1320


def test_ramps_come_from_the_table(city: pypsa.Network) -> None:
    assert city.generators.ramp_limit_up["K1 K1 name"] == 0.5
    assert city.generators.ramp_limit_down["G1 G1 name"] == 1.0


def test_slack_stands_where_a_plant_must_run_and_is_as_large_as_these_plants(city: pypsa.Network) -> None:
    slack = city.generators[city.generators.kind == "must_run_slack"]
    assert dict(zip(slack.bus, slack.p_nom, strict=True)) == {"N220_Alpha": 430, "N220_Beta": 144, "XZ500": 1000}
    assert set(slack.sign) == {-1}
    assert set(slack.marginal_cost) == {5000}


def test_load_shedding_covers_each_peak_at_the_value_of_lost_load(city: pypsa.Network) -> None:
    shedding = city.generators[city.generators.kind == "load_shedding"]
    sizes = dict(zip(shedding.bus, shedding.p_nom, strict=True))
    assert sizes == pytest.approx({"N220_Alpha": 825, "N220_Beta": 300})
    assert set(shedding.marginal_cost) == {20000}
