"""From blocks solved on their own to the optimum of the whole year: a vertex, so prices are clean.

The bases of the blocks, put together, are a basis of the whole problem with the links in time at given values. Those
links are freed first: shifted so that the value found is 0, without bounds, a nonbasic free column is a legal start for
the primal simplex, and it is feasible. A few hundred steps lead to the optimum with free borders; with the bounds back,
the dual simplex takes the last ones. Both start almost done, where a cold start takes hundreds of thousands of steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import Basis, linear_problem
from xinzhou_energy.decomposition.cut import Cutting
from xinzhou_energy.decomposition.problem import TIMELESS, Floats
from xinzhou_energy.decomposition.reductions.limits import Limits, sized_rows

DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4


@dataclass(frozen=True)
class Vertex:
    """An optimal vertex at given sizes: values of all columns, duals of all rows, cost [CNY], simplex steps."""

    values: Floats
    duals: Floats
    cost: float
    iterations: int


def best_vertex(cutting: Cutting, values: Floats, bases: list[Basis], time_limit: float) -> Vertex:
    """Optimise the operation of the whole year at the sizes of a point, starting from the bases of its blocks.

    Parameters
    ----------
    values
        All columns of `cutting.problem`, as `gather` returns them.
    bases
        Of the blocks, evaluated at the links of this point.
    time_limit
        Seconds for each of the two solves.

    Raises
    ------
    RuntimeError
        If HiGHS finds no optimum.
    """
    problem = cutting.problem
    sizes = np.where(problem.hour == TIMELESS, values, 0.0)
    sized = sized_rows(problem)
    limits = Limits.of(problem, sized)
    taken = problem.matrix @ sizes
    lower, upper = limits.bounds(problem, taken, taken)
    upper = np.maximum(lower, upper)
    timed = np.flatnonzero(problem.hour != TIMELESS)
    is_timed = problem.hour != TIMELESS
    rows = np.flatnonzero(~sized & (abs(problem.matrix).sign() @ is_timed.astype(float) > 0))
    links = cutting.master.columns[problem.hour[cutting.master.columns] != TIMELESS]
    shift = np.zeros(problem.lower.size)
    shift[links] = values[links]
    taken = problem.matrix @ (sizes + shift)
    lower, upper = lower - shift, upper - shift
    place = np.full(problem.lower.size, -1, dtype=np.int64)
    place[timed] = np.arange(timed.size)
    free_lower, free_upper = lower.copy(), upper.copy()
    free_lower[links], free_upper[links] = -np.inf, np.inf
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("time_limit", time_limit)
    highs.passModel(
        linear_problem(
            sp.csc_array(problem.matrix[rows][:, timed]),
            free_lower[timed],
            free_upper[timed],
            (problem.row_lower - taken)[rows],
            (problem.row_upper - taken)[rows],
            problem.cost[timed],
        )
    )
    highs.setBasis(joined(cutting, bases, timed.size, rows, place, place[links]))
    iterations = run(highs, PRIMAL_SIMPLEX)
    highs.changeColsBounds(links.size, place[links].astype(np.int32), lower[links], upper[links])
    iterations += run(highs, DUAL_SIMPLEX)
    solution = highs.getSolution()
    found = sizes + shift
    found[timed] += np.asarray(solution.col_value)
    duals = np.zeros(problem.row_lower.size)
    duals[rows] = np.asarray(solution.row_dual)
    reduced = problem.cost - problem.matrix.T @ duals
    duals += limits.duals(problem, sizes, reduced)
    return Vertex(found, duals, float(problem.cost @ found), iterations)


def run(highs: highspy.Highs, strategy: int) -> int:
    """Run one kind of simplex to the optimum; return its steps."""
    highs.setOptionValue("simplex_strategy", strategy)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        message = f"the whole year ended as {highs.modelStatusToString(highs.getModelStatus())}"
        raise RuntimeError(message)
    return int(highs.getInfo().simplex_iteration_count)


def joined(
    cutting: Cutting, bases: list[Basis], columns: int, rows: np.ndarray, place: np.ndarray, links: np.ndarray
) -> highspy.HighsBasis:
    """Put the bases of the blocks together; the links stand at zero."""
    column_status = np.full(columns, int(highspy.HighsBasisStatus.kLower), dtype=np.int8)
    row_status = np.full(cutting.problem.row_lower.size, int(highspy.HighsBasisStatus.kBasic), dtype=np.int8)
    for part, basis in zip(cutting.parts, bases, strict=True):
        column_status[place[part.own]] = basis.columns
        row_status[part.rows[: basis.rows.size]] = basis.rows
    column_status[links] = int(highspy.HighsBasisStatus.kZero)
    statuses = [highspy.HighsBasisStatus(number) for number in range(5)]
    whole = highspy.HighsBasis()
    whole.col_status = [statuses[number] for number in column_status]
    whole.row_status = [statuses[number] for number in row_status[rows]]
    whole.valid = True
    return whole
