"""Sizes that are open, by kind of component: listed, bounded, and fixed as found."""

from __future__ import annotations

import pypsa
import pytest

from tiny_grid import SITING, tiny_data, tiny_scenario
from xinzhou_energy.network import assemble, fix_sizes, is_open
from xinzhou_energy.network.sizes import open_sizes

BATTERY = {"NW500": {"p_nom_max": 500.0, "max_hours": 4.0}}
CORRIDOR = {"option": "ac", "p_nom_max": 6000.0}


def city(**changes: object) -> pypsa.Network:
    return assemble(tiny_scenario(year=2030, **changes), tiny_data())


def test_a_given_city_has_no_open_size() -> None:
    network = city(corridor={"option": "ac", "p_nom": 3000.0}, batteries={"NW500": {"p_nom": 200.0, "max_hours": 4.0}})
    assert not is_open(network)
    assert open_sizes(network).empty
    assert list(open_sizes(network).columns) == ["p_nom_min", "p_nom_max"]


def test_every_kind_of_open_size_is_listed_with_its_limits() -> None:
    """Wind and solar by county, the battery, the corridor and a third of it for each of its buyers."""
    sizes = open_sizes(city(siting=SITING, batteries=BATTERY, corridor=CORRIDOR))
    assert (sizes["p_nom_min"] == 0).all()
    assert sizes["p_nom_max"].to_dict() == {
        "Alpha onwind sited": 240,
        "Alpha solar sited": 300,
        "Beta onwind sited": 240,
        "Beta solar sited": 200,
        "NW500 battery": 500,
        "ac corridor": 6000,
        **{f"BTH corridor step {step}": 2000 for step in (1, 2, 3)},
    }


@pytest.mark.parametrize("changes", [{"siting": SITING}, {"batteries": BATTERY}, {"corridor": CORRIDOR}])
def test_one_open_size_opens_the_city(changes: dict[str, object]) -> None:
    assert is_open(city(**changes))


def test_what_is_open_is_sited_and_what_is_given_is_not() -> None:
    open_, given = city(batteries=BATTERY, corridor=CORRIDOR), city(corridor={"option": "ac"})
    assert open_.storage_units.sited["NW500 battery"]
    assert open_.links.sited["ac corridor"]
    assert not open_.storage_units.sited["S1 S1 name"]
    assert not given.links.sited["ac corridor"]
    assert open_.links.p_nom["ac corridor"] == 0
    assert given.links.p_nom["ac corridor"] == 4000


def test_sizes_found_become_given_within_their_limits() -> None:
    """An interior point leaves them a hair outside."""
    network = city(siting=SITING, batteries=BATTERY, corridor=CORRIDOR)
    network.generators["p_nom_opt"] = network.generators["p_nom"]
    network.generators.loc["Alpha onwind sited", "p_nom_opt"] = 240.0001
    network.generators.loc["Beta onwind sited", "p_nom_opt"] = -1e-7
    network.storage_units["p_nom_opt"] = 123.0
    network.links["p_nom_opt"] = 6000.5
    fix_sizes(network)
    assert not is_open(network)
    assert network.generators.p_nom["Alpha onwind sited"] == 240
    assert network.generators.p_nom["Beta onwind sited"] == 0
    assert network.generators.p_nom["K1 K1 name"] == 1000
    assert network.storage_units.p_nom["NW500 battery"] == 123
    assert network.storage_units.p_nom["S1 S1 name"] == 1200
    assert network.links.p_nom["ac corridor"] == 6000
    assert network.links.p_nom["RS_BTH"] == 2000


def test_an_open_battery_costs_what_a_given_one_costs() -> None:
    """800,000 CNY/MWh over 4 h, 6 % over 15 years and 2 % fixed operation."""
    annuity = 0.06 / (1 - 1.06**-15) + 0.02
    for batteries in (BATTERY, {"NW500": {"p_nom": 200.0, "max_hours": 4.0}}):
        cost = city(batteries=batteries).storage_units.capital_cost["NW500 battery"]
        assert cost == pytest.approx(0.8e6 * 4 * annuity)
