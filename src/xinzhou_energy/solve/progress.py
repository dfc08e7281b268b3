"""Follow HiGHS by its own log: iterations, gap and elapsed time, about once a second."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xinzhou_energy.solve.solution import Progress, Report

PERIOD_S = 1.0
# Simplex: "  12345   -1.234e+09 Pr: 12(3.4e+05) 5s";  interior point: "  12  1.2e+09  1.1e+09  1e-03  1e-04  1e-02  12"
SIMPLEX_LINE = re.compile(r"^\s*(\d+)\s+(-?\d\.\d+e[+-]\d+)\s+(?:Pr|Du|Ph1)\s*:", re.MULTILINE)
INTERIOR_LINE = re.compile(r"^\s*(\d+)\s+(-?\d\.\d+e[+-]\d+)\s+(-?\d\.\d+e[+-]\d+)\s+\d\.\d+e", re.MULTILINE)
TOTAL_LINE = re.compile(r"(?:Simplex|IPM|IPX|HiPO)\s+iterations\s*:\s*(\d+)", re.IGNORECASE)


@dataclass
class Seen:
    """Last iteration count and gap read from the log."""

    iterations: int = 0
    gap: float | None = None

    def read(self, text: str) -> None:
        """Take the newest figures of a log."""
        interior = INTERIOR_LINE.findall(text)
        simplex = SIMPLEX_LINE.findall(text)
        total = TOTAL_LINE.findall(text)
        if interior:
            number, primal, dual = interior[-1]
            self.iterations = int(number)
            self.gap = abs(float(primal) - float(dual)) / max(1.0, abs(float(primal)))
        if simplex:
            self.iterations = int(simplex[-1][0])
        if total:
            self.iterations = int(total[-1])


@contextmanager
def following(log: Path, stage: str, report: Report) -> Iterator[Seen]:
    """Report progress while the block runs; yields what was seen, complete after the block."""
    seen, stop, started = Seen(), threading.Event(), time.monotonic()

    def look() -> None:
        if log.exists():
            seen.read(log.read_text(encoding="utf-8", errors="replace"))
        report(Progress(stage, time.monotonic() - started, seen.iterations or None, seen.gap))

    def watch() -> None:
        while not stop.wait(PERIOD_S):
            look()

    watcher = threading.Thread(target=watch, name="highs-log", daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()
        look()
