"""A linear problem as arrays, with the hour of every column and row, and its exact reductions.

In: a `linopy.Model`. Out: min cost·x, row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper, smaller but with the same
optimum: PyPSA writes every bound as a row; here it becomes a bound again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TIMELESS = -1
HUGE = 1e30


@dataclass(frozen=True)
class Problem:
    """Arrays of a linear problem; `hour`, `row_hour`: position of the snapshot, `TIMELESS` where there is none."""

    matrix: sp.csr_array
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    cost: Floats
    hour: Ints
    row_hour: Ints


@dataclass(frozen=True)
class Reduced:
    """A smaller problem and the columns and rows of the full one it keeps; the others have one value or no effect."""

    problem: Problem
    columns: Ints
    rows: Ints
    values: Floats
    constant: float

    def expand(self, found: Floats) -> Floats:
        """Return the values of all columns of the full problem."""
        full = self.values.copy()
        full[self.columns] = found
        return full


def from_model(model: Any) -> Problem:  # noqa: ANN401 - a linopy.Model, which this package does not import
    """Read the arrays of a linopy model (columns in the order of `matrices.vlabels`, rows of `matrices.clabels`)."""
    arrays = model.matrices
    sense, rhs = arrays.sense, arrays.b
    return Problem(
        matrix=sp.csr_array(arrays.A),
        lower=arrays.lb.astype(float),
        upper=arrays.ub.astype(float),
        row_lower=np.where(sense != "<", rhs, -np.inf).astype(float),
        row_upper=np.where(sense != ">", rhs, np.inf).astype(float),
        cost=arrays.c.astype(float),
        hour=hours_of(model.variables, arrays.vlabels),
        row_hour=hours_of(model.constraints, arrays.clabels),
    )


def hours_of(containers: Any, labels: Ints) -> Ints:  # noqa: ANN401 - linopy's variables or constraints
    """Position of the snapshot of every label."""
    hour = np.full(int(labels.max()) + 1, TIMELESS, dtype=np.int64)
    for _, container in containers.items():
        if "snapshot" not in container.labels.dims:
            continue
        table = container.labels.transpose("snapshot", ...).to_numpy()
        table = table.reshape(table.shape[0], -1)
        position = np.broadcast_to(np.arange(table.shape[0])[:, None], table.shape)
        hour[table[table >= 0]] = position[table >= 0]
    return hour[labels]


def reduce(problem: Problem) -> Reduced:
    """Turn rows with one entry into bounds, drop rows that cannot bind and columns with one value."""
    tight = tightened(problem)
    keep = needed_rows(tight)
    fixed = tight.upper - tight.lower <= 0
    values = np.where(fixed, tight.lower, 0.0)
    shift = tight.matrix @ values
    rest = replace(
        tight,
        matrix=sp.csr_array(tight.matrix[keep][:, ~fixed]),
        lower=tight.lower[~fixed],
        upper=tight.upper[~fixed],
        row_lower=(tight.row_lower - shift)[keep],
        row_upper=(tight.row_upper - shift)[keep],
        cost=tight.cost[~fixed],
        hour=tight.hour[~fixed],
        row_hour=tight.row_hour[keep],
    )
    return Reduced(rest, np.flatnonzero(~fixed), np.flatnonzero(keep), values, float(tight.cost @ values))


def tightened(problem: Problem) -> Problem:
    """Return the problem with the bounds that its rows of one entry say."""
    matrix = sp.csr_array(problem.matrix)
    matrix.eliminate_zeros()
    single = np.flatnonzero(np.diff(matrix.indptr) == 1)
    column = matrix.indices[matrix.indptr[single]]
    weight = matrix.data[matrix.indptr[single]]
    low, high = problem.row_lower[single] / weight, problem.row_upper[single] / weight
    lower, upper = problem.lower.copy(), problem.upper.copy()
    np.maximum.at(lower, column, np.where(weight > 0, low, high))
    np.minimum.at(upper, column, np.where(weight > 0, high, low))
    return replace(problem, matrix=matrix, lower=lower, upper=np.maximum(upper, lower))


def needed_rows(problem: Problem) -> npt.NDArray[np.bool_]:
    """Say which rows can bind, given the bounds of their columns; rows of one entry are bounds by now."""
    low = np.where(np.isfinite(problem.lower), problem.lower, -HUGE)
    high = np.where(np.isfinite(problem.upper), problem.upper, HUGE)
    positive, negative = problem.matrix.maximum(0), problem.matrix.minimum(0)
    least, most = positive @ low + negative @ high, positive @ high + negative @ low
    idle = (least >= problem.row_lower) & (most <= problem.row_upper)
    several = np.diff(problem.matrix.indptr) > 1
    return np.asarray(several & ~idle)
