"""A linopy model as arrays, every column and row with its hour; what a row can be within the bounds."""

from __future__ import annotations

import linopy
import numpy as np
import pandas as pd
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, activity, from_model

HOURS = pd.RangeIndex(3, name="snapshot")
UNITS = pd.Index(["a", "b"], name="name")


def model() -> linopy.Model:
    """Two units of a size each over three hours, a load, a floor from the second hour on, and a yearly limit."""
    model = linopy.Model()
    power = model.add_variables(lower=0, coords=[UNITS, HOURS], name="Generator-p")
    size = model.add_variables(lower=1, upper=9, coords=[UNITS], name="Generator-p_nom")
    model.add_constraints(power - size <= 0, name="limit")
    model.add_constraints(power.sum("name") == pd.Series([1.0, 2.0, 3.0], HOURS), name="balance")
    later = pd.Series([False, True, True], HOURS).to_xarray()
    model.add_constraints(1 * power.sel(name="a") >= -4, name="late", mask=later)
    model.add_constraints(power.sum() <= 50, name="year")
    model.add_objective((power * pd.Series([2.0, 3.0], UNITS)).sum() + 7 * size.sum())
    return model


def test_every_column_and_row_knows_its_hour() -> None:
    problem = from_model(model())
    assert problem.hour.tolist() == [0, 1, 2, 0, 1, 2, TIMELESS, TIMELESS]
    assert sorted(problem.row_hour.tolist()) == [TIMELESS, *[0] * 3, *[1] * 4, *[2] * 4]


def test_senses_become_sides_and_bounds_stay() -> None:
    problem = from_model(model())
    assert problem.lower.tolist() == [0] * 6 + [1, 1]
    assert problem.upper[6:].tolist() == [9, 9]
    assert problem.cost.tolist() == [2] * 3 + [3] * 3 + [7, 7]
    sides = set(zip(problem.row_lower, problem.row_upper, strict=True))
    assert sides == {(-np.inf, 0), (1, 1), (2, 2), (3, 3), (-4, np.inf), (-np.inf, 50)}


def test_least_and_most_of_a_row() -> None:
    matrix = sp.csr_array(np.array([[1.0, -2.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, -1.0]]))
    least, most = activity(matrix, np.array([1.0, 0.0, -np.inf]), np.array([5.0, 3.0, 4.0]))
    assert least.tolist() == [-5, -np.inf, -4]
    assert most.tolist() == [5, 7, np.inf]
