"""The whole story: a scenario file goes in, a stored run comes out.

A run of a year after 2025 is two runs: the market the scenario states, and the other one with the same capacities, because
a frozen province flatters the plan.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pypsa

from xinzhou_energy import __version__
from xinzhou_energy.errors import SolverError
from xinzhou_energy.formulation import build_rows, formulate, row_duals
from xinzhou_energy.grid.read import GridData, read_grid
from xinzhou_energy.network import assemble, cut_to_weeks
from xinzhou_energy.results import RunResult, collect, find_run, load_run, store
from xinzhou_energy.results.manifest import Manifest, build_manifest
from xinzhou_energy.scenario import Scenario, load_scenario
from xinzhou_energy.solve import Method, Progress, Solution, choose_method, solve
from xinzhou_energy.solve.indifference import siting_range

RUN_ID_DIGITS = 12
FALLBACK_WEEKS = 8
SITED_ON_WEEKS = "sited on representative weeks: siting gap not certified"
OTHER_MARKET = {"frozen": "tight", "tight": "frozen"}

Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Outcome:
    """A stored run, whether it was there already, and the same plan in the other market."""

    folder: Path
    result: RunResult
    manifest: Manifest
    reused: bool
    companion: Outcome | None = None


def run(
    path: Path, *, results: Path = Path("results"), force: bool = False, report: Report = silent
) -> Outcome:
    """Solve a scenario file and store the run.

    Parameters
    ----------
    path
        Scenario YAML.
    results
        Folder of all runs; the run goes to `results/<scenario>/<run>/`.
    force
        Solve again even if the same run is stored.
    report
        Called with every stage and about once a second while solving.

    Raises
    ------
    XinzhouError
        Any of its kinds; nothing is stored then.
    """
    scenario = load_scenario(path)
    outcome = run_scenario(scenario, results=results, force=force, report=report)
    if scenario.year <= FIRST_YEAR:
        return outcome
    other = in_other_market(scenario, outcome.result)
    companion = run_scenario(other, results=results, force=force, report=report)
    return Outcome(outcome.folder, outcome.result, outcome.manifest, outcome.reused, companion)


FIRST_YEAR = 2025


def run_scenario(scenario: Scenario, *, results: Path, force: bool, report: Report) -> Outcome:
    """Solve one scenario in one market, or return the stored run of the same content."""
    clock = Clock(report)
    data = clock.timed("read", lambda: read_grid(scenario))
    run_id = content_id(scenario, data)
    stored = None if force else find_run(results, scenario.id, run_id)
    if stored is not None:
        result, manifest = load_run(stored)
        return Outcome(stored, result, manifest, reused=True)
    network = clock.timed("build", lambda: build(scenario, data))
    rows = build_rows(network, scenario)
    sited = site(network, scenario, rows, clock) if network.generators.p_nom_extendable.any() else None
    dispatched, rows = dispatch(network, scenario, rows, clock)
    extra = siting_metrics(network, rows) if sited is not None else None
    network.meta = {**network.meta, "run": run_id}
    result = clock.timed(
        "collect",
        lambda: collect(
            network, scenario_id=scenario.id, run=run_id, year=scenario.year, rows=rows, extra=extra
        ),
    )
    manifest = build_manifest(
        scenario, data, network, run=run_id, sited=sited, dispatched=dispatched, seconds=clock.seconds
    )
    folder = clock.timed(
        "store", lambda: store(result, network, rows, manifest, scenario.resolved(), results)
    )
    return Outcome(folder, *load_run(folder), reused=False)
