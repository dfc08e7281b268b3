from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
import small_city as city

from xinzhou_energy.errors import ResultError
from xinzhou_energy.results import collect, summary_table
from xinzhou_energy.results.registry import MEASURE_COLUMNS, METRICS, discover, metric
from xinzhou_energy.results.run_result import METRIC_COLUMNS, SERIES_COLUMNS
from xinzhou_energy.results.topology import TOPOLOGY_COLUMNS

REQUIRED = """
    generation capacity capacity_new clean_share full_load_hours potential_hours availability curtailment
    curtailment_share utilisation curtailment_share_monthly curtailment_hours load peak_load export_sent
    export_delivered peak_outflow spring_midday_peak_outflow net_outflow price price_hours_below_50
    price_hours_below_100 price_hours_above_400 price_bus price_month_hour capture_price value_factor
    winter_evening_margin winter_evening_margin_share cost gross_system_cost net_system_cost co2 co2_intensity
    standard_coal storage_cycles storage_hours storage_losses line_loading line_hours_at_limit unserved_energy
    must_run_slack_energy balance_residual
"""


@functools.cache
def solved_city():
    return city.solve(city.whole_city())


@functools.cache
def collected():
    extra = pd.DataFrame(
        {
            "metric": ["siting_low", "siting_high"],
            "carrier": "solar",
            "location": "Kelan",
            "unit": "MW",
            "value": [10.0, 60.0],
        }
    )
    return collect(solved_city(), scenario_id="small", run="0123456789ab", year=2026, rows=city.NO_ROWS, extra=extra)


def test_every_registered_metric_has_a_finite_value_and_its_unit():
    metrics = collected().metrics
    units = {name: unit for group in discover().values() for name, unit in group.units.items()}
    assert set(REQUIRED.split()) <= set(units)
    found = metrics.groupby("metric")["unit"].agg(set)
    assert {name: found.get(name) for name in units} == {name: {unit} for name, unit in units.items()}
    assert np.isfinite(metrics["value"]).all()


def test_every_metric_function_returns_what_it_is_registered_for():
    for name, group in discover().items():
        frame = group.function(solved_city())
        assert set(frame["metric"]) == set(group.units), name
        assert set(MEASURE_COLUMNS) <= set(frame.columns), name


def test_every_metric_function_states_its_units():
    for name, group in discover().items():
        text = group.function.__doc__ or ""
        stated = text[text.index("[") + 1 : text.index("]")] if "[" in text else ""
        for unit in set(group.units.values()) - {"per unit", "per year"}:
            assert unit in stated or unit in text, (name, unit)


def test_a_metric_cannot_be_registered_twice():
    before = dict(METRICS)
    with pytest.raises(ValueError, match="registered twice"):
        metric({"generation": "MWh"})(lambda network: network)
    assert before == METRICS


def test_tables_have_exactly_the_columns_of_the_architecture():
    result = collected()
    assert tuple(result.metrics.columns) == METRIC_COLUMNS
    assert tuple(result.series.columns) == SERIES_COLUMNS
    assert tuple(result.topology.columns) == TOPOLOGY_COLUMNS
    assert set(result.metrics["scenario"]) == {"small"}
    assert set(result.metrics["run"]) == {"0123456789ab"}
    assert set(result.metrics["year"]) == {2026}


def test_no_number_stands_twice():
    keys = ["metric", "statistic", "carrier", "location", "component"]
    metrics = collected().metrics
    assert not metrics.duplicated(keys).any()
    assert not collected().series.duplicated(["snapshot", "metric", "carrier", "location", "component"]).any()


def test_carriers_counties_and_components_add_up_to_the_total():
    metrics = collected().metrics
    for name in ("generation", "capacity", "availability", "co2"):
        rows = metrics[metrics["metric"] == name]
        total = rows[(rows["carrier"] == "") & (rows["location"] == "")]["value"].item()
        for level in (
            rows[(rows["carrier"] != "") & (rows["location"] == "") & (rows["component"] == "")],
            rows[(rows["carrier"] == "") & (rows["location"] != "")],
            rows[rows["component"] != ""],
        ):
            assert level["value"].sum() == pytest.approx(total), name


def test_extra_metrics_are_kept_and_empty_keys_mean_all():
    result = collected()
    assert result.value("siting_high", carrier="solar", location="Kelan") == 60.0
    assert result.value("rows_added", statistic="dispatch") == 0.0


def test_series_agree_with_the_metrics():
    result = collected()
    dispatch = result.hourly("dispatch")
    hydro_and_coal = dispatch["coal"].to_numpy().sum() + dispatch["hydro"].to_numpy().sum()
    expected = result.value("generation", carrier="coal") + result.value("generation", carrier="hydro")
    assert 10 * hydro_and_coal == pytest.approx(expected, rel=1e-6)
    assert 10 * result.hourly("curtailment").to_numpy().sum() == pytest.approx(
        result.value("curtailment", statistic="sum"), rel=1e-5
    )
    assert 10 * result.hourly("load")["", "Hequ", ""].sum() == pytest.approx(result.value("load", location="Hequ"))
    assert result.hourly("price").shape == (4, 4)
    assert result.series["value"].dtype == np.float32


def test_topology_places_every_component_and_shows_its_final_size():
    topology = collected().topology.set_index("name")
    assert topology.loc["B solar sited", ["type", "county", "carrier", "p_nom"]].tolist() == [
        "Generator",
        "Kelan",
        "solar",
        40.0,
    ]
    assert topology.loc["A-B", ["bus0", "bus1", "p_nom", "lat", "lat1"]].tolist() == ["A", "B", 60.0, 39.0, 39.0]
    assert topology.loc["B solar sited", "sited"]
    assert np.isnan(topology.loc["B solar sited", "lat1"])
    assert topology.loc["A load", "p_nom"] == 60.0
    counts = topology["type"].value_counts().to_dict()
    assert counts == {"Bus": 4, "Line": 2, "Link": 1, "Generator": 8, "StorageUnit": 2, "Load": 2}


def test_an_unknown_metric_names_the_nearest_one():
    with pytest.raises(ResultError, match="generation"):
        collected().value("generatoin")


def test_an_unsolved_network_is_refused():
    with pytest.raises(ResultError, match="not-solved"):
        collect(city.whole_city(), scenario_id="small", run="0", year=2026, rows=city.NO_ROWS)


def test_summary_names_its_numbers_in_both_languages_and_leaves_out_what_is_not_there():
    table = summary_table(collected())
    assert table["id"].is_unique
    assert len(table) >= 18
    assert "export_corridor" not in set(table["id"])
    assert (table["zh"] != "").all()
    assert (table["en"] != "").all()
    load = table.set_index("id").loc["load"]
    assert (load["value"], load["unit"]) == (pytest.approx(10 * 230.0), "MWh")


def test_weights_scale_energy_and_cost_and_leave_prices_alone():
    light = city.whole_city()
    light.snapshot_weightings[["generators", "objective"]] = 1.0
    result = collect(city.solve(light), scenario_id="small", run="0", year=2026, rows=city.NO_ROWS)
    heavy = collected()
    for name in ("generation", "load", "operating_cost", "co2", "net_outflow"):
        assert heavy.value(name) == pytest.approx(10 * result.value(name)), name
    assert heavy.value("price", statistic="mean") == pytest.approx(result.value("price", statistic="mean"))
