"""Coal plants in the upgrade programme: the part upgraded beside the part as it is.

Upgraded capacity has a lower minimum load, a faster ramp, a better efficiency and a yearly cost; the two parts share
the plant's size. Where the optimiser chooses, both sizes are open and the constraint `upgrade_share` ties them.
"""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.grid.commitments import Commitment
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import VariableCost, annuity_factor
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.network.technologies.thermal import minimum_output, online_fraction, thermal_unit
from xinzhou_energy.scenario.commitments import UPGRADE

SUFFIX = " upgraded"
SCALED = ("fuel_cost", "co2_intensity", "coal_intensity", "carbon_cost")  # fall as the efficiency rises


def programme(data: GridData) -> Commitment | None:
    """Return the upgrade commitment if it is in service."""
    found = data.commitments.get(UPGRADE)
    return found if found is not None and found.in_service else None


def candidates(data: GridData, plants: pd.DataFrame) -> pd.Index:
    """Return the plants of a scenario that the programme reaches."""
    if programme(data) is None:
        return plants.index[:0]
    return plants.index[plants.index.isin(data.tables["upgrades"].index)]


def add_upgraded_units(network: pypsa.Network, data: GridData, plants: pd.DataFrame, *, coal: float) -> None:
    """Add both parts of every plant in the programme. `coal`: capacity of all coal plants. [MW]

    A fixed programme upgrades the same share of each, so that it reaches its share of all coal; `sizes` of the scenario
    come first.
    """
    chosen = programme(data)
    if chosen is None or plants.empty:
        return
    share = min(1.0, (chosen.quantity or 0.0) / 100 * coal / float(plants["p_nom"].sum()))
    records: dict[str, Record] = {}
    for name, plant in plants.iterrows():
        size = float(plant["p_nom"])
        given = chosen.sizes.get(str(name), 0.0 if chosen.sizes else share * size)
        if given > size + 1e-6:
            raise ScenarioError(
                Finding(
                    "too-large",
                    chosen.where,
                    f"{given:,.0f} MW of {name} upgraded",
                    f"at most {size:,.0f} MW, the plant",
                    f"Lower sizes.{name}.",
                )
            )
        unit = thermal_unit(network, data, plant)
        label = f"{name} {plant['name_en']}"
        records[label] = unit | {"upgrade_of": ""} | part(size - given, size, is_open=chosen.choice)
        records[label + SUFFIX] = upgraded(network, data, plant, unit) | part(given, size, is_open=chosen.choice)
    add_records(network, "Generator", records)


def part(size: float, most: float, *, is_open: bool) -> Record:
    """Return the size of one part of a plant. [MW]"""
    if is_open:
        return {"p_nom": 0.0, "p_nom_max": most, "p_nom_extendable": True, "sited": True}
    return {"p_nom": size, "p_nom_max": most, "p_nom_extendable": False, "sited": False}


def upgraded(network: pypsa.Network, data: GridData, plant: pd.Series, unit: Record) -> Record:
    """Return the columns of a plant after its upgrade.

    The heat of a CHP plant binds it as before: its minimum in the heating season stays.
    """
    plant_id = str(plant.name)
    figures = {
        column: data.number("upgrades", plant_id, column)
        for column in ("minimum_load", "ramp_limit", "efficiency_gain", "capital_cost")
    }
    gain = 1 + figures["efficiency_gain"]
    factor = annuity_factor(data.economic("system", "discount_rate"), data.economic(plant["technology"], "lifetime"))
    before = minimum_output(network, data, plant)
    usual = data.calibration["minimum_load"]
    least = before.where(before > usual, figures["minimum_load"]).clip(upper=before)
    columns: Record = {
        **unit,
        "p_min_pu": least * online_fraction(network, data),
        "ramp_limit_up": figures["ramp_limit"],
        "ramp_limit_down": figures["ramp_limit"],
        "efficiency": float(str(unit["efficiency"])) * gain,
        "capital_cost": figures["capital_cost"] * factor,
        "name_zh": f"{plant['name_zh']}（升级）",
        "name_en": f"{plant['name_en']}, upgraded",
        "commitment": UPGRADE,
        "upgrade_of": f"{plant_id} {plant['name_en']}",
    }
    for key in SCALED:
        columns[key] = float(str(unit[key])) / gain
    parts = {part.name: float(str(columns[part.name])) for part in fields(VariableCost)}
    return columns | VariableCost(**parts).columns()
