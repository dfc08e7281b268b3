"""One vanilla route in a process of its own: PyPSA builds the model of a stored network, HiGHS solves it.

`vanilla.py FOLDER METHOD SECONDS`, FOLDER with `network.nc` and `rows.parquet`; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd
import pypsa

from xinzhou_energy.formulation.rows import apply_rows

METHODS: dict[str, dict[str, object]] = {
    "default": {},
    "simplex": {"solver": "simplex"},
    "ipx": {"solver": "ipx", "run_crossover": "off"},
    "ipx crossover": {"solver": "ipx", "run_crossover": "on"},
    "hipo": {"solver": "hipo", "run_crossover": "off"},
    "hipo crossover": {"solver": "hipo", "run_crossover": "on"},
}


def main() -> int:
    """Build, solve, print."""
    folder, method, limit = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    network = pypsa.Network(folder / "network.nc")
    started = time.monotonic()
    model = network.optimize.create_model(include_objective_constant=False)
    apply_rows(model, pd.read_parquet(folder / "rows.parquet"))
    built, built_cpu = time.monotonic(), time.process_time()
    options = METHODS[method] | {"time_limit": limit, "output_flag": False, "threads": 2}
    status, condition = model.solve(solver_name="highs", io_api="direct", progress=False, **options)
    solved = time.monotonic()
    info = model.solver_model.getInfo()
    ended = status == "ok" and condition == "optimal"
    print(
        json.dumps(
            {
                "status": condition,
                "build_s": built - started,
                "solve_s": solved - built,
                "cpu_s": time.process_time() - built_cpu,
                "iterations": int(info.simplex_iteration_count + info.ipm_iteration_count),
                "objective": float(model.objective.value) if ended else None,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
