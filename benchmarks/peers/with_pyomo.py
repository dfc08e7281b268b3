"""The problem of `benchmarks/peers.py` in plain Pyomo, as one would write it by hand: HiGHS through `appsi_highs`."""

from __future__ import annotations

import pyomo
import pyomo.environ as pyo
from problem import BUILD, SIMPLEX, SOLVE, Clock, Problem, main


def model_of(problem: Problem) -> pyo.ConcreteModel:
    """Return the dispatch as a Pyomo model."""
    model = pyo.ConcreteModel()
    model.t = pyo.RangeSet(0, len(problem.load) - 1)
    cost = add_generators(model, problem)
    cost += add_storage(model, problem)
    sign, load = problem.generators["sign"], problem.load.to_numpy()
    model.balance = pyo.Constraint(
        model.t,
        rule=lambda m, t: (
            pyo.quicksum(sign[g] * m.p[g, t] for g in m.g) + pyo.quicksum(m.dispatch[s, t] - m.store[s, t] for s in m.s)
            == load[t]
        ),
    )
    model.cost = pyo.Objective(expr=cost)
    return model


def add_generators(model: pyo.ConcreteModel, problem: Problem) -> pyo.Expression:
    """Add what generators give and buyers take [MW]; return its cost [CNY]."""
    names = list(problem.generators.index)
    size = problem.generators["p_nom"]
    low, high, price = (
        {g: as_series(problem, g, attribute) for g in names} for attribute in ("p_min_pu", "p_max_pu", "marginal_cost")
    )
    model.g = pyo.Set(initialize=names)
    model.p = pyo.Var(model.g, model.t, bounds=lambda _, g, t: (size[g] * low[g][t], size[g] * high[g][t]))
    return pyo.quicksum(price[g][t] * model.p[g, t] for g in names for t in model.t)


def as_series(problem: Problem, name: str, attribute: str) -> list[float]:
    """Return an attribute of a generator for every hour."""
    values = problem.values(name, attribute)
    return values if isinstance(values, list) else [values] * len(problem.load)


def add_storage(model: pyo.ConcreteModel, problem: Problem) -> pyo.Expression:
    """Add storage units, cyclic, with inflow and spill [MW, MWh]; return their cost [CNY]."""
    about = problem.storage_units.to_dict("index")
    flow = {s: problem.hourly["inflow"][s].tolist() if s in problem.hourly["inflow"] else None for s in about}
    last = len(problem.load) - 1
    model.s = pyo.Set(initialize=list(about))
    model.dispatch = pyo.Var(model.s, model.t, bounds=lambda _, s, __: (0, about[s]["p_nom"] * about[s]["p_max_pu"]))
    model.store = pyo.Var(model.s, model.t, bounds=lambda _, s, __: (0, -about[s]["p_nom"] * about[s]["p_min_pu"]))
    model.spill = pyo.Var(model.s, model.t, bounds=lambda _, s, t: (0, flow[s][t] if flow[s] else 0))
    model.level = pyo.Var(model.s, model.t, bounds=lambda _, s, __: (0, about[s]["p_nom"] * about[s]["max_hours"]))
    model.storage = pyo.Constraint(
        model.s,
        model.t,
        rule=lambda m, s, t: (
            m.level[s, t]
            == m.level[s, t - 1 if t else last]
            + about[s]["efficiency_store"] * m.store[s, t]
            - m.dispatch[s, t] / about[s]["efficiency_dispatch"]
            + (flow[s][t] if flow[s] else 0)
            - m.spill[s, t]
        ),
    )
    return pyo.quicksum(about[s]["marginal_cost"] * model.dispatch[s, t] for s in about for t in model.t)


def solve(problem: Problem, clock: Clock) -> float:
    """Solve the dispatch; return the objective [CNY]."""
    model = model_of(problem)
    clock.stop(BUILD)
    solver = pyo.SolverFactory("appsi_highs")
    solver.options = dict(SIMPLEX)
    pyo.assert_optimal_termination(solver.solve(model))
    clock.stop(SOLVE)
    return float(pyo.value(model.cost))


if __name__ == "__main__":
    main(solve, f"Pyomo {pyomo.__version__}")
