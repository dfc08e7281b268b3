"""Fields that hold a quantity: read with its unit, kept as a float in base units, within a plausible range.

``total: Annotated[float, Measure("power", 10, 20_000)]`` reads ``2.45 GW`` as 2450.0 and refuses ``2450 GW``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from xinzhou_energy.units import DIMENSIONS, Fault, QuantityError, convert, parse_any, parse_quantity

DIMENSIONLESS = "1"  # base unit of a share
BASE_UNITS = {"base_units": True}  # validation context in which bare numbers are in base units already


class Figure(float):
    """A number for a table cell: in base units when a unit was written, as it stands when not.

    Only the table row knows the unit of a bare number, so ask with `to`.

    >>> Figure(8100.0, "MW").to("GW"), Figure(8.1).to("GW")
    (8.1, 8.1)
    """

    unit: str

    def __new__(cls, value: float, unit: str = "") -> Figure:
        """Make a figure of a number and the base unit it was given in ('' = none)."""
        figure = super().__new__(cls, value)
        figure.unit = unit
        return figure

    def to(self, unit: str) -> float:
        """Return the figure in the unit of its row; a bare number is so already.

        Raises
        ------
        QuantityError
            If the written unit measures something else than the row's unit, or that one cannot be converted.
        """
        return convert(float(self), self.unit, unit) if self.unit else float(self)

    def canonical(self) -> float | str:
        """Return the number, with its base unit when one was written: 8100.0 → '8100 MW'."""
        unit = "per unit" if self.unit == DIMENSIONLESS else self.unit
        return f"{float(self):.12g} {unit}" if unit else float(self)


@dataclass(frozen=True)
class Measure:
    """Annotation of a float: dimension (a key of `units.DIMENSIONS`), plausible range in base units."""

    dimension: str
    low: float
    high: float

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        wanted = DIMENSIONS[self.dimension]
        units = "|".join(re.escape(spelling) for spelling in wanted.spellings)
        written = {"type": "string", "pattern": rf"^[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*({units})$"}
        if self.dimension != "ratio":
            return written | {"examples": [f"{max(self.low, 1):g} {unit}" for unit in wanted.spellings[:1]]}
        return {"anyOf": [{"type": "number", "minimum": self.low, "maximum": self.high}, written]}

    def _validate(self, value: object, info: ValidationInfo) -> float:
        """Return the float in base units."""
        wanted = DIMENSIONS[self.dimension]
        bare = self.dimension == "ratio" or bool(info.context and info.context.get("base_units"))
        if isinstance(value, str):
            number = parse_quantity(value, dimension=self.dimension)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise QuantityError(
                Fault(
                    "not-a-quantity",
                    describe(value),
                    f"{wanted.label} such as '1 {wanted.spellings[0]}'",
                    "Write a number and its unit on this line.",
                )
            )
        elif bare:
            number = parse_quantity(repr(value), dimension="ratio")
        else:
            number = parse_quantity(str(value), dimension=self.dimension)
        if not self.low <= number <= self.high:
            raise self._out_of_range(value, number)
        return number

    def _out_of_range(self, value: object, number: float) -> QuantityError:
        """Return the error of a value that cannot be meant."""
        unit = "" if self.dimension == "ratio" else f" {DIMENSIONS[self.dimension].base}"
        if number < 0:
            remedy = "Give a value of zero or more, without a minus sign."
        elif self.low <= number / 1000 <= self.high:
            remedy = "This may be 1000 times too large: check the unit (GW or MW? 万千瓦 is 10 MW)."
        elif self.low <= number * 1000 <= self.high:
            remedy = "This may be 1000 times too small: check the unit (kW or MW? 万千瓦 is 10 MW)."
        else:
            remedy = "Check number and unit."
        found = f"'{value}'" if not unit else f"'{value}', that is {number:,.12g}{unit}"
        return QuantityError(Fault("out-of-range", found, f"{self.low:,.12g} to {self.high:,.12g}{unit}", remedy))


class AnyFigure:
    """Annotation of a `Figure`: a bare number, or a quantity of whatever dimension."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^-?[0-9]"}]}

    @staticmethod
    def _validate(value: object) -> Figure:
        """Return the figure."""
        if isinstance(value, Figure):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise QuantityError(
                Fault(
                    "not-a-quantity",
                    describe(value),
                    "a number, or a quantity such as '8.5 GW'",
                    "Write one value here, as in 'minimum_load: 0.30' or 'wind.lifetime: 25 years'.",
                )
            )
        return Figure(*parse_any(value if isinstance(value, str) else repr(value)))


def describe(value: Any) -> str:  # noqa: ANN401
    """Return a YAML value in words for 'found …'."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    return f"'{value}'"
