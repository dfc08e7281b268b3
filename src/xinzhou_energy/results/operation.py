"""What the solved network did, hour by hour: weights, available and dispatched power, exports, prices. All in MW.

Wind and solar at one bus with one cost are interchangeable to the optimum, so the split that the solver returns is
arbitrary. Here it is shared in proportion to what was available.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import pypsa

VARIABLE_CARRIERS: tuple[str, ...] = ("onwind", "solar")
SPRING = (3, 4, 5)
MIDDAY = range(10, 16)
EVENING = range(17, 22)
WINTER = (12, 1, 2)
PRICE_TOLERANCE = 0.05  # CNY/MWh: below any step of cost in the model, above the solver's noise in prices


def energy_weight(network: pypsa.Network) -> pd.Series:
    """Hours of the year that each snapshot stands for, for energies. [h, (snapshot,)]"""
    return cast("pd.Series", network.snapshot_weightings["generators"])


def cost_weight(network: pypsa.Network) -> pd.Series:
    """Hours of the year that each snapshot stands for, for costs. [h, (snapshot,)]"""
    return cast("pd.Series", network.snapshot_weightings["objective"])


def weighted_sum(hourly: pd.DataFrame, weight: pd.Series) -> pd.Series:
    """Sum over the year: Σ_t w_t x_t. [unit of x times h, (component,)]"""
    return pd.Series(weight.to_numpy() @ hourly.to_numpy(dtype=float), index=hourly.columns, dtype=float)


def generators_of(network: pypsa.Network, kind: str) -> pd.DataFrame:
    """Return the generators of one kind: plant, market, load_shedding or must_run_slack."""
    return cast("pd.DataFrame", network.generators[network.generators["kind"] == kind])


def coal_plants(network: pypsa.Network) -> pd.DataFrame:
    """Return the coal plants."""
    plants = generators_of(network, "plant")
    return plants[plants["carrier"] == "coal"]


def storage_plants(network: pypsa.Network) -> pd.DataFrame:
    """Return the storage units with a column `natural`: fed by a river, so its output is generation."""
    units = network.storage_units
    if units.empty:  # a network without storage lacks our columns on them
        return pd.DataFrame(columns=units.columns.union(network.generators.columns)).assign(
            natural=pd.Series(dtype=bool)
        )
    inflow = network.get_switchable_as_dense("StorageUnit", "inflow")
    return cast("pd.DataFrame", units.assign(natural=(inflow > 0).any().reindex(units.index).astype(bool)))


def capacity(components: pd.DataFrame) -> pd.Series:
    """Size of generators, storage units or links: the optimum where it was open, `p_nom` otherwise. [MW]"""
    size = components["p_nom_opt"].where(components["p_nom_extendable"].astype(bool), components["p_nom"])
    return cast("pd.Series", size.astype(float))


def available_power(network: pypsa.Network, names: pd.Index) -> pd.DataFrame:
    """Power the generators could have given. [MW, (snapshot, generator)]

    Notes
    -----
    a = p_max_pu · p_nom_opt.
    """
    per_unit = network.get_switchable_as_dense("Generator", "p_max_pu")[names]
    return cast("pd.DataFrame", per_unit * capacity(network.generators.loc[names]))


def solved_power(network: pypsa.Network, names: pd.Index) -> pd.DataFrame:
    """Power of generators as the solver returned it, positive for buyers too. [MW, (snapshot, generator)]"""
    return cast("pd.DataFrame", network.generators_t.p.reindex(columns=names, fill_value=0.0))


def share_pro_rata(available: pd.DataFrame, dispatched: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Share what each group dispatched among its members in proportion to what they had available.

    Parameters
    ----------
    available, dispatched
        [MW, (snapshot, generator)], same columns; dispatched ≤ available.
    group
        Index generator: members with the same entry are interchangeable.

    Returns
    -------
    DataFrame, (snapshot, generator)
        Same sum over each group and snapshot as `dispatched`; every member of a group used to the same share. [MW]
    """
    codes, _ = pd.factorize(group.loc[available.columns])
    members = np.eye(int(codes.max(initial=-1)) + 1)[codes]
    have, gave = available.to_numpy(dtype=float), dispatched.to_numpy(dtype=float)
    had = have @ members
    used = np.divide(gave @ members, had, out=np.zeros_like(had), where=had > 0)
    return pd.DataFrame(have * used[:, codes], index=available.index, columns=available.columns)


def variable_renewables(network: pypsa.Network) -> pd.Index:
    """Return the names of the curtailable wind and solar generators."""
    plants = generators_of(network, "plant")
    return plants.index[plants["carrier"].isin(VARIABLE_CARRIERS)]


def cost_group(network: pypsa.Network, names: pd.Index) -> pd.Series:
    """Return a key per generator: the same bus and the same marginal cost in every hour."""
    cost = network.get_switchable_as_dense("Generator", "marginal_cost")[names].round(6)
    keys = [(bus, cost[name].to_numpy().tobytes()) for name, bus in network.generators.bus[names].items()]
    return pd.Series(pd.factorize(pd.Series(keys, dtype=object))[0], index=names)


def plant_power(network: pypsa.Network) -> pd.DataFrame:
    """Output of the plants that are generators; wind and solar shared pro rata. [MW, (snapshot, generator)]"""
    power = solved_power(network, generators_of(network, "plant").index).copy()
    names = variable_renewables(network)
    power[names] = share_pro_rata(available_power(network, names), power[names], cost_group(network, names))
    return power


def zone_power(network: pypsa.Network) -> pd.DataFrame:
    """Output of wind and solar, shared over all buses where they set the price. [MW, (snapshot, generator)]

    Where no line binds, nodal prices are equal and it is arbitrary in which county the solver curtails. Members of a
    group in one hour: generators of one marginal cost that set the price at their bus (|price - cost| ≤ 0.05 CNY/MWh).
    All others are fully used or fully curtailed by their price, and keep their value.
    """
    names = variable_renewables(network)
    shared = plant_power(network)[names]
    have = available_power(network, names)
    cost = network.get_switchable_as_dense("Generator", "marginal_cost")[names].to_numpy().round(6)
    price = network.buses_t.marginal_price[network.generators.bus[names]].to_numpy()
    marginal = np.abs(price - cost) <= PRICE_TOLERANCE
    result = shared.to_numpy().copy()
    for value in np.unique(cost[marginal]):
        member = marginal & (cost == value)
        had = np.where(member, have, 0.0).sum(axis=1)
        gave = np.where(member, result, 0.0).sum(axis=1)
        used = np.divide(gave, had, out=np.zeros_like(had), where=had > 0)
        result = np.where(member, have.to_numpy() * used[:, None], result)
    return pd.DataFrame(result, index=shared.index, columns=names)


def load_power(network: pypsa.Network) -> pd.DataFrame:
    """Demand of each load. [MW, (snapshot, load)]"""
    return cast("pd.DataFrame", network.get_switchable_as_dense("Load", "p_set"))


def load_by_bus(network: pypsa.Network) -> pd.DataFrame:
    """Demand of each bus with load. [MW, (snapshot, bus)]"""
    return load_power(network).T.groupby(network.loads.bus).sum().T


def city_price(network: pypsa.Network) -> pd.Series:
    """Price at the city: mean over the county buses, weighted by their load. [CNY/MWh, (snapshot,)]"""
    load = load_by_bus(network)
    price = network.buses_t.marginal_price[load.columns]
    total = load.sum(axis=1)
    return cast("pd.Series", ((load * price).sum(axis=1) / total.where(total > 0)).fillna(price.mean(axis=1)))


def exports_delivered(network: pypsa.Network) -> pd.DataFrame:
    """What the buyers behind each border take. [MW, (snapshot, border)]"""
    buyers = generators_of(network, "market")
    return solved_power(network, buyers.index).T.groupby(buyers["border"]).sum().T


def exports_sent(network: pypsa.Network) -> pd.DataFrame:
    """What leaves the city at its own end of each border. [MW, (snapshot, border)]

    Notes
    -----
    sent = taken by the buyers + losses of the links with that border, p0 + p1. AC lines are without loss here, so this
    is the flow at the city's end however many links and lines lie between.
    """
    delivered = exports_delivered(network)
    lost = exports_lost(network).reindex(columns=delivered.columns, fill_value=0.0)
    return delivered + lost


def exports_lost(network: pypsa.Network) -> pd.DataFrame:
    """Losses of the links of each border. [MW, (snapshot, border)]"""
    if network.links.empty:
        return pd.DataFrame(index=network.snapshots)
    lost = network.links_t.p0 + network.links_t.p1
    return cast("pd.DataFrame", lost.T.groupby(network.links["border"]).sum().T)


def in_hours(index: pd.Index, months: tuple[int, ...], hours: range) -> np.ndarray:
    """Mark the snapshots that begin in these months and hours of the day. [bool, (snapshot,)]"""
    when = pd.DatetimeIndex(index)
    return np.asarray(when.month.isin(months) & when.hour.isin(hours))
