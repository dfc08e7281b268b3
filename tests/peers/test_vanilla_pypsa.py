"""The benchmark in short, for correctness: every route of vanilla PyPSA lies within what ours proves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypsa
import pytest

from xinzhou_energy.decomposition.problem import from_model
from xinzhou_energy.decomposition.session import Session
from xinzhou_energy.formulation import build_rows, formulate
from xinzhou_energy.network.weeks import HOURS_PER_WEEK

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
GAP = 1e-4
SOLVER_TOLERANCE = 1e-7  # of the objective: what HiGHS calls optimal, interior point without crossover included


def printed(script: str, *arguments: object) -> dict[str, float | str]:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(quick, tmp_path_factory) -> Path:
    """`quick` as the benchmark writes it."""
    folder = tmp_path_factory.mktemp("quick")
    network = quick.weeks.copy()
    network.export_to_netcdf(folder / "network.nc")
    quick.rows.to_parquet(folder / "rows.parquet")
    return folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> dict[str, float | str]:
    return printed("ours.py", folder, "solve", GAP, 2)


@pytest.mark.parametrize("route", ["default", "simplex", "hipo", "hipo crossover", "ipx", "ipx crossover"])
def test_a_vanilla_route_lies_between_our_bound_and_our_plan(route: str, folder: Path, ours) -> None:
    vanilla = printed("vanilla.py", folder, route, 300)
    assert vanilla["status"] == "optimal"
    slack = SOLVER_TOLERANCE * abs(vanilla["objective"])
    assert ours["bound"] - slack <= vanilla["objective"] <= ours["objective"] + slack
    assert ours["gap"] <= GAP


def changed(network: pypsa.Network, draw: np.random.Generator) -> None:
    """Other loads, costs, limits and hours of wind and sun."""
    network.loads_t.p_set *= draw.uniform(0.85, 1.15)
    for table in (network.generators, network.links, network.storage_units):
        factors = draw.uniform(0.8, 1.2, len(table))
        table["marginal_cost"] *= factors
        table["capital_cost"] *= draw.uniform(0.8, 1.2, len(table))
        open_ = table["p_nom_extendable"].astype(bool)
        table.loc[open_, "p_nom_max"] *= draw.uniform(0.9, 1.3, int(open_.sum()))
    hours = network.generators_t.p_max_pu
    varying = hours.columns[hours.max() > hours.min()]
    network.generators_t.p_max_pu[varying] = (hours[varying] * draw.uniform(0.8, 1.2, len(varying))).clip(upper=1.0)


@pytest.mark.parametrize("seed", range(10))
def test_vanilla_simplex_lies_between_bound_and_plan_of_a_random_variant(seed: int, quick) -> None:
    network = quick.weeks.copy()
    changed(network, np.random.default_rng(seed))
    model = formulate(network, build_rows(network, quick.scenario))
    with Session(from_model(model), workers=2, hours_per_block=HOURS_PER_WEEK) as session:
        found = session.solve(tolerance=GAP, time_limit=120, tell=lambda _number, _gap: None).sizes
    status, condition = model.solve(solver_name="highs", io_api="direct", progress=False, solver="simplex")
    assert (status, condition) == ("ok", "optimal")
    truth = model.objective.value
    assert found.bound - 1e-9 * found.gross <= truth <= found.cost + 1e-9 * found.gross
    assert found.gap <= GAP
