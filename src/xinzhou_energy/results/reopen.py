"""Open a stored run as plain PyPSA and linopy, with the rows that vanilla PyPSA does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import linopy
import pandas as pd
import pypsa

from xinzhou_energy.formulation.rows import ROW_COLUMNS, apply_rows
from xinzhou_energy.results.store import verify


def reopen(folder: Path, *, capacities: Literal["fixed", "free"] = "fixed") -> tuple[pypsa.Network, linopy.Model]:
    """Rebuild the model of a stored run; `network.optimize.solve_model(...)` solves it.

    Parameters
    ----------
    folder
        `results/<scenario>/<run>`.
    capacities
        `fixed`: the dispatch of the sited capacities. `free`: what was `sited` is open again within its limits, and the
        rows on capacities are in force too.

    Returns
    -------
    pypsa.Network, linopy.Model
        The model is `network.model`; do not call `network.optimize()`, which builds a new one without our rows.

    Raises
    ------
    ResultError
        If the run is incomplete or altered.
    """
    verify(folder)
    network = open_network(folder / "network.nc")
    rows = pd.read_parquet(folder / "constraints.parquet", columns=list(ROW_COLUMNS))
    if capacities == "free":
        for table in (network.generators, network.storage_units, network.links):
            if not table.empty:
                table.loc[table["sited"].astype(bool), "p_nom_extendable"] = True
    else:
        rows = rows[rows["stage"] == "dispatch"]
    model = network.optimize.create_model(include_objective_constant=False)
    apply_rows(model, rows)
    return network, model


def open_network(path: Path) -> pypsa.Network:
    """Read `network.nc`."""
    # PyPSA 1.4 warns once unless told how to keep texts
    with pypsa.option_context("api.legacy_string_dtype", False):
        return pypsa.Network(path)
