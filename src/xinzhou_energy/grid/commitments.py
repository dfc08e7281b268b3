"""The commitments of a scenario: each row of `data/commitments`, as the scenario changes it, and the planner's own.

In: tables and a `Scenario`. Out: one `Commitment` per row, sizes in MW, shares per unit, or every finding at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from xinzhou_energy.errors import Finding, ScenarioError, Where, nearest
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.commitments import BlockSpec, CommitmentSpec
from xinzhou_energy.units import QuantityError

OWN_SECTION = "own"
OWN_TEXTS = {"enters": "", "metric": "", "rule": "as its kind", "source": "the scenario"}
LIVES: dict[str, Callable[[Scenario], bool]] = {  # commitments that other keys of a scenario bring to life
    "wind_solar_connection": lambda scenario: scenario.siting is not None,
    "export_corridor": lambda scenario: scenario.corridor.option != "none",
    "geothermal_biomass_storage": lambda scenario: bool(scenario.batteries),
}
UPGRADE = "coal_upgrade"
ALWAYS = ("base_year", "coal_output", "coal_supply", "growth", "regional_cooperation")  # true of every scenario


NOWHERE = Where("scenario")
INSIDE = ("county", "station")  # kinds of buses that a block can be connected to
OWN_KEYS = ("name", "carrier", "county", "plant")  # of a commitment of the planner's own only
BLOCK_THRESHOLDS = {"own_use", "self_supply", "annual_share", "hourly_share", "limit_hours"}
NEEDS_QUANTITY = ("capacity", "load")


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
        **OWN_TEXTS,
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
    return Commitment(
        id=name,
        section=str(row["section"]),
        kind=str(row["kind"]),
        name_zh=said.name.zh if said.name else str(row["name_zh"]),
        name_en=said.name.en if said.name else str(row["name_en"]),
        clause_zh=str(row["clause_zh"]),
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


def block_faults(
    scenario: Scenario, frames: Mapping[str, pd.DataFrame], name: str, size: BlockSize
) -> Iterator[Finding]:
    """Yield what keeps a block from being built."""
    buses = frames["buses"]
    inside = buses.index[buses["kind"].isin(INSIDE)]
    for key, table, known in (("bus", "buses of the city", inside), ("county", "counties", frames["counties"].index)):
        value, where = getattr(size, key), scenario.where(f"commitments.{name}.block.{key}")
        if value not in known:
            found = f"'{value}'" if value else f"no {key}"
            remedy = nearest(value, list(known)) if value else f"Write '{key}: ...'."
            yield Finding("unknown-id", where, found, f"an id of {table}", remedy)
    if size.export_limit <= 0 and size.import_limit <= 0:
        yield Finding(
            "no-connection",
            scenario.where(f"commitments.{name}.block"),
            "a block without a connection",
            "export_limit, import_limit or both above zero",
            "Write 'export_limit: 80 万千瓦'.",
        )
    if size.generation <= 0 and size.load <= 0 and size.storage <= 0:
        yield Finding(
            "size-zero",
            scenario.where(f"commitments.{name}.block"),
            "a block of nothing",
            "generation, load or storage",
            "Give onwind, solar, load or storage.",
        )


def unknown(scenario: Scenario, frames: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Yield ids that no table knows, and keys that the kind of a commitment has no use for."""
    known = frames["commitments"].index
    for name, spec in scenario.commitments.items():
        where = scenario.where(f"commitments.{name}")
        if name not in known and spec.kind is None:
            remedy = f"{nearest(name, list(known))} A commitment of your own needs 'kind'."
            yield Finding("unknown-id", where, f"'{name}'", "an id of commitments.csv", remedy)
        if name in known and spec.kind is not None:
            yield Finding("kind-given", where, f"a kind for '{name}'", "none", "The report's own rows have their kind.")
        yield from useless(scenario, name, spec, frames)
        for key, value, table in (("county", spec.county, "counties"), ("plant", spec.plant, "plants")):
            if value is not None and value not in frames[table].index:
                place = scenario.where(f"commitments.{name}.{key}")
                yield Finding(
                    "unknown-id", place, f"'{value}'", f"an id of {table}", nearest(value, list(frames[table].index))
                )


def useless(
    scenario: Scenario, name: str, spec: CommitmentSpec, frames: Mapping[str, pd.DataFrame]
) -> Iterator[Finding]:
    """Yield keys that would be read and do nothing, and those without which a commitment means nothing."""
    is_own = spec.kind is not None
    has_block = name in frames["blocks"].index or spec.kind in {"project", "supply"}
    thresholds = frames["thresholds"].reset_index()
    known = set(thresholds.loc[thresholds["commitment"] == name, "threshold"])
    if has_block:
        known |= BLOCK_THRESHOLDS
    wrong = [f"thresholds.{key}" for key in spec.thresholds.model_dump(exclude_none=True) if key not in known]
    wrong += [key for key in OWN_KEYS if getattr(spec, key) is not None and not is_own]
    wrong += ["choice"] if spec.choice and name != UPGRADE else []
    wrong += ["sizes"] if spec.sizes and name != UPGRADE else []
    wrong += ["block"] if spec.block is not None and not has_block else []
    for key in wrong:
        where = scenario.where(f"commitments.{name}.{key}")
        yield Finding("useless-key", where, f"'{key}' for '{name}'", "keys it has a use for", "Delete it.")
    if name == UPGRADE:
        for plant in spec.sizes:
            if plant not in frames["upgrades"].index:
                where, able = scenario.where(f"commitments.{name}.sizes.{plant}"), list(frames["upgrades"].index)
                yield Finding("unknown-id", where, f"'{plant}'", "a plant of upgrades.csv", nearest(plant, able))
    kind = spec.kind or (str(frames["commitments"]["kind"][name]) if name in frames["commitments"].index else "")
    if spec.quantity is None and (spec.kind in NEEDS_QUANTITY or (kind == "account" and spec.binding)):
        where = scenario.where(f"commitments.{name}")
        yield Finding("missing-key", where, "no quantity", "a quantity", "Write 'quantity: ...' with its unit.")
    if is_own and (name in frames["buses"].index or name in frames["counties"].index):
        where = scenario.where(f"commitments.{name}")
        yield Finding(
            "name-taken", where, f"'{name}', a place of the city", "a name of its own", "Choose another name."
        )


def conflicts(scenario: Scenario, found: Mapping[str, Commitment]) -> Iterator[Finding]:
    """Yield plants that two commitments, or a commitment and `projects`, both claim; and bad `counts_toward`."""
    owners: dict[str, str] = {}
    for name, each in found.items():
        place = scenario.where(f"commitments.{name}")
        if each.counts_toward and each.counts_toward not in found:
            remedy = nearest(each.counts_toward, list(found))
            yield Finding("unknown-id", place, f"'{each.counts_toward}'", "the id of a commitment", remedy)
        if not each.plant or not each.active:
            continue
        if each.plant in owners:
            yield Finding(
                "claimed-twice",
                place,
                f"{each.plant}, which '{owners[each.plant]}' claims too",
                "one commitment per plant",
                "Delete one of them.",
            )
        owners[each.plant] = name
        if each.plant in scenario.projects:
            yield Finding(
                "claimed-twice",
                scenario.where(f"projects.{each.plant}"),
                f"{each.plant}, which the commitment '{name}' claims too",
                "one of both",
                f"Delete it here; size it by commitments.{name}.quantity.",
            )
