"""From the stamps of a file to the 8,760 snapshots of the model year.

A snapshot names the hour it begins; its value is the mean over that hour. The leap policy is one: 29 February
is dropped. A file of a leap year may hold it (whole) or leave it out (whole); a model year never has it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from xinzhou_energy.errors import DataError, Finding, Where
from xinzhou_energy.profiles.calendar import snapshots
from xinzhou_energy.profiles.loaders.ranges import RowPlace

Stamp = Literal["start", "end", "instant"]
"""What a stamp means: the start of the hour it covers, its end, or the very instant of the value."""

STAMPS: tuple[Stamp, ...] = ("start", "end", "instant")

_HOUR = pd.Timedelta(hours=1)
_LABELS_OF_STAMP = {"start": (0 * _HOUR,), "end": (_HOUR,), "instant": (0 * _HOUR, _HOUR)}


def check_order(times: pd.DatetimeIndex, place: RowPlace, column: str) -> None:
    """Refuse stamps off the full hour, repeated or going back, at the first bad row.

    Raises
    ------
    DataError
        With codes off-hour, duplicate-hour, unsorted.
    """
    off = times != times.floor("h")
    if off.any():
        row = int(off.argmax())
        raise DataError(
            Finding(
                "off-hour",
                place(row, column),
                f"{times[row]}",
                "full hours, one row each",
                "Average the series to full hours first.",
            )
        )
    repeated = times.duplicated()
    if repeated.any():
        row = int(repeated.argmax())
        raise DataError(
            Finding(
                "duplicate-hour",
                place(row, column),
                f"{times[row]} again",
                "each hour once",
                "Delete the repeated row (was daylight saving or a second series left in?).",
            )
        )
    back = np.diff(times.asi8) < 0
    if back.any():
        row = int(back.argmax()) + 1
        raise DataError(
            Finding(
                "unsorted",
                place(row, column),
                f"{times[row]} after {times[row - 1]}",
                "rows in the order of time",
                "Sort the file by time.",
            )
        )


def check_calendar_year(times: pd.DatetimeIndex, year: int, place: RowPlace, column: str) -> None:
    """Refuse stamps that are not exactly the hours of `year` (8,760, or 8,784 with a whole 29 February).

    Raises
    ------
    DataError
        With codes wrong-year, missing-hour.
    """
    strange = times.year != year
    if strange.any():
        row = int(strange.argmax())
        raise DataError(
            Finding(
                "wrong-year",
                place(row, column),
                f"{times[row]}",
                f"hours of {year}",
                f"Give the year {year}, or state the data's own year by the option year_of_data.",
            )
        )
    expected = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    if not ((times.month == 2) & (times.day == 29)).any():
        expected = snapshots(year)
    absent = expected[~expected.isin(times)]
    if len(absent):
        row = min(int(times.searchsorted(absent[0])), len(times) - 1)
        raise DataError(
            Finding(
                "missing-hour",
                place(row, column),
                f"{len(times)} rows, {absent[0]} is the first of {len(absent)} missing hours",
                f"{len(expected)} rows, every hour of {year}",
                "Add the missing hours from your own source; nothing is filled here.",
            )
        )


def place_on_year(
    values: pd.DataFrame,
    year: int,
    data_year: int,
    *,
    file: str,
    stamp: Stamp = "start",
    periodic: bool = False,
) -> pd.DataFrame:
    """Return the series on the snapshots of `year`, relabelled from `data_year` by month, day and hour.

    A stamp at the end of its hour moves back one hour. Instants (and values centred on a full hour) become
    the mean of the two that bound the hour, which keeps the annual mean and moves the series by exactly the
    half hour.

    Parameters
    ----------
    values
        Checked series with a sorted tz-naive China Standard Time index, one column per id.
    year
        Year of the model.
    data_year
        Year of the data whose hours are taken.
    file
        Name for findings.
    stamp
        What a stamp of `values` means.
    periodic
        The series is one whole year and its end joins its beginning (typical years; UTC years by stated
        option).

    Returns
    -------
    pandas.DataFrame
        8,760 rows.

    Raises
    ------
    DataError
        When an hour of `data_year` is not covered.
    """
    wanted = snapshots(data_year)
    total = np.zeros((len(wanted), values.shape[1]))
    for shift in _LABELS_OF_STAMP[stamp]:
        labels = wanted + shift
        if periodic:
            start = values.index[0]
            span = values.index[-1] - start + _HOUR
            labels = start + (labels - start) % span
        rows = values.index.get_indexer(labels)
        if (rows < 0).any():
            absent = labels[int((rows < 0).argmax())]
            raise DataError(
                Finding(
                    "missing-hour",
                    Where(file),
                    f"no value at {absent} China Standard Time, data from {values.index[0]} to {values.index[-1]}",
                    f"every hour of {data_year} in China Standard Time",
                    "Give a file that covers the year in UTC+8 (a UTC year needs 31 December before it), "
                    "or state wrap_year: true to take the missing hours from the other end of a whole year.",
                )
            )
        total += values.to_numpy(float)[rows]
    return pd.DataFrame(total / len(_LABELS_OF_STAMP[stamp]), index=snapshots(year), columns=values.columns)
