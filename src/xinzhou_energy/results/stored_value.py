"""What one more megawatt-hour in a store is worth, read from prices: PyPSA keeps no dual of the energy balance.

The hours of a store are a chain of levels. Energy put in now may be used in a later hour unless the store is full in
between, and may repay an earlier discharge unless it is empty in between. The best of these uses is the least value
that fits the prices and the operation, so it is what more room would really bring (docs/curtailment.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.operation import capacity

AT_LIMIT_MW = 0.01  # MW or MWh: above the solver's noise, below anything that matters


@dataclass(frozen=True)
class StoreHours:
    """Operation of the stores, each array (snapshot, store): prices [CNY/MWh], use of limits [bool]."""

    price: np.ndarray
    best_use: np.ndarray
    is_full: np.ndarray
    is_empty: np.ndarray
    charges_at_limit: np.ndarray


def charging_worth(network: pypsa.Network, units: pd.DataFrame) -> np.ndarray:
    """Worth of charging one megawatt more where a limit of the store forbids it, 0 elsewhere. [CNY/MWh]

    Parameters
    ----------
    units
        Storage units without inflow, columns as in the network.

    Returns
    -------
    ndarray, (snapshot, store)
        max(η v - λ, 0) with v the value of the energy: where the store charges at its limit, that of the hour; where it
        is full, or will be before that energy is used, that after the spell in which it is full, as if the reservoir
        were larger for the spell. So it does not matter in which of several cheap hours the solver fills the store.
    """
    hours = store_hours(network, units)
    follows = next_follows(network, units)
    value = least_value(hours, follows)
    ends_spell = hours.is_full & ~np.roll(hours.is_full, -1, axis=0) & follows
    after_spell = np.where(ends_spell, np.roll(value, -1, axis=0), -np.inf)
    held_back = carried(after_spell, follows & ~ends_spell, back=True)
    best = np.maximum(np.where(hours.charges_at_limit, value, -np.inf), held_back)
    worth = units["efficiency_store"].to_numpy(dtype=float) * best - hours.price
    return np.asarray(worth.clip(min=0.0))


def store_hours(network: pypsa.Network, units: pd.DataFrame) -> StoreHours:
    """Read the operation of stores. `best_use`: worth of the next MWh from the store within each hour, at least."""
    names = units.index
    size = capacity(units).to_numpy()
    price = network.buses_t.marginal_price[units["bus"]].to_numpy()
    gives, takes, level = (
        network.storage_units_t[attribute].reindex(columns=names, fill_value=0.0).to_numpy()
        for attribute in ("p_dispatch", "p_store", "state_of_charge")
    )
    highest, lowest = (
        network.get_switchable_as_dense("StorageUnit", attribute)[names].to_numpy() * size
        for attribute in ("p_max_pu", "p_min_pu")
    )
    fee = network.get_switchable_as_dense("StorageUnit", "marginal_cost")[names].to_numpy()
    from_more_discharge = units["efficiency_dispatch"].to_numpy() * (price - fee)
    from_less_charge = price / units["efficiency_store"].to_numpy()
    best_use = np.maximum(
        np.where(gives < highest - AT_LIMIT_MW, from_more_discharge, -np.inf),
        np.where(takes > AT_LIMIT_MW, from_less_charge, -np.inf),
    )
    return StoreHours(
        price=price,
        best_use=best_use,
        is_full=level >= size * units["max_hours"].to_numpy() - AT_LIMIT_MW,
        is_empty=level <= AT_LIMIT_MW,
        charges_at_limit=takes >= -lowest - AT_LIMIT_MW,
    )


def next_follows(network: pypsa.Network, units: pd.DataFrame) -> np.ndarray:
    """Tell whether energy can be kept from each hour to the next row of the table. [bool, (snapshot, store)]

    Not from one representative week to the next; from the last hour to the first where the year is cyclic.
    """
    starts = network.meta.get("weeks", {}).get("starts", [])
    begins = np.asarray(network.snapshots.isin(pd.DatetimeIndex(starts)))
    follows = np.repeat(~np.roll(begins, -1)[:, None], len(units), axis=1)
    follows[-1] &= units["cyclic_state_of_charge"].to_numpy(dtype=bool)
    return follows


def least_value(hours: StoreHours, follows: np.ndarray) -> np.ndarray:
    """Value of energy at the end of each hour: its best use that no limit is in the way of. [CNY/MWh of stored energy]

    Notes
    -----
    v_t = highest u_k of the hours k with no full hour in t ... k-1 (later use) or no empty hour in k ... t-1 (earlier
    use). These are the duals' own conditions, v_t ≥ u_t, v_t ≥ v_t+1 unless full, v_t+1 ≥ v_t unless empty, at their
    least.
    """
    later = carried(hours.best_use, follows & ~hours.is_full, back=True)
    earlier = carried(hours.best_use, follows & ~hours.is_empty, back=False)
    return np.asarray(np.maximum(later, earlier))


def carried(value: np.ndarray, passes: np.ndarray, *, back: bool) -> np.ndarray:
    """Highest value that reaches each hour along its chain of hours.

    Parameters
    ----------
    value
        Of each hour, any unit. [(snapshot, store)]
    passes
        Whether a value may pass between an hour and the next one; the last hour is followed by the first.
        [bool, (snapshot, store)]
    back
        True: values move from later hours to earlier ones.
    """
    count = len(value)
    twice = np.tile(value, (2, 1))  # once more round the year, for what passes its end
    joined = np.tile(np.roll(passes, 1, axis=0), (2, 1))  # with the hour before
    if back:
        twice, joined = twice[::-1], np.roll(joined[::-1], 1, axis=0)
    joined[0] = False
    chain = np.cumsum(~joined.T.ravel())
    reached = pd.Series(twice.T.ravel()).groupby(chain).cummax().to_numpy().reshape(-1, 2 * count).T
    return np.asarray(reached[::-1][:count] if back else reached[count:])
