from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinzhou_energy.errors import ScenarioError, Where
from xinzhou_energy.scenario import Scenario, load_scenario, scenario_files
from xinzhou_energy.units import QuantityError

BASE = """\
name: {zh: 基准, en: Base}
year: 2025
load:
  energy: 165 亿千瓦时
projects:
  P006: {in_service: true}
  P013: {in_service: false}
"""

PLAN = """\
extends: base
name: {zh: 计划, en: Plan}
year: 2026
market: frozen
siting:
  total: 2.45 GW
  onwind: 100 万千瓦
  onwind_min: 700 MW
  onwind_max: 1,400 MW
"""


def write(folder: Path, **files: str) -> Path:
    """Write scenario files and return the folder."""
    for stem, text in files.items():
        (folder / f"{stem}.yaml").write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, stem: str) -> Scenario:
    return load_scenario(folder / f"{stem}.yaml")


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("siting.total", "2.45 GW", 2450.0),
        ("siting.total", "245 万千瓦", 2450.0),
        ("corridor.price", "300 CNY/MWh", 300.0),
        ("corridor.price", "0.3 元/千瓦时", 300.0),
        ("load.energy", "165 亿千瓦时", 16_500_000.0),
        ("solver.time_limit", "20 min", 1200.0),
        ("corridor.loss", "3.5 %", 0.035),
        ("grid.line_factor", "1.6", 1.6),
    ],
)
def test_value_with_unit_arrives_in_base_units(tmp_path: Path, key: str, written: str, value: float) -> None:
    block, field = key.split(".")
    extra = "  onwind: 1 GW\n  onwind_min: 0 MW\n  onwind_max: 2 GW\n" if block == "siting" else ""
    text = f"name: {{zh: 甲, en: A}}\nyear: 2030\nmarket: tight\n{block}:\n  {field}: {written}\n{extra}"
    scenario = load(write(tmp_path, a=text), "a")
    assert getattr(getattr(scenario, block), field) == pytest.approx(value)


def test_defaults_are_those_promised(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, a="name: {zh: 甲, en: A}\nyear: 2025\n"), "a")
    assert (scenario.id, scenario.seed, scenario.market, scenario.siting) == ("a", 1, None, None)
    assert (scenario.time.mode, scenario.load.energy, scenario.corridor.option) == ("full", None, "none")
    assert (scenario.grid.line_factor, scenario.solver.time_limit, scenario.solver.threads) == (
        1.0,
        1200.0,
        2,
    )
    assert not scenario.projects
    assert not scenario.batteries


def test_overrides_merge_mappings_replace_values_and_null_deletes(tmp_path: Path) -> None:
    child = "extends: base\nname: {zh: 乙, en: B}\nload: null\n"
    projects = "projects:\n  P006: null\n  P014: {p_nom: 200 万千瓦}\n"
    scenario = load(write(tmp_path, base=BASE, b=child + projects), "b")
    assert set(scenario.projects) == {"P013", "P014"}
    assert not scenario.projects["P013"].in_service
    assert scenario.projects["P014"].p_nom == 2000.0
    assert scenario.load.energy is None


def test_lists_and_scalars_replace_and_names_are_not_inherited(tmp_path: Path) -> None:
    base = BASE.replace("name: {zh: 基准, en: Base}", "name: {zh: 基准, en: Base}\ndescription: {zh: 说明, en: About}")
    scenario = load(write(tmp_path, base=base, plan=PLAN), "plan")
    assert (scenario.name.zh, scenario.description, scenario.year) == ("计划", None, 2026)


def test_every_value_knows_the_file_and_line_it_was_written_in(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, base=BASE, plan=PLAN), "plan")
    base, plan = str(tmp_path / "base.yaml"), str(tmp_path / "plan.yaml")
    assert scenario.where("load.energy") == Where(base, 4, "load.energy")
    assert scenario.where("projects.P013.in_service") == Where(base, 7, "projects.P013.in_service")
    assert scenario.where("siting.total") == Where(plan, 6, "siting.total")
    assert scenario.where("year") == Where(plan, 3, "year")
    assert scenario.where("siting.split") == Where(plan, 5, "siting.split")  # default: the block above it
    assert scenario.where("seed") == Where(plan, 0, "seed")
    assert scenario.folder == tmp_path


def test_value_on_the_line_after_its_key_is_placed_there(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, a="name:\n  zh: 甲\n  en:\n    A\nyear: 2025\n"), "a")
    assert scenario.where("name.en").line == 4


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert load(tmp_path, "a").year == 2025


def test_resolved_reads_back_and_is_plain_sorted_json(tmp_path: Path) -> None:
    battery = "batteries: {NW500: {p_nom: 200 MW, max_hours: 2 h}}\n"
    text = PLAN + battery + "calibration:\n  a_mid: 8.1 GW\n  minimum_load: 0.30\n"
    scenario = load(write(tmp_path, base=BASE, plan=text), "plan")
    document = scenario.resolved()
    assert json.loads(json.dumps(document)) == document
    assert list(document) == sorted(document)
    assert document["siting"]["total"] == 2450.0
    assert document["calibration"] == {"a_mid": "8100 MW", "minimum_load": 0.3}
    twin = Scenario.from_resolved(document)
    assert twin.resolved() == document
    assert twin.content_hash() == scenario.content_hash()


def test_hash_ignores_order_comments_names_and_unit_spelling(tmp_path: Path) -> None:
    respelled = """\
# another hand
siting: {onwind_max: 140 万千瓦, onwind_min: 70 万千瓦, onwind: '1,000,000 kW', total: 245 万千瓦}
market: frozen   # the same
year: 2026
name: {en: Other, zh: 其他}
extends: base
"""
    folder = write(tmp_path, base=BASE, plan=PLAN, other=respelled)
    assert load(folder, "plan").content_hash() == load(folder, "other").content_hash()
    assert len(load(folder, "plan").content_hash()) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [("2.45 GW", "2.46 GW"), ("frozen", "tight"), ("year: 2026", "year: 2027"), ("700 MW", "701 MW")],
)
def test_hash_changes_with_what_is_computed(tmp_path: Path, old: str, new: str) -> None:
    folder = write(tmp_path, base=BASE, plan=PLAN, other=PLAN.replace(old, new))
    assert load(folder, "plan").content_hash() != load(folder, "other").content_hash()


@settings(max_examples=50)
@given(mw=st.integers(10, 20_000), data=st.data())
def test_hash_is_the_same_for_every_spelling_of_a_total(mw: int, data: st.DataObject) -> None:
    wind = data.draw(st.integers(0, mw))
    hashes = set()
    for total in (f"{mw} MW", f"{mw / 1000!r} GW", f"{mw / 10!r} 万千瓦", f"{mw * 1000:,} kW"):
        changes = {"total": total, "onwind": wind, "onwind_min": 0, "onwind_max": mw}
        base = Scenario.from_resolved({"id": "a", "name": {"zh": "甲", "en": "A"}, "year": 2025})
        hashes.add(base.with_changes(siting=changes).content_hash())
    assert len(hashes) == 1


def test_changes_merge_validate_and_forget_only_their_own_place(tmp_path: Path) -> None:
    plan = load(write(tmp_path, base=BASE, plan=PLAN), "plan")
    sited = {"Shenchi": {"onwind": 1000.0}, "Wuzhai": {"solar": 1450.0}}
    changed = plan.with_changes(market="tight", siting={"capacity": sited})
    assert changed.market == "tight"
    assert changed.siting is not None
    assert changed.siting.capacity["Wuzhai"]["solar"] == 1450.0
    assert changed.where("siting.total").line == 6
    assert changed.where("market").line == 0
    assert plan.market == "frozen"
    assert changed.source_path == plan.source_path
    assert plan.with_changes(siting=None).siting is None
    with pytest.raises(ScenarioError) as caught:
        plan.with_changes(siting={"capacity": {"Shenchi": {"onwind": 1000.0}}})
    assert caught.value.findings[0].where == Where(str(tmp_path / "plan.yaml"), 5, "siting.capacity")


def test_scenario_is_frozen(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, base=BASE), "base")
    with pytest.raises(ValueError, match="frozen"):
        scenario.year = 2026  # type: ignore[misc]


def test_figures_convert_to_the_unit_of_their_row(tmp_path: Path) -> None:
    text = BASE + "economics:\n  wind.capital_cost: 4,200 元/千瓦\n  wind.lifetime: 20\n"
    economics = load(write(tmp_path, base=text), "base").economics
    assert economics["wind.capital_cost"].to("CNY/kW") == 4200.0
    assert economics["wind.capital_cost"] == 4_200_000.0
    assert economics["wind.lifetime"].to("years") == 20.0
    with pytest.raises(QuantityError):
        economics["wind.capital_cost"].to("CNY/MWh")


def test_own_files_may_lie_outside_and_start_at_the_folder_of_the_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "load.csv").touch()
    options = "{counties: [Daixian], bias: {Daixian: 0.3}}"
    own_load = f"profiles:\n  load: {{file: '..\\load.csv', format: csv, options: {options}}}\n"
    text = BASE + "data: {overlay: ../secret}\n" + own_load
    scenario = load(write(folder, base=text), "base")
    assert scenario.data.overlay == "../secret"
    assert scenario.profiles["load"].options == {"counties": ["Daixian"], "bias": {"Daixian": 0.3}}
    assert json.loads(json.dumps(scenario.resolved())) == scenario.resolved()
    assert scenario.path_of(scenario.profiles["load"].file).resolve() == (tmp_path / "load.csv").resolve()


def test_scenario_files_are_sorted_by_id(tmp_path: Path) -> None:
    write(tmp_path, plan=PLAN, base=BASE)
    (tmp_path / "notes.txt").touch()
    assert [path.stem for path in scenario_files(tmp_path)] == ["base", "plan"]
