"""How much is sited: the total of the plan, its wind part, and what a county's substation can take."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.formulation.rows import empty_rows
from xinzhou_energy.network.siting import CARRIERS, SITED
from xinzhou_energy.scenario import Scenario


def siting_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:
    """Fix the sited total, and the wind part to its size (`split: fixed`) or its range (`split: free`). [MW]

    Notes
    -----
    sum_c (P_wind,c + P_solar,c) = total;  sum_c P_wind,c = onwind, or onwind_min <= ... <= onwind_max.
    """
    siting = scenario.siting
    sited = extendable(network)
    if siting is None or sited.empty:
        return empty_rows()
    wind = sited[sited["carrier"] == "onwind"].index
    parts = [capacity_row("siting_total", "siting", sited.index, "=", siting.total)]
    if siting.split == "fixed":
        parts.append(capacity_row("siting_onwind", "siting", wind, "=", siting.onwind))
    else:
        parts.append(capacity_row("siting_onwind_min", "siting", wind, ">=", siting.onwind_min))
        parts.append(capacity_row("siting_onwind_max", "siting", wind, "<=", siting.onwind_max))
    return pd.concat(parts, ignore_index=True)


def headroom_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:
    """Keep new wind and solar of a county within its substation headroom. [MW]"""
    sited = extendable(network)
    if scenario.siting is None or sited.empty:
        return empty_rows()
    headroom = network.buses["headroom"]
    return pd.concat(
        [
            capacity_row(f"headroom {bus}", "headroom", group.index, "<=", float(headroom[bus]))
            for bus, group in sited.groupby("bus")
        ],
        ignore_index=True,
    )


def extendable(network: pypsa.Network) -> pd.DataFrame:
    """Return the plants whose size is open."""
    is_taken = network.generators.p_nom_extendable & network.generators.carrier.isin(CARRIERS)
    return pd.DataFrame(network.generators[is_taken])


def capacity_row(name: str, origin: str, generators: pd.Index, sense: str, rhs: float) -> pd.DataFrame:
    """Write one row that sums capacities."""
    return pd.DataFrame(
        {
            "id": name,
            "origin": origin,
            "stage": "siting",
            "variable": "Generator-p_nom",
            "name": generators,
            "snapshot": pd.NaT,
            "coefficient": 1.0,
            "sense": sense,
            "rhs": rhs,
            "commitment": SITED if origin == "siting" else "",
        }
    )
