"""Cut a problem into blocks of hours: what several blocks share becomes a link, owned by the master.

Links are the columns without an hour (capacities) and the columns of one block that a row of another block needs
(storage levels and outputs at the borders). Rows without an hour stay in the master.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import BlockData
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Ints, Problem

MOST_LINKS = 4000  # beyond it the master is no small problem any more


class NotSeparableError(ValueError):
    """The problem has too many links, or one without bounds, to be solved in blocks."""


@dataclass(frozen=True)
class Part:
    """A block: its arrays, the positions of its own columns in the problem and of its links in the master."""

    data: BlockData
    own: Ints
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


def cut(problem: Problem, hours_per_block: int) -> tuple[Master, list[Part]]:
    """Cut a problem into blocks of about `hours_per_block` hours.

    Raises
    ------
    NotSeparableError
        If the blocks would share too much, or a link has no bounds.
    """
    count = int(problem.hour.max()) + 1
    edges = np.linspace(0, count, max(1, round(count / hours_per_block)) + 1).astype(int)
    block, row_block = block_of(problem.hour, edges), block_of(problem.row_hour, edges)
    entries = problem.matrix.tocoo()
    abroad = (block[entries.col] != TIMELESS) & (row_block[entries.row] != block[entries.col])
    is_link = problem.hour == TIMELESS
    is_link[entries.col[abroad]] = True
    links = np.flatnonzero(is_link)
    if links.size > MOST_LINKS or not np.isfinite(problem.lower[links] + problem.upper[links]).all():
        message = f"{links.size} links, each of which needs bounds"
        raise NotSeparableError(message)
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
    return master, [
        part_of(problem, np.flatnonzero(row_block == number), (block == number) & ~is_link, is_link, place)
        for number in range(edges.size - 1)
    ]


def block_of(hour: Ints, edges: Ints) -> Ints:
    """Return the number of the block of each hour, `TIMELESS` for none."""
    return np.where(hour == TIMELESS, TIMELESS, np.searchsorted(edges, hour, side="right") - 1)


def part_of(problem: Problem, rows: Ints, is_own: np.ndarray, is_link: np.ndarray, place: Ints) -> Part:
    """Return the block of some rows; its rows with a link in time may be missed at a price."""
    matrix = sp.csr_array(problem.matrix[rows])
    used = np.unique(matrix.indices)
    links = used[is_link[used]]
    own = np.flatnonzero(is_own)
    columns = np.concatenate([own, links])
    in_time = links[problem.hour[links] != TIMELESS]
    elastic = np.unique(matrix[:, in_time].tocoo().row) if in_time.size else np.array([], dtype=np.int64)
    cost = problem.cost[columns].copy()
    cost[own.size :] = 0.0  # the master pays for links
    data = BlockData(
        matrix=sp.csc_array(matrix[:, columns]),
        lower=problem.lower[columns],
        upper=problem.upper[columns],
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        cost=cost,
        links=np.arange(own.size, columns.size),
        elastic=elastic.astype(np.int64),
    )
    return Part(data, own, place[links])
