"""`xinzhou-energy run FILE`: solve a scenario, store the run, show its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinzhou_energy.cli.progress import reporting
from xinzhou_energy.cli.terminal import console, findings_document, print_json, quiet_libraries
from xinzhou_energy.errors import XinzhouError

if TYPE_CHECKING:  # these bring pandas and pypsa along
    from xinzhou_energy.cli.solved import Solved, Target


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="情景文件 / Scenario file (YAML).")],
    force: Annotated[bool, typer.Option("--force", help="已有结果也重新求解 / Solve again even if stored.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON / Print nothing but JSON.")] = False,
    results: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="结果目录 / Folder of results.")] = Path(
        "results"
    ),
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Dask 调度器地址，如 tcp://host:8786 / Address of a Dask scheduler whose workers solve the blocks.",
        ),
    ] = None,
) -> None:
    """求解情景并显示摘要 / Solve a scenario, store the run and show its summary."""
    try:
        solved, companion, targets = solve(file, results, force=force, quiet=as_json, scheduler=scheduler)
    except XinzhouError as error:
        if as_json:
            print_json(findings_document(error))
        raise
    from xinzhou_energy.cli.summary import as_document, show_summary

    if as_json:
        print_json(as_document(solved, companion, targets))
    else:
        show_summary(console(), solved, companion, targets)


def solve(
    file: Path, results: Path, *, force: bool, quiet: bool, scheduler: str | None
) -> tuple[Solved, Solved | None, tuple[Target, ...]]:
    """Solve a scenario while showing progress; return the run, the same plan in the other market, and targets.

    Raises
    ------
    XinzhouError
        Any of its kinds; nothing is stored then.
    """
    from xinzhou_energy.scenario import load_scenario

    load_scenario(file)  # a misspelt key is told at once, not after the seconds that pypsa takes to load
    from xinzhou_energy.cli.solved import describe, describe_targets

    quiet_libraries()
    with reporting(console(error=True), quiet=quiet) as report:
        from xinzhou_energy.run import run as run_scenario_file  # pypsa, while the terminal says "starting"

        outcome = run_scenario_file(file, results=results, force=force, report=report, scheduler=scheduler)
    companion = None if outcome.companion is None else describe(outcome.companion)
    return describe(outcome), companion, describe_targets(outcome)
