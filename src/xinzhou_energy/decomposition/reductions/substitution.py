"""Flows that their balance keeps within their limits: the lines of a tree."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Ints, Problem, activity
from xinzhou_energy.decomposition.reductions.step import OtherPatternError, Step, filled

MOST_ENTRIES = 2  # of a column that is substituted out: a line of a tree stands in two balances
PIVOT = 0.1  # of the largest entry of its row
ROOM = 0.05  # by which implied limits keep inside stated ones, so that the pattern outlives small changes


class Substitution(Step):
    """Solve balances for a flow whose own limits can never bind, and put it into the rows it stands in.

    Only within one hour and for columns of few entries, so that nothing fills up: the lines of a tree go, and with each
    the balance of a bus.
    """

    def __init__(self, problem: Problem, row: Ints, column: Ints, pivot: Floats) -> None:
        matrix = problem.matrix
        self._row, self._column, self._pivot = row, column, pivot
        self._rows, self._columns = np.ones(matrix.shape[0], dtype=bool), np.ones(matrix.shape[1], dtype=bool)
        self._rows[row], self._columns[column] = False, False
        self._others = sp.csr_array(sp.diags_array(1.0 / pivot) @ matrix[row][:, self._columns])
        self._enters = sp.csr_array(sp.csc_array(matrix)[:, column][self._rows])
        rest = sp.csr_array(matrix[self._rows][:, self._columns] - self._enters @ self._others)
        rest.data[np.abs(rest.data) < 1e-12] = 0.0
        rest.eliminate_zeros()
        rest.sort_indices()
        self._matrix = rest
        self._target, self._cost = np.zeros(row.size), np.zeros(row.size)

    @classmethod
    def fitted(cls, problem: Problem) -> Self:
        """Take, for each balance that has one, the column of fewest entries; no column stands in the row of another."""
        return cls(problem, *independent(problem.matrix, *flows_within_limits(problem)))

    def apply(self, problem: Problem) -> Problem:
        """Put the flows into the other rows."""
        target = problem.row_lower[self._row] / self._pivot
        least, most = activity(self._others, problem.lower[self._columns], problem.upper[self._columns])
        low, high = problem.lower[self._column], problem.upper[self._column]
        if (
            (problem.row_lower != problem.row_upper)[self._row].any()
            or (target - most < low).any()
            or (target - least > high).any()
        ):
            message = "a flow within its limits can now reach them"
            raise OtherPatternError(message)
        self._target, self._cost = target, problem.cost[self._column]
        self.constant = float(self._cost @ target)
        shift = self._enters @ target
        return Problem(
            matrix=self._matrix,
            lower=problem.lower[self._columns],
            upper=problem.upper[self._columns],
            row_lower=problem.row_lower[self._rows] - shift,
            row_upper=problem.row_upper[self._rows] - shift,
            cost=problem.cost[self._columns] - self._others.T @ self._cost,
            hour=problem.hour[self._columns],
            row_hour=problem.row_hour[self._rows],
        )

    def values(self, kept: Floats) -> Floats:
        """Return each flow from its balance."""
        found = filled(self._columns, kept)
        found[self._column] = self._target - self._others @ kept
        return found

    def duals(self, kept: Floats) -> Floats:
        """Return the dual of each balance: the reduced cost of its flow is zero."""
        found = filled(self._rows, kept)
        found[self._row] = (self._cost - self._enters.T @ kept) / self._pivot
        return found


def flows_within_limits(problem: Problem) -> tuple[Ints, Ints, Floats]:
    """Return one row, column and coefficient per balance that keeps a column of it well within the column's limits."""
    matrix = problem.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, weight = matrix.indices.astype(np.int64), matrix.data
    elsewhere = (problem.hour[column] != problem.row_hour[row]) | (problem.row_hour[row] == TIMELESS)
    is_balance = problem.row_lower == problem.row_upper
    is_balance[row[elsewhere]] = False
    count = np.bincount(column, minlength=problem.lower.size)
    likely = (
        is_balance[row]
        & (count[column] <= MOST_ENTRIES)
        & (np.isfinite(problem.lower) & np.isfinite(problem.upper))[column]
    )
    row, column, weight = row[likely], column[likely], weight[likely]
    if not row.size:
        return row, column, weight
    balances = np.unique(row)
    least, most, largest = (np.zeros(matrix.shape[0]) for _ in range(3))
    part = sp.csr_array(matrix[balances])
    least[balances], most[balances] = activity(part, problem.lower, problem.upper)
    largest[balances] = np.asarray(abs(part).max(axis=1).todense()).ravel()
    low, high = problem.lower[column], problem.upper[column]
    least_rest = least[row] - np.where(weight > 0, weight * low, weight * high)
    most_rest = most[row] - np.where(weight > 0, weight * high, weight * low)
    ends = np.stack([(problem.row_lower[row] - most_rest) / weight, (problem.row_lower[row] - least_rest) / weight])
    room = ROOM * (high - low)
    taken = (ends.min(axis=0) >= low + room) & (ends.max(axis=0) <= high - room)
    taken &= np.abs(weight) >= PIVOT * largest[row]
    row, column, weight = row[taken], column[taken], weight[taken]
    order = np.lexsort((column, count[column], row))
    row, column, weight = row[order], column[order], weight[order]
    first = np.ones(row.size, dtype=bool)
    first[1:] = row[1:] != row[:-1]
    return row[first], column[first], weight[first]


def independent(matrix: sp.csr_array, row: Ints, column: Ints, pivot: Floats) -> tuple[Ints, Ints, Floats]:
    """Keep pairs of which no column stands in the row of another."""
    if not row.size:
        return row, column, pivot
    meets = abs(sp.csr_array(sp.csc_array(matrix[row])[:, column])).sign()
    meets = sp.csr_array((meets + meets.T).sign())
    meets.setdiag(0)
    meets.eliminate_zeros()
    rank = np.random.default_rng(0).permutation(row.size) + 1.0
    strongest = np.asarray((meets @ sp.diags_array(rank)).max(axis=1).todense()).ravel()
    keep = rank > strongest
    return row[keep], column[keep], pivot[keep]
