"""`xinzhou-energy list`: the scenarios there are and, with `--runs`, the runs already solved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from xinzhou_energy.cli.terminal import PLAIN_BOX, console, say
from xinzhou_energy.errors import XinzhouError
from xinzhou_energy.units import format_money

PACKAGE = Path(__file__).parents[1]
SCENARIO_FOLDERS = (Path("scenarios"), PACKAGE.parents[1] / "scenarios", PACKAGE / "_shipped" / "scenarios")


def list_scenarios(
    runs: Annotated[bool, typer.Option("--runs", help="同时列出已存结果 / List stored runs as well.")] = False,
    scenarios: Annotated[
        Path | None, typer.Option(metavar="DIR", help="情景目录 / Folder of scenarios. [default: scenarios]")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="DIR", help="结果目录 / Folder of results.")] = Path("results"),
) -> None:
    """列出情景和结果 / List scenarios and stored runs."""
    folder = scenarios or next((each for each in SCENARIO_FOLDERS if each.is_dir()), SCENARIO_FOLDERS[0])
    _show(scenario_table(folder), f"{folder}: 没有情景文件 / no scenario file")
    if runs:
        _show(run_table(results), f"{results}: 没有结果 / no stored run")


def whole(title: str) -> Column:
    """Return a column that is never cut: an id cut short cannot be typed again."""
    return Column(title, no_wrap=True)


def scenario_table(folder: Path) -> Table:
    """Return id, names, year and market of every scenario of a folder; a faulty one is named as such."""
    from xinzhou_energy.scenario import load_scenario, scenario_files  # pydantic and pint: not for `--help`

    columns = ("名称", "name", "年份 year", "市场 market")
    table = Table(whole("情景 scenario"), *columns, title=f"情景 / scenarios: {folder}", box=PLAIN_BOX)
    for path in scenario_files(folder):
        try:
            found = load_scenario(path)
        except XinzhouError as error:
            hint = f"{len(error.findings)} findings: xinzhou-energy validate"
            table.add_row(path.stem, "有误", hint, "", "")
        else:
            table.add_row(found.id, found.name.zh, found.name.en, str(found.year), found.market or "")
    return table


def run_table(results: Path) -> Table:
    """Return the stored runs of a folder, the newest first."""
    columns = ("市场 market", "完成 finished (UTC)", "方法 method", "净成本 net cost")
    table = Table(whole("情景 scenario"), whole("结果 run"), *columns, title=f"结果 / runs: {results}", box=PLAIN_BOX)
    for manifest, market in sorted(stored_runs(results), key=lambda found: str(found[0]["created"]), reverse=True):
        method = ", ".join(f"{stage} {name}" for stage, name in manifest["method"].items())
        cost = format_money(manifest["objectives"]["net"])
        finished = manifest["created"][:16].replace("T", " ")
        table.add_row(manifest["scenario"], manifest["run"], market, finished, method, cost)
    return table


def stored_runs(results: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield manifest and market of every stored run; a folder without both files whole holds no run.

    The files are read as they are, because `Manifest` brings pypsa along: seconds for a list.
    """
    for path in results.glob("[!.]*/[!.]*/manifest.json"):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            scenario = json.loads(path.with_name("scenario.json").read_text(encoding="utf-8"))
            complete = manifest["status"] == "ok"
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if complete:
            yield manifest, scenario.get("market", "")


def _show(table: Table, when_empty: str) -> None:
    """Print a table, or a line where it has no rows."""
    if table.row_count:
        console().print(table)
    else:
        say(when_empty)
