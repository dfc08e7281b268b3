"""Every key of a scenario: type, unit, plausible range, meaning. Floats are in base units (see `units`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, Strict, model_validator

from xinzhou_energy.scenario.base import Bilingual, Block, Flag, Identifier, Whole
from xinzhou_energy.scenario.commitments import CommitmentSpec
from xinzhou_energy.scenario.consistency import InconsistentError, one_size, within_siting
from xinzhou_energy.scenario.inherit import ID_PATTERN
from xinzhou_energy.scenario.quantity import AnyFigure, Figure, Measure
from xinzhou_energy.units import Fault, QuantityError

Market = Literal["frozen", "tight"]
Carrier = Literal["onwind", "solar"]
Variable = Literal["onwind", "onwind_new", "solar", "load", "temperature", "hydro", "market_price", "market_deviation"]

SitedPower = Annotated[float, Measure("power", 0, 20_000)]
SitedTotal = Annotated[float, Measure("power", 10, 20_000)]
PlantPower = Annotated[float, Measure("power", 0, 10_000)]
AddedPower = Annotated[float, Measure("power", 0, 40_000)]
CorridorPower = Annotated[float, Measure("power", 100, 20_000)]
CorridorCost = Annotated[float, Measure("capital_cost", 100_000, 20_000_000)]
YearlyEnergy = Annotated[float, Measure("energy", 3_000_000, 100_000_000)]
Price = Annotated[float, Measure("price", 0, 1_500)]
StorageHours = Annotated[float, Measure("time", 0.25, 24)]
LossShare = Annotated[float, Measure("ratio", 0, 0.2)]
LineFactor = Annotated[float, Measure("ratio", 0.5, 3)]
Seconds = Annotated[float, Measure("duration", 1, 86_400)]
TableKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,100}$")]


def _ordinary_path(text: str) -> str:
    """Return a path with forward slashes.

    A planner's own data may lie anywhere (a confidential drive), so absolute paths and `..` are allowed here:
    such files are only read. What names files of ours (`id`, `extends`) allows neither.
    """
    if "://" in text or "\0" in text or text.startswith("~"):
        raise QuantityError(
            Fault(
                "bad-path",
                f"'{text}'",
                "a path on this computer",
                "Write it relative to the scenario, like 'mydata/load.csv'.",
            )
        )
    return text.replace("\\", "/")


UserPath = Annotated[str, Strict(), Field(min_length=1, max_length=400), AfterValidator(_ordinary_path)]


class TimeSpec(Block):
    """Which hours are modelled."""

    mode: Literal["full", "weeks"] = Field(
        "full", description="全年 8760 小时或代表周 / full year of 8,760 h, or representative weeks"
    )
    weeks: Whole = Field(4, ge=1, le=52, description="代表周数 (mode: weeks) / number of representative weeks")


class LoadSpec(Block):
    """The city's demand."""

    energy: YearlyEnergy | None = Field(
        None,
        description="全社会用电量；缺省取 demand.csv / electricity use of the year; default demand.csv",
    )


class ProjectSpec(Block):
    """A row of plants.csv switched on or off; its line upgrades travel with it."""

    in_service: Flag = Field(True, description="是否投运 / whether it runs")
    p_nom: PlantPower | None = Field(None, description="装机容量；缺省取 plants.csv / capacity; default plants.csv")


class BatterySpec(Block):
    """A grid battery at a bus."""

    p_nom: PlantPower | None = Field(None, description="功率，例如 20 万千瓦 / power")
    p_nom_max: PlantPower | None = Field(
        None, description="功率上限：在 0 与上限之间优化 / the optimiser chooses a power up to this"
    )
    max_hours: StorageHours = Field(description="储能时长，例如 2 h / hours at full power")

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        findings = list(one_size(self))
        if findings:
            raise InconsistentError(findings)
        return self


class Siting(Block):
    """New wind and solar of the year, spread over the counties by the optimiser or as given."""

    total: SitedTotal = Field(description="风光合计，例如 245 万千瓦 / wind and solar together")
    onwind: SitedPower = Field(description="其中风电 (split: fixed) / wind share of it")
    onwind_min: SitedPower = Field(description="风电下限 (split: free) / least wind")
    onwind_max: SitedPower = Field(description="风电上限 (split: free) / most wind")
    split: Literal["fixed", "free"] = Field(
        "fixed",
        description="风光比例固定，或在上下限内优化 / wind share fixed, or optimised within its bounds",
    )
    p_nom_max: Mapping[Identifier, Mapping[Carrier, SitedPower]] = Field(
        default_factory=dict,
        description="各县上限，覆盖 siting_limits.csv / county caps over those of siting_limits.csv",
    )
    capacity: Mapping[Identifier, Mapping[Carrier, SitedPower]] = Field(
        default_factory=dict,
        description="各县给定容量：不再优化 / capacity by county: given, nothing is optimised",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        findings = list(within_siting(self))
        if findings:
            raise InconsistentError(findings)
        return self


class Additions(Block):
    """Capacity added since 2025, spread over the counties by their room."""

    onwind: AddedPower = Field(0.0, description="新增风电 / wind added since 2025")
    solar: AddedPower = Field(0.0, description="新增光伏 / solar added since 2025")


class Corridor(Block):
    """The export corridor to Beijing-Tianjin-Hebei."""

    option: Literal["none", "ac", "dc", "own"] = Field(
        "none", description="外送通道方案；own 自定义 / corridor option; own = your own figures"
    )
    p_nom: CorridorPower | None = Field(None, description="通道容量，例如 400 万千瓦 / capacity of the corridor")
    p_nom_max: CorridorPower | None = Field(
        None, description="容量上限：在 0 与上限之间优化 / the optimiser chooses a capacity up to this"
    )
    price: Price | None = Field(None, description="受端电价，例如 0.33 元/千瓦时 / price at the receiving end")
    loss: LossShare | None = Field(None, description="线损率，例如 3.5 % / share lost on the way")
    charge: Price | None = Field(None, description="输电费 / transmission charge")
    capital_cost: CorridorCost | None = Field(
        None, description="单位造价（含换流），例如 1,600 元/千瓦 / cost of one megawatt, converters included"
    )
    bus0: Identifier | None = Field(None, description="送端节点 / sending bus")


class GridSpec(Block):
    """Changes to the grid as a whole."""

    line_factor: LineFactor = Field(1.0, description="线路限额倍数 / factor on all line limits")
    hebei_south: Flag = Field(False, description="是否含冀南落点 / whether Hebei South is a market")


class ProfileSource(Block):
    """A planner's own time series in place of the generated one."""

    file: UserPath = Field(description="文件，相对于本情景文件 / file, relative to this scenario file")
    format: Literal["csv", "parquet", "epw", "era5"] = Field(description="格式 / format")
    options: Mapping[str, JsonValue] = Field(
        default_factory=dict, description="读取选项，见 profiles / options of the loader of this format"
    )


class DataSpec(Block):
    """The planner's own tables."""

    overlay: UserPath | None = Field(
        None, description="自有数据目录，按 id 覆盖单元格 / folder of own tables that replace cells by id"
    )


class SolverSpec(Block):
    """How the problem is solved."""

    method: Literal["auto", "blocks", "simplex", "hipo"] = Field("auto", description="算法 / algorithm")
    time_limit: Seconds = Field(1200.0, description="时限，例如 20 min / time limit")
    threads: Whole = Field(2, ge=1, le=64, description="并行进程数 / worker processes or threads")
    gap: Annotated[float, Measure("ratio", 0.000001, 0.001)] = Field(
        1e-5, description="选址误差上限，占系统总成本 / largest gap of open sizes, of gross system cost"
    )


class ScenarioFields(Block):
    """All keys of a scenario file but `extends`, which is resolved before."""

    id: Annotated[str, Field(pattern=ID_PATTERN)] = Field(
        description="标识，即文件名；可省略 / id, the file name; may be left out"
    )
    name: Bilingual = Field(description="情景名称，不继承 / name of the scenario, not inherited")
    description: Bilingual | None = Field(None, description="说明，不继承 / description, not inherited")
    year: Whole = Field(ge=2025, le=2060, description="计算年份，也决定负荷 / calendar year, also chooses the demand")
    seed: Whole = Field(1, ge=1, le=10_000, description="气象年种子 / weather year")
    market: Market | None = Field(
        None,
        description="省内市场，2025 年后必填：frozen 同 2025，tight 全省新能源同步增长 / rest of Shanxi",
    )
    time: TimeSpec = Field(TimeSpec(), description="时间 / hours modelled")
    load: LoadSpec = Field(LoadSpec(), description="负荷 / demand")
    projects: Mapping[Identifier, ProjectSpec] = Field(
        default_factory=dict,
        description="plants.csv 的电厂按编号投切 / plants of plants.csv by id, switched on or off",
    )
    batteries: Mapping[Identifier, BatterySpec] = Field(
        default_factory=dict, description="新型储能，按节点 / batteries by bus"
    )
    siting: Siting | None = Field(None, description="当年新增风光选址 / new wind and solar to be sited")
    additions: Additions = Field(Additions(), description="2025 年以来新增风光 / capacity added since 2025")
    corridor: Corridor = Field(Corridor(), description="晋电送京津冀通道 / export corridor")
    commitments: Mapping[Identifier, CommitmentSpec] = Field(
        default_factory=dict,
        description="报告承诺，按编号纳入、调整或关闭 / commitments of the report, by id; or your own",
    )
    grid: GridSpec = Field(GridSpec(), description="电网 / grid")
    calibration: Mapping[TableKey, Annotated[Figure, AnyFigure]] = Field(
        default_factory=dict,
        description="覆盖 calibration.csv 的行；不带单位按表中单位 / overrides of calibration rows",
    )
    economics: Mapping[TableKey, Annotated[Figure, AnyFigure]] = Field(
        default_factory=dict,
        description="覆盖 economics.csv 的行，如 wind.lifetime: 25 / overrides of economics rows",
    )
    profiles: Mapping[Variable, ProfileSource] = Field(
        default_factory=dict, description="自有时间序列 / own time series in place of the generated ones"
    )
    data: DataSpec = Field(DataSpec(), description="自有数据 / own tables")
    solver: SolverSpec = Field(SolverSpec(), description="求解 / solver")
