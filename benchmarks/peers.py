"""One dispatch problem in five tools, each in a fresh process; by hand: `python benchmarks/peers.py [--hours 8760]`.

The problem: the base year on one bus with fixed capacities: generators with hourly availability and minimum output,
buyers with hourly prices, load shedding, pumped storage and rivers with inflow and spill, cyclic over the hours. Left
out for all: lines, links (their losses go into the buyers), ramps. Nothing else: every tool can express the rest.

oemof-solph and Calliope are no dependencies of the project: they go into throw-away environments in a temporary folder.
Exits with 1 where a tool fails or the objectives differ by more than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil  # comes with `distributed`
import pypsa

from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import load_scenario

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "base_2025.yaml"
SCRIPTS = Path(__file__).parent / "peers"
OWN, PYOMO, HIGHS = None, "pyomo==6.10.1", "highspy==1.15.1"  # OWN: the project's environment
TOOLS: dict[str, list[str] | None] = {
    "ours": OWN,
    "pypsa": OWN,
    "pyomo": OWN,
    "oemof": ["oemof.solph==0.6.5", PYOMO, HIGHS],
    # the last 0.7 for Python 3.11; numpy and pandas of its own time
    "calliope": ["calliope==0.7.0.dev7", "numpy==2.2.6", "pandas==2.3.3", PYOMO, HIGHS],
}
NEWER_PYTHON = (3, 12)
NEWER = {"calliope": ["calliope==0.7.0", PYOMO, HIGHS]}  # has a HiGHS backend: fairer, but asks for a newer Python
ALIKE = 1e-6  # relative
PERIOD_S = 0.05
GENERATOR_COLUMNS = ["sign", "p_nom", "p_max_pu", "p_min_pu", "marginal_cost"]
STORAGE_COLUMNS = [
    "p_nom",
    "p_max_pu",
    "p_min_pu",
    "max_hours",
    "efficiency_store",
    "efficiency_dispatch",
    "marginal_cost",
]


@dataclass(frozen=True)
class Taken:
    """What one tool took: wall and processor time of its process [s], peak memory [MB], its own JSON line."""

    wall: float
    cpu: float
    memory: float
    said: dict


def write_problem(folder: Path, hours: int) -> None:
    """Write the first hours of the base year on one bus, as `peers/problem.py` describes."""
    scenario = load_scenario(SCENARIO)
    network = assemble(scenario, read_grid(scenario))
    when = network.snapshots[:hours]
    generators = network.generators[GENERATOR_COLUMNS].copy()
    hourly = {
        attribute: network.get_switchable_as_dense("Generator", attribute, when)
        for attribute in ("p_max_pu", "p_min_pu", "marginal_cost")
    }
    move_buyers(network, generators, hourly)
    for attribute, values in hourly.items():
        changing = values.columns[(values != values.iloc[0]).any()]
        generators[attribute] = values.iloc[0]
        values[changing].to_csv(folder / f"{attribute}.csv")
    generators.to_csv(folder / "generators.csv")
    network.storage_units[STORAGE_COLUMNS].to_csv(folder / "storage_units.csv")
    network.storage_units_t["inflow"].loc[when].to_csv(folder / "inflow.csv")
    network.loads_t["p_set"].loc[when].sum(axis=1).rename("load").to_csv(folder / "load.csv")


def move_buyers(network: pypsa.Network, generators: pd.DataFrame, hourly: dict[str, pd.DataFrame]) -> None:
    """Move the buyers from behind their links to the bus: price and size count before the losses, limits stay."""
    room = network.get_switchable_as_dense("Link", "p_max_pu", hourly["p_max_pu"].index) * network.links["p_nom"]
    for link, about in network.links.iterrows():
        buyers = generators.index[network.generators["bus"] == about["bus1"]]
        generators.loc[buyers, "p_nom"] /= about["efficiency"]
        hourly["marginal_cost"][buyers] = hourly["marginal_cost"][buyers] * about["efficiency"] + about["marginal_cost"]
        if len(buyers) == 1:
            share = room[link] / generators.loc[buyers[0], "p_nom"]
            hourly["p_max_pu"][buyers[0]] = hourly["p_max_pu"][buyers[0]].clip(upper=share)
        elif generators.loc[buyers, "p_nom"].sum() > room[link].min():
            message = f"{link} binds several buyers: it cannot be left out"
            raise ValueError(message)


def python_of(tool: str, folder: Path, newer: Path | None) -> Path:
    """Return the interpreter that runs a tool; makes its environment in the folder where it has one of its own.

    `newer` is an interpreter of `NEWER_PYTHON` or above, where there is one.
    """
    pins = TOOLS[tool]
    if pins is OWN:
        return Path(sys.executable)
    base = Path(sys.executable)
    if newer is not None and tool in NEWER:
        base, pins = newer, NEWER[tool]
    home = folder / "-".join([tool, *pins[0].split("==")[1:]])
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"installing {', '.join(pins)}", file=sys.stderr)
        subprocess.run([base, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *pins], check=True)
    return python


def run_tool(tool: str, python: Path, problem: Path) -> Taken | None:
    """Run a tool in a fresh process and watch it; None where it fails, its words then go to standard error."""
    log, answer = problem / f"{tool}.log", problem / f"{tool}.out"
    before, started = os.times(), time.monotonic()
    with log.open("w") as errors, answer.open("w") as said:
        process = subprocess.Popen(
            [str(python), str(SCRIPTS / f"with_{tool}.py"), str(problem)], stdout=said, stderr=errors
        )
        memory = watch(process)
    wall, after = time.monotonic() - started, os.times()
    lines = answer.read_text(encoding="utf-8").splitlines()
    if process.returncode or not lines:
        print(f"{tool} failed:\n{log.read_text(encoding='utf-8')}", file=sys.stderr)
        return None
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(wall, cpu, memory, json.loads(lines[-1]))


def watch(process: subprocess.Popen) -> float:
    """Wait for a process; return the highest memory of it and all its workers together, MB."""
    peak = 0
    while process.poll() is None:
        try:
            parent = psutil.Process(process.pid)
            family = [parent, *parent.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        except psutil.NoSuchProcess:
            pass  # a worker ended between the list and the look
        time.sleep(PERIOD_S)
    return peak / 1e6


def print_row(taken: Taken) -> None:
    """Print one line of the table."""
    seconds = taken.said["seconds"]
    print(
        f"{taken.said['version']:<22}{taken.wall:>9.1f}{seconds['build']:>9.1f}{seconds['solve']:>9.1f}{taken.cpu:>9.1f}"
        f"{taken.memory:>10,.0f}{taken.said['objective']:>22,.2f}",
        flush=True,
    )


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=int, default=2190, help="hours from 1 January (default: a quarter)")
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=list(TOOLS), help="these tools")
    parser.add_argument("--venvs", type=Path, help="keep the environments in this folder for the next time")
    own = Path(sys.executable) if sys.version_info >= NEWER_PYTHON else None
    parser.add_argument("--newer-python", type=Path, default=own, help="a Python 3.12 or above, for Calliope 0.7.0")
    return parser.parse_args()


def main() -> int:
    """Write the problem, run every tool, print, compare."""
    asked = options()
    with tempfile.TemporaryDirectory(prefix="xinzhou-peers-") as folder:
        problem = Path(folder) / "problem"
        problem.mkdir()
        write_problem(problem, asked.hours)
        pythons = {tool: python_of(tool, asked.venvs or Path(folder), asked.newer_python) for tool in asked.only}
        print(f"{asked.hours} h   (wall: whole process; build, solve: within it; cpu: all cores)")
        print(f"{'':<22}{'wall s':>9}{'build s':>9}{'solve s':>9}{'cpu s':>9}{'peak MB':>10}{'objective CNY':>22}")
        results = []
        for tool, python in pythons.items():
            results.append(run_tool(tool, python, problem))
            if results[-1] is not None:
                print_row(results[-1])
    return verdict(results)


def verdict(results: list[Taken | None]) -> int:
    """Say whether all ended at one objective; return the exit code."""
    objectives = [taken.said["objective"] for taken in results if taken is not None]
    if not objectives:
        return 1
    spread = (max(objectives) - min(objectives)) / max(map(abs, objectives))
    print(f"objectives differ by {spread:.1e} (at most {ALIKE:.0e})")
    return 0 if spread <= ALIKE and len(objectives) == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
