"""Shared by the tests of the tables: the shipped data, and a small folder that a test may spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

from xinzhou_energy.grid.tables import Tables, read_tables

SHIPPED = Path(__file__).parents[3] / "data" / "grid"

TRAILING = """\
  source: {type: string}
  confidence: {type: string, enum: [high, medium, low]}
  provenance: {type: string, enum: [published, derived, assumed, user]}
"""
NODES_SCHEMA = (
    """\
title: {zh: 节点, en: Nodes}
key: id
columns:
  id: {type: string}
  kind: {type: string, enum: [county, station]}
  v_nom: {type: float, unit: kV, min: 0, max: 1100}
  lat: {type: float, unit: deg, min: 36, max: 42}
  lon: {type: float, unit: deg, min: 110, max: 118}
  circuits: {type: int, min: 1}
  built: {type: bool}
  note: {type: string, optional: true}
"""
    + TRAILING
)
NODES = """\
id,kind,v_nom,lat,lon,circuits,built,note,source,confidence,provenance
B,station,500,38.5,112.8,2,true,"a note, with comma",survey,low,assumed
A,county,220,39.1,113.1,1,false,,survey,high,published
"""
SHARES_SCHEMA = (
    """\
title: {zh: 份额, en: Shares}
key: [node, year]
columns:
  node: {type: string, ref: nodes.id, also: [all]}
  year: {type: int, min: 2020, max: 2060}
  share: {type: float, unit: per unit, min: 0, max: 1}
  extra: {type: float, unit: MW, min: 0, optional: true}
"""
    + TRAILING
)
SHARES = """\
node,year,share,extra,source,confidence,provenance
B,2030,0.25,,guess,low,assumed
A,2026,0.5,12.5,guess,low,assumed
all,2026,1,,guess,low,assumed
"""


@pytest.fixture(scope="session")
def shipped() -> Tables:
    return read_tables(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small valid tables: nodes (one key) and shares (two keys, a reference to nodes)."""
    folder = tmp_path / "电网 data"
    (folder / "schema").mkdir(parents=True)
    for name, schema, table in (("nodes", NODES_SCHEMA, NODES), ("shares", SHARES_SCHEMA, SHARES)):
        (folder / "schema" / f"{name}.yaml").write_text(schema, encoding="utf-8")
        (folder / f"{name}.csv").write_text(table, encoding="utf-8", newline="\n")
    return folder
