"""What a promise changes, and the command that tells it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from small_ledger import small_data, small_scenario
from typer.testing import CliRunner

from tiny_grid import SITING
from xinzhou_energy import ablate as ablation
from xinzhou_energy.ablate import ABLATION_COLUMNS, Numbers, ablate, difference, without
from xinzhou_energy.cli import ledger as command
from xinzhou_energy.cli.main import app, main
from xinzhou_energy.errors import ScenarioError
from xinzhou_energy.network import assemble
from xinzhou_energy.results.verdicts import VERDICT_COLUMNS
from xinzhou_energy.run import silent
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.inherit import ID_PATTERN

ROOT = Path(__file__).parents[3]
MEASURES = {"curtailment_mwh": 50.0, "coal_hours": 4000.0, "co2_t": 900.0, "export_mwh": 70.0}


# --- the difference by hand


def test_a_difference_is_with_less_without() -> None:
    with_it = Numbers(net=95.0, gross=100.0, gap=0.0, measures=MEASURES)
    without_it = Numbers(net=90.0, gross=94.0, gap=0.0, measures={**MEASURES, "co2_t": 1000.0})
    found = difference("park", with_it, without_it)
    assert found == {
        "commitment": "park", "cost_cny": 5.0, "curtailment_mwh": 0.0, "coal_hours": 0.0, "co2_t": -100.0,
        "export_mwh": 0.0, "below_gap": "",
    }  # fmt: skip


def test_the_larger_gap_counts_on_the_larger_gross_cost() -> None:
    """A gap of 1 % on 1,000 CNY: 9.99 CNY tell nothing, 10 do."""
    one = Numbers(net=0.0, gross=1000.0, gap=0.001, measures=MEASURES)
    for change, small in ((9.99, True), (10.0, False), (-9.99, True), (-10.0, False)):
        other = Numbers(net=change, gross=900.0, gap=0.01, measures=MEASURES)
        assert ("cost_cny" in difference("park", one, other)["below_gap"].split(",")) is small


def test_the_gap_of_other_measures_is_a_share_of_their_size() -> None:
    one = Numbers(net=0.0, gross=1000.0, gap=0.01, measures=MEASURES)
    other = {"curtailment_mwh": 50.6, "coal_hours": 4030.0, "co2_t": 880.0, "export_mwh": -70.0}
    found = difference("park", one, Numbers(net=500.0, gross=1000.0, gap=0.01, measures=other))
    assert found["below_gap"] == "coal_hours"  # 30 of 40.3 h; 0.6 of 0.506 MWh, 20 of 9 t, 140 of 0.7 MWh
    assert found["export_mwh"] == 140.0


# --- the scenario without a promise


def test_without_a_promise_everything_else_stays() -> None:
    scenario = small_scenario({"green_park_wutai": {"quantity": "50 MW"}, "power_system_sgls": {}})
    less = without(scenario, "green_park_wutai")
    assert less.id == "tiny_wo_green_park_wutai"
    assert not less.commitments["green_park_wutai"].active
    assert less.commitments["green_park_wutai"].quantity == 50
    assert less.commitments["power_system_sgls"].active
    changed = {"id", "commitments"}
    assert {key: value for key, value in less.resolved().items() if key not in changed} == {
        key: value for key, value in scenario.resolved().items() if key not in changed
    }


def components(scenario: Scenario) -> set[str]:
    """Return the names of all that is built."""
    network = assemble(scenario, small_data(scenario))
    tables = (network.generators, network.storage_units, network.links, network.loads)
    return {name for table in tables for name in table.index}


@pytest.fixture(scope="module")
def everything() -> tuple[Scenario, set[str]]:
    """Return a scenario with a promise of each kind of component, and what is built of it."""
    scenario = small_scenario(
        {"coal_upgrade": {}, "coal_baode": {}, "base_ningwu": {}},
        year=2030,
        siting=SITING,
        batteries={"XZ500": {"p_nom": 300.0, "max_hours": 2.0}},
        corridor={"option": "ac"},
    )
    return scenario, components(scenario)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("wind_solar_connection", "sited"),
        ("geothermal_biomass_storage", "battery"),
        ("export_corridor", "corridor"),
        ("coal_upgrade", "upgraded"),
        ("coal_baode", "K3"),
        ("base_ningwu", "base_ningwu"),
    ],
)
def test_what_belongs_to_a_promise_leaves_with_it(name: str, gone: str, everything: tuple[Scenario, set[str]]) -> None:
    scenario, before = everything
    after = components(without(scenario, name))
    left = before - after
    assert left
    assert all(gone in component or "slack" in component for component in left)
    assert not [component for component in after if gone in component]


def test_a_long_name_stays_a_name() -> None:
    scenario = small_scenario({"geothermal_biomass_storage": {}}).with_changes(id="plan_2026_without_any_upgrade")
    assert re.fullmatch(ID_PATTERN, without(scenario, "geothermal_biomass_storage").id)


# --- one promise at a time


def outcome(verdicts: pd.DataFrame, **numbers: float) -> Any:
    """Return what `run_scenario` would, with these numbers."""
    values = {
        "gross_system_cost": 1000.0,
        "curtailment": 5.0,
        "full_load_hours": 4e3,
        "co2": 9.0,
        "net_outflow": 7.0,
    }
    values |= {key: value for key, value in numbers.items() if key in values}
    result = SimpleNamespace(verdicts=verdicts, scenario="small", run="1", value=lambda metric, **_: values[metric])
    manifest = SimpleNamespace(objectives={"net": numbers.get("net", 0.0)}, gap=1e-3, run="abc")
    return SimpleNamespace(result=result, manifest=manifest, folder=Path("here"), reused=True, companion=None)


def verdicts(**states: tuple[str, int, int]) -> pd.DataFrame:
    """Return a ledger of promises with (verdict, components, rows)."""
    numbers = ("value", "target", "margin", "price")
    blank = dict.fromkeys(VERDICT_COLUMNS, "") | dict.fromkeys(numbers, float("nan"))
    lines = [
        {**blank, "commitment": name, "name_en": name, "verdict": verdict, "components": parts, "rows": rows}
        for name, (verdict, parts, rows) in states.items()
    ]  # fmt: skip
    return pd.DataFrame(lines)


LEDGER = {"park": ("met", 3, 0), "budget": ("binding", 0, 1), "growth": ("reported", 0, 0), "base": ("missed", 2, 0)}


def test_every_promise_with_a_part_in_the_model_is_left_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Scenario] = []

    def fake(scenario: Scenario, **_: object) -> Any:
        asked.append(scenario)
        return outcome(verdicts(**LEDGER), net=-10.0 * len(asked))

    monkeypatch.setattr(ablation, "run_scenario", fake)
    scenario = small_scenario({"park": {"kind": "capacity", "carrier": "solar"}})
    found = ablate(scenario, outcome(verdicts(**LEDGER)), results=Path("nowhere"), report=silent)
    assert [each.id for each in asked] == ["tiny_wo_park", "tiny_wo_budget", "tiny_wo_base"]
    assert tuple(found.columns) == ABLATION_COLUMNS
    assert list(found["commitment"]) == ["park", "budget", "base"]
    assert list(found["cost_cny"]) == [10.0, 20.0, 30.0]
    assert set(found["run"]) == {"abc"}


def test_only_what_is_in_the_model_can_be_left_out() -> None:
    with pytest.raises(ScenarioError) as caught:
        ablate(
            small_scenario(), outcome(verdicts(**LEDGER)), results=Path("nowhere"), report=silent,
            commitments=["parc", "growth"],
        )  # fmt: skip
    assert [fault.code for fault in caught.value.findings] == ["unknown-id", "unknown-id"]
    assert "'park'" in caught.value.findings[0].remedy


# --- the command


def run_command(monkeypatch: pytest.MonkeyPatch, ledger: pd.DataFrame, *arguments: str) -> Any:
    monkeypatch.setattr(command, "solve", lambda *_, **__: (outcome(ledger), None))
    return CliRunner().invoke(app, ["ledger", "quick", *arguments])


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--strict",), 5)])
def test_only_strict_fails_where_a_promise_is_missed(
    arguments: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_command(monkeypatch, verdicts(**LEDGER), "--json", *arguments)
    assert done.exit_code == code
    assert {row["commitment"]: row["verdict"] for row in json.loads(done.stdout)["verdicts"]} == {
        name: state[0] for name, state in LEDGER.items()
    }


@pytest.mark.parametrize("verdict", ["met", "binding", "tracked", "reported", "out_of_scope"])
def test_strict_is_content_where_nothing_is_missed(verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_command(monkeypatch, verdicts(park=(verdict, 1, 0)), "--strict").exit_code == 0


def test_the_json_has_null_where_there_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_command(monkeypatch, verdicts(**LEDGER), "--json")
    document = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert document["verdicts"][0]["price"] is None
    assert (document["status"], document["other_market"], document["ablation"]) == ("optimal", None, None)


def test_the_ledger_on_the_screen_names_every_promise_in_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    table = verdicts(**LEDGER, far=("out_of_scope", 0, 0))
    done = run_command(monkeypatch, table)
    for words in ("park", "missed", "未达到", "1 项不在情景内"):
        assert words in done.stdout
    assert "far" not in done.stdout
    assert "far" in run_command(monkeypatch, table, "--all").stdout


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_scenario_that_is_not_there_is_a_mistake_of_input(
    flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["xinzhou-energy", "ledger", "moon", *flags])
    assert main() == 2
    out = capsys.readouterr().out
    if flags:
        assert json.loads(out)["findings"]


# --- a stored run, and a promise missed


@pytest.fixture(scope="module")
def home(quick_run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the stored run of `quick`, so that the other market and variants lie beside it."""
    folder = tmp_path_factory.mktemp("ledger")
    shutil.copytree(quick_run.folder.parents[1], folder / "results")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    return folder


def told(home: Path, scenario: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    path = str(home / "scenarios" / f"{scenario}.yaml")
    done = CliRunner().invoke(app, ["ledger", path, "--json", "--results", str(home / "results"), *arguments])
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.slow
def test_the_ledger_of_a_stored_run_is_told_without_solving_it_again(home: Path, quick_run) -> None:
    code, document = told(home, "quick", "--strict")
    assert document["run"] == quick_run.manifest.run
    stored = pd.read_parquet(quick_run.folder / "verdicts.parquet")
    assert [row["commitment"] for row in document["verdicts"]] == list(stored["commitment"])
    assert [row["verdict"] for row in document["verdicts"]] == list(stored["verdict"])
    assert document["other_market"]["scenario"] == "quick_tight"
    missed = [row["commitment"] for row in document["verdicts"] if row["verdict"] == "missed"]
    assert (code, missed) == (0, [])


@pytest.mark.slow
def test_a_missed_promise_and_what_each_promise_changes(home: Path) -> None:
    """99 % of the coal upgraded: only four plants are in the programme, so it cannot be reached."""
    text = "extends: quick\nname: {zh: 甲, en: A}\ncommitments:\n  coal_upgrade: {quantity: 99 %, due: 2026-12-31}\n"
    (home / "scenarios" / "a.yaml").write_text(text, encoding="utf-8")
    code, document = told(home, "a", "--strict", "--ablate")
    assert code == 5
    rows = {row["commitment"]: row for row in document["verdicts"]}
    assert rows["coal_upgrade"]["verdict"] == "missed"
    assert rows["wind_solar_connection"]["verdict"] == "binding"
    changes = {row["commitment"]: row for row in document["ablation"]}
    assert set(changes) == {"coal_upgrade", "wind_solar_connection"}
    assert changes["wind_solar_connection"]["curtailment_mwh"] > 0
    assert changes["coal_upgrade"]["curtailment_mwh"] < 0
    at_most = rows["wind_solar_connection"]["price"] * 2450
    assert changes["wind_solar_connection"]["cost_cny"] <= at_most + 2e-5 * 1e10  # the gap of both, on 10 bn CNY
