"""One block of hours as a linear problem whose link columns are set from outside: cost, slopes and a hot start."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import Floats, Ints

ELASTIC_COST = 50_000.0  # CNY/MWh, above every price of the model: a level that cannot be reached is never worth it


@dataclass(frozen=True)
class BlockData:
    """Arrays of a block: own columns first, then link columns; `elastic` rows may be missed at `ELASTIC_COST`."""

    matrix: sp.csc_array
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    cost: Floats
    links: Ints
    elastic: Ints


@dataclass(frozen=True)
class Evaluation:
    """Cost of a block at given links: `slopes` [CNY per unit of link], `missed` [MWh], `gross` cost, own values."""

    cost: float
    gross: float
    slopes: Floats
    missed: float
    iterations: int
    values: Floats | None = None


class Block:
    """A block kept in memory, so that the next evaluation starts where the last one ended."""

    def __init__(self, data: BlockData) -> None:
        self._data = data
        self._links = data.links.astype(np.int32)
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.passModel(as_highs(data))

    def evaluate(self, links: Floats, *, with_values: bool) -> Evaluation:
        """Solve with the link columns at `links`.

        Raises
        ------
        RuntimeError
            If HiGHS finds no optimum.
        """
        self._highs.changeColsBounds(len(links), self._links, links, links)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            message = f"a block ended as {self._highs.modelStatusToString(self._highs.getModelStatus())}"
            raise RuntimeError(message)
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        values = np.asarray(solution.col_value)
        own = values[: self._data.lower.size]
        return Evaluation(
            cost=float(info.objective_function_value),
            gross=float(np.maximum(self._data.cost, 0) @ own),
            slopes=np.asarray(solution.col_dual)[self._links],
            missed=float(values[own.size :].sum()),
            iterations=int(info.simplex_iteration_count),
            values=own if with_values else None,
        )


def as_highs(data: BlockData) -> highspy.HighsLp:
    """Return the arrays, with a surplus and a shortfall column for each elastic row, as HiGHS takes them."""
    rows, columns = data.matrix.shape
    count = data.elastic.size
    entries = np.concatenate([np.ones(count), -np.ones(count)])
    place = (np.concatenate([data.elastic, data.elastic]), np.arange(2 * count))
    matrix = sp.csc_array(sp.hstack([data.matrix, sp.csc_array((entries, place), shape=(rows, 2 * count))]))
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = columns + 2 * count, rows
    problem.col_cost_ = np.concatenate([data.cost, np.full(2 * count, ELASTIC_COST)])
    problem.col_lower_ = np.concatenate([data.lower, np.zeros(2 * count)])
    problem.col_upper_ = np.concatenate([data.upper, np.full(2 * count, np.inf)])
    problem.row_lower_, problem.row_upper_ = data.row_lower, data.row_upper
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = matrix.indptr
    problem.a_matrix_.index_ = matrix.indices
    problem.a_matrix_.value_ = matrix.data
    return problem
