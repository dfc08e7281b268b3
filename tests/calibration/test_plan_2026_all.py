"""The full year with every power promise of the report: verdicts, limits of the block in every hour, causes, roles."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pypsa
import pytest

from xinzhou_energy.results.verdicts import judge
from xinzhou_energy.run import Outcome, run_scenario
from xinzhou_energy.scenario import load_scenario

pytestmark = pytest.mark.slow

SCENARIO = Path(__file__).parents[2] / "scenarios" / "plan_2026_all.yaml"
BLOCK = "power_system_sgls"
KEPT = {
    "base_year", "coal_output", "coal_supply", "coal_upgrade", "geothermal_biomass_storage", "green_park_wutai",
    "green_park_yuanping", "power_system_sgls", "wind_solar_connection",
}  # fmt: skip
LATER = {"base_ningwu", "base_yuanping", "coal_guangyu_3", "coal_baode"}
LONGEST_JUDGEMENT_S = 5.0


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    scenario = load_scenario(SCENARIO)
    return run_scenario(scenario, results=tmp_path_factory.mktemp("all"), force=False, report=lambda _: None)


@pytest.fixture(scope="module")
def network(outcome: Outcome) -> pypsa.Network:
    return pypsa.Network(outcome.folder / "network.nc")


def test_every_promise_of_the_report_has_a_verdict(outcome: Outcome) -> None:
    verdicts = outcome.result.verdicts.set_index("commitment")["verdict"]
    assert len(verdicts) == 26
    assert set(verdicts[verdicts.isin(["met", "binding"])].index) == KEPT
    assert set(verdicts[verdicts == "tracked"].index) == LATER
    assert verdicts["wind_solar_connection"] == "binding"


def test_the_ledger_of_a_year_takes_no_solve_and_little_time(outcome: Outcome, network: pypsa.Network) -> None:
    rows = pd.read_parquet(outcome.folder / "constraints.parquet")
    began = time.monotonic()
    again = judge(network, rows).verdicts
    assert time.monotonic() - began < LONGEST_JUDGEMENT_S
    pd.testing.assert_frame_equal(again, outcome.result.verdicts)


def test_the_block_keeps_its_connection_in_every_hour_of_the_year(network: pypsa.Network) -> None:
    limits = network.links["p_nom"]
    net = network.links_t.p0[f"{BLOCK} export"] - network.links_t.p0[f"{BLOCK} import"]
    assert len(net) == 8760
    assert net.max() <= limits[f"{BLOCK} export"] + 1e-4
    assert net.min() >= -limits[f"{BLOCK} import"] - 1e-4
    assert net.max() > 10
    assert net.min() < -10


def test_causes_add_up_to_the_curtailment_of_the_year(outcome: Outcome) -> None:
    hourly = outcome.result.hourly("curtailment_by_cause").sum(axis=1)
    lost = outcome.result.hourly("curtailment").sum(axis=1)
    assert lost.sum() > 1e6
    assert (hourly - lost).abs().max() < 1e-2  # stored as 32-bit numbers


def test_roles_of_coal_add_up_to_its_generation(outcome: Outcome) -> None:
    roles = ("economic", "heat_minimum", "minimum")
    parts = [outcome.result.value("coal_energy_role", statistic=role) for role in roles]
    assert min(parts) > 1e6
    assert sum(parts) == pytest.approx(outcome.result.value("generation", statistic="sum", carrier="coal"), rel=1e-6)


def test_the_price_of_a_park_is_at_least_what_leaving_it_out_saves(outcome: Outcome) -> None:
    """Costs are convex in the size; the certified gap is all that may be missing."""
    scenario = load_scenario(SCENARIO)
    without = scenario.with_changes(id="without", commitments={"green_park_yuanping": {"active": False}})
    other = run_scenario(without, results=outcome.folder.parents[1], force=False, report=lambda _: None)
    saved = outcome.manifest.objectives["net"] - other.manifest.objectives["net"]
    row = outcome.result.verdicts.set_index("commitment").loc["green_park_yuanping"]
    gross = outcome.result.value("gross_system_cost", statistic="sum")
    slack = gross * (float(outcome.manifest.gap or 0.0) + float(other.manifest.gap or 0.0))
    assert saved <= row["price"] * 450 + slack
    assert saved > 0
