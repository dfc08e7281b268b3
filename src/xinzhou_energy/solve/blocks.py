"""A full year in blocks: sizes to a certified gap and operation to the optimum, written back to the network."""

from __future__ import annotations

import time

import numpy as np
import pypsa
from linopy.constants import Result, Status
from linopy.constants import Solution as Values

from xinzhou_energy.decomposition.cut import NotSeparableError
from xinzhou_energy.decomposition.hands import hands_at
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Problem, from_model
from xinzhou_energy.decomposition.session import Found, Session
from xinzhou_energy.errors import Finding, SolverError, Where
from xinzhou_energy.solve.quiet import silent_stdout
from xinzhou_energy.solve.solution import Method, Progress, Report, Settings, Solution


def solve_in_blocks(network: pypsa.Network, *, reason: str, settings: Settings, stage: str, report: Report) -> Solution:
    """Solve `network.model` in blocks and write the optimum into the network.

    Where sizes are open, the solution carries that of the operation at these sizes, whose prices and objective the
    network then holds.

    Raises
    ------
    SolverError
        If the problem cannot be cut, or stays open at the time limit; best value, bound and gap are in the text.
    """
    started = time.monotonic()

    def tell(rounds: int, gap: float) -> None:
        report(Progress(stage, time.monotonic() - started, rounds, gap if np.isfinite(gap) else None))

    problem = from_model(network.model)
    try:
        with (
            silent_stdout(),
            hands_at(settings.scheduler, settings.threads) as (workers, make_hand),
            Session(problem, workers=workers, make_hand=make_hand) as session,
        ):
            found = session.solve(tolerance=settings.gap, time_limit=settings.time_limit, tell=tell)
    except OSError as error:
        raise SolverError(
            Finding(
                "no-scheduler",
                Where("solver", 0, settings.scheduler or stage),
                str(error),
                "a Dask scheduler with workers",
                "Start one (dask scheduler, dask worker), or leave --scheduler out.",
            )
        ) from error
    except (NotSeparableError, RuntimeError) as error:
        raise SolverError(
            Finding(
                "no-optimum",
                Where("solver", 0, stage),
                str(error),
                "an optimal solution",
                "Raise solver.time_limit or solver.gap, or use solver.method: hipo.",
            )
        ) from error
    return written(network, problem, found, reason, time.monotonic() - started)


def written(network: pypsa.Network, problem: Problem, found: Found, reason: str, seconds: float) -> Solution:
    """Write what was found into the network; return the solution."""
    sizes = problem.hour == TIMELESS
    annuities = float(problem.cost[sizes] @ found.values[sizes])
    write_back(network, found.values, found.duals, found.sizes.cost - annuities)
    operation = Solution(
        method=Method.BLOCKS,
        reason="at the sizes found, from the blocks to a vertex of the whole: clean prices" if sizes.any() else reason,
        objective=found.sizes.cost - annuities,
        iterations=found.iterations,
        seconds=seconds,
        rows=problem.row_lower.size,
        columns=problem.lower.size,
        gap=found.operation.gap,
        bound=found.operation.bound - annuities,
        violation=found.operation.violation,
    )
    if not sizes.any():
        return operation
    return Solution(
        method=Method.BLOCKS,
        reason=reason,
        objective=found.sizes.cost,
        iterations=found.rounds,
        seconds=seconds,
        rows=problem.row_lower.size,
        columns=problem.lower.size,
        gap=found.sizes.gap,
        bound=found.sizes.bound,
        violation=found.sizes.violation,
        operation=operation,
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
    network.optimize.assign_duals()
    network.optimize.post_processing()
