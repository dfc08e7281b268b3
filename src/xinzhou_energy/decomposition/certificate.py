"""What a point and a set of duals prove about a linear problem: nothing here knows how they were found.

By weak duality, for any duals y of the right signs, cost·x ≥ y·sides + (cost - matrix' y)·bounds for every feasible x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xinzhou_energy.decomposition.problem import Floats, Problem

PRICE_ERROR = 1e-6  # CNY/MWh: a column without a bound may miss its price by this, the accuracy of a solver


@dataclass(frozen=True)
class Certificate:
    """Cost of the point, bound below every cost, gross cost [CNY]; worst violation of the point [MW or MWh]."""

    cost: float
    bound: float
    gross: float
    violation: float

    @property
    def gap(self) -> float:
        """How far the point can be from the optimum, over gross cost."""
        return (self.cost - self.bound) / self.gross if self.gross > 0 else 0.0


def certify(problem: Problem, values: Floats, duals: Floats) -> Certificate:
    """Check a point and duals against every row and column.

    Parameters
    ----------
    values, duals
        (columns,), (rows,). Duals of the wrong sign count as 0.
    """
    activity = problem.matrix @ values
    misses = [
        problem.row_lower - activity,
        activity - problem.row_upper,
        problem.lower - values,
        values - problem.upper,
    ]
    sound = np.where(np.isfinite(problem.row_upper), duals, np.maximum(duals, 0.0))
    sound = np.where(np.isfinite(problem.row_lower), sound, np.minimum(sound, 0.0))
    rest = problem.cost - problem.matrix.T @ sound
    bound = paid(sound, problem.row_lower, problem.row_upper, 0.0) + paid(
        rest, problem.lower, problem.upper, PRICE_ERROR
    )
    return Certificate(
        cost=float(problem.cost @ values),
        bound=bound,
        gross=float(np.maximum(problem.cost, 0.0) @ values),
        violation=float(max(miss.max(initial=0.0) for miss in misses)),
    )


def paid(price: Floats, lower: Floats, upper: Floats, error: float) -> float:
    """Return the least that something between two limits can cost at a price of either sign. [CNY]"""
    open_ended = np.where(price > 0, ~np.isfinite(lower), (price < 0) & ~np.isfinite(upper))
    if (np.abs(price[open_ended]) > error).any():
        return -np.inf
    at = np.where(price > 0, lower, upper)
    return float(np.where(open_ended, 0.0, price) @ np.where(np.isfinite(at), at, 0.0))
