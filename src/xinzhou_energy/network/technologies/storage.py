"""Pumped storage and batteries: storage units with a round trip, a duty and a fee for use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import VariableCost, annuity_factor, yearly_cost
from xinzhou_energy.network.technologies.thermal import plant_columns
from xinzhou_energy.scenario.schema import BatterySpec

STORAGE = "geothermal_biomass_storage"  # the commitment that batteries of a scenario belong to


def add_storage(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Add the storage rows of `plants.csv`.

    Pumped storage serves the whole province: the city's plan may use `phs_duty` of its power and of its reservoir, and
    pays `phs_use_fee` per MWh discharged (docs/calibration.md).
    """
    for name, plant in plants.iterrows():
        is_phs = plant["carrier"] == "PHS"
        duty = data.calibration["phs_duty"] if is_phs else 1.0
        fee = data.calibration["phs_use_fee"] if is_phs else 0.0
        add_storage_unit(
            network,
            f"{name} {plant['name_en']}",
            bus=plant["bus"],
            carrier=plant["carrier"],
            p_nom=plant["p_nom"],
            max_hours=data.economic(plant["technology"], "max_hours") * duty,
            round_trip=data.economic(plant["technology"], "round_trip_efficiency"),
            duty=duty,
            fee=fee,
            columns={
                "capital_cost": yearly_cost(data, plant["technology"], is_new=plant["is_new"]),
                **plant_columns(plant),
            },
        )


def add_batteries(network: pypsa.Network, data: GridData, batteries: Mapping[str, BatterySpec]) -> None:
    """Add the batteries that a scenario places by bus: p_nom [MW] given, or open up to p_nom_max; max_hours [h]."""
    if not data.serves(STORAGE):
        return
    for bus, spec in batteries.items():
        add_battery(network, data, bus, STORAGE, p_nom=spec.p_nom, p_nom_max=spec.p_nom_max, max_hours=spec.max_hours)


def add_battery(
    network: pypsa.Network,
    data: GridData,
    bus: str,
    commitment: str,
    *,
    p_nom: float | None,
    max_hours: float,
    p_nom_max: float | None = None,
) -> None:
    """Add one battery at a bus: of `p_nom` [MW], or of open size up to `p_nom_max` where that is None."""
    technology = "battery_2h" if max_hours <= data.economic("battery_2h", "max_hours") else "battery_4h"
    place = network.buses.loc[bus]
    factor = annuity_factor(data.economic("system", "discount_rate"), data.economic(technology, "lifetime"))
    per_mw = data.economic(technology, "capital_cost_energy") * max_hours
    is_open = p_nom is None
    add_storage_unit(
        network,
        f"{bus} battery",
        bus=bus,
        carrier="battery",
        p_nom=p_nom or 0.0,
        max_hours=max_hours,
        round_trip=data.economic(technology, "round_trip_efficiency"),
        duty=1.0,
        fee=0.0,
        columns={
            "capital_cost": per_mw * (factor + data.economic(technology, "fixed_om")),
            "kind": "plant",
            "technology": technology,
            "county": place["county"],
            "name_zh": f"{place['name_zh']}储能",
            "name_en": f"{place['name_en']} battery",
            "is_new": True,
            "is_clean": False,
            "border": "",
            "commitment": commitment,
            "sited": is_open,
            "p_nom_extendable": is_open,
            "p_nom_max": p_nom_max if is_open else np.inf,
        },
    )


def add_storage_unit(
    network: pypsa.Network,
    name: str,
    *,
    bus: str,
    carrier: str,
    p_nom: float,
    max_hours: float,
    round_trip: float,
    duty: float,
    fee: float,
    columns: Mapping[str, object],
) -> None:
    """Add one storage unit; half the loss each way, level equal at both ends of the year."""
    network.add(
        "StorageUnit",
        name,
        bus=bus,
        carrier=carrier,
        p_nom=p_nom,
        p_max_pu=duty,
        p_min_pu=-duty,
        max_hours=max_hours,
        efficiency_store=round_trip**0.5,
        efficiency_dispatch=round_trip**0.5,
        cyclic_state_of_charge=True,
        co2_intensity=0.0,
        **VariableCost(variable_om_cost=fee).columns(),
        **columns,
    )
