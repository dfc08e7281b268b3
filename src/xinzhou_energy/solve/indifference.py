"""How far each county's new capacity may move before the plan costs noticeably more.

By convexity the cost of moving capacity from the optimum x* to x is at least g (x - x*), with g the slope of total
cost in each county's capacity. The range below uses that lower bound, so it is an outer range:
nothing outside it is within the tolerance; what lies inside may cost a little more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
from scipy.optimize import linprog

TOLERANCE = 0.03  # of the yearly cost of the sited capacity: "indifferent within 3 %"


def siting_range(network: pypsa.Network, rows: pd.DataFrame) -> pd.DataFrame:
    """Lowest and highest capacity of each sited generator within `TOLERANCE` of the optimum.

    Parameters
    ----------
    network
        Solved dispatch with fixed capacities; reads prices, `p_max_pu`, `capital_cost`, `p_nom_max`.
    rows
        Our rows; those of stage `siting` bound the choice.

    Returns
    -------
    DataFrame, index generator
        `low`, `high` [MW].
    """
    sited = network.generators[network.generators.sited & (network.generators.kind == "plant")]
    slope = cost_slope(network, sited)
    size = sited["p_nom"].to_numpy()
    slack = TOLERANCE * float(sited["capital_cost"].to_numpy() @ size)
    equal, equal_rhs, upper, upper_rhs = as_matrices(rows[rows["stage"] == "siting"], sited.index)
    upper = np.vstack([upper, slope])
    upper_rhs = np.append(upper_rhs, slope @ size + slack)
    bounds = list(zip(np.zeros(len(sited)), sited["p_nom_max"], strict=True))
    # a hair of room, because the sited point meets its rows to the solver's tolerance only
    room = 1e-4
    found = {}
    for position, name in enumerate(sited.index):
        for direction in (1.0, -1.0):
            goal = np.zeros(len(sited))
            goal[position] = direction
            answer = linprog(
                goal,
                A_ub=np.vstack([upper, equal, -equal]),
                b_ub=np.concatenate([upper_rhs, equal_rhs, -equal_rhs]) + room,
                bounds=bounds,
                method="highs",
            )
            found[name, direction] = float(answer.x[position]) if answer.status == 0 else size[position]
    return pd.DataFrame(
        {
            "low": [found[name, 1.0] for name in sited.index],
            "high": [found[name, -1.0] for name in sited.index],
        },
        index=sited.index,
    )


def cost_slope(network: pypsa.Network, sited: pd.DataFrame) -> np.ndarray:
    """Change of total cost per megawatt of each generator: yearly cost less what its energy is worth. [CNY/MW/a]"""
    weight = network.snapshot_weightings["objective"]
    price = network.buses_t.marginal_price[sited["bus"]].set_axis(sited.index, axis=1)
    margin = (price - sited["marginal_cost"]).clip(lower=0)
    worth = (margin * network.generators_t.p_max_pu[sited.index]).mul(weight, axis=0).sum()
    return np.asarray(sited["capital_cost"] - worth)


def as_matrices(rows: pd.DataFrame, names: pd.Index) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Turn capacity rows into dense equalities and upper limits over `names`."""
    table = rows.pivot_table(index="id", columns="name", values="coefficient", aggfunc="sum", fill_value=0.0)
    matrix = table.reindex(columns=names, fill_value=0.0).to_numpy()
    about = rows.groupby("id")[["sense", "rhs"]].first().loc[table.index]
    sense, rhs = about["sense"].to_numpy(), about["rhs"].to_numpy(dtype=float)
    upper, lower = sense == "<=", sense == ">="
    return (
        matrix[sense == "="],
        rhs[sense == "="],
        np.vstack([matrix[upper], -matrix[lower]]),
        np.concatenate([rhs[upper], -rhs[lower]]),
    )
