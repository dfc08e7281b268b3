"""The end of a run for a planner: what was solved and its figures, both languages, planners' units and SI::

    2026 计划：新增风光 245 万千瓦 / Plan 2026: 2.45 GW of new wind and solar
    指标 metric            冻结市场 frozen market          收紧市场 tight market
    净外送电量 net outflow   443.0 亿千瓦时 (44.30 TWh)      436.0 亿千瓦时 (43.60 TWh)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xinzhou_energy.cli.solved import Row, Solved, Target
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
OBJECTIVES = {"siting": "选址目标 siting objective", "dispatch": "运行目标 dispatch objective", "net": "净成本 net cost"}
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
    """Return a share given in percent: '4.9 %'."""
    return f"{percent:,.1f} %"


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
    console.print(Text(f"\n{solved.zh} / {solved.en}", style="bold"))
    for label in solved.labels:
        console.print(Text(label, style="yellow"))
    console.print(figure_table(runs))
    if targets:
        console.print(target_table(targets))
    for each in runs:
        console.print(Text(how_solved(each)), soft_wrap=True)


def figure_table(runs: Sequence[Solved]) -> Table:
    """Return the figures with one column for each run; rows in the order of the first run."""
    table = Table("指标 metric")
    for each in runs:
        table.add_column(MARKETS.get(each.market, "数值 value"), justify="right")
    values = [{row.id: row for row in each.rows} for each in runs]
    for row in runs[0].rows:
        cells = [format_value(found[row.id].value, row.unit) if row.id in found else ABSENT for found in values]
        table.add_row(f"{row.zh} {row.en}", *cells)
    return table


def target_table(targets: Sequence[Target]) -> Table:
    """Return what the base year achieved against the calibration targets."""
    inside = sum(target.inside for target in targets)
    title = f"校准：{len(targets)} 项中 {inside} 项达标 / calibration: {inside} of {len(targets)} rows inside"
    table = Table("校准指标 calibration", title=title)
    for name in ("结果 achieved", "目标 target"):
        table.add_column(name, justify="right")
    table.add_column("达标 inside")
    for target in targets:
        row = target.row
        achieved, wanted = format_value(row.value, row.unit), format_range(target.low, target.high, row.unit)
        table.add_row(f"{row.zh} {row.en}", achieved, wanted, "是 yes" if target.inside else "否 NO")
    return table


def how_solved(solved: Solved) -> str:
    """Return the closing lines of a run: method, objective, relative difference, seconds, folder."""
    market = f"{MARKETS[solved.market]}: " if solved.market else ""
    method = ", ".join(f"{stage} {name}" for stage, name in solved.method.items())
    words = [f"{market}方法 method {method}"]
    words += [f"{OBJECTIVES.get(kind, kind)} {format_money(value)}" for kind, value in solved.objectives.items()]
    if solved.gap is not None:
        words.append(f"选址与运行相对差 relative difference {solved.gap:.1e}")
    words.append(f"用时 {solved.seconds:,.0f} s")
    reused = "（已有结果 / stored before; --force 重新求解 solves again）" if solved.reused else ""
    return f"{'; '.join(words)}\n  结果 result: {solved.folder}{reused}"


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
