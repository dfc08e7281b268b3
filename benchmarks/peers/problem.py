"""The neutral problem of `benchmarks/peers.py`: how it is read and how a tool reports; needs pandas only.

The folder holds PyPSA's own layout cut down to one bus:
`generators.csv` and `storage_units.csv` (index `name`), `load.csv` (column `load`, MW), and `p_max_pu.csv`,
`p_min_pu.csv`, `marginal_cost.csv` (CNY/MWh), `inflow.csv` (MW), which hold only what changes from hour to hour.
Storage units are cyclic; what can be spilled is the inflow of the hour.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

HOURLY = ("p_max_pu", "p_min_pu", "marginal_cost", "inflow")
SIMPLEX = {"solver": "simplex"}  # one algorithm for all, so that the tools are compared and not the options
SOLVE = "solve"
BUILD = "build"


@dataclass(frozen=True)
class Problem:
    """One bus: generators (`sign` -1: buyers), storage units, load [MW], and what changes from hour to hour."""

    generators: pd.DataFrame
    storage_units: pd.DataFrame
    load: pd.Series
    hourly: dict[str, pd.DataFrame]

    def changes(self, name: str, attribute: str) -> bool:
        """Say whether an attribute of a generator changes over the hours."""
        return name in self.hourly[attribute].columns

    def values(self, name: str, attribute: str) -> list[float] | float:
        """Return an attribute of a generator: a list over the hours, or one value where it never changes."""
        if self.changes(name, attribute):
            return self.hourly[attribute][name].tolist()
        return float(self.generators.loc[name, attribute])


def read_problem(folder: Path) -> Problem:
    """Read the neutral folder."""
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", index_col=0, parse_dates=name in {"load", *HOURLY})
        for name in ("generators", "storage_units", "load", *HOURLY)
    }
    hourly = {name: tables[name] for name in HOURLY}
    return Problem(tables["generators"], tables["storage_units"], tables["load"]["load"], hourly)


class Clock:
    """Seconds of wall time between calls, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def stop(self, stage: str) -> None:
        """End a stage here."""
        now = time.monotonic()
        self.seconds[stage] = now - self._last
        self._last = now


def main(solve: Callable[[Problem, Clock], float], version: str) -> None:
    """Read the folder named on the command line, solve, print one line of JSON for `peers.py`.

    Parameters
    ----------
    solve
        Builds and solves; stops the clock at `BUILD` and `SOLVE`; returns the objective [CNY].
    version
        Tool and version, for the table.
    """
    problem = read_problem(Path(sys.argv[1]))
    clock = Clock()
    objective = solve(problem, clock)
    print(json.dumps({"version": version, "objective": objective, "seconds": clock.seconds}), flush=True)
