"""A stored run as the summary needs it: names, labels, how it was solved, figures. No frames past this file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xinzhou_energy.units import HOURS_PER_YEAR

if TYPE_CHECKING:  # these bring pandas and pypsa along
    import pandas as pd

    from xinzhou_energy.run import Outcome

CALIBRATION_YEAR = 2025
ZH_LABELS = {
    "synthetic, calibrated": "合成数据，已校准",
    "sited on representative weeks: siting gap not certified": "按代表周选址：选址误差未经验证",
}
WEEKS_LABEL = re.compile(r"(\d+) (representative weeks stand for the year)")


@dataclass(frozen=True)
class Row:
    """One figure: id, its two names, the value in the unit of the metric."""

    id: str
    zh: str
    en: str
    value: float
    unit: str


@dataclass(frozen=True)
class Target:
    """One row of the calibration: what came out, the range it should lie in, and whether it does."""

    row: Row
    low: float
    high: float
    inside: bool


@dataclass(frozen=True)
class Solved:
    """What the summary says of one stored run; objectives in CNY, `gap` relative to gross system cost."""

    scenario: str
    zh: str
    en: str
    market: str
    labels: tuple[str, ...]
    run: str
    folder: Path
    reused: bool
    method: Mapping[str, str]
    objectives: Mapping[str, float]
    gap: float | None
    seconds: float
    rows: tuple[Row, ...]


def describe(outcome: Outcome) -> Solved:
    """Return what the summary says of a run that is stored."""
    from xinzhou_energy.results import summary_table

    resolved = json.loads((outcome.folder / "scenario.json").read_text(encoding="utf-8"))
    manifest = outcome.manifest
    return Solved(
        scenario=manifest.scenario,
        zh=resolved["name"]["zh"],
        en=resolved["name"]["en"],
        market=resolved.get("market", ""),
        labels=labels(manifest.labels, manifest.year),
        run=manifest.run,
        folder=outcome.folder,
        reused=outcome.reused,
        method=dict(manifest.method),
        objectives=dict(manifest.objectives),
        gap=manifest.gap,
        seconds=sum(manifest.seconds.values()),
        rows=figures(summary_table(outcome.result)),
    )


def describe_targets(outcome: Outcome) -> tuple[Target, ...]:
    """Return achieved against target for a full year of 2025; nothing for other runs, which have no targets."""
    snapshots = outcome.manifest.size["snapshots"]
    if outcome.manifest.year != CALIBRATION_YEAR or snapshots < HOURS_PER_YEAR:
        return ()
    from xinzhou_energy.results.targets import achieved

    table = achieved(outcome.result)
    bounds = zip(table["low"], table["high"], table["inside"], strict=True)
    return tuple(
        Target(row, float(low), float(high), bool(inside))
        for row, (low, high, inside) in zip(figures(table), bounds, strict=True)
    )


def figures(table: pd.DataFrame) -> tuple[Row, ...]:
    """Return the rows of a table with the columns `id, zh, en, value, unit`."""
    columns = (table[name] for name in ("id", "zh", "en", "value", "unit"))
    return tuple(
        Row(str(name), str(zh), str(en), float(value), str(unit))
        for name, zh, en, value, unit in zip(*columns, strict=True)
    )


def labels(said: Sequence[str], year: int) -> tuple[str, ...]:
    """Return in both languages what must be read beside every number: kind of data, fleet, weeks, how it was sited.

    The fleet is named for every year, not only for the year whose label the manifest carries.
    """
    fleet = f"{year} 年底机组，运行一个正常年 / fleet at the end of {year}, run for a full normal year"
    data, *notes = [bilingual(label) for label in said if not label.startswith("fleet of ")]
    return (data, fleet, *notes)


def bilingual(label: str) -> str:
    """Return a label in both languages; as it is where its Chinese is not known."""
    weeks = WEEKS_LABEL.fullmatch(label)
    if weeks:
        return f"{weeks[1]} 个代表周代表全年 / {number_word(int(weeks[1]))} {weeks[2]}"
    zh = next((zh for en, zh in ZH_LABELS.items() if label.startswith(en)), "")
    return f"{zh} / {label}" if zh else label


def number_word(number: int) -> str:
    """Return a small number as a word: 4 → 'four'."""
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)
