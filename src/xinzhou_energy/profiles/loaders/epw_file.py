"""Reading and checking one EPW file; what its hours mean is told in `epw`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xinzhou_energy.errors import DataError, Finding, Where
from xinzhou_energy.profiles.loaders.placement import check_calendar_year, check_order

CLOCKS = ("cswd", "interval_end")

_HEADER_LINES = 8
_FIELDS = {
    "temperature": (6, -60.0, 60.0),
    "ghi": (13, 0.0, 1_400.0),
    "wind_speed": (21, 0.0, 60.0),
}
"""Field number and plausible range; the codes for missing values (99.9, 9999, 999) lie outside."""

NEEDED = {
    "temperature": ("temperature",),
    "solar": ("ghi", "temperature"),
    "onwind": ("wind_speed",),
    "onwind_new": ("wind_speed",),
}
TYPICAL_YEAR = 2001
_TYPICAL_LEAP_YEAR = 2000


@dataclass(frozen=True)
class Station:
    """One EPW file: place, and weather on the labels h-1 of a dummy year (China Standard Time)."""

    file: str
    latitude: float
    longitude: float
    altitude_m: float
    weather: pd.DataFrame

    def sun_moments(self, clock: str) -> pd.DatetimeIndex:
        """Return the tz-aware moments at which the sun stands for each row."""
        half = pd.Timedelta(minutes=30 if clock == "interval_end" else 0)
        return (pd.DatetimeIndex(self.weather.index) + half).tz_localize("Etc/GMT-8")


def read_epw(path: Path, variable: str) -> Station:
    """Read and check the fields that `variable` needs.

    pvlib's own reader is not used because it drops the line numbers and lets codes for missing values
    through.
    """
    file = str(path)
    lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    latitude, longitude, altitude = _location(file, lines)
    while lines[-1].strip() == "":
        lines.pop()
    numbers = _numbers(file, lines[_HEADER_LINES:], variable)
    times = _times(file, numbers)
    weather = numbers[list(NEEDED[variable])].set_index(times)
    if len(weather) == 8784:
        weather = weather[~((times.month == 2) & (times.day == 29))]
    weather.index = pd.date_range(f"{TYPICAL_YEAR}-01-01", periods=8760, freq="h")
    return Station(file, latitude, longitude, altitude, weather)


def _location(file: str, lines: Sequence[str]) -> tuple[float, float, float]:
    def fault(code: str, found: str, expected: str, remedy: str) -> Finding:
        return Finding(code, Where(file, 1, "LOCATION"), found, expected, remedy)

    head = lines[0].split(",") if lines else [""]
    if head[0] != "LOCATION" or len(head) < 10:
        found, expected = f"'{','.join(head)[:40]}'", "LOCATION and nine fields"
        raise DataError(fault("not-epw", found, expected, "Give an unpacked EnergyPlus file (.epw)."))
    try:
        latitude, longitude, zone, altitude = (float(text) for text in head[6:10])
    except ValueError as error:
        found, expected = ",".join(head[6:10]), "latitude, longitude, time zone, altitude"
        raise DataError(fault("not-a-number", found, expected, "Mend the first line.")) from error
    if not _in_china(latitude, longitude):
        swapped = _in_china(longitude, latitude)
        remedy = "Swap latitude and longitude." if swapped else "Give a station in China."
        found = f"latitude {latitude:g}, longitude {longitude:g}"
        raise DataError(fault("out-of-range", found, "15 to 55 °N, 70 to 140 °E", remedy))
    if zone != 8.0:
        remedy = "Give a file on China Standard Time (UTC+8)."
        raise DataError(fault("wrong-offset", f"time zone {zone:+g} h", "+8 h", remedy))
    if not -200.0 <= altitude <= 6000.0:
        raise DataError(
            fault("out-of-range", f"altitude {altitude:g} m", "-200 to 6000 m", "Give the altitude in metres.")
        )
    return latitude, longitude, altitude


def _in_china(latitude: float, longitude: float) -> bool:
    return 15.0 <= latitude <= 55.0 and 70.0 <= longitude <= 140.0


def _numbers(file: str, lines: Sequence[str], variable: str) -> pd.DataFrame:
    fields = {"month": 1, "day": 2, "hour": 3} | {name: _FIELDS[name][0] for name in NEEDED[variable]}
    numbers = np.empty((len(lines), len(fields)))
    for number, line in enumerate(lines):
        cells = line.split(",") if line.isascii() else []  # float() would take full-width digits
        try:
            numbers[number] = [float(cells[field]) for field in fields.values()]
        except (ValueError, IndexError) as error:
            where = Where(file, number + _HEADER_LINES + 1)
            found, expected = f"'{line[:60]}'", "an EPW data row of 35 fields, ASCII digits"
            raise DataError(Finding("not-a-number", where, found, expected, "Mend or replace this row.")) from error
    frame = pd.DataFrame(numbers, columns=list(fields))
    findings = []
    for name in NEEDED[variable]:
        _, low, high = _FIELDS[name]
        bad = ~frame[name].between(low, high).to_numpy()
        if bad.any():
            first = int(bad.argmax())
            findings.append(
                Finding(
                    "out-of-range",
                    Where(file, first + _HEADER_LINES + 1, name),
                    f"{frame[name].iloc[first]:g} ({int(bad.sum())} such rows)",
                    f"{low:g} to {high:g}",
                    "Fill missing or wrong values from your own source; nothing is filled here.",
                )
            )
    if findings:
        raise DataError(findings)
    return frame


def _times(file: str, numbers: pd.DataFrame) -> pd.DatetimeIndex:
    def place(row: int, column: str) -> Where:
        return Where(file, row + _HEADER_LINES + 1, column)

    leap = bool(((numbers["month"] == 2) & (numbers["day"] == 29)).any())
    year = _TYPICAL_LEAP_YEAR if leap else TYPICAL_YEAR
    days = pd.to_datetime(
        pd.DataFrame({"year": year, "month": numbers["month"], "day": numbers["day"]}), errors="coerce"
    )
    bad = (days.isna() | ~numbers["hour"].isin(range(1, 25))).to_numpy()
    if len(numbers) == 0 or bad.any():
        row = int(bad.argmax()) if len(numbers) else 0
        raise DataError(
            Finding(
                "not-a-time",
                place(row, "month, day, hour"),
                "no such hour",
                "hours 1 to 24 of 365 days",
                "Give the whole typical year.",
            )
        )
    times = pd.DatetimeIndex(days + pd.to_timedelta(numbers["hour"] - 1, unit="h"))
    check_order(times, place, "month, day, hour")
    check_calendar_year(times, year, place, "month, day, hour")
    return times
