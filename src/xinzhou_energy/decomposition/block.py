"""One block of hours as a linear problem whose links are set from outside: cost, slopes, duals and a hot start.

min cost·x, row_lower ≤ matrix·x + links·z ≤ row_upper, lower ≤ x ≤ upper, at given z. The last `limits` rows hold one
column each (p ≤ a P): the solver sees them as bounds of that column.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import Floats, Ints
from xinzhou_energy.decomposition.reductions.limits import first_holding

ENDED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
ELASTIC_COST = 50_000.0  # CNY/MWh, above every price of the model: a level that cannot be reached is never worth it


class BlockError(RuntimeError):
    """A block has no optimum."""


@dataclass(frozen=True)
class BlockData:
    """Arrays of a block; `elastic` rows may be missed at `ELASTIC_COST`, the last `limits` rows bound one column."""

    matrix: sp.csr_array
    links: sp.csr_array
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    cost: Floats
    elastic: Ints
    limits: int


@dataclass(frozen=True)
class Evaluation:
    """What a block says at given links: cost and gross cost [CNY], MWh missed, values, duals of all rows."""

    cost: float
    gross: float
    missed: float
    iterations: int
    values: Floats
    duals: Floats


@dataclass(frozen=True)
class Basis:
    """Which columns and rows are basic, and the side at which the others stand; simplex steps on the way there."""

    columns: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int8]
    iterations: int


def bound(data: BlockData, duals: Floats) -> tuple[Floats, Floats]:
    """What duals prove about a block's cost, by weak duality and nothing else: cost(z) ≥ constant + slopes·z.

    Parameters
    ----------
    duals
        (rows, candidates), any numbers: wrong ones prove less, never too much.

    Returns
    -------
    ndarray, ndarray
        Constants [CNY], (candidates,); slopes, (links, candidates).
    """
    sound = with_sign(duals, data.row_lower, data.row_upper)
    sound[data.elastic] = np.clip(sound[data.elastic], -ELASTIC_COST, ELASTIC_COST)
    reduced = data.cost[:, None] - data.matrix.T @ sound
    constant = least_worth(sound, data.row_lower, data.row_upper) + least_worth(reduced, data.lower, data.upper)
    return constant, np.asarray(-(data.links.T @ sound))


def with_sign(duals: Floats, lower: Floats, upper: Floats) -> Floats:
    """Set duals to 0 where a row has no side for their sign. [(rows,) or (rows, candidates)]"""
    shape = (-1,) + (1,) * (duals.ndim - 1)
    sound = np.where(np.isfinite(upper).reshape(shape), duals, np.maximum(duals, 0.0))
    return np.where(np.isfinite(lower).reshape(shape), sound, np.minimum(sound, 0.0))


def least_worth(price: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the least that amounts between two limits can be worth; an infinite limit must have no price. [CNY]"""
    low, high = (np.where(np.isfinite(limit), limit, 0.0) for limit in (lower, upper))
    return np.asarray(low @ np.maximum(price, 0.0) + high @ np.minimum(price, 0.0))


class Block:
    """A block kept in memory, so that the next evaluation starts where the last one ended."""

    def __init__(self, data: BlockData) -> None:
        self._data = data
        rows = data.row_lower.size - data.limits
        self._rows = rows
        limit = sp.csr_array(data.matrix[rows:])
        self._limited = limit.indices.astype(np.int64)
        self._weight = limit.data
        self._columns = np.unique(self._limited).astype(np.int32)
        self._touched = np.flatnonzero(np.diff(data.links[:rows].indptr)).astype(np.int32)
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.passModel(as_highs(data, rows))

    def evaluate(self, links: Floats) -> Evaluation:
        """Solve with the links at these values.

        Raises
        ------
        BlockError
            If HiGHS finds no optimum.
        """
        data, rows = self._data, self._rows
        taken = data.links @ links
        touched, columns = self._touched, self._columns
        row_lower, row_upper = data.row_lower - taken, data.row_upper - taken
        self._highs.changeRowsBounds(touched.size, touched, row_lower[touched], row_upper[touched])
        low, high = self._limits(row_lower[rows:], row_upper[rows:])
        lower, upper = data.lower.copy(), data.upper.copy()
        np.maximum.at(lower, self._limited, low)
        np.minimum.at(upper, self._limited, high)
        upper = np.maximum(lower, upper)
        self._highs.changeColsBounds(columns.size, columns, lower[columns], upper[columns])
        self._highs.run()
        if self._highs.getModelStatus() not in ENDED:
            message = f"a block ended as {self._highs.modelStatusToString(self._highs.getModelStatus())}"
            raise BlockError(message)
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        values = np.asarray(solution.col_value)
        own = values[: data.lower.size]
        reduced = np.asarray(solution.col_dual)[: own.size]
        duals = np.concatenate([np.asarray(solution.row_dual), np.zeros(data.limits)])
        for holds in (
            (reduced[self._limited] > 0) & (low >= data.lower[self._limited]),
            (reduced[self._limited] < 0) & (high <= data.upper[self._limited]),
        ):
            column, at = first_holding(self._limited, holds)
            duals[rows + at] = reduced[column] / self._weight[at]
        return Evaluation(
            cost=float(info.objective_function_value),
            gross=float(np.maximum(data.cost, 0) @ own),
            missed=float(values[own.size :].sum()),
            iterations=int(info.simplex_iteration_count),
            values=own,
            duals=duals,
        )

    def update(self, data: BlockData) -> None:
        """Take other bounds, sides and costs; the matrices stay."""
        rows, columns = self._rows, data.lower.size
        every_row, every_column = np.arange(rows, dtype=np.int32), np.arange(columns, dtype=np.int32)
        self._data = data
        self._highs.changeRowsBounds(rows, every_row, data.row_lower[:rows], data.row_upper[:rows])
        self._highs.changeColsBounds(columns, every_column, data.lower, data.upper)
        self._highs.changeColsCost(columns, every_column, data.cost)

    def basis(self) -> Basis:
        """Return the basis of the last evaluation; a row that is missed at a price counts as basic itself."""
        found = self._highs.getBasis()
        columns = np.array([int(status) for status in found.col_status], dtype=np.int8)
        rows = np.array([int(status) for status in found.row_status], dtype=np.int8)
        basic = int(highspy.HighsBasisStatus.kBasic)
        missed = columns[self._data.lower.size :].reshape(2, -1) == basic
        rows[self._data.elastic[missed.any(axis=0)]] = basic
        return Basis(columns[: self._data.lower.size], rows, int(self._highs.getInfo().simplex_iteration_count))

    def _limits(self, row_lower: Floats, row_upper: Floats) -> tuple[Floats, Floats]:
        """Return the bounds that the limits put on their columns."""
        low, high = row_lower / self._weight, row_upper / self._weight
        return np.where(self._weight > 0, low, high), np.where(self._weight > 0, high, low)


def as_highs(data: BlockData, rows: int) -> highspy.HighsLp:
    """Return the arrays of the first `rows` rows, with two more columns for each elastic one, as HiGHS takes them."""
    count = data.elastic.size
    entries = np.concatenate([np.ones(count), -np.ones(count)])
    place = (np.concatenate([data.elastic, data.elastic]), np.arange(2 * count))
    misses = sp.csc_array((entries, place), shape=(rows, 2 * count))
    return linear_problem(
        sp.csc_array(sp.hstack([data.matrix[:rows], misses])),
        np.concatenate([data.lower, np.zeros(2 * count)]),
        np.concatenate([data.upper, np.full(2 * count, np.inf)]),
        data.row_lower[:rows],
        data.row_upper[:rows],
        np.concatenate([data.cost, np.full(2 * count, ELASTIC_COST)]),
    )


def linear_problem(
    matrix: sp.csc_array, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats, cost: Floats
) -> highspy.HighsLp:
    """Return arrays as HiGHS takes them."""
    problem = highspy.HighsLp()
    problem.num_row_, problem.num_col_ = matrix.shape
    problem.col_cost_, problem.col_lower_, problem.col_upper_ = cost, lower, upper
    problem.row_lower_, problem.row_upper_ = row_lower, row_upper
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = matrix.indptr
    problem.a_matrix_.index_ = matrix.indices
    problem.a_matrix_.value_ = matrix.data
    return problem
