"""A planner's own figures on top of the shipped ones."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from xinzhou_energy.errors import DataError, Finding
from xinzhou_energy.grid.tables import read_tables


def lay(folder: Path, name: str, text: str) -> Path:
    overlay = folder.parent / "own figures"
    overlay.mkdir(exist_ok=True)
    (overlay / name).write_text(text, encoding="utf-8")
    return overlay


def workbook(folder: Path, name: str, rows: list[list[object]]) -> Path:
    overlay = folder.parent / "own figures"
    overlay.mkdir(exist_ok=True)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(overlay / name)
    return overlay


def findings_of(folder: Path, overlay: Path) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read_tables(folder, overlay)
    return caught.value.findings


def test_csv_replaces_cells_by_id_and_marks_the_row_user(folder: Path) -> None:
    before = read_tables(folder)
    tables = read_tables(folder, lay(folder, "nodes.csv", "id,v_nom\nA,110\n"))
    nodes = tables["nodes"]
    assert nodes["v_nom"].to_dict() == {"A": 110.0, "B": 500.0}
    assert nodes["provenance"].to_dict() == {"A": "user", "B": "assumed"}
    assert nodes.at["A", "source"] == "user overlay nodes.csv"
    assert nodes.at["A", "lat"] == before["nodes"].at["A", "lat"]
    assert tables["shares"].equals(before["shares"])
    assert tables.digests["nodes"] != before.digests["nodes"]
    assert "overlay/nodes.csv" in tables.files


def test_replaced_cell_is_named_in_the_overlay_and_its_neighbour_in_the_shipped_file(folder: Path) -> None:
    tables = read_tables(folder, lay(folder, "nodes.csv", "id,v_nom\nA,110\n"))
    assert tables.where("nodes", "A", "v_nom").file.endswith("own figures/nodes.csv")
    assert tables.where("nodes", "A", "v_nom").line == 2
    assert tables.where("nodes", "A", "lat").line == 3


def test_xlsx_replaces_cells_of_a_table_with_two_keys(folder: Path) -> None:
    rows = [["node", "year", "share", "source"], ["A", 2026, 0.75, "own survey"], ["B", 2030, None, None]]
    shares = read_tables(folder, workbook(folder, "shares.xlsx", rows))["shares"]
    assert shares["share"].tolist() == [0.75, 0.25, 1.0]
    assert shares["provenance"].tolist() == ["user", "assumed", "assumed"]
    assert shares["source"].tolist() == ["own survey", "guess", "guess"]


def test_xlsx_reads_bools_and_chinese_text(folder: Path) -> None:
    rows = [["id", "built", "note"], ["A", True, "自备数据"]]
    nodes = read_tables(folder, workbook(folder, "nodes.xlsx", rows))["nodes"]
    assert bool(nodes.at["A", "built"])
    assert nodes.at["A", "note"] == "自备数据"


def test_empty_cell_leaves_the_shipped_figure(folder: Path) -> None:
    nodes = read_tables(folder, lay(folder, "nodes.csv", "id,v_nom,lat\nA,,38.2\nB,,\n"))["nodes"]
    assert nodes["v_nom"].to_dict() == {"A": 220.0, "B": 500.0}
    assert nodes["lat"].to_dict() == {"A": 38.2, "B": 38.5}
    assert nodes["provenance"].to_dict() == {"A": "user", "B": "assumed"}


def test_a_stated_provenance_does_not_hide_the_user(folder: Path) -> None:
    nodes = read_tables(folder, lay(folder, "nodes.csv", "id,v_nom,provenance\nA,110,published\n"))["nodes"]
    assert nodes.at["A", "provenance"] == "user"


def test_notes_and_lock_files_in_the_overlay_are_left_alone(folder: Path) -> None:
    lay(folder, "README.md", "ours")
    overlay = lay(folder, "~$nodes.xlsx", "lock")
    assert not (read_tables(folder, overlay)["nodes"]["provenance"] == "user").any()


@pytest.mark.parametrize(
    ("name", "text", "code", "path"),
    [
        ("nodes.csv", "id,v_nom\nC,110\n", "unknown-id", "id"),
        ("nodes.csv", "id,v_nmo\nA,110\n", "unknown-column", "v_nmo"),
        ("nodes.csv", "v_nom\n110\n", "missing-column", "id"),
        ("nodes.csv", "id,v_nom\nA,110\nA,220\n", "duplicate-key", "id"),
        ("nodes.csv", "id,v_nom\nA,110000\n", "out-of-range", "v_nom"),
        ("nodes.csv", "id,v_nom\nA,=1+1\n", "formula", "v_nom"),
        ("nodes.csv", "id,v_nom\nA,110,5\n", "ragged-row", ""),
        ("shares.csv", "node,year,share\nA,2027,0.5\n", "unknown-id", "node"),
        ("nods.csv", "id,v_nom\nA,110\n", "unknown-table", ""),
        ("nodes.xls", "old format", "unknown-format", ""),
        ("nodes.xlsx", "not a workbook", "bad-xlsx", ""),
    ],
)
def test_bad_overlay_is_refused_with_its_place(folder: Path, name: str, text: str, code: str, path: str) -> None:
    found = findings_of(folder, lay(folder, name, text))
    assert [(item.code, item.where.path) for item in found] == [(code, path)]
    assert found[0].where.file.endswith(f"own figures/{name}")


def test_unknown_table_offers_the_nearest(folder: Path) -> None:
    (found,) = findings_of(folder, lay(folder, "nods.csv", "id\nA\n"))
    assert found.remedy == "Did you mean 'nodes'?"


@pytest.mark.parametrize(
    ("cell", "code"), [("=220/2", "formula"), ("#N/A", "spreadsheet-error"), ("=SUM(A1:A9)", "formula")]
)
def test_formula_or_error_in_a_workbook_is_refused_with_its_cell(folder: Path, cell: str, code: str) -> None:
    overlay = workbook(folder, "nodes.xlsx", [["id", "v_nom"], ["A", cell]])
    (found,) = findings_of(folder, overlay)
    assert (found.code, found.where.line, found.where.path) == (code, 2, "B2")


def test_table_given_as_csv_and_workbook_is_refused(folder: Path) -> None:
    lay(folder, "nodes.csv", "id,v_nom\nA,110\n")
    overlay = workbook(folder, "nodes.xlsx", [["id", "v_nom"], ["A", 110]])
    assert [item.code for item in findings_of(folder, overlay)] == ["duplicate-table"]


def test_workbook_with_two_filled_sheets_is_refused(folder: Path) -> None:
    overlay = workbook(folder, "nodes.xlsx", [["id", "v_nom"], ["A", 110]])
    book = openpyxl.load_workbook(overlay / "nodes.xlsx")
    book.create_sheet("more").append(["id", "v_nom"])
    book.save(overlay / "nodes.xlsx")
    assert [item.code for item in findings_of(folder, overlay)] == ["bad-xlsx"]


def test_missing_overlay_folder_is_named(folder: Path) -> None:
    assert [item.code for item in findings_of(folder, folder / "nowhere")] == ["missing-folder"]


def test_sheet_of_formulas_alone_is_refused_not_crashed_on(folder: Path) -> None:
    overlay = workbook(folder, "nodes.xlsx", [["=1+1"]])
    assert [item.code for item in findings_of(folder, overlay)] == ["formula"]


def test_cell_beside_the_named_columns_of_a_sheet_is_refused(folder: Path) -> None:
    overlay = workbook(folder, "nodes.xlsx", [["id", "v_nom"], ["A", 110, "stray"]])
    assert [(item.code, item.where.line) for item in findings_of(folder, overlay)] == [("ragged-row", 2)]


def test_overlay_of_an_unreadable_table_does_not_count_as_unknown(folder: Path) -> None:
    (folder / "nodes.csv").write_bytes("编号,名称\n".encode("gbk"))
    assert [item.code for item in findings_of(folder, lay(folder, "nodes.csv", "id\nA\n"))] == ["not-utf-8"]
