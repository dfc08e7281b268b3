from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import small_city as city

from xinzhou_energy.results.stored_value import charging_worth, least_value, next_follows, store_hours


def one_store(prices, *, charge, discharge, level, cyclic=True, weeks=None):
    """A store of 10 MW and 20 MWh, 0.8 each way, that did what the test says. [MW, MWh, CNY/MWh]"""
    network = city.empty_city(pd.date_range("2026-04-10", periods=len(prices), freq="h"))
    city.add_storage(network, "store", "A", "battery", 10.0, max_hours=2.0, efficiency=0.8, fee=10.0)
    network.storage_units["cyclic_state_of_charge"] = cyclic
    network.buses_t.marginal_price["A"] = prices
    for name, values in (("p_store", charge), ("p_dispatch", discharge), ("state_of_charge", level)):
        network.storage_units_t[name]["store"] = pd.Series(values, index=network.snapshots, dtype=float)
    network.meta = {"weeks": {"starts": [str(network.snapshots[hour]) for hour in weeks]}} if weeks else {}
    return network


def worth(network):
    return charging_worth(network, network.storage_units)[:, 0]


def test_full_store_is_worth_what_its_energy_brings_when_the_spell_has_ended():
    network = one_store(
        [5.0, 5.0, 5.0, 90.0, 300.0],
        charge=[0.0, 0.0, 0.0, 0.0, 0.0],
        discharge=[0.0, 0.0, 0.0, 0.0, 8.0],
        level=[20.0, 20.0, 20.0, 20.0, 10.0],
    )
    # 300 less the fee of 10, 0.8 out and 0.8 in; at 90 energy is not taken out, and charging is dear
    assert worth(network) == pytest.approx([0.8 * 0.8 * 290 - 5] * 3 + [0.8 * 0.8 * 290 - 90, 0.0])


@pytest.mark.parametrize("filled", range(3))
def test_worth_does_not_depend_on_which_of_equal_hours_fills_the_store(filled):
    charge = np.zeros(4)
    charge[filled] = 5.0
    level = 16.0 + 0.8 * np.cumsum(charge)
    level[3] = 16.0
    discharge = [0.0, 0.0, 0.0, 3.2]
    network = one_store([5.0, 5.0, 5.0, 300.0], charge=charge, discharge=discharge, level=level)
    assert worth(network) == pytest.approx([0.8 * 0.8 * 290 - 5] * 3 + [0.0])


def test_charging_limit_is_worth_nothing_where_the_energy_has_no_further_use():
    # all that is charged comes out at the discharging limit, and no other hour pays for it
    bound = one_store([5.0, 40.0, 1.0], charge=[10.0, 0, 0], discharge=[0, 10.0, 0], level=[12.5, 0.0, 0.0])
    assert worth(bound) == pytest.approx([0.0, 0.0, 0.0])
    free = one_store([5.0, 40.0, 1.0], charge=[10.0, 0, 0], discharge=[0, 6.4, 0], level=[8.0, 0.0, 0.0])
    assert worth(free) == pytest.approx([0.8 * 0.8 * 30 - 5, 0.0, 0.0])


def test_energy_passes_the_end_of_a_cyclic_year_but_no_border_of_weeks():
    operation = {"charge": [0, 0, 0, 10.0], "discharge": [4.0, 0, 0, 0], "level": [0.0, 4.0, 6.0, 14.0]}
    prices = [200.0, 5.0, 5.0, 5.0]
    gain = 0.8 * 0.8 * 190 - 5
    assert worth(one_store(prices, **operation))[3] == pytest.approx(gain)
    assert worth(one_store(prices, **operation, cyclic=False))[3] == 0.0
    assert worth(one_store(prices, **operation, weeks=[0, 2]))[3] == 0.0


def test_value_is_never_above_the_dual_of_the_energy_balance_and_mostly_equals_it():
    random = np.random.default_rng(1)
    network = city.empty_city(pd.date_range("2026-04-10", periods=240, freq="h"))
    city.add_load(network, "A", random.uniform(20, 90, 240).round(3).tolist())
    city.add_renewable(network, "A wind", "A", "onwind", 150.0, random.uniform(0, 1, 240).round(3).tolist())
    city.add_coal(network, "A coal", "A", 40.0)
    city.add_slack(network, "A", "load_shedding", price=900.0)
    city.add_storage(network, "store", "A", "battery", 20.0, max_hours=3.0, efficiency=0.9, fee=5.0)
    city.add_storage(network, "small", "A", "battery", 5.0, max_hours=6.0, efficiency=0.95)
    network.optimize.create_model(include_objective_constant=False)
    network.optimize.solve_model(
        solver_name="highs", io_api="direct", progress=False, assign_all_duals=True, output_flag=False
    )
    units = network.storage_units
    value = least_value(store_hours(network, units), next_follows(network, units))
    dual = network.storage_units_t.mu_energy_balance[units.index].to_numpy()
    assert (value <= dual + 1e-6).all()
    assert (np.abs(value - dual) < 1e-6).mean() > 0.8
