"""Cut a problem into blocks of hours: what several blocks share becomes a link, owned by the master.

Links are the columns without an hour (sizes) and the columns of one block that a row of another block needs (storage
levels and outputs at the borders). Rows that only links enter stay in the master.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import BlockData
from xinzhou_energy.decomposition.problem import TIMELESS, Flags, Floats, Ints, Problem, touches
from xinzhou_energy.decomposition.reductions.limits import sized_rows

MOST_LINKS = 8000  # beyond it the master is no small problem any more


class NotSeparableError(ValueError):
    """The problem has too many links, or columns without bounds, to be solved in blocks."""


@dataclass(frozen=True)
class Part:
    """A block: its arrays, its columns and rows in the problem and its links in the master.

    `rows` holds the rows of `data.matrix`, then those of `data.sized`.
    """

    data: BlockData
    own: Ints
    rows: Ints
    links: Ints


@dataclass(frozen=True)
class Master:
    """The links with their bounds and cost, and the rows that only they enter; `rows`: their places in the problem."""

    columns: Ints
    lower: Floats
    upper: Floats
    cost: Floats
    matrix: sp.csr_array
    row_lower: Floats
    row_upper: Floats
    rows: Ints


@dataclass(frozen=True)
class Cutting:
    """A problem in parts."""

    problem: Problem
    master: Master
    parts: list[Part]

    def gather(self, links: Floats, own: list[Floats]) -> Floats:
        """Return the values of all columns of the problem."""
        values = np.zeros(self.problem.lower.size)
        values[self.master.columns] = links
        for part, found in zip(self.parts, own, strict=True):
            values[part.own] = found
        return values

    def gather_duals(self, master: Floats, blocks: list[Floats]) -> Floats:
        """Return the duals of all rows of the problem."""
        duals = np.zeros(self.problem.row_lower.size)
        duals[self.master.rows] = master
        for part, found in zip(self.parts, blocks, strict=True):
            duals[part.rows] = found
        return duals


def cut(problem: Problem, hours_per_block: float, edges: Ints | None = None) -> Cutting:
    """Cut a problem into blocks of about `hours_per_block` hours, or at given `edges` (see `edges_of`).

    Raises
    ------
    NotSeparableError
        If the blocks would share too much, or a column has no bounds.
    """
    if not (np.isfinite(problem.lower) & np.isfinite(problem.upper)).all():
        message = "a column without bounds"
        raise NotSeparableError(message)
    edges = edges_of(problem, hours_per_block) if edges is None else edges
    block, row_block = block_of(problem.hour, edges), block_of(problem.row_hour, edges)
    entries = problem.matrix.tocoo()
    abroad = (block[entries.col] != TIMELESS) & (row_block[entries.row] != block[entries.col])
    is_link = problem.hour == TIMELESS
    is_link[entries.col[abroad]] = True
    links = np.flatnonzero(is_link)
    if links.size > MOST_LINKS:
        message = f"{links.size} links"
        raise NotSeparableError(message)
    row_block[~touches(problem.matrix, ~is_link)] = TIMELESS
    place = np.full(problem.lower.size, -1, dtype=np.int64)
    place[links] = np.arange(links.size)
    rows = np.flatnonzero(row_block == TIMELESS)
    master = Master(
        columns=links,
        lower=problem.lower[links],
        upper=problem.upper[links],
        cost=problem.cost[links],
        matrix=sp.csr_array(problem.matrix[rows][:, links]),
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        rows=rows,
    )
    sized = sized_rows(problem) & (row_block != TIMELESS)
    parts = [
        part_of(problem, row_block == number, (block == number) & ~is_link, sized, place)
        for number in range(edges.size - 1)
    ]
    return Cutting(problem, master, parts)


def edges_of(problem: Problem, hours_per_block: float) -> Ints:
    """Return the first hour of each block and, last, the number of hours."""
    count = int(problem.hour.max(initial=0)) + 1
    return np.linspace(0, count, max(1, round(count / hours_per_block)) + 1).astype(np.int64)


def block_of(hour: Ints, edges: Ints) -> Ints:
    """Return the number of the block of each hour, `TIMELESS` for none."""
    return np.where(hour == TIMELESS, TIMELESS, np.searchsorted(edges, hour, side="right") - 1)


def part_of(problem: Problem, is_mine: Flags, is_own: Flags, sized: Flags, place: Ints) -> Part:
    """Return the block of some rows; rows with a link in time may be missed at a price."""
    rows = np.concatenate([np.flatnonzero(is_mine & ~sized), np.flatnonzero(is_mine & sized)])
    limits = int(np.count_nonzero(is_mine & sized))
    matrix = sp.csr_array(problem.matrix[rows])
    own = np.flatnonzero(is_own)
    used = np.unique(matrix.indices)
    links = used[place[used] >= 0]
    of_links = sp.csr_array(matrix[:, links])
    data = BlockData(
        matrix=sp.csr_array(matrix[:, own]),
        links=of_links,
        lower=problem.lower[own],
        upper=problem.upper[own],
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        cost=problem.cost[own],
        elastic=np.flatnonzero(touches(of_links, problem.hour[links] != TIMELESS)),
        limits=limits,
    )
    return Part(data, own, rows, place[links])
