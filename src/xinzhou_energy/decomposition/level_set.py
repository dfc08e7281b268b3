"""Benders decomposition regularised by level sets, with one cut per block and a certified gap.

Each round evaluates all blocks at one choice of links z. Their duals prove cuts, cost_k(z') ≥ constant + slope_k z',
so the master bounds the optimum from below; the best evaluated point bounds it from above. The next z is an interior
point of {z: master bound ≤ lower + share (upper - lower)}, which stays clear of the corners that make plain Benders
jump. Both bounds are sums of ours over the arrays; the solver's own words count for neither.

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

from xinzhou_energy.decomposition.block import Evaluation, bound, least_worth, with_sign
from xinzhou_energy.decomposition.cut import Cutting, Part
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats

SHARE = 0.3
MOST_ROUNDS = 200
UNBOUNDED = 1e12  # CNY: no block costs or earns more
MONEY = 1e-6  # the master counts in million CNY, so that its numbers are of the size of its megawatts
MISSED_MWH = 1e-3  # a point that misses more than this at the borders is no upper bound


@dataclass(frozen=True)
class Optimum:
    """Links at the best point, bounds [CNY] around the optimum, their gap over gross cost, and what proves them.

    `duals` of all rows of the problem prove `lower`; `values` of all columns reach `upper`.
    """

    links: Floats
    upper: float
    lower: float
    gap: float
    rounds: int
    iterations: int
    values: Floats
    duals: Floats


class StoppedError(RuntimeError):
    """No optimum within the time: the best value and bound so far [CNY], called what they are."""

    def __init__(self, upper: float, lower: float, gap: float, rounds: int, *, interrupted: bool = False) -> None:
        self.interrupted = interrupted
        self.upper, self.lower, self.gap, self.rounds = upper, lower, gap, rounds
        best = f"best plan {upper:,.0f} CNY" if np.isfinite(upper) else "no plan yet"
        super().__init__(f"stopped after {rounds} rounds: {best}, bound {lower:,.0f} CNY, gap {gap:.1e}")


@dataclass
class Cuts:
    """All cuts so far, by round and block, with the duals that prove them; good for every problem of the same rows."""

    constants: list[Floats] = field(default_factory=list)
    slopes: list[list[Floats]] = field(default_factory=list)
    duals: list[list[Floats]] = field(default_factory=list)

    def add(self, parts: list[Part], evaluations: list[Evaluation]) -> None:
        """Add what one round proves."""
        self._append(parts, [found.duals[:, None] for found in evaluations])

    def prove_again(self, parts: list[Part], rounds: list[int]) -> Cuts:
        """Return what the duals of some rounds prove about other numbers in the same rows and columns."""
        again = Cuts()
        if rounds:
            again._append(parts, [np.column_stack([self.duals[at][k] for at in rounds]) for k in range(len(parts))])
        return again

    def _append(self, parts: list[Part], duals: list[Floats]) -> None:
        """Add rounds, one per column of `duals` of each block."""
        proven = [bound(part.data, found) for part, found in zip(parts, duals, strict=True)]
        for column in range(duals[0].shape[1]):
            self.constants.append(np.array([constant[column] for constant, _ in proven]))
            self.slopes.append([slopes[:, column] for _, slopes in proven])
            self.duals.append([found[:, column] for found in duals])


class MasterModel:
    """The master in HiGHS: links, one cost per block, rows of its own and a growing number of cuts."""

    def __init__(self, cutting: Cutting, cuts: Cuts) -> None:
        self._master, self._parts = cutting.master, cutting.parts
        self._cuts = cuts
        self._known = 0
        blocks = len(self._parts)
        master = self._master
        self._cost = np.concatenate([MONEY * master.cost, np.ones(blocks)])
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        least, most = np.full(blocks, -UNBOUNDED * MONEY), np.full(blocks, UNBOUNDED * MONEY)
        self._highs.addVars(
            self._cost.size, np.concatenate([master.lower, least]), np.concatenate([master.upper, most])
        )
        used = np.flatnonzero(self._cost)
        self._highs.addRow(-np.inf, np.inf, used.size, used.astype(np.int32), self._cost[used])
        own = sp.csr_array(sp.hstack([master.matrix, sp.csr_array((master.row_lower.size, blocks))]))
        add_rows(self._highs, own, master.row_lower, master.row_upper)

    def lower_bound(self) -> tuple[float, Floats, Floats]:
        """Bound the optimum from below. [CNY; duals of the master's rows; weights of the cuts, (round, block)]"""
        self._lowest()
        duals = np.asarray(self._highs.getSolution().row_dual)
        count = self._master.row_lower.size
        weights = np.maximum(duals[1 + count :], 0.0).reshape(-1, len(self._parts))
        total = weights.sum(axis=0)
        weights = np.where(total > 0, weights / np.where(total > 0, total, 1.0), 0.0)
        weights[-1] += total <= 0
        own = duals[1 : 1 + count] / MONEY
        return self._proven(own, weights), own, weights

    def interior_point(self, level: float) -> Floats | None:
        """Return links well inside {master bound ≤ level}: an interior point method stopped before any corner.

        None where the method fails.
        """
        self._take_new()
        every = np.arange(self._cost.size, dtype=np.int32)
        self._highs.changeColsCost(every.size, every, np.zeros(every.size))
        self._highs.changeRowBounds(0, -np.inf, level * MONEY)
        self._highs.setOptionValue("solver", "ipx")
        self._highs.setOptionValue("run_crossover", "off")
        self._highs.clearSolver()
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self._links()

    def lowest_point(self) -> Floats:
        """Return the links at which the master's bound is lowest: a corner."""
        self._lowest()
        return self._links()

    def _lowest(self) -> None:
        """Minimise the master's bound; only an optimum passes."""
        self._take_new()
        every = np.arange(self._cost.size, dtype=np.int32)
        self._highs.changeColsCost(every.size, every, self._cost)
        self._highs.changeRowBounds(0, -np.inf, np.inf)
        self._highs.setOptionValue("solver", "simplex")
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            message = f"the master ended as {self._highs.modelStatusToString(self._highs.getModelStatus())}"
            raise RuntimeError(message)

    def _links(self) -> Floats:
        """Return the links of the last solve, within their bounds."""
        found = np.asarray(self._highs.getSolution().col_value)[: self._master.columns.size]
        return np.asarray(np.clip(found, self._master.lower, self._master.upper))

    def _proven(self, duals: Floats, weights: Floats) -> float:
        """Return what the multipliers prove, by weak duality: our sums, whatever the solver's tolerances."""
        master = self._master
        sound = with_sign(duals, master.row_lower, master.row_upper)
        reduced = master.cost - master.matrix.T @ sound
        value = float(least_worth(sound, master.row_lower, master.row_upper))
        for constants, slopes, weight in zip(self._cuts.constants, self._cuts.slopes, weights, strict=True):
            value += weight @ constants
            for block in np.flatnonzero(weight):
                reduced[self._parts[block].links] += weight[block] * slopes[block]
        return value + float(least_worth(reduced, master.lower, master.upper))

    def _take_new(self) -> None:
        """Add the cuts that have come since: theta_k - slope z ≥ constant."""
        size, blocks = self._master.columns.size, len(self._parts)
        for constants, slopes in zip(
            self._cuts.constants[self._known :], self._cuts.slopes[self._known :], strict=True
        ):
            place = [np.append(part.links, size + number) for number, part in enumerate(self._parts)]
            entries = [np.append(-MONEY * slope, 1.0) for slope in slopes]
            start = np.concatenate([[0], np.cumsum([each.size for each in place])])
            matrix = sp.csr_array(
                (np.concatenate(entries), np.concatenate(place), start), shape=(blocks, size + blocks)
            )
            add_rows(self._highs, matrix, MONEY * constants, np.full(blocks, np.inf))
        self._known = len(self._cuts.constants)


def add_rows(highs: highspy.Highs, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
    """Add the rows of a matrix."""
    highs.addRows(lower.size, lower, upper, matrix.nnz, matrix.indptr, matrix.indices, matrix.data)


def minimise(
    cutting: Cutting,
    pool: Pool,
    *,
    tolerance: float,
    time_limit: float,
    tell: Callable[[int, float], None],
    cuts: Cuts | None = None,
    start: Floats | None = None,
) -> Optimum:
    """Close the gap to `tolerance` of gross cost.

    Parameters
    ----------
    time_limit
        Seconds.
    tell
        Called after each round with its number and the gap.
    cuts
        What is proven already, for this very problem; grows.
    start
        Links to begin with, instead of the middle.

    Raises
    ------
    StoppedError
        If the gap is still open at the time limit or after `MOST_ROUNDS`.
    RuntimeError
        If a block or the master has no optimum.
    """
    deadline = time.monotonic() + time_limit
    cuts = Cuts() if cuts is None else cuts
    model, master = MasterModel(cutting, cuts), cutting.master
    links = start if start is not None else model.interior_point(UNBOUNDED * 100)
    if links is None:
        links = model.lowest_point()
    best: tuple[Floats, list[Evaluation]] = (links, [])
    upper, gross, iterations = np.inf, np.inf, 0
    lower, gap, number = -np.inf, np.inf, 0
    try:
        for number in range(1, MOST_ROUNDS + 1):
            found = pool.evaluate(links)
            iterations += sum(each.iterations for each in found)
            cost = float(master.cost @ links) + sum(each.cost for each in found)
            if cost < upper and sum(each.missed for each in found) < MISSED_MWH:
                best, upper = (links, found), cost
                gross = float(np.maximum(master.cost, 0) @ links) + sum(each.gross for each in found)
            cuts.add(cutting.parts, found)
            proven, row_duals, weights = model.lower_bound()
            lower = max(lower, proven)
            gap = (upper - lower) / gross if np.isfinite(upper) else np.inf
            tell(number, gap)
            if gap <= tolerance:
                return Optimum(
                    links=best[0],
                    upper=upper,
                    lower=lower,
                    gap=gap,
                    rounds=number,
                    iterations=iterations,
                    values=cutting.gather(best[0], [each.values for each in best[1]]),
                    duals=cutting.gather_duals(row_duals, averaged(cuts, weights)),
                )
            if time.monotonic() > deadline:
                break
            ceiling = upper if np.isfinite(upper) else cost
            inside = model.interior_point(lower + SHARE * (ceiling - lower))
            links = (best[0] + model.lowest_point()) / 2 if inside is None else inside
    except KeyboardInterrupt as stop:
        raise StoppedError(upper, lower, gap, number, interrupted=True) from stop
    raise StoppedError(upper, lower, gap, number)


def averaged(cuts: Cuts, weights: Floats) -> list[Floats]:
    """Return the duals of each block, averaged as the master weighs its cuts: they prove the same bound at once."""
    blocks = range(weights.shape[1])
    return [
        np.sum([weights[at, k] * cuts.duals[at][k] for at in np.flatnonzero(weights[:, k])], axis=0) for k in blocks
    ]
