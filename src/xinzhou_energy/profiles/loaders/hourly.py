"""Hourly tables: CSV and Parquet with a `snapshot` column and one column per id (or one `value` column).

Stamps are ISO times in China Standard Time, hour-beginning, with or without +08:00. Any other offset is
refused. The series keeps the weekdays of its own year: with `year_of_data` it is relabelled by month, day and
hour, so a Sunday of the data may fall on a Monday of the model year.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from xinzhou_energy.errors import DataError, Finding, Where, nearest
from xinzhou_energy.profiles.loaders.options import Options
from xinzhou_energy.profiles.loaders.placement import check_calendar_year, check_order, place_on_year
from xinzhou_energy.profiles.loaders.ranges import RowPlace, check_values

TIME = "snapshot"
BROADCAST = "value"
OPTIONS = ("broadcast", "year_of_data")

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.0+)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_BLANKS = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--"})


@dataclass(frozen=True)
class Table:
    """Cells of a file as they stand (text for CSV, typed for Parquet), with the place of each row."""

    file: str
    header_line: int
    cells: pd.DataFrame
    place: RowPlace


def load_hourly(
    path: Path, fmt: str, variable: str, year: int, columns: Sequence[str], options: Options
) -> pd.DataFrame:
    """Read an hourly CSV or Parquet file onto the snapshots of `year`.

    Options: ``broadcast`` (give the one `value` column to every id), ``year_of_data`` (calendar year of the
    file).

    Raises
    ------
    DataError
        On any fault of encoding, structure, time or value, with the first bad row (file line for CSV).
    """
    broadcast = options.flag("broadcast")
    data_year = options.year("year_of_data", year)
    options.check()
    table = read_csv(path) if fmt == "csv" else read_parquet(path)
    wanted = [BROADCAST] if broadcast else list(columns)
    check_columns(table, wanted, broadcast)
    times = read_times(table)
    check_order(times, table.place, TIME)
    check_calendar_year(times, data_year, table.place, TIME)
    values = read_numbers(table, wanted)
    check_values(values, variable, table.place)
    frame = place_on_year(values.set_index(times), year, data_year, file=table.file)
    if broadcast:
        frame = pd.DataFrame(dict.fromkeys(columns, frame[BROADCAST]))
    return frame[list(columns)]


def read_csv(path: Path) -> Table:
    """Read the text cells of a UTF-8 CSV (with or without BOM), each row with its line in the file."""
    file = str(path)
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(decode(path), newline=""))
    try:
        for row in reader:
            lines.append(reader.line_num)
            rows.append(row)
    except csv.Error as error:
        raise DataError(
            Finding("not-csv", Where(file, reader.line_num), str(error), "plain CSV", "Check the quotes.")
        ) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise DataError(
            Finding("empty-file", Where(file), "no rows of data", "a header and hourly rows", "Check the export.")
        )
    header = [name.strip() for name in rows[0]]
    if len(header) == 1:
        raise DataError(
            Finding(
                "separator",
                Where(file, 1),
                f"one column '{header[0]}'",
                "columns parted by commas",
                "Save as CSV with comma as separator (not ; or tab).",
            )
        )
    for row, line in zip(rows[1:], lines[1:], strict=False):
        if len(row) != len(header):
            raise DataError(
                Finding(
                    "wrong-length",
                    Where(file, line),
                    f"{len(row)} cells",
                    f"{len(header)} cells as in the header",
                    "Check for a lost or a surplus comma (1,234 must be 1234).",
                )
            )
    cells = pd.DataFrame(rows[1:], columns=header, dtype=object)
    return Table(file, 1, cells, lambda row, column: Where(file, lines[row + 1], column))


def decode(path: Path) -> str:
    """Return the text of a UTF-8 file without its BOM; other encodings are named and refused."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        guess = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8 (GBK perhaps)"
        raise DataError(
            Finding("encoding", Where(str(path), line), guess, "UTF-8", "Save the file as 'CSV UTF-8'.")
        ) from error


def read_parquet(path: Path) -> Table:
    """Read a Parquet file; rows are reported by their number, counted from 1."""
    file = str(path)
    try:
        cells = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            Finding(
                "not-parquet",
                Where(file),
                str(error).partition("\n")[0],
                "a Parquet file",
                "Write it by pandas.DataFrame.to_parquet.",
            )
        ) from error
    if cells.index.name == TIME and TIME not in cells.columns:
        cells = cells.reset_index()
    if cells.empty:
        raise DataError(Finding("empty-file", Where(file), "no rows of data", "hourly rows", "Check the export."))
    cells.columns = cells.columns.astype(str)
    return Table(file, 0, cells.reset_index(drop=True), lambda row, column: Where(file, 0, f"{column}, row {row + 1}"))


def check_columns(table: Table, wanted: Sequence[str], broadcast: bool) -> None:
    """Refuse repeated names and missing columns, naming the nearest present one."""
    names = [str(name) for name in table.cells.columns]
    findings = [
        Finding(
            "duplicate-column",
            Where(table.file, table.header_line, name),
            f"column '{name}' more than once",
            "each name once",
            "Delete or rename one of them.",
        )
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    for name in (TIME, *wanted):
        if name in names:
            continue
        remedy = nearest(name, names)
        if BROADCAST in names and not broadcast and name != TIME:
            remedy = "State broadcast: true to give the one 'value' column to every id."
        findings.append(
            Finding(
                "missing-column",
                Where(table.file, table.header_line, name),
                f"no column '{name}'",
                f"columns {TIME}, {', '.join(wanted)}",
                remedy,
            )
        )
    if findings:
        raise DataError(findings)


def read_times(table: Table) -> pd.DatetimeIndex:
    """Return the stamps as tz-naive China Standard Time."""
    cells = table.cells[TIME]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return _typed_times(table, pd.DatetimeIndex(cells))
    found = [_STAMP.fullmatch(str(cell).strip()) for cell in cells]
    for row, match in enumerate(found):
        offset = (match.group(4) or "+08:00").replace(":", "") if match else ""
        if offset not in ("+0800", ""):
            raise DataError(_wrong_offset(table.place(row, TIME), str(cells.iloc[row])))
        if match is None:
            raise DataError(_not_a_time(table.place(row, TIME), str(cells.iloc[row])))
    texts = [f"{m.group(1)} {m.group(2)}:{m.group(3) or '00'}" for m in found if m]
    times = pd.DatetimeIndex(pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce"))
    if times.hasnans:
        row = int(times.isna().argmax())
        raise DataError(_not_a_time(table.place(row, TIME), str(cells.iloc[row])))
    return times


def _typed_times(table: Table, times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    if times.hasnans:
        raise DataError(_not_a_time(table.place(int(times.isna().argmax()), TIME), "no time"))
    if times.tz is None:
        return times
    naive = times.tz_localize(None)
    ahead = naive - times.tz_convert("UTC").tz_localize(None)
    wrong = ahead != pd.Timedelta(hours=8)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(_wrong_offset(table.place(row, TIME), str(times[row])))
    return naive


def _wrong_offset(where: Where, found: str) -> Finding:
    return Finding(
        "wrong-offset",
        where,
        f"'{found}'",
        "China Standard Time, no offset or +08:00",
        "Convert the stamps to UTC+8 (midnight UTC is 08:00).",
    )


def _not_a_time(where: Where, found: str) -> Finding:
    return Finding(
        "not-a-time",
        where,
        f"'{found}'",
        "an ISO time such as 2026-01-01 00:00",
        "Write year-month-day hour:minute in ASCII digits; the day must exist.",
    )


def read_numbers(table: Table, wanted: Sequence[str]) -> pd.DataFrame:
    """Return the wanted columns as floats, blanks as NaN (refused later together with the ranges)."""
    findings = []
    numbers: dict[str, Sequence[float]] = {}
    for name in wanted:
        cells = table.cells[name]
        if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
            numbers[name] = cells.astype(float).tolist()
            continue
        texts = [str(cell) for cell in cells]
        bad = next((row for row, text in enumerate(texts) if not _is_number_or_blank(text)), None)
        if bad is None:
            numbers[name] = [float(text) if _NUMBER.fullmatch(text) else float("nan") for text in texts]
        else:
            findings.append(_not_a_number(table.place(bad, name), texts[bad]))
    if findings:
        raise DataError(findings)
    return pd.DataFrame(numbers)


def _is_number_or_blank(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) or text.strip().lower() in _BLANKS


def _not_a_number(where: Where, text: str) -> Finding:
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and _NUMBER.fullmatch(plain):
        return Finding(
            "full-width",
            where,
            f"'{text}' in full-width characters",
            f"{plain.strip()} in ASCII",
            "Type the digits with the input method off.",
        )
    return Finding(
        "not-a-number",
        where,
        f"'{text}'",
        "a number with a decimal point",
        "Leave out units, percent signs and thousands separators.",
    )
