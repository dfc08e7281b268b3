"""The same plan in the other market: every size that was chosen is given there."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import pypsa
import pytest

from tiny_grid import SITING, tiny_data, tiny_scenario
from xinzhou_energy.network import assemble, is_open
from xinzhou_energy.results.topology import topology_table
from xinzhou_energy.run import in_other_market
from xinzhou_energy.scenario import Scenario

SIZES = {
    "Alpha onwind sited": 200.0,
    "Alpha solar sited": 150.0,
    "Beta onwind sited": 0.0,
    "Beta solar sited": 150.0,
    "NW500 battery": 321.0,
    "XZ500 battery": 0.0,
    "ac corridor": 2400.0,
}
STEPS = [f"BTH corridor step {number}" for number in (1, 2, 3)]


def plan() -> Scenario:
    return tiny_scenario(
        year=2030,
        siting=SITING,
        corridor={"option": "ac", "p_nom_max": 6000.0},
        batteries={bus: {"p_nom_max": 500.0, "max_hours": 4.0} for bus in ("NW500", "XZ500")},
    )


def other(sizes: Mapping[str, float] = SIZES) -> tuple[Scenario, pypsa.Network]:
    """Return the scenario in the other market of a plan with these sizes, and its network."""
    network = assemble(plan(), tiny_data())
    for name, size in {**sizes, **dict.fromkeys(STEPS, sizes["ac corridor"] / 3)}.items():
        for table in (network.generators, network.storage_units, network.links):
            if name in table.index:
                table.loc[name, ["p_nom", "p_nom_extendable"]] = [size, False]
    result = SimpleNamespace(topology=topology_table(network))
    scenario = in_other_market(plan(), result)
    return scenario, assemble(scenario, tiny_data())


def test_it_is_another_scenario_in_the_other_market() -> None:
    scenario, _ = other()
    assert (scenario.id, scenario.market) == ("tiny_tight", "tight")
    back = in_other_market(scenario, SimpleNamespace(topology=topology_table(other()[1])))
    assert back.market == "frozen"


def test_no_size_is_open_and_all_are_those_of_the_plan() -> None:
    _, network = other()
    assert not is_open(network)
    for name, size in SIZES.items():
        table = next(each for each in (network.generators, network.storage_units, network.links) if name in each.index)
        assert table.p_nom[name] == pytest.approx(size), name
    assert list(network.generators.p_nom[STEPS]) == pytest.approx([800] * 3)


def test_batteries_keep_their_hours() -> None:
    scenario, _ = other()
    assert {bus: battery.max_hours for bus, battery in scenario.batteries.items()} == {"NW500": 4, "XZ500": 4}
    assert {battery.p_nom_max for battery in scenario.batteries.values()} == {None}


@pytest.mark.parametrize(("size", "built"), [(0.0, False), (99.9, False), (100.0, True), (6000.0, True)])
def test_a_corridor_below_100_megawatt_is_none(size: float, built: bool) -> None:
    scenario, network = other({**SIZES, "ac corridor": size})
    assert (scenario.corridor.option == "ac") is built
    assert scenario.corridor.p_nom == (size if built else None)
    assert scenario.corridor.p_nom_max is None
    assert ("ac corridor" in network.links.index) is built


def test_a_plan_of_given_sizes_keeps_them() -> None:
    scenario = tiny_scenario(
        year=2030,
        corridor={"option": "ac", "p_nom": 3000.0},
        batteries={"NW500": {"p_nom": 200.0, "max_hours": 2.0}},
    )
    again = in_other_market(scenario, SimpleNamespace(topology=topology_table(assemble(scenario, tiny_data()))))
    assert again.corridor == scenario.corridor
    assert again.batteries == scenario.batteries
