"""The targets of the base year: the shipped table and the comparison with a run."""

from __future__ import annotations

import pandas as pd
import pytest

from xinzhou_energy.results.registry import metric_units
from xinzhou_energy.results.run_result import METRIC_COLUMNS, RunResult
from xinzhou_energy.results.targets import COLUMNS, achieved, read_targets

# Ranges as typed from section 3 of the calibration and section 8 of the reference dossier.
RANGES = {
    "coal_hours": (3800, 4700, "h"),
    "onwind_hours": (2000, 2400, "h"),
    "solar_hours": (1280, 1500, "h"),
    "renewable_hours": (1650, 1800, "h"),
    "curtailment": (3, 8, "%"),
    "net_outflow": (33e6, 47e6, "MWh"),
    "peak_outflow": (8000, 10500, "MW"),
    "peak_outflow_spring_midday": (7500, 10500, "MW"),
    "price": (240, 330, "CNY/MWh"),
    "price_spring_midday": (0, 100, "CNY/MWh"),
    "coal_co2": (27e6, 30e6, "t"),
    "coal_co2_intensity": (0.80, 0.90, "t/MWh"),
    "to_bth": (8e6, 14e6, "MWh"),
    "phs_hours": (800, 1200, "h"),
}
# What the prototype achieved on seed 1 with set A.
PROTOTYPE = {
    ("full_load_hours", "sum", "coal", ""): 4284,
    ("potential_hours", "sum", "onwind", ""): 2214,
    ("potential_hours", "sum", "solar", ""): 1379,
    ("renewable_hours", "sum", "", ""): 1738,
    ("curtailment_share", "mean", "", ""): 4.9,
    ("net_outflow", "sum", "", ""): 41.7e6,
    ("peak_outflow", "max", "", ""): 9600,
    ("spring_midday_peak_outflow", "max", "", ""): 8000,
    ("price", "mean", "", ""): 246,
    ("price", "spring_midday", "", ""): 70,
    ("co2", "sum", "coal", ""): 29.2e6,
    ("co2_intensity", "mean", "coal", ""): 0.864,
    ("export_sent", "sum", "", "bth_existing"): 9.9e6,
    ("storage_hours", "sum", "PHS", ""): 1153,
}


@pytest.fixture(scope="module")
def targets() -> pd.DataFrame:
    return read_targets()


def run_with(values: dict[tuple[str, str, str, str], float]) -> RunResult:
    """Return a run of 2025 that has only these metrics."""
    rows = [("base_2025", "0" * 12, 2025, *key, "", "", value) for key, value in values.items()]
    empty = pd.DataFrame()
    return RunResult("base_2025", "0" * 12, 2025, pd.DataFrame(rows, columns=list(METRIC_COLUMNS)), empty, empty)


def test_the_shipped_ranges_are_those_of_the_calibration(targets: pd.DataFrame) -> None:
    found = {str(name): (row["low"], row["high"], row["unit"]) for name, row in targets.iterrows()}
    assert found == RANGES


def test_every_target_names_a_metric_in_the_unit_it_is_stored_in(targets: pd.DataFrame) -> None:
    units = metric_units()
    assert {row["metric"]: row["unit"] for _, row in targets.iterrows()} == {
        name: units[name] for name in targets["metric"]
    }


def test_the_prototype_is_inside_every_range(targets: pd.DataFrame) -> None:
    table = achieved(run_with(PROTOTYPE), targets)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(RANGES)
    assert table["inside"].all()
    assert table.set_index("id").loc["coal_hours", "value"] == 4284


@pytest.mark.parametrize(("hours", "inside"), [(3799.9, False), (3800.0, True), (4700.0, True), (4700.1, False)])
def test_both_ends_of_a_range_belong_to_it(targets: pd.DataFrame, hours: float, inside: bool) -> None:
    table = achieved(run_with({**PROTOTYPE, ("full_load_hours", "sum", "coal", ""): hours}), targets)
    assert table.set_index("id").loc["coal_hours", "inside"] == inside
    assert table["inside"].sum() == len(RANGES) - (not inside)


def test_a_metric_that_the_run_lacks_is_not_inside(targets: pd.DataFrame) -> None:
    values = {key: value for key, value in PROTOTYPE.items() if key[0] != "storage_hours"}
    row = achieved(run_with(values), targets).set_index("id").loc["phs_hours"]
    assert pd.isna(row["value"])
    assert not row["inside"]
