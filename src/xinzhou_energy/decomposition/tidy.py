"""Sizes without dust: an interior point leaves fractions of a megawatt where nothing is worth building."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import linear_problem
from xinzhou_energy.decomposition.cut import Cutting
from xinzhou_energy.decomposition.problem import TIMELESS, Floats

DUST = 1.0  # MW


def tidied(cutting: Cutting, links: Floats) -> Floats:
    """Put sizes within `DUST` of a bound on it and move the other links as little as the master's rows ask for.

    Notes
    -----
    min sum d, -d ≤ z - z* ≤ d, over the master's rows and bounds. Where that has no answer the links stay.
    """
    master = cutting.master
    count = links.size
    lower, upper = master.lower.copy(), master.upper.copy()
    is_size = cutting.problem.hour[master.columns] == TIMELESS
    small = is_size & (links - lower < DUST)
    large = is_size & (upper - links < DUST) & ~small
    upper[small], lower[large] = lower[small], upper[large]
    unit = sp.eye_array(count)
    matrix = sp.block_array(
        [[sp.csr_array(master.matrix), sp.csr_array(master.matrix.shape)], [unit, unit], [unit, -unit]]
    )
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(
        linear_problem(
            sp.csc_array(matrix),
            np.concatenate([lower, np.zeros(count)]),
            np.concatenate([upper, np.full(count, np.inf)]),
            np.concatenate([master.row_lower, links, np.full(count, -np.inf)]),
            np.concatenate([master.row_upper, np.full(count, np.inf), links]),
            np.concatenate([np.zeros(count), np.ones(count)]),
        )
    )
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return links
    found = np.asarray(highs.getSolution().col_value)[:count]
    return np.asarray(np.clip(found, lower, upper))
