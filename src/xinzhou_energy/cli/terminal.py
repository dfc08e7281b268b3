"""Words to the terminal: any code page, any width, results on standard output and all else on standard error."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console

from xinzhou_energy.errors import (
    DataError,
    Finding,
    FormulationError,
    InfeasibleError,
    InterruptedSolveError,
    ResultError,
    ScenarioError,
    SolverError,
    XinzhouError,
)

PLAIN_BOX = box.SIMPLE_HEAD  # no vertical lines: some Chinese terminals draw these two columns wide
WIDTH_IN_FILES = 120  # columns when the output is no terminal and has no width of its own

HEADINGS: dict[type[XinzhouError], tuple[str, str]] = {
    ScenarioError: ("情景有误", "the scenario needs mending"),
    DataError: ("数据有误", "the data need mending"),
    FormulationError: ("约束无法写出", "a rule cannot be written"),
    InfeasibleError: ("无可行解", "no operation satisfies the scenario"),
    InterruptedSolveError: ("求解已中断，没有结果", "the solver was stopped, there is no result"),
    SolverError: ("求解器未得到最优解", "the solver gave no optimum"),
    ResultError: ("结果无法读取", "a stored run cannot be read"),
}


def tolerate_any_code_page() -> None:
    """Let characters that a terminal cannot show become `?` instead of an error (Windows, LANG=C)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def quiet_libraries() -> None:
    """Let libraries log warnings only; pypsa would set the level INFO when it is imported, were it not set before."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")


def console(*, error: bool = False) -> Console:
    """Return a console on standard output or error; wide tables in files and pipes."""
    made = Console(stderr=error, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = WIDTH_IN_FILES
    return made


def say(text: str, *, error: bool = False) -> None:
    """Print plain lines, never wrapped or styled.

    Not by `typer.echo`, which writes UTF-8 to a stream that says it is ASCII.
    """
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def heading(error: XinzhouError) -> str:
    """Return the bilingual line above the findings of an error."""
    zh, en = HEADINGS.get(type(error), ("出错", "something is wrong"))
    count = len(error.findings)
    return f"{zh}，共 {count} 处 / {en}: {count} finding{'' if count == 1 else 's'}"


def show_findings(error: XinzhouError) -> None:
    """Print every finding of an error to standard error."""
    say("\n".join([heading(error), *(str(finding) for finding in error.findings)]), error=True)


def findings_document(error: XinzhouError) -> dict[str, Any]:
    """Return an error as JSON-ready data: what `run --json` prints in place of a summary."""
    return {
        "status": "error",
        "error": type(error).__name__,
        "exit_code": error.exit_code,
        "findings": [_finding_document(finding) for finding in error.findings],
    }


def print_json(document: Mapping[str, Any]) -> None:
    """Print a document on standard output; escaped where the code page is not UTF-8, so that nothing is lost."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    say(json.dumps(document, ensure_ascii=not is_utf8, indent=2, allow_nan=False))


def _finding_document(finding: Finding) -> dict[str, str | int]:
    return {
        "code": finding.code,
        "file": finding.where.file,
        "line": finding.where.line,
        "path": finding.where.path,
        "found": finding.found,
        "expected": finding.expected,
        "remedy": finding.remedy,
    }
