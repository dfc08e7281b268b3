"""Rules between keys. Findings hold the dotted key only; the loader adds file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xinzhou_energy.errors import Finding, Where

if TYPE_CHECKING:
    from xinzhou_energy.scenario.schema import BatterySpec, Siting

FIRST_CORRIDOR_YEAR = 2029
SITED_TOLERANCE = 1e-3  # relative: solved capacities come with the solver's tolerance


class InconsistentError(ValueError):
    """Keys that contradict each other inside one block; carries findings with paths relative to it."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(finding.found for finding in findings))


def across(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the contradictions between top-level keys, as far as those can be read."""
    year, corridor = document.get("year"), document.get("corridor")
    if not isinstance(year, int) or isinstance(year, bool):
        return
    if year > 2025 and document.get("market") is None:
        yield _finding(
            "market-missing",
            "market",
            f"no market for the year {year}",
            "frozen or tight in every scenario after 2025",
            "Write 'market: frozen' (the province as in 2025) or 'market: tight' (it builds on too).",
        )
    if not isinstance(corridor, Mapping):
        return
    built = corridor.get("option", "none") != "none"
    if built and year < FIRST_CORRIDOR_YEAR:
        yield _finding(
            "corridor-too-early",
            "corridor.option",
            f"'{corridor['option']}' in {year}",
            f"'none' before {FIRST_CORRIDOR_YEAR}",
            f"Set year to {FIRST_CORRIDOR_YEAR} or later, or option to none.",
        )
    sizes = [key for key in ("p_nom", "p_nom_max") if corridor.get(key) is not None]
    if built and len(sizes) > 1:
        yield _finding(
            "contradiction",
            "corridor.p_nom_max",
            "a given size and a limit for an optimised one",
            "p_nom or p_nom_max",
            "Delete one of them (write null when it is inherited).",
        )
    if not built and sizes:
        yield _finding(
            "corridor-not-built",
            f"corridor.{sizes[0]}",
            "a size for a corridor that is not built",
            "option ac or dc",
            f"Write 'option: ac' or 'option: dc', or delete the size ({sizes[0]}: null when it is inherited).",
        )


def one_size(battery: BatterySpec) -> Iterator[Finding]:
    """Yield a finding unless a battery has one of a given power and a limit for an optimised one."""
    given = [key for key in ("p_nom", "p_nom_max") if getattr(battery, key) is not None]
    if len(given) != 1:
        yield _finding(
            "contradiction",
            "p_nom",
            "both a given power and a limit" if given else "no power",
            "p_nom (given) or p_nom_max (optimised)",
            "Write one of them.",
        )


def within_siting(siting: Siting) -> Iterator[Finding]:
    """Yield the contradictions inside `siting`, paths relative to it."""
    low, wind, high, total = siting.onwind_min, siting.onwind, siting.onwind_max, siting.total
    if low > high:
        yield _finding(
            "contradiction",
            "onwind_min",
            f"{low:g} MW",
            f"at most onwind_max = {high:g} MW",
            "Swap or mend the bounds.",
        )
    elif not low <= wind <= high:
        yield _finding(
            "contradiction",
            "onwind",
            f"{wind:g} MW",
            f"{low:g} to {high:g} MW (onwind_min to onwind_max)",
            "Move onwind, or widen its bounds.",
        )
    if wind > total:
        yield _finding(
            "contradiction",
            "onwind",
            f"{wind:g} MW",
            f"at most total = {total:g} MW",
            "Lower onwind or raise total.",
        )
    if siting.capacity:
        yield from _within_capacity(siting)


def _within_capacity(siting: Siting) -> Iterator[Finding]:
    """Yield what is wrong with given capacities: they must add up to the total and its wind share."""
    sited = {
        carrier: sum(county.get(carrier, 0.0) for county in siting.capacity.values()) for carrier in ("onwind", "solar")
    }
    total, slack = sum(sited.values()), SITED_TOLERANCE * siting.total
    if abs(total - siting.total) > slack:
        yield _finding(
            "contradiction",
            "capacity",
            f"a sum of {total:g} MW",
            f"the total of {siting.total:g} MW",
            "Mend the counties or the total so that they agree.",
        )
    low, high = (siting.onwind,) * 2 if siting.split == "fixed" else (siting.onwind_min, siting.onwind_max)
    if not low - slack <= sited["onwind"] <= high + slack:
        expected = f"{low:g} MW" if low == high else f"{low:g} to {high:g} MW"
        yield _finding(
            "contradiction",
            "capacity",
            f"{sited['onwind']:g} MW of wind",
            expected,
            "Mend the wind of the counties, or onwind and its bounds.",
        )


def _finding(code: str, path: str, found: str, expected: str, remedy: str) -> Finding:
    return Finding(code, Where("", 0, path), found, expected, remedy)
