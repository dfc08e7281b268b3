"""Plain values about a solve; no solver import here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How HiGHS solves: in blocks of hours under a master, by simplex (a vertex, clean prices) or interior point."""

    BLOCKS = "blocks"
    SIMPLEX = "simplex"
    HIPO = "hipo"
    IPX = "ipx"


@dataclass(frozen=True)
class Progress:
    """What a solve is doing now: stage, seconds since its start, iterations and relative gap where known."""

    stage: str
    elapsed_s: float = 0.0
    iterations: int | None = None
    gap: float | None = None


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Settings:
    """Time limit [s], workers or threads, gap over gross system cost, address of a Dask scheduler if one is used."""

    time_limit: float
    threads: int
    gap: float
    scheduler: str | None = None


@dataclass(frozen=True)
class Solution:
    """An optimum: nothing else ever becomes one of these.

    Objective and bound below it in CNY; `gap` is what lies between them over gross system cost, `violation` the worst
    miss of any row or bound [MW or MWh], both certified by our own sums where there is a bound. `operation`: that of
    the dispatch at the sizes found, where the method delivers it too.
    """

    method: Method
    reason: str
    objective: float
    iterations: int
    seconds: float
    rows: int
    columns: int
    gap: float = 0.0
    bound: float | None = None
    violation: float | None = None
    operation: Solution | None = None
