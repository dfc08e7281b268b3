"""Hourly CSV and Parquet files of the user, good and bad; every file is written by the test."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from xinzhou_energy.errors import DataError
from xinzhou_energy.profiles.loaders import load_profile

IDS = ["Daixian", "Fanshi"]


def hours(year, leap_day=True):
    index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    return index if leap_day else index[~((index.month == 2) & (index.day == 29))]


def loads(index):
    """A load that tells month, day and hour: 10,123.5 is 1 January 23 h... so relabelling can be read off."""
    return index.month * 10_000.0 + index.day * 100.0 + index.hour


def csv_lines(year=2026, leap_day=True):
    index = hours(year, leap_day)
    stamps = index.strftime("%Y-%m-%d %H:%M")
    values = loads(index)
    return [
        "snapshot,Fanshi,Daixian",
        *[f"{s},{v:.0f},{v + 0.5}" for s, v in zip(stamps, values, strict=True)],
    ]


def write(path, lines, encoding="utf-8"):
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def load(path, **given):
    wanted = {"format": "csv", "variable": "load", "year": 2026, "columns": IDS, "options": {}} | given
    return load_profile(path, **wanted)


def refusal(path, **given):
    with pytest.raises(DataError) as caught:
        load(path, **given)
    assert all(finding.remedy and finding.expected for finding in caught.value.findings)
    return caught.value.findings


def test_csv_lands_on_the_8760_snapshots_in_the_order_asked(tmp_path):
    frame = load(write(tmp_path / "load.csv", csv_lines()))
    assert list(frame.columns) == IDS
    assert frame.index.equals(pd.date_range("2026-01-01", periods=8760, freq="h"))
    assert frame.index.name == "snapshot"
    assert frame.index.tz is None
    assert frame.at[pd.Timestamp("2026-07-14 18:00"), "Fanshi"] == 71_418.0
    assert frame.at[pd.Timestamp("2026-12-31 23:00"), "Daixian"] == 123_123.5


def test_beijing_offset_bom_seconds_crlf_and_trailing_blank_lines_are_accepted(tmp_path):
    lines = [re.sub(r"^(\S+) (\d\d:\d\d)", r"\1T\2:00+08:00", line) for line in csv_lines()]
    path = tmp_path / "负荷 2026.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8-sig"))
    pd.testing.assert_frame_equal(load(path), load(write(tmp_path / "plain.csv", csv_lines())))


def test_leap_year_with_and_without_29_february_give_the_same_8760_hours(tmp_path):
    whole = load(write(tmp_path / "a.csv", csv_lines(2028)), year=2028)
    without = load(write(tmp_path / "b.csv", csv_lines(2028, leap_day=False)), year=2028)
    assert len(whole) == 8760
    assert not ((whole.index.month == 2) & (whole.index.day == 29)).any()
    pd.testing.assert_frame_equal(whole, without)


def test_year_of_data_relabels_by_month_day_and_hour(tmp_path):
    path = write(tmp_path / "load.csv", csv_lines(2024))
    frame = load(path, options={"year_of_data": 2024})
    np.testing.assert_array_equal(frame["Fanshi"], loads(hours(2026)))
    (finding,) = refusal(path)
    assert finding.code == "wrong-year"
    assert "year_of_data" in finding.remedy


def test_one_value_column_is_given_to_all_only_when_stated(tmp_path):
    lines = [line.rpartition(",")[0] for line in csv_lines()]
    lines[0] = "snapshot,value"
    path = write(tmp_path / "load.csv", lines)
    frame = load(path, options={"broadcast": True})
    assert (frame["Daixian"] == frame["Fanshi"]).all()
    assert {finding.code for finding in refusal(path)} == {"missing-column"}
    assert all("broadcast: true" in finding.remedy for finding in refusal(path))


@pytest.mark.parametrize("zone", [None, "Asia/Shanghai"])
def test_parquet_equals_csv(tmp_path, zone):
    index = hours(2026).tz_localize(zone)
    table = pd.DataFrame({"Fanshi": loads(hours(2026)), "Daixian": loads(hours(2026)) + 0.5}, index=index)
    table.rename_axis("snapshot").to_parquet(tmp_path / "load.parquet")
    frame = load(tmp_path / "load.parquet", format="parquet")
    expected = load(write(tmp_path / "load.csv", csv_lines()))
    pd.testing.assert_frame_equal(frame, expected, check_index_type=False)


def replaced(line, text):
    """A change that sets one file line (counted from 1)."""

    def change(lines):
        lines[line - 1] = text

    return change


def swapped(lines):
    lines[10], lines[11] = lines[11], lines[10]


BAD_CSV = {
    "duplicate hour": (lambda lines: lines.insert(102, lines[101]), "duplicate-hour", 103),
    "missing hour": (lambda lines: lines.pop(500), "missing-hour", 501),
    "last day missing": (lambda lines: lines.__delitem__(slice(-24, None)), "missing-hour", 8737),
    "unsorted": (swapped, "unsorted", 12),
    "blank cell": (replaced(5, "2026-01-01 03:00,10103,"), "missing-value", 5),
    "NaN": (replaced(6, "2026-01-01 04:00,NaN,1"), "missing-value", 6),
    "negative load": (replaced(7, "2026-01-01 05:00,-3,1"), "out-of-range", 7),
    "text": (replaced(8, "2026-01-01 06:00,12 MW,1"), "not-a-number", 8),
    "full-width digits": (replaced(9, "2026-01-01 07:00,１０１,1"), "full-width", 9),
    "infinite": (replaced(9, "2026-01-01 07:00,inf,1"), "not-a-number", 9),
    "thousands separator": (replaced(10, "2026-01-01 08:00,10,108,1"), "wrong-length", 10),
    "blank line inside": (replaced(11, ""), "wrong-length", 11),
    "UTC stamp": (replaced(2, "2025-12-31T16:00Z,1,1"), "wrong-offset", 2),
    "Tokyo stamp": (replaced(3, "2026-01-01T02:00+09:00,1,1"), "wrong-offset", 3),
    "slashes of a spreadsheet": (replaced(4, "2026/1/1 2:00,1,1"), "not-a-time", 4),
    "day that does not exist": (replaced(1500, "2026-02-30 10:00,1,1"), "not-a-time", 1500),
    "quarter hours": (replaced(3, "2026-01-01 00:15,1,1"), "off-hour", 3),
    "misspelt id": (replaced(1, "snapshot,Fanshi,Daixan"), "missing-column", 1),
    "repeated id": (replaced(1, "snapshot,Fanshi,Fanshi"), "duplicate-column", 1),
    "no time column": (replaced(1, "time,Fanshi,Daixian"), "missing-column", 1),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_bad_csv_is_refused_at_its_first_bad_line(tmp_path, case):
    change, code, line = BAD_CSV[case]
    lines = csv_lines()
    change(lines)
    finding = refusal(write(tmp_path / "load.csv", lines))[0]
    assert (finding.code, finding.where.line) == (code, line)
    assert finding.where.file.endswith("load.csv")


def test_remedies_name_the_nearest_column_and_the_first_missing_hour(tmp_path):
    lines = csv_lines()
    lines[0] = "snapshot,Fanshi,Daixan"
    assert refusal(write(tmp_path / "a.csv", lines))[0].remedy == "Did you mean 'Daixan'?"
    lines = csv_lines()
    del lines[500:503]
    assert "2026-01-21 19:00:00 is the first of 3" in refusal(write(tmp_path / "b.csv", lines))[0].found


def test_half_a_29_february_is_refused(tmp_path):
    lines = [line for line in csv_lines(2028) if not line.startswith("2028-02-29 1")]
    (finding,) = refusal(write(tmp_path / "load.csv", lines), year=2028)
    assert (finding.code, "2028-02-29 10:00" in finding.found) == ("missing-hour", True)


def test_faults_of_several_columns_are_reported_together(tmp_path):
    lines = csv_lines()
    lines[20] = "2026-01-01 19:00,-1,1"
    lines[30] = "2026-01-02 05:00,1,"
    findings = refusal(write(tmp_path / "load.csv", lines))
    assert {(f.code, f.where.line, f.where.path) for f in findings} == {
        ("out-of-range", 21, "Fanshi"),
        ("missing-value", 31, "Daixian"),
    }


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("onwind", 35.0, "by 100"),
        ("hydro", -0.01, "sign"),
        ("temperature", 278.0, "273.15"),
        ("market_price", 6000.0, "CNY/MWh"),
        ("market_price", -1200.0, "sign"),
        ("market_deviation", 2e5, "MW"),
    ],
)
def test_each_variable_has_its_range(tmp_path, variable, value, hint):
    lines = ["snapshot,Daixian,Fanshi", *[f"{stamp},0.5,0.5" for stamp in hours(2026)]]
    lines[99] = f"{lines[99][:19]},0.5,{value}"
    (finding,) = refusal(write(tmp_path / "x.csv", lines), variable=variable)
    assert (finding.code, finding.where.line, finding.where.path) == ("out-of-range", 100, "Fanshi")
    assert hint in finding.remedy


def test_a_load_without_any_hour_is_refused(tmp_path):
    lines = ["snapshot,Daixian,Fanshi", *[f"{stamp},0,3" for stamp in hours(2026)]]
    (finding,) = refusal(write(tmp_path / "load.csv", lines))
    assert (finding.code, finding.where.path) == ("no-load", "Daixian")


def solar_lines(shift_h):
    index = hours(2026)
    power = np.clip(np.cos((index.hour + 0.5 - 12.5 - shift_h) * np.pi / 12), 0, None)
    return ["snapshot,value", *[f"{s},{p:.4f}" for s, p in zip(index, power, strict=True)]]


@pytest.mark.parametrize(
    ("shift_h", "found"),
    [(-8, "centred -7."), (1, "centred +1.00 h")],  # eight hours early, the sun is up across midnight
    ids=["UTC without offset", "labels at the end of the hour"],
)
def test_solar_on_another_clock_is_refused(tmp_path, shift_h, found):
    solar = {"variable": "solar", "options": {"broadcast": True}}
    assert load(write(tmp_path / "good.csv", solar_lines(0)), **solar)["Daixian"].max() == 1.0
    findings = refusal(write(tmp_path / "bad.csv", solar_lines(shift_h)), **solar)
    assert {finding.code for finding in findings} == {"solar-clock"}
    assert found in findings[0].found


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\n\n", "empty-file"),
        (b"snapshot,Daixian,Fanshi\n", "empty-file"),
        ("snapshot,代县,Fanshi\n".encode("gbk"), "encoding"),
        ("snapshot,Daixian\n".encode("utf-16"), "encoding"),
        (b"snapshot;Daixian;Fanshi\n2026-01-01 00:00;1;1\n", "separator"),
    ],
)
def test_unreadable_files_are_refused(tmp_path, content, code):
    path = tmp_path / "load.csv"
    path.write_bytes(content)
    (finding,) = refusal(path)
    assert finding.code == code


def test_gbk_further_down_is_refused_with_its_line(tmp_path):
    lines = csv_lines()
    path = write(tmp_path / "load.csv", [*lines[:50], lines[50] + " 备注", *lines[51:]], encoding="gbk")
    (finding,) = refusal(path)
    assert (finding.code, finding.where.line) == ("encoding", 51)


def test_bad_parquet_is_refused_with_its_row(tmp_path):
    path = tmp_path / "load.parquet"
    path.write_bytes(b"snapshot,Daixian\n")
    assert refusal(path, format="parquet")[0].code == "not-parquet"
    table = pd.DataFrame({"snapshot": hours(2026), "Fanshi": 1.0, "Daixian": 1.0})
    table.loc[41, "Fanshi"] = np.nan
    table.to_parquet(path)
    assert refusal(path, format="parquet")[0].where.path == "Fanshi, row 42"
    table["snapshot"] = hours(2026).tz_localize("UTC")
    table.to_parquet(path)
    assert refusal(path, format="parquet")[0].code == "wrong-offset"


@pytest.mark.parametrize(
    ("given", "code", "remedy"),
    [
        ({"format": "xlsx"}, "unknown-choice", "Known names"),
        ({"variable": "temprature"}, "unknown-choice", "'temperature'"),
        ({"options": {"brodcast": True}}, "unknown-option", "'broadcast'"),
        ({"options": {"broadcast": "yes"}}, "wrong-type", "true or false"),
        ({"options": {"year_of_data": "2024"}}, "wrong-type", "calendar year"),
    ],
)
def test_bad_requests_are_refused_before_the_file_is_read(tmp_path, given, code, remedy):
    (finding,) = refusal(write(tmp_path / "load.csv", ["nothing"]), **given)
    assert finding.code == code
    assert remedy in finding.remedy


def test_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv")[0].code == "missing-file"
