"""The problem of `benchmarks/peers.py` by our own route: the same network, the method `solve` takes by itself.

Two threads, as in every shipped scenario: blocks use both, simplex one.
"""

from __future__ import annotations

from problem import BUILD, SOLVE, Clock, Problem, main
from with_pypsa import network_of

import xinzhou_energy
from xinzhou_energy.formulation import formulate
from xinzhou_energy.formulation.rows import empty_rows
from xinzhou_energy.solve import AUTO, Settings, methods_for
from xinzhou_energy.solve import solve as solve_network

SETTINGS = Settings(time_limit=3600, threads=2, gap=1e-5)


def solve(problem: Problem, clock: Clock) -> float:
    """Solve the dispatch by the first method for its length; return the objective [CNY]."""
    network = network_of(problem)
    formulate(network, empty_rows())
    clock.stop(BUILD)
    method, reason = methods_for(network, AUTO)[0]
    found = solve_network(
        network, method=method, reason=reason, settings=SETTINGS, stage="dispatch", report=lambda _: None
    )
    clock.stop(SOLVE)
    return found.objective


if __name__ == "__main__":
    main(solve, f"xinzhou-energy {xinzhou_energy.__version__}")
