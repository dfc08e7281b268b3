"""What a kind of reduction is, and what several of them use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import Flags, Floats, Problem


class OtherPatternError(ValueError):
    """The numbers have changed so much that the reduction must be looked for anew."""


class Step(ABC):
    """One kind of reduction, fitted to a problem."""

    constant: float = 0.0

    @classmethod
    @abstractmethod
    def fitted(cls, problem: Problem) -> Self:
        """Look for the pattern."""

    @abstractmethod
    def apply(self, problem: Problem) -> Problem:
        """Return the smaller problem; OtherPatternError if the pattern does not hold."""

    @abstractmethod
    def values(self, kept: Floats) -> Floats:
        """Return the values of all columns from those kept."""

    @abstractmethod
    def duals(self, kept: Floats) -> Floats:
        """Return the duals of all rows from those kept."""


def filled(stays: Flags, kept: Floats) -> Floats:
    """Put what was kept in its place and 0 elsewhere."""
    found = np.zeros(stays.size)
    found[stays] = kept
    return found


def fingerprints(matrix: sp.csr_array) -> Floats:
    """Return one number per row that is equal, to the last bit, for rows of equal entries."""
    mark = np.random.default_rng(0).random(matrix.shape[1])
    return np.asarray(matrix @ mark)
