"""Sizes that are open: asked for, bounded and fixed, whatever the kind of component."""

from __future__ import annotations

import pandas as pd
import pypsa

SIZED = ("generators", "storage_units", "links")


def open_sizes(network: pypsa.Network) -> pd.DataFrame:
    """Return `p_nom_min` and `p_nom_max` [MW] of every component whose size is open; names are unique."""
    tables = [getattr(network, name) for name in SIZED]
    taken = [table.loc[table["p_nom_extendable"].astype(bool), ["p_nom_min", "p_nom_max"]] for table in tables]
    return pd.DataFrame(pd.concat([part for part in taken if not part.empty] or taken[:1]))


def is_open(network: pypsa.Network) -> bool:
    """Say whether any size is open."""
    return not open_sizes(network).empty


def fix_sizes(network: pypsa.Network) -> None:
    """Turn the sizes found into given ones; interior point leaves them a hair outside their bounds."""
    for name in SIZED:
        table = getattr(network, name)
        names = table.index[table["p_nom_extendable"].astype(bool)]
        limits = table.loc[names, ["p_nom_min", "p_nom_max"]]
        table.loc[names, "p_nom"] = table.loc[names, "p_nom_opt"].clip(limits["p_nom_min"], limits["p_nom_max"])
        table.loc[names, "p_nom_extendable"] = False
