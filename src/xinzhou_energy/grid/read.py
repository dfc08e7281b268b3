"""Everything the data says about one scenario: checked tables, hourly profiles, parameters with overrides.

In: a `Scenario`. Out: `GridData`, for example `data.calibration["a_mid"] == 8500.0` MW and
`data.economics["onwind.capital_cost"] == 4.09e6` CNY/MW.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from xinzhou_energy.errors import DataError, Finding, ScenarioError, nearest
from xinzhou_energy.grid.commitments import Commitment, commitments_of
from xinzhou_energy.grid.tables import Tables, read_tables
from xinzhou_energy.profiles.generate import generate_profiles
from xinzhou_energy.profiles.loaders import load_profile
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.units import QuantityError

SHIPPED = Path(__file__).parents[1] / "_shipped"
CHECKOUT = Path(__file__).parents[3]
TableKey = str | int | tuple[str, str]
JUDGES = ("calibration_targets",)
SYNTHETIC = "synthetic, calibrated"


@dataclass(frozen=True)
class GridData:
    """Checked tables, hourly profiles (`snapshot` x county or plant) and parameters of one scenario.

    `files` holds the SHA-256 of the bytes of every file read, `digests` that of their content: the same for any order
    of rows, line ending or byte-order mark, so that these never make another run.
    """

    tables: Mapping[str, pd.DataFrame]
    profiles: xr.Dataset
    calibration: Mapping[str, float]
    economics: Mapping[str, float]
    files: Mapping[str, str]
    digests: Mapping[str, str]
    commitments: Mapping[str, Commitment] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Say where the weather comes from, for every place a number is shown."""
        return str(self.profiles.attrs["label"])

    def serves(self, commitment: str) -> bool:
        """Say whether a commitment is at work; one that the tables do not know is as the rest of the scenario says."""
        return commitment not in self.commitments or self.commitments[commitment].in_service

    def economic(self, technology: str, parameter: str) -> float:
        """Return one figure of `economics.csv` in base units (MW, MWh, CNY, per unit, years).

        Raises
        ------
        DataError
            If the table has no such row.
        """
        key = f"{technology}.{parameter}"
        if key not in self.economics:
            where = Tables.place("economics", 0, "id")
            raise DataError(
                Finding("missing-figure", where, f"no row '{key}'", "a value with its source", "Add the row.")
            )
        return self.economics[key]

    def number(self, table: str, key: TableKey, column: str) -> float:
        """Return one number of a table."""
        return float(self.cell(table, key, column))

    def text(self, table: str, key: TableKey, column: str) -> str:
        """Return one text of a table."""
        return str(self.cell(table, key, column))

    def cell(self, table: str, key: TableKey, column: str) -> Any:  # noqa: ANN401 - as typed by the schema
        """Return one cell of a table."""
        return self.tables[table][column].loc[key]


def read_grid(scenario: Scenario) -> GridData:
    """Read the tables and profiles of a scenario and apply its overrides.

    Raises
    ------
    DataError
        With every fault of every table, file and line named.
    ScenarioError
        If the scenario names a plant, bus, county or parameter that no table knows.
    """
    tables = read_tables(grid_folder(scenario), overlay_folder(scenario))
    check_names(scenario, tables)
    frames = tables.frames
    profiles = generate_profiles(frames, year=scenario.year, seed=scenario.seed)
    profiles, profile_files = with_user_profiles(profiles, scenario)
    return GridData(
        tables=frames,
        profiles=profiles,
        calibration=overridden(frames["calibration"], scenario, "calibration"),
        economics=overridden(frames["economics"], scenario, "economics"),
        files={**tables.files, **profile_files},
        digests={**made_of(tables.digests), **profile_files},
        commitments=commitments_of(scenario, frames),
    )


def made_of(digests: Mapping[str, str]) -> dict[str, str]:
    """Leave out the tables that judge a result instead of making it: another target is no other run."""
    return {table: digest for table, digest in digests.items() if table not in JUDGES}


def grid_folder(scenario: Scenario) -> Path:
    """Find `data/grid`: beside the scenario's own project, else in the checkout, else as shipped."""
    for folder in (*scenario.folder.resolve().parents, CHECKOUT, SHIPPED):
        if (folder / "data" / "grid" / "schema").is_dir():
            return folder / "data" / "grid"
    raise DataError(
        Finding(
            "no-data",
            Tables.place("", 0, ""),
            "no folder data/grid",
            "the tables of the grid",
            "Reinstall the package.",
        )
    )


def overlay_folder(scenario: Scenario) -> Path | None:
    """Return the planner's own folder of replacement cells, relative to the scenario file."""
    return None if scenario.data.overlay is None else scenario.path_of(scenario.data.overlay)


def overridden(table: pd.DataFrame, scenario: Scenario, section: str) -> dict[str, float]:
    """Lay the scenario's numbers over a table's, each in the unit of its row and within the row's range.

    Raises
    ------
    ScenarioError
        If a number has another dimension than its row or lies outside `low` to `high` by more than their width.
    """
    values = {str(key): float(value) for key, value in table["value"].items()}
    findings = []
    for key, figure in getattr(scenario, section).items():
        row, where = table.loc[key], scenario.where(f"{section}.{key}")
        try:
            values[key] = figure.to(str(row["unit"]))
        except QuantityError as error:
            findings.append(
                Finding(error.fault.code, where, error.fault.found, error.fault.expected, error.fault.remedy)
            )
            continue
        width = float(row["high"] - row["low"])
        if not row["low"] - width <= values[key] <= row["high"] + width:
            findings.append(
                Finding(
                    "out-of-range",
                    where,
                    f"{values[key]:g} {row['unit']}",
                    f"about {row['low']:g} to {row['high']:g} {row['unit']}",
                    f"Check the number; a wider range needs new limits in {section}.csv.",
                )
            )
    if findings:
        raise ScenarioError(findings)
    return values


def check_names(scenario: Scenario, tables: Tables) -> None:
    """Refuse ids in the scenario that no table knows, all at once, each with the nearest known one."""
    frames = tables.frames
    sections = [
        ("calibration", scenario.calibration, frames["calibration"].index),
        ("economics", scenario.economics, frames["economics"].index),
        ("projects", scenario.projects, frames["plants"].index),
        ("batteries", scenario.batteries, frames["buses"].index),
    ]
    if scenario.siting is not None:
        counties = frames["counties"].index
        sections += [
            ("siting.p_nom_max", scenario.siting.p_nom_max, counties),
            ("siting.capacity", scenario.siting.capacity, counties),
        ]
    asked = [(f"{section}.{name}", section, name, known) for section, names, known in sections for name in names]
    if scenario.corridor.bus0 is not None:
        asked.append(("corridor.bus0", "corridor.bus0", scenario.corridor.bus0, frames["buses"].index))
    findings = [
        Finding(
            "unknown-id", scenario.where(path), f"'{name}'", f"an id known to {section}", nearest(name, list(known))
        )
        for path, section, name, known in asked
        if name not in known
    ]
    if scenario.load.energy is None and scenario.year not in frames["demand"].index:
        years = ", ".join(str(year) for year in frames["demand"].index)
        findings.append(
            Finding(
                "no-demand",
                scenario.where("year"),
                f"year {scenario.year} without a demand figure",
                f"one of {years}",
                "State load.energy, for example 'energy: 190 亿千瓦时'.",
            )
        )
    if findings:
        raise ScenarioError(findings)


def with_user_profiles(profiles: xr.Dataset, scenario: Scenario) -> tuple[xr.Dataset, dict[str, str]]:
    """Replace generated series by the planner's own files; report each file's hash.

    A file that speaks for some counties only replaces these. Of a load only the shape counts: the year's energy and the
    counties' shares come from the scenario and the tables.
    """
    files: dict[str, str] = {}
    own = profiles.copy(deep=True)
    for variable, spec in scenario.profiles.items():
        path = scenario.path_of(spec.file)
        dimension = next((str(dim) for dim in own[variable].dims if dim != "snapshot"), None)
        columns = [variable] if dimension is None else [str(name) for name in own[dimension].to_numpy()]
        frame = load_profile(
            path, format=spec.format, variable=variable, year=scenario.year, columns=columns, options=spec.options
        )
        if dimension is None:
            own[variable].loc[:] = frame[variable].to_numpy(dtype=float)
        else:
            own[variable].loc[{dimension: list(frame.columns)}] = frame.to_numpy(dtype=float)
        files[f"profiles/{variable}: {path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    if files:
        own.attrs["label"] = f"{SYNTHETIC}; from the user's files: {', '.join(sorted(scenario.profiles))}"
    return own, files
