"""A planner's own figures laid over the shipped tables: cells replaced by key, shipped files left alone.

The overlay folder holds ``<table>.csv`` or ``<table>.xlsx`` with the key column(s) and any of the others. A
filled cell replaces the shipped one; an empty cell leaves it alone. Every row touched is marked
``provenance = user``, and its ``source`` becomes the overlay's own text or, where it gives none, the overlay
file's name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException

from xinzhou_energy.errors import Finding, Where, nearest
from xinzhou_energy.grid.rawtable import RawTable, Row, check_header, read_csv
from xinzhou_energy.grid.schema import TableSchema

_SUFFIXES = (".csv", ".xlsx")
_REFUSED = (".xls", ".xlsm", ".xlsb", ".ods", ".tsv", ".et")
_EXCEL_READ_ERRORS = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, InvalidFileException)


@dataclass(frozen=True)
class Overlay:
    """The tables of one overlay folder and the files they came from."""

    tables: Mapping[str, RawTable]
    files: tuple[Path, ...]


def read_overlay(folder: Path, known: list[str]) -> tuple[Overlay, list[Finding]]:
    """Read every table of an overlay folder.

    Parameters
    ----------
    folder
        The folder named by the scenario's ``data.overlay``.
    known
        Names of the shipped tables.

    Returns
    -------
    tuple
        The overlay and the findings: a missing folder, unknown tables, unreadable files.
    """
    if not folder.is_dir():
        remedy = "Create the folder, or correct data.overlay in the scenario."
        missing = Finding("missing-folder", Where(folder.as_posix()), "no such folder", "the overlay folder", remedy)
        return Overlay({}, ()), [missing]
    findings: list[Finding] = []
    tables: dict[str, RawTable] = {}
    files = []
    for path in sorted(folder.iterdir()):
        suffix = path.suffix.lower()
        if path.name.startswith(("~$", ".")) or suffix not in (*_SUFFIXES, *_REFUSED):
            continue  # lock files of a running spreadsheet, notes, hidden files
        files.append(path)
        where = Where(path.as_posix())
        if suffix in _REFUSED:
            remedy = "Save it as .xlsx or as 'CSV UTF-8'."
            findings.append(Finding("unknown-format", where, f"'{suffix}'", "a .csv or .xlsx file", remedy))
        elif path.stem not in known:
            findings.append(Finding("unknown-table", where, f"'{path.stem}'", "a table", nearest(path.stem, known)))
        elif path.stem in tables:
            found = f"two files for '{path.stem}'"
            findings.append(Finding("duplicate-table", where, found, "one", "Keep either the .csv or the .xlsx."))
        else:
            table, faults = read_csv(path) if suffix == ".csv" else _read_xlsx(path)
            findings += faults
            if table is not None:
                tables[path.stem] = table
    return Overlay(tables, tuple(files)), findings


def apply_overlay(base: RawTable, over: RawTable, schema: TableSchema) -> tuple[RawTable, list[Finding]]:
    """Replace cells of ``base`` by the filled cells of ``over``, row by row of the key.

    Returns
    -------
    tuple
        The merged table, whose replaced cells name their place in the overlay, and the findings: missing key
        columns, unknown columns, unknown or repeated keys.
    """
    findings = _check_columns(over, schema)
    if any(name not in over.columns for name in schema.key):
        return base, findings
    rows = {_key(row, schema): row for row in base.rows}
    seen: set[tuple[str, ...]] = set()
    for row in over.rows:
        key = _key(row, schema)
        if row.ragged:
            continue
        if key not in rows:
            known = [" / ".join(names) for names in rows]
            word = " / ".join(key)
            place = row.place(schema.key[0])
            expected = f"a row of {schema.table}"
            findings.append(Finding("unknown-id", place, f"'{word}'", expected, nearest(word, known)))
        elif key in seen:
            remedy = "Keep one of the two rows."
            found = f"'{' / '.join(key)}' again"
            findings.append(Finding("duplicate-key", row.place(schema.key[0]), found, "each row once", remedy))
        else:
            seen.add(key)
            rows[key] = _merge(rows[key], row, schema)
    merged = tuple(rows[_key(row, schema)] if _key(row, schema) in seen else row for row in base.rows)
    return replace(base, rows=merged), findings


def _check_columns(over: RawTable, schema: TableSchema) -> list[Finding]:
    findings = []
    for name in over.columns:
        if name not in schema.columns:
            where = Where(over.file, over.header.line, name)
            remedy = nearest(name, list(schema.columns))
            findings.append(Finding("unknown-column", where, f"'{name}'", f"a column of {schema.table}", remedy))
    for name in schema.key:
        if name not in over.columns:
            remedy = f"Add the column '{name}': it says which row is meant."
            findings.append(
                Finding(
                    "missing-column",
                    Where(over.file, over.header.line, name),
                    "no such column",
                    "the key",
                    remedy,
                )
            )
    return findings


def _merge(base: Row, over: Row, schema: TableSchema) -> Row:
    filled = {
        name: text
        for name, text in over.cells.items()
        if text and name in schema.columns and name not in (*schema.key, "provenance")
    }
    if not filled:
        return base
    filled.setdefault("source", f"user overlay {Path(over.where.file).name}")
    filled["provenance"] = "user"
    origins = {**base.origins, **dict.fromkeys(filled, over.where)}
    return replace(base, cells={**base.cells, **filled}, origins=origins)


def _key(row: Row, schema: TableSchema) -> tuple[str, ...]:
    return tuple(row.cells.get(name, "") for name in schema.key)


def _read_xlsx(path: Path) -> tuple[RawTable | None, list[Finding]]:
    file = path.as_posix()
    try:
        book = openpyxl.load_workbook(path)
    except _EXCEL_READ_ERRORS as error:
        remedy = "Open it in a spreadsheet program and save it again as .xlsx."
        return None, [Finding("bad-xlsx", Where(file), str(error) or "an unreadable file", "an .xlsx file", remedy)]
    sheets = [sheet for sheet in book.worksheets if any(cell.value is not None for row in sheet.rows for cell in row)]
    if len(sheets) != 1:
        remedy = "Keep the table on one sheet and delete the others."
        found = f"{len(sheets)} filled sheets"
        return None, [Finding("bad-xlsx", Where(file), found, "one sheet with a header line", remedy)]
    findings: list[Finding] = []
    records = []
    for line, row in enumerate(sheets[0].iter_rows(), start=1):
        cells = [_text(cell, Where(file, line), findings) for cell in row]
        if any(cells):
            records.append((line, cells))
    if not records:
        return None, findings
    table, faults = _sheet_table(file, records)
    return table, findings + faults


def _sheet_table(file: str, records: list[tuple[int, list[str]]]) -> tuple[RawTable | None, list[Finding]]:
    """Cut a sheet, whose rows are all as wide as its widest, to the columns that have a name."""
    line, names = records[0]
    header = names[: max(index + 1 for index, name in enumerate(names) if name)]
    top = Where(file, line)
    findings = check_header(header, top)
    if findings:
        return None, findings
    rows = []
    for line, cells in records[1:]:
        if any(cells[len(header) :]):
            found = "a filled cell beside the named columns"
            remedy = "Give the column a name in the first row, or clear the cell."
            findings.append(Finding("ragged-row", Where(file, line), found, "cells under a name", remedy))
        rows.append(Row(Where(file, line), dict(zip(header, cells, strict=False))))
    return RawTable(file, top, tuple(header), tuple(rows), sound=not findings), findings


def _text(cell: Cell, where: Where, findings: list[Finding]) -> str:
    """Return the text of a spreadsheet cell as a CSV file would hold it; a formula has none."""
    value = cell.value
    place = Where(where.file, where.line, cell.coordinate)
    if cell.data_type == "f":
        remedy = "Replace the formula by its value (paste special: values)."
        found = f"'{getattr(value, 'text', value)}'"
        findings.append(Finding("formula", place, found, "a value", remedy))
        return ""
    if cell.data_type == "e":
        remedy = "Mend the cell in the spreadsheet and save its value."
        findings.append(Finding("spreadsheet-error", place, f"'{value}'", "a value", remedy))
        return ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
