"""New wind and solar without a place yet: sited by the optimiser, fixed by the planner, or spread by room.

County limits come from `siting_limits.csv` (assumed; the formulas stand in its notes).
"""

from __future__ import annotations

import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import annuity_factor
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.network.technologies.renewable import renewable
from xinzhou_energy.network.topology import county_bus
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.schema import Carrier

SITED = "wind_solar_connection"  # the commitment that sited capacity belongs to
CARRIERS: tuple[Carrier, ...] = ("onwind", "solar")


def add_sited(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Add the capacity of `siting`: extendable within county limits, or fixed where the scenario gives each size."""
    siting = scenario.siting
    if siting is None or not data.serves(SITED):
        return
    records: dict[str, Record] = {}
    for county in data.tables["counties"].index:
        for carrier in CARRIERS:
            size: Record = {
                "commitment": SITED,
                "sited": True,
                "p_nom": siting.capacity.get(county, {}).get(carrier, 0.0),
            }
            if not siting.capacity:
                limit = data.number("siting_limits", (county, carrier), "p_nom_max")
                size |= {"p_nom_extendable": True, "p_nom_max": siting.p_nom_max.get(county, {}).get(carrier, limit)}
            records[f"{county} {carrier} sited"] = new_plant(network, data, county=county, carrier=carrier, size=size)
    add_records(network, "Generator", records)


def add_additions(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Spread `additions` [MW] over the counties in proportion to their land: density x area less the existing fleet."""
    limits = data.tables["siting_limits"]
    area = data.tables["counties"]["area_km2"]
    room = limits["density"] * area.reindex(limits.index, level="county") - limits["existing"]
    for carrier in CARRIERS:
        total = getattr(scenario.additions, carrier)
        share = room.xs(carrier, level="technology").clip(lower=0)
        if total > share.sum():
            raise ScenarioError(
                Finding(
                    "no-room",
                    scenario.where(f"additions.{carrier}"),
                    f"{total:,.0f} MW",
                    f"at most {share.sum():,.0f} MW, the room of all counties",
                    "Lower the addition or raise 'density' in siting_limits.csv by an overlay.",
                )
            )
        records = {
            f"{county} {carrier} added": new_plant(
                network, data, county=str(county), carrier=carrier, size={"p_nom": p_nom}
            )
            for county, p_nom in (total * share / share.sum()).items()
            if p_nom > 0
        }
        add_records(network, "Generator", records)


def new_plant(network: pypsa.Network, data: GridData, *, county: str, carrier: str, size: Record) -> Record:
    """Return the columns of a new generator at a county's bus, its connection to the grid in the yearly cost."""
    return renewable(
        network,
        data,
        bus=county_bus(network, county),
        county=county,
        carrier=carrier,
        is_new=True,
        connection_cost=connection_cost(data, county, carrier),
        **size,
    )


def connection_cost(data: GridData, county: str, carrier: str) -> float:
    """Yearly cost of the 220 kV connection of one megawatt. [CNY/MW/a]"""
    factor = annuity_factor(data.economic("system", "discount_rate"), data.economic("system", "grid_lifetime"))
    per_km = data.economic("system", "grid_connection_220kv") * (factor + data.economic("system", "grid_fixed_om"))
    return data.number("siting_limits", (county, carrier), "connection_km") * per_km
