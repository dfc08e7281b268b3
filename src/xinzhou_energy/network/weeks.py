"""A year cut to representative weeks: real weeks chosen by tsam, weighted so that the year's means are kept.

In: a full-year network. Out: the same network on n weeks of 168 h. `snapshot_weightings`: objective and generators hold
the week's weight, stores holds 1, so that a storage level moves by real hours. The chain of levels runs through the
weeks; the constraint `week_storage` makes each week end where it began, and no ramp limit crosses a border.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
import tsam
from scipy.optimize import lsq_linear

HOURS_PER_WEEK = 168
LIGHTEST = 0.25  # a week keeps at least a quarter of its equal share, so that none is there for show


def cut_to_weeks(network: pypsa.Network, weeks: int) -> pypsa.Network:
    """Return a copy of a full-year network on `weeks` representative weeks.

    `meta["weeks"]` holds the first hour and weight of each week and the error of each mean that was matched.
    """
    signals = weekly_signals(network)
    chosen = choose_weeks(signals, weeks)
    weights, errors = fit_weights(signals, chosen, hours=float(len(network.snapshots)))
    starts = chosen * HOURS_PER_WEEK
    hours = np.concatenate([np.arange(start, start + HOURS_PER_WEEK) for start in starts])
    short = network.copy(snapshots=network.snapshots[hours])
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


def weekly_signals(network: pypsa.Network) -> pd.DataFrame:
    """Hourly sums that a year is judged by, in MW; the price of the market in CNY/MWh.

    `surplus` is what must be curtailed before storage helps: wind, solar, inflow and must-run output above load and
    appetite. It is rare and steep, so the plain means alone would miss the year's curtailment.
    """
    generators = network.generators
    size = generators.p_nom.where(~generators.p_nom_extendable, generators.p_nom_max)
    available = network.get_switchable_as_dense("Generator", "p_max_pu") * size
    least = network.get_switchable_as_dense("Generator", "p_min_pu") * size
    of_carrier = {carrier: generators.index[generators.carrier == carrier] for carrier in ("onwind", "solar")}
    step = generators.index[generators.kind == "market"]
    load = network.loads_t.p_set.sum(axis=1)
    inflow = network.storage_units_t.inflow.sum(axis=1)
    appetite = available[step].sum(axis=1)
    standing = available[generators.index[~generators.p_nom_extendable & generators.carrier.isin(list(of_carrier))]]
    surplus = (standing.sum(axis=1) + inflow + least.sum(axis=1) - load - appetite).clip(lower=0)
    signals = pd.DataFrame(
        {
            "onwind": available[of_carrier["onwind"]].sum(axis=1),
            "solar": available[of_carrier["solar"]].sum(axis=1),
            "load": load,
            "inflow": inflow,
            "appetite": appetite,
            "price": -network.generators_t.marginal_cost[step].mean(axis=1),
            "surplus": surplus,
        },
        index=network.snapshots,
    )
    return signals.loc[:, signals.mean() > 0]


def choose_weeks(signals: pd.DataFrame, weeks: int) -> np.ndarray:
    """Return the numbers of the medoid weeks, in calendar order. [(weeks,)]"""
    whole = signals.iloc[: len(signals) // HOURS_PER_WEEK * HOURS_PER_WEEK]
    result = tsam.aggregate(whole, n_clusters=weeks, period_duration=HOURS_PER_WEEK, preserve_column_means=False)
    return np.sort(np.asarray(result.clustering.cluster_centers, dtype=int))


def fit_weights(signals: pd.DataFrame, chosen: np.ndarray, *, hours: float) -> tuple[np.ndarray, dict[str, float]]:
    """Weigh the weeks so that their means come as close to the year's as the weeks allow.

    Returns
    -------
    ndarray, (weeks,)
        How often each week stands; 168 times their sum is the year's hours.
    dict
        Relative error of each mean that is left.
    """
    whole = len(signals) // HOURS_PER_WEEK
    by_week = signals.iloc[: whole * HOURS_PER_WEEK].groupby(np.arange(whole * HOURS_PER_WEEK) // HOURS_PER_WEEK).mean()
    relative = (by_week.loc[chosen] / signals.mean()).to_numpy().T  # (signals, weeks)
    total = hours / HOURS_PER_WEEK
    share = 1 / len(chosen)
    together = 1e3  # the hours of the year come first
    system = np.vstack([relative, np.full((1, len(chosen)), together)])
    target = np.append(np.ones(len(relative)), together)
    fit = lsq_linear(system, target, bounds=(LIGHTEST * share, 1.0))
    shares = fit.x / fit.x.sum()
    errors = {str(name): float(value) for name, value in zip(by_week.columns, relative @ shares - 1, strict=True)}
    return shares * total, errors


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
