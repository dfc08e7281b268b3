"""Columns with one value and rows that cannot bind."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import Flags, Floats, Problem, activity
from xinzhou_energy.decomposition.reductions.step import OtherPatternError, Step, filled

DIGITS = 1e-12


class FixedAndIdle(Step):
    """Drop columns with one value and rows that no values within the bounds can break."""

    def __init__(self, rows: Flags, columns: Flags, matrix: sp.csr_array) -> None:
        self._rows, self._columns, self._matrix = rows, columns, matrix
        self._given = np.zeros(columns.size)

    @classmethod
    def fitted(cls, problem: Problem) -> Self:
        """Look at bounds and sides."""
        rows = can_bind(problem)
        columns = problem.upper - problem.lower > 0
        return cls(rows, columns, sp.csr_array(problem.matrix[rows][:, columns]))

    def apply(self, problem: Problem) -> Problem:
        """Keep the rest, what is fixed moved to the sides."""
        if can_bind(problem)[~self._rows].any():
            message = "a row that could not bind now can"
            raise OtherPatternError(message)
        if (problem.upper - problem.lower)[~self._columns].any():
            message = "a column that was fixed is not"
            raise OtherPatternError(message)
        self._given = np.where(self._columns, 0.0, problem.lower)
        self.constant = float(problem.cost @ self._given)
        shift = problem.matrix @ self._given
        rows, columns = self._rows, self._columns
        return Problem(
            matrix=self._matrix,
            lower=problem.lower[columns],
            upper=problem.upper[columns],
            row_lower=(problem.row_lower - shift)[rows],
            row_upper=(problem.row_upper - shift)[rows],
            cost=problem.cost[columns],
            hour=problem.hour[columns],
            row_hour=problem.row_hour[rows],
        )

    def values(self, kept: Floats) -> Floats:
        """Return what is fixed with the rest."""
        return filled(self._columns, kept) + self._given

    def duals(self, kept: Floats) -> Floats:
        """A row that cannot bind has none."""
        return filled(self._rows, kept)


def can_bind(problem: Problem) -> Flags:
    """Say which rows some values within the bounds can break.

    Rows of one entry are bounds by now, up to the last digit of a division.
    """
    least, most = activity(problem.matrix, problem.lower, problem.upper)
    alone = np.diff(problem.matrix.indptr) <= 1
    below = np.where(alone, DIGITS * np.abs(np.where(np.isfinite(least), least, 0.0)), 0.0)
    above = np.where(alone, DIGITS * np.abs(np.where(np.isfinite(most), most, 0.0)), 0.0)
    return np.asarray((least < problem.row_lower - below) | (most > problem.row_upper + above))
