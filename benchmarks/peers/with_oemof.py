"""The problem of `benchmarks/peers.py` in oemof-solph: HiGHS through its own `highs` route (Pyomo's appsi).

A river is oemof's own chain: a source of water, a bus, a store that turns water into power, a sink for what is spilled.
"""

from __future__ import annotations

from importlib.metadata import version

from oemof import solph
from problem import BUILD, SIMPLEX, SOLVE, Clock, Problem, main


def model_of(problem: Problem) -> solph.Model:
    """Return the dispatch as an oemof-solph model."""
    hours = solph.create_time_index(start=problem.load.index[0], number=len(problem.load))
    system = solph.EnergySystem(timeindex=hours, infer_last_interval=False)
    bus = solph.Bus("city")
    demand = solph.Flow(nominal_capacity=1, fix=problem.load.tolist())
    system.add(bus, solph.components.Sink("load", inputs={bus: demand}))
    for name in problem.generators.index:
        system.add(generator(problem, name, bus))
    for name in problem.storage_units.index:
        system.add(*storage(problem, name, bus))
    return solph.Model(system)


def generator(problem: Problem, name: str, bus: solph.Bus) -> solph.components.Source | solph.components.Sink:
    """Return a generator as a source, a buyer as a sink."""
    flow = solph.Flow(
        nominal_capacity=float(problem.generators.loc[name, "p_nom"]),
        minimum=problem.values(name, "p_min_pu"),
        maximum=problem.values(name, "p_max_pu"),
        variable_costs=problem.values(name, "marginal_cost"),
    )
    if problem.generators.loc[name, "sign"] < 0:
        return solph.components.Sink(name, inputs={bus: flow})
    return solph.components.Source(name, outputs={bus: flow})


def storage(problem: Problem, name: str, bus: solph.Bus) -> list[object]:
    """Return the nodes of a storage unit: pumped storage is one, a river four."""
    about = problem.storage_units.loc[name]
    nodes: list[object] = []
    inlet, charging = bus, solph.Flow(nominal_capacity=float(-about["p_nom"] * about["p_min_pu"]))
    if name in problem.hourly["inflow"]:
        inlet, charging = solph.Bus(f"{name} water"), solph.Flow()
        river = solph.Flow(nominal_capacity=1, fix=problem.hourly["inflow"][name].tolist())
        nodes += [
            inlet,
            solph.components.Source(f"{name} river", outputs={inlet: river}),
            solph.components.Sink(f"{name} spill", inputs={inlet: solph.Flow()}),
        ]
    dispatch = solph.Flow(
        nominal_capacity=float(about["p_nom"] * about["p_max_pu"]), variable_costs=float(about["marginal_cost"])
    )
    store = solph.components.GenericStorage(
        name,
        inputs={inlet: charging},
        outputs={bus: dispatch},
        nominal_capacity=float(about["p_nom"] * about["max_hours"]),
        inflow_conversion_factor=float(about["efficiency_store"]),
        outflow_conversion_factor=float(about["efficiency_dispatch"]),
        balanced=True,
    )
    return [*nodes, store]


def solve(problem: Problem, clock: Clock) -> float:
    """Solve the dispatch; return the objective [CNY]."""
    model = model_of(problem)
    clock.stop(BUILD)
    model.solve(solver="highs", cmdline_options=SIMPLEX)
    clock.stop(SOLVE)
    return float(model.objective())


if __name__ == "__main__":
    main(solve, f"oemof.solph {version('oemof.solph')}")
