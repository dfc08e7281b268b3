"""From blocks solved on their own to the optimum of the whole year: a vertex, so prices are clean.

The bases of the blocks, put together, are a basis of the whole problem with the links in time at given values. Such a
value may lie amid its bounds, where no nonbasic column may stand; so each link becomes two columns, what it rises and
what it falls from there, both at 0. That is a legal and feasible start for the primal simplex, a few hundred steps from
the optimum, where a cold start takes hundreds of thousands.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import ENDED, Basis, linear_problem
from xinzhou_energy.decomposition.cut import Cutting
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Ints, touches
from xinzhou_energy.decomposition.reductions.limits import Limits, sized_rows

PRIMAL_SIMPLEX = 4
Statuses = npt.NDArray[np.int8]
BASIC, LOWER = int(highspy.HighsBasisStatus.kBasic), int(highspy.HighsBasisStatus.kLower)


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


def best_vertex(cutting: Cutting, links: Floats, bases: list[Basis], time_limit: float) -> Vertex:
    """Optimise the operation of the whole year at the sizes among some links, starting from the bases of its blocks.

    Parameters
    ----------
    links
        In the order of `cutting.master.columns`; those in time are where the search begins.
    bases
        Of the blocks, optimal at these links.
    time_limit
        Seconds.

    Raises
    ------
    RuntimeError
        If HiGHS finds no optimum.
    """
    problem = cutting.problem
    base = np.zeros(problem.lower.size)
    base[cutting.master.columns] = links
    sizes = np.where(problem.hour == TIMELESS, base, 0.0)
    borders = cutting.master.columns[problem.hour[cutting.master.columns] != TIMELESS]
    limits = Limits.of(problem, sized_rows(problem))
    columns, rows = joined(cutting, bases, borders)
    whole = whole_year(cutting, limits, sizes, base, (columns, rows))
    place = np.full(problem.lower.size, -1, dtype=np.int64)
    place[whole.columns] = np.arange(whole.columns.size)
    moving = borders[place[borders] >= 0]
    matrix = sp.csc_array(problem.matrix[whole.rows])
    least, most = whole.lower.copy(), whole.upper.copy()
    most[moving], least[moving] = np.maximum(0.0, most[moving]), 0.0
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
    highs.setOptionValue("time_limit", time_limit)
    highs.passModel(
        linear_problem(
            sp.csc_array(sp.hstack([matrix[:, whole.columns], -matrix[:, moving]])),
            np.concatenate([least[whole.columns], np.zeros(moving.size)]),
            np.concatenate([most[whole.columns], np.maximum(0.0, -whole.lower[moving])]),
            whole.row_lower[whole.rows],
            whole.row_upper[whole.rows],
            np.concatenate([problem.cost[whole.columns], -problem.cost[moving]]),
        )
    )
    falling = np.full(moving.size, LOWER, dtype=np.int8)
    highs.setBasis(as_basis(np.concatenate([columns[whole.columns], falling]), rows[whole.rows]))
    highs.run()
    if highs.getModelStatus() not in ENDED:
        message = f"the whole year ended as {highs.modelStatusToString(highs.getModelStatus())}"
        raise RuntimeError(message)
    iterations = int(highs.getInfo().simplex_iteration_count)
    solution = highs.getSolution()
    moved = np.asarray(solution.col_value)
    found = base + np.where(place < 0, whole.lower, 0.0)
    found[whole.columns] += moved[: whole.columns.size]
    found[moving] -= moved[whole.columns.size :]
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
    has_timed = touches(problem.matrix, timed)
    has_timed[limits.row] = False
    has_open = touches(problem.matrix, timed & ~fixed)
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


def joined(cutting: Cutting, bases: list[Basis], links: Ints) -> tuple[Statuses, Statuses]:
    """Put the bases of the blocks together for all columns and rows of the problem; the links stand where they are."""
    columns = np.full(cutting.problem.lower.size, LOWER, dtype=np.int8)
    rows = np.full(cutting.problem.row_lower.size, BASIC, dtype=np.int8)
    for part, basis in zip(cutting.parts, bases, strict=True):
        columns[part.own] = basis.columns
        rows[part.rows[: basis.rows.size]] = basis.rows
    columns[links] = LOWER
    return columns, rows


def as_basis(columns: Statuses, rows: Statuses) -> highspy.HighsBasis:
    """Return statuses as HiGHS takes them."""
    statuses = [highspy.HighsBasisStatus(number) for number in range(5)]
    basis = highspy.HighsBasis()
    basis.col_status = [statuses[number] for number in columns]
    basis.row_status = [statuses[number] for number in rows]
    basis.valid = True
    return basis
