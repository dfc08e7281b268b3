"""The end of a run for a planner: what was solved and its figures, both languages, planners' units and SI::

    2026 计划：新增风光 245 万千瓦 / Plan 2026: 2.45 GW of new wind and solar
    指标 metric              冻结市场 frozen market        收紧市场 tight market
    净外送电量 net outflow     443.0 亿千瓦时 (44.30 TWh)    436.0 亿千瓦时 (43.60 TWh)

The same for machines: `as_document`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from xinzhou_energy.cli.solved import Row, Solved, Target
from xinzhou_energy.cli.terminal import PLAIN_BOX
from xinzhou_energy.units import (
    KILO,
    MEGA,
    WAN,
    format_energy,
    format_money,
    format_power,
    format_price,
    format_share,
)

MARKETS = {"frozen": "冻结市场 frozen market", "tight": "收紧市场 tight market"}
STAGES = {"siting": "选址", "dispatch": "运行"}
NARROW = 110  # columns below which a planner's figure stands above its SI figure, not beside it
ABSENT = "–"


def format_value(value: float, unit: str) -> str:
    """Return a figure in planners' unit with SI beside it; '–' where there is none.

    Parameters
    ----------
    value
        In `unit`.
    unit
        MW, MWh, CNY, CNY/MWh, per unit, %, t, h or any other, which is shown as it is.
    """
    if not math.isfinite(value):
        return ABSENT
    if unit in FORMATS:
        return FORMATS[unit](value)
    return f"{value:,.3f} {unit}" if abs(value) < 10 else f"{value:,.1f} {unit}"


def format_mass(tonnes: float) -> str:
    """Return a mass [t] for planners: '2,920.0 万吨 (29.20 Mt)'."""
    return f"{tonnes / WAN:,.1f} 万吨 ({tonnes / MEGA:,.2f} Mt)"


def format_hours(hours: float) -> str:
    """Return a number of hours: '4,284 小时 (h)'."""
    return f"{hours:,.0f} 小时 (h)"


def format_percent(percent: float) -> str:
    """Return a share given in percent: '64.45 %'."""
    return f"{percent:,.2f} %"


FORMATS: dict[str, Callable[[float], str]] = {
    "MW": format_power,
    "MWh": format_energy,
    "CNY": format_money,
    "CNY/MWh": format_price,
    "per unit": format_share,
    "%": format_percent,
    "t": format_mass,
    "h": format_hours,
}


# Size and name of the SI unit in which the range of a target is short to read.
RANGE_UNITS = {"MW": (KILO, "GW"), "MWh": (MEGA, "TWh"), "t": (MEGA, "Mt")}


def format_range(low: float, high: float, unit: str) -> str:
    """Return a range given in a unit of the metrics in SI: '33–47 TWh'."""
    size, name = RANGE_UNITS.get(unit, (1.0, unit))
    return f"{low / size:,g}–{high / size:,g} {name}"


def show_summary(console: Console, solved: Solved, companion: Solved | None, targets: Sequence[Target]) -> None:
    """Print headline, labels, figures (frozen and tight side by side), targets and the folders of the runs."""
    runs = [solved] if companion is None else [solved, companion]
    narrow = console.width < NARROW
    console.print(Text(f"\n{solved.zh} / {solved.en}", style="bold"))
    for label in solved.labels:
        console.print(Text(label, style="yellow"))
    console.print(figure_table(runs, narrow=narrow))
    if targets:
        console.print(target_table(targets, narrow=narrow))
    for each in runs:
        reused = "  （已有结果 / stored before; --force 重新求解 solves again）" if each.reused else ""
        console.print(Text(f"结果 result: {each.folder}{reused}"), soft_wrap=True)


def figure_table(runs: Sequence[Solved], *, narrow: bool) -> Table:
    """Return the figures with one column for each run, in the order of the first run, then how each was solved."""
    table = Table(Column("指标 metric", overflow="fold"), box=PLAIN_BOX)
    for each in runs:
        table.add_column(cell(MARKETS.get(each.market, "数值 value"), narrow), justify="right")
    values = [{row.id: row for row in each.rows} for each in runs]
    for row in runs[0].rows:
        texts = (format_value(found[row.id].value, row.unit) if row.id in found else ABSENT for found in values)
        table.add_row(name_of(row, narrow), *(cell(text, narrow) for text in texts))
    table.add_section()
    solves = [solve_rows(each) for each in runs]
    for name in solves[0]:
        table.add_row(cell(name, narrow), *(cell(found.get(name, ABSENT), narrow) for found in solves))
    return table


def target_table(targets: Sequence[Target], *, narrow: bool) -> Table:
    """Return what the base year achieved against the calibration targets."""
    inside = sum(target.inside for target in targets)
    title = f"校准：{len(targets)} 项中 {inside} 项达标 / calibration: {inside} of {len(targets)} rows inside"
    table = Table(Column("校准指标 calibration", overflow="fold"), title=title, box=PLAIN_BOX)
    for name in ("结果 achieved", "目标 target"):
        table.add_column(name, justify="right")
    table.add_column("达标 inside")
    for target in targets:
        row = target.row
        achieved = cell(format_value(row.value, row.unit), narrow)
        wanted = format_range(target.low, target.high, row.unit)
        table.add_row(name_of(row, narrow), achieved, wanted, "是 yes" if target.inside else "否 NO")
    return table


def cell(text: str, narrow: bool) -> str:
    """Return a text for one cell: on a narrow terminal what stands in brackets goes below."""
    return text.replace(" (", "\n(", 1) if narrow else text


def name_of(row: Row, narrow: bool) -> str:
    """Return the two names of a figure, side by side or one above the other."""
    return f"{row.zh}\n{row.en}" if narrow else f"{row.zh} {row.en}"


def solve_rows(solved: Solved) -> dict[str, str]:
    """Return how a run was solved, name to text: method and objective by stage, relative difference, seconds."""
    method = ", ".join(f"{stage} {solved.method[stage]}" for stage in STAGES if stage in solved.method)
    objectives = {
        f"{zh}目标值 {stage} objective": format_money(solved.objectives[stage])
        for stage, zh in STAGES.items()
        if stage in solved.objectives
    }
    difference = {} if solved.gap is None else {"目标值相对差 relative difference": f"{solved.gap:.1e}"}
    return {"方法 method": method, **objectives, **difference, "用时 seconds": f"{solved.seconds:,.0f} s"}


def as_document(solved: Solved, companion: Solved | None, targets: Sequence[Target]) -> dict[str, Any]:
    """Return the summary as JSON-ready data, values in the units of the metrics; null where there is none."""
    document = _document(solved)
    if targets:
        document["targets"] = [
            {**_figure(target.row), "low": target.low, "high": target.high, "inside": target.inside}
            for target in targets
        ]
    document["companion"] = None if companion is None else _document(companion)
    return {"status": "optimal", **document}


def _document(solved: Solved) -> dict[str, Any]:
    return {
        "scenario": solved.scenario,
        "name": {"zh": solved.zh, "en": solved.en},
        "market": solved.market,
        "labels": list(solved.labels),
        "run": solved.run,
        "folder": str(solved.folder),
        "reused": solved.reused,
        "method": dict(solved.method),
        "objectives": dict(solved.objectives),
        "gap": solved.gap,
        "seconds": solved.seconds,
        "metrics": [_figure(row) for row in solved.rows],
    }


def _figure(row: Row) -> dict[str, Any]:
    value = row.value if math.isfinite(row.value) else None
    return {"id": row.id, "zh": row.zh, "en": row.en, "value": value, "unit": row.unit}
