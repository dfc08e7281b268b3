"""The whole story: a scenario file goes in, a stored run comes out.

A run of a year after 2025 is two runs: the market the scenario states, and the other one with the same capacities,
because a frozen province flatters the plan.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pypsa

from xinzhou_energy import __version__
from xinzhou_energy.errors import Finding, SolverError
from xinzhou_energy.formulation import build_rows, formulate, row_duals
from xinzhou_energy.grid.read import GridData, read_grid
from xinzhou_energy.network import assemble, cut_to_weeks, fix_sizes, is_open
from xinzhou_energy.network.corridor import CORRIDOR
from xinzhou_energy.network.siting import SITED
from xinzhou_energy.network.sizes import SIZED
from xinzhou_energy.results import Manifest, RunResult, collect, find_run, load_run, store
from xinzhou_energy.results.manifest import build_manifest
from xinzhou_energy.results.verdicts import judge
from xinzhou_energy.scenario import Scenario, load_scenario
from xinzhou_energy.scenario.commitments import UPGRADE
from xinzhou_energy.solve import AUTO, Progress, Settings, Solution, methods_for, siting_range, solve

RUN_ID_DIGITS = 12
BASE_YEAR = 2025
FALLBACK_WEEKS = 12
SITED_ON_WEEKS = "sited on representative weeks: siting gap not certified"
LEAST_CORRIDOR = 100.0  # MW: a smaller one is none
OTHER_MARKET = {"frozen": "tight", "tight": "frozen"}

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Outcome:
    """A stored run, whether it was there already, and the same plan in the other market."""

    folder: Path
    result: RunResult
    manifest: Manifest
    reused: bool
    companion: Outcome | None = None


@dataclass
class Clock:
    """Tell and time the stages of a run."""

    report: Report
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Report the stage when it begins and keep its seconds."""
        started = time.monotonic()
        self.report(Progress(name))
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started


@dataclass(frozen=True)
class Solved:
    """What the two solves of a plan left: the rows with their duals, both solutions and what to say about them."""

    rows: pd.DataFrame
    sited: Solution | None
    dispatched: Solution
    notes: tuple[str, ...]


def silent(progress: Progress) -> None:
    """Report nothing."""


def run(
    path: Path,
    *,
    results: Path = Path("results"),
    force: bool = False,
    report: Report = silent,
    scheduler: str | None = None,
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
    scheduler
        Address of a Dask scheduler whose workers solve the blocks; else processes of this computer do.

    Raises
    ------
    XinzhouError
        Any of its kinds; nothing is stored then.
    """
    scenario = load_scenario(path)
    outcome = run_scenario(scenario, results=results, force=force, report=report, scheduler=scheduler)
    if scenario.year <= BASE_YEAR:
        return outcome
    other = in_other_market(scenario, outcome.result)
    return replace(
        outcome, companion=run_scenario(other, results=results, force=force, report=report, scheduler=scheduler)
    )


def run_scenario(
    scenario: Scenario, *, results: Path, force: bool, report: Report, scheduler: str | None = None
) -> Outcome:
    """Solve one scenario in one market, or return the stored run of the same content."""
    clock = Clock(report)
    with clock.stage("read"):
        data = read_grid(scenario)
        run_id = content_id(scenario, data)
    stored = None if force else find_run(results, scenario.id, run_id)
    if stored is not None:
        return Outcome(stored, *load_run(stored), reused=True)
    with clock.stage("build"):
        network = assemble(scenario, data)
        if scenario.time.mode == "weeks":
            network = cut_to_weeks(network, data, scenario.time.weeks)
    solved = optimise(network, scenario, data, clock, scheduler)
    with clock.stage("collect"):
        network.meta = {**network.meta, "run": run_id}
        ledger = judge(network, solved.rows)
        spans = [siting_metrics(network, solved.rows)] if solved.sited is not None else []
        result = collect(
            network,
            scenario_id=scenario.id,
            run=run_id,
            year=scenario.year,
            rows=solved.rows,
            extra=pd.concat([ledger.figures, *spans], ignore_index=True),
        )
        result = replace(result, verdicts=ledger.verdicts)
    manifest = build_manifest(
        scenario,
        data,
        network,
        run=run_id,
        sited=solved.sited,
        dispatched=solved.dispatched,
        seconds=clock.seconds,
        notes=solved.notes,
        exact_siting=SITED_ON_WEEKS not in solved.notes,
    )
    with clock.stage("store"):
        folder = store(result, network, solved.rows, manifest, scenario.resolved(), results)
    return Outcome(folder, *load_run(folder), reused=False)


def content_id(scenario: Scenario, data: GridData) -> str:
    """Name a run after everything that can change it: the resolved scenario, the content read, our version."""
    content = [__version__, scenario.content_hash(), dict(sorted(data.digests.items()))]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:RUN_ID_DIGITS]


def optimise(network: pypsa.Network, scenario: Scenario, data: GridData, clock: Clock, scheduler: str | None) -> Solved:
    """Choose sizes where they are open, then operate the year at these sizes: a vertex, so prices are clean."""
    rows = build_rows(network, scenario).assign(dual=float("nan"))
    notes = (weeks_note(network),) if "weeks" in network.meta else ()
    settings = settings_of(scenario, scheduler)
    sited: Solution | None = None
    wanted: str = scenario.solver.method
    if is_open(network):
        sited, duals, on_weeks = site(network, scenario, data, rows, clock, settings)
        notes = (*notes, SITED_ON_WEEKS) if on_weeks else notes
        rows["dual"] = duals.reindex(rows.index)
        fix_sizes(network)
        if sited.operation is not None and not on_weeks:
            return Solved(rows, sited, sited.operation, notes)
        wanted = AUTO
    dispatched, duals = solve_stage(network, rows, "dispatch", clock, settings, wanted)
    is_dispatch = rows["stage"] == "dispatch"
    rows.loc[is_dispatch, "dual"] = duals.reindex(rows.index)[is_dispatch]
    return Solved(rows, sited, dispatched, notes)


def settings_of(scenario: Scenario, scheduler: str | None) -> Settings:
    """Return what the solver needs to know."""
    solver = scenario.solver
    return Settings(solver.time_limit, solver.threads, solver.gap, scheduler)


def site(
    network: pypsa.Network,
    scenario: Scenario,
    data: GridData,
    rows: pd.DataFrame,
    clock: Clock,
    settings: Settings,
) -> tuple[Solution, pd.Series, bool]:
    """Choose the open sizes: by the methods for the year, else on representative weeks (True then)."""
    try:
        return *solve_stage(network, rows, "siting", clock, settings, scenario.solver.method), False
    except SolverError:
        if "weeks" in network.meta or scenario.solver.method != AUTO:
            raise
    solution, by_id = site_on_weeks(network, scenario, data, clock, settings)
    return solution, rows["id"].map(by_id), True


def solve_stage(
    network: pypsa.Network, rows: pd.DataFrame, stage: str, clock: Clock, settings: Settings, wanted: str
) -> tuple[Solution, pd.Series]:
    """Formulate and solve by the first method that ends; return the solution and the duals of the rows in it."""
    with clock.stage(f"{stage} model"):
        taken = rows if is_open(network) else rows[rows["stage"] == "dispatch"]
        model = formulate(network, taken)
    with clock.stage(stage):
        solution: Solution | None = None
        failures: list[Finding] = []
        for method, reason in methods_for(network, wanted):
            try:
                solution = solve(
                    network, method=method, reason=reason, settings=settings, stage=stage, report=clock.report
                )
                break
            except SolverError as error:
                failures += error.findings
        if solution is None:
            raise SolverError(failures)
        duals = row_duals(model, taken)
    model.solver_model = None
    gc.collect()  # the solver's copy of a year is a gigabyte; the next model would come on top of it
    return solution, duals


def site_on_weeks(
    network: pypsa.Network, scenario: Scenario, data: GridData, clock: Clock, settings: Settings
) -> tuple[Solution, pd.Series]:
    """Size the open capacities on representative weeks, where the full year found no optimum in time.

    The duals are by row id: a yearly row has fewer terms on weeks.
    """
    short = cut_to_weeks(network, data, FALLBACK_WEEKS)
    short_rows = build_rows(short, scenario)
    solution, duals = solve_stage(short, short_rows, "siting", clock, settings, AUTO)
    for name in SIZED:
        getattr(network, name)["p_nom_opt"] = getattr(short, name)["p_nom_opt"]
    return solution, duals.groupby(short_rows["id"]).first()


def siting_metrics(network: pypsa.Network, rows: pd.DataFrame) -> pd.DataFrame:
    """Write the range of each county's size within which the optimum is flat, as metrics."""
    span = siting_range(network, rows)
    about = network.generators.loc[span.index]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "metric": f"siting_{side}",
                    "carrier": about["carrier"],
                    "location": about["county"],
                    "component": span.index,
                    "unit": "MW",
                    "value": span[side],
                }
            )
            for side in ("low", "high")
        ],
        ignore_index=True,
    )


def in_other_market(scenario: Scenario, result: RunResult) -> Scenario:
    """Return the same plan, with the sizes that were chosen, in the other market."""
    other = OTHER_MARKET[scenario.market or "frozen"]
    changes: dict[str, object] = {"market": other, "id": f"{scenario.id}_{other}"}
    sited = result.topology[result.topology["sited"].astype(bool)]
    plants = sited[sited["commitment"] == SITED]
    if len(plants):
        changes["siting"] = {
            "capacity": {
                str(county): {str(name): float(size) for name, size in group.set_index("carrier")["p_nom"].items()}
                for county, group in plants.groupby("county")
            }
        }
    batteries = sited[sited["type"] == "StorageUnit"].set_index("bus0")["p_nom"]
    if len(batteries):
        changes["batteries"] = {str(bus): {"p_nom": float(size), "p_nom_max": None} for bus, size in batteries.items()}
    commitments: dict[str, object] = {}
    upgraded = sited[sited["commitment"] == UPGRADE].set_index("plant")["p_nom"]
    if len(upgraded):
        sizes = {str(plant): float(size) for plant, size in upgraded.items()}
        commitments[UPGRADE] = {"choice": False, "sizes": sizes}
    corridor = sited[sited["type"] == "Link"]["p_nom"]
    if len(corridor):
        built = float(corridor.iloc[0]) >= LEAST_CORRIDOR
        size = float(corridor.iloc[0]) if built else None
        changes["corridor"] = {"p_nom": size, "p_nom_max": None} | ({} if built else {"option": "none"})
        if not built:
            commitments[CORRIDOR] = {"active": False}
    if commitments:
        changes["commitments"] = commitments
    return scenario.with_changes(**changes)


def weeks_note(network: pypsa.Network) -> str:
    """Say how many weeks stand for the year."""
    return f"{len(network.meta['weeks']['starts'])} representative weeks stand for the year"
