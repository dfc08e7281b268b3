"""The enforcing reader: what it returns, and the clear finding for every way to spoil a table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from xinzhou_energy.errors import DataError, Finding
from xinzhou_energy.grid.tables import Tables, read_tables

SHIPPED = Path(__file__).parents[3] / "data" / "grid"


def findings_of(folder: Path, overlay: Path | None = None) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read_tables(folder, overlay)
    return caught.value.findings


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def test_frames_are_typed_keyed_and_sorted(folder: Path) -> None:
    tables = read_tables(folder)
    nodes, shares = tables["nodes"], tables["shares"]
    assert (list(nodes.index), nodes.index.name) == (["A", "B"], "id")
    assert nodes["v_nom"].tolist() == [220.0, 500.0]
    assert nodes["circuits"].tolist() == [1, 2]
    assert nodes["built"].tolist() == [False, True]
    assert nodes["note"].tolist() == ["", "a note, with comma"]
    assert list(shares.index) == [("A", 2026), ("B", 2030), ("all", 2026)]
    assert list(shares.index.names) == ["node", "year"]
    assert shares["extra"].isna().tolist() == [False, True, True]


def test_where_names_file_line_and_column(folder: Path) -> None:
    tables = read_tables(folder)
    assert str(tables.where("nodes", "A", "v_nom")).endswith("nodes.csv:3  v_nom")
    assert tables.where("shares", ("B", 2030), "share").line == 2
    assert tables.where("nodes", "no such node", "v_nom").line == 0


def test_order_of_rows_columns_line_endings_and_bom_change_nothing(folder: Path) -> None:
    before = read_tables(folder)
    path = folder / "nodes.csv"
    header, first, second = path.read_text(encoding="utf-8").splitlines()
    path.write_bytes(("\ufeff" + "\r\n".join([header, second, first]) + "\r\n").encode())
    after = read_tables(folder)
    pd.testing.assert_frame_equal(after["nodes"], before["nodes"])
    assert after.digests == before.digests
    assert after.files["nodes.csv"] != before.files["nodes.csv"]
    replace(path, ",500,38.5", ",330,38.5")
    assert read_tables(folder).digests["nodes"] != before.digests["nodes"]


def test_every_file_read_is_hashed(folder: Path) -> None:
    files = read_tables(folder).files
    assert set(files) == {"nodes.csv", "shares.csv", "schema/nodes.yaml", "schema/shares.yaml"}
    assert all(len(digest) == 64 for digest in files.values())


BAD_CELLS = [
    ("letters for a number", ",500,38.5", ",high,38.5", "wrong-type", "v_nom", 2),
    ("unit in the cell", ",500,38.5", ",500 kV,38.5", "wrong-type", "v_nom", 2),
    ("thousands separator", ",500,38.5", ',"1,000",38.5', "wrong-type", "v_nom", 2),
    ("underscore in a number", ",500,38.5", ",1_00,38.5", "wrong-type", "v_nom", 2),
    ("decimal comma", ",500,38.5", ',"500,5",38.5', "wrong-type", "v_nom", 2),
    ("percent", ",500,38.5", ",50%,38.5", "wrong-type", "v_nom", 2),
    ("fraction for a whole number", ",112.8,2,", ",112.8,2.5,", "wrong-type", "circuits", 2),
    ("yes for a bool", ",2,true,", ",2,yes,", "wrong-type", "built", 2),
    ("NaN", ",500,38.5", ",NaN,38.5", "not-finite", "v_nom", 2),
    ("infinity", ",500,38.5", ",inf,38.5", "not-finite", "v_nom", 2),
    ("overflowing exponent", ",500,38.5", ",1e999,38.5", "not-finite", "v_nom", 2),
    ("negative", ",500,38.5", ",-500,38.5", "out-of-range", "v_nom", 2),
    ("1000 times too large", ",500,38.5", ",500000,38.5", "out-of-range", "v_nom", 2),
    ("empty required cell", ",500,38.5", ",,38.5", "empty-cell", "v_nom", 2),
    ("full-width digits", ",500,38.5", ",５００,38.5", "full-width", "v_nom", 2),
    ("full-width letter in a key", "A,county", "Ａ,county", "full-width", "id", 3),
    ("unknown word", "station,500", "staton,500", "unknown-word", "kind", 2),
    ("formula", ",500,38.5", ",=250*2,38.5", "formula", "v_nom", 2),
    ("spreadsheet error", ",500,38.5", ",#REF!,38.5", "spreadsheet-error", "v_nom", 2),
    ("unknown confidence", "survey,low", "survey,sure", "unknown-word", "confidence", 2),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "line"),
    [case[1:] for case in BAD_CELLS],
    ids=[case[0] for case in BAD_CELLS],
)
def test_bad_cell_is_refused_with_its_place(
    folder: Path, old: str, new: str, code: str, column: str, line: int
) -> None:
    replace(folder / "nodes.csv", old, new)
    found = [item for item in findings_of(folder) if item.code != "unknown-reference"]
    assert [(item.code, item.where.path, item.where.line) for item in found] == [(code, column, line)]
    assert found[0].where.file.endswith("nodes.csv")
    assert found[0].remedy


def test_swapped_lat_and_lon_are_out_of_range(folder: Path) -> None:
    replace(folder / "nodes.csv", ",38.5,112.8,", ",112.8,38.5,")
    found = findings_of(folder)
    assert [(item.code, item.where.path) for item in found] == [
        ("out-of-range", "lat"),
        ("out-of-range", "lon"),
    ]
    assert "swapped" in found[0].remedy


def test_full_width_digits_are_answered_with_the_plain_ones(folder: Path) -> None:
    replace(folder / "nodes.csv", ",500,38.5", ",５００,38.5")
    assert findings_of(folder)[0].remedy.endswith("500")


def test_duplicate_key_names_the_first_line(folder: Path) -> None:
    replace(folder / "shares.csv", "all,2026", "A,2026")
    (found,) = findings_of(folder)
    assert (found.code, found.where.line, found.found) == ("duplicate-key", 4, "'A / 2026' again")
    assert "line 3" in found.expected


def test_unknown_reference_offers_the_nearest(folder: Path) -> None:
    replace(folder / "nodes.csv", "B,station", "Baode,station")
    replace(folder / "shares.csv", "B,2030", "Baobe,2030")
    (found,) = findings_of(folder)
    assert (found.code, found.where.path, found.where.line) == ("unknown-reference", "node", 2)
    assert found.remedy == "Did you mean 'Baode'?"


def test_misspelt_column_is_unknown_and_missing(folder: Path) -> None:
    replace(folder / "nodes.csv", "kind,v_nom,", "kind,v_nmo,")
    found = {item.code: item for item in findings_of(folder)}
    assert set(found) == {"unknown-column", "missing-column"}
    assert found["unknown-column"].remedy == "Did you mean 'v_nom'?"


def test_ragged_rows_are_named_and_cause_no_second_finding(folder: Path) -> None:
    replace(folder / "nodes.csv", "survey,low,assumed", "survey,low")
    replace(folder / "nodes.csv", "survey,high,published", "survey,high,published,more")
    found = findings_of(folder)
    assert [(item.code, item.where.line, item.found) for item in found] == [
        ("ragged-row", 2, "10 cells"),
        ("ragged-row", 3, "12 cells"),
    ]


def test_quoted_line_breaks_do_not_shift_line_numbers(folder: Path) -> None:
    replace(folder / "nodes.csv", "a note, with comma", "a note\nover\nthree lines")
    replace(folder / "nodes.csv", "A,county,220", "A,county,oops")
    (found,) = findings_of(folder)
    assert (found.where.line, found.where.path) == (5, "v_nom")


BAD_FILES: list[tuple[str, Callable[[bytes], bytes], str, int]] = [
    ("gbk", lambda data: data.replace(b"a note", "备注".encode("gbk")), "not-utf-8", 2),
    ("utf-16", lambda data: data.decode().encode("utf-16"), "not-utf-8", 0),
    ("a renamed workbook", lambda data: b"PK\x03\x04" + data, "not-utf-8", 0),
    ("empty file", lambda _: b"", "empty-file", 0),
    ("only blank lines", lambda _: b"\n \n", "empty-file", 0),
    ("header alone", lambda data: data.splitlines(keepends=True)[0], "empty-file", 0),
    ("semicolons", lambda data: data.replace(b",", b";"), "wrong-separator", 1),
    ("column twice", lambda data: data.replace(b"id,kind,", b"id,id,"), "duplicate-column", 1),
    ("open quote", lambda data: data.replace(b'comma"', b"comma"), "bad-csv", 0),
    ("row of commas", lambda data: data + b",,,,,,,,,,\n", "empty-row", 4),
]


@pytest.mark.parametrize(
    ("spoil", "code", "line"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_bad_file_gives_one_clear_finding(folder: Path, spoil: Callable[[bytes], bytes], code: str, line: int) -> None:
    path = folder / "nodes.csv"
    path.write_bytes(spoil(path.read_bytes()))
    found = [item for item in findings_of(folder) if item.code != "unknown-reference"]
    assert [(item.code, item.where.line) for item in found] == [(code, line)]


def test_gbk_is_answered_with_how_to_save_utf_8(folder: Path) -> None:
    (folder / "nodes.csv").write_bytes("编号,名称\n".encode("gbk"))
    (found,) = findings_of(folder)
    assert "GBK" in found.found
    assert "CSV UTF-8" in found.remedy


def test_missing_table_and_missing_schema_are_both_named(folder: Path) -> None:
    (folder / "nodes.csv").rename(folder / "points.csv")
    found = findings_of(folder)
    assert {(item.code, Path(item.where.file).name) for item in found} == {
        ("missing-file", "nodes.csv"),
        ("missing-schema", "points.yaml"),
    }


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    assert [item.code for item in findings_of(tmp_path)] == ["missing-file"]


def test_all_faults_of_all_tables_come_at_once(folder: Path) -> None:
    replace(folder / "nodes.csv", "B,station,500", "B,staton,-1")
    replace(folder / "shares.csv", "0.25", "25")
    replace(folder / "schema" / "shares.yaml", "unit: MW", "unti: MW")
    replace(folder / "nodes.csv", "A,county,220", "A,county,")
    codes = sorted(item.code for item in findings_of(folder))
    assert codes == ["empty-cell", "out-of-range", "unknown-rule", "unknown-word"]


def test_asking_for_a_table_that_is_not_there_is_a_data_error(folder: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'nodes'"):
        read_tables(folder)["node"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped tables, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "grid"))


@pytest.mark.parametrize(
    ("table", "old", "new", "code", "column"),
    [
        ("lines", "HQ500,WZ500,500,", "HQ500,N220_Wuzhai,500,", "line-voltage", "bus1"),
        ("lines", "N220_Kelan,WZ500,220,", "N220_Kelan,WZ500,500,", "line-voltage", "v_nom"),
        ("lines", "N220_Kelan,WZ500,220,", "WZ500,N220_Kelan,500,", "line-voltage", "bus0"),
        ("lines", "HQ500,WZ500,500,", "HQ500,WZ501,500,", "unknown-reference", "bus1"),
        ("counties", ",0.0132", ",0.0532", "load-shares", "load_share"),
        ("plants", "coal_600_subcritical,1200,1200,operating", "coal_600_subcritical,1200,1300,operating",
         "plant-service", "counted_mw"),
        ("plants", "coal_660_usc,1320,0,planned,false", "coal_660_usc,1320,0,planned,true",
         "plant-service", "in_service_2025"),
        ("plants", "Yuanping,XG500,coal_600", "Yuanping,,coal_600", "plant-service", "bus"),
        ("economics", "onwind,capital_cost,4090000", "onwind,capital_cost,4090", "outside-range", "value"),
        ("buses", "station,Xinfu,500,38.5,112.85", "station,Xinfu,500,112.85,38.5", "out-of-range", "lat"),
        ("counties", "140902,38.3986,112.7312", "140902,112.7312,38.3986", "out-of-range", "lat"),
    ],
)  # fmt: skip
def test_rules_between_tables_are_enforced(copy: Path, table: str, old: str, new: str, code: str, column: str) -> None:
    replace(copy / f"{table}.csv", old, new)
    found = findings_of(copy)
    assert (code, column) in {(item.code, item.where.path) for item in found}
    assert all(item.where.file.endswith(f"{table}.csv") for item in found)


def test_shipped_tables_are_read_generically(shipped: Tables) -> None:
    names = {path.stem for home in (SHIPPED, SHIPPED.with_name("commitments")) for path in home.glob("*.csv")}
    assert set(shipped.frames) == names
    assert all(frame.index.is_unique and frame.index.is_monotonic_increasing for frame in shipped.frames.values())


def test_counties_without_rows_are_refused_before_their_shares_are_added(copy: Path) -> None:
    path = copy / "counties.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "empty-file" in {item.code for item in findings_of(copy)}
