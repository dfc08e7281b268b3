"""What each variable may be: its unit, its range, and for PV the time of day of its centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xinzhou_energy.errors import DataError, Finding, Where

SOLAR_NOON_H = 12.5
"""Mean clock time (UTC+8) of solar noon at 112.5 °E, the middle of Xinzhou; its counties lie within 0.1 h."""

SOLAR_NOON_TOLERANCE_H = 0.75
"""Below one hour, so that labels at the end of the hour are told from labels at its beginning."""


@dataclass(frozen=True)
class Variable:
    """Unit and closed range of one variable; `high_remedy` is said when a value lies above the range."""

    unit: str
    low: float
    high: float
    high_remedy: str


_CAPACITY_FACTOR = Variable("of capacity", 0.0, 1.0, "Divide percentages by 100, or power in MW by the capacity.")

VARIABLES: dict[str, Variable] = {
    "onwind": _CAPACITY_FACTOR,
    "onwind_new": _CAPACITY_FACTOR,
    "solar": _CAPACITY_FACTOR,
    "hydro": _CAPACITY_FACTOR,
    "load": Variable("MW", 0.0, np.inf, "Give a finite load."),
    "temperature": Variable("°C", -60.0, 60.0, "Give degrees Celsius; subtract 273.15 from kelvin."),
    "market_price": Variable("CNY/MWh", -1000.0, 5000.0, "Give CNY/MWh."),
    "market_deviation": Variable("MW", -150_000.0, 150_000.0, "Give MW."),
}

RowPlace = Callable[[int, str], Where]
"""Turns a row number (0-based) and a column into the place a planner can open."""


def check_values(values: pd.DataFrame, variable: str, place: RowPlace) -> None:
    """Refuse NaN and values outside the variable's range, naming the first bad row of each column.

    Parameters
    ----------
    values
        Numbers of the file, one row per row of the file.
    variable
        A key of `VARIABLES`.
    place
        Says where a row stands in the file.

    Raises
    ------
    DataError
        One finding per column and kind of fault.
    """
    limits = VARIABLES[variable]
    inside = f"{limits.low:g} to {limits.high:g} {limits.unit}"
    findings = []
    for column in values.columns:
        numbers = values[column].to_numpy(float)
        missing = ~np.isfinite(numbers)
        if missing.any():
            findings.append(
                Finding(
                    "missing-value",
                    place(int(missing.argmax()), str(column)),
                    f"no value ({int(missing.sum())} such rows)",
                    inside,
                    "Fill the gap from your own source; nothing is filled here.",
                )
            )
        outside = ~missing & ((numbers < limits.low) | (numbers > limits.high))
        if outside.any():
            row = int(outside.argmax())
            remedy = limits.high_remedy if numbers[row] > limits.high else "Correct the value or its sign."
            findings.append(
                Finding(
                    "out-of-range",
                    place(row, str(column)),
                    f"{numbers[row]:g} ({int(outside.sum())} such rows)",
                    inside,
                    remedy,
                )
            )
    if findings:
        raise DataError(findings)


def hour_of_centre(weights: NDArray[np.float64], hours: NDArray[np.float64]) -> float:
    """Return the mean hour of the day weighted by `weights`, in h (for PV: its centre of gravity)."""
    return float((weights * hours).sum() / weights.sum())


def check_some_load(frame: pd.DataFrame, file: str) -> None:
    """Refuse a load that is zero all year: it has no shape to spread the year's energy over.

    Raises
    ------
    DataError
        Naming every such column.
    """
    findings = [
        Finding("no-load", Where(file, 0, str(column)), "zero in every hour", "a load", "Check or fill the column.")
        for column in frame.columns
        if not frame[column].any()
    ]
    if findings:
        raise DataError(findings)


def check_solar_clock(frame: pd.DataFrame, file: str) -> None:
    """Refuse PV centred more than 0.75 h from solar noon: its clock is not UTC+8, hour-beginning.

    Raises
    ------
    DataError
        Naming the columns at fault, or those that are zero all year.
    """
    middles = pd.DatetimeIndex(frame.index).hour.to_numpy(float) + 0.5
    findings = []
    for column in frame.columns:
        power = frame[column].to_numpy(float)
        if not power.any():
            findings.append(
                Finding(
                    "no-output",
                    Where(file, 0, str(column)),
                    "zero in every hour",
                    "PV output",
                    "Check the column.",
                )
            )
            continue
        offset = hour_of_centre(power, middles) - SOLAR_NOON_H
        if abs(offset) > SOLAR_NOON_TOLERANCE_H:
            findings.append(
                Finding(
                    "solar-clock",
                    Where(file, 0, str(column)),
                    f"PV output centred {offset:+.2f} h from solar noon",
                    f"within {SOLAR_NOON_TOLERANCE_H} h of solar noon ({SOLAR_NOON_H} h China Standard Time)",
                    "Label each hour by its beginning in China Standard Time (UTC+8).",
                )
            )
    if findings:
        raise DataError(findings)
