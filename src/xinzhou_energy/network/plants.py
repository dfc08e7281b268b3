"""Which plants run in a scenario, and their way to the shape of their technology."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ScenarioError, Where
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.technologies import SHAPES
from xinzhou_energy.network.technologies.upgrade import add_upgraded_units, candidates
from xinzhou_energy.scenario import Scenario


def plants_in_service(scenario: Scenario, data: GridData) -> pd.DataFrame:
    """List the plants of a scenario: the counted fleet of 2025, its projects, its commitments for a plant.

    Returns
    -------
    DataFrame
        Rows of `plants.csv` with `p_nom` [MW] and `is_new`, joined with carrier, shape, fuel, chp and is_clean.
    """
    plants = data.tables["plants"].copy()
    plants["p_nom"] = plants["counted_mw"]
    plants["is_new"] = False
    plants["commitment"] = ""
    findings = []
    for plant, project in scenario.projects.items():
        if not plants["bus"][plant]:
            where, remedy = (
                scenario.where(f"projects.{plant}"),
                "Use 'siting' or 'additions' for capacity that has no place yet.",
            )
            findings.append(no_bus(plant, where, remedy))
        put_in_service(plants, data, plant, project.p_nom if project.in_service else 0.0)
    for commitment in data.commitments.values():
        if commitment.plant and commitment.in_service:
            if not plants["bus"][commitment.plant]:
                findings.append(no_bus(commitment.plant, commitment.where, "Choose another plant."))
            put_in_service(plants, data, commitment.plant, commitment.quantity)
            plants.loc[commitment.plant, "commitment"] = commitment.id
    if findings:
        raise ScenarioError(findings)
    technologies = data.tables["technologies"][["carrier", "shape", "fuel", "chp", "is_new_and_clean"]]
    technologies = technologies.rename(columns={"is_new_and_clean": "is_clean"})
    return plants[plants["p_nom"] > 0].join(technologies, on="technology")


def put_in_service(plants: pd.DataFrame, data: GridData, plant: str, size: float | None) -> None:
    """Give a plant a size [MW], 0 to switch it off, None for that of the table; new is what did not count in 2025."""
    counted = data.number("plants", plant, "counted_mw")
    listed = counted if counted > 0 else data.number("plants", plant, "capacity_mw")
    plants.loc[plant, "p_nom"] = listed if size is None else size
    plants.loc[plant, "is_new"] = counted == 0 and size != 0.0


def no_bus(plant: str, where: Where, remedy: str) -> Finding:
    """Return the finding of a plant that has no place."""
    return Finding("no-bus", where, f"{plant} stands for the whole city", "a plant with a bus", remedy)


def add_plants(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Hand each group of plants to the shape of its technology; those of the upgrade programme come in two parts."""
    chosen = candidates(data, plants)
    for shape, group in plants.drop(chosen).groupby("shape"):
        SHAPES[str(shape)](network, data, group)
    coal = float(plants.loc[plants["carrier"] == "coal", "p_nom"].sum())
    add_upgraded_units(network, data, plants.loc[chosen], coal=coal)
