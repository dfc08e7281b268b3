"""The summary: planners' units beside SI, frozen beside tight, achieved against target, JSON for machines."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from xinzhou_energy.cli.solved import Row, Solved, Target, describe, describe_targets, figures, labels
from xinzhou_energy.cli.summary import as_document, format_range, format_value, show_summary

OUTFLOW = Row("net_outflow", "净外送电量", "net outflow", 44.3e6, "MWh")
CAPACITY = Row("capacity_new", "新增装机", "new capacity", 2450.0, "MW")
CORRIDOR = Row("export_corridor", "送京津冀", "to BTH", 1.0e6, "MWh")
FLEET = "2026 年底机组，运行一个正常年 / fleet at the end of 2026, run for a full normal year"


def solved(market: str = "frozen", *rows: Row, gap: float | None = 2.5e-6, reused: bool = False) -> Solved:
    """Return a run of plan 2026 with given figures."""
    return Solved(
        scenario="plan_2026",
        zh="2026 计划",
        en="Plan 2026",
        market=market,
        labels=("合成数据，已校准 / synthetic, calibrated", FLEET),
        run="0123456789ab",
        folder=Path("results/plan_2026/0123456789ab"),
        reused=reused,
        method={"siting": "hipo", "dispatch": "simplex"},
        objectives={"siting": 1.5e9, "dispatch": 0.7e9, "net": 1.5e9},
        gap=gap,
        seconds=181.4,
        rows=rows or (CAPACITY, OUTFLOW),
    )


def shown(*arguments: object, width: int = 140) -> str:
    """Return the summary as printed to a file of a given width."""
    file = io.StringIO()
    show_summary(Console(file=file, width=width), *arguments)  # type: ignore[arg-type]
    return file.getvalue()


def line_with(text: str, word: str) -> str:
    """Return the only line of a text that holds a word."""
    lines = [line for line in text.splitlines() if word in line]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2450.0, "MW", "245.0 万千瓦 (2.45 GW)"),
        (16.5e6, "MWh", "165.0 亿千瓦时 (16.50 TWh)"),
        (8.1e8, "CNY", "8.10 亿元 (810.0 million CNY)"),
        (246.0, "CNY/MWh", "0.246 元/千瓦时 (246 CNY/MWh)"),
        (64.4501, "%", "64.45 %"),
        (0.0494, "per unit", "4.9 %"),
        (4284.4, "h", "4,284 小时 (h)"),
        (29.2e6, "t", "2,920.0 万吨 (29.20 Mt)"),
        (0.864, "t/MWh", "0.864 t/MWh"),
        (305.26, "g/kWh", "305.3 g/kWh"),
        (math.nan, "MW", "–"),
    ],
)
def test_each_unit_is_shown_as_planners_write_it_with_si_beside(value: float, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (33e6, 47e6, "MWh", "33–47 TWh"),
        (8000.0, 10500.0, "MW", "8–10.5 GW"),
        (27e6, 30e6, "t", "27–30 Mt"),
        (3.0, 8.0, "%", "3–8 %"),
        (3800.0, 4700.0, "h", "3,800–4,700 h"),
    ],
)
def test_a_target_range_is_short(low: float, high: float, unit: str, text: str) -> None:
    assert format_range(low, high, unit) == text


def test_frozen_and_tight_market_stand_side_by_side() -> None:
    tight = Row("net_outflow", "净外送电量", "net outflow", 43.6e6, "MWh")
    text = shown(solved(), solved("tight", tight, CAPACITY), ())
    header = line_with(text, "指标 metric")
    assert header.index("frozen market") < header.index("tight market")
    outflow = line_with(text, "净外送电量 net outflow")
    assert outflow.index("443.0 亿千瓦时 (44.30 TWh)") < outflow.index("436.0 亿千瓦时 (43.60 TWh)")
    assert line_with(text, "新增装机").count("245.0 万千瓦 (2.45 GW)") == 2


def test_a_figure_that_one_market_lacks_is_a_dash_there() -> None:
    text = shown(solved("frozen", OUTFLOW, CORRIDOR), solved("tight", OUTFLOW), ())
    assert "–" in line_with(text, "to BTH")


def test_the_headline_carries_names_labels_method_difference_and_folder() -> None:
    text = shown(solved(), None, ())
    assert "2026 计划 / Plan 2026" in text
    assert "synthetic, calibrated" in text
    assert FLEET in text
    assert "siting hipo, dispatch simplex" in line_with(text, "方法 method")
    assert "15.00 亿元 (1.50 bn CNY)" in line_with(text, "选址目标值 siting objective")
    assert "7.00 亿元 (700.0 million CNY)" in line_with(text, "运行目标值 dispatch objective")
    assert "2.5e-06" in line_with(text, "relative difference")
    assert "181 s" in line_with(text, "用时")
    assert text.splitlines()[-1] == f"结果 result: {Path('results/plan_2026/0123456789ab')}"
    assert "stored before" not in text


def test_a_reused_run_says_so_and_a_missing_difference_is_not_invented() -> None:
    text = shown(solved(gap=None, reused=True), None, ())
    assert "stored before" in text
    assert "relative difference" not in text


def test_achieved_stands_against_target() -> None:
    good = Target(Row("coal_hours", "煤电利用小时", "coal hours", 4284.0, "h"), 3800.0, 4700.0, inside=True)
    bad = Target(Row("curtailment", "弃风弃光率", "curtailment", 9.1, "%"), 3.0, 8.0, inside=False)
    text = shown(solved(""), None, (good, bad))
    assert "1 of 2 rows inside" in text
    assert "yes" in line_with(text, "coal hours")
    row = line_with(text, "弃风弃光率")
    assert "9.10 %" in row
    assert "3–8 %" in row
    assert "NO" in row


def test_columns_line_up_although_chinese_letters_are_twice_as_wide() -> None:
    from rich.cells import cell_len

    text = shown(solved(), solved("tight"), ())
    ends = {cell_len(line.rstrip()) for line in text.splitlines() if "万千瓦" in line or "亿千瓦时" in line}
    assert len(ends) == 1


def test_a_narrow_terminal_shows_si_below_and_cuts_nothing() -> None:
    text = shown(solved(), solved("tight"), (), width=80)
    upper, lower = line_with(text, "净外送电量"), line_with(text, "net outflow")
    assert upper.count("443.0 亿千瓦时") == 2
    assert lower.count("(44.30 TWh)") == 2
    assert "…" not in text


def test_json_holds_both_markets_in_base_units() -> None:
    missing = Row("price", "电价", "price", math.nan, "CNY/MWh")
    document = as_document(solved("frozen", OUTFLOW, missing), solved("tight"), ())
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["status"] == "optimal"
    assert again["metrics"][0] == {
        "id": "net_outflow",
        "zh": "净外送电量",
        "en": "net outflow",
        "value": 44.3e6,
        "unit": "MWh",
    }
    assert again["metrics"][1]["value"] is None
    assert (again["market"], again["companion"]["market"]) == ("frozen", "tight")
    assert (again["objectives"]["net"], again["gap"], again["run"]) == (1.5e9, 2.5e-6, "0123456789ab")
    assert "targets" not in again


def test_json_of_the_base_year_holds_the_targets() -> None:
    target = Target(Row("coal_hours", "煤电", "coal", 5000.0, "h"), 3800.0, 4700.0, inside=False)
    found = as_document(solved(""), None, (target,))["targets"]
    assert [(row["id"], row["value"], row["low"], row["high"], row["inside"]) for row in found] == [
        ("coal_hours", 5000.0, 3800.0, 4700.0, False)
    ]


def test_figures_keep_the_order_of_the_frame() -> None:
    frame = pd.DataFrame(
        [("b", "乙", "second", 2, "MW"), ("a", "甲", "first", 1.5, "h")], columns=["id", "zh", "en", "value", "unit"]
    )
    assert figures(frame) == (Row("b", "乙", "second", 2.0, "MW"), Row("a", "甲", "first", 1.5, "h"))


def manifest(*said: str) -> SimpleNamespace:
    """Return what the summary reads of a manifest."""
    return SimpleNamespace(
        scenario="plan",
        run="0123456789ab",
        year=2026,
        labels=said,
        method={"dispatch": "simplex"},
        objectives={"net": 1.0},
        gap=None,
        seconds={"read": 1.0, "dispatch": 20.5},
    )


@pytest.mark.parametrize(
    ("note", "zh", "en"),
    [
        (
            "4 representative weeks stand for the year",
            "4 个代表周代表全年",
            "four representative weeks stand for the year",
        ),
        (
            "13 representative weeks stand for the year",
            "13 个代表周代表全年",
            "13 representative weeks stand for the year",
        ),
        (
            "sited on representative weeks: siting gap not certified",
            "按代表周选址：选址误差未经验证",
            "sited on representative weeks: siting gap not certified",
        ),
    ],
)
def test_every_note_of_a_run_stands_beside_its_numbers_in_both_languages(note: str, zh: str, en: str) -> None:
    assert labels(("synthetic, calibrated", note), 2025)[2:] == (f"{zh} / {en}",)


def test_a_note_without_known_chinese_is_not_lost() -> None:
    assert labels(("synthetic, calibrated", "made up"), 2025)[2:] == ("made up",)


def test_the_fleet_is_named_once_and_for_every_year() -> None:
    said = ("synthetic, calibrated", "fleet of 2026: the fleet at the end of 2026, run for a full normal year")
    for year in (2026, 2030):
        data, fleet = labels(said, year)
        assert data == "合成数据，已校准 / synthetic, calibrated"
        assert fleet.endswith(f"fleet at the end of {year}, run for a full normal year")


def test_a_stored_run_is_described_by_its_own_files(tmp_path: Path) -> None:
    resolved = {"name": {"zh": "计划", "en": "Plan"}, "market": "tight"}
    (tmp_path / "scenario.json").write_text(json.dumps(resolved), encoding="utf-8")
    columns = ["metric", "statistic", "carrier", "location", "component", "unit", "value"]
    metrics = pd.DataFrame([("net_outflow", "sum", "", "", "", "MWh", 4.0e7)], columns=columns)
    from xinzhou_energy.results import RunResult

    result = RunResult("plan", "0123456789ab", 2026, metrics, pd.DataFrame(), pd.DataFrame())
    outcome = SimpleNamespace(folder=tmp_path, result=result, manifest=manifest("synthetic, calibrated"), reused=True)
    found = describe(outcome)  # type: ignore[arg-type]
    assert (found.zh, found.en, found.market, found.reused) == ("计划", "Plan", "tight", True)
    assert found.seconds == 21.5
    assert [(row.id, row.value) for row in found.rows] == [("net_outflow", 4.0e7)]


@pytest.mark.parametrize(("year", "snapshots"), [(2026, 8760), (2025, 672)])
def test_only_a_full_year_of_2025_has_targets(year: int, snapshots: int) -> None:
    outcome = SimpleNamespace(manifest=SimpleNamespace(year=year, size={"snapshots": snapshots}))
    assert describe_targets(outcome) == ()  # type: ignore[arg-type]


def test_a_full_year_of_2025_is_held_against_the_targets() -> None:
    from xinzhou_energy.results import RunResult

    columns = ["metric", "statistic", "carrier", "location", "component", "unit", "value"]
    metrics = pd.DataFrame([("net_outflow", "sum", "", "", "", "MWh", 4.0e7)], columns=columns)
    result = RunResult("base_2025", "0123456789ab", 2025, metrics, pd.DataFrame(), pd.DataFrame())
    outcome = SimpleNamespace(manifest=SimpleNamespace(year=2025, size={"snapshots": 8760}), result=result)
    found = {target.row.id: target for target in describe_targets(outcome)}  # type: ignore[arg-type]
    assert (found["net_outflow"].row.value, found["net_outflow"].inside) == (4.0e7, True)
    assert not found["coal_hours"].inside  # not in the run
