"""A full year solved in blocks, and kept in memory for its relatives.

For example:

    with Session(problem, workers=2) as session:
        first = session.solve(...)
        session.change(other)        # same rows and columns, other bounds, sides or costs
        second = session.solve(...)  # starts from all that is proven already
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np

from xinzhou_energy.decomposition.budget import with_budgets
from xinzhou_energy.decomposition.certificate import Certificate, certify
from xinzhou_energy.decomposition.cut import cut, edges_of
from xinzhou_energy.decomposition.hands import LocalHand, MakeHand
from xinzhou_energy.decomposition.level_set import UNBOUNDED, Cuts, MasterModel, Optimum, minimise
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Problem, touches
from xinzhou_energy.decomposition.reductions import OtherPatternError, reduce
from xinzhou_energy.decomposition.tidy import tidied
from xinzhou_energy.decomposition.vertex import best_vertex

HOURS_PER_BLOCK = 730.0
NEAR = 1e-4  # of gross cost: where a relative begins to look
ROUGH = 1e-3  # of gross cost: near enough for a start, where the vertex finds the optimum
ROUNDS_KEPT = 25
MOST_VIOLATION = 1e-4  # MW


@dataclass(frozen=True)
class Found:
    """Values of all columns and duals of all rows of the full problem, and what they prove.

    `sizes`: the certificate of the whole problem, sizes open. `operation`: the one at the sizes found, whose duals are
    prices.
    """

    values: Floats
    duals: Floats
    sizes: Certificate
    operation: Certificate
    rounds: int
    iterations: int


class Session:
    """A problem reduced, cut and held by workers.

    Raises
    ------
    NotSeparableError
        If the problem cannot be cut.
    """

    def __init__(
        self,
        full: Problem,
        *,
        workers: int,
        hours_per_block: float = HOURS_PER_BLOCK,
        make_hand: MakeHand = LocalHand,
    ) -> None:
        self._workers, self._hours, self._make_hand = workers, hours_per_block, make_hand
        self._begin(full)

    def _begin(self, full: Problem) -> None:
        """Reduce, cut and hand out."""
        self._ready = False
        self._columns, self._rows = full.lower.size, full.row_lower.size
        edges = edges_of(full, self._hours)
        self._reduced = reduce(with_budgets(full, edges))
        self._cutting = cut(self._reduced.problem, self._hours, edges)
        self._pool = Pool(self._cutting.parts, self._workers, self._make_hand)
        self._cuts = Cuts()
        self._last: Optimum | None = None
        self._ready = True

    def change(self, full: Problem) -> None:
        """Take a problem of the same rows, columns and coefficients with other bounds, sides or costs.

        What was proven stays proven as far as the old duals carry; if the reduction does not fit any more, all begins
        anew.
        """
        if not self._ready:
            self._begin(full)
            return
        edges = edges_of(full, self._hours)
        try:
            reduced = self._reduced.renewed(with_budgets(full, edges))
        except OtherPatternError:
            self._pool.close()
            self._begin(full)
            return
        self._reduced = reduced
        self._cutting = cut(reduced.problem, self._hours, edges)
        self._pool.update(self._cutting.parts)
        count = len(self._cuts.constants)
        self._cuts = self._cuts.prove_again(self._cutting.parts, list(range(max(0, count - ROUNDS_KEPT), count)))

    def solve(self, *, tolerance: float, time_limit: float, tell: Callable[[int, float], None]) -> Found:
        """Find sizes to `tolerance` of gross cost, then the best operation of the whole year at these sizes.

        Raises
        ------
        StoppedError
            If the gap is open at the time limit; it holds the best value and bound.
        RuntimeError
            If a block, the master or the whole year has no optimum, or the point found breaks a row.
        """
        deadline = time.monotonic() + time_limit
        master = self._cutting.master
        sizes = bool((self._cutting.problem.hour[master.columns] == TIMELESS).any())
        budgets = self._reduced.full.lower.size > self._columns
        if not (sizes or budgets):
            return self._operated(self._middle(), 0, 0, deadline)
        found = minimise(
            self._cutting,
            self._pool,
            tolerance=tolerance if sizes else max(tolerance, ROUGH),
            time_limit=time_limit,
            tell=tell,
            cuts=self._cuts,
            start=self._start(),
        )
        if not sizes:  # shares of the budgets near the best, from which the vertex is a short way
            return self._operated(found.links, found.rounds, found.iterations, deadline)
        self._last = found
        tidy = self._operated(tidied(self._cutting, found.links), found.rounds, found.iterations, deadline)
        if tidy.sizes.gap <= tolerance:
            return tidy
        return self._operated(found.links, found.rounds, tidy.iterations, deadline)

    def _operated(self, links: Floats, rounds: int, iterations: int, deadline: float) -> Found:
        """Operate the whole year at the sizes among these links."""
        bases = self._pool.bases(links)
        vertex = best_vertex(self._cutting, links, bases, max(1.0, deadline - time.monotonic()))
        iterations += sum(each.iterations for each in bases) + vertex.iterations
        return self._checked(vertex.values, vertex.duals, rounds, iterations)

    def _middle(self) -> Floats:
        """Return links amid their limits, where only borders are open: the vertex finds the way from anywhere."""
        master = self._cutting.master
        if not master.row_lower.size:
            return np.asarray((master.lower + master.upper) / 2)
        model = MasterModel(self._cutting, Cuts())
        inside = model.interior_point(UNBOUNDED * 100)
        return model.lowest_point() if inside is None else inside

    def _start(self) -> Floats | None:
        """Return links that look good by what is proven already."""
        if self._last is None or not self._cuts.constants:
            return None
        model = MasterModel(self._cutting, self._cuts)
        lower, _, _ = model.lower_bound()
        gross = (self._last.upper - self._last.lower) / self._last.gap if self._last.gap > 0 else abs(lower)
        return model.interior_point(lower + NEAR * gross)

    def _checked(self, values: Floats, duals: Floats, rounds: int, iterations: int) -> Found:
        """Go back to the full problem and let the certificates speak."""
        full = self._reduced.full
        sizes = full.hour == TIMELESS
        timeless = ~touches(full.matrix, ~sizes)
        whole = self._reduced.expand(values)
        prices = self._reduced.expand_duals(duals)
        prices[timeless] = 0.0
        at_sizes = replace(full, lower=np.where(sizes, whole, full.lower), upper=np.where(sizes, whole, full.upper))
        operation = certify(at_sizes, whole, prices)
        if operation.violation > MOST_VIOLATION:
            message = f"the point found breaks a row by {operation.violation:.1e}"
            raise RuntimeError(message)
        certificate = operation
        if self._last is not None:
            proof = self._reduced.expand_duals(self._last.duals)
            certificate = certify(full, whole, proof)
            prices[timeless] = proof[timeless]
        values, duals = whole[: self._columns], prices[: self._rows]
        return Found(values, duals, certificate, operation, rounds, iterations)

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers."""
        self._pool.close()
