from __future__ import annotations

import dataclasses
import functools
import os
import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pypsa
import pytest
import small_city as city

from xinzhou_energy.errors import ResultError
from xinzhou_energy.results import RunResult, collect, find_run, load_run, store
from xinzhou_energy.results.manifest import MANIFEST, Manifest, build_manifest
from xinzhou_energy.results.store import FILES
from xinzhou_energy.solve.solution import Method, Solution

RUN = "0123456789ab"


@functools.cache
def solved_city():
    return city.solve(city.whole_city())


@functools.cache
def collected():
    return collect(solved_city(), scenario_id="small", run=RUN, year=2026, rows=city.NO_ROWS)


def solution(objective):
    return Solution(Method.SIMPLEX, "capacities fixed", objective, 10, 0.1, 100, 50)


def manifest(**changes):
    scenario = SimpleNamespace(id="small", year=2026, content_hash=lambda: "c" * 64)
    data = SimpleNamespace(label="synthetic, calibrated", files={"plants.csv": "a" * 64})
    made = build_manifest(
        scenario,
        data,
        solved_city(),
        run=RUN,
        sited=None,
        dispatched=solution(solved_city().objective),
        seconds={"read": 0.1},
    )
    return dataclasses.replace(made, **changes)


def stored(root, *, run=RUN, **changes):
    result = dataclasses.replace(collected(), run=run)
    return store(result, solved_city(), city.NO_ROWS, manifest(run=run, **changes), {"id": "small"}, root)


def dead_process():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


def test_a_stored_run_reads_back_as_it_was(tmp_path):
    folder = stored(tmp_path)
    assert folder == tmp_path / "small" / RUN
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, MANIFEST])
    result, read = load_run(folder)
    for name in ("metrics", "series", "topology"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(collected(), name), check_dtype=name != "series")
    assert isinstance(result, RunResult)
    assert read.scenario == "small"
    assert set(read.outputs) == set(FILES)
    assert read.labels[0] == "synthetic, calibrated"
    assert any("fleet of 2026" in label for label in read.labels)


def test_the_network_keeps_our_columns_and_its_numbers(tmp_path):
    network = pypsa.Network(stored(tmp_path) / "network.nc")
    ours = solved_city()
    columns = ["kind", "county", "name_zh", "is_new", "is_clean", "sited", "border", "co2_intensity", "fuel_cost"]
    pd.testing.assert_frame_equal(
        network.generators[columns], ours.generators[columns], check_dtype=False, check_names=False
    )
    pd.testing.assert_frame_equal(
        network.generators_t.p_max_pu,
        ours.generators_t.p_max_pu,
        check_exact=True,
        check_names=False,
        check_like=True,
        check_index_type=False,
        check_column_type=False,
    )
    pd.testing.assert_frame_equal(
        network.buses_t.marginal_price,
        ours.buses_t.marginal_price,
        check_exact=True,
        check_names=False,
        check_index_type=False,
        check_column_type=False,
    )
    assert network.meta["rows"] == 0
    assert (network.meta["scenario"], network.meta["run"]) == ("small", RUN)


def test_a_run_that_fails_while_storing_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        stored(tmp_path, gap=float("nan"))
    assert list((tmp_path / "small").iterdir()) == []


def test_storing_again_replaces_the_run_whole(tmp_path):
    folder = stored(tmp_path)
    (folder / "stray.txt").write_text("from before", encoding="utf-8")
    stored(tmp_path, seconds={"read": 9.0})
    assert load_run(folder)[1].seconds == {"read": 9.0}
    assert sorted(path.name for path in folder.parent.iterdir()) == [RUN]
    assert not (folder / "stray.txt").exists()


def test_leftovers_of_dead_processes_go_and_those_of_live_ones_stay(tmp_path):
    home = tmp_path / "small"
    dead, alive = home / f".{RUN}.{dead_process()}.tmp", home / f".ffffffffffff.{os.getppid()}.tmp"
    for folder in (dead, alive):
        folder.mkdir(parents=True)
        (folder / "network.nc").write_bytes(b"half")
    stored(tmp_path)
    assert not dead.exists()
    assert alive.exists()
    assert find_run(tmp_path, "small") == home / RUN


def test_a_run_whose_replacement_was_killed_in_between_is_put_back(tmp_path):
    folder = stored(tmp_path)
    # the moment between moving the old run aside and renaming the new one
    folder.rename(folder.with_name(f".{RUN}.{dead_process()}.old"))
    stored(tmp_path, run="aaaaaaaaaaaa")
    assert load_run(folder)[1].run == RUN


def test_an_altered_file_is_named(tmp_path):
    folder = stored(tmp_path)
    content = bytearray((folder / "metrics.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "metrics.parquet").write_bytes(bytes(content))
    with pytest.raises(ResultError, match=r"metrics\.parquet.*\[altered-run\]") as error:
        load_run(folder)
    assert len(error.value.findings) == 1
    assert error.value.exit_code == 2


def test_every_missing_file_is_named_at_once(tmp_path):
    folder = stored(tmp_path)
    for name in ("network.nc", "series.parquet"):
        (folder / name).unlink()
    with pytest.raises(ResultError) as error:
        load_run(folder)
    assert [finding.code for finding in error.value.findings] == ["incomplete-run", "incomplete-run"]


@pytest.mark.parametrize("text", [None, "{", '{"scenario": "small"}', '{"labels": [], "colour": 1}'])
def test_a_missing_or_broken_manifest_is_an_incomplete_run(tmp_path, text):
    folder = stored(tmp_path)
    (folder / MANIFEST).unlink()
    if text is not None:
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ResultError, match="incomplete-run"):
        load_run(folder)


def test_runs_are_found_by_id_beginning_or_age(tmp_path):
    first = stored(tmp_path, created="2026-01-02T00:00:00+00:00")
    second = stored(tmp_path, run="0fffffffffff", created="2026-01-01T00:00:00+00:00")
    assert find_run(tmp_path, "small", RUN) == first
    assert find_run(tmp_path, "small", "0f") == second
    assert find_run(tmp_path, "small", "latest") == first
    assert find_run(tmp_path, "small", "9") is None
    assert find_run(tmp_path, "small", "") is None
    assert find_run(tmp_path, "other") is None
    with pytest.raises(ResultError, match="ambiguous-run"):
        find_run(tmp_path, "small", "0")


def test_manifest_says_what_the_number_is_made_of():
    made = manifest()
    assert made.files == {"plants.csv": "a" * 64}
    assert {"python", "pypsa", "linopy", "highspy", "numpy", "pandas", "xinzhou-energy"} <= set(made.versions)
    assert made.objectives["dispatch"] == solved_city().objective
    # 40 MW of new solar at 1000 CNY/MW/a
    assert made.objectives["net"] == pytest.approx(solved_city().objective + 40_000.0)
    assert made.gap is None
    assert (made.status, made.termination) == ("ok", "optimal")


def test_gap_compares_siting_and_dispatch_over_gross_system_cost():
    scenario = SimpleNamespace(id="small", year=2030, content_hash=lambda: "c" * 64)
    data = SimpleNamespace(label="synthetic, calibrated", files={})
    network = solved_city()
    # siting promised 500 CNY less than dispatch plus the annuity of what was sited
    promised = network.objective + 40_000.0 - 500.0
    gross = collected().value("gross_system_cost")
    arguments = {"run": RUN, "sited": solution(promised), "dispatched": solution(network.objective), "seconds": {}}
    made = build_manifest(scenario, data, network, **arguments)
    assert made.gap == pytest.approx(500.0 / gross)
    assert made.labels == ("synthetic, calibrated",)
    inexact = build_manifest(
        scenario, data, network, **arguments, notes=("sited on representative weeks",), exact_siting=False
    )
    assert inexact.gap is None
    assert "sited on representative weeks" in inexact.labels


def test_a_manifest_survives_json(tmp_path):
    made = manifest().with_outputs({"b": "2", "a": "1"})
    path = tmp_path / MANIFEST
    path.write_text(made.to_json(), encoding="utf-8")
    assert Manifest.from_json(path) == made
