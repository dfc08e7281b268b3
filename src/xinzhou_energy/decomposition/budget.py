"""Yearly budgets cut by blocks: emissions, gas, water, export floors.

A row without an hour over columns of many hours would make each of them a link. Instead each block gets a column b, its
share, and a row sum a x - b = 0; the yearly row then holds the shares. The problem is the same, and the shares are the
only links.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, Problem, activity
from xinzhou_energy.decomposition.reductions.limits import bounds_from_rows, bounds_from_sizes

MANY = 100  # columns with an hour in a row without: fewer become links themselves


def with_budgets(problem: Problem, edges: np.ndarray) -> Problem:
    """Return an equal problem with a share per block for every yearly row; new columns and rows stand at the end.

    Parameters
    ----------
    edges
        First hour of each block, and the number of hours.
    """
    matrix = problem.matrix
    timed = problem.hour != TIMELESS
    count = np.add.reduceat(np.append(timed[matrix.indices], [False]).astype(np.int64), matrix.indptr[:-1])
    yearly = np.flatnonzero((problem.row_hour == TIMELESS) & (np.diff(matrix.indptr) > 0) & (count > MANY))
    if not yearly.size:
        return problem
    tight = bounds_from_sizes(bounds_from_rows(problem))
    block = np.searchsorted(edges, problem.hour, side="right") - 1
    keep_entry = np.ones(matrix.nnz, dtype=bool)
    shares, hours = [], []
    for row in yearly:
        entries = sp.csr_array(matrix[[row]]).tocoo()
        for number in range(edges.size - 1):
            mine = timed[entries.col] & (block[entries.col] == number)
            if mine.any():
                line = sp.csr_array(
                    (entries.data[mine], (np.zeros(mine.sum(), dtype=int), entries.col[mine])), (1, matrix.shape[1])
                )
                shares.append((row, line))
                hours.append(edges[number + 1] - 1)
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        keep_entry[span] = ~timed[matrix.indices[span]]
    rest = matrix.copy()
    rest.data = np.where(keep_entry, rest.data, 0.0)
    rest.eliminate_zeros()
    new = len(shares)
    parts = sp.csr_array(sp.vstack([line for _, line in shares]))
    least, most = activity(parts, tight.lower, tight.upper)
    belongs = sp.csr_array((np.ones(new), ([row for row, _ in shares], np.arange(new))), (matrix.shape[0], new))
    whole = sp.block_array([[rest, belongs], [parts, -sp.eye_array(new)]], format="csr")
    hour, zero = np.array(hours, dtype=np.int64), np.zeros(new)
    return replace(
        problem,
        matrix=sp.csr_array(whole),
        lower=np.concatenate([problem.lower, least]),
        upper=np.concatenate([problem.upper, most]),
        row_lower=np.concatenate([problem.row_lower, zero]),
        row_upper=np.concatenate([problem.row_upper, zero]),
        cost=np.concatenate([problem.cost, zero]),
        hour=np.concatenate([problem.hour, hour]),
        row_hour=np.concatenate([problem.row_hour, hour]),
    )
