"""Exact reductions: the same optimum from fewer rows and columns, and the way back for values and duals.

PyPSA writes every bound as a row, every ramp limit as two, one column per unit and one balance per bus. Each kind of
step below makes the problem smaller and knows the way back; `Reduced` goes back through them in reverse. A step looks
for a pattern once. With other numbers in the same rows and columns the pattern is checked, not searched, so that a
family of problems shares one reduction (`Reduced.renewed`).
"""

from __future__ import annotations

from dataclasses import dataclass

from xinzhou_energy.decomposition.problem import Floats, Problem
from xinzhou_energy.decomposition.reductions.column_pools import ColumnPools
from xinzhou_energy.decomposition.reductions.fixed_and_idle import FixedAndIdle
from xinzhou_energy.decomposition.reductions.limits import bounds_from_rows, bounds_from_sizes, with_single_rows
from xinzhou_energy.decomposition.reductions.row_pairs import RowPairs
from xinzhou_energy.decomposition.reductions.step import OtherPatternError, Step
from xinzhou_energy.decomposition.reductions.substitution import Substitution

__all__ = ["OtherPatternError", "Reduced", "Step", "reduce"]

MOST_PASSES = 12


@dataclass(frozen=True)
class Reduced:
    """A smaller problem with the same optimum, less `constant`, and the way back to the full one."""

    full: Problem
    problem: Problem
    steps: tuple[Step, ...]

    @property
    def constant(self) -> float:
        """Cost that the smaller problem does not hold. [CNY]"""
        return sum(step.constant for step in self.steps)

    def expand(self, values: Floats) -> Floats:
        """Return the values of all columns of the full problem."""
        for step in reversed(self.steps):
            values = step.values(values)
        return values

    def expand_duals(self, duals: Floats) -> Floats:
        """Return the duals of all rows of the full problem, those of its one-entry rows included."""
        for step in reversed(self.steps):
            duals = step.duals(duals)
        return with_single_rows(self.full, duals)

    def renewed(self, full: Problem) -> Reduced:
        """Reduce a problem of the same rows and columns with other bounds, sides or costs in the same way.

        Raises
        ------
        OtherPatternError
            If a step does not hold for it.
        """
        problem = bounds_from_sizes(bounds_from_rows(full))
        for step in self.steps:
            problem = step.apply(problem)
        return Reduced(full, problem, self.steps)


def reduce(full: Problem) -> Reduced:
    """Apply every kind of step, in an order in which each finds most."""
    problem = bounds_from_sizes(bounds_from_rows(full))
    steps: list[Step] = []

    def take(kind: type[Step]) -> None:
        nonlocal problem
        steps.append(kind.fitted(problem))
        problem = steps[-1].apply(problem)

    for kind in (FixedAndIdle, RowPairs, ColumnPools):
        take(kind)
    for _ in range(MOST_PASSES):
        before = problem.lower.size
        take(Substitution)
        if problem.lower.size == before:
            steps.pop()
            break
    take(FixedAndIdle)
    return Reduced(full, problem, tuple(steps))
