"""Quantities as planners write them, and the only place where a conversion factor stands.

Inside the package everything is MW, MWh, CNY, t, h, km and per unit (a duration of work: s).

>>> parse_quantity("2.45 GW", dimension="power"), parse_quantity("245 万千瓦", dimension="power")
(2450.0, 2450.0)
>>> parse_quantity("0.3 元/千瓦时", dimension="price")
300.0
>>> format_power(2450.0)
'245.0 万千瓦 (2.45 GW)'
"""

from __future__ import annotations

import difflib
import itertools
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from xinzhou_energy.errors import Finding, Where

HOURS_PER_YEAR = 8760
GJ_PER_MWH = 3.6
WAN = 10_000  # 万
YI = 100_000_000  # 亿
KILO = 1_000
MEGA = 1_000_000
GIGA = 1_000_000_000

# name in pint, its definition, further spellings a planner may use. The five first ones are the base.
_UNITS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("MW", "[electric_power]", ("兆瓦",)),
    ("h", "[duration]", ("hour", "hours", "小时", "时")),
    ("CNY", "[currency]", ("元", "yuan", "RMB", "人民币元")),
    ("t", "[mass]", ("吨", "tCO2", "t_CO2")),
    ("km", "[length]", ("公里", "千米")),
    ("W", f"MW / {MEGA}", ("瓦",)),
    ("kW", f"MW / {KILO}", ("千瓦", "kW_th", "kW_e")),
    ("GW", f"{KILO} * MW", ("吉瓦",)),
    ("TW", f"{MEGA} * MW", ()),
    ("wan_kW", f"{WAN} * kW", ("万千瓦",)),
    ("yi_kW", f"{YI} * kW", ("亿千瓦",)),
    ("kWh", "kW * h", ("千瓦时", "度", "kWh_th", "kWh_e")),
    ("MWh", "MW * h", ("兆瓦时", "MWh_th", "MWh_e")),
    ("GWh", "GW * h", ("吉瓦时", "百万千瓦时", "百万度")),
    ("TWh", "TW * h", ("太瓦时",)),
    ("wan_kWh", f"{WAN} * kWh", ("万千瓦时", "万度")),
    ("yi_kWh", f"{YI} * kWh", ("亿千瓦时", "亿度")),
    ("GJ", f"MWh / {GJ_PER_MWH}", ()),
    ("PJ", f"{MEGA} * GJ", ()),
    ("wan_CNY", f"{WAN} * CNY", ("万元",)),
    ("million_CNY", f"{MEGA} * CNY", ("million CNY", "MCNY", "百万元")),
    ("yi_CNY", f"{YI} * CNY", ("亿元",)),
    ("bn_CNY", f"{GIGA} * CNY", ("bn CNY", "billion CNY", "十亿元")),
    ("fen", "CNY / 100", ("分",)),
    ("kt", f"{KILO} * t", ("千吨",)),
    ("wan_t", f"{WAN} * t", ("万吨",)),
    ("Mt", f"{MEGA} * t", ("百万吨",)),
    ("yi_t", f"{YI} * t", ("亿吨",)),
    ("kg", f"t / {KILO}", ("千克", "公斤")),
    ("g", f"t / {MEGA}", ("克",)),
    ("m", f"km / {KILO}", ("米",)),
    ("m2", "m ** 2", ("m²", "平方米")),
    ("km2", "km ** 2", ("km²", "平方公里")),
    ("m3", "m ** 3", ("m³", "立方米")),
    ("s", "h / 3600", ("sec", "second", "seconds", "秒")),
    ("min", "h / 60", ("minute", "minutes", "分钟")),
    ("day", "24 * h", ("d", "days", "天", "日")),
    ("yr", f"{HOURS_PER_YEAR} * h", ("year", "a", "年")),
    ("percent", "0.01", ("%",)),
    ("per_unit", "1", ("per unit", "p.u.", "pu", "1")),
)
_PINT_NAME = {spelling: name for name, _, others in _UNITS for spelling in (name, *others)}
_BASE = ("CNY", "t", "km", "MW", "h")


@dataclass(frozen=True)
class Dimension:
    """What a quantity measures: the base unit of its float, its name and spellings to show a planner."""

    base: str
    label: str
    spellings: tuple[str, ...]


DIMENSIONS: dict[str, Dimension] = {
    "power": Dimension("MW", "a power 功率", ("MW", "GW", "kW", "万千瓦", "千瓦")),
    "energy": Dimension("MWh", "an energy 电量", ("MWh", "GWh", "TWh", "亿千瓦时", "万千瓦时", "千瓦时")),
    "money": Dimension("CNY", "an amount of money 金额", ("CNY", "元", "万元", "亿元")),
    "price": Dimension("CNY/MWh", "a price of energy 电价", ("CNY/MWh", "元/千瓦时", "元/兆瓦时")),
    "capital_cost": Dimension("CNY/MW", "a cost of capacity 单位造价", ("CNY/kW", "CNY/MW", "元/千瓦")),
    "connection_cost": Dimension("CNY/MW/km", "a cost of connection 接入造价", ("CNY/MW/km",)),
    "emission": Dimension("t/MWh", "an emission per energy 排放强度", ("t/MWh", "g/kWh")),
    "length": Dimension("km", "a length 长度", ("km", "公里", "m")),
    "mass": Dimension("t", "a mass 质量", ("t", "万吨", "Mt")),
    "time": Dimension("h", "a number of hours 小时数", ("h", "小时")),
    "duration": Dimension("s", "a duration 时长", ("s", "min", "h", "秒", "分钟", "小时")),
    "ratio": Dimension("per_unit", "a share or factor 比例", ("per unit", "%")),
}


@dataclass(frozen=True)
class Fault:
    """Why a text is not the quantity meant: a stable code, what was found, what was expected, the remedy."""

    code: str
    found: str
    expected: str
    remedy: str

    def at(self, where: Where) -> Finding:
        """Return the finding this fault makes at a place of a file."""
        return Finding(self.code, where, self.found, self.expected, self.remedy)


class QuantityError(ValueError):
    """A text that is not the quantity meant; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"found {fault.found}, expected {fault.expected}. {fault.remedy}")


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.,])")
_FULL_WIDTH = re.compile("[！-～　−]")  # U+FF01-FF5E, the ideographic space and the typographic minus
_NOT_FINITE = re.compile(r"[+-]?\.?(nan|inf|infinity)\b", re.IGNORECASE)


def half_width(text: str) -> str | None:
    """Return the text with full-width characters (２．４５) made ordinary, or None when it has none."""
    if not _FULL_WIDTH.search(text):
        return None
    return unicodedata.normalize("NFKC", text).replace("−", "-")


def parse_quantity(text: str, *, dimension: str) -> float:
    """Return a written quantity in the base unit of its dimension.

    Parameters
    ----------
    text
        A number (thousands commas allowed), an optional space, a unit: ``2.45 GW``, ``1,000 元/千瓦``.
    dimension
        A key of `DIMENSIONS`; only ``ratio`` may go without a unit.

    Returns
    -------
    float
        In MW, MWh, CNY, CNY/MWh, CNY/MW, CNY/MW/km, t/MWh, km, t, h, s or per unit, to 12 digits, so that
        two spellings of one quantity give one number.

    Raises
    ------
    QuantityError
        When the text is no quantity, has no or an unknown unit, or one of another dimension.
    """
    wanted = DIMENSIONS[dimension]
    expected = f"{wanted.label} such as '1 {wanted.spellings[0]}'"
    number, unit = _split(text, expected)
    if not unit and dimension != "ratio":
        offers = " or ".join(f"'{text.strip()} {spelling}'" for spelling in wanted.spellings[:4])
        raise QuantityError(Fault("unit-missing", f"'{text}' without a unit", expected, f"Write {offers}."))
    try:
        return convert(number, unit or "1", wanted.base)
    except QuantityError as error:
        if error.fault.code == "unknown-unit":
            remedy = _nearest_unit(unit, wanted)
        else:
            remedy = _other_dimension(text.strip(), unit, wanted)
        raise QuantityError(Fault(error.fault.code, f"'{text}' ({error.fault.found})", expected, remedy)) from None


def parse_any(text: str) -> tuple[float, str]:
    """Return a written quantity of whatever dimension in base units, and that base unit ('' = no unit given).

    >>> parse_any("36 CNY/MWh/GW")
    (0.036, 'CNY/MW/MW/h')
    """
    number, unit = _split(text, "a number or a quantity such as '8.5 GW'")
    if not unit:
        return number, ""
    factor, base = _factor(unit)
    return _round(number * factor), base


def convert(value: float, unit: str, to: str) -> float:
    """Return a value given in one unit in another one of the same dimension, to 12 digits.

    Raises
    ------
    QuantityError
        ``unknown-unit`` or ``wrong-dimension``.
    """
    factor, base = _factor(unit)
    target_factor, target_base = _factor(to)
    if base != target_base:
        raise QuantityError(
            Fault(
                "wrong-dimension",
                f"'{unit}' measures {_label(base)}",
                f"a unit of {_label(target_base)}",
                f"Use a unit that can be turned into '{to}'.",
            )
        )
    return _round(value * factor / target_factor)


def _split(text: str, expected: str) -> tuple[float, str]:
    """Return number and unit text."""
    ordinary = half_width(text)
    if ordinary is not None:
        raise QuantityError(
            Fault(
                "full-width",
                f"'{text}' with full-width characters 全角字符",
                expected,
                f"Write '{ordinary.strip()}'.",
            )
        )
    stripped = text.strip()
    match = _NUMBER.match(stripped)
    if match is None:
        if _NOT_FINITE.match(stripped):
            raise QuantityError(Fault("not-finite", f"'{text}'", expected, "Give a finite number, or delete the line."))
        remedy = "Write digits with a decimal point and its unit after them: '2.45 GW', '1,000 MW', '245 万千瓦'."
        raise QuantityError(Fault("not-a-quantity", f"'{text}'", expected, remedy))
    number, unit = float(match.group().replace(",", "")), stripped[match.end() :].strip()
    if not math.isfinite(number):
        raise QuantityError(Fault("not-finite", f"'{text}'", expected, "Give a finite number, or delete the line."))
    if unit[:1] in set("0123456789+-,."):
        remedy = "Write one number, without spaces or ranges inside it: '1,000 MW' or '1000 MW'."
        raise QuantityError(Fault("not-a-quantity", f"'{text}'", expected, remedy))
    return number, unit


@cache
def registry() -> Any:  # noqa: ANN401  (pint ships no types that mypy can follow)
    """Return the one pint registry: only the units of this module, built when the first quantity is read."""
    import pint  # here, because it takes 0.3 s that `--help` must not pay

    units = pint.UnitRegistry(None)
    for name, definition, _ in _UNITS:
        units.define(f"{name} = {definition}")
    return units


@cache
def _factor(unit: str) -> tuple[float, str]:
    """Return a unit's size in base units and its base unit as text ('CNY/MW/h', '1')."""
    quantity = 1.0 * registry().dimensionless
    text = _PINT_NAME.get(unit.strip())
    parts = [text] if text else re.split(r"\s*([/*·])\s*|\s+(per)\s+", unit.strip())
    sign = 1
    for part in parts:
        if part is None:  # the half of the separator pattern that did not match
            continue
        if part in {"/", "per", "*", "·"}:
            sign = 1 if part in {"*", "·"} else -1
            continue
        name = _PINT_NAME.get(part)
        if name is None:
            raise QuantityError(
                Fault("unknown-unit", f"unknown unit '{part}'", "a known unit", _nearest_unit(unit, None))
            )
        quantity = quantity * registry().Quantity(1.0, name) ** sign
    base = quantity.to_base_units()
    return float(base.magnitude), _base_text({str(name): int(power) for name, power in base.unit_items()})


def _base_text(powers: dict[str, int]) -> str:
    """Return powers of base units as a text that can be read again: {'CNY': 1, 'MW': -1} → 'CNY/MW'."""
    above = [name for name in _BASE for _ in range(powers.get(name, 0))]
    below = [name for name in _BASE for _ in range(-powers.get(name, 0))]
    return "/".join(["*".join(above) or "1", *below])


def _label(base: str) -> str:
    """Return the name of the dimension that has this base unit."""
    for dimension in DIMENSIONS.values():
        if _factor(dimension.base)[1] == base:
            return dimension.label
    return f"something in {base}"


def _nearest_unit(unit: str, wanted: Dimension | None) -> str:
    """Return the remedy for an unknown unit: the nearest known one, those of the wanted dimension first."""
    parts = re.split(r"(\s*[/*·]\s*)", unit)
    choices = [[part] if index % 2 else _near_spellings(part) for index, part in enumerate(parts)]
    repaired = ["".join(choice) for choice in itertools.islice(itertools.product(*choices), 64)]
    fitting = [text for text in repaired if wanted and _factor(text)[1] == _factor(wanted.base)[1]]
    offers = ", ".join(wanted.spellings) if wanted else ", ".join(_PINT_NAME)
    if fitting or repaired:
        return f"Did you mean '{(fitting or repaired)[0]}'? Known here: {offers}."
    return f"Use one of: {offers}."


def _near_spellings(part: str) -> list[str]:
    """Return the known units spelled most like this one, whatever their case."""
    if part in _PINT_NAME:
        return [part]
    known = {spelling.casefold(): spelling for spelling in _PINT_NAME if "_" not in spelling}
    return [known[close] for close in difflib.get_close_matches(part.casefold(), known, 4, cutoff=0.6)]


def _other_dimension(text: str, unit: str, wanted: Dimension) -> str:
    """Return the remedy for a unit of another dimension; kW for kWh and back is named outright."""
    for candidate in (f"{unit}h", f"{unit}时", unit.removesuffix("h"), unit.removesuffix("时")):
        if candidate in _PINT_NAME and _factor(candidate)[1] == _factor(wanted.base)[1]:
            return f"Did you mean '{text.removesuffix(unit)}{candidate}'?"
    return f"Use one of: {', '.join(wanted.spellings)}."


def _round(value: float) -> float:
    """Return the value to 12 digits: 0.29 GW and 29 万千瓦 are then the same float."""
    return float(f"{value:.12g}")


def format_power(mw: float) -> str:
    """Return a power [MW] for planners: '245.0 万千瓦 (2.45 GW)', below 1 GW in MW."""
    wan = mw * KILO / WAN
    si = f"{mw / KILO:,.2f} GW" if abs(mw) >= KILO else f"{mw:,.0f} MW"
    return f"{wan:,.1f} 万千瓦 ({si})"


def format_energy(mwh: float) -> str:
    """Return an energy [MWh] for planners: '165.0 亿千瓦时 (16.50 TWh)', small ones in 万千瓦时 and GWh."""
    if abs(mwh) < 0.1 * MEGA:
        return f"{mwh * KILO / WAN:,.1f} 万千瓦时 ({mwh / KILO:,.2f} GWh)"
    return f"{mwh * KILO / YI:,.1f} 亿千瓦时 ({mwh / MEGA:,.2f} TWh)"


def format_money(cny: float) -> str:
    """Return an amount [CNY] for planners: '8.10 亿元 (810.0 million CNY)', above 10 亿元 in bn CNY."""
    si = f"{cny / GIGA:,.2f} bn CNY" if abs(cny) >= GIGA else f"{cny / MEGA:,.1f} million CNY"
    return f"{cny / YI:,.2f} 亿元 ({si})"


def format_price(cny_per_mwh: float) -> str:
    """Return a price [CNY/MWh] for planners: '0.246 元/千瓦时 (246 CNY/MWh)'."""
    return f"{cny_per_mwh / KILO:,.3f} 元/千瓦时 ({cny_per_mwh:,.0f} CNY/MWh)"


def format_share(per_unit: float) -> str:
    """Return a share [per unit] in percent: '4.9 %'."""
    return f"{per_unit * 100:,.1f} %"
