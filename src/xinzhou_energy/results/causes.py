"""Why wind and solar are curtailed: each curtailed megawatt shared over the limits that stand in its way.

The rule and its equations: docs/curtailment.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pypsa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from xinzhou_energy.results.operation import (
    PRICE_TOLERANCE,
    available_power,
    capacity,
    coal_plants,
    generators_of,
    solved_power,
    storage_plants,
    variable_renewables,
    zone_power,
)
from xinzhou_energy.results.stored_value import AT_LIMIT_MW, charging_worth

# id, Chinese, English; the last holds where none of the others does
CAUSES: tuple[tuple[str, str, str], ...] = (
    ("market", "市场接纳能力耗尽", "appetite of the buyers exhausted"),
    ("network", "线路限额", "line limit"),
    ("minimum_load", "火电最小出力", "minimum output of thermal plants"),
    ("storage", "储能已满或充电受限", "storage full or charging at its limit"),
    ("connection", "接入或外送限额", "connection or export at its limit"),
    ("economics", "经济性", "price below variable cost"),
)
CAUSE_IDS: tuple[str, ...] = tuple(cause for cause, _, _ in CAUSES)
ECONOMICS = "economics"
MOST_LINKS = 4  # in a row from a bus to a buyer


def curtailment_causes(network: pypsa.Network) -> dict[str, pd.DataFrame]:
    """Share what wind and solar could not give over the causes, cause → power. [MW, (snapshot, generator)]

    Notes
    -----
    Curtailment as shared over the buses where wind and solar set the price (`zone_power`). Share of cause c at bus b
    in hour t: π_c / Σ π, and all to `economics` where every π is 0. The causes add up to the curtailment.
    """
    names = variable_renewables(network)
    unused = (available_power(network, names) - zone_power(network)).clip(lower=0.0)
    bus = network.buses.index.get_indexer(network.generators.bus[names])
    tight = tightness(network)
    total = sum(tight.values(), np.zeros((len(network.snapshots), len(network.buses))))
    power = {}
    for cause in CAUSE_IDS:
        if cause == ECONOMICS:
            share = (total == 0).astype(float)
        else:
            share = np.divide(tight[cause], total, out=np.zeros_like(total), where=total > 0)
        power[cause] = unused * share[:, bus]
    return power


def tightness(network: pypsa.Network) -> dict[str, np.ndarray]:
    """Worth of the best relaxation of each cause's limits by 1 MW, as each bus sees it. [CNY/MWh, (snapshot, bus)]

    Whatever is below `PRICE_TOLERANCE` is noise and 0. `economics` has none.
    """
    reach = Reach.of(network)
    seen = {
        "market": reach.highest(full_buyers(network)),
        "minimum_load": reach.highest(coal_at_minimum(network)),
        "storage": reach.highest(stores_at_limit(network)),
        "connection": reach.highest(full_links(network)),
        "network": reach.across_links(full_lines(network, reach)),
    }
    return {cause: np.where(worth < PRICE_TOLERANCE, 0.0, worth) for cause, worth in seen.items()}


@dataclass(frozen=True)
class Reach:
    """Where a little more power of a bus could go in each hour.

    Over lines to every bus of the same price, for a full line sets prices apart; over links from bus0 to bus1 that are
    not full and lead to a market or to where power is worth as much. `ends`: places of bus0 and bus1 of each link;
    `passes`: [bool, (snapshot, link)]; `groups`: places of the buses that lines join.
    """

    price: np.ndarray
    groups: list[np.ndarray]
    ends: np.ndarray
    passes: np.ndarray

    @classmethod
    def of(cls, network: pypsa.Network) -> Reach:
        """Read prices, lines and links off a solved network."""
        price = network.buses_t.marginal_price[network.buses.index].to_numpy(dtype=float)
        count, part = connected_components(directed(network, network.lines), directed=False)
        groups = [np.flatnonzero(part == number) for number in range(count)]
        links = built_links(network)
        ends = np.array([network.buses.index.get_indexer(links[end]) for end in ("bus0", "bus1")])
        passes = np.zeros((len(price), 0), dtype=bool)
        if not links.empty:
            sells = (network.buses["kind"][links["bus1"]] == "market").to_numpy()  # nobody there has power of his own
            passes = ~are_full(network, links) & (sells | (gain_over(network, links) >= -PRICE_TOLERANCE))
        return cls(price, [group for group in groups if group.size > 1], ends.reshape(2, -1), passes)

    def highest(self, worth: np.ndarray) -> np.ndarray:
        """Return the highest worth that each bus can reach. [unit of worth, (snapshot, bus)]"""
        seen = self.over_lines(worth)
        for _ in range(MOST_LINKS):
            more = self.over_lines(self.across_links(seen))
            if (more <= seen).all():
                break
            seen = more
        return seen

    def over_lines(self, worth: np.ndarray) -> np.ndarray:
        """Take the highest over the buses of the same price that lines lead to."""
        seen = worth.copy()
        for group in self.groups:
            at, mine = self.price[:, group], worth[:, group]
            for bus in group:
                within = np.abs(at - self.price[:, [bus]]) <= PRICE_TOLERANCE
                seen[:, bus] = np.where(within, mine, 0.0).max(axis=1)
        return seen

    def across_links(self, worth: np.ndarray) -> np.ndarray:
        """Take what is seen at the far end of a link that is not full."""
        seen = worth.copy()
        for number, (start, end) in enumerate(self.ends.T):
            beyond = np.where(self.passes[:, number], worth[:, end], 0.0)
            seen[:, start] = np.maximum(seen[:, start], beyond)
        return seen


def full_buyers(network: pypsa.Network) -> np.ndarray:
    """Highest bid less price among the buyers at their hourly limit. [CNY/MWh, (snapshot, bus)]

    Where the hour cuts a ladder of buyers short, more appetite would fill the step that is cut, not those before it; so
    behind a border with a cut step only cut steps count, those cut to nothing among them.
    """
    buyers = generators_of(network, "market")
    buyers = buyers[capacity(buyers) > AT_LIMIT_MW]
    limit = available_power(network, buyers.index)
    bid = -network.get_switchable_as_dense("Generator", "marginal_cost")[buyers.index]
    is_full = (solved_power(network, buyers.index) >= limit - AT_LIMIT_MW).to_numpy(copy=True)
    is_cut = (limit < capacity(buyers) - AT_LIMIT_MW).to_numpy()
    for border in buyers["border"].unique():
        mine = (buyers["border"] == border).to_numpy()
        some_cut = is_cut[:, mine].any(axis=1, keepdims=True)
        is_full[:, mine] &= is_cut[:, mine] | ~some_cut
    return at_own_bus(network, buyers, np.where(is_full, bid - price_of(network, buyers["bus"]), 0.0))


def coal_at_minimum(network: pypsa.Network) -> np.ndarray:
    """Highest cost less price among the coal plants at their minimum output. [CNY/MWh, (snapshot, bus)]

    Gas and biomass run by contract, not at a technical minimum.
    """
    plants = coal_plants(network)
    plants = plants[capacity(plants) > AT_LIMIT_MW]
    least = network.get_switchable_as_dense("Generator", "p_min_pu")[plants.index] * capacity(plants)
    cost = network.get_switchable_as_dense("Generator", "marginal_cost")[plants.index]
    is_low = (solved_power(network, plants.index) <= least + AT_LIMIT_MW) & (least > 0)
    return at_own_bus(network, plants, np.where(is_low, cost - price_of(network, plants["bus"]), 0.0))


def stores_at_limit(network: pypsa.Network) -> np.ndarray:
    """Highest worth of more charging among the stores that are full or charge at their limit. [(snapshot, bus)]"""
    units = storage_plants(network)
    units = units[~units["natural"].to_numpy(dtype=bool)]
    units = units[capacity(units).to_numpy() > AT_LIMIT_MW]
    if units.empty:
        return at_own_bus(network, units, np.zeros((len(network.snapshots), 0)))
    return at_own_bus(network, units, charging_worth(network, units))


def full_links(network: pypsa.Network) -> np.ndarray:
    """Highest worth of sending more over a full link, at its bus0. [CNY/MWh, (snapshot, bus)]

    Every link is a connection or an export; inside the city power flows over lines.
    """
    links = built_links(network)
    if links.empty:
        return np.zeros((len(network.snapshots), len(network.buses)))
    worth = np.where(are_full(network, links), gain_over(network, links), 0.0)
    return at_own_bus(network, links.assign(bus=links["bus0"]), worth)


def gain_over(network: pypsa.Network, links: pd.DataFrame) -> np.ndarray:
    """What a megawatt-hour more over each link would bring: price there less charge and price here. [CNY/MWh]"""
    charge = network.get_switchable_as_dense("Link", "marginal_cost")[links.index].to_numpy()
    arrives = network.get_switchable_as_dense("Link", "efficiency")[links.index].to_numpy()
    return np.asarray(price_of(network, links["bus1"]) * arrives - charge - price_of(network, links["bus0"]))


def are_full(network: pypsa.Network, links: pd.DataFrame) -> np.ndarray:
    """Say which links carry all they can. [bool, (snapshot, link)]"""
    limit = network.get_switchable_as_dense("Link", "p_max_pu")[links.index] * capacity(links)
    return np.asarray(network.links_t.p0[links.index] >= limit - AT_LIMIT_MW)


def full_lines(network: pypsa.Network, reach: Reach) -> np.ndarray:
    """Highest price that lines lead to less the price here; lines that limit are full. [CNY/MWh, (snapshot, bus)]"""
    worth = np.zeros((len(network.snapshots), len(network.buses)))
    for group in reach.groups:
        at = reach.price[:, group]
        worth[:, group] = at.max(axis=1, keepdims=True) - at
    return worth


def built_links(network: pypsa.Network) -> pd.DataFrame:
    """Return the links of some size: an open one that was not built stands in nobody's way."""
    links: pd.DataFrame = network.links
    return links if links.empty else links[capacity(links) > AT_LIMIT_MW]


def price_of(network: pypsa.Network, bus: pd.Series) -> np.ndarray:
    """Price at the bus of each component. [CNY/MWh, (snapshot, component)]"""
    return np.asarray(network.buses_t.marginal_price[bus].to_numpy())


def at_own_bus(network: pypsa.Network, components: pd.DataFrame, worth: np.ndarray) -> np.ndarray:
    """Highest worth at each bus, at least 0. [unit of worth, (snapshot, component) → (snapshot, bus)]"""
    highest = np.zeros((len(network.snapshots), len(network.buses)))
    for column, bus in enumerate(network.buses.index.get_indexer(components["bus"])):
        np.maximum(highest[:, bus], worth[:, column], out=highest[:, bus])
    return highest


def directed(network: pypsa.Network, branches: pd.DataFrame) -> coo_array:
    """Return the matrix of branches from bus0 to bus1. [(bus, bus)]"""
    count = len(network.buses)
    ends = [network.buses.index.get_indexer(branches[end]) if len(branches) else [] for end in ("bus0", "bus1")]
    return coo_array((np.ones(len(branches)), (np.asarray(ends[0], int), np.asarray(ends[1], int))), (count, count))
