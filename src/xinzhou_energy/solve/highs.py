"""HiGHS on the model of a network: options, time limit, and one gate that only an optimum passes."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from pathlib import Path

import pypsa

from xinzhou_energy.errors import Finding, InfeasibleError, SolverError, Where
from xinzhou_energy.solve.blocks import solve_in_blocks
from xinzhou_energy.solve.progress import following
from xinzhou_energy.solve.quiet import silent_stdout
from xinzhou_energy.solve.solution import Method, Report, Solution

OPTIONS: dict[Method, dict[str, object]] = {
    Method.SIMPLEX: {"solver": "simplex"},
    Method.HIPO: {"solver": "hipo", "run_crossover": "off"},
    Method.IPX: {"solver": "ipx", "run_crossover": "off"},
}
INFEASIBLE = {"infeasible", "infeasible_or_unbounded"}


def choose_method(network: pypsa.Network, wanted: str) -> tuple[Method, str]:
    """Choose how to solve, and say why in one line (kept in the manifest).

    Fixed capacities: simplex, for a vertex and clean prices. Free capacities over a long horizon: weekly blocks, where
    simplex does not end and interior point takes minutes. HiPO without its extra libraries becomes IPX.
    """
    hours = len(network.snapshots)
    is_open = network.generators.p_nom_extendable.any()
    if wanted in (Method.HIPO, Method.SIMPLEX) or (wanted == Method.BLOCKS and is_open):
        method, reason = Method(wanted), "asked for"
    elif not is_open:
        method, reason = Method.SIMPLEX, "capacities fixed: a vertex gives clean prices"
    elif hours <= SHORT_HORIZON:
        method, reason = Method.SIMPLEX, f"capacities free over {hours} h: short enough for simplex"
    else:
        method, reason = (
            Method.BLOCKS,
            f"capacities free over {hours} h: weekly blocks to a certified gap, then dispatch",
        )
    if method is Method.HIPO and importlib.util.find_spec("highspy_extras") is None:
        return Method.IPX, "HiPO needs 'highspy[extras]', which is not installed: interior point IPX instead"
    return method, reason


SHORT_HORIZON = 1000  # h; at 672 h simplex sites in seconds, at 1,344 h it already loses to HiPO


def solve(
    network: pypsa.Network,
    *,
    method: Method,
    reason: str,
    time_limit: float,
    threads: int,
    stage: str,
    report: Report,
) -> Solution:
    """Solve `network.model` and write the optimum into the network.

    Parameters
    ----------
    time_limit
        Seconds.
    stage
        Name shown with the progress.

    Raises
    ------
    InfeasibleError
        If no operation satisfies every row.
    SolverError
        If HiGHS stops without an optimum: time limit, numerical trouble, unbounded.
    """
    if method is Method.BLOCKS:
        return solve_in_blocks(
            network, reason=reason, time_limit=time_limit, threads=threads, stage=stage, report=report
        )
    started = time.monotonic()
    model = network.model
    options = {
        **OPTIONS[method],
        "time_limit": float(time_limit),
        "threads": threads,
        "log_to_console": False,
    }
    with tempfile.TemporaryDirectory(prefix="xinzhou-") as folder:
        log = Path(folder) / "highs.log"
        with silent_stdout(), following(log, stage, report) as seen:
            try:
                status, condition = model.solve(
                    solver_name="highs", io_api="direct", log_fn=log, progress=False, **options
                )
            except (RuntimeError, ValueError) as error:
                raise SolverError(finding(stage, f"HiGHS failed: {error}", "Try solver.method: simplex.")) from error
    seconds = time.monotonic() - started
    check_optimal(stage, status, condition, seconds)
    network.optimize.assign_solution()
    network.optimize.assign_duals()
    network.optimize.post_processing()
    return Solution(
        method=method,
        reason=reason,
        objective=float(network.objective),
        iterations=seen.iterations,
        seconds=seconds,
        rows=int(model.ncons),
        columns=int(model.nvars),
    )


def check_optimal(stage: str, status: str, condition: str, seconds: float) -> None:
    """Let only an optimum pass: linopy answers `ok` with `time_limit` too."""
    if status == "ok" and condition == "optimal":
        return
    if condition in INFEASIBLE:
        raise InfeasibleError(
            finding(
                stage,
                "no operation satisfies every rule",
                "Undo the last changes to projects, siting or storage one by one.",
            )
        )
    if condition == "time_limit":
        raise SolverError(finding(stage, f"no optimum after {seconds:,.0f} s", "Raise solver.time_limit."))
    raise SolverError(
        finding(stage, f"HiGHS stopped with '{condition}'", "Try another solver.method, or check extreme values.")
    )


def finding(stage: str, found: str, remedy: str) -> Finding:
    """Name the stage that gave no result."""
    return Finding("no-optimum", Where("solver", 0, stage), found, "an optimal solution", remedy)
