"""From a solved network to the ledger: every commitment, its verdict, margin and price."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pypsa

import xinzhou_energy.results.verdicts as package
from xinzhou_energy.grid.commitments import OWN_SECTION
from xinzhou_energy.results.verdicts.case import RULES, Case, Judged, Year
from xinzhou_energy.results.verdicts.price import price_of

VERDICTS: dict[str, tuple[str, str]] = {
    "met": ("达到", "met"),
    "binding": ("达到且起约束", "met, binding"),
    "missed": ("未达到", "missed"),
    "tracked": ("事实追踪", "tracked"),
    "reported": ("仅报告", "reported"),
    "out_of_scope": ("不在情景内", "out of scope"),
}
VERDICT_COLUMNS: tuple[str, ...] = (
    "commitment", "section", "kind", "name_zh", "name_en", "clause_zh", "clause_en", "verdict", "value", "target",
    "margin", "unit", "due", "price", "price_unit", "components", "rows", "note_zh", "note_en", "source",
    "confidence", "provenance",
)  # fmt: skip
COUNTS = ("components", "rows")
NUMBERS = ("value", "target", "margin", "price")
TEXTS = tuple(name for name in VERDICT_COLUMNS if name not in COUNTS + NUMBERS)
TRACKED_KINDS = ("approval",)
BINDS = 1e-6  # CNY per unit: a price below is none
NOT_MODELLED = ("本模型尚未覆盖", "not modelled yet")


@dataclass(frozen=True)
class Ledger:
    """`verdicts`: `VERDICT_COLUMNS`, one row per commitment, `verdict` a key of `VERDICTS`, empty numbers NaN.

    `figures`: further numbers of the commitments as metrics, `component` the commitment.
    """

    verdicts: pd.DataFrame
    figures: pd.DataFrame


def judge(network: pypsa.Network, rows: pd.DataFrame) -> Ledger:
    """Judge every commitment that a solved network carries.

    Parameters
    ----------
    rows
        Our rows with `commitment` and `dual` [CNY per unit of the right-hand side].
    """
    judged = cases(network, rows)
    lines = pd.DataFrame([line(case, found) for case, found in judged], columns=list(VERDICT_COLUMNS))
    types = dict.fromkeys(TEXTS, "str") | dict.fromkeys(COUNTS, "int64") | dict.fromkeys(NUMBERS, "float64")
    figures = [
        {"metric": metric, "statistic": "sum", "component": case.commitment.id, "value": value, "unit": unit}
        for case, found in judged
        for metric, value, unit in found.figures
    ]
    columns = ["metric", "statistic", "component", "value", "unit"]
    return Ledger(lines.astype(types), pd.DataFrame(figures, columns=columns))


def cases(network: pypsa.Network, rows: pd.DataFrame) -> list[tuple[Case, Judged]]:
    """Measure every commitment once."""
    load_rules()
    year = Year(network)
    found = []
    for commitment in year.commitments.values():
        case = Case(year, commitment, rows[rows["commitment"] == commitment.id])
        rule = RULES.get(commitment.id) or RULES.get(commitment.kind)
        known = commitment.id in RULES or commitment.section == OWN_SECTION
        judged = rule(case) if commitment.in_service and rule is not None else unjudged(case, known=known)
        found.append((case, judged))
    return found


def unjudged(case: Case, *, known: bool) -> Judged:
    """Say why a commitment is not measured."""
    commitment = case.commitment
    note = NOT_MODELLED
    if known and commitment.active:
        year = commitment.first_year
        note = (f"{year} 年前不能投运", f"not in service before {year}")
    elif known:
        note = ("本情景未纳入", "not part of this scenario")
    return Judged(None, commitment.quantity, commitment.unit, None, note=note)


def line(case: Case, judged: Judged) -> dict[str, object]:
    """Write one row of the ledger."""
    commitment = case.commitment
    price, unit = price_of(case) if commitment.in_service else (None, "")
    return {
        "commitment": commitment.id,
        "section": commitment.section,
        "kind": commitment.kind,
        "name_zh": commitment.name_zh,
        "name_en": commitment.name_en,
        "clause_zh": commitment.clause_zh,
        "clause_en": commitment.clause_en,
        "verdict": verdict_of(case, judged, price),
        "value": judged.value,
        "target": judged.target,
        "margin": judged.margin,
        "unit": judged.unit,
        "due": commitment.due,
        "price": price,
        "price_unit": unit,
        "components": case.components(),
        "rows": int(case.rows["id"].nunique()),
        "note_zh": judged.note[0],
        "note_en": judged.note[1],
        "source": commitment.source,
        "confidence": commitment.confidence,
        "provenance": commitment.provenance,
    }


def verdict_of(case: Case, judged: Judged, price: float | None) -> str:
    """Name the verdict: a row that holds at a price makes a promise that is kept a binding one."""
    commitment = case.commitment
    if not commitment.active:
        return "out_of_scope"
    if not commitment.in_service or commitment.kind in TRACKED_KINDS:
        return "tracked"
    if judged.kept is None:
        return "reported"
    if not judged.kept:
        is_due = date.fromisoformat(commitment.due).year <= int(case.network.meta.get("year", date.max.year))
        return "missed" if is_due else "tracked"
    holds = len(case.rows) > 0 and price is not None and abs(price) > BINDS
    return "binding" if holds else "met"


def load_rules() -> None:
    """Import every topic, so that its rules are registered."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
