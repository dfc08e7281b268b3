"""What can go wrong, said once: what, where, found, expected, what to do.

XinzhouError
├── ScenarioError     the YAML the planner wrote          exit code 2
├── DataError         a table or a time series            exit code 2
├── FormulationError  a rule that cannot be written       exit code 1
├── InfeasibleError   no plan satisfies the scenario      exit code 3
├── SolverError       the solver gave no optimum          exit code 4
└── ResultError       a stored run cannot be read         exit code 2

Each carries every finding of its stage, so that a planner mends a file once.

>>> print(Finding("out-of-range", Where("plan.yaml", 4, "siting.total"), found="-3 MW", expected="0 MW or more",
...               remedy="Give a size above zero."))
plan.yaml:4  siting.total  [out-of-range]
  found -3 MW, expected 0 MW or more
  → Give a size above zero.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """A place in a file: file name, line (1-based, 0 when the whole file is meant) and key or column."""

    file: str
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}  {self.path}" if self.path else place


@dataclass(frozen=True)
class Finding:
    """One fault: a stable code, its place, what stands there, what should, and the remedy."""

    code: str
    where: Where
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}  [{self.code}]\n  found {self.found}, expected {self.expected}\n  → {self.remedy}"


class XinzhouError(Exception):
    """Base of all errors a planner may see; carries the findings of one stage."""

    exit_code = 1

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class ScenarioError(XinzhouError):
    """The scenario file says something that cannot be meant."""

    exit_code = 2


class DataError(XinzhouError):
    """A table or a time series breaks its schema."""

    exit_code = 2


class FormulationError(XinzhouError):
    """A constraint cannot be written for this network."""


class InfeasibleError(XinzhouError):
    """No operation of the system satisfies every rule of the scenario."""

    exit_code = 3


class SolverError(XinzhouError):
    """The solver stopped without an optimum, so there is no result."""

    exit_code = 4


class InterruptedSolveError(XinzhouError):
    """Somebody stopped the solver; there is no result, but a best plan and a bound."""

    exit_code = 130


class ResultError(XinzhouError):
    """A stored run is missing, incomplete or altered."""

    exit_code = 2


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the remedy sentence for an unknown name: the nearest known one, or the list of all."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known names: {', '.join(sorted(known))}."
