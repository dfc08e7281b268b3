from __future__ import annotations

import linopy
import numpy as np
import pandas as pd
import pytest

from xinzhou_energy.errors import FormulationError
from xinzhou_energy.formulation.rows import ROW_COLUMNS, apply_rows, empty_rows, row_duals

HOURS = pd.date_range("2026-01-01", periods=4, freq="h", name="snapshot")
UNITS = pd.Index(["cheap", "dear"], name="name")


def model_of_two_units():
    """Serve 100 MW in each of four hours by a unit at 10 and one at 30; capacities of 200 MW are variables too."""
    model = linopy.Model()
    power = model.add_variables(lower=0, coords=[HOURS, UNITS], name="Generator-p")
    size = model.add_variables(lower=0, upper=200, coords=[UNITS], name="Generator-p_nom")
    model.add_constraints(power - size <= 0, name="Generator-ext-p-upper")
    model.add_constraints(power.sum("name") == 100, name="Bus-nodal_balance")
    cost = pd.Series([10.0, 30.0], index=UNITS).to_xarray()
    model.add_objective((power * cost).sum() + 1e-3 * size.sum())
    return model


def term(name, origin, unit, hour, *, coefficient=1.0, sense="<=", rhs, stage="dispatch", variable="Generator-p"):
    snapshot = pd.NaT if hour is None else HOURS[hour]
    return (name, origin, stage, variable, unit, snapshot, coefficient, sense, rhs)


def table(*terms):
    return pd.DataFrame(terms, columns=list(ROW_COLUMNS[:-1])).assign(commitment="")


def solved(model):
    model.solve(solver_name="highs", io_api="direct", output_flag=False)
    return model


def test_a_row_with_several_terms_binds_over_hours():
    model = model_of_two_units()
    # the cheap unit may give 250 MWh in all: 150 MWh come from the dear one
    rows = table(*[term("budget", "budget", "cheap", hour, rhs=250.0) for hour in range(4)])
    apply_rows(model, rows)
    solved(model)
    assert model.solution["Generator-p"].sel(name="cheap").sum().item() == pytest.approx(250.0)
    # one MWh more of the cheap unit saves 20
    np.testing.assert_allclose(row_duals(model, rows), [-20.0] * 4)


def test_each_sense_and_both_stages_are_applied():
    model = model_of_two_units()
    rows = table(
        term("size", "size", "cheap", None, sense="=", rhs=80.0, stage="siting", variable="Generator-p_nom"),
        term("floor", "floor", "dear", 2, sense=">=", rhs=45.0),
        term("double", "double", "cheap", 3, coefficient=2.0, rhs=100.0),
    )
    apply_rows(model, rows)
    solved(model)
    cheap = model.solution["Generator-p"].sel(name="cheap").to_numpy()
    np.testing.assert_allclose(cheap, [80.0, 80.0, 55.0, 50.0])
    assert {"siting-size", "dispatch-floor", "dispatch-double"} <= set(model.constraints)


def test_one_constraint_per_origin_unless_row_lengths_are_far_apart():
    model = model_of_two_units()
    hourly = [term(f"cap {hour}", "cap", "cheap", hour, rhs=70.0) for hour in range(3)]
    apply_rows(model, table(*hourly))
    assert model.constraints["dispatch-cap"].size == 3
    yearly = [term("year", "mixed", "cheap", hour, rhs=300.0) for hour in range(4)]
    apply_rows(model, table(term("first", "mixed", "cheap", 0, rhs=60.0), *yearly))
    assert {"dispatch-mixed-0", "dispatch-mixed-2"} <= set(model.constraints)
    solved(model)
    np.testing.assert_allclose(model.solution["Generator-p"].sel(name="cheap").to_numpy()[0], 60.0)


def test_duals_follow_the_lines_of_the_table_in_any_order_and_index():
    model = model_of_two_units()
    rows = table(
        term("slack", "cap", "cheap", 1, rhs=150.0),
        term("tight", "cap", "cheap", 0, rhs=60.0),
        term("tight", "cap", "dear", 0, coefficient=0.5, rhs=60.0),
    ).set_axis([7, 3, 5])
    apply_rows(model, rows)
    duals = row_duals(solved(model), rows)
    assert duals.index.tolist() == [7, 3, 5]
    # 0.5 dear + cheap <= 60 with cheap + dear = 100: cheap 20; one more unit of rhs moves 2 MW, worth 40
    np.testing.assert_allclose(duals, [0.0, -40.0, -40.0], rtol=1e-3, atol=1e-9)


def test_the_order_of_lines_changes_nothing():
    rows = table(
        *[term("budget", "budget", "cheap", hour, rhs=250.0) for hour in range(4)],
        term("cap", "cap", "cheap", 0, rhs=9.0),
    )
    objectives = []
    for chosen in (rows, rows.iloc[::-1], rows.sample(frac=1, random_state=1)):
        model = model_of_two_units()
        apply_rows(model, chosen)
        objectives.append(solved(model).objective.value)
    assert objectives == pytest.approx([objectives[0]] * 3, rel=1e-12)


def test_no_rows_change_nothing():
    model = model_of_two_units()
    before = set(model.constraints)
    apply_rows(model, empty_rows())
    assert set(model.constraints) == before
    assert row_duals(model, empty_rows()).empty
    assert tuple(empty_rows().columns) == ROW_COLUMNS


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("unknown-variable", table(term("a", "a", "cheap", 0, rhs=1.0, variable="Generator-q"))),
        ("unknown-term", table(term("a", "a", "nuclear", 0, rhs=1.0))),
        ("unknown-term", table(term("a", "a", "cheap", None, rhs=1.0))),
        ("unknown-term", table(term("a", "a", "cheap", 0, rhs=1.0, variable="Generator-p_nom"))),
        ("unknown-stage", table(term("a", "a", "cheap", 0, rhs=1.0, stage="year"))),
        ("unknown-sense", table(term("a", "a", "cheap", 0, rhs=1.0, sense="<"))),
        ("not-finite", table(term("a", "a", "cheap", 0, rhs=float("inf")))),
        ("not-finite", table(term("a", "a", "cheap", 0, rhs=1.0, coefficient=float("nan")))),
        ("duplicate-term", table(term("a", "a", "cheap", 0, rhs=1.0), term("a", "a", "cheap", 0, rhs=1.0))),
        ("torn-row", table(term("a", "a", "cheap", 0, rhs=1.0), term("a", "a", "dear", 0, rhs=2.0))),
    ],
)
def test_a_faulty_row_is_refused_and_nothing_is_added(code, rows):
    model = model_of_two_units()
    before = set(model.constraints)
    with pytest.raises(FormulationError) as error:
        apply_rows(model, pd.concat([table(term("good", "good", "cheap", 1, rhs=50.0)), rows], ignore_index=True))
    assert [finding.code for finding in error.value.findings] == [code]
    assert set(model.constraints) == before


def test_all_faults_are_told_at_once():
    rows = table(
        term("a", "a", "cheap", 0, rhs=1.0, stage="year"),
        term("b", "b", "cheap", 0, rhs=1.0, sense="<"),
    )
    with pytest.raises(FormulationError) as error:
        apply_rows(model_of_two_units(), rows)
    assert {finding.code for finding in error.value.findings} == {"unknown-stage", "unknown-sense"}


def test_duals_before_the_solve_are_refused():
    model = model_of_two_units()
    rows = table(term("cap", "cap", "cheap", 0, rhs=60.0))
    apply_rows(model, rows)
    with pytest.raises(FormulationError, match="missing-dual"):
        row_duals(model, rows)
