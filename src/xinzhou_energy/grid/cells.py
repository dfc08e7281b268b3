"""One cell: from the text in a file to a checked value."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from xinzhou_energy.errors import nearest
from xinzhou_energy.grid.schema import Column

Value = str | float | int | bool

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = {"nan", "na", "n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}
_EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
_WORDS = {"float": "a number", "int": "a whole number", "bool": "true or false", "string": "text"}


@dataclass(frozen=True)
class Fault:
    """Why a cell is refused: a finding that does not know its place yet."""

    code: str
    found: str
    expected: str
    remedy: str


def parse_cell(column: Column, text: str, *, is_key: bool = False) -> Value | Fault:
    """Turn the text of a cell into the value its column asks for.

    Parameters
    ----------
    column
        The rules of the column; references are checked later, when all tables are known.
    text
        The cell without surrounding blanks.
    is_key
        True where the cell is part of the row's key.

    Returns
    -------
    Value or Fault
        str, float, int or bool; an empty optional cell gives NaN in number columns and "" in string columns.
    """
    fault = _not_plain(column, text, is_key)
    if fault is not None:
        return fault
    if not text:
        return math.nan if column.is_number else ""
    if column.type == "bool":
        return _parse_bool(column, text)
    if column.is_number:
        return _parse_number(column, text)
    return _check_enum(column, text)


def describe(column: Column) -> str:
    """Say in words what a column accepts, unit and range included."""
    if column.enum:
        return f"one of {', '.join(column.enum)}"
    low, high = column.minimum, column.maximum
    span = ""
    if low is not None and high is not None:
        span = f" from {low:g} to {high:g}"
    elif low is not None:
        span = f", {low:g} or more"
    elif high is not None:
        span = f", {high:g} or less"
    unit = f" {column.unit}" if column.unit else ""
    return f"{_WORDS[column.type]}{span}{unit}"


def _not_plain(column: Column, text: str, is_key: bool) -> Fault | None:
    expected = describe(column)
    if not text:
        if column.optional:
            return None
        return Fault("empty-cell", "an empty cell", expected, "Fill the cell, or delete the whole row.")
    if text.upper() in _EXCEL_ERRORS:
        return Fault("spreadsheet-error", f"'{text}'", expected, "Mend the cell in the spreadsheet and save its value.")
    if text.startswith("="):
        return Fault("formula", f"'{text}'", expected, "Replace the formula by its value (paste special: values).")
    plain = unicodedata.normalize("NFKC", text)
    exact = column.type != "string" or is_key or column.ref is not None or bool(column.enum)
    if exact and plain != text:
        remedy = f"Type it with half-width (ASCII) characters: {plain}"
        return Fault("full-width", f"'{text}'", expected, remedy)
    return None


def _parse_bool(column: Column, text: str) -> bool | Fault:
    word = text.lower()  # spreadsheets write TRUE and FALSE
    if word in ("true", "false"):
        return word == "true"
    return Fault("wrong-type", f"'{text}'", describe(column), "Write true or false.")


def _parse_number(column: Column, text: str) -> float | int | Fault:
    expected = describe(column)
    if text.lower() in _NOT_FINITE:
        return Fault("not-finite", f"'{text}'", expected, "Give a finite number, or delete the whole row.")
    if not _NUMBER.fullmatch(text):
        remedy = "Write the bare number: point as decimal mark, no thousands separator, no unit, no percent sign."
        return Fault("wrong-type", f"'{text}'", expected, remedy)
    value = float(text)
    if not math.isfinite(value):
        return Fault("not-finite", f"'{text}'", expected, "Give a finite number.")
    low, high = column.minimum, column.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        remedy = "Check the unit, the decimal point and whether two columns are swapped."
        return Fault("out-of-range", f"{text}{f' {column.unit}' if column.unit else ''}", expected, remedy)
    if column.type == "float":
        return value
    if value != int(value):
        return Fault("wrong-type", f"'{text}'", expected, "Round it to a whole number.")
    return int(value)


def _check_enum(column: Column, text: str) -> str | Fault:
    if column.enum and text not in column.enum:
        return Fault("unknown-word", f"'{text}'", describe(column), nearest(text, column.enum))
    return text
