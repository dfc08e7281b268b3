"""`xinzhou-energy validate FILE...`: everything that can be checked before a solve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xinzhou_energy.cli.terminal import heading, say
from xinzhou_energy.errors import Finding, XinzhouError


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="情景文件 / Scenario files (YAML).")],
) -> None:
    """检查情景及其数据 / Check scenarios, the tables and the time series they use."""
    shown: set[Finding] = set()
    exit_code = 0
    for file in files:
        try:
            zh, en = check(file)
        except XinzhouError as error:
            exit_code = exit_code or error.exit_code
            _show_once(file, error, shown)
        else:
            say(f"{file}: 正确 OK  {zh} / {en}")
    raise typer.Exit(exit_code)


def check(file: Path) -> tuple[str, str]:
    """Load a scenario with its data and return its two names.

    Raises
    ------
    XinzhouError
        With every finding of the scenario or, when that is right, of its tables and time series.
    """
    from xinzhou_energy.scenario import load_scenario

    scenario = load_scenario(file)
    # Only now: pandas, xarray and pvlib take a second that a misspelt key need not wait for.
    from xinzhou_energy.grid.read import read_grid

    read_grid(scenario)
    return scenario.name.zh, scenario.name.en


def _show_once(file: Path, error: XinzhouError, shown: set[Finding]) -> None:
    """Print the findings of a file; those of a shared table or parent scenario only the first time."""
    new = [finding for finding in error.findings if finding not in shown]
    shown.update(new)
    known = len(error.findings) - len(new)
    also = f"（{known} 处已列出 / {known} shown above）" if known else ""
    say("\n".join([f"{file}: {heading(error)}{also}", *(str(finding) for finding in new)]), error=True)
