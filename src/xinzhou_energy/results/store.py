"""Where a run is kept: written aside and renamed, so that a killed run leaves no half result.

results/plan_2026/3f2a9c01d4be/           network.nc, constraints.parquet, metrics.parquet, series.parquet,
                                          topology.parquet, verdicts.parquet, scenario.json, manifest.json
results/plan_2026/.3f2a9c01d4be.4711.tmp  what process 4711 is writing
results/plan_2026/.3f2a9c01d4be.4711.old  what process 4711 is replacing
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ResultError, Where
from xinzhou_energy.results.manifest import MANIFEST, Manifest
from xinzhou_energy.results.run_result import RunResult

TABLES = ("metrics", "series", "topology", "verdicts")
FILES = ("network.nc", "constraints.parquet", *(f"{name}.parquet" for name in TABLES), "scenario.json")
LATEST = "latest"
STALE_S = 24 * 3600
COMPRESSION = {"zlib": True, "complevel": 4, "shuffle": True}


def store(
    result: RunResult,
    network: pypsa.Network,
    rows: pd.DataFrame,
    manifest: Manifest,
    scenario_json: Mapping[str, Any],
    root: Path,
) -> Path:
    """Write a run to `root/<scenario>/<run>/`, replacing a former one.

    Parameters
    ----------
    network
        Solved; `meta` gets `scenario`, `run` and `rows`, the number of dispatch rows that vanilla PyPSA does not know.
    rows
        Our rows of both stages, with `dual` where the stage was solved.
    scenario_json
        The resolved scenario.

    Returns
    -------
    Path
        The folder, complete.
    """
    home = root / result.scenario
    home.mkdir(parents=True, exist_ok=True)
    clean_leftovers(home)
    draft = home / f".{result.run}.{os.getpid()}.tmp"
    draft.mkdir()
    try:
        _write(draft, result, network, rows, scenario_json)
        outputs = {name: sha256(draft / name) for name in FILES}
        (draft / MANIFEST).write_text(manifest.with_outputs(outputs).to_json(), encoding="utf-8")
        return _put_in_place(draft, home / result.run)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load_run(folder: Path) -> tuple[RunResult, Manifest]:
    """Read a stored run.

    Raises
    ------
    ResultError
        If a file is missing or is not the one that was written.
    """
    manifest = verify(folder)
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    return RunResult(manifest.scenario, manifest.run, manifest.year, **tables), manifest


def find_run(root: Path, scenario: str, run: str = LATEST) -> Path | None:
    """Return the folder of a run by its id, the beginning of its id, or `latest`; None where there is none.

    Raises
    ------
    ResultError
        If the beginning of an id fits several runs.
    """
    home = root / scenario
    folders = sorted(folder for folder in home.glob("[!.]*") if folder.is_dir()) if home.is_dir() else []
    if run == LATEST:
        finished = [folder for folder in folders if (folder / MANIFEST).exists()]
        return max(finished, key=lambda folder: Manifest.from_json(folder / MANIFEST).created, default=None)
    exact = [folder for folder in folders if folder.name == run]
    fitting = exact or [folder for folder in folders if run and folder.name.startswith(run)]
    if len(fitting) > 1:
        names = ", ".join(folder.name for folder in fitting)
        raise ResultError(
            Finding("ambiguous-run", Where(str(home), 0, run), names, "one run", "Give more digits of the run.")
        )
    return fitting[0] if fitting else None


def verify(folder: Path) -> Manifest:
    """Return the manifest of a folder whose files are all there and unaltered.

    Raises
    ------
    ResultError
        With one finding per file that is missing or altered.
    """
    manifest = Manifest.from_json(folder / MANIFEST)
    findings = []
    for name in FILES:
        path = folder / name
        if not path.is_file():
            findings.append(_broken("incomplete-run", path, "no such file", "every file of a finished run"))
        elif (found := sha256(path)) != manifest.outputs.get(name):
            expected = f"SHA-256 {manifest.outputs.get(name, 'in the manifest')[:12]}"
            findings.append(_broken("altered-run", path, f"SHA-256 {found[:12]}", expected))
    if findings:
        raise ResultError(findings)
    return manifest


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clean_leftovers(home: Path) -> None:
    """Remove what dead processes were writing, and put back what they were replacing when they died in between."""
    for path in home.glob(".*.*.old"):
        run, pid = path.name[1:].split(".")[:2]
        if not _alive(pid, path):
            if (home / run).exists():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.rename(home / run)
    for path in home.glob(".*.*.tmp"):
        if not _alive(path.name.split(".")[2], path):
            shutil.rmtree(path, ignore_errors=True)


def _write(
    folder: Path, result: RunResult, network: pypsa.Network, rows: pd.DataFrame, scenario_json: Mapping[str, Any]
) -> None:
    """Write every file but the manifest."""
    unknown = int(rows.loc[rows["stage"] == "dispatch", "id"].nunique())
    network.meta = {**network.meta, "scenario": result.scenario, "run": result.run, "rows": unknown}
    network.export_to_netcdf(folder / "network.nc", compression=COMPRESSION)
    tables = {"constraints": rows} | {name: getattr(result, name) for name in TABLES}
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    text = json.dumps(dict(scenario_json), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    (folder / "scenario.json").write_text(text + "\n", encoding="utf-8")


def _put_in_place(draft: Path, target: Path) -> Path:
    """Rename the draft to its place; a former run is moved aside first, because a full folder cannot be replaced."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(aside)
    draft.rename(target)
    shutil.rmtree(aside, ignore_errors=True)
    return target


def _alive(pid: str, path: Path) -> bool:
    """Tell whether another process may still be at work in a folder.

    Windows has no harmless way to ask for a process by its number, so age decides there.
    """
    if pid == str(os.getpid()) or not pid.isdigit():
        return False
    if sys.platform == "win32":
        return time.time() - path.stat().st_mtime < STALE_S
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # alive, and someone else's
        return True
    return True


def _broken(code: str, path: Path, found: str, expected: str) -> Finding:
    """Return the finding for one file of a run."""
    return Finding(code, Where(str(path)), found, expected, "Run the scenario again with --force.")
