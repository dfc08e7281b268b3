"""Plain values about a solve; no solver import here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How HiGHS solves: weekly blocks under a master, simplex (a vertex, clean prices), or interior point."""

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
class Solution:
    """An optimum: nothing else ever becomes one of these. `gap`: certified, over gross system cost."""

    method: Method
    reason: str
    objective: float
    iterations: int
    seconds: float
    rows: int
    columns: int
    gap: float = 0.0
