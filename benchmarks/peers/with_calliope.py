"""The problem of `benchmarks/peers.py` in Calliope 0.7.

A buyer is a `demand` with a negative `cost_flow_in`, a river a `supply` with a store that need not take all water: that
is its spill. Capacities are variables of Calliope that equal minima and maxima pin down.

Calliope 0.7.0 brings a HiGHS backend, but asks for Python 3.12. Before it, Calliope builds with `pyomo.kernel`, which
Pyomo's HiGHS interfaces do not read, so HiGHS reads the LP file that `backend.to_lp` writes; writing and reading it
count as solving, for there is no other way.
"""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import calliope
import highspy
import pandas as pd
from problem import BUILD, SIMPLEX, SOLVE, Clock, Problem, main

Tech = dict[str, object]
HAS_HIGHS = importlib.util.find_spec("calliope.backend.highs_backend_model") is not None
TABLE, INPUT = ("table", "inputs") if HAS_HIGHS else ("data", "parameters")  # renamed between the two
NODE, COST, CARRIER = "city", "monetary", "electricity"
BELOW = {1: ("source_use_max", "source_use_min", "cost_flow_out"), -1: ("sink_use_max", "sink_use_min", "cost_flow_in")}


def model_of(problem: Problem) -> calliope.Model:
    """Return the dispatch as a built Calliope model."""
    techs = {"load": {"base_tech": "demand", "carrier_in": CARRIER}}
    techs |= {tech_id(problem, name): generator(problem, name) for name in problem.generators.index}
    techs |= {tech_id(problem, name): storage(problem, name) for name in problem.storage_units.index}
    limits, prices = hourly_limits(problem), hourly_prices(problem)
    table = {"rows": "timesteps", "columns": ["techs", INPUT]}
    definition = {
        "config": {"init": {"name": NODE, "calliope_version": "0.7.0"}},
        "data_tables": {
            "limits": table | {TABLE: "limits", "add_dims": {"nodes": NODE}},
            "prices": table | {TABLE: "prices", "add_dims": {"costs": COST}},
        },
        "techs": techs,
        "nodes": {NODE: {"techs": dict.fromkeys(techs)}},
    }
    model = calliope.read_dict(definition, data_table_dfs={"limits": limits, "prices": prices})
    model.build(**({"backend": "highs"} if HAS_HIGHS else {}))
    return model


def tech_id(problem: Problem, name: str) -> str:
    """Return a name that Calliope takes: letters, digits and underscores."""
    names = [*problem.generators.index, *problem.storage_units.index]
    return f"tech_{names.index(name)}"


def generator(problem: Problem, name: str) -> Tech:
    """Return what does not change of a generator or buyer."""
    about = problem.generators.loc[name]
    upper, lower, price = BELOW[int(about["sign"])]
    tech: Tech = pinned("flow_cap", about["p_nom"])
    tech |= (
        {"base_tech": "supply", "carrier_out": CARRIER}
        if about["sign"] > 0
        else {"base_tech": "demand", "carrier_in": CARRIER}
    )
    if not problem.changes(name, "p_max_pu") and about["p_max_pu"] < 1:
        tech[upper] = float(about["p_nom"] * about["p_max_pu"])
    if not problem.changes(name, "p_min_pu") and about["p_min_pu"] > 0:
        tech[lower] = float(about["p_nom"] * about["p_min_pu"])
    if not problem.changes(name, "marginal_cost"):
        tech[price] = cost(about["marginal_cost"])
    return tech


def storage(problem: Problem, name: str) -> Tech:
    """Return a storage unit: pumped storage, or a river with a store."""
    about = problem.storage_units.loc[name]
    tech: Tech = {
        **pinned("flow_cap", about["p_nom"] * about["p_max_pu"]),
        **pinned("storage_cap", about["p_nom"] * about["max_hours"]),
        "carrier_out": CARRIER,
        "flow_out_eff": float(about["efficiency_dispatch"]),
        "cyclic_storage": True,
        "cost_flow_out": cost(about["marginal_cost"]),
    }
    if name in problem.hourly["inflow"]:
        return tech | {"base_tech": "supply", "include_storage": True, "source_eff": float(about["efficiency_store"])}
    return tech | {"base_tech": "storage", "carrier_in": CARRIER, "flow_in_eff": float(about["efficiency_store"])}


def pinned(capacity: str, value: float) -> Tech:
    """Fix a capacity [MW or MWh]."""
    return {f"{capacity}_min": float(value), f"{capacity}_max": float(value)}


def cost(value: float) -> Tech:
    """Return a cost [CNY/MWh] in Calliope's words."""
    return {"data": float(value), "index": COST, "dims": "costs"}


def hourly_limits(problem: Problem) -> pd.DataFrame:
    """Return load, availability, minimum output and inflow [MWh in each hour] by tech and parameter."""
    columns = {("load", "sink_use_equals"): problem.load}
    for position, attribute in enumerate(("p_max_pu", "p_min_pu")):
        for name, values in problem.hourly[attribute].items():
            about = problem.generators.loc[name]
            columns[tech_id(problem, name), BELOW[int(about["sign"])][position]] = values * about["p_nom"]
    for name, values in problem.hourly["inflow"].items():
        columns[tech_id(problem, name), "source_use_max"] = values
    return pd.DataFrame(columns).rename_axis(index="timesteps", columns=["techs", INPUT])


def hourly_prices(problem: Problem) -> pd.DataFrame:
    """Return costs that change [CNY/MWh] by tech and parameter."""
    return pd.DataFrame(
        {
            (tech_id(problem, name), BELOW[int(problem.generators.loc[name, "sign"])][2]): values
            for name, values in problem.hourly["marginal_cost"].items()
        }
    ).rename_axis(index="timesteps", columns=["techs", INPUT])


def solve(problem: Problem, clock: Clock) -> float:
    """Solve the dispatch; return the objective [CNY]."""
    model = model_of(problem)
    clock.stop(BUILD)
    objective = solve_directly(model) if HAS_HIGHS else solve_file(model)
    clock.stop(SOLVE)
    return objective


def solve_directly(model: calliope.Model) -> float:
    """Let Calliope's own HiGHS backend solve; return the objective [CNY]."""
    model.solve(solver_options=SIMPLEX)
    if model.runtime.termination_condition != "optimal":
        raise RuntimeError(model.runtime.termination_condition)
    return float(model.results["cost"].sum())


def solve_file(model: calliope.Model) -> float:
    """Let HiGHS read and solve the LP file Calliope writes; return the objective [CNY]."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    for option, value in SIMPLEX.items():
        highs.setOptionValue(option, value)
    with tempfile.TemporaryDirectory(prefix="xinzhou-calliope-") as folder:
        path = Path(folder) / "model.lp"
        model.backend.to_lp(path)
        highs.readModel(str(path))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(highs.getModelStatus())
    return float(highs.getObjectiveValue())


if __name__ == "__main__":
    main(solve, f"Calliope {calliope.__version__}")
