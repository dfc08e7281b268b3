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
import numpy.typing as npt
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import Basis, linear_problem
from xinzhou_energy.decomposition.cut import Cutting
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Ints
from xinzhou_energy.decomposition.reductions.limits import Limits, sized_rows

DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
Statuses = npt.NDArray[np.int8]
BASIC, LOWER, ZERO = (
    int(status)
    for status in (
        highspy.HighsBasisStatus.kBasic,
        highspy.HighsBasisStatus.kLower,
        highspy.HighsBasisStatus.kZero,
    )
)


@dataclass(frozen=True)
class Vertex:
    """An optimal vertex at given sizes: values of all columns, duals of all rows, cost [CNY], simplex steps."""

    values: Floats
    duals: Floats
    cost: float
    iterations: int


@dataclass(frozen=True)
class Whole:
    """The year at given sizes, links in time shifted to 0: bounds and sides of all; rows and columns that count."""

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    rows: Ints
    columns: Ints


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
    links = cutting.master.columns[problem.hour[cutting.master.columns] != TIMELESS]
    sizes = np.where(problem.hour == TIMELESS, values, 0.0)
    base = sizes.copy()
    base[links] = values[links]
    limits = Limits.of(problem, sized_rows(problem))
    columns, rows = joined(cutting, bases, links)
    whole = whole_year(cutting, limits, sizes, base, (columns, rows))
    place = np.full(problem.lower.size, -1, dtype=np.int64)
    place[whole.columns] = np.arange(whole.columns.size)
    freed = links[place[links] >= 0]
    free_lower, free_upper = whole.lower.copy(), whole.upper.copy()
    free_lower[freed], free_upper[freed] = -np.inf, np.inf
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("time_limit", time_limit)
    highs.passModel(
        linear_problem(
            sp.csc_array(problem.matrix[whole.rows][:, whole.columns]),
            free_lower[whole.columns],
            free_upper[whole.columns],
            whole.row_lower[whole.rows],
            whole.row_upper[whole.rows],
            problem.cost[whole.columns],
        )
    )
    highs.setBasis(as_basis(columns[whole.columns], rows[whole.rows]))
    iterations = run(highs, PRIMAL_SIMPLEX)
    highs.changeColsBounds(freed.size, place[freed].astype(np.int32), whole.lower[freed], whole.upper[freed])
    iterations += run(highs, DUAL_SIMPLEX)
    solution = highs.getSolution()
    found = base + np.where(place < 0, whole.lower, 0.0)
    found[whole.columns] += np.asarray(solution.col_value)
    duals = np.zeros(problem.row_lower.size)
    duals[whole.rows] = np.asarray(solution.row_dual)
    duals += limits.duals(problem, sizes, problem.cost - problem.matrix.T @ duals)
    return Vertex(found, duals, float(problem.cost @ found), iterations)


def whole_year(
    cutting: Cutting, limits: Limits, sizes: Floats, base: Floats, basis: tuple[Statuses, Statuses]
) -> Whole:
    """Put the sizes and the links in time into bounds and sides, and leave out what is fixed by them.

    A plant of size 0 has columns with one value and, if it is a storage, rows with nothing else.
    """
    problem, (columns, rows) = cutting.problem, basis
    timed = problem.hour != TIMELESS
    taken = problem.matrix @ sizes
    lower, upper = limits.bounds(problem, taken, taken)
    upper = np.maximum(lower, upper)
    fixed = timed & (upper <= lower)
    moved = np.where(timed, base, 0.0)
    lower, upper = np.where(timed, lower - moved, 0.0), np.where(timed, upper - moved, 0.0)
    pattern = abs(problem.matrix).sign()
    has_timed = pattern @ timed.astype(float) > 0
    has_timed[limits.row] = False
    has_open = pattern @ (timed & ~fixed).astype(float) > 0
    kept_rows = has_timed & has_open
    kept_columns = timed & ~fixed
    basic = np.count_nonzero(rows[kept_rows] == BASIC) + np.count_nonzero(columns[kept_columns] == BASIC)
    if basic != np.count_nonzero(kept_rows):  # a fixed column is basic in a row that stays: leave nothing out
        kept_rows, kept_columns = has_timed, timed
    shift = taken + problem.matrix @ (moved + np.where(kept_columns, 0.0, lower))
    return Whole(
        lower,
        upper,
        problem.row_lower - shift,
        problem.row_upper - shift,
        np.flatnonzero(kept_rows),
        np.flatnonzero(kept_columns),
    )


def run(highs: highspy.Highs, strategy: int) -> int:
    """Run one kind of simplex to the optimum; return its steps."""
    highs.setOptionValue("simplex_strategy", strategy)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        message = f"the whole year ended as {highs.modelStatusToString(highs.getModelStatus())}"
        raise RuntimeError(message)
    return int(highs.getInfo().simplex_iteration_count)


def joined(cutting: Cutting, bases: list[Basis], links: Ints) -> tuple[Statuses, Statuses]:
    """Put the bases of the blocks together for all columns and rows of the problem; the links stand at zero."""
    columns = np.full(cutting.problem.lower.size, LOWER, dtype=np.int8)
    rows = np.full(cutting.problem.row_lower.size, BASIC, dtype=np.int8)
    for part, basis in zip(cutting.parts, bases, strict=True):
        columns[part.own] = basis.columns
        rows[part.rows[: basis.rows.size]] = basis.rows
    columns[links] = ZERO
    return columns, rows


def as_basis(columns: Statuses, rows: Statuses) -> highspy.HighsBasis:
    """Return statuses as HiGHS takes them."""
    statuses = [highspy.HighsBasisStatus(number) for number in range(5)]
    basis = highspy.HighsBasis()
    basis.col_status = [statuses[number] for number in columns]
    basis.row_status = [statuses[number] for number in rows]
    basis.valid = True
    return basis
