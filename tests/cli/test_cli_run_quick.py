"""A real run from the command line: four weeks, both markets, once as JSON and once more from the store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def start(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in the project's folder."""
    return subprocess.run(
        [sys.executable, "-m", "xinzhou_energy", "run", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "TERM": "dumb"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("结果 with space")


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    done = start("scenarios/quick.yaml", "--json", "--results", folder)
    assert done.returncode == 0, done.stderr
    assert "solving" not in done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_json_names_scenario_markets_labels_and_folders(document: dict[str, Any]) -> None:
    assert (document["status"], document["scenario"], document["market"]) == ("optimal", "quick", "frozen")
    assert document["companion"]["market"] == "tight"
    assert document["labels"][0].endswith("synthetic, calibrated")
    assert any("four representative weeks" in label for label in document["labels"])
    for run in (document, document["companion"]):
        assert (Path(run["folder"]) / "network.nc").is_file()
        assert Path(run["folder"]).name == run["run"]


def test_the_plan_sites_what_the_scenario_states(document: dict[str, Any]) -> None:
    values = {row["id"]: row["value"] for row in document["metrics"]}
    assert values["capacity_new"] == pytest.approx(2450.0)
    assert values["unserved_energy"] == pytest.approx(0.0, abs=1e-3)


def test_the_same_run_again_is_taken_from_the_store_and_shown_to_a_planner(
    document: dict[str, Any], folder: Path
) -> None:
    done = start("scenarios/quick.yaml", "--results", folder)
    assert done.returncode == 0
    assert done.stdout.count("stored before") == 2
    assert document["folder"] in done.stdout
    assert "solving the dispatch" not in done.stderr
    assert "reading data and profiles" in done.stderr
    for words in (
        "冻结市场 frozen market",
        "收紧市场 tight market",
        "净外送电量 net outflow",
        "245.0 万千瓦 (2.45 GW)",
    ):
        assert words in done.stdout
