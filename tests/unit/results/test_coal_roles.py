from __future__ import annotations

import pandas as pd
import pytest
import small_city as city

from xinzhou_energy.results.registry import discover

ROLES = ("economic", "heat_minimum", "minimum")


def rows(network, metric):
    group = next(group for group in discover().values() if metric in group.units)
    found = group.function(network)
    return found[found["metric"] == metric]


def value(network, metric, statistic, **keys):
    wanted = {"statistic": statistic, "carrier": "", "location": "", "component": ""} | keys
    table = rows(network, metric)
    found = table[(table[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    assert len(found) == 1, found
    return float(found["value"].iloc[0])


def coal_city(*snapshots, load, heat_minimum=0.5):
    """A heating plant at A and a plain one at B, 100 MW each, online 0.9 in winter, else 0.8; an hour stands for 10."""
    network = city.empty_city(city.hours(*snapshots), energy_weight=10.0, cost_weight=10.0)
    is_cold = network.snapshots.month.isin([11, 12, 1, 2, 3])
    online = pd.Series(0.9, index=network.snapshots).where(is_cold, 0.8)
    heat = pd.Series(heat_minimum, index=network.snapshots).where(is_cold, 0.4)
    for bus, name, least in (("A", "P1 heat", heat), ("B", "P2 plain", 0.4)):
        city.add_coal(network, name, bus, 100.0, p_min_pu=least * online, p_max_pu=online)
        city.add_load(network, bus, load)
        city.add_slack(network, bus, "must_run_slack", price=500.0)
    return city.solve(network)


def test_output_is_split_into_energy_that_pays_heat_and_other_minimum():
    network = coal_city("2026-01-10 18:00", "2026-04-10 12:00", load=[60.0, 50.0])
    # P1: 45 of heat and 15 more in January, 32 and 18 in April; P2: 36 and 24, 32 and 18; each hour ten times
    assert value(network, "coal_energy_role", "heat_minimum") == pytest.approx(450.0)
    assert value(network, "coal_energy_role", "heat_minimum", location="Kelan") == 0.0
    assert value(network, "coal_energy_role", "minimum") == pytest.approx(10 * (32 + 36 + 32))
    assert value(network, "coal_energy_role", "economic") == pytest.approx(10 * (15 + 18 + 24 + 18))
    assert value(
        network, "coal_energy_role", "economic", carrier="coal", location="Hequ", component="P1 heat"
    ) == pytest.approx(330.0)


def test_roles_add_up_to_the_generation_of_coal():
    network = coal_city("2026-01-10 18:00", "2026-04-10 12:00", load=[60.0, 50.0])
    for keys in ({"carrier": "coal"}, {"carrier": "coal", "location": "Kelan"}):
        total = sum(value(network, "coal_energy_role", role, **keys) for role in ROLES)
        assert total == pytest.approx(value(network, "generation", "sum", **keys))


def test_heat_is_not_told_from_other_minimum_where_a_season_is_missing_or_the_minimum_is_the_same():
    winter = coal_city("2026-01-10 18:00", "2026-01-10 19:00", load=[60.0, 50.0])
    flat = coal_city("2026-01-10 18:00", "2026-04-10 12:00", load=[60.0, 50.0], heat_minimum=0.4)
    for network in (winter, flat):
        assert value(network, "coal_energy_role", "heat_minimum") == 0.0
        assert value(network, "coal_energy_role", "minimum") > 0


def test_capacity_is_that_online_in_the_tightest_winter_evening():
    network = coal_city("2026-01-10 18:00", "2026-01-10 20:00", "2026-07-10 18:00", load=[60.0, 70.0, 80.0])
    network.generators_t.p_max_pu["P1 heat"] = [0.5, 0.8, 0.9]
    network.generators_t.p_max_pu["P2 plain"] = [0.9, 0.8, 0.9]
    # margin 140 - 120 and 160 - 140: equal; with 5 MW more load at A the second is the tightest
    network.loads_t.p_set["A load"] = [60.0, 75.0, 80.0]
    assert value(network, "coal_capacity_role", "winter_evening") == pytest.approx(160.0)
    assert value(network, "coal_capacity_role", "winter_evening", location="Hequ") == pytest.approx(80.0)
    assert value(network, "winter_evening_margin", "min") == pytest.approx(15.0)


def test_capacity_has_no_row_without_winter_evenings():
    assert rows(coal_city("2026-07-10 18:00", "2026-01-10 12:00", load=[60.0, 50.0]), "coal_capacity_role").empty


def test_heat_of_quick_is_that_of_its_chp_plants(quick_network):
    table = rows(quick_network, "coal_energy_role")
    heat = table[(table["statistic"] == "heat_minimum") & (table["component"] != "") & (table["value"] > 0)]
    technology = quick_network.generators.technology[heat["component"]]
    assert len(heat) > 0
    assert technology.str.contains("chp").all()
    total = sum(value(quick_network, "coal_energy_role", role) for role in ROLES)
    assert total == pytest.approx(value(quick_network, "generation", "sum", carrier="coal"))
