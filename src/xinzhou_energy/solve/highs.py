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
from xinzhou_energy.solve.solution import Method, Report, Settings, Solution

OPTIONS: dict[Method, dict[str, object]] = {
    Method.SIMPLEX: {"solver": "simplex"},
    Method.HIPO: {"solver": "hipo", "run_crossover": "off"},
    Method.IPX: {"solver": "ipx", "run_crossover": "off"},
}
AUTO = "auto"
INFEASIBLE = {"infeasible", "infeasible_or_unbounded"}


def methods_for(network: pypsa.Network, wanted: str) -> list[tuple[Method, str]]:
    """Return the methods to try, best first, each with the reason in one line (kept in the manifest).

    `network.model` exists already.

    Over a short horizon simplex is quick. Over a long one: blocks, where simplex takes half a minute at fixed sizes and
    does not end at open ones; behind them what ends by itself. HiPO without its extra libraries becomes IPX.
    """
    hours, open_ = len(network.snapshots), has_open_sizes(network)
    state = "sizes open" if open_ else "sizes fixed"
    if wanted != AUTO:
        return [available(Method(wanted), "asked for")]
    if hours <= SHORT_HORIZON:
        return [(Method.SIMPLEX, f"{state} over {hours} h: short enough for simplex")]
    second = available(Method.HIPO, "interior point") if open_ else (Method.SIMPLEX, "the whole at once")
    return [
        (Method.BLOCKS, f"{state} over {hours} h: blocks of hours, then a vertex of the whole"),
        (second[0], f"blocks found no optimum: {second[1]}"),
    ]


def has_open_sizes(network: pypsa.Network) -> bool:
    """Say whether the model of a network chooses any size."""
    return any(name.endswith("-p_nom") for name in network.model.variables)


def available(method: Method, reason: str) -> tuple[Method, str]:
    """Return the method, or what takes its place where its extra libraries are missing."""
    if method is Method.HIPO and importlib.util.find_spec("highspy_extras") is None:
        return Method.IPX, "HiPO needs 'highspy[extras]', which is not installed: interior point IPX instead"
    return method, reason


SHORT_HORIZON = 1000  # h; at 672 h simplex sites in seconds, at 1,344 h it already loses to HiPO


def solve(
    network: pypsa.Network,
    *,
    method: Method,
    reason: str,
    settings: Settings,
    stage: str,
    report: Report,
) -> Solution:
    """Solve `network.model` and write the optimum into the network.

    Parameters
    ----------
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
        return solve_in_blocks(network, reason=reason, settings=settings, stage=stage, report=report)
    started = time.monotonic()
    model = network.model
    options = {
        **OPTIONS[method],
        "time_limit": settings.time_limit,
        "threads": settings.threads,
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
