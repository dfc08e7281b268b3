"""Solve a scenario in a fresh process and print what it took; by hand: `python benchmarks/plan_2026.py`.

The results go to a temporary folder, so that no stored run is reused. Another scenario: give its file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEFAULT = ROOT / "scenarios" / "plan_2026.yaml"
MB = 1e6


def peak_memory_mb() -> float | None:
    """Return the highest memory of the finished child processes, MB; None on Windows, which does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def print_run(manifest_path: Path) -> None:
    """Print one stored run: seconds by stage, objectives, gap, size of its folder."""
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    size = sum(file.stat().st_size for file in manifest_path.parent.iterdir()) / MB
    print(f"\n{manifest['scenario']} {manifest['run']}")
    for stage, seconds in manifest["seconds"].items():
        print(f"  {stage:<20}{seconds:>16,.1f} s   {manifest['method'].get(stage, '')}")
    for name, value in manifest["objectives"].items():
        print(f"  {name + ' objective':<20}{value:>16,.0f} CNY")
    if manifest["gap"] is not None:
        print(f"  {'gap':<20}{manifest['gap']:>16.1e}")
    print(f"  {'folder':<20}{size:>16.1f} MB")


def main() -> int:
    """Run the scenario, print, and hand its exit code on."""
    scenario = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    with tempfile.TemporaryDirectory(prefix="xinzhou-benchmark-") as folder:
        started = time.monotonic()
        command = [sys.executable, "-m", "xinzhou_energy", "run", str(scenario), "--results", folder]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        seconds, memory = time.monotonic() - started, peak_memory_mb()
        print(f"{scenario.stem}: {seconds:,.1f} s from command to summary")
        print("peak memory: " + ("not known on Windows" if memory is None else f"{memory:,.0f} MB"))
        for manifest in sorted(Path(folder).glob("*/*/manifest.json")):
            print_run(manifest)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
