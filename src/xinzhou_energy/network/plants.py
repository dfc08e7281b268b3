"""Which plants run in a scenario, and their way to the shape of their technology."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.technologies import SHAPES
from xinzhou_energy.scenario import Scenario


def plants_in_service(scenario: Scenario, data: GridData) -> pd.DataFrame:
    """List the plants of a scenario: the counted fleet of 2025, plus and minus its projects.

    Returns
    -------
    DataFrame
        Rows of `plants.csv` with `p_nom` [MW] and `is_new`, joined with carrier, shape, fuel, chp and is_clean.
    """
    plants = data.tables["plants"].copy()
    plants["p_nom"] = plants["counted_mw"]
    plants["is_new"] = False
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
    if findings:
        raise ScenarioError(findings)
    technologies = data.tables["technologies"][["carrier", "shape", "fuel", "chp", "is_new_and_clean"]]
    technologies = technologies.rename(columns={"is_new_and_clean": "is_clean"})
    return plants[plants["p_nom"] > 0].join(technologies, on="technology")


def add_plants(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Hand each group of plants to the shape of its technology."""
    for shape, group in plants.groupby("shape"):
        SHAPES[str(shape)](network, data, group)
