"""Bases, parks and blocks by hand: what is sold, bought and held back in four hours.

Output before curtailment, MW in hours 1 to 4 (new wind and sun of `tiny_grid`, sun times 0.99):

    base_ningwu          100 wind, 200 sun at Beta     50   138.8   100   218.2   export limit 100
    power_system_sgls     50 wind, 100 sun at Alpha    30    94.2    50   104     load 60, limits 30 and 30
    green_park_yuanping            100 sun at Alpha     0    79.2     0    99     load 40, limits not reached
    green_park_wutai               100 sun at Beta      0    59.4     0    89.1   load 40, moved in from Beta
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from small_ledger import Town, asking, build, solved, town

from xinzhou_energy.errors import ScenarioError

PARK, MOVED, SGLS, BASE = "green_park_yuanping", "green_park_wutai", "power_system_sgls", "base_ningwu"
BLOCKS = {PARK: {}, MOVED: {}, SGLS: {}, BASE: {}}
BATTERY = {"p_nom": 40.0, "max_hours": 2.0}


@pytest.fixture(scope="module")
def city() -> Town:
    """Every block in service; 2030 because the base may not run before 2028."""
    return town(BLOCKS, year=2030)


def net_sold(city: Town, name: str) -> list[float]:
    """Return export less import. [MW]"""
    flow = city.network.links_t.p0
    return list((flow[f"{name} export"] - flow[f"{name} import"]).round(6))


def test_a_base_sells_what_its_connection_lets_through(city: Town) -> None:
    assert net_sold(city, BASE) == pytest.approx([50, 100, 100, 100])
    assert city.figure(BASE, "block_generation") == pytest.approx(350)
    assert city.figure(BASE, "block_curtailment") == pytest.approx(38.8 + 118.2)


def test_a_base_counts_the_hours_in_which_output_is_held_back(city: Town) -> None:
    """Hour 3 runs at the limit but holds nothing back."""
    assert city.figure(BASE, "block_limit_hours") == pytest.approx(2)


def test_a_base_misses_by_its_connection_though_its_size_is_there(city: Town) -> None:
    row = city.verdict(BASE)
    assert (row["value"], row["target"], row["unit"], row["margin"]) == (300, 300, "MW", 0)
    assert row["verdict"] == "missed"  # 2 h held back, 1 h allowed


def test_a_base_that_may_be_held_back_longer_is_met(city: Town) -> None:
    assert asking(city, BASE, limit_hours=2.0).verdict(BASE)["verdict"] == "met"
    assert asking(city, BASE, limit_hours=1.99).verdict(BASE)["verdict"] == "missed"


def test_a_block_keeps_its_connection_in_every_hour(city: Town) -> None:
    assert net_sold(city, SGLS) == pytest.approx([-30, 30, -10, 30])
    assert city.figure(SGLS, "block_peak_exchange") == pytest.approx(30)
    assert city.figure(SGLS, "block_limit_hours") == pytest.approx(2)
    assert city.figure(SGLS, "block_unmatched_hours") == pytest.approx(2)


def test_shares_of_a_block_by_hand(city: Town) -> None:
    """Output 30 + 90 + 50 + 90 = 260, sold 60, bought 40, load 240."""
    assert city.figure(SGLS, "block_own_use") == pytest.approx(100 * (1 - 60 / 260))
    assert city.figure(SGLS, "block_self_supply") == pytest.approx(100 * (1 - 40 / 240))
    assert city.figure(SGLS, "block_curtailment") == pytest.approx(4.2 + 14)


def test_the_tightest_share_stands_for_a_block(city: Town) -> None:
    """Own use 76.9 of 60, self-supply 83.3 of 30: 16.9 points against 53.3."""
    row = city.verdict(SGLS)
    assert row["verdict"] == "met"
    assert row["margin"] == pytest.approx(100 * (1 - 60 / 260) - 60)
    late = asking(city, SGLS, self_supply=0.84).verdict(SGLS)
    assert late["verdict"] == "missed"
    assert late["margin"] == pytest.approx(100 * (1 - 40 / 240) - 84)


def test_a_park_of_sun_alone_is_green_over_the_year_and_half_green_by_the_hour(city: Town) -> None:
    """178.2 MWh of sun for 160 MWh of load, but both nights are bought."""
    assert city.figure(PARK, "block_annual_share") == pytest.approx(100 * 178.2 / 160)
    assert city.figure(PARK, "block_hourly_share") == pytest.approx(50)
    row = city.verdict(PARK)
    assert row["verdict"] == "met"
    assert asking(city, PARK, hourly_share=0.51).verdict(PARK)["verdict"] == "missed"
    assert asking(city, PARK, annual_share=1.0).verdict(PARK)["verdict"] == "met"


def test_a_megawatt_hour_moved_from_noon_to_night_costs_hourly_share_only(city: Town) -> None:
    scenario, data, network = build(BLOCKS, year=2030)
    network.loads_t.p_set.loc[network.snapshots[1], f"{PARK} load"] -= 1
    network.loads_t.p_set.loc[network.snapshots[0], f"{PARK} load"] += 1
    later = solved(scenario, data, network)
    assert later.figure(PARK, "block_annual_share") == pytest.approx(city.figure(PARK, "block_annual_share"))
    assert later.figure(PARK, "block_hourly_share") == pytest.approx(100 * (1 - 81 / 160))


def test_a_load_that_moves_in_leaves_its_county(city: Town) -> None:
    """Beta: 1,000 MWh in the shape 1, 1.2, 0.8, 1; Alpha's new park takes nothing out of Alpha."""
    load = city.network.loads_t.p_set
    assert list(load["Beta load"]) == pytest.approx([210, 260, 160, 210])
    assert list(load[f"{MOVED} load"]) == pytest.approx([40] * 4)
    assert list(load["Alpha load"]) == pytest.approx([825, 750, 675, 750])
    assert city.verdict("growth")["value"] == pytest.approx(4000 + 4 * (40 + 60))


def test_a_load_larger_than_the_lowest_of_its_county_cannot_move_out() -> None:
    with pytest.raises(ScenarioError) as caught:
        build({MOVED: {"block": {"load": 201.0}}})
    (fault,) = caught.value.findings
    assert fault.code == "load-moved"
    assert fault.where.path == f"commitments.{MOVED}"
    assert "200 MW" in fault.expected


def test_two_parks_cannot_move_more_out_of_a_county_than_it_has() -> None:
    both = {"load": 110.0, "load_moved": True, "bus": "N220_Beta", "county": "Beta"}
    with pytest.raises(ScenarioError, match="load-moved"):
        build({MOVED: {"block": both}, SGLS: {"block": both}})


def test_the_rest_of_a_park_carries_the_carbon_of_the_citys_plants(city: Town) -> None:
    """Average of the year over all plants of the city; its river is a plant as well."""
    network = city.network
    plants = network.generators[network.generators["kind"] == "plant"]
    made = network.generators_t.p[plants.index].sum()
    river = float(network.storage_units_t.p["H1 H1 name"].sum())
    intensity = float((made * plants["co2_intensity"]).sum()) / (float(made.sum()) + river)
    assert river > 0
    assert city.figure(PARK, "block_bought_co2") == pytest.approx(80 * intensity)


def test_generation_of_a_block_is_its_own_and_carries_its_id(city: Town) -> None:
    table = city.network.generators
    mine = table[table["commitment"] == SGLS]
    assert dict(mine["p_nom"]) == {f"{SGLS} onwind": 50, f"{SGLS} solar": 100}
    assert set(mine["bus"]) == {SGLS}
    assert mine["is_new"].all()
    assert not mine["sited"].any()


def test_a_quantity_grows_the_block_of_the_table() -> None:
    """450 MW asked, 150 MW listed: everything three times; the YAML's own figure stays."""
    _, data, _ = build({SGLS: {"quantity": "450 MW", "block": {"import_limit": 77.0}}})
    size = data.commitments[SGLS].block
    assert (size.onwind, size.solar, size.load, size.export_limit, size.import_limit) == (150, 300, 180, 90, 77)


def test_binding_own_use_holds_output_back() -> None:
    """200 MWh go into the load; what is sold, E, keeps E ≤ 0.1 (200 + E): 22.2 MWh."""
    city = town({SGLS: {"binding": True, "thresholds": {"own_use": 0.9}}})
    assert city.figure(SGLS, "block_sold") == pytest.approx(200 / 9, rel=1e-5)
    assert city.figure(SGLS, "block_own_use") == pytest.approx(90, rel=1e-6)
    row = city.verdict(SGLS)
    assert row["verdict"] == "binding"
    assert row["rows"] == 2
    assert row["price"] > 0


@pytest.fixture(scope="module")
def stored() -> Town:
    """All of a block's demand must come from its own output, which needs its battery."""
    block = {"storage": BATTERY}
    return town({SGLS: {"binding": True, "block": block, "thresholds": {"self_supply": 1.0}}})


def test_binding_self_supply_makes_the_battery_serve_the_block(stored: Town) -> None:
    """278.2 MWh for 240 of load; the battery takes all surplus, 34.2 and 40 MWh, and loses 14 % of it."""
    assert stored.figure(SGLS, "block_bought") == pytest.approx(0, abs=1e-4)
    assert stored.figure(SGLS, "block_self_supply") == pytest.approx(100)
    assert stored.figure(SGLS, "block_sold") == pytest.approx(278.2 - 240 - 0.14 * 74.2, abs=1e-3)


def test_a_block_whose_second_share_binds_is_binding(stored: Town) -> None:
    """Own use is far above its 60 %; self-supply holds at a price."""
    rows = stored.rows[stored.rows["commitment"] == SGLS].drop_duplicates("id").set_index("id")["dual"]
    assert rows[f"commitment {SGLS} own_use"] == pytest.approx(0, abs=1e-6)
    assert abs(rows[f"commitment {SGLS} self_supply"]) > 1
    assert stored.verdict(SGLS)["verdict"] == "binding"


def test_load_that_is_cut_is_not_green() -> None:
    """No output at all and 10 MW of import for 60 MW of load: 50 MW are cut, nothing is self-supplied."""
    block = {"onwind": 0.0, "solar": 0.0, "import_limit": 10.0}
    city = town({SGLS: {"block": block}})
    bus = city.network.generators_t.p[f"{SGLS} load shedding"]
    assert list(bus) == pytest.approx([50] * 4)
    assert city.figure(SGLS, "block_self_supply") == pytest.approx(0)
    assert city.verdict(SGLS)["verdict"] == "missed"


def test_weights_of_hours_count_in_shares(city: Town) -> None:
    """Hour 1 stands for three hours: bought 3 x 40 + 40 of 6 x 40."""
    network = city.network.copy()
    network.snapshot_weightings.loc[network.snapshots[0], "generators"] = 3.0
    heavy = replace(city, network=network)
    assert heavy.figure(PARK, "block_hourly_share") == pytest.approx(100 * (1 - 160 / 240))
    assert heavy.figure(PARK, "block_unmatched_hours") == pytest.approx(4)


def test_a_blocks_power_balances_at_its_bus(city: Town) -> None:
    for name in (PARK, MOVED, SGLS, BASE):
        made = city.network.generators_t.p[city.network.generators.index[city.network.generators["bus"] == name]].sum(
            axis=1
        )
        used = city.network.loads_t.p_set.get(f"{name} load", pd.Series(0.0, index=made.index))
        assert list((made - used).round(6)) == pytest.approx(net_sold(city, name), abs=1e-5)
