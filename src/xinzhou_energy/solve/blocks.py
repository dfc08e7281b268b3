"""Site in weekly blocks: the full year cut by hours, closed to a certified gap, written back to the network."""

from __future__ import annotations

import time

import numpy as np
import pypsa
from linopy.constants import Result, Status
from linopy.constants import Solution as Values

from xinzhou_energy.decomposition.cut import NotSeparableError, cut
from xinzhou_energy.decomposition.level_set import minimise
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats, from_model, reduce
from xinzhou_energy.errors import Finding, SolverError, Where
from xinzhou_energy.solve.quiet import silent_stdout
from xinzhou_energy.solve.solution import Method, Progress, Report, Solution

HOURS_PER_BLOCK = 168
TOLERANCE = 1e-5  # of gross system cost


def solve_in_blocks(
    network: pypsa.Network, *, reason: str, time_limit: float, threads: int, stage: str, report: Report
) -> Solution:
    """Solve `network.model` in blocks and write the best point into the network; prices come with the dispatch.

    Raises
    ------
    SolverError
        If the problem cannot be cut, or the gap stays open at the time limit.
    """
    started = time.monotonic()

    def tell(rounds: int, gap: float) -> None:
        report(Progress(stage, time.monotonic() - started, rounds, gap if np.isfinite(gap) else None))

    full = from_model(network.model)
    reduced = reduce(full)
    try:
        with silent_stdout():
            master, parts = cut(reduced.problem, HOURS_PER_BLOCK)
            with Pool(parts, threads) as pool:
                found = minimise(master, parts, pool, tolerance=TOLERANCE, time_limit=time_limit, tell=tell)
    except (NotSeparableError, TimeoutError, RuntimeError) as error:
        raise SolverError(
            Finding(
                "no-optimum", Where("solver", 0, stage), str(error), "an optimal solution", "Use solver.method: hipo."
            )
        ) from error
    values = np.zeros(reduced.problem.lower.size)
    for part, evaluation in zip(parts, found.evaluations, strict=True):
        if evaluation.values is not None:
            values[part.own] = evaluation.values[: part.own.size]
    values[master.columns] = found.links
    duals = np.zeros(full.row_lower.size)
    duals[reduced.rows[master.rows]] = found.row_duals
    write_back(network, reduced.expand(values), duals, found.upper + reduced.constant)
    return Solution(
        method=Method.BLOCKS,
        reason=reason,
        objective=found.upper + reduced.constant,
        iterations=found.iterations,
        seconds=time.monotonic() - started,
        rows=full.row_lower.size,
        columns=full.lower.size,
        gap=found.gap,
    )


def write_back(network: pypsa.Network, values: Floats, duals: Floats, objective: float) -> None:
    """Hand the values to linopy by its labels and let PyPSA assign them."""
    model = network.model
    arrays = model.matrices
    by_label = np.full(model._xCounter, np.nan)  # linopy counts masked labels too, and offers the count nowhere else
    by_label[arrays.vlabels] = values
    dual_by_label = np.full(model._cCounter, np.nan)
    dual_by_label[arrays.clabels] = duals
    status = Status.from_termination_condition("optimal")
    model.assign_result(Result(status, Values(primal=by_label, dual=dual_by_label, objective=objective)))
    network.optimize.assign_solution()
