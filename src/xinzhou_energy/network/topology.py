"""Snapshots, carriers, buses, lines and loads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import annuity_factor
from xinzhou_energy.scenario import Scenario


def set_snapshots(network: pypsa.Network, data: GridData) -> None:
    """Take the year's hours; each stands for itself."""
    network.set_snapshots(pd.DatetimeIndex(data.profiles["snapshot"].to_numpy(), name="snapshot"))


def add_carriers(network: pypsa.Network, data: GridData) -> None:
    """Add the carriers with their colours; CO2 is in t per MWh of electricity on each plant, not here."""
    carriers = data.tables["carriers"]
    network.add("Carrier", carriers.index, nice_name=carriers["name_en"], color=carriers["color"])


def add_buses(network: pypsa.Network, data: GridData) -> None:
    """Add county nodes, stations, border nodes and the outside markets."""
    buses = data.tables["buses"]
    headroom = data.tables["substation_headroom"]["headroom"]
    network.add(
        "Bus",
        buses.index,
        v_nom=buses["v_nom"],
        x=buses["lon"],
        y=buses["lat"],
        carrier="AC",
        kind=buses["kind"],
        headroom=buses["county"].where(buses["kind"] == "county").map(headroom),
        county=buses["county"].fillna(""),
        name_zh=buses["name_zh"],
        name_en=buses["name_en"],
    )


def add_lines(network: pypsa.Network, scenario: Scenario, data: GridData, plants: pd.DataFrame) -> None:
    """Add the AC lines; a line's upgrade comes with the plant it is built for.

    Impedances are the table's totals in ohm, referred to `bus0` (the 220 kV side for the labelled county equivalents,
    transformer included), as `pypsa.Network` expects them.
    """
    lines = data.tables["lines"].copy()
    built = data.tables["line_upgrades"]
    built = built[built["plant"].isin(plants.index)].set_index("line")
    lines.update(built[["s_nom", "x", "r", "circuits"]])
    if scenario.corridor.option != "none" and data.serves("export_corridor"):
        collectors = data.tables["corridor_lines"]
        option = "ac" if scenario.corridor.option == "own" else scenario.corridor.option
        lines = pd.concat([lines, collectors[collectors["corridor"] == option]])
    is_new = lines["capital_cost"].notna() if "capital_cost" in lines else pd.Series(False, index=lines.index)
    factor = np.where((lines["equivalent"] == "border") | is_new, 1.0, scenario.grid.line_factor)
    yearly = annuity_factor(data.economic("system", "discount_rate"), data.economic("system", "grid_lifetime"))
    yearly += data.economic("system", "grid_fixed_om")
    cost = (lines["capital_cost"] * yearly / lines["s_nom"]).fillna(0.0) if is_new.any() else 0.0
    network.add(
        "Line",
        lines.index,
        bus0=lines["bus0"],
        bus1=lines["bus1"],
        x=lines["x"] / factor,
        r=lines["r"] / factor,
        s_nom=lines["s_nom"] * factor,
        length=lines["length_km"],
        num_parallel=lines["circuits"],
        capital_cost=cost,
        is_new=is_new,
        commitment=np.where(is_new, "export_corridor", ""),
        carrier="AC",
        name_zh=lines["name_zh"],
        name_en=lines["name_en"],
    )


def county_bus(network: pypsa.Network, county: str) -> str:
    """Return the bus of a county."""
    return str(network.buses.index[(network.buses.kind == "county") & (network.buses.county == county)][0])


def add_flat_load(network: pypsa.Network, commitment: str, *, bus: str, county: str, power: float) -> None:
    """Add the load of a commitment, the same power in every hour. [MW]"""
    network.add(
        "Load",
        f"{commitment} load",
        bus=bus,
        carrier="AC",
        county=county,
        p_set=pd.Series(power, index=network.snapshots),
        commitment=commitment,
    )


def add_loads(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Spread the city's yearly energy over counties and hours."""
    energy_mwh = scenario.load.energy or data.number("demand", scenario.year, "energy")
    counties = data.tables["counties"]
    shape = data.profiles["load"].to_pandas()[counties.index]
    load = shape / shape.sum() * counties["load_share"] * energy_mwh
    buses = network.buses.index[network.buses.kind == "county"]
    bus_of_county = pd.Series(buses, index=network.buses.county[buses])
    names = [f"{county} load" for county in load.columns]
    network.add(
        "Load",
        names,
        bus=bus_of_county[load.columns].to_numpy(),
        carrier="AC",
        county=list(load.columns),
        p_set=load.set_axis(names, axis=1).set_axis(network.snapshots),
    )
