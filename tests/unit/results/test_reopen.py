from __future__ import annotations

import functools

import pandas as pd
import pytest
import small_city as city

from xinzhou_energy.errors import ResultError
from xinzhou_energy.formulation.rows import ROW_COLUMNS, apply_rows, row_duals
from xinzhou_energy.results import collect, reopen, store
from xinzhou_energy.results.manifest import Manifest
from xinzhou_energy.results.reopen import open_network

HOURS = city.hours("2026-01-10 18:00", "2026-01-10 19:00")


def rows_of_the_plan():
    """Coal may run at 20 MW in the first hour; 40 MW of sun are sited."""
    dispatch = ("cap", "cap", "dispatch", "Generator-p", "P1 coal", HOURS[0], 1.0, "<=", 20.0, "")
    siting = ("sited", "sited", "siting", "Generator-p_nom", "A sun", pd.NaT, 1.0, "=", 40.0, "")
    return pd.DataFrame([dispatch, siting], columns=list(ROW_COLUMNS))


def capped_city():
    network = city.empty_city(HOURS, energy_weight=2.0, cost_weight=2.0)
    city.add_load(network, "A", [50.0, 50.0])
    city.add_coal(network, "P1 coal", "A", 100.0)
    city.add_plant(network, "Gas", "A", "CBM", 100.0, cost={**city.NO_COST, "fuel_cost": 300.0})
    city.add_renewable(
        network, "A sun", "A", "solar", 40.0, [0.0, 0.5], is_new=True, sited=True, capital_cost=100.0, p_nom_max=60.0
    )
    city.add_storage(network, "PHS", "A", "PHS", 0.0, max_hours=4.0)
    city.add_border(network, "A", "corridor", price=10.0, p_nom=1.0)
    city.add_slack(network, "A", "load_shedding", price=10_000.0)
    city.add_slack(network, "A", "must_run_slack", price=500.0)
    return network


@functools.cache
def solved_with_rows():
    network, rows = capped_city(), rows_of_the_plan()
    model = network.optimize.create_model(include_objective_constant=False)
    dispatch = rows[rows["stage"] == "dispatch"]
    apply_rows(model, dispatch)
    city.resolve(network)
    return network, rows.assign(dual=row_duals(model, dispatch).reindex(rows.index))


def stored(root):
    network, rows = solved_with_rows()
    result = collect(network, scenario_id="small", run="0123456789ab", year=2026, rows=rows)
    manifest = Manifest(
        scenario="small", run="0123456789ab", year=2026, labels=("synthetic, calibrated",), content_hash="c" * 64,
        files={}, versions={}, method={}, reason={}, status="ok", termination="optimal", objectives={}, gap=None,
        certificate={}, size={}, seconds={}, peak_memory_mb=None, created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return store(result, network, rows, manifest, {}, root)


def test_vanilla_pypsa_is_cheaper_than_a_binding_row_and_reopen_equals_it(tmp_path):
    # 18:00 coal 20 + gas 30 MW; 19:00 sun 20 + coal 30 MW; both hours count twice
    expected = 2 * (20 * 240 + 30 * 300 + 20 * 1 + 30 * 240)
    folder = stored(tmp_path)
    network, _ = reopen(folder)
    assert network.meta["rows"] == 1
    assert city.resolve(network).objective == pytest.approx(expected, rel=1e-9)
    vanilla = city.solve(open_network(folder / "network.nc"))
    # without the row 18:00 is all coal
    assert vanilla.objective == pytest.approx(expected - 2 * 30 * 60, rel=1e-9)


def test_the_stored_dual_is_what_a_megawatt_of_the_row_is_worth(tmp_path):
    rows = pd.read_parquet(stored(tmp_path) / "constraints.parquet").set_index("id")
    # one more megawatt of coal replaces gas: 60 CNY/MWh, twice
    assert rows.loc["cap", "dual"] == pytest.approx(-120.0)
    assert pd.isna(rows.loc["sited", "dual"])


def test_free_capacities_are_open_again_under_the_siting_rows(tmp_path):
    network, model = reopen(stored(tmp_path), capacities="free")
    assert network.generators.p_nom_extendable["A sun"]
    assert not network.generators.p_nom_extendable["P1 coal"]
    assert "siting-sited" in model.constraints
    city.resolve(network)
    assert network.generators.p_nom_opt["A sun"] == pytest.approx(40.0)
    fixed, _ = solved_with_rows()
    assert network.objective == pytest.approx(fixed.objective + 40 * 100.0)


def test_an_altered_network_is_not_reopened(tmp_path):
    folder = stored(tmp_path)
    with (folder / "network.nc").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ResultError, match="altered-run"):
        reopen(folder)


def test_weights_survive_the_store(tmp_path):
    network, _ = reopen(stored(tmp_path))
    ours, _ = solved_with_rows()
    pd.testing.assert_frame_equal(
        network.snapshot_weightings, ours.snapshot_weightings, check_names=False, check_index_type=False
    )
