"""Rows that bound one column: by a number, or by a size that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, Flags, Floats, Ints, Problem, activity


def bounds_from_rows(problem: Problem) -> Problem:
    """Tighten the bounds of columns to what rows of one entry say; the rows themselves are idle then."""
    row, column, weight = single_rows(problem)
    low, high = problem.row_lower[row] / weight, problem.row_upper[row] / weight
    lower, upper = problem.lower.copy(), problem.upper.copy()
    np.maximum.at(lower, column, np.where(weight > 0, low, high))
    np.minimum.at(upper, column, np.where(weight > 0, high, low))
    return replace(problem, lower=lower, upper=np.maximum(upper, lower))


def first_holding(column: Ints, holds: Flags) -> tuple[Ints, Ints]:
    """Return each column that some row holds, and the place of the first that does: one row takes a reduced cost."""
    chosen, first = np.unique(column[holds], return_index=True)
    return chosen, np.flatnonzero(holds)[first]


def single_rows(problem: Problem) -> tuple[Ints, Ints, Floats]:
    """Return the rows of one entry, their columns and coefficients."""
    matrix = problem.matrix
    row = np.flatnonzero(np.diff(matrix.indptr) == 1)
    place = matrix.indptr[row]
    return row, matrix.indices[place].astype(np.int64), matrix.data[place]


def with_single_rows(problem: Problem, duals: Floats) -> Floats:
    """Give each one-entry row the reduced cost of its column where it is the bound that holds the column.

    A column whose only bound is that of the largest size gives it to the row that says so first.
    """
    row, column, weight = single_rows(problem)
    duals = duals.copy()
    duals[row] = 0.0
    duals += open_ended(problem, problem.cost - problem.matrix.T @ duals)
    rest = problem.cost - problem.matrix.T @ duals
    low = np.where(weight > 0, problem.row_lower[row], problem.row_upper[row]) / weight
    high = np.where(weight > 0, problem.row_upper[row], problem.row_lower[row]) / weight
    tight = bounds_from_rows(problem)
    for stated, limit, own, sign in (
        (low, tight.lower, problem.lower, rest > 0),
        (high, tight.upper, problem.upper, rest < 0),
    ):
        holds = sign[column] & (stated == limit[column]) & (stated != own[column])
        chosen, at = first_holding(column, holds)
        duals[row[at]] = rest[chosen] / weight[at]
    return duals


def sized_rows(problem: Problem) -> Flags:
    """Say which rows hold one column with an hour and columns without: a limit that a size sets."""
    matrix = problem.matrix
    timed = np.add.reduceat(
        np.append(problem.hour[matrix.indices] != TIMELESS, [False]).astype(np.int32), matrix.indptr[:-1]
    )
    timed[np.diff(matrix.indptr) == 0] = 0
    return np.asarray((timed == 1) & (np.diff(matrix.indptr) > 1) & (problem.row_hour != TIMELESS))


def open_ended(problem: Problem, reduced: Floats) -> Floats:
    """Give the reduced cost of columns without the bound that would hold them to their sized rows. [(rows,)]"""
    stated = bounds_from_rows(problem)
    bounded = bounds_from_sizes(stated)
    needs = np.where(reduced > 0, ~np.isfinite(stated.lower), (reduced < 0) & ~np.isfinite(stated.upper))
    needs &= problem.hour != TIMELESS
    found = np.zeros(problem.row_lower.size)
    if not needs.any():
        return found
    limits = Limits.of(problem, sized_rows(problem))
    low, high = limits.sides(problem, *sizes_within(stated, sized_rows(problem)))
    column = limits.column
    holds = needs[column] & np.where(reduced[column] > 0, low >= bounded.lower[column], high <= bounded.upper[column])
    chosen, at = first_holding(column, holds)
    found[limits.row[at]] = reduced[chosen] / limits.weight[at]
    return found


@dataclass(frozen=True)
class Limits:
    """The sized rows as bounds: `row` bounds `column` (with an hour) by (side - taken) / `weight`."""

    row: Ints
    column: Ints
    weight: Floats

    @classmethod
    def of(cls, problem: Problem, sized: Flags) -> Limits:
        """Read them off the matrix."""
        at = np.flatnonzero(sized)
        entries = sp.csr_array(problem.matrix[at]).tocoo()
        mine = problem.hour[entries.col] != TIMELESS
        return cls(at[entries.row[mine]], entries.col[mine].astype(np.int64), entries.data[mine])

    def sides(self, problem: Problem, least: Floats, most: Floats) -> tuple[Floats, Floats]:
        """Return the bounds each row puts on its column, the sizes taking `least` to `most` of the row."""
        low, high = problem.row_lower[self.row] - most[self.row], problem.row_upper[self.row] - least[self.row]
        low, high = low / self.weight, high / self.weight
        return np.where(self.weight > 0, low, high), np.where(self.weight > 0, high, low)

    def bounds(self, problem: Problem, least: Floats, most: Floats) -> tuple[Floats, Floats]:
        """Return the bounds of all columns, as they are and by these rows."""
        low, high = self.sides(problem, least, most)
        lower, upper = problem.lower.copy(), problem.upper.copy()
        np.maximum.at(lower, self.column, low)
        np.minimum.at(upper, self.column, high)
        return lower, upper

    def duals(self, problem: Problem, sizes: Floats, reduced: Floats) -> Floats:
        """Give the reduced cost of a column to the row that holds it at given sizes. [(rows,)]"""
        taken = problem.matrix @ sizes
        low, high = self.sides(problem, taken, taken)
        found = np.zeros(problem.row_lower.size)
        for holds in (
            (reduced[self.column] > 0) & (low >= problem.lower[self.column]),
            (reduced[self.column] < 0) & (high <= problem.upper[self.column]),
        ):
            chosen, at = first_holding(self.column, holds)
            found[self.row[at]] = reduced[chosen] / self.weight[at]
        return found


def bounds_from_sizes(problem: Problem) -> Problem:
    """Give columns without a bound the one that the largest sizes allow: p ≤ a P and P ≤ P_max say p ≤ a P_max."""
    sized = sized_rows(problem)
    lower, upper = Limits.of(problem, sized).bounds(problem, *sizes_within(problem, sized))
    return replace(
        problem,
        lower=np.where(np.isfinite(problem.lower), problem.lower, lower),
        upper=np.where(np.isfinite(problem.upper), problem.upper, upper),
    )


def sizes_within(problem: Problem, sized: Flags) -> tuple[Floats, Floats]:
    """Return the least and the most that sizes can take of each sized row."""
    sizes = sp.csr_array(problem.matrix[sized]).copy()
    sizes.data[problem.hour[sizes.indices] != TIMELESS] = 0.0
    sizes.eliminate_zeros()
    least, most = np.zeros(sized.size), np.zeros(sized.size)
    least[sized], most[sized] = activity(sizes, problem.lower, problem.upper)
    return least, most
