"""What a run was made of: hashes of everything read, versions, method, objective, time and memory."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypsa

from xinzhou_energy.errors import Finding, ResultError, Where
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.results.metrics.cost import cost_by_part
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.solve.solution import Solution

MANIFEST = "manifest.json"
PACKAGES = ("pypsa", "linopy", "highspy", "numpy", "pandas", "xarray", "tsam", "pvlib", "xinzhou-energy")
FLEET_OF_2026 = "fleet of 2026: the fleet at the end of 2026, run for a full normal year"


@dataclass(frozen=True)
class Manifest:
    """Everything needed to say where a number comes from.

    `content_hash` is of the resolved scenario, `files` and `outputs` map a file to its SHA-256. Objectives in CNY:
    `siting` (investment problem), `dispatch` (capacities fixed), `net` (dispatch + annuities of new plant). `gap` is
    how far the sizes can be from the best, over gross system cost: certified, or where a stage has no certificate the
    difference of siting and dispatch; null where there was no exact siting. `certificate` by stage: bound below the
    objective [CNY], gap, worst violation [MW or MWh]. `seconds` by stage.
    """

    scenario: str
    run: str
    year: int
    labels: tuple[str, ...]
    content_hash: str
    files: Mapping[str, str]
    versions: Mapping[str, str]
    method: Mapping[str, str]
    reason: Mapping[str, str]
    status: str
    termination: str
    objectives: Mapping[str, float]
    gap: float | None
    certificate: Mapping[str, Mapping[str, float]]
    size: Mapping[str, int]
    seconds: Mapping[str, float]
    peak_memory_mb: float | None
    created: str
    outputs: Mapping[str, str] = field(default_factory=dict)

    def with_outputs(self, outputs: Mapping[str, str]) -> Manifest:
        """Return the manifest with the hashes of the files stored beside it."""
        return dataclasses.replace(self, outputs=dict(sorted(outputs.items())))

    def to_json(self) -> str:
        """Return the manifest as JSON text with sorted keys."""
        return (
            json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
        )

    @classmethod
    def from_json(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises
        ------
        ResultError
            If the file is missing, is no JSON or lacks a field.
        """
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**document, "labels": tuple(document["labels"])})
        except FileNotFoundError:
            found = "no manifest"
        except (ValueError, TypeError, KeyError) as error:
            found = f"a broken manifest ({error})"
        raise ResultError(
            Finding(
                "incomplete-run",
                Where(str(path)),
                found,
                "the manifest of a finished run",
                "Run the scenario again with --force.",
            )
        )


def build_manifest(
    scenario: Scenario,
    data: GridData,
    network: pypsa.Network,
    *,
    run: str,
    sited: Solution | None,
    dispatched: Solution,
    seconds: Mapping[str, float],
    notes: tuple[str, ...] = (),
    exact_siting: bool = True,
) -> Manifest:
    """Describe a solved run.

    Parameters
    ----------
    network
        Solved dispatch.
    sited, dispatched
        The two solves; `sited` is None where capacities were fixed from the start.
    notes
        Labels to print with every number besides the data's own, such as "sited on representative weeks ...".
    exact_siting
        False where siting saw other hours than the dispatch, so that their objectives cannot be compared.
    """
    solves = {"siting": sited, "dispatch": dispatched}
    done = {stage: solution for stage, solution in solves.items() if solution is not None}
    costs = cost_by_part(network)
    objectives = {stage: float(solution.objective) for stage, solution in done.items()} | {"net": float(costs.sum())}
    gap = None
    if sited is not None and exact_siting:
        gap = siting_gap(network, sited, dispatched) if sited.bound is None else sited.gap
    labels = (data.label, *((FLEET_OF_2026,) if scenario.year == 2026 else ()), *notes)
    return Manifest(
        scenario=scenario.id,
        run=run,
        year=scenario.year,
        labels=labels,
        content_hash=scenario.content_hash(),
        files=dict(sorted(data.files.items())),
        versions=versions(),
        method={stage: str(solution.method) for stage, solution in done.items()},
        reason={stage: solution.reason for stage, solution in done.items()},
        status="ok",
        termination="optimal",
        objectives=objectives,
        gap=gap,
        certificate={stage: certificate(solution) for stage, solution in done.items() if solution.bound is not None},
        size={"rows": dispatched.rows, "columns": dispatched.columns, "snapshots": len(network.snapshots)},
        seconds={stage: round(float(value), 3) for stage, value in seconds.items()},
        peak_memory_mb=peak_memory_mb(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def certificate(solution: Solution) -> dict[str, float]:
    """Return what was certified of a solve."""
    proven = {"bound": solution.bound, "gap": solution.gap, "violation": solution.violation}
    return {name: float(value) for name, value in proven.items() if value is not None}


def siting_gap(network: pypsa.Network, sited: Solution, dispatched: Solution) -> float:
    """Return how far the dispatch of the sited capacities is from what siting promised, over gross system cost. [-]

    Notes
    -----
    |dispatch + Σ capital_cost p_nom (sited) - siting| / gross system cost.
    """
    tables = [network.generators, network.storage_units, network.links]
    sited_parts = [table[table["sited"].astype(bool)] for table in tables if not table.empty]
    annuity = float(sum((part["capital_cost"] * part["p_nom"]).sum() for part in sited_parts))
    gross = float(cost_by_part(network).drop("export_revenue").sum())
    return abs(dispatched.objective + annuity - sited.objective) / gross


def versions() -> dict[str, str]:
    """Return the version of Python and of every package that can change a number."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # run from a folder that is not installed
            found[package] = "not installed"
    return found


def peak_memory_mb() -> float | None:
    """Return the highest memory of this process so far, in MB; None on Windows, where Python does not know it."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1))
