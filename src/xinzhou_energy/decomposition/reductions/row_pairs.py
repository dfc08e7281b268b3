"""Rows of equal entries: ramps up and down, least and most."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import Floats, Ints, Problem
from xinzhou_energy.decomposition.reductions.step import Step, filled, fingerprints


class RowPairs(Step):
    """Make one row with two sides of rows with equal entries: ramps up and down, least and most."""

    def __init__(self, lead: Ints, matrix: sp.csr_array) -> None:
        self._lead, self._matrix = lead, matrix
        self._stays = lead == np.arange(lead.size)
        self._is_low = self._is_high = self._stays

    @classmethod
    def fitted(cls, problem: Problem) -> Self:
        """Group rows of one hour by their entries."""
        marks = fingerprints(problem.matrix)
        order = np.lexsort((marks, problem.row_hour))
        new = np.ones(order.size, dtype=bool)
        new[1:] = (np.diff(marks[order]) != 0) | (np.diff(problem.row_hour[order]) != 0)
        lead = np.empty(order.size, dtype=np.int64)
        lead[order] = order[new][np.cumsum(new) - 1]
        return cls(lead, sp.csr_array(problem.matrix[lead == np.arange(lead.size)]))

    def apply(self, problem: Problem) -> Problem:
        """Take the tightest sides of each group."""
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        np.maximum.at(lower, self._lead, problem.row_lower)
        np.minimum.at(upper, self._lead, problem.row_upper)
        self._is_low = problem.row_lower == lower[self._lead]
        self._is_high = problem.row_upper == upper[self._lead]
        return replace(
            problem,
            matrix=self._matrix,
            row_lower=lower[self._stays],
            row_upper=upper[self._stays],
            row_hour=problem.row_hour[self._stays],
        )

    def values(self, kept: Floats) -> Floats:
        """No column was touched."""
        return kept

    def duals(self, kept: Floats) -> Floats:
        """A dual belongs to the row that states the side: the lower one where it is positive."""
        whole = filled(self._stays, kept)[self._lead]
        states = np.flatnonzero(np.where(whole > 0, self._is_low, self._is_high) & (whole != 0))
        groups, first = np.unique(self._lead[states], return_index=True)
        found = np.zeros(whole.size)
        found[states[first]] = whole[groups]
        return found
