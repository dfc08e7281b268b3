"""Columns of equal cost and entries: identical units at a bus, wind or solar of equal cost."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, Flags, Floats, Ints, Problem
from xinzhou_energy.decomposition.reductions.limits import Limits, sized_rows
from xinzhou_energy.decomposition.reductions.step import OtherPatternError, Step, filled, fingerprints


class ColumnPools(Step):
    """Make one column of columns of equal cost and entries, and share its value out by what each can give.

    Identical units at a bus, and wind or solar of equal cost. One of them may have a size that is open: a row
    x - a P ≤ 0 with a column P without hour. That row then limits the pool, by as much more as the others give.
    """

    def __init__(self, problem: Problem, lead: Ints, sized: Flags) -> None:
        self._lead = lead
        self._stays = lead == np.arange(lead.size)
        self._matrix = sp.csr_array(problem.matrix[:, self._stays])
        self._limits = Limits.of(problem, sized)
        timed = problem.hour != TIMELESS
        limited = sp.csr_array(problem.matrix.multiply(sized[:, None]).multiply(timed[None, :]))
        self._positive, self._negative = sp.csr_array(limited.maximum(0)), sp.csr_array(limited.minimum(0))
        self._problem = problem

    @classmethod
    def fitted(cls, problem: Problem) -> Self:
        """Group columns of one hour by cost and entries; the one with an open size leads."""
        sized = sized_rows(problem)
        marks = fingerprints(sp.csr_array(problem.matrix[~sized].T))
        has_size = np.diff(sp.csc_array(problem.matrix[sized]).indptr) > 0
        pools = np.isfinite(problem.lower) & np.isfinite(problem.upper) & (problem.hour != TIMELESS)
        marks = np.where(pools, marks, -1.0 - np.arange(marks.size))
        order = np.lexsort((~has_size, marks, problem.cost, problem.hour))
        new = np.ones(order.size, dtype=bool)
        new[1:] = has_size[order[1:]]
        for key in (marks, problem.cost, problem.hour):
            new[1:] |= np.diff(key[order]) != 0
        lead = np.empty(order.size, dtype=np.int64)
        lead[order] = order[new][np.cumsum(new) - 1]
        return cls(problem, lead, sized)

    def apply(self, problem: Problem) -> Problem:
        """Add the bounds of each pool up."""
        if (problem.cost != problem.cost[self._lead]).any():
            message = "units of equal cost now differ"
            raise OtherPatternError(message)
        self._problem = problem
        others = np.flatnonzero(~self._stays)
        extra_low, extra_high = np.zeros(self._lead.size), np.zeros(self._lead.size)
        np.add.at(extra_low, self._lead[others], problem.lower[others])
        np.add.at(extra_high, self._lead[others], problem.upper[others])
        return Problem(
            matrix=self._matrix,
            lower=(problem.lower + extra_low)[self._stays],
            upper=(problem.upper + extra_high)[self._stays],
            row_lower=problem.row_lower + self._positive @ extra_low + self._negative @ extra_high,
            row_upper=problem.row_upper + self._positive @ extra_high + self._negative @ extra_low,
            cost=problem.cost[self._stays],
            hour=problem.hour[self._stays],
            row_hour=problem.row_hour,
        )

    def values(self, kept: Floats) -> Floats:
        """Give each column of a pool the same share of its range."""
        problem, lead = self._problem, self._lead
        whole = filled(self._stays, kept)
        taken = problem.matrix @ np.where(problem.hour == TIMELESS, whole, 0.0)
        low, high = self._limits.bounds(problem, taken, taken)
        high = np.maximum(low, high)
        base, room = np.zeros(lead.size), np.zeros(lead.size)
        alone = np.bincount(lead, minlength=lead.size)[lead] == 1
        low, high = np.where(alone, 0.0, low), np.where(alone, 0.0, high)
        np.add.at(base, lead, low)
        np.add.at(room, lead, high - low)
        share = np.clip((whole - base)[lead] / np.where(room > 0, room, 1.0)[lead], 0.0, 1.0)
        return np.where(alone, whole, low + share * (high - low))

    def duals(self, kept: Floats) -> Floats:
        """No row was touched but in its sides."""
        return kept
