"""Yellow River hydro: monthly inflow, a pond of some hours, no pumping."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import VariableCost, yearly_cost
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.network.technologies.thermal import plant_columns


def add_hydro(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Add one storage unit per plant; its inflow is the river's potential times the plant's availability."""
    records: dict[str, Record] = {}
    for name, plant in plants.iterrows():
        potential = data.profiles["hydro"].sel(hydro_plant=plant["hydro_profile"]).to_numpy()
        inflow = potential * data.calibration["hydro_availability"] * plant["p_nom"]
        records[f"{name} {plant['name_en']}"] = {
            "bus": plant["bus"],
            "carrier": "hydro",
            "p_nom": plant["p_nom"],
            "p_min_pu": 0.0,
            "max_hours": data.economic(plant["technology"], "max_hours"),
            "inflow": pd.Series(inflow, index=network.snapshots),
            "cyclic_state_of_charge": True,
            "capital_cost": yearly_cost(data, plant["technology"], is_new=plant["is_new"]),
            "co2_intensity": 0.0,
            **VariableCost().columns(),
            **plant_columns(plant),
        }
    add_records(network, "StorageUnit", records)
