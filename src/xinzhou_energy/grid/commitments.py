"""The commitments of a scenario: each row of `data/commitments`, as the scenario changes it, and the planner's own.

In: tables and a `Scenario`. Out: one `Commitment` per row, sizes in MW, shares per unit, or every finding at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from xinzhou_energy.errors import Finding, ScenarioError, Where
from xinzhou_energy.grid.commitment_faults import block_faults, conflicts, unknown
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.commitments import BlockSpec, CommitmentSpec
from xinzhou_energy.units import QuantityError

OWN_SECTION = "own"
LIVES: dict[str, Callable[[Scenario], bool]] = {  # commitments that other keys of a scenario bring to life
    "wind_solar_connection": lambda scenario: scenario.siting is not None,
    "export_corridor": lambda scenario: scenario.corridor.option != "none",
    "geothermal_biomass_storage": lambda scenario: bool(scenario.batteries),
}
ALWAYS = ("base_year", "coal_output", "coal_supply", "growth", "regional_cooperation")  # true of every scenario


NOWHERE = Where("scenario")


@dataclass(frozen=True)
class BlockSize:
    """A block as it is built. [MW, h; `load_moved`: its load comes out of the county's]"""

    bus: str
    county: str
    onwind: float
    solar: float
    storage: float
    max_hours: float
    load: float
    load_moved: bool
    export_limit: float
    import_limit: float

    @property
    def generation(self) -> float:
        """Wind and solar together. [MW]"""
        return self.onwind + self.solar


@dataclass(frozen=True)
class Commitment:
    """One promise as the scenario means it.

    `listed`: the scenario speaks of it; `in_service`: it is active and its first year has come. `quantity` in `unit`;
    `thresholds` per unit or hours.
    """

    id: str
    section: str
    kind: str
    name_zh: str
    name_en: str
    clause_zh: str
    clause_en: str
    quantity: float | None
    unit: str
    due: str
    first_year: int
    listed: bool
    active: bool
    in_service: bool
    binding: bool
    choice: bool
    sizes: Mapping[str, float]
    counts_toward: str
    thresholds: Mapping[str, float]
    block: BlockSize | None
    plant: str
    carrier: str
    county: str
    source: str
    confidence: str
    provenance: str
    where: Where = NOWHERE

    @property
    def only_measured(self) -> bool:
        """True of what is a number to report on what is there, and adds nothing."""
        return self.id in ALWAYS or self.kind == "account" or (self.kind == "capacity" and self.carrier != "")


def as_meta(commitments: Mapping[str, Commitment]) -> list[dict[str, object]]:
    """Return commitments as plain data, for a network to carry them; file and line stay behind."""
    return [{key: value for key, value in asdict(each).items() if key != "where"} for each in commitments.values()]


def from_meta(meta: Iterable[Mapping[str, Any]]) -> dict[str, Commitment]:
    """Return the commitments that a network carries."""
    found = {}
    for each in meta:
        block = None if each["block"] is None else BlockSize(**each["block"])
        found[str(each["id"])] = Commitment(**{**each, "block": block})
    return found


def commitments_of(scenario: Scenario, frames: Mapping[str, pd.DataFrame]) -> dict[str, Commitment]:
    """Return the commitments of a scenario by id: those of the report in the order of its sections, then own ones.

    Raises
    ------
    ScenarioError
        With every fault: unknown ids and places, blocks without a connection, dates and years that cannot be, plants
        and components claimed twice.
    """
    if "commitments" not in frames:
        if scenario.commitments:
            where, remedy = scenario.where("commitments"), "Put data/commitments beside data/grid."
            raise ScenarioError(
                Finding("no-data", where, "no folder data/commitments", "the tables of the report", remedy)
            )
        return {}
    findings = list(unknown(scenario, frames))
    found: dict[str, Commitment] = {}
    for name, row in frames["commitments"].sort_values("section", kind="stable").iterrows():
        spec = scenario.commitments.get(str(name))
        found[str(name)] = resolved(scenario, frames, str(name), row, spec, findings)
    for name, spec in scenario.commitments.items():
        if name not in found and spec.kind is not None:
            found[name] = resolved(scenario, frames, name, own_row(name, spec, scenario), spec, findings)
    findings += conflicts(scenario, found)
    if findings:
        raise ScenarioError(findings)
    return found


def own_row(name: str, spec: CommitmentSpec, scenario: Scenario) -> pd.Series:
    """Return a commitment of the planner's own in the shape of a row of the table."""
    row = {
        "section": OWN_SECTION,
        "kind": spec.kind,
        "name_zh": spec.name.zh if spec.name else name,
        "name_en": spec.name.en if spec.name else name,
        "clause_zh": "",
        "clause_en": "",
        "quantity": float("nan"),
        "unit": "t" if spec.kind == "account" else "MW",
        "due": f"{scenario.year}-12-31",
        "first_year": 2025,
        "plant": spec.plant or "",
        "confidence": "low",
        "provenance": "user",
        "source": "the scenario",
    }
    return pd.Series(row)


def resolved(
    scenario: Scenario,
    frames: Mapping[str, pd.DataFrame],
    name: str,
    row: pd.Series,
    spec: CommitmentSpec | None,
    findings: list[Finding],
) -> Commitment:
    """Lay what the scenario says over the row of the table."""
    said = spec or CommitmentSpec()
    lives = name in LIVES and LIVES[name](scenario)
    listed = spec is not None or name in ALWAYS or lives
    active = listed and said.active
    quantity = quantity_of(scenario, name, row, said, findings)
    first_year = said.first_year or int(row["first_year"])
    if lives and said.first_year is None:  # what another key builds is built, also in a what-if of an earlier year
        first_year = min(first_year, scenario.year)
    due = said.due or str(row["due"])
    if said.binding and date.fromisoformat(due).year > scenario.year:
        findings.append(
            Finding(
                "due-after-horizon",
                scenario.where(f"commitments.{name}.binding"),
                f"due {due}, binding in {scenario.year}",
                f"a date in {scenario.year} or before",
                "Delete 'binding', or move the due date.",
            )
        )
    if said.binding and active and first_year > scenario.year:
        findings.append(
            Finding(
                "not-in-service",
                scenario.where(f"commitments.{name}.binding"),
                f"binding in {scenario.year}, in service from {first_year}",
                "a commitment in service",
                "Delete 'binding', or lower first_year.",
            )
        )
    return Commitment(
        id=name,
        section=str(row["section"]),
        kind=str(row["kind"]),
        name_zh=said.name.zh if said.name else str(row["name_zh"]),
        name_en=said.name.en if said.name else str(row["name_en"]),
        clause_zh=str(row["clause_zh"]),
        clause_en=str(row["clause_en"]),
        quantity=quantity,
        unit=str(row["unit"]),
        due=due,
        first_year=first_year,
        listed=listed,
        active=active,
        in_service=active and first_year <= scenario.year,
        binding=said.binding and active,
        choice=said.choice,
        sizes=said.sizes,
        counts_toward=said.counts_toward or "",
        thresholds=thresholds_of(frames["thresholds"], name, said),
        block=block_of(scenario, frames, name, said, row, quantity, findings) if active else None,
        plant=str(row["plant"]),
        carrier=said.carrier or "",
        county=said.county or "",
        source=str(row["source"]),
        confidence=str(row["confidence"]),
        provenance="user" if spec is not None and spec.quantity is not None else str(row["provenance"]),
        where=scenario.where(f"commitments.{name}"),
    )


def quantity_of(
    scenario: Scenario, name: str, row: pd.Series, said: CommitmentSpec, findings: list[Finding]
) -> float | None:
    """Return the quantity in the unit of its row."""
    if said.quantity is None:
        return None if pd.isna(row["quantity"]) else float(row["quantity"])
    where, unit = scenario.where(f"commitments.{name}.quantity"), str(row["unit"])
    if unit and not said.quantity.unit:
        found, remedy = f"{said.quantity:g} without a unit", f"Write '{said.quantity:g} {unit}' if that is meant."
        findings.append(Finding("unit-missing", where, found, f"a quantity in {unit}", remedy))
        return None
    try:
        return float(said.quantity.to(unit)) if unit else float(said.quantity)
    except QuantityError as error:
        fault = error.fault
        findings.append(Finding(fault.code, where, fault.found, fault.expected, fault.remedy))
        return None


def thresholds_of(table: pd.DataFrame, name: str, said: CommitmentSpec) -> dict[str, float]:
    """Return the thresholds of one commitment, those of the scenario over those of the table."""
    rows = table.reset_index(level="commitment")
    values = {str(key): float(value) for key, value in rows.loc[rows["commitment"] == name, "value"].items()}
    given = {key: float(value) for key, value in said.thresholds.model_dump(exclude_none=True).items()}
    return values | given


def block_of(
    scenario: Scenario,
    frames: Mapping[str, pd.DataFrame],
    name: str,
    said: CommitmentSpec,
    row: pd.Series,
    quantity: float | None,
    findings: list[Finding],
) -> BlockSize | None:
    """Return the block of a commitment: the table's, grown to the quantity asked for, then what the YAML says."""
    table = frames["blocks"]
    spec = said.block or BlockSpec()
    has_row = name in table.index
    if not has_row and said.block is None:
        return None
    base = table.loc[name].to_dict() if has_row else {}
    listed = float(row["quantity"]) if has_row and not pd.isna(row["quantity"]) else None
    scale = quantity / listed if quantity is not None and listed else 1.0

    def power(key: str) -> float:
        given = getattr(spec, key)
        return float(given) if given is not None else scale * float(base.get(key, 0.0))

    storage = spec.storage
    size = BlockSize(
        bus=spec.bus or str(base.get("bus", "")),
        county=spec.county or str(base.get("county", "")),
        onwind=power("onwind"),
        solar=power("solar"),
        storage=storage.p_nom if storage else scale * float(base.get("storage", 0.0)),
        max_hours=storage.max_hours if storage else float(base.get("max_hours", 2.0)),
        load=power("load"),
        load_moved=bool(base.get("load_moved", False)) if spec.load_moved is None else spec.load_moved,
        export_limit=power("export_limit"),
        import_limit=power("import_limit"),
    )
    findings += block_faults(scenario, frames, name, size)
    return size
