"""Every route on the same files, side by side in one run: vanilla PyPSA with HiGHS, and ours.

`solvers.py [SCENARIO ...] [--limit S] [--routes a,b] [--no-relatives] [--out FILE]`. Each route gets a fresh process
and no more time than the best before it took; memory is the peak of all its processes. Without a scenario:
base_2025 (fixed), plan_2026 and rich_2030; takes two hours or more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pypsa

from xinzhou_energy.formulation import build_rows
from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.network import assemble, cut_to_weeks
from xinzhou_energy.network.sizes import is_open
from xinzhou_energy.scenario import load_scenario

HERE = Path(__file__).parent
GAP = "1e-4"
VANILLA = ("hipo", "hipo crossover", "ipx", "ipx crossover", "simplex", "default")
PERIOD_S = 0.2
FALLBACK_WEEKS = 12
FALLBACK = "12 weeks, then all"
Result = dict[str, float | str | None]


def prepared(scenario: str, folder: Path, *, seed: int | None = None, weeks: int = 0) -> Path:
    """Write `network.nc` and `rows.parquet` of a scenario, before anything is solved; cut to some weeks if any."""
    read = load_scenario(HERE.parent / "scenarios" / f"{scenario}.yaml")
    read = read if seed is None else read.with_changes(seed=seed)
    data = read_grid(read)
    network = assemble(read, data)
    weeks = read.time.weeks if read.time.mode == "weeks" else weeks
    if weeks:
        network = cut_to_weeks(network, data, weeks)
    folder.mkdir(parents=True)
    network.export_to_netcdf(folder / "network.nc")
    build_rows(network, read).to_parquet(folder / "rows.parquet")
    return folder


def measured(script: str, *arguments: object) -> Result:
    """Run a script in a fresh process; return what it prints and the peak memory of it and its children."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(PERIOD_S)
    lines = (process.stdout.read() if process.stdout else "").splitlines()
    if process.returncode or not lines:
        return {"status": f"failed ({process.returncode})", "peak_mb": peak / 1e6}
    found: Result = json.loads(lines[-1])
    return {**found, "peak_mb": peak / 1e6}


def memory_of(pid: int) -> float:
    """Return the memory a process and its children hold now, B."""
    try:
        process = psutil.Process(pid)
        return float(sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]))
    except psutil.Error:
        return 0.0


def compare(scenario: str, folder: Path, limit: float, routes: list[str]) -> dict[str, Result]:
    """Solve one scenario by every route."""
    network = prepared(scenario, folder / scenario)
    found: dict[str, Result] = {}
    for route in routes:
        found[route] = measured("vanilla.py", network, route, limit)
        show(scenario, route, found[route])
        best = best_vanilla(found)
        limit = limit if best is None else min(limit, float(found[best]["solve_s"] or limit))
    for workers in (1, 2):
        route = f"ours, {workers} worker{'s' * (workers - 1)}"
        found[route] = measured("ours.py", network, "solve", GAP, workers)
        show(scenario, route, found[route])
    if not is_open(pypsa.Network(network / "network.nc")):
        return found
    prepared(scenario, folder / f"{scenario}-weeks", weeks=FALLBACK_WEEKS)
    found[FALLBACK] = measured("ours.py", network, "weeks", GAP, 2)
    show(scenario, FALLBACK, found[FALLBACK])
    return found


def show(scenario: str, route: str, found: Result) -> None:
    """Print one line of the table."""
    number = {name: value for name, value in found.items() if isinstance(value, float | int)}
    print(
        f"{scenario:<12} {route:<16} {found.get('status', '')!s:<12}"
        f"{number.get('solve_s', float('nan')):>9.1f} s {number.get('cpu_s', float('nan')):>9.1f} s CPU"
        f"{number.get('peak_mb', float('nan')):>8,.0f} MB{number.get('iterations', 0):>10,.0f}"
        f"{number.get('objective', float('nan')):>20,.0f} CNY  gap {number.get('gap', 0.0):.1e}",
        flush=True,
    )


def ratios(scenario: str, found: dict[str, Result]) -> None:
    """Print how ours stands against the best vanilla route that ended optimal."""
    best = best_vanilla(found)
    one, two = found["ours, 1 worker"], found["ours, 2 workers"]
    if "solve_s" in one and "solve_s" in two:
        speed = float(one["solve_s"] or 0) / float(two["solve_s"] or 1)
        print(f"{scenario}: two workers {speed:.2f} times as fast as one")
    if best is None or "solve_s" not in two:
        return
    vanilla = found[best]
    times, memory = (float(vanilla[name] or 0) / float(two[name] or 1) for name in ("solve_s", "peak_mb"))
    print(f"{scenario}: {times:.1f} times faster than {best}, memory {1 / memory:.2f} of it")


def best_vanilla(found: dict[str, Result]) -> str | None:
    """Return the quickest vanilla route that ended optimal."""
    ended = [name for name in VANILLA if found.get(name, {}).get("status") == "optimal"]
    return min(ended, key=lambda name: float(found[name]["solve_s"] or 0), default=None)


def relatives(folder: Path, found: dict[str, Result]) -> None:
    """Solve twenty relatives of plan_2026 in memory."""
    done = measured("ours.py", folder / "plan_2026", "sweep", GAP, 2)
    seconds, best = float(done.get("solve_s") or float("nan")), best_vanilla(found)
    vanilla = float("nan") if best is None else float(found[best]["solve_s"] or 0)
    print(
        f"20 relatives: {seconds:.1f} s, largest gap {float(done.get('gap') or 0):.1e}, "
        f"{20 * vanilla / seconds:.1f} times faster than 20 vanilla solves, {float(done['peak_mb'] or 0):,.0f} MB"
    )


def weather_years(folder: Path) -> None:
    """Solve plan_2026 for one to five weather years at once."""
    for seed in range(1, 6):
        prepared("plan_2026", folder / f"years-{seed}", seed=seed)
    for count in (1, 3, 5):
        done = measured("ours.py", folder / "years", "years", GAP, 2, count)
        show(f"{count} years", "ours, 2 workers", {**done, "status": "optimal"})


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["base_2025", "plan_2026", "rich_2030"])
    parser.add_argument("--limit", type=float, default=3600.0)
    parser.add_argument("--routes", default=",".join(VANILLA))
    parser.add_argument("--no-relatives", action="store_true")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    routes = [route for route in asked.routes.split(",") if route]
    table = {}
    with tempfile.TemporaryDirectory(prefix="xinzhou-benchmark-") as name:
        for scenario in asked.scenarios:
            table[scenario] = compare(scenario, Path(name), asked.limit, routes)
            ratios(scenario, table[scenario])
        if "plan_2026" in table and not asked.no_relatives:
            relatives(Path(name), table["plan_2026"])
            weather_years(Path(name))
    if asked.out:
        asked.out.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
