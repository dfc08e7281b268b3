"""Shared by all tests: the scenario `quick` read, built, sited and stored once, and days of the city cut from it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pypsa
import pytest

from xinzhou_energy.formulation import build_rows, formulate
from xinzhou_energy.grid.read import GridData, read_grid
from xinzhou_energy.network import assemble, cut_to_weeks
from xinzhou_energy.results import Manifest
from xinzhou_energy.run import run_scenario
from xinzhou_energy.scenario import Scenario, load_scenario
from xinzhou_energy.solve import Method, Settings, Solution, solve

ROOT = Path(__file__).parents[1]
SCENARIOS = ROOT / "scenarios"
HOURS_OF_YEAR = 8760
SETTINGS = Settings(time_limit=120, threads=1, gap=1e-5)

for noisy in ("linopy", "pypsa"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


@dataclass(frozen=True)
class Quick:
    """`quick` before its solve: scenario, data, the full-year network and its four weeks, our rows."""

    scenario: Scenario
    data: GridData
    year: pypsa.Network
    weeks: pypsa.Network
    rows: pd.DataFrame


@dataclass(frozen=True)
class StoredRun:
    """`quick` as `run` stored it."""

    folder: Path
    manifest: Manifest
    rows: pd.DataFrame


@pytest.fixture(scope="session")
def quick() -> Quick:
    """Read and build `quick`; tests copy what they change."""
    scenario = load_scenario(SCENARIOS / "quick.yaml")
    data = read_grid(scenario)
    year = assemble(scenario, data)
    weeks = cut_to_weeks(year, data, scenario.time.weeks)
    return Quick(scenario, data, year, weeks, build_rows(weeks, scenario))


@pytest.fixture(scope="session")
def quick_run(quick: Quick, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """Site and dispatch `quick` through `run_scenario` and keep the stored run; the other market is left out."""
    results = tmp_path_factory.mktemp("results")
    outcome = run_scenario(quick.scenario, results=results, force=False, report=lambda _: None)
    return StoredRun(outcome.folder, outcome.manifest, pd.read_parquet(outcome.folder / "constraints.parquet"))


@pytest.fixture
def quick_network(quick_run: StoredRun) -> pypsa.Network:
    """Return the solved network of the stored run, fresh from its file."""
    return pypsa.Network(quick_run.folder / "network.nc")


def dispatch(network: pypsa.Network, scenario: Scenario, *, method: Method = Method.SIMPLEX) -> Solution:
    """Formulate with our rows and solve, silently."""
    formulate(network, build_rows(network, scenario))
    return solve(network, method=method, reason="test", settings=SETTINGS, stage="test", report=lambda _: None)


def days_of(data: GridData, first: str, hours: int = 24) -> GridData:
    """Return the data of a few hours, with all energies of the year cut to them."""
    start = data.profiles.indexes["snapshot"].get_loc(pd.Timestamp(first))
    profiles = data.profiles.isel(snapshot=slice(start, start + hours))
    share = profiles["load"].sum() / data.profiles["load"].sum()
    demand = data.tables["demand"].assign(energy=lambda table: table["energy"] * float(share))
    contracts = {
        name: value * hours / HOURS_OF_YEAR
        for name, value in data.economics.items()
        if name.endswith("full_load_hours")
    }
    return replace(
        data,
        tables={**data.tables, "demand": demand},
        profiles=profiles,
        economics={**data.economics, **contracts},
    )


@pytest.fixture(scope="session")
def solve_now() -> Callable[..., Solution]:
    """Return `dispatch`."""
    return dispatch


@pytest.fixture(scope="session")
def cut_days() -> Callable[..., GridData]:
    """Return `days_of`."""
    return days_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy scenarios and tables into a folder of their own, for tests that spoil them."""
    folder = tmp_path / "项目 copy"
    shutil.copytree(SCENARIOS, folder / "scenarios")
    shutil.copytree(ROOT / "data", folder / "data")
    return folder
