"""A table as it stands in its file: text cells that know their line."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xinzhou_energy.errors import Finding, Where

_SAVE_UTF8 = "Save it again as 'CSV UTF-8 (comma delimited)'; Excel on a Chinese Windows writes GBK by default."


@dataclass(frozen=True)
class Row:
    """Text cells of one line; ``origins`` names the places of cells that an overlay replaced."""

    where: Where
    cells: Mapping[str, str]
    ragged: bool = False
    origins: Mapping[str, Where] = field(default_factory=dict)

    def place(self, column: str) -> Where:
        """Return file, line and column of one cell."""
        where = self.origins.get(column, self.where)
        return Where(where.file, where.line, column)


@dataclass(frozen=True)
class RawTable:
    """Header and rows of one file, unchecked except for their shape; ``sound`` where that is faultless."""

    file: str
    header: Where
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sound: bool = True


def sha256(path: Path) -> str:
    """Return the hex digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_csv(path: Path) -> tuple[RawTable | None, list[Finding]]:
    """Read a comma-separated UTF-8 file (with or without byte-order mark).

    Returns
    -------
    tuple
        The table (None when the file as a whole is unusable) and the findings about its shape. Blank lines
        are skipped; a row with too many or too few cells stays, marked ``ragged``, so that its key is known.
    """
    file = path.as_posix()
    data = path.read_bytes()
    text = _decode(data, file)
    if isinstance(text, Finding):
        return None, [text]
    if not text.strip():
        remedy = "Restore the file, or write at least its header line."
        return None, [Finding("empty-file", Where(file), "an empty file", "a header line and rows", remedy)]
    try:
        records = list(_records(text))
    except csv.Error as error:
        remedy = "Look for an unclosed double quote; inside a quoted cell a quote is written twice."
        return None, [Finding("bad-csv", Where(file), str(error), "a well-formed CSV file", remedy)]
    return _shape(file, records)


def _decode(data: bytes, file: str) -> str | Finding:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Finding("not-utf-8", Where(file), "UTF-16 text", "UTF-8 text", _SAVE_UTF8)
    if data.startswith(b"PK\x03\x04"):
        remedy = "Save the sheet as 'CSV UTF-8', or name the file .xlsx and use it as an overlay."
        return Finding("not-utf-8", Where(file), "a zip or Excel file", "UTF-8 text", remedy)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x} that is not UTF-8 (the file may be GBK)"
        return Finding("not-utf-8", Where(file, line), found, "UTF-8 text", _SAVE_UTF8)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield first line number and stripped cells of every record that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        if cells:
            yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _shape(file: str, records: list[tuple[int, list[str]]]) -> tuple[RawTable | None, list[Finding]]:
    line, header = records[0]
    top = Where(file, line)
    findings = check_header(header, top)
    if findings:
        return None, findings
    rows = []
    for line, cells in records[1:]:
        where = Where(file, line)
        ragged = len(cells) != len(header)
        if not ragged and not any(cells):
            findings.append(Finding("empty-row", where, "only empty cells", "a filled row", "Delete the line."))
            continue
        if ragged:
            remedy = "Count the commas; quote a cell that holds a comma."
            expected = f"{len(header)} as in the header"
            findings.append(Finding("ragged-row", where, f"{len(cells)} cells", expected, remedy))
        rows.append(Row(where, dict(zip(header, cells, strict=False)), ragged))
    if not records[1:]:
        remedy = "Restore the rows, or delete the table together with its schema."
        findings.append(Finding("empty-file", Where(file), "a header without rows", "at least one row", remedy))
    return RawTable(file, top, tuple(header), tuple(rows), sound=not findings), findings


def check_header(header: list[str], where: Where) -> list[Finding]:
    """Return findings for a header that is not comma-separated or names a column twice."""
    if len(header) == 1 and any(separator in header[0] for separator in ";\t"):
        remedy = "Save the file with commas between the cells."
        return [Finding("wrong-separator", where, f"'{header[0]}'", "column names parted by commas", remedy)]
    twice = sorted({name for name in header if header.count(name) > 1})
    remedy = "Delete or rename one of the two columns."
    return [
        Finding("duplicate-column", Where(where.file, where.line, name), f"'{name}' twice", "once", remedy)
        for name in twice
    ]
