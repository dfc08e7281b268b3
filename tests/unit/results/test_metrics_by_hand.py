from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
import small_city as city
from hypothesis import given
from hypothesis import strategies as st

from xinzhou_energy.results.operation import plant_power, share_pro_rata, variable_renewables
from xinzhou_energy.results.registry import discover


def value(network, metric, statistic="", carrier="", location="", component=""):
    """Return one number of the function that is registered for a metric."""
    name, group = next((name, group) for name, group in discover().items() if metric in group.units)
    computed = network.__dict__.setdefault("computed", {})
    if name not in computed:
        computed[name] = group.function(network)
    rows = computed[name]
    found = rows[
        (rows["metric"] == metric)
        & (rows["statistic"].eq(statistic) | (statistic == ""))
        & (rows["carrier"] == carrier)
        & (rows["location"] == location)
        & (rows["component"] == component)
    ]
    assert len(found) == 1, found
    return float(found["value"].iloc[0])


def surplus_city(*, wind_om=1.0, solar_om=1.0):
    """60 MW of wind and 40 MW of sun at one bus for a load of 50 MW: 50 MW too many."""
    network = city.empty_city(city.hours("2026-04-10 12:00"), energy_weight=10.0, cost_weight=10.0)
    city.add_load(network, "A", [50.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.6], variable_om=wind_om)
    city.add_renewable(network, "A sun", "A", "solar", 80.0, [0.5], variable_om=solar_om)
    return city.solve(network)


def test_curtailment_of_equal_cost_is_shared_pro_rata_whatever_the_solver_chose():
    network = surplus_city()
    solved = network.generators_t.p.loc["2026-04-10 12:00"]
    # a vertex uses one of the two fully or not at all: 50 + 0 or 10 + 40, never in proportion
    assert sorted(solved.round(6)) in ([0.0, 50.0], [10.0, 40.0])
    # used share 50 / 100: wind 30 MW, sun 20 MW; unused 30 and 20 MW, for 10 h
    assert value(network, "generation", carrier="onwind") == pytest.approx(300.0)
    assert value(network, "generation", carrier="solar") == pytest.approx(200.0)
    assert value(network, "curtailment", "sum", carrier="onwind") == pytest.approx(300.0)
    assert value(network, "curtailment", "sum", location="Hequ") == pytest.approx(500.0)
    assert value(network, "curtailment_share", "mean", carrier="solar") == pytest.approx(50.0)
    assert value(network, "utilisation", "mean") == pytest.approx(50.0)
    assert value(network, "curtailment_share_monthly", "month_04") == pytest.approx(50.0)
    assert value(network, "curtailment_hours") == pytest.approx(10.0)
    assert value(network, "curtailment_peak") == pytest.approx(50.0)
    # hours: potential 60 x 10 / 100 and 40 x 10 / 80; after curtailment half of it
    assert value(network, "potential_hours", carrier="onwind") == pytest.approx(6.0)
    assert value(network, "full_load_hours", carrier="onwind") == pytest.approx(3.0)
    assert value(network, "renewable_hours") == pytest.approx(500.0 / 180.0)
    assert value(network, "availability") == pytest.approx(1000.0)


def test_a_cheaper_generator_is_another_price_group():
    network = surplus_city(solar_om=0.5)
    # sun first: all 40 MW of it, then 10 of 60 MW of wind
    assert value(network, "curtailment", "sum", carrier="solar") == pytest.approx(0.0, abs=1e-6)
    assert value(network, "curtailment", "sum", carrier="onwind") == pytest.approx(500.0)


def two_windy_counties(line_mw, *, coal_mw=0.0, load_mw=100.0):
    """100 MW of wind in A and 20 MW in B, load in B."""
    network = city.empty_city(city.hours("2026-04-10 12:00"))
    city.add_line(network, "A", "B", line_mw)
    city.add_load(network, "B", [load_mw])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [1.0])
    city.add_renewable(network, "B wind", "B", "onwind", 20.0, [1.0])
    city.add_coal(network, "P1 coal", "B", coal_mw)
    return city.solve(network)


def test_without_a_binding_line_zone_curtailment_is_shared_over_counties():
    network = two_windy_counties(1000.0, load_mw=60.0)
    # 60 of 120 MW are used, price 1 at both buses: half is curtailed in either county
    assert value(network, "curtailment", "zone", location="Hequ") == pytest.approx(50.0)
    assert value(network, "curtailment", "zone", location="Kelan") == pytest.approx(10.0)
    by_bus = value(network, "curtailment", "sum", location="Hequ")
    assert by_bus + value(network, "curtailment", "sum", location="Kelan") == pytest.approx(60.0)
    assert value(network, "curtailment_share", "zone") == pytest.approx(50.0)


def test_behind_a_binding_line_zone_curtailment_stays_where_it_is():
    network = two_windy_counties(30.0, coal_mw=100.0)
    # 30 MW leave A; B uses its 20 MW and 50 MW of coal, so its price is 240
    assert value(network, "curtailment", "zone", location="Hequ") == pytest.approx(70.0)
    assert value(network, "curtailment", "zone", location="Kelan") == pytest.approx(0.0, abs=1e-6)
    assert value(network, "line_loading", "max", component="A-B") == pytest.approx(100.0)
    assert value(network, "line_hours_at_limit", component="A-B") == pytest.approx(1.0)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 1), st.integers(0, 2)), min_size=1, max_size=8))
def test_sharing_keeps_every_group_total_and_no_one_exceeds_what_was_available(generators):
    names = [f"g{number}" for number in range(len(generators))]
    available = pd.DataFrame([[size for size, _, _ in generators]], columns=names)
    used = pd.DataFrame([[size * part for size, part, _ in generators]], columns=names)
    group = pd.Series([key for _, _, key in generators], index=names)
    shared = share_pro_rata(available, used, group)
    pd.testing.assert_frame_equal(
        shared.T.groupby(group).sum(), used.T.groupby(group).sum(), check_names=False, atol=1e-9, rtol=1e-9
    )
    assert (shared.to_numpy() <= available.to_numpy() + 1e-9).all()
    assert (shared.to_numpy() >= 0).all()


@functools.cache
def trading_city():
    """Coal of 100 MW, a load of 50, 50 and 130 MW, and a buyer of 18 MW behind 10 % loss.

    Energy weights 2, 4, 1 h and cost weights 3, 5, 2 h differ, so that using the wrong ones shows.
    """
    network = city.empty_city(
        city.hours("2026-01-10 18:00", "2026-04-10 12:00", "2026-07-10 03:00"),
        energy_weight=[2.0, 4.0, 1.0],
        cost_weight=[3.0, 5.0, 2.0],
    )
    city.add_load(network, "A", [50.0, 50.0, 130.0])
    city.add_coal(network, "P1 coal", "A", 100.0)
    city.add_renewable(network, "A sun", "A", "solar", 10.0, [0.0, 0.0, 0.0], is_new=True, capital_cost=1000.0)
    city.add_border(network, "A", "corridor", price=400.0, p_nom=18.0, efficiency=0.9, charge=5.0)
    city.add_slack(network, "A", "load_shedding", price=10_000.0)
    city.add_slack(network, "A", "must_run_slack", price=500.0)
    return city.solve(network)


def test_cost_split_adds_up_to_the_objective():
    network = trading_city()
    # coal 70, 70, 100 MW; sent 20, 20, 0 MW; shed 0, 0, 30 MW; weighted coal energy 210 + 350 + 200 = 760 MWh
    expected = {
        "fuel": 150 * 760.0,
        "variable_om": 20 * 760.0,
        "carbon": 50 * 760.0,
        "starts": 20 * 760.0,
        "transmission_charge": 5 * 20 * 8.0,
        "load_shedding": 10_000 * 30 * 2.0,
        "must_run_slack": 0.0,
        "storage_fee": 0.0,
        "other": 0.0,
        "export_revenue": -400 * 18 * 8.0,
        "annuity_new": 1000 * 10.0,
    }
    found = {part: value(network, "cost", part) for part in expected}
    assert found == pytest.approx(expected, abs=1e-6)
    objective = sum(expected.values()) - expected["annuity_new"]
    assert network.objective == pytest.approx(objective)
    assert value(network, "operating_cost") == pytest.approx(objective)
    assert value(network, "objective_gap") == pytest.approx(0.0, abs=1e-6)
    assert value(network, "net_system_cost") == pytest.approx(network.objective + 10_000.0)
    assert value(network, "gross_system_cost") == pytest.approx(network.objective + 10_000.0 + 57_600.0)
    assert value(network, "cost", "export_revenue", location="corridor") == pytest.approx(-57_600.0)
    assert value(network, "cost", "fuel", carrier="coal") == pytest.approx(114_000.0)


def test_exports_count_at_the_citys_end_and_at_the_buyer():
    network = trading_city()
    assert value(network, "export_sent", location="corridor") == pytest.approx(20 * 6.0)
    assert value(network, "export_delivered") == pytest.approx(18 * 6.0)
    assert value(network, "export_losses") == pytest.approx(2 * 6.0)
    assert value(network, "net_outflow") == pytest.approx(120.0)
    assert value(network, "outflow_mean") == pytest.approx(120.0 / 7)
    assert value(network, "peak_outflow") == pytest.approx(20.0)
    assert value(network, "spring_midday_peak_outflow") == pytest.approx(20.0)


def test_energy_emissions_and_coal_use_energy_weights():
    network = trading_city()
    # coal 70 x 2 + 70 x 4 + 100 x 1 = 520 MWh
    assert value(network, "generation", component="P1 coal", carrier="coal", location="Hequ") == pytest.approx(520.0)
    assert value(network, "full_load_hours", carrier="coal") == pytest.approx(5.2)
    assert value(network, "co2") == pytest.approx(0.9 * 520)
    assert value(network, "co2_intensity", carrier="coal") == pytest.approx(0.9)
    assert value(network, "standard_coal") == pytest.approx(520 / 0.4 / 8.141)
    assert value(network, "coal_rate") == pytest.approx(1000 / 0.4 / 8.141)
    assert value(network, "load") == pytest.approx(50 * 6 + 130)
    assert value(network, "peak_load") == pytest.approx(130.0)
    assert value(network, "unserved_energy") == pytest.approx(30.0)
    assert value(network, "unserved_energy", location="Hequ") == pytest.approx(30.0)
    assert value(network, "unserved_hours") == pytest.approx(1.0)
    assert value(network, "must_run_slack_energy") == pytest.approx(0.0, abs=1e-9)


def test_capacity_new_and_clean_share():
    network = trading_city()
    assert value(network, "capacity") == pytest.approx(110.0)
    assert value(network, "capacity_new", carrier="solar") == pytest.approx(10.0)
    assert value(network, "capacity_clean") == pytest.approx(10.0)
    assert value(network, "clean_share") == pytest.approx(100 * 10 / 110)


def test_capture_price_and_price_statistics_use_energy_weights():
    network = city.empty_city(
        city.hours("2026-01-10 18:00", "2026-01-10 19:00", "2026-04-10 12:00"),
        energy_weight=[1.0, 1.0, 3.0],
        cost_weight=[7.0, 7.0, 9.0],
    )
    city.add_load(network, "A", [50.0, 50.0, 50.0])
    city.add_coal(network, "P1 coal", "A", 100.0)
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.1, 0.1, 1.0])
    city.solve(network)
    # prices 240, 240, 1; wind 10, 10, 50 MW: value 2400 + 2400 + 150 = 4950 CNY for 170 MWh; mean price 483 / 5
    assert value(network, "market_value", carrier="onwind") == pytest.approx(4950.0)
    assert value(network, "capture_price", carrier="onwind") == pytest.approx(4950 / 170)
    assert value(network, "value_factor", carrier="onwind") == pytest.approx(4950 / 170 / 96.6)
    assert value(network, "price", "mean") == pytest.approx(96.6)
    assert value(network, "price", "load_weighted_mean") == pytest.approx(96.6)
    assert value(network, "price", "q50") == pytest.approx(1.0)
    assert value(network, "price", "q75") == pytest.approx(240.0)
    assert value(network, "price", "evening") == pytest.approx(240.0)
    assert value(network, "price", "spring_midday") == pytest.approx(1.0)
    assert value(network, "price_hours_below_50") == pytest.approx(3.0)
    assert value(network, "price_hours_above_400") == pytest.approx(0.0)
    assert value(network, "price_month_hour", "month_01_hour_19") == pytest.approx(240.0)
    assert value(network, "price_bus", location="Hequ", component="A") == pytest.approx(96.6)


def test_city_price_weighs_counties_by_load():
    network = two_windy_counties(30.0, coal_mw=100.0)
    city.add_load(network, "A", [10.0])
    city.solve(network)
    # A at 1, B at 240; loads 10 and 100 MW
    assert value(network, "price", "mean") == pytest.approx((10 * 1 + 100 * 240) / 110)


def test_storage_cycles_losses_and_fee():
    network = city.empty_city(city.hours("2026-07-10 12:00", "2026-07-10 13:00"), energy_weight=10.0, cost_weight=10.0)
    city.add_load(network, "A", [20.0, 20.0])
    city.add_coal(network, "P1 coal", "A", 100.0)
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [1.0, 0.0])
    city.add_storage(network, "PHS", "A", "PHS", 10.0, max_hours=4.0, duty=0.5, fee=25.0)
    city.solve(network)
    # charges its duty of 5 MW, keeps 4.5 MWh, gives 4.05 MW; a reservoir of 40 MWh; the pair of hours stands for ten
    assert value(network, "storage_charge") == pytest.approx(50.0)
    assert value(network, "storage_discharge") == pytest.approx(40.5)
    assert value(network, "storage_losses") == pytest.approx(9.5)
    assert value(network, "storage_cycles") == pytest.approx(45 / 40)
    assert value(network, "storage_hours", carrier="PHS") == pytest.approx(4.05)
    assert value(network, "storage_duty_hours", carrier="PHS") == pytest.approx(8.1)
    assert value(network, "cost", "storage_fee") == pytest.approx(25 * 40.5)
    assert value(network, "cost", "variable_om") == pytest.approx(10 * (25 * 1 + 20 * 15.95))
    assert value(network, "objective_gap") == pytest.approx(0.0, abs=1e-6)
    # what storage gives back is no generation: wind 25 MW, coal 15.95 MW
    assert value(network, "generation") == pytest.approx(10 * (25 + 15.95))


def test_winter_evening_margin_takes_the_tightest_hour_of_winter_evenings():
    network = city.empty_city(
        city.hours("2026-01-10 18:00", "2026-01-10 21:00", "2026-01-10 22:00", "2026-07-10 18:00")
    )
    city.add_load(network, "A", [60.0, 70.0, 200.0, 200.0])
    city.add_plant(network, "P1 coal", "A", "coal", 100.0, p_max_pu=0.8, cost=city.COAL_COST, efficiency=0.4)
    city.add_renewable(network, "A wind", "A", "onwind", 60.0, [0.5, 0.1, 0.1, 0.1])
    city.add_storage(network, "PHS", "A", "PHS", 10.0, max_hours=4.0, duty=0.5)
    city.add_storage(network, "Battery", "A", "battery", 10.0, max_hours=1.0)
    city.add_storage(network, "River", "A", "hydro", 20.0, max_hours=2.0, inflow=[4.0] * 4, efficiency=1.0)
    city.add_slack(network, "A", "load_shedding", price=10_000.0)
    city.solve(network)
    # 21:00: coal 80, wind 6, river 4, PHS its duty 5 (a full reservoir would do 7.2), battery 10 x 1 x 0.9 / 5 = 1.8
    assert value(network, "winter_evening_margin") == pytest.approx(80 + 6 + 4 + 5 + 1.8 - 70)
    assert value(network, "winter_evening_margin_share") == pytest.approx(100 * 26.8 / 70)


def test_spill_is_inflow_that_passes_unused():
    network = city.empty_city(city.hours("2026-07-10 12:00", "2026-07-10 13:00"))
    city.add_load(network, "A", [5.0, 5.0])
    city.add_coal(network, "P1 coal", "A", 10.0)
    city.add_storage(
        network, "River", "A", "hydro", 20.0, max_hours=0.1, inflow=[8.0, 8.0], efficiency=1.0, is_clean=True
    )
    city.solve(network)
    assert value(network, "inflow") == pytest.approx(16.0)
    assert value(network, "spill") == pytest.approx(6.0)
    assert value(network, "generation", carrier="hydro") == pytest.approx(10.0)
    assert value(network, "clean_generation_share") == pytest.approx(100.0)


def test_balance_residual_is_zero_when_solved_and_shows_a_lost_megawatt():
    network = city.solve(city.whole_city())
    assert value(network, "balance_residual") < 1e-6
    network.generators_t.p.loc["2026-04-10 12:00", "P1 coal"] += 5.0
    del network.computed
    assert value(network, "balance_residual") == pytest.approx(5.0)


def test_sharing_keeps_the_energy_of_every_bus():
    network = city.solve(city.whole_city())
    names = variable_renewables(network)
    bus = network.generators.bus[names]
    shared = plant_power(network)[names].T.groupby(bus).sum()
    solved = network.generators_t.p[names].T.groupby(bus).sum()
    np.testing.assert_allclose(shared, solved, atol=1e-9)


def test_line_flows_and_link_losses_reach_the_border():
    network = city.solve(city.whole_city())
    sent = network.links_t.p0["RS500-rest_of_shanxi"]
    assert value(network, "net_outflow") == pytest.approx(10 * sent.sum())
    assert value(network, "net_outflow") == pytest.approx(10 * network.lines_t.p0["B-RS500"].sum())
    assert value(network, "export_losses") == pytest.approx(10 * 0.02 * sent.sum())
