"""Schema files: what each column of a table must hold.

``data/grid/schema/<table>.yaml``::

    title: {zh: 节点, en: Buses}
    key: id                      # or a list, [county, technology]
    columns:
      id:    {type: string, description: ...}
      v_nom: {type: float, unit: kV, min: 0, max: 1100}
      bus0:  {type: string, ref: buses.id, also: [system]}   # also = names allowed beside the references
      kind:  {type: string, enum: [county, station]}
      note:  {type: string, optional: true}                  # optional = the cell may be empty

A schema is checked as strictly as the table it describes: a misspelt rule would otherwise check nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from xinzhou_energy.errors import Finding, Where, nearest

TYPES = ("string", "float", "int", "bool")
CONFIDENCE = ("high", "medium", "low")
PROVENANCE = ("published", "derived", "assumed", "user")
TRAILING = ("source", "confidence", "provenance")

_TABLE_RULES = ("title", "key", "columns")
_COLUMN_RULES = ("type", "unit", "min", "max", "enum", "ref", "also", "optional", "description")
_SEE = "See the header of src/xinzhou_energy/grid/schema.py for the format."


@dataclass(frozen=True)
class Column:
    """The rules of one column: type, unit, inclusive range, words, reference, whether it may be empty."""

    name: str
    type: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()
    ref: tuple[str, str] | None = None
    also: tuple[str, ...] = ()
    optional: bool = False
    description: str = ""

    @property
    def is_number(self) -> bool:
        """True for float and int columns."""
        return self.type in ("float", "int")


@dataclass(frozen=True)
class TableSchema:
    """The rules of one table, and where they are written."""

    table: str
    title_zh: str
    title_en: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    where: Where


class _Faults(list[Finding]):
    """Findings of one schema file; ``add`` names the place by the YAML mapping and the key in it."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def add(self, code: str, at: tuple[Any, str], found: str, expected: str, remedy: str = _SEE) -> None:
        mapping, path = at
        name = path.rsplit(".", 1)[-1]
        line = 0
        if hasattr(mapping, "lc") and name in mapping:
            line = mapping.lc.key(name)[0] + 1
        elif hasattr(mapping, "lc"):
            line = mapping.lc.line + 1
        self.append(Finding(code, Where(self.file, line, path), found, expected, remedy))


def read_schema(path: Path) -> tuple[TableSchema | None, list[Finding]]:
    """Read and check one schema file.

    Parameters
    ----------
    path
        ``<table>.yaml``; the table's name is the file's stem.

    Returns
    -------
    tuple
        The schema (None when it cannot be used) and the findings about it. References to other tables are
        checked by :func:`check_references`, when all schemas are known.
    """
    faults = _Faults(path.as_posix())
    raw = _load(path, faults)
    if raw is None:
        return None, faults
    for name in raw:
        if name not in _TABLE_RULES:
            faults.add(
                "unknown-rule",
                (raw, str(name)),
                f"'{name}'",
                "a schema rule",
                nearest(str(name), _TABLE_RULES),
            )
    title = raw.get("title")
    if not isinstance(title, Mapping) or not all(isinstance(title.get(tongue), str) for tongue in ("zh", "en")):
        faults.add("bad-title", (raw, "title"), _show(title), "{zh: ..., en: ...}")
    columns = _columns(raw, faults)
    key = _key(raw, columns, faults)
    _trailing(raw, columns, faults)
    if faults:
        return None, faults
    titles = cast(Mapping[str, str], title)
    where = Where(path.as_posix())
    return TableSchema(path.stem, titles["zh"], titles["en"], key, columns, where), faults


def check_references(schemas: Mapping[str, TableSchema]) -> list[Finding]:
    """Return a finding for every ``ref`` that names no known table or column."""
    findings = []
    for schema in schemas.values():
        for column in schema.columns.values():
            if column.ref is None:
                continue
            table, target = column.ref
            where = Where(schema.where.file, 0, f"columns.{column.name}.ref")
            if table not in schemas:
                findings.append(
                    Finding(
                        "bad-reference",
                        where,
                        f"'{table}'",
                        "a table with a schema",
                        nearest(table, list(schemas)),
                    )
                )
            elif target not in schemas[table].columns:
                known = list(schemas[table].columns)
                findings.append(
                    Finding("bad-reference", where, f"'{target}'", f"a column of {table}", nearest(target, known))
                )
    return findings


def _load(path: Path, faults: _Faults) -> Mapping[str, Any] | None:
    try:
        raw = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        faults.add("not-utf-8", (None, ""), "bytes that are not UTF-8", "UTF-8 text", "Save the file as UTF-8.")
        return None
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = Where(path.as_posix(), mark.line + 1 if mark else 0)
        found = " ".join(str(getattr(error, "problem", None) or error).split())
        faults.append(Finding("bad-yaml", where, found, "valid YAML", "Mend the line named; " + _SEE))
        return None
    if not isinstance(raw, Mapping):
        faults.add("bad-schema", (None, ""), _show(raw), "a mapping with title, key and columns")
        return None
    return raw


def _columns(raw: Mapping[str, Any], faults: _Faults) -> dict[str, Column]:
    declared = raw.get("columns")
    if not isinstance(declared, Mapping) or not declared:
        faults.add("bad-columns", (raw, "columns"), _show(declared), "a mapping of column names to their rules")
        return {}
    columns = {}
    for name, rules in declared.items():
        path = f"columns.{name}"
        if not isinstance(rules, Mapping):
            faults.add("bad-column", (declared, path), _show(rules), "a mapping such as {type: float, unit: MW}")
            continue
        _check_rules(rules, path, faults)
        columns[str(name)] = _column(str(name), rules)
    return columns


def _check_rules(rules: Mapping[str, Any], path: str, faults: _Faults) -> None:
    for rule in rules:
        if rule not in _COLUMN_RULES:
            faults.add(
                "unknown-rule",
                (rules, f"{path}.{rule}"),
                f"'{rule}'",
                "a column rule",
                nearest(str(rule), _COLUMN_RULES),
            )
    kind = rules.get("type")
    if kind not in TYPES:
        remedy = nearest(str(kind), TYPES)
        faults.add("unknown-type", (rules, f"{path}.type"), _show(kind), f"one of {', '.join(TYPES)}", remedy)
    _check_range(rules, path, faults)
    for rule in ("enum", "also"):
        words = rules.get(rule, ["-"])
        if not isinstance(words, Sequence) or isinstance(words, str) or not all(isinstance(w, str) for w in words):
            faults.add(
                "bad-rule",
                (rules, f"{path}.{rule}"),
                _show(words),
                "a list of words (quote numbers and yes/no)",
            )
    if ("enum" in rules or "ref" in rules) and kind not in ("string", "int"):
        rule = "enum" if "enum" in rules else "ref"
        faults.add("bad-rule", (rules, f"{path}.{rule}"), f"{rule} on a {kind} column", f"{rule} on a string column")
    reference = rules.get("ref", "table.column")
    if not isinstance(reference, str) or reference.count(".") != 1:
        faults.add("bad-rule", (rules, f"{path}.ref"), _show(reference), "table.column")
    optional = rules.get("optional", False)
    if not isinstance(optional, bool):
        faults.add("bad-rule", (rules, f"{path}.optional"), _show(optional), "true or false")
    elif optional and kind == "bool":
        faults.add("bad-rule", (rules, f"{path}.optional"), "an optional bool", "a bool that is always given")


def _check_range(rules: Mapping[str, Any], path: str, faults: _Faults) -> None:
    bounds = {rule: rules[rule] for rule in ("min", "max") if rule in rules}
    for rule, bound in bounds.items():
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            faults.add("bad-rule", (rules, f"{path}.{rule}"), _show(bound), "a number")
            return
        if rules.get("type") not in ("float", "int"):
            found = f"{rule} on a {rules.get('type')} column"
            faults.add("bad-rule", (rules, f"{path}.{rule}"), found, f"{rule} on a float or int column")
    if len(bounds) == 2 and bounds["min"] > bounds["max"]:
        faults.add("bad-rule", (rules, f"{path}.min"), f"{bounds['min']} above max {bounds['max']}", "min <= max")


def _column(name: str, rules: Mapping[str, Any]) -> Column:
    """Build a column from rules that may be faulty: a schema with findings is never used, only reported."""
    reference = str(rules.get("ref", "")).partition(".")
    return Column(
        name=name,
        type=str(rules.get("type")),
        unit=str(rules.get("unit", "")),
        minimum=rules.get("min"),
        maximum=rules.get("max"),
        enum=tuple(rules.get("enum") or ()),
        ref=(reference[0], reference[2]) if "ref" in rules else None,
        also=tuple(rules.get("also") or ()),
        optional=bool(rules.get("optional", False)),
        description=str(rules.get("description", "")),
    )


def _key(raw: Mapping[str, Any], columns: Mapping[str, Column], faults: _Faults) -> tuple[str, ...]:
    key = raw.get("key")
    names = (key,) if isinstance(key, str) else tuple(key) if isinstance(key, Sequence) else ()
    if not names:
        faults.add("bad-key", (raw, "key"), _show(key), "a column name or a list of them")
    for name in names:
        if name not in columns:
            faults.add(
                "bad-key",
                (raw, "key"),
                f"'{name}'",
                "a column of this table",
                nearest(str(name), list(columns)),
            )
        elif columns[name].optional or columns[name].type not in ("string", "int"):
            faults.add("bad-key", (raw, "key"), f"'{name}'", "a string or int column that is never empty")
    return names


def _trailing(raw: Mapping[str, Any], columns: Mapping[str, Column], faults: _Faults) -> None:
    if tuple(columns)[-3:] != TRAILING:
        found = ", ".join(tuple(columns)[-3:])
        faults.add(
            "bad-columns",
            (raw, "columns"),
            found or "none",
            f"{', '.join(TRAILING)} as the last three columns",
        )
        return
    for name, words in (("confidence", CONFIDENCE), ("provenance", PROVENANCE)):
        if columns[name].enum != words:
            found = f"enum {list(columns[name].enum)}"
            faults.add("bad-columns", (raw["columns"], f"columns.{name}"), found, f"enum {list(words)}")


def _show(value: object) -> str:
    return "nothing" if value is None else f"'{value}'"
