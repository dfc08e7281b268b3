"""Source-grid-load-storage blocks: wind, sun, storage and load at a bus of their own, behind one connection.

generation ─┐
storage ────┼─ block bus ═ export, import ═ grid bus
load ───────┘
"""

from __future__ import annotations

import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.grid.commitments import BlockSize, Commitment
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.network.siting import CARRIERS, connection_cost
from xinzhou_energy.network.technologies.renewable import renewable
from xinzhou_energy.network.technologies.storage import add_battery
from xinzhou_energy.network.topology import add_flat_load

WORDS = {"export": ("上网", "export"), "import": ("下网", "import")}


def add_block(network: pypsa.Network, data: GridData, commitment: Commitment, size: BlockSize) -> None:
    """Add a block at the bus `size.bus`, named after its commitment; its size is given, not optimised."""
    place = network.buses.loc[size.bus]
    network.add(
        "Bus",
        commitment.id,
        v_nom=place["v_nom"],
        x=place["x"],
        y=place["y"],
        carrier="AC",
        kind="block",
        county=size.county,
        name_zh=commitment.name_zh,
        name_en=commitment.name_en,
    )
    add_connection(network, commitment, size)
    plants: dict[str, Record] = {}
    for carrier in CARRIERS:
        power = getattr(size, carrier)
        if power > 0:
            plant = renewable(
                network,
                data,
                bus=commitment.id,
                county=size.county,
                carrier=carrier,
                is_new=True,
                connection_cost=connection_cost(data, size.county, carrier),
                p_nom=power,
            )
            names: Record = {key: f"{getattr(commitment, key)} {plant[key]}" for key in ("name_zh", "name_en")}
            plants[f"{commitment.id} {carrier}"] = plant | names | {"commitment": commitment.id}
    add_records(network, "Generator", plants)
    if size.storage > 0:
        add_battery(network, data, commitment.id, commitment.id, p_nom=size.storage, max_hours=size.max_hours)
    if size.load > 0:
        add_block_load(network, commitment, size)


def add_connection(network: pypsa.Network, commitment: Commitment, size: BlockSize) -> None:
    """Add the connection: one link each way, so that what is sold and what is bought have limits of their own. [MW]"""
    ways = {
        "export": (commitment.id, size.bus, size.export_limit),
        "import": (size.bus, commitment.id, size.import_limit),
    }
    records: dict[str, Record] = {
        f"{commitment.id} {way}": {
            "bus0": bus0,
            "bus1": bus1,
            "carrier": "AC",
            "p_nom": power,
            "efficiency": 1.0,
            "marginal_cost": 0.0,
            "charge": 0.0,
            "border": "",
            "is_new": True,
            "sited": False,
            "name_zh": f"{commitment.name_zh}{WORDS[way][0]}",
            "name_en": f"{commitment.name_en} {WORDS[way][1]}",
            "commitment": commitment.id,
        }
        for way, (bus0, bus1, power) in ways.items()
    }
    add_records(network, "Link", records)


def add_block_load(network: pypsa.Network, commitment: Commitment, size: BlockSize) -> None:
    """Add a flat load; where it moves in from its county, the county's load falls by as much.

    Raises
    ------
    ScenarioError
        If the county has less load than moves out in some hour.
    """
    if size.load_moved:
        home = network.loads.index[network.loads["county"] == size.county][0]
        least = float(network.loads_t.p_set[home].min())
        if least < size.load:
            raise ScenarioError(
                Finding(
                    "load-moved",
                    commitment.where,
                    f"{size.load:,.0f} MW moving out of {size.county}",
                    f"at most {least:,.0f} MW, its lowest load",
                    "Lower 'load', or write 'load_moved: false'.",
                )
            )
        network.loads_t.p_set[home] -= size.load
    add_flat_load(network, commitment.id, bus=commitment.id, county=size.county, power=size.load)
