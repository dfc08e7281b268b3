"""Tighter limits never lower cost; a city of twice the size costs twice as much. Two days of the real city."""

from __future__ import annotations

from collections.abc import Callable

import pypsa
import pytest

from xinzhou_energy.network import assemble

DAY = "2026-04-20"


@pytest.fixture
def city(quick, cut_days) -> Callable[[], pypsa.Network]:
    data = cut_days(quick.data, DAY, 48)
    return lambda: assemble(quick.scenario, data)


def test_tighter_lines_never_lower_cost(city, quick, solve_now) -> None:
    costs = []
    for factor in (1.0, 0.7, 0.4):
        network = city()
        network.lines["s_nom"] *= factor
        costs.append(solve_now(network, quick.scenario).objective)
    slack = 1e-9 * abs(costs[0])
    assert costs[0] <= costs[1] + slack
    assert costs[1] <= costs[2] + slack
    assert costs[2] > costs[0] + 1.0, "lines at 40 % must cost something, or the test shows nothing"


def test_tighter_county_caps_never_lower_cost(city, quick, solve_now) -> None:
    costs = []
    for factor in (1.0, 0.8):
        network = city()
        sited = network.generators["sited"].astype(bool)
        network.generators.loc[sited, "p_nom_max"] *= factor
        costs.append(solve_now(network, quick.scenario).objective)
    assert costs[1] > costs[0]


def test_twice_the_megawatts_cost_twice_as_much(city, quick, solve_now) -> None:
    plain = solve_now(city(), quick.scenario).objective
    network = city()
    network.generators[["p_nom", "p_nom_max"]] *= 2
    network.storage_units["p_nom"] *= 2
    network.storage_units_t.inflow *= 2
    network.lines["s_nom"] *= 2
    network.links["p_nom"] *= 2
    network.loads_t.p_set *= 2
    network.buses["headroom"] *= 2
    siting = quick.scenario.siting
    twice = quick.scenario.with_changes(
        siting={"total": siting.total * 2, "onwind": siting.onwind * 2, "onwind_max": siting.onwind_max * 2}
    )
    assert solve_now(network, twice).objective == pytest.approx(2 * plain, rel=1e-7)
