"""Re-solve a stored run with PyPSA alone: `python vanilla_quick.py RUN_FOLDER` prints objectives and energies.

Imports nothing of ours on purpose: it is what a reviewer would write to check us.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pandas as pd
import pypsa

logging.disable(logging.WARNING)
pypsa.options.api.legacy_string_dtype = False


def resolve(folder: Path, *, with_rows: bool) -> dict[str, float]:
    """Solve the dispatch of a run, with or without the rows of its constraints.parquet."""
    network = pypsa.Network(folder / "network.nc")
    model = network.optimize.create_model(include_objective_constant=False)
    rows = pd.read_parquet(folder / "constraints.parquet")
    rows = rows[rows["stage"] == "dispatch"]
    if with_rows:
        for name, terms in rows.groupby("id"):
            left = sum(
                term.coefficient * model.variables[term.variable].sel(name=term.name_, snapshot=term.snapshot)
                for term in terms.rename(columns={"name": "name_"}).itertuples()
            )
            model.add_constraints(left, terms["sense"].iloc[0], terms["rhs"].iloc[0], name=str(name))
    status = network.optimize.solve_model(solver_name="highs", solver="simplex", log_to_console=False)
    assert status == ("ok", "optimal")
    weight = network.snapshot_weightings["generators"]
    energy = network.generators_t.p.mul(weight, axis=0).sum()
    carrier = network.generators["carrier"]
    variable = energy[carrier.isin(["onwind", "solar"])].sum()
    available = network.generators_t.p_max_pu * network.generators["p_nom"]
    potential = available[carrier.index[carrier.isin(["onwind", "solar"])]].mul(weight, axis=0).sum().sum()
    coal = energy[carrier == "coal"]
    return {
        "objective": float(network.objective),
        "wind_and_solar_mwh": float(variable),
        "curtailed_mwh": float(potential - variable),
        "coal_mwh": float(coal.sum()),
        "outflow_mwh": float(network.links_t.p0.mul(weight, axis=0).sum().sum()),
        "co2_t": float((energy * network.generators["co2_intensity"]).sum()),
        "rows": float(rows["id"].nunique()),
    }


if __name__ == "__main__":
    run = Path(sys.argv[1])
    print(json.dumps({"free": resolve(run, with_rows=False), "ours": resolve(run, with_rows=True)}))  # noqa: T201
