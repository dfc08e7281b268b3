"""The export corridor to Beijing-Tianjin-Hebei: a link of its own with its own three-step buyer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pypsa

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.costs import annuity_factor
from xinzhou_energy.network.market import buyer, midday
from xinzhou_energy.network.records import Record, add_records
from xinzhou_energy.scenario import Scenario

CORRIDOR_BUS = "BTH_corridor"
CORRIDOR = "export_corridor"  # its commitment


def add_corridor(network: pypsa.Network, scenario: Scenario, data: GridData) -> None:
    """Add the option of `corridors.csv` that the scenario names; nothing for `none`.

    The buyer stands at a bus of its own, so that energy over existing lines cannot take the corridor's place.
    """
    choice = scenario.corridor
    if choice.option == "none" or not data.serves(CORRIDOR):
        return
    row = corridor_row(scenario, data)
    if scenario.year < row["earliest_year"]:
        raise ScenarioError(
            Finding(
                "too-early",
                scenario.where("corridor.option"),
                f"year {scenario.year}",
                f"{row['earliest_year']} or later",
                "The corridor is a planning study; nothing can carry power before.",
            )
        )
    is_open = choice.p_nom_max is not None
    size = next(mw for mw in (choice.p_nom_max, choice.p_nom, row["p_nom"]) if mw is not None)
    price = row["price"]
    add_receiving_bus(network, data, row["bus1"])
    network.add(
        "Link",
        f"{choice.option} corridor",
        bus0=row["bus0"],
        bus1=CORRIDOR_BUS,
        carrier="AC",
        efficiency=1 - row["loss"],
        marginal_cost=row["charge"],
        charge=row["charge"],
        length=row["length_km"],
        capital_cost=corridor_yearly_cost(data, row),
        border="corridor",
        commitment=CORRIDOR,
        is_new=True,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        **sized(size, is_open=is_open),
    )
    hourly = price * (1 - row["midday_discount"] * midday(data))
    prices = [hourly + row[f"price_step_{number}"] for number in (1, 2, 3)]
    add_buyers(network, size, prices, is_open=is_open)


def corridor_row(scenario: Scenario, data: GridData) -> dict[str, Any]:
    """Return the option's row of `corridors.csv`, the scenario's figures over it.

    `own` starts from the AC option, so that only what is different needs to be written.
    """
    choice = scenario.corridor
    option = "ac" if choice.option == "own" else choice.option
    row = {str(key): value for key, value in data.tables["corridors"].loc[option].items()}
    for key in ("loss", "price", "charge", "bus0"):
        given = getattr(choice, key)
        if given is not None:
            row[key] = given
    if choice.capital_cost is not None:
        row |= {"capital_cost": 0.0, "converter_cost": choice.capital_cost}
    if choice.option == "own":
        row |= {"name_zh": "自定义外送通道", "name_en": "own export corridor"}
    return row


def sized(size: float, *, is_open: bool) -> Record:
    """Return the columns of a given size, or of one that the optimiser chooses up to `size`. [MW]"""
    if is_open:
        return {"p_nom": 0.0, "p_nom_max": size, "p_nom_extendable": True, "sited": True}
    return {"p_nom": size, "sited": False}


def add_receiving_bus(network: pypsa.Network, data: GridData, beside: str) -> None:
    """Add the corridor's far end, placed beside an existing market."""
    target = data.tables["buses"].loc[beside].to_dict()
    network.add(
        "Bus",
        CORRIDOR_BUS,
        v_nom=target["v_nom"],
        x=target["lon"],
        y=target["lat"],
        carrier="AC",
        kind="market",
        county="",
        name_zh="京津冀新通道受端",
        name_en="Beijing-Tianjin-Hebei, new corridor",
    )


def add_buyers(network: pypsa.Network, size: float, prices: list[np.ndarray], *, is_open: bool) -> None:
    """Add one buyer per price [CNY/MWh, (snapshot,)], each of an equal share of the corridor's size [MW].

    Where the corridor's size is open so are theirs, and the constraint `corridor_share` keeps them equal.
    """
    share = sized(size / len(prices), is_open=is_open) | {"commitment": CORRIDOR}
    records: dict[str, Record] = {
        f"BTH corridor step {number}": buyer(
            network,
            bus=CORRIDOR_BUS,
            border="corridor",
            p_nom=0.0,
            price=price,
            name_zh=f"京津冀新通道第{number}档",
            name_en=f"Beijing-Tianjin-Hebei, new corridor, step {number}",
        )
        | share
        for number, price in enumerate(prices, start=1)
    }
    add_records(network, "Generator", records)


def corridor_yearly_cost(data: GridData, row: Mapping[str, Any]) -> float:
    """Annuity plus fixed O&M of one megawatt of corridor, converters included. [CNY/MW/a]"""
    factor = annuity_factor(data.economic("system", "discount_rate"), row["lifetime"])
    investment = row["capital_cost"] * row["length_km"] + row["converter_cost"]
    return float(investment * (factor + row["fixed_om"]))
