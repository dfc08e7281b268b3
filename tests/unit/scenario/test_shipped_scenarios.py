from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from xinzhou_energy.scenario import json_schema, load_scenario, scenario_files
from xinzhou_energy.scenario.schema import ScenarioFields

FOLDER = Path(__file__).parents[3] / "scenarios"
SHIPPED = [
    "base_2025",
    "corridor_ac_2030",
    "corridor_dc_2030",
    "plan_2026",
    "plan_2026_all",
    "plan_2026_no_parks",
    "plan_2026_no_storage",
    "plan_2026_no_upgrade",
    "plan_2026_xuangang",
    "plan_2030",
    "plan_2030_ac",
    "plan_2030_dc",
    "quick",
    "rich_2030",
]


def test_the_promised_scenarios_are_shipped() -> None:
    assert [path.stem for path in scenario_files(FOLDER)] == SHIPPED


@pytest.mark.parametrize("stem", SHIPPED)
def test_shipped_scenario_is_valid_bilingual_and_hints_its_schema(stem: str) -> None:
    path = FOLDER / f"{stem}.yaml"
    scenario = load_scenario(path)
    assert path.read_text(encoding="utf-8").splitlines()[0] == "# yaml-language-server: $schema=schema.json"
    assert re.search("[一-鿿]", scenario.name.zh)
    assert scenario.name.en.isascii()
    assert scenario.year == 2025 or scenario.market == "frozen"


def test_plan_connects_what_the_work_report_promises() -> None:
    # Xinzhou 2026 Government Work Report: 风电和光伏并网 245 万千瓦; wind 1,000 MW, 700-1,400 assumed.
    siting = load_scenario(FOLDER / "plan_2026.yaml").siting
    assert siting is not None
    assert (siting.total, siting.onwind, siting.onwind_min, siting.onwind_max) == (2450, 1000, 700, 1400)
    assert siting.split == "fixed"


def test_xuangang_variant_differs_by_one_project() -> None:
    plan = load_scenario(FOLDER / "plan_2026.yaml").resolved()
    variant = load_scenario(FOLDER / "plan_2026_xuangang.yaml").resolved()
    assert variant["projects"] == {"P006": {"in_service": True}}
    labels = {"projects", "id", "name", "description"}
    assert {k: v for k, v in plan.items() if k not in labels} == {k: v for k, v in variant.items() if k not in labels}


@pytest.mark.parametrize(
    ("stem", "option", "corridor_mw", "added_mw"),
    [("corridor_ac_2030", "ac", 4000, 9600), ("corridor_dc_2030", "dc", 8000, 13_300)],
)
def test_corridor_scenarios_follow_calibration_section_5(
    stem: str, option: str, corridor_mw: float, added_mw: float
) -> None:
    scenario = load_scenario(FOLDER / f"{stem}.yaml")
    assert (scenario.year, scenario.corridor.option, scenario.corridor.p_nom) == (2030, option, corridor_mw)
    assert scenario.additions.onwind + scenario.additions.solar == pytest.approx(added_mw)
    assert scenario.calibration == {"minimum_load": 0.30, "minimum_load_chp_heating": 0.45}
    assert scenario.grid.line_factor == 1.6


def test_rich_scenario_opens_siting_corridor_and_a_battery_in_every_county() -> None:
    scenario = load_scenario(FOLDER / "rich_2030.yaml")
    assert scenario.siting is not None
    assert (scenario.siting.split, scenario.corridor.p_nom, scenario.corridor.p_nom_max) == ("free", None, 8000)
    assert {(battery.p_nom, battery.max_hours) for battery in scenario.batteries.values()} == {(None, 4)}
    counties = pd.read_csv(FOLDER.parent / "data" / "grid" / "counties.csv")["id"]
    assert set(scenario.batteries) == {"NW500", *(f"N220_{county}" for county in counties)}


def test_quick_is_the_plan_on_four_weeks() -> None:
    quick, plan = load_scenario(FOLDER / "quick.yaml"), load_scenario(FOLDER / "plan_2026.yaml")
    assert (quick.time.mode, quick.time.weeks) == ("weeks", 4)
    assert quick.with_changes(time={"mode": "full"}).content_hash() == plan.content_hash()


def test_schema_file_is_up_to_date() -> None:
    shipped = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema(), "write it anew with `xinzhou-energy schema > scenarios/schema.json`"


def test_schema_describes_every_key_in_both_languages() -> None:
    undescribed = [
        f"{name}.{key}"
        for name, block in {"": json_schema(), **json_schema()["$defs"]}.items()
        for key, field in block.get("properties", {}).items()
        if not re.search("[一-鿿].* / [a-z]", field.get("description", ""), re.IGNORECASE)
    ]
    assert undescribed == []


def test_schema_knows_every_key_and_lets_quantities_be_written_with_units() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == {*ScenarioFields.model_fields, "extends"}
    total = schema["$defs"]["Siting"]["properties"]["total"]["anyOf"]
    pattern = next(option["pattern"] for option in total if option["type"] == "string")
    for good in ("2.45 GW", "245 万千瓦", "1,400 MW"):
        assert re.search(pattern, good)
    for bad in ("2450", "-3 MW", "300 CNY/MWh"):
        assert not re.search(pattern, bad)
    assert {"type": "null"} in total


def _patterns(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [v for k, v in node.items() if k == "pattern" and isinstance(v, str)] + [
            pattern for value in node.values() for pattern in _patterns(value)
        ]
    return [pattern for item in node for pattern in _patterns(item)] if isinstance(node, list) else []


def test_schema_patterns_are_regular_expressions_without_lookaround() -> None:
    patterns = _patterns(json_schema())
    assert patterns
    assert not [pattern for pattern in patterns if re.compile(pattern) and "(?" in pattern]


@pytest.mark.parametrize(
    "stem", [stem for stem in SHIPPED if stem.startswith(("plan_2026_all", "plan_2026_no", "plan_2030"))]
)
def test_a_scenario_of_the_ledger_is_described_in_two_sentences(stem: str) -> None:
    description = load_scenario(FOLDER / f"{stem}.yaml").description
    assert description is not None
    assert description.zh.count("。") == 2
    assert len(re.findall(r"\.(?: |$)", description.en)) == 2
