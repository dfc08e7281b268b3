"""Technologies, fuels, economics, corridors, demand and calibration against their reference figures."""

from __future__ import annotations

import pytest

from xinzhou_energy.grid.tables import Tables

CARRIERS = {"onwind", "solar", "coal", "hydro", "PHS", "CBM", "biomass", "battery"}


def annuity(rate: float, years: float) -> float:
    return rate / (1 - (1 + rate) ** -years)


def yearly_cost(shipped: Tables, technology: str, mw: float) -> float:
    """Annuity and fixed O&M in bn CNY per year."""
    value = shipped["economics"]["value"]
    rate = annuity(value["system.discount_rate"], value[f"{technology}.lifetime"])
    return mw * value[f"{technology}.capital_cost"] * (rate + value[f"{technology}.fixed_om"]) / 1e9


def test_technologies_use_the_named_carriers(shipped: Tables) -> None:
    assert set(shipped["technologies"]["carrier"]) == CARRIERS


def test_economics_ids_are_technology_and_parameter(shipped: Tables) -> None:
    economics = shipped["economics"]
    assert (economics.index == economics["technology"] + "." + economics["parameter"]).all()


def test_every_technology_has_the_figures_its_shape_needs(shipped: Tables) -> None:
    needed = {
        "thermal": {"efficiency", "variable_om", "capital_cost", "fixed_om", "lifetime", "ramp_limit"},
        "renewable": {"variable_om", "capital_cost", "fixed_om", "lifetime"},
        "hydro": {"variable_om", "max_hours"},
        "storage": {
            "round_trip_efficiency",
            "max_hours",
            "capital_cost",
            "fixed_om",
            "lifetime",
            "variable_om",
        },
    }
    for technology, row in shipped["technologies"].iterrows():
        own = shipped["economics"].loc[shipped["economics"]["technology"] == technology, "parameter"]
        assert needed[row["shape"]] <= set(own), technology
        assert (row["fuel"] != "") == (row["shape"] == "thermal"), technology


def test_yearly_costs_come_out_as_in_the_calibration_report(shipped: Tables) -> None:
    # calibration report section 5, in bn CNY per year at 6 %
    assert yearly_cost(shipped, "onwind", 1000) + yearly_cost(shipped, "solar", 1450) == pytest.approx(0.81, abs=0.01)
    assert yearly_cost(shipped, "coal_1000_usc", 1000) == pytest.approx(0.39, abs=0.01)
    assert yearly_cost(shipped, "battery_2h", 800) == pytest.approx(0.19, abs=0.01)


def test_corridor_costs_come_out_as_in_the_calibration_report(shipped: Tables) -> None:
    rate = shipped["economics"].at["system.discount_rate", "value"]
    cost = {}
    for name, row in shipped["corridors"].iterrows():
        capital = row["p_nom"] * (row["capital_cost"] * row["length_km"] + row["converter_cost"])
        cost[name] = capital * (annuity(rate, row["lifetime"]) + row["fixed_om"]) / 1e9
    assert cost["ac"] == pytest.approx(0.51, abs=0.01)
    assert 0.85 <= cost["dc"] <= 1.1
    assert shipped["corridors"]["p_nom"].to_dict() == {"ac": 4000, "dc": 8000}
    assert shipped["corridors"]["loss"].to_dict() == {"ac": 0.035, "dc": 0.045}
    steps = shipped["corridors"][["price", "midday_discount", "price_step_1", "price_step_2", "price_step_3"]]
    assert (steps.to_numpy() == [330, 0.35, 0, -40, -80]).all()
    assert (shipped["corridors"]["earliest_year"] == 2029).all()


def test_battery_cost_per_mw_is_the_cost_per_mwh_times_hours(shipped: Tables) -> None:
    value = shipped["economics"]["value"]
    for technology, per_mwh in (("battery_2h", 950e3), ("battery_4h", 800e3)):
        assert value[f"{technology}.capital_cost_energy"] == per_mwh
        assert value[f"{technology}.capital_cost"] == per_mwh * value[f"{technology}.max_hours"]


def test_coal_cost_and_emissions_lie_where_the_reference_puts_them(shipped: Tables) -> None:
    # 180-240 CNY/MWh before carbon, 0.80-0.90 t/MWh; waste coal may be somewhat cheaper
    technologies, fuels = shipped["technologies"], shipped["fuels"]
    value, plants = shipped["economics"]["value"], shipped["plants"]
    coal = plants[plants["technology"].str.startswith("coal") & plants["in_service_2025"]]
    cost, emissions = 0.0, 0.0
    for row in coal.itertuples():
        fuel = fuels.loc[technologies.at[row.technology, "fuel"]]
        efficiency = value[f"{row.technology}.efficiency"]
        marginal = fuel["price"] / efficiency + value[f"{row.technology}.variable_om"]
        assert 160 <= marginal <= 260, row.technology
        cost += row.counted_mw * marginal / 7900.1
        emissions += row.counted_mw * fuel["co2"] / efficiency / 7900.1
    assert 180 <= cost <= 240
    assert emissions == pytest.approx(0.864, abs=0.006)


def test_fuel_prices(shipped: Tables) -> None:
    assert shipped["fuels"]["price"].to_dict() == {
        "coal": 81, "waste_coal": 60, "coalbed_methane": 165, "mine_gas": 40, "biomass": 70
    }  # fmt: skip
    fuels = shipped["fuels"]
    assert ((fuels["price_low"] < fuels["price"]) & (fuels["price"] < fuels["price_high"])).all()


def test_carbon_of_a_fuel_is_that_of_its_carrier(shipped: Tables) -> None:
    thermal = shipped["technologies"][shipped["technologies"]["fuel"] != ""]
    of_fuel = shipped["fuels"].loc[thermal["fuel"], "co2"].to_numpy()
    of_carrier = shipped["carriers"].loc[thermal["carrier"], "co2_emissions"].to_numpy()
    assert of_fuel == pytest.approx(of_carrier)


def test_calibration_starts_from_set_b(shipped: Tables) -> None:
    # calibration report section 3, refined cap
    expected = {
        "a_mid": 8500, "a_eve": 9000, "a_w": 0.65, "a_floor": 3500, "a_ceiling": 12000, "q0_night": 1000,
        "q0_midday": 3000, "s": 0.036, "level": 1.15, "coal_cost_adder": 70, "coal_online_winter": 0.80,
        "coal_online_spring": 0.62, "coal_online_summer": 0.75, "coal_online_autumn": 0.65,
        "minimum_load": 0.40, "minimum_load_chp_heating": 0.50,
        "season_factor_winter": 0.80, "season_factor_spring": 1.0,
        "season_factor_summer": 0.90, "season_factor_autumn": 0.90, "kappa": 0.012, "pv_factor": 0.99,
        "phs_duty": 0.65, "phs_use_fee": 25, "hydro_availability": 0.80, "bth_price": 340, "price_floor": 6,
        "tight_a_w_delta": 0.10, "tight_a_mid_delta": -500, "tight_duck": 1.1,
    }  # fmt: skip
    assert shipped["calibration"]["value"][list(expected)].to_dict() == expected


def test_eight_parameters_are_calibrated_and_each_has_room_to_move(shipped: Tables) -> None:
    calibration = shipped["calibration"]
    knobs = calibration[calibration["knob"]]
    assert knobs["group"].nunique() == 8
    assert set(calibration.loc[~calibration["knob"], "group"]) == {"fixed"}
    assert ((knobs["low"] < knobs["value"]) & (knobs["value"] < knobs["high"])).all()


def test_demand(shipped: Tables) -> None:
    assert shipped["demand"]["energy"].to_dict() == {2025: 16.5e6, 2026: 17.2e6, 2030: 21e6}


def test_price_floor_stays_above_the_cost_of_wind_after_losses(shipped: Tables) -> None:
    floor = shipped["calibration"].at["price_floor", "value"]
    for technology in ("onwind", "solar"):
        cost = shipped["economics"].at[f"{technology}.variable_om", "value"]
        assert floor * shipped["links"].at["RS_RS_market", "efficiency"] > cost > 0
