"""Bad promises: every case says code, file and line, key, and words of the remedy; nothing passes in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from xinzhou_energy.errors import Finding, ScenarioError, XinzhouError
from xinzhou_energy.grid.commitments import commitments_of
from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.grid.tables import read_tables
from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import Scenario, load_scenario

ROOT = Path(__file__).parents[3]
HEAD = "name: {zh: 甲, en: A}\nyear: 2026\nmarket: frozen\n"  # lines 1-3
LISTED = HEAD + "commitments:\n"  # line 4; a case goes on at line 5
IN_2030 = LISTED.replace("2026", "2030")
OWN_BLOCK = "{bus: NW500, county: Ningwu, solar: 50 MW, load: 20 MW, export_limit: 50 MW, import_limit: 20 MW}"


def promise(name: str, body: str) -> str:
    """Return a scenario with one promise in line 5."""
    return f"{LISTED}  {name}: {body}\n"


# name: (text of a.yaml, "code line key" of the finding, words of its remedy)
CASES: dict[str, tuple[str, str, str]] = {
    "unknown promise": (promise("base_ningwo", "{}"), "unknown-id 5 commitments.base_ningwo", "'base_ningwu'"),
    "unknown promise without likeness": (promise("moon", "{}"), "unknown-id 5 commitments.moon", "needs 'kind'"),
    "own promise without kind": (
        promise("smelter", "{county: Xinfu, quantity: 30 MW}"),
        "unknown-id 5 commitments.smelter",
        "needs 'kind'",
    ),
    "kind for a row of the report": (
        promise("base_ningwu", "{kind: project}"),
        "kind-given 5 commitments.base_ningwu",
        "have their kind",
    ),
    "kind that has no rule": (
        promise("mine", "{kind: driver}"),
        "not-a-choice 5 commitments.mine.kind",
        "Known names: account",
    ),
    "unknown county of a block": (
        promise("base_ningwu", "{block: {county: Ningwo}}"),
        "unknown-id 5 commitments.base_ningwu.block.county",
        "'Ningwu'",
    ),
    "unknown bus of a block": (
        promise("base_ningwu", "{block: {bus: NW501}}"),
        "unknown-id 5 commitments.base_ningwu.block.bus",
        "'NW500'",
    ),
    "unknown county of a load": (
        promise("smelter", "{kind: load, county: Xinfo, quantity: 30 MW}"),
        "unknown-id 5 commitments.smelter.county",
        "'Xinfu'",
    ),
    "unknown plant of a project": (
        promise("xuangang", "{kind: project, plant: P999, quantity: 1 GW}"),
        "unknown-id 5 commitments.xuangang.plant",
        "'P099'",
    ),
    "load without a county": (
        promise("smelter", "{kind: load, quantity: 30 MW}"),
        "missing-key 5 commitments.smelter.kind",
        "county: Xinfu",
    ),
    "load without a quantity": (
        promise("smelter", "{kind: load, county: Xinfu}"),
        "missing-key 5 commitments.smelter.kind",
        "quantity",
    ),
    "size zero": (
        promise("base_ningwu", "{quantity: 0 MW}"),
        "size-zero 5 commitments.base_ningwu.quantity",
        "active: false",
    ),
    "negative quantity": (
        promise("base_ningwu", "{quantity: -5 MW}"),
        "size-zero 5 commitments.base_ningwu.quantity",
        "active: false",
    ),
    "negative size": (
        promise("base_ningwu", "{block: {solar: -5 MW}}"),
        "out-of-range 5 commitments.base_ningwu.block.solar",
        "minus sign",
    ),
    "an own block of nothing": (
        promise("park", "{kind: supply, block: {bus: NW500, county: Ningwu, export_limit: 5 MW}}"),
        "empty-block 5 commitments.park.block",
        "Give onwind",
    ),
    "a block without a connection": (
        promise("base_ningwu", "{block: {export_limit: 0 MW, import_limit: 0 MW}}"),
        "no-connection 5 commitments.base_ningwu.block",
        "export_limit",
    ),
    "an own block without a place": (
        promise("park", "{kind: supply, block: {county: Ningwu, solar: 50 MW, export_limit: 50 MW}}"),
        "unknown-id 5 commitments.park.block.bus",
        "'bus: ...'",
    ),
    "due before the report": (
        promise("base_ningwu", "{due: 2024-12-31}"),
        "due-too-early 5 commitments.base_ningwu.due",
        "promises nothing before",
    ),
    "due on no day": (
        promise("base_ningwu", "{due: 2026-13-31}"),
        "bad-date 5 commitments.base_ningwu.due",
        "2026-12-31",
    ),
    "due in words": (promise("base_ningwu", "{due: 年底}"), "bad-date 5 commitments.base_ningwu.due", "2026-12-31"),
    "binding before it is due": (
        promise("coal_upgrade", "{binding: true}"),
        "due-after-horizon 5 commitments.coal_upgrade.binding",
        "due date",
    ),
    "share above 100 %": (
        promise("green_park_wutai", "{thresholds: {own_use: 101 %}}"),
        "out-of-range 5 commitments.green_park_wutai.thresholds.own_use",
        "check the unit",
    ),
    "share of 60 for 60 %": (
        promise("green_park_wutai", "{thresholds: {hourly_share: 60}}"),
        "out-of-range 5 commitments.green_park_wutai.thresholds.hourly_share",
        "check the unit",
    ),
    "more hours than a year has": (
        promise("base_ningwu", "{thresholds: {limit_hours: 9000 h}}"),
        "out-of-range 5 commitments.base_ningwu.thresholds.limit_hours",
        "check the unit",
    ),
    "quantity without a unit": (
        promise("base_ningwu", "{quantity: 1500}"),
        "unit-missing 5 commitments.base_ningwu.quantity",
        "'1500 MW'",
    ),
    "share without its per cent": (
        promise("coal_upgrade", "{quantity: 50}"),
        "unit-missing 5 commitments.coal_upgrade.quantity",
        "'50 %'",
    ),
    "quantity of another dimension": (
        promise("base_ningwu", "{quantity: 1500 MWh}"),
        "wrong-dimension 5 commitments.base_ningwu.quantity",
        "MW",
    ),
    "megawatts of a share": (
        promise("coal_upgrade", "{quantity: 700 MW}"),
        "wrong-dimension 5 commitments.coal_upgrade.quantity",
        "%",
    ),
    "own budget in megawatts": (
        promise("budget", "{kind: account, quantity: 700 MW}"),
        "wrong-dimension 5 commitments.budget.quantity",
        "t",
    ),
    "two promises for one plant": (
        promise("guangyu", "{kind: project, plant: P013, quantity: 1 GW}") + "  coal_guangyu_3: {}\n",
        "claimed-twice 5 commitments.guangyu",
        "Delete one",
    ),
    "a promise and a project for one plant": (
        promise("coal_baode", "{}") + "projects:\n  P014: {in_service: true}\n",
        "claimed-twice 7 projects.P014",
        "commitments.coal_baode.quantity",
    ),
    "counting toward nothing": (
        promise("base_ningwu", "{counts_toward: wind_solar_conection}"),
        "unknown-id 5 commitments.base_ningwu",
        "'wind_solar_connection'",
    ),
    "unknown key of a promise": (
        promise("base_ningwu", "{quantiti: 1 GW}"),
        "unknown-key 5 commitments.base_ningwu.quantiti",
        "'quantity'",
    ),
    "unknown key of a block": (
        promise("base_ningwu", "{block: {export_limits: 800 MW}}"),
        "unknown-key 5 commitments.base_ningwu.block.export_limits",
        "'export_limit'",
    ),
    "unknown threshold": (
        promise("base_ningwu", "{thresholds: {limit_hour: 500 h}}"),
        "unknown-key 5 commitments.base_ningwu.thresholds.limit_hour",
        "'limit_hours'",
    ),
    "unknown key of a block's storage": (
        promise("base_ningwu", "{block: {storage: {p_nom: 5 MW, hours: 2 h}}}"),
        "unknown-key 5 commitments.base_ningwu.block.storage.hours",
        "'max_hours'",
    ),
}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """Read the shipped tables once."""
    return dict(read_tables(ROOT / "data" / "grid").frames)


def written(folder: Path, text: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def findings_of(folder: Path, text: str, frames: dict[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """Return what is said when a scenario is read and laid over the tables."""
    with pytest.raises(ScenarioError) as caught:
        commitments_of(load_scenario(written(folder, text)), frames)
    return caught.value.findings


@pytest.mark.parametrize("case", CASES)
def test_a_bad_promise_is_refused_with_its_place_and_a_remedy(
    case: str, tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    text, expected, remedy = CASES[case]
    found = findings_of(tmp_path, text, frames)
    said = {f"{each.code} {each.where.line} {each.where.path}": each for each in found}
    assert expected in said
    assert said[expected].where.file == str(tmp_path / "a.yaml")
    assert remedy in said[expected].remedy


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    text = (
        LISTED
        + "  base_ningwo: {}\n  base_yuanping: {quantity: 5 MWh}\n  coal_upgrade: {binding: true}\n"
        + "  green_park_wutai: {counts_toward: moon}\n"
    )
    found = {(each.code, each.where.line) for each in findings_of(tmp_path, text, frames)}
    assert found == {("unknown-id", 5), ("wrong-dimension", 6), ("due-after-horizon", 7), ("unknown-id", 8)}


def test_a_fault_of_an_inherited_promise_names_the_file_it_stands_in(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    (tmp_path / "parent.yaml").write_text(promise("base_ningwu", "{quantity: 5 MWh}"), encoding="utf-8")
    text = "extends: parent\nname: {zh: 乙, en: B}\n"
    (fault,) = findings_of(tmp_path, text, frames)
    assert (fault.code, fault.where.line) == ("wrong-dimension", 5)
    assert fault.where.file == str(tmp_path / "parent.yaml")


def test_a_promise_left_out_is_not_checked_for_its_place(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    text = promise("base_ningwu", "{active: false, block: {export_limit: 0 MW}}")
    found = commitments_of(load_scenario(written(tmp_path, text)), frames)
    assert found["base_ningwu"].block is None
    assert not found["base_ningwu"].in_service


# --- refused where the network is built


def built(folder: Path, text: str) -> Scenario:
    """Read and assemble a scenario with the shipped tables."""
    scenario = load_scenario(written(folder, text))
    assemble(scenario, read_grid(scenario))
    return scenario


def test_a_load_larger_than_its_county_cannot_move_in(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        built(tmp_path, promise("green_park_yuanping", "{block: {load: 5 GW}}"))
    (fault,) = caught.value.findings
    assert (fault.code, fault.where.file) == ("load-moved", str(tmp_path / "a.yaml"))
    assert (fault.where.line, fault.where.path) == (5, "commitments.green_park_yuanping")
    assert "load_moved: false" in fault.remedy


def test_more_of_a_plant_than_there_is_cannot_be_upgraded(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        built(tmp_path, promise("coal_upgrade", "{sizes: {P001: 1201 MW}}"))
    (fault,) = caught.value.findings
    assert (fault.code, fault.where.file) == ("too-large", str(tmp_path / "a.yaml"))
    assert (fault.where.line, fault.remedy) == (5, "Lower sizes.P001.")


def test_a_corridor_begins_where_a_bus_is(tmp_path: Path) -> None:
    text = HEAD.replace("2026", "2030") + "corridor: {option: own, bus0: NW501}\n"
    with pytest.raises(ScenarioError) as caught:
        built(tmp_path, text)
    assert caught.value.findings[0].where.line == 4
    assert "NW500" in caught.value.findings[0].remedy


def test_a_block_begins_where_the_city_is(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    """A market is no place to connect a wind farm to: what it sells would never pass the city's border."""
    text = promise("base_ningwu", "{block: {bus: BTH}}").replace("2026", "2030")
    (fault,) = findings_of(tmp_path, text, frames)
    assert fault.where.line == 5


@pytest.mark.parametrize(
    "body",
    [
        "base_ningwu: {choice: true}",
        "coal_upgrade: {block: " + OWN_BLOCK + "}",
        "base_ningwu: {thresholds: {burn_share: 0.5}}",
        "coal_baode: {plant: P006}",
    ],
    ids=["choice", "block", "thresholds", "plant"],
)
def test_a_key_that_a_promise_has_no_use_for_is_refused(
    body: str, tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    """It would be read and do nothing; `unknown` says that such keys are findings."""
    (fault,) = findings_of(tmp_path, f"{LISTED}  {body}\n", frames)
    assert fault.where.line == 5


def test_a_share_may_be_asked_of_a_block_though_no_table_asks_it(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    """Every share has a use where there is a load, whatever thresholds.csv lists for it."""
    text = promise("power_system_sgls", "{thresholds: {hourly_share: 70 %, annual_share: 80 %}}")
    found = commitments_of(load_scenario(written(tmp_path, text)), frames)
    wanted = found["power_system_sgls"].thresholds
    assert (wanted["hourly_share"], wanted["annual_share"], wanted["own_use"]) == (0.7, 0.8, 0.6)


def test_promises_without_their_tables_are_refused(tmp_path: Path) -> None:
    """A project folder that holds data/grid but not data/commitments cannot keep a promise in silence."""
    (tmp_path / "scenarios").mkdir()
    shutil.copytree(ROOT / "data" / "grid", tmp_path / "data" / "grid")
    path = written(tmp_path / "scenarios", promise("green_park_wutai", "{}"))
    with pytest.raises(XinzhouError):
        read_grid(load_scenario(path))


@pytest.mark.parametrize(
    "text",
    [
        "batteries: {N220_Shenchi: {p_nom: 150 MW, max_hours: 2 h}}",
        "siting: {total: 1 GW, onwind: 500 MW, onwind_min: 0 MW, onwind_max: 1 GW}",
    ],
    ids=["batteries", "siting"],
)
def test_what_a_scenario_of_the_base_year_adds_is_built_or_refused(text: str, tmp_path: Path) -> None:
    """Both belong to promises whose first year is 2026; a what-if of 2025 must not lose them in silence."""
    head = HEAD.replace("2026", "2025").replace("market: frozen\n", "")
    scenario = load_scenario(written(tmp_path, f"{head}{text}\n"))
    try:
        network = assemble(scenario, read_grid(scenario))
    except XinzhouError:
        return
    assert (network.storage_units["carrier"] == "battery").any() or network.generators["sited"].astype(bool).any()
