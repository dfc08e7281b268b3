"""Read every table of a folder, enforce its schema, and report all faults at once."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from xinzhou_energy.errors import DataError, Finding, Where, nearest
from xinzhou_energy.grid.cells import Fault, Value, parse_cell
from xinzhou_energy.grid.consistency import check_consistency
from xinzhou_energy.grid.overlay import Overlay, apply_overlay, read_overlay
from xinzhou_energy.grid.rawtable import RawTable, Row, read_csv, sha256
from xinzhou_energy.grid.schema import Column, TableSchema, check_references, read_schema

BESIDE = ("commitments",)
_DTYPES = {"float": "float64", "int": "int64", "bool": "bool", "string": "str"}


@dataclass(frozen=True)
class Tables:
    """Checked tables of one data folder.

    Attributes
    ----------
    frames
        Table name -> frame, indexed by the key column(s) and sorted by them, so that the order of rows in a
        file changes nothing. Units stand in the schemas.
    schemas
        Table name -> its schema.
    files
        Name relative to the data folder (``buses.csv``, ``schema/buses.yaml``, ``overlay/plants.xlsx``) ->
        SHA-256 of the bytes read.
    digests
        Table name -> SHA-256 of its cells after the overlay, the same for any order of rows or columns, any
        line ending, with or without byte-order mark.
    rows
        Table name -> key -> row as it stood in its file; :meth:`where` reads it.
    """

    frames: Mapping[str, pd.DataFrame]
    schemas: Mapping[str, TableSchema]
    files: Mapping[str, str]
    digests: Mapping[str, str]
    rows: Mapping[str, Mapping[Hashable, Row]]

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table's frame; DataError where the folder has no such table."""
        if table not in self.frames:
            remedy = nearest(table, list(self.frames))
            where = self.place(table)
            raise DataError(Finding("missing-table", where, "no such table", f"the table '{table}'", remedy))
        return self.frames[table]

    def where(self, table: str, key: object, column: str = "") -> Where:
        """Return file, line and column of one cell; the overlay's place where an overlay replaced it."""
        rows = self.rows.get(table, {})
        if not isinstance(key, Hashable) or key not in rows:
            return self.place(table, 0, column)
        return rows[key].place(column)

    @staticmethod
    def place(table: str, line: int = 0, column: str = "") -> Where:
        """Name a place in the shipped tables (the folder itself without a table), existing or not."""
        return Where(f"data/grid/{table}.csv" if table else "data/grid", line, column)


def read_tables(folder: Path, overlay: Path | None = None) -> Tables:
    """Read and check every table of a data folder.

    Parameters
    ----------
    folder
        Holds ``<table>.csv`` and ``schema/<table>.yaml``, one of each for every table; so do the folders of
        `BESIDE`, where they stand beside it.
    overlay
        Optional folder of a planner's own figures, see :mod:`xinzhou_energy.grid.overlay`.

    Returns
    -------
    Tables
        Typed, indexed, sorted frames.

    Raises
    ------
    DataError
        With every finding of every schema, table and overlay file, and of the rules between tables.
    """
    findings: list[Finding] = []
    homes = _homes(folder)
    schemas = _read_schemas(homes, findings)
    raws: dict[str, RawTable] = {}
    for home in homes:
        raws |= _read_raws(home, schemas, findings)
    over = Overlay({}, ())
    if overlay is not None:
        over, faults = read_overlay(overlay, sorted(path.stem for home in homes for path in home.glob("*.csv")))
        findings += faults
        for table, raw in over.tables.items():
            if table in raws and table in schemas:
                raws[table], faults = apply_overlay(raws[table], raw, schemas[table])
                findings += faults
    frames: dict[str, pd.DataFrame] = {}
    rows: dict[str, dict[Hashable, Row]] = {}
    known = _known_references(schemas, raws)
    for table in sorted(set(raws) & set(schemas)):
        frame, keyed, faults = _check_table(raws[table], schemas[table], known)
        findings += faults
        if raws[table].sound and not faults:
            frames[table], rows[table] = frame, keyed
    tables = Tables(
        frames=MappingProxyType(frames),
        schemas=MappingProxyType(schemas),
        files=MappingProxyType(_hashes(homes, over)),
        digests=MappingProxyType({table: _digest(raws[table], schemas[table]) for table in frames}),
        rows=MappingProxyType(rows),
    )
    findings += check_consistency(frames, tables.where)
    if findings:
        raise DataError(findings)
    return tables


def _homes(folder: Path) -> list[Path]:
    """Return the folder and those of `BESIDE` that there are."""
    return [folder, *(home for name in BESIDE if (home := folder.with_name(name)).joinpath("schema").is_dir())]


def _read_schemas(homes: list[Path], findings: list[Finding]) -> dict[str, TableSchema]:
    schemas = {}
    faulty = False
    for path in sorted(path for home in homes for path in (home / "schema").glob("*.yaml")):
        schema, faults = read_schema(path)
        findings += faults
        faulty = faulty or schema is None
        if schema is not None:
            schemas[path.stem] = schema
    if not faulty:  # a reference to a table whose schema is faulty says nothing new
        findings += check_references(schemas)
    return schemas


def _read_raws(folder: Path, schemas: Mapping[str, TableSchema], findings: list[Finding]) -> dict[str, RawTable]:
    raws = {}
    declared = {path.stem for path in (folder / "schema").glob("*.yaml")}
    paths = {path.stem: path for path in folder.glob("*.csv")}
    for table in sorted(declared - set(paths)):
        where = Where((folder / f"{table}.csv").as_posix())
        remedy = "Restore the file, or delete its schema."
        findings.append(Finding("missing-file", where, "no such file", f"the table of schema/{table}.yaml", remedy))
    for table in sorted(set(paths) - declared):
        where = Where((folder / "schema" / f"{table}.yaml").as_posix())
        remedy = "Write the schema: no table is read unchecked."
        findings.append(Finding("missing-schema", where, "no such file", f"the schema of {table}.csv", remedy))
    if not declared and not paths:
        remedy = "Name the folder that holds the tables and their schema folder."
        findings.append(Finding("missing-file", Where(folder.as_posix()), "no tables", "CSV tables", remedy))
    for table in sorted(set(paths) & set(schemas)):
        raw, faults = read_csv(paths[table])
        findings += faults
        if raw is not None:
            raws[table] = raw
    return raws


def _hashes(homes: list[Path], over: Overlay) -> dict[str, str]:
    names: dict[str, Path] = {}
    for home in homes:
        paths = [*home.glob("*.csv"), *home.glob("schema/*.yaml")]
        names |= {path.relative_to(home).as_posix(): path for path in sorted(paths)}
    names |= {f"overlay/{path.name}": path for path in over.files}
    return {name: sha256(path) for name, path in names.items()}


def _digest(raw: RawTable, schema: TableSchema) -> str:
    columns = sorted(schema.columns)
    lines = sorted("\x1f".join(row.cells[name] for name in columns) for row in raw.rows)
    return hashlib.sha256("\x1e".join(["\x1f".join(columns), *lines]).encode()).hexdigest()


def _known_references(
    schemas: Mapping[str, TableSchema], raws: Mapping[str, RawTable]
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the texts each referenced column offers; a column that could not be read is left out."""
    targets = {column.ref for schema in schemas.values() for column in schema.columns.values() if column.ref}
    return {
        (table, column): frozenset(row.cells[column] for row in raws[table].rows if column in row.cells)
        for table, column in targets
        if table in raws and column in raws[table].columns
    }


def _check_table(
    raw: RawTable, schema: TableSchema, known: Mapping[tuple[str, str], frozenset[str]]
) -> tuple[pd.DataFrame, dict[Hashable, Row], list[Finding]]:
    findings = _check_columns(raw, schema)
    present = [column for name, column in schema.columns.items() if name in raw.columns]
    values: list[tuple[Value, ...]] = []
    keyed: dict[Hashable, Row] = {}
    for row in raw.rows:
        if row.ragged:
            continue
        parsed = {}
        for column in present:
            value = _check_cell(column, row.cells[column.name], schema, known)
            if isinstance(value, Fault):
                place = row.place(column.name)
                findings.append(Finding(value.code, place, value.found, value.expected, value.remedy))
            else:
                parsed[column.name] = value
        values.append(tuple(parsed.get(name, "") for name in schema.columns))
        if all(name in parsed for name in schema.key):
            key = _key(parsed, schema)
            if key in keyed:
                findings.append(_duplicate(row, keyed[key], schema))
            else:
                keyed[key] = row
    frame = _frame(values, schema) if raw.sound and not findings else pd.DataFrame()
    return frame, keyed, findings


def _check_columns(raw: RawTable, schema: TableSchema) -> list[Finding]:
    missing = [name for name in schema.columns if name not in raw.columns]
    findings = []
    for name in raw.columns:
        if name not in schema.columns:
            remedy = nearest(name, missing or list(schema.columns))
            where = Where(raw.file, raw.header.line, name)
            findings.append(Finding("unknown-column", where, f"'{name}'", f"a column of {schema.table}", remedy))
    for name in missing:
        remedy = f"Add the column '{name}' to the header and to every row."
        findings.append(
            Finding(
                "missing-column",
                Where(raw.file, raw.header.line, name),
                "no such column",
                f"'{name}'",
                remedy,
            )
        )
    return findings


def _check_cell(
    column: Column, text: str, schema: TableSchema, known: Mapping[tuple[str, str], frozenset[str]]
) -> Value | Fault:
    value = parse_cell(column, text, is_key=column.name in schema.key)
    if isinstance(value, Fault) or not text or column.ref is None or text in column.also:
        return value
    if column.ref in known and text not in known[column.ref]:
        names: Iterable[str] = known[column.ref]
        expected = f"a {'.'.join(column.ref)}"
        return Fault("unknown-reference", f"'{text}'", expected, nearest(text, [*names, *column.also]))
    return value


def _key(parsed: Mapping[str, Value], schema: TableSchema) -> Hashable:
    names = tuple(parsed[name] for name in schema.key)
    return names if len(names) > 1 else names[0]


def _duplicate(row: Row, first: Row, schema: TableSchema) -> Finding:
    word = " / ".join(row.cells[name] for name in schema.key)
    expected = f"each {' / '.join(schema.key)} once (first in line {first.where.line})"
    return Finding("duplicate-key", row.place(schema.key[0]), f"'{word}' again", expected, "Delete or rename one row.")


def _frame(values: list[tuple[Value, ...]], schema: TableSchema) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=list(schema.columns))
    dtypes = {
        name: "float64" if column.type == "int" and column.optional else _DTYPES[column.type]
        for name, column in schema.columns.items()
    }
    return frame.astype(dtypes).set_index(list(schema.key)).sort_index()
