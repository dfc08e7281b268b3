"""How a verdict comes about: rules for every physical promise, margins, the states a promise can be in, no solve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highspy
import linopy
import pandas as pd
import pypsa
import pytest
from small_ledger import Town, build, meaning, solved, town

from xinzhou_energy.errors import FormulationError, XinzhouError
from xinzhou_energy.formulation import build_rows
from xinzhou_energy.grid.commitments import commitments_of
from xinzhou_energy.network import assemble
from xinzhou_energy.results.verdicts import VERDICT_COLUMNS, VERDICTS, judge
from xinzhou_energy.results.verdicts.case import RULES, Judged, reached, verdict
from xinzhou_energy.results.verdicts.judge import load_rules

ROOT = Path(__file__).parents[3]
PHYSICAL = {
    "wind_solar_connection", "export_corridor", "base_ningwu", "base_yuanping", "coal_guangyu_3", "coal_baode",
    "coal_upgrade", "power_system_sgls", "green_park_yuanping", "green_park_wutai", "geothermal_biomass_storage",
    "coal_supply", "coal_output", "regional_cooperation", "growth", "base_year",
}  # fmt: skip
OWN_KINDS = {"capacity", "project", "supply", "load", "account"}
SOLAR = {"Yuanping": 500.0, "Shenchi": 500.0, "Wutai": 450.0}


# --- the quick scenario on two days of April, siting given


def plan(quick, cut_days: Callable[..., object], wind_of_ningwu: float) -> Town:
    """Solve 1,450 MW of sun and 500 MW of wind in Shenchi, and some wind in Ningwu."""
    wind = {"Shenchi": 500.0, "Ningwu": wind_of_ningwu}
    counties = {*wind, *SOLAR}
    capacity = {name: {"onwind": wind.get(name, 0.0), "solar": SOLAR.get(name, 0.0)} for name in counties}
    total = sum(wind.values()) + sum(SOLAR.values())
    siting = {"total": total, "onwind": sum(wind.values()), "capacity": capacity}
    scenario = quick.scenario.with_changes(time=None, siting=siting)
    data = cut_days(quick.data, "2026-04-20", 48)
    data = replace(data, commitments=commitments_of(scenario, quick.data.tables))
    return solved(scenario, data, assemble(scenario, data))


@pytest.fixture(scope="module")
def whole(quick, cut_days) -> Town:
    return plan(quick, cut_days, 500.0)


def test_100_mw_of_wind_less_turn_one_verdict_and_no_other(whole: Town, quick, cut_days) -> None:
    before = whole.ledger.verdicts.set_index("commitment")
    after = plan(quick, cut_days, 400.0).ledger.verdicts.set_index("commitment")
    row = after.loc["wind_solar_connection"]
    assert (row["verdict"], row["unit"], row["target"]) == ("missed", "MW", 2450)
    assert row["value"] == pytest.approx(2350)
    assert row["margin"] == pytest.approx(-100)
    assert before.loc["wind_solar_connection", "verdict"] == "met"
    assert before.loc["wind_solar_connection", "margin"] == pytest.approx(0)
    changed = before.index[before["verdict"] != after["verdict"]]
    assert list(changed) == ["wind_solar_connection"]


def test_the_ledger_has_one_row_for_every_promise_of_the_report(whole: Town) -> None:
    shipped = pd.read_csv(ROOT / "data" / "commitments" / "commitments.csv", dtype=str).set_index("id")
    found = whole.ledger.verdicts
    assert tuple(found.columns) == VERDICT_COLUMNS
    assert sorted(found["commitment"]) == sorted(shipped.index)
    assert set(found["verdict"]) <= set(VERDICTS)
    by_id = found.set_index("commitment")
    for column in ("clause_zh", "due", "confidence", "provenance"):
        assert dict(by_id[column]) == dict(shipped[column])


def test_what_stands_in_every_year_is_judged_in_every_scenario(whole: Town) -> None:
    rows = whole.ledger.verdicts.set_index("commitment")
    found = {name: row["verdict"] for name, row in rows.iterrows() if row["verdict"] != "out_of_scope"}
    assert found == {
        "wind_solar_connection": "met", "coal_supply": "met", "coal_output": "met", "base_year": "met",
        "regional_cooperation": "reported", "growth": "reported",
    }  # fmt: skip
    assert rows.loc["base_year", "value"] == pytest.approx(14322.4)
    assert "64.45 % of 22,222.5 MW" in rows.loc["base_year", "note_en"]


def test_judging_starts_no_solver(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        message = "a solver was started"
        raise AssertionError(message)

    for owner, name in (
        (highspy.Highs, "run"),
        (highspy.Highs, "solve"),
        (linopy.Model, "solve"),
        (linopy.Model, "__init__"),
        (pypsa.Network, "copy"),
    ):
        monkeypatch.setattr(owner, name, never)
    assert len(judge(whole.network, whole.rows).verdicts) == 26


# --- rules


def test_every_physical_promise_has_a_rule_and_so_has_every_own_kind() -> None:
    load_rules()
    assert set(RULES) == PHYSICAL | OWN_KINDS


def test_two_rules_for_one_promise_are_refused() -> None:
    load_rules()
    with pytest.raises(ValueError, match="two verdict rules for 'growth'"):
        verdict("growth")(lambda case: case)


def test_margins_point_the_right_way() -> None:
    assert Judged(3.0, 5.0, "MW", kept=False).margin == -2
    assert Judged(3.0, 5.0, "Mt", kept=True, at_most=True).margin == 2
    assert Judged(None, 5.0, "MW", None).margin is None
    assert Judged(3.0, None, "MW", None).margin is None


def test_a_target_is_reached_but_for_the_tolerance_of_a_solver() -> None:
    assert reached(2450 - 1e-3, 2450)
    assert not reached(2450 - 1e-2, 2450)
    assert reached(0.6 - 1e-7, 0.6)
    assert not reached(0.6 - 1e-5, 0.6)
    assert reached(-5.0, -5.0)


# --- states


@pytest.fixture(scope="module")
def small() -> Town:
    """A base that may not run yet, a coal project, a promise left out and one with another date."""
    park = {"green_park_yuanping": {"due": "2027-06-30"}}
    return town({"base_ningwu": {}, "coal_baode": {}, "growth": {"active": False}, **park})


def test_what_may_not_run_yet_is_tracked_and_says_so(small: Town) -> None:
    for name, year in (("base_ningwu", 2028), ("coal_baode", 2029)):
        row = small.verdict(name)
        assert row["verdict"] == "tracked"
        assert row["note_en"] == f"not in service before {year}"
        assert row["note_zh"] == f"{year} 年前不能投运"
        assert (row["components"], row["rows"]) == (0, 0)
        assert pd.isna(row["value"])


def test_what_is_left_out_is_out_of_scope_even_where_it_would_always_be_told(small: Town) -> None:
    assert small.verdict("growth")["verdict"] == "out_of_scope"
    assert small.verdict("export_corridor")["verdict"] == "out_of_scope"
    assert small.verdict("export_corridor")["note_en"] == "not part of this scenario"


def test_what_is_not_modelled_says_so(small: Town) -> None:
    row = small.verdict("coal_market")
    assert (row["verdict"], row["note_en"]) == ("out_of_scope", "not modelled yet")


def test_the_date_of_a_scenario_stands_in_the_ledger(small: Town) -> None:
    assert small.verdict("green_park_yuanping")["due"] == "2027-06-30"
    assert small.verdict("base_ningwu")["due"] == "2026-12-31"


def test_a_first_year_of_the_scenario_brings_a_promise_forward() -> None:
    _, data, network = build({"base_ningwu": {"first_year": 2026}, "green_park_wutai": {"first_year": 2027}})
    assert data.commitments["base_ningwu"].in_service
    assert "base_ningwu" in network.buses.index
    assert not data.commitments["green_park_wutai"].in_service
    assert "green_park_wutai" not in network.buses.index


def test_what_is_given_is_met_and_never_binding(small: Town) -> None:
    """The park has a price, yet no row of it holds."""
    row = small.verdict("green_park_yuanping")
    assert row["verdict"] == "met"
    assert abs(row["price"]) > 1
    assert row["rows"] == 0


def test_a_row_without_a_price_does_not_bind(small: Town) -> None:
    row = {"id": "r", "stage": "dispatch", "sense": "<=", "commitment": "green_park_yuanping", "dual": 0.0}
    rows = pd.DataFrame([row])
    slack = replace(small, rows=rows)
    assert slack.verdict("green_park_yuanping")["verdict"] == "met"
    tight = replace(small, rows=rows.assign(dual=-3.0))
    assert tight.verdict("green_park_yuanping")["verdict"] == "binding"
    assert tight.verdict("green_park_yuanping")["price"] == 3  # of a ceiling, a unit less
    year = int(small.network.meta["year"])
    for due, expected in ((f"{year}-12-31", "missed"), (f"{year + 1}-12-31", "tracked")):
        short = meaning(tight, "green_park_yuanping", thresholds={"hourly_share": 0.9}, due=due)
        assert short.verdict("green_park_yuanping")["verdict"] == expected


def test_a_quantity_of_the_scenario_is_the_users() -> None:
    _, data, _ = build({"power_system_sgls": {"quantity": "75 MW"}, "green_park_wutai": {}})
    assert data.commitments["power_system_sgls"].provenance == "user"
    assert data.commitments["green_park_wutai"].provenance == "assumed"


# --- nothing in silence


@pytest.mark.parametrize(
    ("promises", "name", "remedy"),
    [
        ({"coal_market": {}}, "coal_market", "not modelled yet"),
        ({"wind_solar_connection": {}}, "wind_solar_connection", "Add 'siting'"),
        ({"geothermal_biomass_storage": {}}, "geothermal_biomass_storage", "Add 'batteries'"),
        ({"mine": {"kind": "project", "quantity": "5 MW"}}, "mine", "delete it"),
    ],
)
def test_a_promise_that_adds_nothing_is_refused(promises: dict[str, object], name: str, remedy: str) -> None:
    scenario, _, network = build(promises)
    with pytest.raises(FormulationError) as caught:
        build_rows(network, scenario)
    (fault,) = caught.value.findings
    assert (fault.code, fault.where.path) == ("does-nothing", f"commitments.{name}")
    assert remedy in fault.remedy


def test_a_promise_that_binds_nothing_is_refused() -> None:
    scenario, _, network = build({"base_ningwu": {"binding": True, "first_year": 2026}})
    with pytest.raises(FormulationError) as caught:
        build_rows(network, scenario)
    (fault,) = caught.value.findings
    assert (fault.code, fault.where.path) == ("binds-nothing", "commitments.base_ningwu.binding")


def test_a_connection_kept_by_a_block_alone_is_no_fault() -> None:
    """Without siting, a base that counts toward the connection keeps it: it does not do nothing."""
    promises = {
        "wind_solar_connection": {"quantity": "300 MW"},
        "base_ningwu": {"first_year": 2026, "counts_toward": "wind_solar_connection"},
    }
    scenario, _, network = build(promises)
    build_rows(network, scenario)


def test_an_own_capacity_without_a_quantity_is_refused() -> None:
    """It would be met by nothing."""
    with pytest.raises(XinzhouError, match="quantity"):
        build({"sun": {"kind": "capacity", "carrier": "solar"}})


def test_a_share_that_a_block_cannot_have_is_not_met(small: Town) -> None:
    """Green shares are asked of a park whose load is not there: they cannot be reached, so they are not met."""
    network = small.network.copy()
    network.loads_t.p_set["green_park_yuanping load"] = 0.0
    assert replace(small, network=network).verdict("green_park_yuanping")["verdict"] != "met"
