"""What a scenario says about a promise of the report, and about promises of the planner's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from xinzhou_energy.errors import Finding, Where
from xinzhou_energy.scenario.base import Bilingual, Block, Flag, Identifier, Whole
from xinzhou_energy.scenario.consistency import InconsistentError
from xinzhou_energy.scenario.quantity import AnyFigure, Figure, Measure
from xinzhou_energy.units import Fault, QuantityError

UPGRADE = "coal_upgrade"  # the commitment with keys of its own: choice, sizes
FIRST_DUE = date(2025, 1, 1)
OwnKind = Literal["capacity", "project", "supply", "load", "account"]  # with a rule for any id
SizedPower = Annotated[float, Measure("power", 0, 20_000)]
GivenHours = Annotated[float, Measure("time", 0.25, 24)]
Share = Annotated[float, Measure("ratio", 0, 1)]
YearHours = Annotated[float, Measure("time", 0, 8760)]
Multiple = Annotated[float, Measure("ratio", 0, 100)]


def as_date(text: str) -> date:
    """Return the date of a text YYYY-MM-DD; QuantityError for any other."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise QuantityError(Fault("bad-date", f"'{text}'", "a date", "Write it like 2026-12-31."))
    return found


def _date(text: str) -> str:
    """Return a date as it is written, YYYY-MM-DD, and not before the report's first year."""
    due = as_date(text)
    if due < FIRST_DUE:
        raise QuantityError(
            Fault("due-too-early", f"{due}", f"{FIRST_DUE} or later", "The report of 2026 promises nothing before.")
        )
    return text


DueDate = Annotated[str, Strict(), AfterValidator(_date)]


class BlockStorage(Block):
    """Storage inside a block."""

    p_nom: SizedPower = Field(description="功率；0 表示没有储能 / power; 0 leaves the storage out")
    max_hours: GivenHours = Field(description="储能时长 / hours at full power")


class BlockSpec(Block):
    """A source-grid-load-storage block: generation, load and storage behind one connection."""

    bus: Identifier | None = Field(None, description="并网节点 / bus it is connected to")
    county: Identifier | None = Field(None, description="所在县区，决定风光出力 / county of its wind and sun")
    onwind: SizedPower | None = Field(None, description="风电 / wind")
    solar: SizedPower | None = Field(None, description="光伏 / solar")
    storage: BlockStorage | None = Field(None, description="储能 / storage")
    load: SizedPower | None = Field(None, description="平均负荷，平直 / mean load, flat")
    load_moved: Flag | None = Field(
        None, description="true 负荷由本县迁入，false 新增 / whether the load moves in from its county or is new"
    )
    export_limit: SizedPower | None = Field(None, description="上网限额 / connection limit towards the grid")
    import_limit: SizedPower | None = Field(None, description="下网限额 / connection limit from the grid")


class Thresholds(Block):
    """What a verdict asks for; defaults in data/commitments/thresholds.csv."""

    own_use: Share | None = Field(None, description="自用率下限 / least share of its output used in the block")
    self_supply: Share | None = Field(None, description="自供率下限 / least share of its demand from its own output")
    annual_share: Share | None = Field(None, description="年度绿电占比 / green share over the year")
    hourly_share: Share | None = Field(None, description="逐时绿电占比 / green share hour by hour")
    limit_hours: YearHours | None = Field(None, description="接入受限小时上限 / most hours at the connection limit")
    hours: YearHours | None = Field(None, description="通道利用小时下限 / least full-load hours")
    clean_share: Share | None = Field(None, description="外送清洁电量占比下限 / least clean share of the export")
    benefit_cost: Multiple | None = Field(None, description="效益成本比下限 / least benefit over cost")
    minimum_load: Share | None = Field(
        None, description="判定用最小出力上限 / ceiling of the verdict; units: upgrades.csv"
    )
    burn_share: Share | None = Field(None, description="可用于发电的原煤占比 / share of raw coal for power plants")


class CommitmentSpec(Block):
    """One commitment of a scenario: `base_ningwu: {}` takes it as the tables have it."""

    active: Flag = Field(True, description="是否纳入 / whether it is part of the scenario")
    quantity: Annotated[Figure, AnyFigure] | None = Field(
        None, description="目标或规模；缺省取 commitments.csv / target or size; default commitments.csv"
    )
    due: DueDate | None = Field(None, description="期限，例如 2026-12-31 / due date")
    first_year: Whole | None = Field(None, ge=2025, le=2060, description="最早投运年份 / earliest year of service")
    binding: Flag = Field(False, description="true 作为约束 / becomes a constraint")
    thresholds: Thresholds = Field(Thresholds(), description="判定阈值 / thresholds of the verdict")
    block: BlockSpec | None = Field(None, description="源网荷储区块 / source-grid-load-storage block")
    counts_toward: Identifier | None = Field(
        None, description="计入另一承诺，例如 wind_solar_connection / counts toward another commitment"
    )
    choice: Flag = Field(
        False, description="coal_upgrade：true 由优化决定改造多少 / the optimiser chooses how much is upgraded"
    )
    sizes: Mapping[Identifier, SizedPower] = Field(
        default_factory=dict, description="coal_upgrade：各电厂改造容量 / capacity upgraded, by plant"
    )
    kind: OwnKind | None = Field(None, description="自定义承诺的类型 / kind of a commitment of your own")
    name: Bilingual | None = Field(None, description="自定义承诺的名称 / name of a commitment of your own")
    carrier: Literal["onwind", "solar", "battery"] | None = Field(
        None, description="自定义 capacity 的电源 / carrier of an own capacity"
    )
    county: Identifier | None = Field(None, description="自定义承诺的县区 / county of an own capacity or load")
    plant: Identifier | None = Field(None, description="自定义 project 的电厂 / plant of plants.csv of an own project")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        findings = list(_faults(self))
        if findings:
            raise InconsistentError(findings)
        return self


def _faults(spec: CommitmentSpec) -> Iterator[Finding]:
    """Yield what contradicts itself inside one commitment, paths relative to it."""
    if spec.quantity is not None and spec.quantity <= 0:
        yield Finding(
            "size-zero",
            Where("", 0, "quantity"),
            f"{spec.quantity:g}",
            "a quantity above zero",
            "Write 'active: false' to leave a commitment out.",
        )
    block = spec.block
    if block is not None and block.storage is None and not any((block.onwind, block.solar, block.load)) and spec.kind:
        yield Finding(
            "empty-block",
            Where("", 0, "block"),
            "a block of nothing",
            "generation, load or storage",
            "Give onwind, solar, load or storage.",
        )
    if spec.kind == "load" and (spec.county is None or spec.quantity is None):
        yield Finding(
            "missing-key",
            Where("", 0, "kind"),
            "a load without county or quantity",
            "county and quantity",
            "Write 'county: Xinfu' and 'quantity: 3 万千瓦'.",
        )
