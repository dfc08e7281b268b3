"""Benders decomposition regularised by level sets, with one cut per block and a certified gap.

Each round evaluates all blocks at one choice of links z. Their costs and slopes are cuts, cost_k(z') ≥ cost_k(z) +
slope_k (z' - z), so the master bounds the optimum from below; the best evaluated point bounds it from above. The next
z is an interior point of {z: master bound ≤ lower + share (upper - lower)}, which stays clear of the corners that make
plain Benders jump.

References
----------
[1] F. Pecci, J. D. Jenkins, "Regularized Benders Decomposition for High Performance Capacity Expansion Models", 2024.
[2] A. Jacobson, F. Pecci et al., "Computationally Efficient Capacity Expansion Models with Budget Constraints", 2024.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import Evaluation
from xinzhou_energy.decomposition.cut import Master, Part
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats

SHARE = 0.3
MOST_ROUNDS = 200
UNBOUNDED = 1e12  # CNY: no block costs or earns more
MISSED_MWH = 1e-3  # a point that misses more than this at the borders is no upper bound


@dataclass(frozen=True)
class Optimum:
    """Links at the best point, bounds [CNY] around the optimum, their gap over gross cost, and the last evaluations."""

    links: Floats
    upper: float
    lower: float
    gap: float
    rounds: int
    iterations: int
    evaluations: list[Evaluation]
    row_duals: Floats


@dataclass
class Cuts:
    """All cuts so far, one row per block and round: theta_k - slope z ≥ rhs."""

    parts: list[Part]
    size: int
    rows: list[sp.csr_array] = field(default_factory=list)
    rhs: list[float] = field(default_factory=list)

    def add(self, links: Floats, evaluations: list[Evaluation]) -> None:
        """Add what one round says."""
        for number, (part, found) in enumerate(zip(self.parts, evaluations, strict=True)):
            place = np.append(part.links, self.size + number)
            entries = np.append(-found.slopes, 1.0)
            shape = (1, self.size + len(self.parts))
            self.rows.append(sp.csr_array((entries, (np.zeros(place.size, dtype=int), place)), shape=shape))
            self.rhs.append(found.cost - float(found.slopes @ links[part.links]))


def minimise(
    master: Master,
    parts: list[Part],
    pool: Pool,
    *,
    tolerance: float,
    time_limit: float,
    tell: Callable[[int, float], None],
) -> Optimum:
    """Close the gap to `tolerance` of gross cost.

    Parameters
    ----------
    time_limit
        Seconds.
    tell
        Called after each round with its number and the gap.

    Raises
    ------
    TimeoutError
        If the gap is still open at the time limit or after `MOST_ROUNDS`.
    RuntimeError
        If a block or the master has no optimum.
    """
    deadline = time.monotonic() + time_limit
    cuts = Cuts(parts, master.columns.size)
    links = interior_point(master, cuts, UNBOUNDED * 10)
    best, upper, gross, iterations = links, np.inf, np.inf, 0
    for number in range(1, MOST_ROUNDS + 1):
        found = pool.evaluate(links)
        iterations += sum(each.iterations for each in found)
        cost = float(master.cost @ links) + sum(each.cost for each in found)
        if cost < upper and sum(each.missed for each in found) < MISSED_MWH:
            best, upper = links, cost
            gross = float(np.maximum(master.cost, 0) @ links) + sum(each.gross for each in found)
        cuts.add(links, found)
        lower, duals = lower_bound(master, cuts)
        gap = (upper - lower) / gross if np.isfinite(upper) else np.inf
        tell(number, gap)
        if gap <= tolerance:
            return Optimum(best, upper, lower, gap, number, iterations, pool.evaluate(best, with_values=True), duals)
        if time.monotonic() > deadline:
            break
        ceiling = upper if np.isfinite(upper) else cost
        links = interior_point(master, cuts, lower + SHARE * (ceiling - lower))
    message = f"gap {gap:.1e} after {number} rounds"
    raise TimeoutError(message)


def lower_bound(master: Master, cuts: Cuts) -> tuple[float, Floats]:
    """Solve the master: a bound on the optimum from below [CNY], and the duals of the master's own rows."""
    highs = as_highs(master, cuts)
    objective = np.concatenate([master.cost, np.ones(len(cuts.parts))])
    highs.changeColsCost(objective.size, np.arange(objective.size, dtype=np.int32), objective)
    highs.run()
    check(highs)
    duals = np.asarray(highs.getSolution().row_dual)[: master.row_lower.size]
    return float(highs.getInfo().objective_function_value), duals


def interior_point(master: Master, cuts: Cuts, level: float) -> Floats:
    """Return links well inside {master bound ≤ level}: an interior point method stopped before any corner."""
    highs = as_highs(master, cuts)
    objective = np.concatenate([master.cost, np.ones(len(cuts.parts))])
    used = np.flatnonzero(objective)
    highs.addRow(-np.inf, level, used.size, used.astype(np.int32), objective[used])
    highs.setOptionValue("solver", "ipx")
    highs.setOptionValue("run_crossover", "off")
    highs.run()
    check(highs)
    found = np.asarray(highs.getSolution().col_value)[: master.columns.size]
    return np.asarray(np.clip(found, master.lower, master.upper))


def as_highs(master: Master, cuts: Cuts) -> highspy.Highs:
    """Return the master with all cuts, without an objective."""
    blocks = len(cuts.parts)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    lower = np.concatenate([master.lower, np.full(blocks, -UNBOUNDED)])
    highs.addVars(lower.size, lower, np.concatenate([master.upper, np.full(blocks, UNBOUNDED)]))
    own = sp.csr_array(sp.hstack([master.matrix, sp.csr_array((master.row_lower.size, blocks))]))
    add_rows(highs, own, master.row_lower, master.row_upper)
    if cuts.rows:
        add_rows(highs, sp.csr_array(sp.vstack(cuts.rows)), np.array(cuts.rhs), np.full(len(cuts.rhs), np.inf))
    return highs


def add_rows(highs: highspy.Highs, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
    """Add the rows of a matrix."""
    highs.addRows(lower.size, lower, upper, matrix.nnz, matrix.indptr, matrix.indices, matrix.data)


def check(highs: highspy.Highs) -> None:
    """Let only an optimum pass."""
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        message = f"the master ended as {highs.modelStatusToString(highs.getModelStatus())}"
        raise RuntimeError(message)
