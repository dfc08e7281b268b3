"""From a network and a scenario to rows and a model: which rows, on which variables, refused when hopeless."""

from __future__ import annotations

import pypsa
import pytest

from tiny_grid import SITING, tiny_data, tiny_scenario
from xinzhou_energy.errors import InfeasibleError
from xinzhou_energy.formulation import build_rows, formulate
from xinzhou_energy.formulation.rows import ROW_COLUMNS
from xinzhou_energy.network import assemble


def open_city(**changes: object) -> tuple[pypsa.Network, object]:
    scenario = tiny_scenario(siting={**SITING, **changes})
    return assemble(scenario, tiny_data()), scenario


def test_nothing_to_site_means_no_rows() -> None:
    scenario = tiny_scenario()
    rows = build_rows(assemble(scenario, tiny_data()), scenario)
    assert rows.empty
    assert tuple(rows.columns) == ROW_COLUMNS


def test_model_without_rows_is_pypsas_own() -> None:
    scenario = tiny_scenario()
    network = assemble(scenario, tiny_data())
    ours = formulate(network, build_rows(network, scenario))
    plain = network.copy().optimize.create_model(include_objective_constant=False)
    assert (ours.ncons, ours.nvars) == (plain.ncons, plain.nvars)
    assert ours is network.model


def test_free_capacities_take_every_row() -> None:
    network, scenario = open_city()
    rows = build_rows(network, scenario)
    model = formulate(network, rows)
    ours = [name for name in model.constraints if name.startswith(("siting-", "dispatch-"))]
    assert sum(model.constraints[name].ncons for name in ours) == rows["id"].nunique()


def test_fixed_capacities_leave_the_siting_rows_out() -> None:
    network, scenario = open_city()
    rows = build_rows(network, scenario)
    network.generators["p_nom_extendable"] = False
    model = formulate(network, rows)
    assert not [name for name in model.constraints if name.startswith("siting")]


def test_total_beyond_the_county_limits_is_refused_with_both_numbers() -> None:
    """Wind 240 + 240, solar 300 + 200: 980 MW of room in all."""
    network, scenario = open_city(total=1000.0)
    with pytest.raises(InfeasibleError) as caught:
        build_rows(network, scenario)
    assert caught.value.exit_code == 3
    (found,) = caught.value.findings
    assert found.where.path == "siting"
    assert "1,000.0 MW wanted" in found.found
    assert "0.0 to 980.0 MW possible" in found.found


def test_total_and_wind_beyond_the_limits_are_refused_together() -> None:
    network, scenario = open_city(total=1100.0, onwind=500.0, onwind_max=500.0)
    with pytest.raises(InfeasibleError) as caught:
        build_rows(network, scenario)
    assert [finding.found.split(":")[0] for finding in caught.value.findings] == ["siting_onwind", "siting_total"]


def test_total_at_the_county_limits_passes() -> None:
    network, scenario = open_city(total=980.0, onwind=480.0, onwind_max=480.0)
    assert not build_rows(network, scenario).empty
