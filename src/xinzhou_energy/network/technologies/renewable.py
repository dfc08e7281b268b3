"""Wind and solar: one curtailable generator per bus, county and turbine generation.

Plants at one bus with one profile and one cost are the same variable to the optimum; their names stay in `plants.csv`.
"""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import VariableCost, yearly_cost
from xinzhou_energy.network.records import Record, add_records

LABELS = {"onwind": ("风电", "wind"), "solar": ("光伏", "solar")}


def add_renewables(network: pypsa.Network, data: GridData, plants: pd.DataFrame) -> None:
    """Add the fleet of `plants` [MW], summed by bus, county, carrier and age."""
    plants = plants.assign(commitment=plants.get("commitment", ""))
    sizes = plants.groupby(["county", "bus", "carrier", "is_new", "commitment"], sort=True)["p_nom"].sum()
    records = {
        f"{str(fleet.commitment) or str(fleet.bus)} {fleet.carrier}{' project' if fleet.is_new else ''}": renewable(
            network,
            data,
            bus=str(fleet.bus),
            county=str(fleet.county),
            carrier=str(fleet.carrier),
            is_new=bool(fleet.is_new),
            p_nom=fleet.p_nom,
            commitment=str(fleet.commitment),
        )
        for fleet in sizes.reset_index().itertuples()
    }
    add_records(network, "Generator", records)


def renewable(
    network: pypsa.Network,
    data: GridData,
    *,
    bus: str,
    county: str,
    carrier: str,
    is_new: bool,
    connection_cost: float = 0.0,
    **size: object,
) -> Record:
    """Return the columns of one wind or solar generator.

    `size` holds `p_nom` [MW] or the bounds of an extendable one; `connection_cost` [CNY/MW/a] is added to the yearly
    cost of the technology.
    """
    zh, en = LABELS[carrier]
    return {
        "bus": bus,
        "carrier": carrier,
        "p_max_pu": availability(network, data, county=county, carrier=carrier, is_new=is_new),
        "capital_cost": yearly_cost(data, carrier, is_new=is_new) + connection_cost,
        "kind": "plant",
        "technology": carrier,
        "county": county,
        "name_zh": f"{data.text('counties', county, 'name_zh')}{'新增' if is_new else ''}{zh}",
        "name_en": f"{data.text('counties', county, 'name_en')} {'new ' if is_new else ''}{en}",
        "is_new": is_new,
        "is_clean": True,
        "border": "",
        "co2_intensity": 0.0,
        **VariableCost(variable_om_cost=data.economic(carrier, "variable_om")).columns(),
        "sited": False,
        **size,
    }


def availability(network: pypsa.Network, data: GridData, *, county: str, carrier: str, is_new: bool) -> pd.Series:
    """Available output before curtailment. [per unit, (snapshot,)]

    New wind is the low-wind-speed turbine generation (about 215 W/m2), the existing fleet about 330 W/m2.
    """
    profile = "onwind_new" if carrier == "onwind" and is_new else carrier
    factor = data.calibration["wind_factor" if carrier == "onwind" else "pv_factor"]
    values = data.profiles[profile].sel(county=county).to_numpy() * factor
    return pd.Series(values.clip(0, 1), index=network.snapshots)
