from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
import small_city as city

from xinzhou_energy.results import collect
from xinzhou_energy.results.causes import CAUSE_IDS, CAUSES, curtailment_causes
from xinzhou_energy.results.registry import discover

# One hour per cause: A has wind, B coal and a border to one buyer, K is a block behind its own connection to A. By
# default the buyer takes up to 200 MW at 0.5 CNY/MWh, less than wind costs, so that nothing but economics holds.
# Columns: expected share by cause, curtailed MW, and what differs from the default.
HOURS = {
    "market": ({"market": 1}, 35, {"wind": 60, "buyer": 10, "bid": 100}),
    "market cut to nothing by its cap": ({"market": 1}, 45, {"wind": 60, "buyer": 0, "bid": 100}),
    "network": ({"network": 1}, 50, {"wind": 100, "load B": 80}),
    "minimum_load": ({"minimum_load": 1}, 30, {"wind": 60, "load B": 50, "coal minimum": 0.3}),
    "export": ({"connection": 1}, 25, {"wind": 60, "border": 20, "bid": 100}),
    "block": ({"connection": 1}, 30, {"load A": 70, "block": 80}),
    "block before a full line": ({"network": 1}, 3, {"load A": 5, "load B": 80, "block": 48}),
    "economics": ({"economics": 1}, 45, {"wind": 60}),
    "nothing curtailed": ({}, 0, {"wind": 20, "load A": 30, "load B": 20}),
    # bid 100 and cost 240 against a price of 1: 99 to 239
    "two causes": (
        {"market": 99 / 338, "minimum_load": 239 / 338},
        25,
        {"wind": 60, "load B": 45, "coal minimum": 0.3, "buyer": 10, "bid": 100},
    ),
}
DEFAULT = {
    "wind": 0,
    "load A": 10,
    "load B": 5,
    "coal minimum": 0,
    "buyer": 200,
    "bid": 0.5,
    "border": 1000,
    "block": 0,
}


def planted_city():
    network = city.empty_city(pd.date_range("2026-04-10", periods=len(HOURS), freq="h"))
    hourly = pd.DataFrame([DEFAULT | changes for _, _, changes in HOURS.values()], index=network.snapshots).astype(
        float
    )
    city.add_line(network, "A", "B", 40.0)
    city.add_load(network, "A", hourly["load A"].tolist())
    city.add_load(network, "B", hourly["load B"].tolist())
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, (hourly["wind"] / 100).tolist())
    city.add_coal(network, "B coal", "B", 100.0, p_min_pu=hourly["coal minimum"])
    city.add_border(network, "B", "rest_of_shanxi", price=hourly["bid"].tolist(), p_nom=200.0)
    network.generators_t.p_max_pu["rest_of_shanxi buyer"] = hourly["buyer"] / 200
    network.links_t.p_max_pu["B-rest_of_shanxi"] = hourly["border"] / 1000
    city.add_bus(network, "K", kind="block", county="Hequ")
    city.add_renewable(network, "K sun", "K", "solar", 80.0, (hourly["block"] / 80).tolist())
    add_link(network, "K", "A", 50.0)
    return network


def add_link(network, bus0, bus1, p_nom):
    network.add(
        "Link",
        f"{bus0}-{bus1}",
        bus0=bus0,
        bus1=bus1,
        carrier="link",
        p_nom=p_nom,
        border="",
        is_new=True,
        sited=False,
        charge=0.0,
        name_zh="接入",
        name_en="connection",
    )


@functools.cache
def solved_city():
    return city.solve(planted_city())


def by_cause(network):
    """Curtailed power. [MW, (snapshot, cause)]"""
    return pd.DataFrame({cause: power.sum(axis=1) for cause, power in curtailment_causes(network).items()})


def curtailed(network):
    """Available less dispatched wind and sun. [MW, (snapshot,)]"""
    names = network.generators.index[network.generators.carrier.isin(["onwind", "solar"])]
    available = network.generators_t.p_max_pu[names] * network.generators.p_nom[names]
    return (available - network.generators_t.p[names]).sum(axis=1)


@pytest.mark.parametrize("hour", HOURS)
def test_planted_cause_comes_back(hour):
    shares, lost, _ = HOURS[hour]
    found = by_cause(solved_city()).iloc[list(HOURS).index(hour)]
    assert found.sum() == pytest.approx(lost, abs=1e-6)
    expected = {cause: lost * shares.get(cause, 0.0) for cause in CAUSE_IDS}
    assert found.to_dict() == pytest.approx(expected, abs=1e-6)


def test_causes_add_up_to_the_curtailment_of_every_hour():
    network = solved_city()
    np.testing.assert_allclose(by_cause(network).sum(axis=1), curtailed(network), atol=1e-6)


def storage_city(wind, load, *, max_hours, efficiency=1.0, fee=0.0):
    """Wind and a store of 20 MW; coal at 240 CNY/MWh meets what is left."""
    network = city.empty_city(pd.date_range("2026-04-10", periods=len(wind), freq="h"))
    city.add_load(network, "A", load)
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [value / 100 for value in wind])
    city.add_coal(network, "A coal", "A", 100.0)
    city.add_storage(network, "store", "A", "battery", 20.0, max_hours=max_hours, efficiency=efficiency, fee=fee)
    return city.solve(network)


@pytest.mark.parametrize(
    ("wind", "load", "max_hours", "lost"),
    [
        # a reservoir of 10 MWh is full after 10 MW
        pytest.param([60.0, 0.0], [10.0, 30.0], 0.5, [40.0, 0.0], id="full"),
        # 20 MW into 200 MWh; the evenings could use more than these 20 MWh
        pytest.param([60.0, 0.0, 0.0], [10.0, 15.0, 15.0], 10.0, [30.0, 0.0, 0.0], id="charging at its limit"),
        # in which of the three windy hours the store is filled is the solver's choice
        pytest.param([60.0, 60.0, 60.0, 0.0], [50.0, 50.0, 50.0, 30.0], 0.5, None, id="full after some of the hours"),
    ],
)
def test_storage_that_is_full_or_charges_at_its_limit_is_the_cause(wind, load, max_hours, lost):
    network = storage_city(wind, load, max_hours=max_hours)
    found = by_cause(network)
    np.testing.assert_allclose(found["storage"], curtailed(network) if lost is None else lost, atol=1e-6)
    assert curtailed(network).sum() > 10
    np.testing.assert_allclose(found.drop(columns="storage"), 0.0, atol=1e-6)


def test_storage_that_could_take_more_but_has_no_use_for_it_is_no_cause():
    # no hour lacks wind: the store stands idle and the surplus has no use at all
    network = storage_city([60.0, 60.0], [10.0, 10.0], max_hours=2.0, efficiency=0.9, fee=1.0)
    assert by_cause(network)["economics"].to_numpy() == pytest.approx([50.0, 50.0])


def test_storage_is_as_tight_as_the_money_its_next_megawatt_hour_saves():
    # full at 10 MWh; used at 240 less the fee of 10, 0.9 each way: 0.9 x (0.9 x 230) - 1 = 185.3; coal's minimum: 239
    network = city.empty_city(city.hours("2026-04-10 12:00", "2026-04-10 13:00"))
    city.add_load(network, "A", [50.0, 80.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.6, 0.0])
    city.add_coal(network, "A coal", "A", 100.0, p_min_pu=0.3)
    city.add_storage(network, "store", "A", "battery", 20.0, max_hours=0.5, efficiency=0.9, fee=10.0)
    found = by_cause(city.solve(network)).iloc[0]
    lost = 60.0 - (50.0 - 30.0) - 10.0 / 0.9
    assert found["storage"] == pytest.approx(lost * 185.3 / (185.3 + 239.0))
    assert found["minimum_load"] == pytest.approx(lost * 239.0 / (185.3 + 239.0))


def test_river_is_no_storage_and_an_unbuilt_store_is_no_cause():
    network = city.empty_city(city.hours("2026-04-10 12:00", "2026-04-10 13:00"))
    city.add_load(network, "A", [50.0, 80.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [1.0, 0.0])
    city.add_coal(network, "A coal", "A", 100.0)
    city.add_storage(network, "river", "A", "hydro", 20.0, max_hours=0.1, inflow=[1.0, 1.0])
    city.add_storage(network, "unbuilt", "A", "battery", 0.0, max_hours=2.0)
    found = by_cause(city.solve(network)).iloc[0]
    assert found["economics"] == pytest.approx(found.sum())
    assert found.sum() > 40


def test_bus_does_not_see_the_link_that_leads_back_to_it():
    # K buys from A over one link and sells over another, which is full; A has wind of its own that no one buys
    network = city.empty_city(city.hours("2026-04-10 12:00"))
    city.add_bus(network, "K", kind="block", county="Hequ")
    city.add_load(network, "A", [10.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.3], variable_om=5.0)
    city.add_renewable(network, "K sun", "K", "solar", 80.0, [0.5])
    add_link(network, "K", "A", 8.0)
    add_link(network, "A", "K", 8.0)
    power = curtailment_causes(city.solve(network))
    # K's 40 MW at 1 CNY/MWh would replace A's wind at 5; A's own surplus is economics
    assert power["connection"].iloc[0].to_dict() == pytest.approx({"A wind": 0.0, "K sun": 32.0})
    assert power["economics"].iloc[0].to_dict() == pytest.approx({"A wind": 28.0, "K sun": 0.0})


def test_market_beyond_a_lossy_link_is_weighed_at_its_own_bus():
    # A at 1, beyond a loss of 20 % at 1.25: the buyer is worth 100 - 1.25, coal's minimum at A 239
    network = city.empty_city(city.hours("2026-04-10 12:00"))
    city.add_load(network, "A", [40.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.5])
    city.add_coal(network, "A coal", "A", 100.0, p_min_pu=0.3)
    city.add_border(network, "A", "rest_of_shanxi", price=100.0, p_nom=8.0, efficiency=0.8)
    found = by_cause(city.solve(network)).iloc[0]
    assert found["market"] == pytest.approx(30.0 * 98.75 / (98.75 + 239.0))


def test_full_link_is_worth_what_arrives_less_its_charge():
    # of 10 MW sent 8 arrive at 100 CNY/MWh: 0.8 x 100 - 5 - 1 = 74; coal's minimum 239
    network = city.empty_city(city.hours("2026-04-10 12:00"))
    city.add_load(network, "A", [40.0])
    city.add_renewable(network, "A wind", "A", "onwind", 100.0, [0.5])
    city.add_coal(network, "A coal", "A", 100.0, p_min_pu=0.3)
    city.add_border(network, "A", "rest_of_shanxi", price=100.0, p_nom=50.0, efficiency=0.8, charge=5.0)
    network.links["p_nom"] = 10.0
    found = by_cause(city.solve(network)).iloc[0]
    assert found["connection"] == pytest.approx(30.0 * 74 / (74 + 239))
    assert found["market"] == 0.0


def test_metric_and_series_hold_every_cause_and_agree():
    network = solved_city()
    result = collect(network, scenario_id="small", run="0", year=2026, rows=city.NO_ROWS)
    rows = result.metrics[result.metrics["metric"] == "curtailment_by_cause"]
    hourly = result.hourly("curtailment_by_cause")
    assert list(hourly.columns.get_level_values("component")) == sorted(CAUSE_IDS)
    for cause in CAUSE_IDS:
        total = result.value("curtailment_by_cause", statistic=cause)
        assert hourly["", "", cause].sum() == pytest.approx(total, rel=1e-6)
    for keys in ({}, {"carrier": "solar"}, {"location": "Hequ"}):
        of_causes = [result.value("curtailment_by_cause", statistic=cause, **keys) for cause in CAUSE_IDS]
        assert sum(of_causes) == pytest.approx(result.value("curtailment", statistic="zone", **keys))
    assert (rows["component"] == "").all()


def test_every_cause_has_a_name_in_both_languages():
    assert len({zh for _, zh, _ in CAUSES} | {en for _, _, en in CAUSES}) == 2 * len(CAUSES)


def test_causes_of_quick_add_up_to_its_curtailment(quick_network):
    rows = pd.concat([discover()[name].function(quick_network) for name in ("curtailment", "curtailment_by_cause")])
    keys = ["carrier", "location"]
    zone = rows[(rows["metric"] == "curtailment") & (rows["statistic"] == "zone") & (rows["component"] == "")]
    causes = rows[rows["metric"] == "curtailment_by_cause"].groupby(keys)["value"].sum()
    expected = zone.set_index(keys)["value"]
    assert expected[("", "")] > 1e5
    np.testing.assert_allclose(causes.loc[expected.index], expected, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(by_cause(quick_network).sum(axis=1), curtailed(quick_network), atol=1e-6)
