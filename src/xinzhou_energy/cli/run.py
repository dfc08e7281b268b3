"""`xinzhou-energy run FILE`: solve a scenario, store the run, show its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinzhou_energy.cli.progress import reporting
from xinzhou_energy.cli.terminal import console, findings_document, print_json
from xinzhou_energy.errors import XinzhouError

if TYPE_CHECKING:  # these bring pandas and pypsa along
    from xinzhou_energy.cli.summary import Solved, Target

CALIBRATION_YEAR = 2025


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="情景文件 / Scenario file (YAML).")],
    force: Annotated[bool, typer.Option("--force", help="已有结果也重新求解 / Solve again even if stored.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON / Print nothing but JSON.")] = False,
    results: Annotated[
        Path, typer.Option(metavar="DIR", file_okay=False, help="结果目录 / Folder of results.")
    ] = Path("results"),
) -> None:
    """求解情景并显示摘要 / Solve a scenario, store the run and show its summary."""
    try:
        solved, companion, targets = solve(file, results, force=force, quiet=as_json)
    except XinzhouError as error:
        if as_json:
            print_json(findings_document(error))
        raise
    from xinzhou_energy.cli.summary import as_document, show_summary

    if as_json:
        print_json(as_document(solved, companion, targets))
    else:
        show_summary(console(), solved, companion, targets)
