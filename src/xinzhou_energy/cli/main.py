"""The command `xinzhou-energy` and its exit codes.

0 solved · 1 a bug · 2 scenario, data or usage wrong · 3 infeasible · 4 solver trouble · 5 a promise missed
(`ledger --strict`) · 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from xinzhou_energy import __version__
from xinzhou_energy.cli.ledger import ledger
from xinzhou_energy.cli.list import list_scenarios
from xinzhou_energy.cli.plot import plot
from xinzhou_energy.cli.run import run
from xinzhou_energy.cli.schema import schema
from xinzhou_energy.cli.terminal import say, show_findings, tolerate_any_code_page
from xinzhou_energy.cli.validate import validate
from xinzhou_energy.errors import XinzhouError

BUG = 1
INTERRUPTED = 130

app = typer.Typer(
    name="xinzhou-energy",
    help="忻州能源系统模型 / Energy system model of Xinzhou: a scenario file in, a solved year out.",
    epilog="退出码 exit codes: 0 完成 solved, 1 程序错误 bug, 2 输入 input, 3 无可行解 infeasible, 4 求解器 solver, "
    "5 承诺未达到 promise missed",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("validate")(validate)
app.command("run")(run)
app.command("ledger")(ledger)
app.command("list")(list_scenarios)
app.command("schema")(schema)
app.command("plot")(plot)


def _print_version(wanted: bool) -> None:
    """Print the version and stop, when asked to."""
    if wanted:
        say(f"xinzhou-energy {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本 / Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command; without a docstring here the help would lose its own."""


def main() -> int:
    """Run the command line and return its exit code.

    Every error a planner can mend is printed as findings; anything else is a bug and shows its traceback.
    """
    tolerate_any_code_page()
    try:
        app()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
        if code == INTERRUPTED:
            say("已中断，没有留下半成品 / stopped by Ctrl-C, nothing half-done is left behind", error=True)
        return code
    except XinzhouError as error:
        show_findings(error)
        return error.exit_code
    except Exception as error:  # the front door: whatever else comes is a bug
        say(f"程序错误，请报告 / this is a bug, please report it: {type(error).__name__}: {error}", error=True)
        traceback.print_exception(error, file=sys.stderr)
        return BUG
    return 0
