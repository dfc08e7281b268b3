"""A full year in blocks: sizes to a certified gap and operation to the optimum, written back to the network."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
import pypsa
from linopy.constants import Result, Status
from linopy.constants import Solution as Values

from xinzhou_energy.decomposition.cut import NotSeparableError
from xinzhou_energy.decomposition.hands import hands_at
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Ints, Problem, from_arrays
from xinzhou_energy.decomposition.session import Found, Session
from xinzhou_energy.errors import Finding, InterruptedSolveError, SolverError, Where, XinzhouError
from xinzhou_energy.solve.quiet import silent_stdout
from xinzhou_energy.solve.solution import Method, Progress, Report, Settings, Solution


class Family:
    """A model kept in memory for its relatives: change its bounds, right-hand sides or costs, and solve again.

        with Family(network, settings) as family:
            first = family.solve()
            network.model.constraints["siting-siting-4"].update(rhs=1200)
            second = family.solve()  # starts from what the first proved, to the same gap

    Raises
    ------
    SolverError
        If the problem cannot be cut, or no Dask scheduler answers.
    """

    def __init__(self, network: pypsa.Network, settings: Settings, stage: str = "siting") -> None:
        self._network, self._settings, self._stage = network, settings, stage
        self._open = ExitStack()
        try:
            with silent_stdout():
                workers, make_hand = self._open.enter_context(hands_at(settings.scheduler, settings.threads))
                self._read()
                session = Session(self._problem, workers=workers, make_hand=make_hand)
                self._session = self._open.enter_context(session)
        except OSError as error:
            self._open.close()
            raise SolverError(
                Finding(
                    "no-scheduler",
                    Where("solver", 0, settings.scheduler or stage),
                    str(error),
                    "a Dask scheduler with workers",
                    "Start one (dask scheduler, dask worker), or leave --scheduler out.",
                )
            ) from error
        except NotSeparableError as error:
            self._open.close()
            raise self._failed(error) from error
        self._fresh = True

    def solve(
        self, *, reason: str = "a relative in memory", report: Report | None = None, write: bool = True
    ) -> Solution:
        """Solve the model as it is now; write the optimum into the network unless only the numbers are wanted.

        Raises
        ------
        SolverError
            If it stays open at the time limit; best value, bound and gap are in the text.
        """
        started = time.monotonic()

        def tell(rounds: int, gap: float) -> None:
            if report is not None:
                known = gap if np.isfinite(gap) else None
                report(Progress(self._stage, time.monotonic() - started, rounds, known))

        settings = self._settings
        try:
            with silent_stdout():
                if not self._fresh:
                    self._read()
                    self._session.change(self._problem)
                self._fresh = False
                found = self._session.solve(tolerance=settings.gap, time_limit=settings.time_limit, tell=tell)
        except (NotSeparableError, RuntimeError) as error:
            raise self._failed(error) from error
        solution = solution_of(self._problem, found, reason, time.monotonic() - started)
        if write:
            objective = (solution.operation or solution).objective
            write_back(self._network, self._labels, found.values, found.duals, objective)
        return solution

    def _read(self) -> None:
        """Read the model as it is now."""
        arrays = self._network.model.matrices
        self._labels = (arrays.vlabels, arrays.clabels)
        self._problem = from_arrays(self._network.model, arrays)

    def _failed(self, error: Exception) -> XinzhouError:
        kind = InterruptedSolveError if getattr(error, "interrupted", False) else SolverError
        return kind(
            Finding(
                "no-optimum",
                Where("solver", 0, self._stage),
                str(error),
                "an optimal solution",
                "Raise solver.time_limit or solver.gap, or use solver.method: hipo.",
            )
        )

    def __enter__(self) -> Self:
        """Return the family."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers."""
        self._open.close()


def solve_in_blocks(network: pypsa.Network, *, reason: str, settings: Settings, stage: str, report: Report) -> Solution:
    """Solve `network.model` in blocks and write the optimum into the network.

    Where sizes are open, the solution carries that of the operation at these sizes, whose prices and objective the
    network then holds.

    Raises
    ------
    SolverError
        As `Family` says.
    """
    started = time.monotonic()
    with Family(network, settings, stage) as family:
        solution = family.solve(reason=reason, report=report)
    return replace(solution, seconds=time.monotonic() - started)


def solution_of(problem: Problem, found: Found, reason: str, seconds: float) -> Solution:
    """Return what was found as a solution, with that of the operation inside where sizes were open."""
    sizes = problem.hour == TIMELESS
    annuities = float(problem.cost[sizes] @ found.values[sizes])
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


def write_back(
    network: pypsa.Network, labels: tuple[Ints, Ints], values: Floats, duals: Floats, objective: float
) -> None:
    """Hand values and duals to linopy by the labels of its columns and rows and let PyPSA assign them."""
    model = network.model
    by_label = np.full(model._xCounter, np.nan)  # linopy counts masked labels too, and offers the count nowhere else
    by_label[labels[0]] = values
    dual_by_label = np.full(model._cCounter, np.nan)
    dual_by_label[labels[1]] = duals
    status = Status.from_termination_condition("optimal")
    model.assign_result(Result(status, Values(primal=by_label, dual=dual_by_label, objective=objective)))
    network.optimize.assign_solution()
    network.optimize.assign_duals()
    network.optimize.post_processing()
