"""A year cut to representative weeks: real weeks chosen by tsam, weighted so that the year's means are kept.

In: a full-year network. Out: the same network on n weeks of 168 h. `snapshot_weightings`: objective and generators hold
the week's weight, stores holds 1, so that a storage level moves by real hours. The chain of levels runs through the
weeks; the constraint `week_storage` makes each week end where it began, and no ramp limit crosses a border.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pypsa
import tsam
from scipy.optimize import lsq_linear

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.commitments import commitments_in
from xinzhou_energy.network.market import absorption_cap
from xinzhou_energy.scenario.commitments import UPGRADE

HOURS_PER_WEEK = 168
LIGHTEST = 0.25  # a week keeps at least a quarter of its equal share, so that none is there for show


def cut_to_weeks(network: pypsa.Network, data: GridData, weeks: int) -> pypsa.Network:
    """Return a copy of a full-year network on `weeks` representative weeks.

    The choice looks neither at `market: frozen | tight` nor at what the commitments add, so that both markets, and a
    scenario with and without a commitment, see the same weeks.

    `meta["weeks"]` holds the first hour and weight of each week and the error of each mean that was matched.
    """
    signals = weekly_signals(network, data)
    chosen = choose_weeks(signals, weeks)
    weights, errors = fit_weights(signals, chosen, hours=float(len(network.snapshots)))
    starts = chosen * HOURS_PER_WEEK
    hours = np.concatenate([np.arange(start, start + HOURS_PER_WEEK) for start in starts])
    short = network.copy()  # whole, then cut: a hundred times faster than `copy(snapshots=...)`
    short.set_snapshots(network.snapshots[hours])
    per_hour = np.repeat(weights, HOURS_PER_WEEK)
    short.snapshot_weightings["objective"] = per_hour
    short.snapshot_weightings["generators"] = per_hour
    short.snapshot_weightings["stores"] = 1.0
    free_ramps_at(short, short.snapshots[::HOURS_PER_WEEK])
    short.meta = {
        **network.meta,
        "weeks": {
            "starts": [str(network.snapshots[start]) for start in starts],
            "weights": [float(weight) for weight in weights],
            "mean_errors": errors,
        },
    }
    return short


def weekly_signals(network: pypsa.Network, data: GridData) -> pd.DataFrame:
    """Hourly sums that a year is judged by, in MW; the price of the market in CNY/MWh.

    `surplus` is what must be curtailed before storage helps: wind, solar, inflow and must-run output above load and
    appetite. It is rare and steep, so the plain means alone would miss the year's curtailment.
    """
    owner = network.generators.commitment
    fleet = network.generators[(network.generators.kind == "plant") & owner.isin(["", UPGRADE])]
    size = fleet.p_nom.where(~fleet.p_nom_extendable, fleet.p_nom_max.where(fleet.commitment == "", 0.0))
    available = network.get_switchable_as_dense("Generator", "p_max_pu")[fleet.index] * size
    least = network.get_switchable_as_dense("Generator", "p_min_pu")[before_upgrade(fleet)].to_numpy() * size.to_numpy()
    wind = available[fleet.index[fleet.carrier == "onwind"]].sum(axis=1)
    sun = available[fleet.index[fleet.carrier == "solar"]].sum(axis=1)
    load = network.loads_t.p_set[lasting_loads(network)].sum(axis=1)
    inflow = network.storage_units_t.inflow.sum(axis=1)
    appetite = pd.Series(absorption_cap(data, dict(data.calibration)), index=network.snapshots)
    to_bth = network.links_t.p_max_pu["RS_BTH"] * network.links.p_nom["RS_BTH"]
    surplus = (wind + sun + inflow + least.sum(axis=1) - load - appetite - to_bth).clip(lower=0)
    signals = pd.DataFrame(
        {
            "onwind": wind,
            "solar": sun,
            "load": load,
            "inflow": inflow,
            "appetite": appetite,
            "price": data.profiles["market_price"].to_numpy(),
            "surplus": surplus,
        },
        index=network.snapshots,
    )
    return signals.loc[:, signals.mean() > 0]


def before_upgrade(fleet: pd.DataFrame) -> list[str]:
    """Return for each plant the name whose minimum output counts: an upgraded part's is that of the part as it is."""
    names = [str(name) for name in fleet.index]
    if "upgrade_of" not in fleet:
        return names
    twins = fleet["upgrade_of"].fillna("").astype(str)
    return [twin or name for twin, name in zip(twins, names, strict=True)]


def lasting_loads(network: pypsa.Network) -> list[str]:
    """Return the loads that no commitment adds: those of the counties, and blocks' that moved out of a county."""
    moved = [name for name, each in commitments_in(network).items() if each.block is not None and each.block.load_moved]
    return [str(name) for name in network.loads.index[network.loads["commitment"].isin(["", *moved])]]


def choose_weeks(signals: pd.DataFrame, weeks: int) -> np.ndarray:
    """Return the numbers of the chosen weeks, in calendar order. [(weeks,)]

    tsam proposes the medoids of weeks that are alike in their duration curves; single weeks are then exchanged as long
    as that brings the plain means closer to the year's.
    """
    relative = relative_means(signals)
    whole = signals.iloc[: len(relative) * HOURS_PER_WEEK]
    alike = tsam.ClusterConfig(method="hierarchical", use_duration_curves=True)
    proposal = tsam.aggregate(
        whole, n_clusters=weeks, period_duration=HOURS_PER_WEEK, preserve_column_means=False, cluster=alike
    )
    chosen = np.sort(np.asarray(proposal.clustering.cluster_centers, dtype=int))
    best = distance(relative, chosen)
    improved = True
    while improved:
        improved = False
        for place, week in product(range(weeks), range(len(relative))):
            if week in chosen:
                continue
            trial = np.sort(np.where(np.arange(weeks) == place, week, chosen))
            if (found := distance(relative, trial)) < best - 1e-12:
                chosen, best, improved = trial, found, True
    return chosen


def relative_means(signals: pd.DataFrame) -> np.ndarray:
    """Mean of each signal in each whole week over its mean of the year. [(week, signal)]"""
    whole = len(signals) // HOURS_PER_WEEK
    by_week = signals.to_numpy()[: whole * HOURS_PER_WEEK].reshape(whole, HOURS_PER_WEEK, -1).mean(axis=1)
    return np.asarray(by_week / signals.mean().to_numpy())


def distance(relative: np.ndarray, chosen: np.ndarray) -> float:
    """How far the equally weighted means of some weeks are from the year's. [-]"""
    return float(((relative[chosen].mean(axis=0) - 1) ** 2).sum())


def fit_weights(signals: pd.DataFrame, chosen: np.ndarray, *, hours: float) -> tuple[np.ndarray, dict[str, float]]:
    """Weigh the weeks so that their means come as close to the year's as the weeks allow.

    Returns
    -------
    ndarray, (weeks,)
        How often each week stands; 168 times their sum is the year's hours.
    dict
        Relative error of each mean that is left.
    """
    relative = relative_means(signals)[chosen].T  # (signals, weeks)
    share = 1 / len(chosen)
    together = 1e3  # the hours of the year come first
    system = np.vstack([relative, np.full((1, len(chosen)), together)])
    target = np.append(np.ones(len(relative)), together)
    fit = lsq_linear(system, target, bounds=(LIGHTEST * share, 1.0))
    shares = fit.x / fit.x.sum()
    errors = {str(name): float(value) for name, value in zip(signals.columns, relative @ shares - 1, strict=True)}
    return shares * hours / HOURS_PER_WEEK, errors


def free_ramps_at(network: pypsa.Network, starts: pd.Index) -> None:
    """Drop the ramp limits of the first hour of each week: the hour before it is another season."""
    for attribute in ("ramp_limit_up", "ramp_limit_down"):
        limited = network.generators[attribute].dropna()
        series = pd.DataFrame(
            np.tile(limited.to_numpy(), (len(network.snapshots), 1)),
            index=network.snapshots,
            columns=limited.index,
        )
        series.loc[starts] = np.nan
        network.generators_t[attribute] = series
