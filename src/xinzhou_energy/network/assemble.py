"""From a scenario and its data to a plain `pypsa.Network`, told as a table of contents.

In: `Scenario`, `GridData`. Out: a network with the extra columns of ARCHITECTURE.md, "Network conventions".
"""

from __future__ import annotations

import pypsa

from xinzhou_energy.errors import Finding, FormulationError, Where
from xinzhou_energy.grid.commitments import as_meta
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.commitments import add_commitments, complete_owners
from xinzhou_energy.network.corridor import add_corridor
from xinzhou_energy.network.market import add_bth_market, add_shanxi_market
from xinzhou_energy.network.plants import add_plants, plants_in_service
from xinzhou_energy.network.safety import add_load_shedding, add_must_run_slack
from xinzhou_energy.network.siting import add_additions, add_sited
from xinzhou_energy.network.technologies.storage import add_batteries
from xinzhou_energy.network.topology import add_buses, add_carriers, add_lines, add_loads, set_snapshots
from xinzhou_energy.scenario import Scenario


def assemble(scenario: Scenario, data: GridData) -> pypsa.Network:
    """Build the network of a scenario.

    Returns
    -------
    pypsa.Network
        8,760 snapshots, 14 counties, the stations, two outside markets. Powers in MW, money in CNY.

    Raises
    ------
    DataError, ScenarioError
        If a plant lacks a figure or cannot be switched on.
    FormulationError
        If a bus with load or plant reaches no market.
    """
    network = pypsa.Network(name=scenario.id)
    set_snapshots(network, data)
    add_carriers(network, data)
    add_buses(network, data)
    plants = plants_in_service(scenario, data)
    add_lines(network, scenario, data, plants)
    add_loads(network, scenario, data)
    add_plants(network, data, plants)
    add_batteries(network, data, scenario.batteries)
    add_additions(network, scenario, data)
    add_sited(network, scenario, data)
    add_commitments(network, data)

    add_shanxi_market(network, scenario, data)
    add_bth_market(network, scenario, data)
    add_corridor(network, scenario, data)
    add_load_shedding(network, data)
    add_must_run_slack(network, data)
    complete_owners(network)
    network.meta = {
        "scenario": scenario.id,
        "label": data.label,
        "year": scenario.year,
        "market": scenario.market or "frozen",
        "commitments": as_meta(data.commitments),
    }
    check_reaches_market(network)
    return network


def check_reaches_market(network: pypsa.Network) -> None:
    """Refuse a network in which a bus with load or plant has no way to a market."""
    reached = set(network.buses.index[network.buses.kind == "market"])
    ends = [
        *zip(network.lines.bus0, network.lines.bus1, strict=True),
        *zip(network.links.bus0, network.links.bus1, strict=True),
    ]
    grown = True
    while grown:
        more = {end for pair in ends for end in pair if not reached.isdisjoint(pair)} - reached
        reached |= more
        grown = bool(more)
    used = set(network.loads.bus) | set(network.generators.bus) | set(network.storage_units.bus)
    islands = sorted(used - reached)
    if islands:
        raise FormulationError(
            Finding(
                "island",
                Where("lines.csv"),
                f"no way from {', '.join(islands)} to a market",
                "every used bus connected",
                "Add a line or switch the plant off.",
            )
        )
