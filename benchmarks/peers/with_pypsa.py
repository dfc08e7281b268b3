"""The problem of `benchmarks/peers.py` in PyPSA alone: linopy builds, HiGHS simplex solves."""

from __future__ import annotations

import pypsa
from problem import BUILD, SIMPLEX, SOLVE, Clock, Problem, main

BUS = "city"


def network_of(problem: Problem) -> pypsa.Network:
    """Return the problem as a network of one bus."""
    network = pypsa.Network()
    network.set_snapshots(problem.load.index)
    network.add("Bus", BUS)
    network.add("Load", BUS, bus=BUS, p_set=problem.load)
    network.add("Generator", problem.generators.index, bus=BUS, **dict(problem.generators))
    network.add(
        "StorageUnit", problem.storage_units.index, bus=BUS, cyclic_state_of_charge=True, **dict(problem.storage_units)
    )
    for attribute in ("p_max_pu", "p_min_pu", "marginal_cost"):
        network.generators_t[attribute] = problem.hourly[attribute]
    network.storage_units_t["inflow"] = problem.hourly["inflow"]
    return network


def solve(problem: Problem, clock: Clock) -> float:
    """Solve the dispatch; return the objective [CNY]."""
    network = network_of(problem)
    network.optimize.create_model(include_objective_constant=False)
    clock.stop(BUILD)
    status = network.optimize.solve_model(solver_name="highs", io_api="direct", log_to_console=False, **SIMPLEX)
    if status != ("ok", "optimal"):
        raise RuntimeError(status)
    clock.stop(SOLVE)
    return float(network.objective)


if __name__ == "__main__":
    main(solve, f"PyPSA {pypsa.__version__}")
