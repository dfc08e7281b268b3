"""Outside markets as buyers: the rest of Shanxi by a price ladder under a cap, Beijing-Tianjin-Hebei by a link.

A buyer is a generator with `sign = -1` and `marginal_cost = -price`. Formulas and values: docs/calibration.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.scenario import Scenario

BUYER = {
    "kind": "market",
    "technology": "",
    "county": "",
    "is_new": False,
    "is_clean": False,
    "sited": False,
    "co2_intensity": 0.0,
    "fuel_cost": 0.0,
    "variable_om_cost": 0.0,
    "carbon_cost": 0.0,
    "start_cost": 0.0,
    "penalty_cost": 0.0,
}


def market_parameters(scenario: Scenario, data: GridData) -> dict[str, float]:
    """Return the calibration values, tightened where the scenario says `market: tight`."""
    values = dict(data.calibration)
    if scenario.market == "tight":
        values["a_w"] += values["tight_a_w_delta"]
        values["a_mid"] += values["tight_a_mid_delta"]
        values["duck_depth"] = values["tight_duck"]
    return values


def reference_price(data: GridData, *, duck_depth: float) -> np.ndarray:
    """Reference price of the province with its midday dip deepened. [CNY/MWh, (snapshot,)]"""
    price = data.profiles["market_price"].to_numpy()
    season = pd.Series(data.profiles["season"].to_numpy())
    mean = pd.Series(price).groupby(season).transform("mean").to_numpy()
    return np.asarray(price + (duck_depth - 1) * midday(data) * (price - mean))


def midday(data: GridData) -> np.ndarray:
    """Midday weight, 0 at night to 1 from 10:00 to 15:00. [-, (snapshot,)]"""
    return np.asarray(data.profiles["midday_weight"].to_numpy())


def absorption_cap(data: GridData, values: dict[str, float]) -> np.ndarray:
    """How much the rest of Shanxi can take. [MW, (snapshot,)]

    Notes
    -----
    A = A_eve - (A_eve - A_mid f_season) m - a_w dV, within floor and ceiling; m midday weight, dV deviation [MW].
    """
    season = pd.Series(data.profiles["season"].to_numpy())
    factor = season.map({name: values[f"season_factor_{name}"] for name in season.unique()}).to_numpy(dtype=float)
    deviation = data.profiles["market_deviation"].to_numpy()
    cap = values["a_eve"] - (values["a_eve"] - values["a_mid"] * factor) * midday(data) - values["a_w"] * deviation
    return np.asarray(np.clip(cap, values["a_floor"], values["a_ceiling"]))


def ladder_steps(size: float, first: float, step: float) -> list[tuple[float, float]]:
    """Return (start, width) of each step in MW: a wide first one, then equal ones, the last cut to `size`."""
    return [(0.0, first), *((float(start), min(step, size - start)) for start in np.arange(first, size, step))]


def add_shanxi_market(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Add the ladder behind the AC border equivalents.

    Notes
    -----
    price(q) = level pi - s (q - Q0) - kappa dV, cut to [floor, cap], at the middle q of each step. Each step's width is
    cut to the absorption cap, so that no extra constraint is needed.
    """
    add_link(network, data, "RS_RS_market", border="rest_of_shanxi")
    values = market_parameters(scenario, data)
    price_at_q0 = values["level"] * reference_price(data, duck_depth=values["duck_depth"])
    price_at_q0 = price_at_q0 - values["kappa"] * data.profiles["market_deviation"].to_numpy()
    q0 = values["q0_night"] + (values["q0_midday"] - values["q0_night"]) * midday(data)
    cap = absorption_cap(data, values)
    steps = ladder_steps(values["ladder_size"], values["ladder_first_step"], values["ladder_step"])
    records: dict[str, Record] = {}
    for number, (start, width) in enumerate(steps, start=1):
        price = price_at_q0 - values["s"] * (start + width / 2 - q0)
        name = f"Rest of Shanxi step {number:02d}"
        records[name] = buyer(
            network,
            bus="RS_market",
            border="rest_of_shanxi",
            p_nom=width,
            price=np.clip(price, values["price_floor"], values["price_cap"]),
            share=np.clip((cap - start) / width, 0, 1),
            name_zh=f"山西电网其余部分第{number}档",
            name_en=name,
        )
    add_records(network, "Generator", records)


def add_bth_market(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Add what Beijing-Tianjin-Hebei takes over existing lines, and Hebei South where the scenario asks for it."""
    values = data.calibration
    size = max(values["bth_evening"], values["bth_midday"])
    limit = values["bth_evening"] - (values["bth_evening"] - values["bth_midday"]) * midday(data)
    add_link(network, data, "RS_BTH", border="bth_existing", p_nom=size, share=limit / size)
    swing = reference_price(data, duck_depth=1.0)
    price = values["bth_price"] * (1 - values["bth_midday_discount"] * midday(data))
    price = price + values["bth_swing_share"] * (swing - swing.mean())
    records: dict[str, Record] = {
        "BTH existing lines": buyer(
            network,
            bus="BTH",
            border="bth_existing",
            p_nom=size,
            price=price,
            name_zh="京津冀现有通道",
            name_en="Beijing-Tianjin-Hebei, existing lines",
        )
    }
    if scenario.grid.hebei_south:
        add_link(network, data, "XZ_hebei_south", border="hebei_south")
        p_nom = float(network.links.p_nom["XZ_hebei_south"])
        records["Hebei South"] = buyer(
            network,
            bus="BTH",
            border="hebei_south",
            p_nom=p_nom,
            price=price,
            name_zh="河北南网",
            name_en="Hebei South",
        )
    add_records(network, "Generator", records)


def add_link(
    network: pypsa.Network,
    data: GridData,
    name: str,
    *,
    border: str,
    p_nom: float | None = None,
    share: np.ndarray | float = 1.0,
) -> None:
    """Add a row of `links.csv`; `share` [per unit] cuts it by the hour."""
    row = data.tables["links"].loc[name]
    network.add(
        "Link",
        name,
        bus0=row["bus0"],
        bus1=row["bus1"],
        carrier="AC",
        p_nom=row["p_nom"] if p_nom is None else p_nom,
        p_max_pu=pd.Series(share, index=network.snapshots) if isinstance(share, np.ndarray) else share,
        efficiency=row["efficiency"],
        marginal_cost=row["marginal_cost"],
        charge=row["marginal_cost"],
        border=border,
        is_new=False,
        sited=False,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
    )


def buyer(
    network: pypsa.Network,
    *,
    bus: str,
    border: str,
    p_nom: float,
    price: np.ndarray,
    name_zh: str,
    name_en: str,
    share: np.ndarray | float = 1.0,
) -> Record:
    """Return the columns of a buyer of at most `p_nom` [MW] x `share` [per unit] at `price` [CNY/MWh, (snapshot,)]."""
    return {
        **BUYER,
        "bus": bus,
        "carrier": "market",
        "sign": -1,
        "p_nom": p_nom,
        "p_max_pu": pd.Series(share, index=network.snapshots) if isinstance(share, np.ndarray) else share,
        "marginal_cost": pd.Series(-price, index=network.snapshots),
        "border": border,
        "name_zh": name_zh,
        "name_en": name_en,
    }
