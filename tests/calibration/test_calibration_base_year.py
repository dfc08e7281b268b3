"""The base year of seed 1 on the full network holds what it was calibrated to, and the copper plate stands for it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest
from copper_plate import REFERENCE, Year, base_data, base_scenario, measure, plate_of_seed, solve_year

from xinzhou_energy.formulation import build_rows
from xinzhou_energy.network import assemble
from xinzhou_energy.results import RunResult, collect
from xinzhou_energy.results.targets import achieved

pytestmark = pytest.mark.slow

TARGETS = pd.read_csv(REFERENCE / "calibration_targets.csv", index_col="id")
# Rows of data/grid/calibration_targets.csv under our names, with the factor from its unit to ours.
PROJECT_ROWS = {
    "coal_hours": ("coal_hours", 1),
    "onwind_hours": ("onwind_hours", 1),
    "solar_hours": ("solar_hours", 1),
    "renewable_hours": ("renewable_hours", 1),
    "curtailment": ("curtailment", 1),
    "net_outflow": ("outflow", 1e-6),
    "peak_outflow": ("peak_outflow", 1e-3),
    "peak_outflow_spring_midday": ("spring_midday_peak", 1e-3),
    "price": ("price", 1),
    "price_spring_midday": ("spring_midday_price", 1),
    "coal_co2": ("co2", 1e-6),
    "coal_co2_intensity": ("co2_intensity", 1),
    "to_bth": ("bth", 1e-6),
    "phs_hours": ("phs_hours", 1),
}


@dataclass(frozen=True)
class BaseYear:
    """The solved full network, measured by the tests and by the project."""

    measured: Year
    collected: RunResult
    unserved_mwh: float
    destroyed_mwh: float
    hours_at_limit: pd.Series


@pytest.fixture(scope="module")
def base_year() -> BaseYear:
    scenario = base_scenario()
    network = solve_year(assemble(scenario, base_data()), scenario)
    energy = network.generators_t.p.sum().groupby(network.generators.kind).sum()
    loading = network.lines_t.p0.abs() / network.lines.s_nom
    return BaseYear(
        measure(network),
        collect(network, scenario_id=scenario.id, run="test", year=scenario.year, rows=build_rows(network, scenario)),
        unserved_mwh=energy["load_shedding"],
        destroyed_mwh=energy["must_run_slack"],
        hours_at_limit=(loading > 0.999).sum(),
    )


@pytest.mark.parametrize("row", TARGETS.index)
def test_base_year_holds_the_target(base_year: BaseYear, row: str) -> None:
    low, high = TARGETS.loc[row, ["low", "high"]]
    assert low <= base_year.measured.headline[row] <= high


def test_nothing_is_shed_and_no_must_run_is_destroyed(base_year: BaseYear) -> None:
    assert base_year.unserved_mwh == pytest.approx(0, abs=1)
    assert base_year.destroyed_mwh == pytest.approx(0, abs=1)


def test_curtailment_is_spread_over_hours_as_in_the_prototype(base_year: BaseYear) -> None:
    # Set B of the prototype: 606 hours, 5.0 GW at the deepest; set A put it into 488.
    assert 500 <= base_year.measured.curtailed_hours <= 750


def test_the_printed_table_measures_the_same_as_these_tests(base_year: BaseYear) -> None:
    printed = achieved(base_year.collected).set_index("id")
    assert set(printed.index) == set(PROJECT_ROWS)
    for row, (name, factor) in PROJECT_ROWS.items():
        # The project weights prices by load, the prototype did not.
        tolerance = 0.01 if "price" in row else 1e-6
        assert printed.loc[row, "value"] * factor == pytest.approx(base_year.measured.headline[name], rel=tolerance), (
            row
        )


def test_the_printed_table_has_the_same_ranges(base_year: BaseYear) -> None:
    printed = achieved(base_year.collected).set_index("id")
    for row, (name, factor) in PROJECT_ROWS.items():
        found = printed.loc[row, ["low", "high"]].to_numpy(dtype=float) * factor
        assert found == pytest.approx(TARGETS.loc[name, ["low", "high"]].to_numpy(dtype=float)), row
    assert printed["inside"].all()


def test_the_grid_hardly_binds(base_year: BaseYear) -> None:
    # Else any line limit could be "calibrated" to give the curtailment; the prototype had 50 h at most.
    assert base_year.hours_at_limit.max() <= 200


def test_copper_plate_agrees_with_the_network(base_year: BaseYear) -> None:
    network, plate = base_year.measured, plate_of_seed(1)
    assert plate.headline.curtailment == pytest.approx(network.headline.curtailment, abs=0.05)
    assert plate.monthly.to_numpy() == pytest.approx(network.monthly.to_numpy(), abs=0.1)
    assert plate.headline.coal_hours == pytest.approx(network.headline.coal_hours, abs=10)
    for name in ("outflow", "price", "co2", "bth", "phs_hours", "renewable_hours", "spring_midday_peak"):
        assert plate.headline[name] == pytest.approx(network.headline[name], rel=0.01), name
    assert plate.headline.hours_below_50 == pytest.approx(network.headline.hours_below_50, abs=10)


def test_only_the_annual_peak_feels_the_lines(base_year: BaseYear) -> None:
    assert base_year.measured.headline.peak_outflow < plate_of_seed(1).headline.peak_outflow
