"""Which plants run in a scenario, and their way to the shape of their technology."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
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
            findings.append(
                Finding(
                    "no-bus",
                    scenario.where(f"projects.{plant}"),
                    f"{plant} stands for the whole city",
                    "a plant with a bus",
                    "Use 'siting' or 'additions' for capacity that has no place yet.",
                )
            )
        counted = data.number("plants", plant, "counted_mw")
        size = counted if counted > 0 else data.number("plants", plant, "capacity_mw")
        plants.loc[plant, "p_nom"] = (
            (project.p_nom if project.p_nom is not None else size) if project.in_service else 0.0
        )
        plants.loc[plant, "is_new"] = project.in_service and counted == 0
    for commitment in data.commitments.values():
        if commitment.plant and commitment.in_service:
            if not plants["bus"][commitment.plant]:
                found = f"{commitment.plant} stands for the whole city"
                findings.append(
                    Finding("no-bus", commitment.where, found, "a plant with a bus", "Choose another plant.")
                )
                continue
            counted = data.number("plants", commitment.plant, "counted_mw")
            listed = counted if counted > 0 else data.number("plants", commitment.plant, "capacity_mw")
            plants.loc[commitment.plant, "p_nom"] = listed if commitment.quantity is None else commitment.quantity
            plants.loc[commitment.plant, "is_new"] = counted == 0
            plants.loc[commitment.plant, "commitment"] = commitment.id
    if findings:
        raise ScenarioError(findings)
    technologies = data.tables["technologies"][["carrier", "shape", "fuel", "chp", "is_new_and_clean"]]
    technologies = technologies.rename(columns={"is_new_and_clean": "is_clean"})
    return plants[plants["p_nom"] > 0].join(technologies, on="technology")


def add_plants(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Hand each group of plants to the shape of its technology; those of the upgrade programme come in two parts."""
    chosen = candidates(data, plants)
    for shape, group in plants.drop(chosen).groupby("shape"):
        SHAPES[str(shape)](network, data, group)
    coal = float(plants.loc[plants["carrier"] == "coal", "p_nom"].sum())
    add_upgraded_units(network, data, plants.loc[chosen], coal=coal)
