"""Schema files are checked as strictly as the tables they describe."""

from __future__ import annotations

from pathlib import Path

import pytest

from xinzhou_energy.errors import DataError, Finding
from xinzhou_energy.grid.schema import read_schema
from xinzhou_energy.grid.tables import Tables, read_tables


def findings_of(folder: Path) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read_tables(folder)
    return caught.value.findings


CASES = [
    ("type: float, unit: kV, min: 0", "type: flaot, unit: kV, min: 0", "unknown-type", 6),
    ("min: 0, max: 1100", "min: 0, maximum: 1100", "unknown-rule", 6),
    ("min: 0, max: 1100", "min: 0, max: high", "bad-rule", 6),
    ("min: 0, max: 1100", "min: 2000, max: 1100", "bad-rule", 6),
    ("id: {type: string}", "id: {type: string, min: 3}", "bad-rule", 4),
    ("id: {type: string}", "id: {type: string, optional: true}", "bad-key", 2),
    ("id: {type: string}", "id: string", "bad-column", 4),
    ("enum: [county, station]", "enum: [220, 500]", "bad-rule", 5),
    ("built: {type: bool}", "built: {type: bool, optional: true}", "bad-rule", 10),
    ("built: {type: bool}", "built: {type: bool, enum: ['on']}", "bad-rule", 10),
    ("optional: true", "optional: maybe", "bad-rule", 11),
    ("key: id", "key: idd", "bad-key", 2),
    ("key: id", "kee: id", "unknown-rule", 2),
    ("zh: 节点, en: Nodes", "zh: 节点", "bad-title", 1),
    ("  source: {type: string}\n", "", "bad-columns", 3),
    ("enum: [high, medium, low]", "enum: [high, low]", "bad-columns", 13),
    ("key: id", "key: id\nkey: id", "bad-yaml", 3),
    ("key: id", "key: [id", "bad-yaml", None),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), CASES)
def test_faulty_schema_is_refused_with_its_line(folder: Path, old: str, new: str, code: str, line: int | None) -> None:
    path = folder / "schema" / "nodes.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    schema, found = read_schema(path)
    assert schema is None
    assert code in {item.code for item in found}
    if line is not None:
        assert line in {item.where.line for item in found if item.code == code}
    assert {item.code for item in findings_of(folder)} >= {code}


@pytest.mark.parametrize(("target", "remedy"), [("node.id", "nodes"), ("nodes.ids", "id")])
def test_reference_to_nothing_is_refused(folder: Path, target: str, remedy: str) -> None:
    path = folder / "schema" / "shares.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("ref: nodes.id", f"ref: {target}"), encoding="utf-8")
    (found,) = findings_of(folder)
    assert found.code == "bad-reference"
    assert remedy in found.remedy


def test_empty_schema_is_refused(folder: Path) -> None:
    (folder / "schema" / "nodes.yaml").write_text("", encoding="utf-8")
    assert "bad-schema" in {item.code for item in findings_of(folder)}


def test_schema_keeps_unit_range_and_reference(folder: Path) -> None:
    schema, found = read_schema(folder / "schema" / "shares.yaml")
    assert found == []
    assert schema is not None
    assert schema.key == ("node", "year")
    share = schema.columns["share"]
    assert (share.unit, share.minimum, share.maximum) == ("per unit", 0, 1)
    assert schema.columns["node"].ref == ("nodes", "id")
    assert schema.columns["node"].also == ("all",)


def test_every_shipped_table_has_a_bilingual_title(shipped: Tables) -> None:
    for table, schema in shipped.schemas.items():
        assert schema.title_zh, table
        assert schema.title_en, table


def test_every_number_column_of_the_shipped_grid_says_its_unit_or_counts(shipped: Tables) -> None:
    counts = {"circuits", "adcode", "value", "low", "high", "earliest_year", "year"}
    for table in ("buses", "lines", "links", "plants", "corridors", "counties", "fuels", "siting_limits"):
        for name, column in shipped.schemas[table].columns.items():
            assert not column.is_number or column.unit or name in counts, (table, name)
