"""`xinzhou-energy ledger SCENARIO`: every promise of the report with its verdict, margin and price."""

from __future__ import annotations

import math
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from xinzhou_energy.cli.list import SCENARIO_FOLDERS
from xinzhou_energy.cli.progress import reporting
from xinzhou_energy.cli.terminal import PLAIN_BOX, console, findings_document, print_json, quiet_libraries, say
from xinzhou_energy.errors import XinzhouError
from xinzhou_energy.units import format_energy, format_money

if TYPE_CHECKING:  # these bring pandas and pypsa along
    import pandas as pd

    from xinzhou_energy.run import Outcome

STRICT_EXIT = 5
ABSENT = "–"
BELOW = "< gap"
MARKS = {"met": "✓", "binding": "✓", "missed": "✗"}
STYLES = {"met": "green", "binding": "green", "missed": "bold red"}


def ledger(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="情景文件或名称 / Scenario file or its name.")],
    ablate: Annotated[
        bool, typer.Option("--ablate", help="逐项去掉承诺重新求解 / Solve again without each commitment.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="本市场有未达到的承诺则退出码为 5 / Exit with 5 if one is missed in its own market.",
        ),
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="也列出不在情景内的承诺 / List those out of scope as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON / Print nothing but JSON.")] = False,
    results: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="结果目录 / Folder of results.")] = Path(
        "results"
    ),
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask 调度器地址 / Address of a Dask scheduler.")
    ] = None,
) -> None:
    """承诺台账：判定、裕度与价格 / The ledger: verdict, margin and price of every promise."""
    try:
        outcome, changes = solve(scenario_file(scenario), results, ablated=ablate, quiet=as_json, scheduler=scheduler)
    except XinzhouError as error:
        if as_json:
            print_json(findings_document(error))
        raise
    if as_json:
        print_json(as_document(outcome, changes))
    else:
        show(outcome, changes, everything=everything)
    if strict and (outcome.result.verdicts["verdict"] == "missed").any():
        raise typer.Exit(STRICT_EXIT)


def scenario_file(written: str) -> Path:
    """Return the file of a scenario given by its path or its name."""
    path = Path(written)
    if path.suffix in {".yaml", ".yml"} or path.exists():
        return path
    found = (folder / f"{written}.yaml" for folder in SCENARIO_FOLDERS)
    return next((file for file in found if file.is_file()), path)


def solve(
    file: Path, results: Path, *, ablated: bool, quiet: bool, scheduler: str | None
) -> tuple[Outcome, pd.DataFrame | None]:
    """Solve a scenario, or read its stored run, and without each commitment where asked for."""
    from xinzhou_energy.scenario import load_scenario

    read = load_scenario(file)  # a misspelt key is told at once, not after the seconds that pypsa takes to load
    quiet_libraries()
    with reporting(console(error=True), quiet=quiet) as report:
        from xinzhou_energy.ablate import ablate
        from xinzhou_energy.run import run

        outcome = run(file, results=results, report=report, scheduler=scheduler)
        changes = ablate(read, outcome, results=results, report=report, scheduler=scheduler) if ablated else None
    return outcome, changes


def show(outcome: Outcome, changes: pd.DataFrame | None, *, everything: bool) -> None:
    """Print the ledger, then what each commitment changes."""
    screen = console()
    screen.print(verdict_table(outcome, everything=everything))
    if not everything:
        left = int((outcome.result.verdicts["verdict"] == "out_of_scope").sum())
        say(f"另有 {left} 项不在情景内（--all 列出）/ {left} more are out of scope (--all lists them)")
    if changes is not None:
        screen.print(change_table(outcome, changes))
        say("有该承诺减去无该承诺 / with the commitment less without it; < gap 小于认证误差 below the certified gap")


def verdict_table(outcome: Outcome, *, everything: bool) -> Table:
    """Return one row per commitment; the verdict in the other market where it differs."""
    table = Table(
        Column("承诺 commitment", ratio=1, overflow="fold"),
        Column("判定\nverdict", no_wrap=True),
        Column("数值\nvalue", justify="right", no_wrap=True),
        Column("目标\ntarget", justify="right", no_wrap=True),
        Column("裕度\nmargin", justify="right", no_wrap=True),
        Column("边际价格\nprice", justify="right", no_wrap=True),
        title=f"承诺台账 / ledger: {outcome.result.scenario}",
        box=PLAIN_BOX,
        expand=True,
    )
    companion: dict[str, str] = {}
    if outcome.companion is not None:
        verdicts = outcome.companion.result.verdicts
        companion = dict(zip(verdicts["commitment"], verdicts["verdict"], strict=True))
    for row in outcome.result.verdicts.to_dict("records"):
        if row["verdict"] == "out_of_scope" and not everything:
            continue
        name = str(row["verdict"])
        other = companion.get(str(row["commitment"]), name)
        unit = str(row["unit"])
        table.add_row(
            about(row),
            verdict_text(name, other),
            *(quantity(row[key], unit).replace(" (", "\n(", 1) for key in ("value", "target", "margin")),
            price(row["price"], str(row["price_unit"])),
            style=STYLES.get(name, ""),
        )
    return table


def verdict_text(name: str, other: str) -> str:
    """Return a verdict in both languages; that of the other market below where it is another."""
    from xinzhou_energy.results.verdicts import VERDICTS

    text = f"{MARKS.get(name, '·')} {VERDICTS[name][0]}\n  {VERDICTS[name][1]}"
    kept = {"met", "binding"}
    if other == name or {other, name} <= kept:
        return text
    return f"{text}\n另一市场 other market:\n{MARKS.get(other, '·')} {VERDICTS[other][0]} {VERDICTS[other][1]}"


def about(row: dict[Hashable, Any]) -> str:
    """Return name, due date and note of a commitment in both languages."""
    assumed = " · 规模为假设 size assumed" if row["provenance"] == "assumed" else ""
    names = f"{row['name_zh']} {row['name_en']} · {row['due']}{assumed}"
    notes = dict.fromkeys((str(row["note_zh"]), str(row["note_en"])))
    return escape("\n".join([names, *(f"  {note}" for note in notes if note)]))


def change_table(outcome: Outcome, changes: pd.DataFrame) -> Table:
    """Return what each commitment changes."""
    columns = ("成本 Δcost", "弃电 Δcurtailment", "煤电小时 Δcoal hours", "二氧化碳 ΔCO2", "外送 Δexport")
    table = Table(Column("承诺 commitment", overflow="fold"), box=PLAIN_BOX)
    for title in columns:
        table.add_column(title, justify="right")
    names = outcome.result.verdicts.set_index("commitment")[["name_zh", "name_en"]]
    for row in changes.to_dict("records"):
        small = str(row["below_gap"]).split(",")
        texts = {
            "cost_cny": format_money(row["cost_cny"]),
            "curtailment_mwh": format_energy(row["curtailment_mwh"]),
            "coal_hours": f"{row['coal_hours']:+,.1f} h",
            "co2_t": f"{row['co2_t'] / 1e4:+,.2f} 万吨",
            "export_mwh": format_energy(row["export_mwh"]),
        }
        zh, en = names.loc[row["commitment"]]
        table.add_row(escape(f"{zh}\n{en}"), *(BELOW if key in small else text for key, text in texts.items()))
    return table


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit; '–' where there is none."""
    if math.isnan(value):
        return ABSENT
    if unit == "MWh":
        return format_energy(value)
    digits = 3 if unit == "per unit" else 1
    return f"{value:,.{digits}f} {'' if unit == 'per unit' else unit}".strip()


def price(value: float, unit: str) -> str:
    """Return a price at the margin in planners' units; '–' where there is none."""
    if math.isnan(value):
        return ABSENT
    if unit == "CNY/MW":
        return f"{value / 1e3:,.1f}\n元/千瓦·年"
    return f"{value:,.1f} {unit}"


def as_document(outcome: Outcome, changes: pd.DataFrame | None) -> dict[str, Any]:
    """Return the ledger as JSON-ready data; null where there is no number."""
    companion = outcome.companion
    return {
        "status": "optimal",
        "scenario": outcome.result.scenario,
        "run": outcome.result.run,
        "folder": str(outcome.folder),
        "gap": outcome.manifest.gap,
        "verdicts": records(outcome.result.verdicts),
        "other_market": None
        if companion is None
        else {
            "scenario": companion.result.scenario,
            "run": companion.result.run,
            "verdicts": records(companion.result.verdicts),
        },
        "ablation": None if changes is None else records(changes),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, NaN as None."""
    return [
        {str(key): None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
