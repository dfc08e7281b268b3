"""Pumped storage, batteries, river hydro, wind and solar fleets, worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pypsa
import pytest

from tiny_grid import tiny_data, tiny_scenario
from xinzhou_energy.network import assemble
from xinzhou_energy.solve import Solution


@pytest.fixture(scope="module")
def city() -> pypsa.Network:
    return assemble(tiny_scenario(), tiny_data())


def test_pumped_storage_serves_the_city_with_its_duty_only(city: pypsa.Network) -> None:
    unit = city.storage_units.loc["S1 S1 name"]
    assert unit.p_nom == 1200
    assert (unit.p_max_pu, unit.p_min_pu) == (0.65, -0.65)
    assert unit.max_hours * unit.p_nom == pytest.approx(0.65 * 6 * 1200)  # MWh


def test_pumped_storage_pays_its_fee_per_discharged_energy(city: pypsa.Network) -> None:
    unit = city.storage_units.loc["S1 S1 name"]
    assert unit.marginal_cost == 25
    assert unit.variable_om_cost == 25


def test_round_trip_is_lost_half_each_way(city: pypsa.Network) -> None:
    unit = city.storage_units.loc["S1 S1 name"]
    assert unit.efficiency_store == unit.efficiency_dispatch == pytest.approx(0.75**0.5)


def test_solved_pumped_storage_returns_three_quarters_and_ends_as_it_began(
    solve_now: Callable[..., Solution],
) -> None:
    """Prices of 6 and 345 CNY/MWh make it run: what comes out is 0.75 of what goes in."""
    scenario = tiny_scenario()
    data = tiny_data(calibration={"a_floor": 0.0, "level": 1.25})
    city = assemble(scenario, data)
    city.generators.loc["K1 K1 name", "marginal_cost"] = 1.0
    solve_now(city, scenario)
    unit = "S1 S1 name"
    stored = city.storage_units_t.p_store[unit].sum()
    released = city.storage_units_t.p_dispatch[unit].sum()
    assert released > 100
    assert released == pytest.approx(0.75 * stored)
    assert city.storage_units_t.p_dispatch[unit].max() <= 780 + 1e-6


def test_battery_size_cost_and_bus_follow_the_scenario() -> None:
    """Calibration section 5: 800 MW of 2 h cost 0.19 bn CNY a year."""
    city = assemble(tiny_scenario(batteries={"XZ500": {"p_nom": 800.0, "max_hours": 2.0}}), tiny_data())
    battery = city.storage_units.loc["XZ500 battery"]
    assert (battery.bus, battery.p_nom, battery.max_hours) == ("XZ500", 800, 2)
    annuity = 0.06 / (1 - 1.06**-15)
    assert battery.capital_cost == pytest.approx(0.95e6 * 2 * (annuity + 0.02))
    assert battery.capital_cost * 800 == pytest.approx(0.19e9, rel=0.02)
    assert battery.efficiency_store * battery.efficiency_dispatch == pytest.approx(0.86)
    assert battery.is_new
    assert not battery.is_clean  # outside the official clean total


def test_longer_battery_takes_the_four_hour_price() -> None:
    city = assemble(tiny_scenario(batteries={"N220_Beta": {"p_nom": 100.0, "max_hours": 3.0}}), tiny_data())
    battery = city.storage_units.loc["N220_Beta battery"]
    assert battery.technology == "battery_4h"
    assert battery.county == "Beta"
    assert battery.capital_cost == pytest.approx(0.80e6 * 3 * (0.06 / (1 - 1.06**-15) + 0.02))


def test_river_inflow_is_potential_times_availability_times_size(city: pypsa.Network) -> None:
    inflow = city.storage_units_t.inflow["H1 H1 name"]
    assert list(inflow) == pytest.approx([216, 216, 108, 108])  # 0.8 x 540 x (0.5, 0.5, 0.25, 0.25)
    unit = city.storage_units.loc["H1 H1 name"]
    assert unit.p_min_pu == 0
    assert unit.max_hours == 12
    assert unit.marginal_cost == 0


def test_river_generates_no_more_than_it_receives(solve_now: Callable[..., Solution]) -> None:
    scenario = tiny_scenario()
    city = assemble(scenario, tiny_data())
    solve_now(city, scenario)
    output = city.storage_units_t.p["H1 H1 name"]
    assert output.sum() <= 648 + 1e-6
    assert output.min() >= -1e-9


def test_fleet_at_one_bus_is_one_generator_of_their_sum(city: pypsa.Network) -> None:
    wind = city.generators[city.generators.carrier == "onwind"]
    assert dict(wind.p_nom) == {"N220_Alpha onwind": 100, "N220_Beta onwind": 100}


def test_fleet_keeps_every_megawatt_of_the_plant_list(city: pypsa.Network) -> None:
    listed = tiny_data().tables["plants"]
    for technology in ("onwind", "solar"):
        counted = listed.loc[listed.technology == technology, "counted_mw"].sum()
        assert city.generators.p_nom[city.generators.carrier == technology].sum() == counted


def test_wind_and_solar_availability_carry_their_factor(city: pypsa.Network) -> None:
    available = city.generators_t.p_max_pu
    assert list(available["N220_Alpha onwind"]) == [0.5, 0.2, 0.9, 0.0]
    assert list(available["N220_Beta solar"]) == pytest.approx([0, 0.594, 0, 0.891])  # 0.99 x profile


def test_availability_never_exceeds_one() -> None:
    city = assemble(tiny_scenario(), tiny_data(calibration={"wind_factor": 1.2}))
    assert city.generators_t.p_max_pu["N220_Beta onwind"].max() == 1.0


def test_wind_project_is_kept_apart_and_has_the_new_turbine() -> None:
    tables = tiny_data().tables
    plants = pd.concat([tables["plants"], tables["plants"].loc[["W3"]].assign(counted_mw=0.0).set_axis(["W9"])])
    city = assemble(tiny_scenario(projects={"W9": {"in_service": True}}), tiny_data(tables={"plants": plants}))
    new = city.generators.loc["N220_Beta onwind project"]
    assert new.is_new
    assert new.p_nom == 100
    assert list(city.generators_t.p_max_pu["N220_Beta onwind project"]) == [0.5, 0.2, 1.0, 0.4]
    assert list(city.generators_t.p_max_pu["N220_Beta onwind"]) == [0.4, 0.1, 1.0, 0.3]
