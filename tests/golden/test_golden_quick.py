"""`quick` against stored values, and against a PyPSA script that imports nothing of ours.

Only what is unique at the optimum is stored; the split over counties is not. To renew `quick.json` after a change that
is meant to move results: run `vanilla_quick.py` on a fresh run of `quick` and copy its "ours"; say why in the commit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pypsa
import pytest

from xinzhou_energy.results import load_run, reopen

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "quick.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def vanilla(quick_run) -> dict[str, dict[str, float]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", HERE / "vanilla_quick.py", quick_run.folder],
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_vanilla_script_finds_our_objective(vanilla, quick_run) -> None:
    assert vanilla["ours"]["objective"] == pytest.approx(quick_run.manifest.objectives["dispatch"], rel=1e-6)


def test_vanilla_without_our_rows_never_costs_more(vanilla) -> None:
    slack = 1e-6 * abs(vanilla["ours"]["objective"])
    assert vanilla["free"]["objective"] <= vanilla["ours"]["objective"] + slack
    assert vanilla["ours"]["rows"] > 0


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_vanilla_script_finds_the_golden_values(vanilla, name: str) -> None:
    assert vanilla["ours"][name] == pytest.approx(GOLDEN[name], rel=1e-6 if name == "objective" else 1e-3)


def test_our_metrics_are_the_golden_values(quick_run) -> None:
    result, _ = load_run(quick_run.folder)
    assert result.value("curtailment", statistic="sum") == pytest.approx(GOLDEN["curtailed_mwh"], rel=1e-3)
    assert result.value("generation", statistic="sum", carrier="coal") == pytest.approx(GOLDEN["coal_mwh"], rel=1e-3)


def test_reopened_run_costs_what_it_cost(quick_run) -> None:
    network, _ = reopen(quick_run.folder)
    network.optimize.solve_model(solver_name="highs", log_to_console=False)
    assert network.objective == pytest.approx(quick_run.manifest.objectives["dispatch"], rel=1e-6)


def test_vanilla_equals_us_where_none_of_our_rows_binds(solve_now, cut_days, quick) -> None:
    """A day without weeks has no rows of ours: plain `optimize` on the same network costs the same."""
    from xinzhou_energy.network import assemble

    scenario = quick.scenario.with_changes(siting=None, time=None)
    network = assemble(scenario, cut_days(quick.data, "2026-04-20", 48))
    ours = solve_now(network, scenario).objective
    network.model.solver_model = None
    again: pypsa.Network = network.copy()
    again.optimize(solver_name="highs", log_to_console=False, include_objective_constant=False)
    assert again.objective == pytest.approx(ours, rel=1e-6)
