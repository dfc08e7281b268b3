"""What a scenario says about promises survives every copy: resolved, netCDF, the stored run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pypsa
import pytest
from small_ledger import build, small_data, small_scenario

from xinzhou_energy.grid.commitments import commitments_of
from xinzhou_energy.grid.tables import read_tables
from xinzhou_energy.network.commitments import commitments_in, owned
from xinzhou_energy.results import load_run
from xinzhou_energy.results.verdicts import VERDICT_COLUMNS, VERDICTS
from xinzhou_energy.scenario import Scenario, load_scenario, scenario_files

ROOT = Path(__file__).parents[3]
HEAD = "name: {zh: 甲, en: A}\nyear: 2030\nmarket: frozen\n"
TEXT = (
    HEAD
    + """\
commitments:
  coal_upgrade: {quantity: 60 %, choice: true}
  base_ningwu: {quantity: 150 万千瓦, counts_toward: wind_solar_connection, due: 2028-06-30}
  power_system_sgls: {thresholds: {own_use: 65 %}, block: {storage: {p_nom: 4 万千瓦, max_hours: 3 h}}}
  coal_supply: {quantity: 1.1 亿吨, binding: true}
  growth: {active: false}
  budget: {kind: account, quantity: 3000 万吨, name: {zh: 碳预算, en: Budget}}
  smelter: {kind: load, county: Xinfu, quantity: 3 万千瓦}
"""
)


def loaded(folder: Path, text: str) -> Scenario:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def test_a_scenario_keeps_its_hash_through_its_resolved_form(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, TEXT)
    again = Scenario.from_resolved(scenario.resolved())
    assert again.content_hash() == scenario.content_hash()
    assert again.resolved() == scenario.resolved()
    twice = Scenario.from_resolved(again.resolved())
    assert twice.content_hash() == scenario.content_hash()


def test_the_resolved_form_means_the_same_promises(tmp_path: Path) -> None:
    frames = read_tables(ROOT / "data" / "grid").frames
    scenario = loaded(tmp_path, TEXT)
    first, again = (commitments_of(each, frames) for each in (scenario, Scenario.from_resolved(scenario.resolved())))
    assert first["coal_upgrade"].quantity == pytest.approx(60)
    assert first["coal_supply"].quantity == pytest.approx(110)  # Mt
    assert first["budget"].quantity == pytest.approx(3e7)  # t
    assert first["base_ningwu"].block.solar == pytest.approx(900)  # 600 of 1,000 MW, times 1.5
    for name, each in first.items():
        other = again[name]
        assert {**vars(each), "where": None} == {**vars(other), "where": None}


def test_two_spellings_of_a_quantity_are_one_run(tmp_path: Path) -> None:
    texts = (
        "{base_ningwu: {quantity: 1.5 GW}, coal_upgrade: {quantity: 60 %}}",
        "{coal_upgrade: {quantity: 0.6 per unit}, base_ningwu: {quantity: 150 万千瓦}}",
    )
    one, two = (loaded(tmp_path, f"{HEAD}commitments: {text}\n") for text in texts)
    assert one.content_hash() == two.content_hash()


def test_every_promise_makes_another_run(tmp_path: Path) -> None:
    plain = loaded(tmp_path, HEAD).content_hash()
    texts = [
        "{base_ningwu: {}}",
        "{base_ningwu: {active: false}}",
        "{base_ningwu: {quantity: 900 MW}}",
        "{base_ningwu: {binding: true, due: 2028-01-01}}",
        "{coal_upgrade: {choice: true}}",
        "{coal_upgrade: {sizes: {P001: 100 MW}}}",
        "{base_ningwu: {thresholds: {limit_hours: 400 h}}}",
    ]
    hashes = {loaded(tmp_path, f"{HEAD}commitments: {text}\n").content_hash() for text in texts}
    assert len(hashes | {plain}) == len(texts) + 1


@pytest.mark.parametrize("path", scenario_files(ROOT / "scenarios"), ids=lambda path: path.stem)
def test_every_shipped_scenario_keeps_its_hash(path: Path) -> None:
    scenario = load_scenario(path)
    assert Scenario.from_resolved(scenario.resolved()).content_hash() == scenario.content_hash()


def test_a_network_carries_its_promises_through_netcdf(tmp_path: Path) -> None:
    promises = {
        "power_system_sgls": {"thresholds": {"own_use": 0.65}},
        "green_park_wutai": {},
        "coal_upgrade": {"quantity": "60 %", "sizes": {"K1": 300.0}},
        "budget": {"kind": "account", "quantity": "3 kt"},
        "base_ningwu": {},
    }
    _, data, network = build(promises)
    network.export_to_netcdf(tmp_path / "network.nc")
    again = pypsa.Network(tmp_path / "network.nc")
    before, after = commitments_in(network), commitments_in(again)
    assert after == before
    assert list(after) == list(data.commitments)
    assert after["power_system_sgls"].block == data.commitments["power_system_sgls"].block
    for name in before:
        mine = {table: list(names) for table, names in owned(network, name).items()}
        assert {table: list(names) for table, names in owned(again, name).items()} == mine
    assert owned(again, "")["generators"].size > 0  # nobody's components stay nobody's


def test_a_network_without_promises_has_none() -> None:
    assert commitments_in(pypsa.Network()) == {}
    scenario = small_scenario()
    assert all(not each.listed or each.id in ALWAYS for each in small_data(scenario).commitments.values())


ALWAYS = {"base_year", "coal_output", "coal_supply", "growth", "regional_cooperation"}


@pytest.mark.slow
def test_a_stored_run_holds_its_verdicts(quick_run) -> None:
    table = pd.read_parquet(quick_run.folder / "verdicts.parquet")
    assert tuple(table.columns) == VERDICT_COLUMNS
    assert set(table["verdict"]) <= set(VERDICTS)
    assert table["commitment"].is_unique
    result, manifest = load_run(quick_run.folder)
    pd.testing.assert_frame_equal(result.verdicts, table)
    assert "verdicts.parquet" in manifest.outputs
    shipped = pd.read_csv(ROOT / "data" / "commitments" / "commitments.csv")["id"]
    assert set(table["commitment"]) == set(shipped)
    network = pypsa.Network(quick_run.folder / "network.nc")
    assert list(commitments_in(network)) == list(table["commitment"])
    assert set(result.topology["commitment"]) == {"", "wind_solar_connection"}
