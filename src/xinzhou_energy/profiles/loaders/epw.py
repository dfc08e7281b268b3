"""EnergyPlus weather files (EPW), the format of typical meteorological years supported here.

The clock trap. EPW says that hour h holds the mean over the hour that ends at h. China Standard Weather Data
(CSWD) does not keep this: its hour h holds the value centred on clock hour h-1 (UTC+8), with no half-hour
shift. At Yuanping the radiation of CSWD is centred on solar noon within 0.01 h when read so, and half an hour
away when read by the book. Its header does not tell, so the option ``clock`` must be stated:

cswd
    Hour h is centred on h-1 (the sun stands as at h-1); a snapshot is the mean of the two values that bound
    it.
interval_end
    Hour h is the mean over h-1..h (the sun stands as at h-0.5); it goes to the snapshot h-1.

For PV the radiation's centre is compared with true solar noon, so that the wrong clock is refused.

A typical year has no calendar: its dummy year is ignored and its end joins its beginning. TMY2 and TMY3 text
files hold United States stations only and are not read; convert other typical years to EPW.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

from xinzhou_energy.errors import DataError, Finding, Where
from xinzhou_energy.profiles.loaders.epw_file import CLOCKS, TYPICAL_YEAR, Station, read_epw
from xinzhou_energy.profiles.loaders.options import Options
from xinzhou_energy.profiles.loaders.placement import Stamp, place_on_year
from xinzhou_energy.profiles.loaders.ranges import hour_of_centre
from xinzhou_energy.profiles.loaders.station import pv_capacity_factor, wind_capacity_factor
from xinzhou_energy.profiles.wind import EXISTING_W_PER_M2, MODERN_W_PER_M2, Floats

_WIND_OPTIONS = ("wind_speed_factor", "target_cf", "specific_power_w_m2")
OPTIONS = ("clock", "counties", *_WIND_OPTIONS)
VARIABLES = ("temperature", "solar", "onwind", "onwind_new")
_W_PER_M2 = {"onwind": EXISTING_W_PER_M2, "onwind_new": MODERN_W_PER_M2}

_CLOCK_TOLERANCE_H = 0.35
_LOWEST_FACTOR, _HIGHEST_FACTOR = 0.1, 5.0
_BISECTIONS = 40
_HELD_SHARE = 0.70
"""Share of unchanged hourly wind speeds above which a record is 6-hourly: CSWD Yuanping 0.88, hourly stations
0.34 to 0.43."""


def load_epw(path: Path, variable: str, year: int, columns: Sequence[str], options: Options) -> pd.DataFrame:
    """Read temperature (°C), PV or wind capacity factor of one station and give it to the named ids.

    Options: ``clock`` (cswd or interval_end, mandatory); ``counties`` (ids that get this station, default
    all; only these are columns of the result); for wind ``wind_speed_factor`` (hub over 10 m speed) or
    ``target_cf`` (annual mean to reach by such a factor), one of them mandatory, and ``specific_power_w_m2``
    (330 for onwind, 215 for onwind_new).

    Raises
    ------
    DataError
        On bad options, a broken file, the wrong clock for PV, or 6-hourly wind for turbines.
    """
    clock = options.choice(
        "clock",
        CLOCKS,
        None,
        "State cswd for China Standard Weather Data (hour h is clock hour h-1), interval_end for files that "
        "keep the EPW definition.",
    )
    named = options.names("counties", columns)
    scaling = _read_scaling(options, variable)
    options.check()
    station = read_epw(path, variable)
    if variable == "temperature":
        values = station.weather["temperature"].to_numpy(float)
    elif variable == "solar":
        check_clock(station, clock)
        values = pv_capacity_factor(station, station.sun_moments(clock))
    else:
        values = _wind(station, scaling)
    stamp: Stamp = "instant" if clock == "cswd" else "start"
    series = pd.DataFrame({"value": values}, index=station.weather.index)
    placed = place_on_year(series, year, TYPICAL_YEAR, file=station.file, stamp=stamp, periodic=True)
    return pd.DataFrame(dict.fromkeys(named, placed["value"]))


@dataclass(frozen=True)
class _Scaling:
    """How the station's wind is brought to the hub: by a factor, or such that the mean output is met."""

    factor: float | None
    target_cf: float | None
    w_per_m2: float


def _read_scaling(options: Options, variable: str) -> _Scaling:
    factor = options.number("wind_speed_factor", _LOWEST_FACTOR, _HIGHEST_FACTOR)
    target = options.number("target_cf", 0.01, 0.60)
    w_per_m2 = options.number("specific_power_w_m2", 150.0, 600.0)
    if variable in _W_PER_M2:
        if options.has("wind_speed_factor") == options.has("target_cf"):
            found = "both" if options.has("target_cf") else "none"
            remedy = "Wind at 10 m drives no turbine: state how it is scaled."
            expected = "one of wind_speed_factor, target_cf"
            options.fault("wind_speed_factor", "missing-option", found, expected, remedy)
    else:
        for key in filter(options.has, _WIND_OPTIONS):
            options.fault(key, "unused-option", f"'{key}' for {variable}", "it for wind only", "Leave it out.")
    return _Scaling(factor, target, w_per_m2 or _W_PER_M2.get(variable, EXISTING_W_PER_M2))


def clock_offset_h(station: Station, clock: str) -> float:
    """Return how far the year's radiation is centred after true solar noon, h, when read by `clock`."""
    moments = station.sun_moments(clock)
    hours = moments.hour.to_numpy(float) + moments.minute.to_numpy(float) / 60.0
    equation_h = pvlib.solarposition.equation_of_time_spencer71(moments.dayofyear.to_numpy()) / 60.0
    ghi = station.weather["ghi"].to_numpy(float)
    return hour_of_centre(ghi, hours + equation_h - (12.0 - (station.longitude - 120.0) / 15.0))


def check_clock(station: Station, clock: str) -> None:
    """Refuse radiation that is not centred on solar noon under the stated clock.

    Raises
    ------
    DataError
        When the centre is more than 0.35 h away, naming the other clock where that one fits.
    """
    if not station.weather["ghi"].any():
        raise DataError(
            Finding(
                "no-output",
                Where(station.file, 0, "ghi"),
                "zero in every hour",
                "radiation",
                "Give a file with global horizontal radiation.",
            )
        )
    offset = clock_offset_h(station, clock)
    if abs(offset) <= _CLOCK_TOLERANCE_H:
        return
    other = CLOCKS[1 - CLOCKS.index(clock)]
    fits = abs(clock_offset_h(station, other)) <= _CLOCK_TOLERANCE_H
    remedy = f"State clock: {other}." if fits else "Neither clock fits: do not use the radiation of this station."
    raise DataError(
        Finding(
            "solar-clock",
            Where(station.file, 0, "ghi"),
            f"radiation centred {offset:+.2f} h from solar noon",
            f"within {_CLOCK_TOLERANCE_H} h for clock: {clock}",
            remedy,
        )
    )


def _wind(station: Station, scaling: _Scaling) -> Floats:
    _check_hourly_wind(station)

    def output(factor: float) -> Floats:
        return wind_capacity_factor(station, factor, scaling.w_per_m2)

    if scaling.factor is not None:
        return output(scaling.factor)
    target = scaling.target_cf or 0.0
    low, high = _LOWEST_FACTOR, _HIGHEST_FACTOR
    lowest, highest = float(output(low).mean()), float(output(high).mean())
    if not lowest <= target <= highest:
        raise DataError(
            Finding(
                "unreachable",
                Where(station.file, 0, "options.target_cf"),
                f"{target:g}",
                f"{lowest:.3f} to {highest:.3f}, this wind times {low:g} to {high:g}",
                "Choose a windier station or another target.",
            )
        )
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if output(middle).mean() < target else (low, middle)
    return output(0.5 * (low + high))


def _check_hourly_wind(station: Station) -> None:
    held = float((np.diff(station.weather["wind_speed"].to_numpy(float)) == 0.0).mean())
    if held > _HELD_SHARE:
        raise DataError(
            Finding(
                "held-wind",
                Where(station.file, 0, "wind_speed"),
                f"{held:.0%} of the hours equal to the hour before",
                "wind observed every hour",
                "This record is 6-hourly, held constant: use a station with hourly wind, a CSV or ERA5.",
            )
        )
