"""Coal, coalbed methane and biomass: one generator per plant, no integers.

A coal plant is a fleet of units of which a seasonal fraction is online (outages and reserve shutdown). The online
fraction caps output and carries the minimum load: p_max_pu = online, p_min_pu = minimum load x online
(docs/calibration.md). CHP runs at its heating-season minimum from 1 November to 31 March.
"""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import co2_intensity, coal_intensity, thermal_cost, yearly_cost
from xinzhou_energy.network.records import Record, add_records


def add_thermal_units(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Add one generator per plant with its band of output and its split cost."""
    records = {f"{name} {plant['name_en']}": thermal_unit(network, data, plant) for name, plant in plants.iterrows()}
    add_records(network, "Generator", records)


def thermal_unit(network: pypsa.Network, data: GridData, plant: pd.Series) -> Record:
    """Return the columns of one thermal plant."""
    technology, is_coal = plant["technology"], plant["carrier"] == "coal"
    available = constant(network, data.economic("system", "thermal_availability"))
    upper = online_fraction(network, data) if is_coal else available
    ramp = data.economic(technology, "ramp_limit")
    return {
        "bus": plant["bus"],
        "carrier": plant["carrier"],
        "p_nom": plant["p_nom"],
        "p_max_pu": upper,
        "p_min_pu": minimum_output(network, data, plant) * (upper if is_coal else 1.0),
        "ramp_limit_up": ramp,
        "ramp_limit_down": ramp,
        "efficiency": data.economic(technology, "efficiency"),
        "co2_intensity": co2_intensity(data, technology, plant["fuel"]),
        "coal_intensity": coal_intensity(data, technology, plant["fuel"]),
        "capital_cost": yearly_cost(data, technology, is_new=plant["is_new"]),
        **thermal_cost(data, technology, plant["fuel"], is_coal=is_coal).columns(),
        **plant_columns(plant),
    }


def plant_columns(plant: pd.Series) -> dict[str, object]:
    """Return the descriptive columns that every plant carries."""
    return {
        "kind": "plant",
        "plant": str(plant.name),
        "technology": plant["technology"],
        "county": plant["county"],
        "name_zh": plant["name_zh"],
        "name_en": plant["name_en"],
        "is_new": bool(plant["is_new"]),
        "is_clean": bool(plant["is_clean"]),
        "sited": False,
        "border": "",
        "commitment": plant.get("commitment", ""),
    }


def online_fraction(network: pypsa.Network, data: GridData) -> pd.Series:
    """Share of the coal fleet that is online, by season. [per unit, (snapshot,)]"""
    season = pd.Series(data.profiles["season"].to_numpy(), index=network.snapshots)
    return season.map({name: data.calibration[f"coal_online_{name}"] for name in season.unique()}).astype(float)


def constant(network: pypsa.Network, value: float) -> pd.Series:
    """Return one value for every snapshot."""
    return pd.Series(value, index=network.snapshots)


def minimum_output(network: pypsa.Network, data: GridData, plant: pd.Series) -> pd.Series:
    """Lowest output a plant must keep: of the online fraction for coal, of `p_nom` otherwise. [per unit, (snapshot,)]

    Gas and biomass are contracted (take-or-pay gas, fixed tariff): their planned full-load hours run evenly over
    the year, and more only where the price pays for it.
    """
    heating = data.profiles["heating"].to_numpy().astype(bool)
    if plant["carrier"] != "coal":
        return constant(network, data.economic(plant["technology"], "full_load_hours") / len(network.snapshots))
    usual = data.calibration["minimum_load"]
    in_heating = data.calibration["minimum_load_chp_heating"] if plant["chp"] else usual
    return constant(network, usual).mask(heating, in_heating)
