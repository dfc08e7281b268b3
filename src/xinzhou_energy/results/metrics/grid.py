"""How hard lines and links work."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.measure import labelled
from xinzhou_energy.results.operation import capacity, energy_weight
from xinzhou_energy.results.registry import metric

AT_LIMIT = 0.999  # of the limit


@metric({"line_loading": "%", "line_hours_at_limit": "h"})
def line_loading(network: pypsa.Network) -> pd.DataFrame:
    """Flow over limit of each line (`component`), mean and highest, and hours at 99.9 % or more. [%, h]

    Notes
    -----
    |p0| / (s_max_pu s_nom_opt).
    """
    lines = network.lines
    if lines.empty:
        return labelled("line_loading", "mean", pd.Series(dtype=float), "component")
    size = lines["s_nom_opt"].where(lines["s_nom_extendable"].astype(bool), lines["s_nom"])
    limit = network.get_switchable_as_dense("Line", "s_max_pu") * size
    return _loading("line", network.lines_t.p0[lines.index].abs() / limit, energy_weight(network))


@metric({"link_loading": "%", "link_hours_at_limit": "h"})
def link_loading(network: pypsa.Network) -> pd.DataFrame:
    """Power over limit of each link (`component`), mean and highest, and hours at 99.9 % or more. [%, h]

    Notes
    -----
    p0 / (p_max_pu p_nom_opt); hours in which a link may carry nothing do not count.
    """
    links = network.links
    if links.empty:
        return labelled("link_loading", "mean", pd.Series(dtype=float), "component")
    limit = network.get_switchable_as_dense("Link", "p_max_pu") * capacity(links)
    return _loading("link", network.links_t.p0[links.index].abs() / limit.where(limit > 0), energy_weight(network))


def _loading(branch: str, loading: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    """Return mean, maximum and hours at the limit of a loading. [per unit, (snapshot, branch)]"""
    hours = weight.to_numpy()
    filled = loading.fillna(0.0)
    mean = pd.Series(hours @ filled.to_numpy() / hours.sum(), index=loading.columns)
    full = pd.Series(hours @ np.asarray(filled >= AT_LIMIT), index=loading.columns)
    return pd.concat(
        [
            labelled(f"{branch}_loading", "mean", 100 * mean, "component"),
            labelled(f"{branch}_loading", "max", 100 * filled.max(), "component"),
            labelled(f"{branch}_hours_at_limit", "sum", full, "component"),
        ]
    )
