"""Our route in a process of its own, on the files that `vanilla.py` reads; prints one line of JSON.

`ours.py FOLDER solve GAP WORKERS`: once. `ours.py FOLDER sweep GAP WORKERS`: once, then twenty relatives in memory.
`ours.py FOLDER years GAP WORKERS N`: sizes that serve N weather years, from FOLDER-1 to FOLDER-N.
`ours.py FOLDER weeks GAP WORKERS`: sizes chosen on the weeks in FOLDER-weeks, the full year operated at them.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import linopy
import numpy as np
import pandas as pd
import pypsa
import scipy.sparse as sp

from xinzhou_energy.decomposition.problem import TIMELESS, Problem, from_model
from xinzhou_energy.decomposition.session import Session
from xinzhou_energy.formulation.rows import apply_rows
from xinzhou_energy.network.sizes import SIZED, fix_sizes
from xinzhou_energy.solve import Settings
from xinzhou_energy.solve.blocks import Family
from xinzhou_energy.solve.quiet import silent_stdout

TIME_LIMIT = 3600.0
RELATIVES = 20


def model_of(folder: Path) -> pypsa.Network:
    """Return the stored network with its model, our rows in it."""
    network = pypsa.Network(folder / "network.nc")
    model = network.optimize.create_model(include_objective_constant=False)
    apply_rows(model, pd.read_parquet(folder / "rows.parquet"))
    return network


def cpu_s() -> float:
    """Return the CPU seconds of this process and of its workers that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def solve(folder: Path, settings: Settings) -> dict[str, object]:
    """Solve once; from the built model to the solution in the network."""
    began = time.monotonic()
    network = model_of(folder)
    built, cpu = time.monotonic(), cpu_s()
    with Family(network, settings) as family:
        found = family.solve()
    return {
        "status": "optimal",
        "build_s": built - began,
        "solve_s": time.monotonic() - built,
        "cpu_s": cpu_s() - cpu,
        "iterations": found.iterations,
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "violation": found.violation,
    }


def sweep(folder: Path, settings: Settings) -> dict[str, object]:
    """Solve once, then twenty relatives: other wind shares, loads, county limits and fuel costs."""
    network = model_of(folder)
    seconds, gaps = [], []
    with Family(network, settings) as family:
        family.solve(write=False)
        for change in changes(network.model):
            began = time.monotonic()
            found = family.solve(write=False)
            seconds.append(time.monotonic() - began)
            gaps.append(found.gap)
            print(f"{change}: {seconds[-1]:.1f} s, gap {gaps[-1]:.1e}, {found.objective:,.0f} CNY", file=sys.stderr)
    return {"solve_s": sum(seconds), "each_s": seconds, "gap": max(gaps)}


def changes(model: linopy.Model) -> Iterator[str]:
    """Change a model in memory, one relative after the other, each on top of the first model."""
    balance, limits = model.constraints["Bus-nodal_balance"], model.constraints["Generator-ext-p_nom-upper"]
    sited = [name for name in model.constraints if name.startswith("siting-siting")]
    totals = {name: model.constraints[name].rhs for name in sited}
    loads, caps, objective = balance.rhs, limits.rhs, model.objective.expression
    for number in range(RELATIVES // 4):
        for name in sited:
            model.constraints[name].update(rhs=totals[name] * (0.9 + 0.04 * number))
        yield f"{0.9 + 0.04 * number:.2f} of the sited power"
        for name in sited:
            model.constraints[name].update(rhs=totals[name])
        balance.update(rhs=loads * (0.97 + 0.015 * number))
        yield f"load {0.97 + 0.015 * number:.3f}"
        balance.update(rhs=loads)
        limits.update(rhs=caps * np.where(np.arange(caps.size) % 5 == number, 0.7, 1.0))
        yield f"tighter limits in a fifth of the places, {number}"
        limits.update(rhs=caps)
        model.objective.expression = objective * (0.99 + 0.005 * number)
        yield f"all costs {0.99 + 0.005 * number:.3f}"
        model.objective.expression = objective


def years(folder: Path, settings: Settings, count: int) -> dict[str, object]:
    """Choose the sizes that serve `count` weather years best."""
    problems = [
        from_model(model_of(folder.with_name(f"{folder.name}-{number}")).model) for number in range(1, count + 1)
    ]
    problem = joined(problems)
    began = time.monotonic()
    with silent_stdout(), Session(problem, workers=settings.threads) as session:
        found = session.solve(tolerance=settings.gap, time_limit=TIME_LIMIT, tell=lambda _number, _gap: None)
    return {"solve_s": time.monotonic() - began, "gap": found.sizes.gap, "rounds": found.rounds}


def weeks(folder: Path, settings: Settings) -> dict[str, object]:
    """Choose sizes on representative weeks and see what they cost in the full year."""
    began = time.monotonic()
    short, full = model_of(folder.with_name(f"{folder.name}-weeks")), pypsa.Network(folder / "network.nc")
    with Family(short, settings) as family:
        family.solve()
    annuities = 0.0
    for name in SIZED:
        table, found = getattr(full, name), getattr(short, name)
        chosen = table.index[table["p_nom_extendable"].astype(bool)]
        table.loc[chosen, "p_nom_opt"] = found.loc[chosen, "p_nom_opt"]
        annuities += float((table.loc[chosen, "capital_cost"] * found.loc[chosen, "p_nom_opt"]).sum())
    fix_sizes(full)
    full.optimize.create_model(include_objective_constant=False)
    with Family(full, settings) as family:
        operation = family.solve()
    return {"status": "optimal", "solve_s": time.monotonic() - began, "objective": operation.objective + annuities}


def joined(problems: list[Problem]) -> Problem:
    """Put years side by side: sizes and the rows on them once, every year's operation at its share of the cost."""
    first = problems[0]
    size, own = first.hour == TIMELESS, first.row_hour == TIMELESS
    share, hours = 1 / len(problems), int(first.hour.max()) + 1
    matrix = [[sp.csr_array(first.matrix[own][:, size])] + [None] * len(problems)]
    for place, each in enumerate(problems):
        row: list[sp.csr_array | None] = [sp.csr_array(each.matrix[~own][:, size])] + [None] * len(problems)
        row[1 + place] = sp.csr_array(each.matrix[~own][:, ~size])
        matrix.append(row)
    pick = {"columns": (size, "lower upper cost hour"), "rows": (own, "row_lower row_upper row_hour")}
    parts = {
        name: [getattr(first, name)[once], *(getattr(each, name)[~once] for each in problems)]
        for once, names in pick.values()
        for name in names.split()
    }
    for name in ("hour", "row_hour"):
        parts[name] = [parts[name][0], *(part + hours * place for place, part in enumerate(parts[name][1:]))]
    parts["cost"] = [parts["cost"][0], *(share * part for part in parts["cost"][1:])]
    return replace(
        first,
        matrix=sp.csr_array(sp.block_array(matrix, format="csr")),
        **{name: np.concatenate(part) for name, part in parts.items()},
    )


def main() -> int:
    """Do what is asked and print it."""
    folder, what, gap, workers = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    settings = Settings(TIME_LIMIT, workers, gap)
    if what == "years":
        found = years(folder, settings, int(sys.argv[5]))
    else:
        found = {"solve": solve, "sweep": sweep, "weeks": weeks}[what](folder, settings)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
