"""A linear problem as arrays, with the hour of every column and row.

In: a `linopy.Model`. Out: min cost·x, row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
TIMELESS = -1


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


def from_model(model: Any) -> Problem:  # noqa: ANN401 - a linopy.Model, which this package does not import
    """Read the arrays of a linopy model (columns in the order of `matrices.vlabels`, rows of `matrices.clabels`)."""
    return from_arrays(model, model.matrices)


def from_arrays(model: Any, arrays: Any) -> Problem:  # noqa: ANN401 - a linopy.Model and its matrices
    """Read arrays that were made already: every look at `model.matrices` makes them anew."""
    sense, rhs = arrays.sense, arrays.b
    matrix = sp.csr_array(arrays.A)
    matrix.eliminate_zeros()
    return Problem(
        matrix=matrix,
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


def activity(matrix: sp.csr_array, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most that each row can be within the bounds of its columns, infinite where open."""
    below, above = np.isfinite(lower), np.isfinite(upper)
    low, high = np.where(below, lower, 0.0), np.where(above, upper, 0.0)
    positive, negative = signed(matrix)
    least, most = positive @ low + negative @ high, positive @ high + negative @ low
    open_least = positive @ ~below - negative @ ~above
    open_most = positive @ ~above - negative @ ~below
    return np.where(open_least > 0, -np.inf, least), np.where(open_most > 0, np.inf, most)


def signed(matrix: sp.csr_array) -> tuple[sp.csr_array, sp.csr_array]:
    """Return the positive and the negative entries, each with a 0 in the place of the others."""
    parts = (np.maximum(matrix.data, 0.0), np.minimum(matrix.data, 0.0))
    positive, negative = (sp.csr_array((part, matrix.indices, matrix.indptr), matrix.shape) for part in parts)
    return positive, negative


def touches(matrix: sp.csr_array, columns: Flags) -> Flags:
    """Say which rows have an entry in any of these columns."""
    return np.asarray(sp.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape) @ columns > 0)
