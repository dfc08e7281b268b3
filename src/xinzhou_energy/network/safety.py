"""What keeps a hard hour solvable, at a price that shows: load shedding and a slack under must-run output."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import VariableCost
from xinzhou_energy.network.market import BUYER
from xinzhou_energy.network.records import Record, add_records


def add_load_shedding(network: pypsa.Network, data: GridData) -> None:
    """Let every load go unserved at the value of lost load; results count each MWh."""
    peak = network.loads_t.p_set.T.groupby(network.loads.bus, sort=False).sum().T.max()
    price = data.economic("system", "value_of_lost_load")
    add_at_buses(network, "load shedding", peak.index, peak, price, kind="load_shedding", sign=1, zh="切负荷")


def add_must_run_slack(network: pypsa.Network, data: GridData) -> None:
    """Let surplus must-run output be destroyed at a penalty, at every bus with a plant that must run."""
    floor = network.generators_t.p_min_pu.max()
    must_run = network.generators.loc[floor.index[floor > 0]]
    most = must_run["p_nom"].where(~must_run["p_nom_extendable"].astype(bool), must_run["p_nom_max"])
    size = most.groupby(must_run["bus"]).sum()
    price = data.economic("system", "must_run_slack_cost")
    add_at_buses(network, "must-run slack", size.index, size, price, kind="must_run_slack", sign=-1, zh="强迫出力松弛")


def add_at_buses(
    network: pypsa.Network,
    label: str,
    buses: Iterable[str],
    size: pd.Series,
    price: float,
    *,
    kind: str,
    sign: int,
    zh: str,
) -> None:
    """Add one penalised generator per bus, of `size` [MW] at `price` [CNY/MWh]."""
    records: dict[str, Record] = {
        f"{bus} {label}": {
            **BUYER,
            **VariableCost(penalty_cost=price).columns(),
            "bus": bus,
            "carrier": kind,
            "kind": kind,
            "sign": sign,
            "p_nom": p_nom,
            "county": network.buses.county[bus],
            "border": "",
            "name_zh": f"{network.buses.name_zh[bus]}{zh}",
            "name_en": f"{network.buses.name_en[bus]} {label}",
        }
        for bus, p_nom in zip(buses, size, strict=True)
    }
    add_records(network, "Generator", records)
