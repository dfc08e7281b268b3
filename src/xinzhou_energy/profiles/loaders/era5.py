"""Capacity factors derived from ERA5 (atlite and kin) in netCDF, on UTC.

Dimensions are time x region (county, bus, name or any other) or time only.

Two traps. ERA5 radiation of stamp h is the mean over h-1..h and atlite keeps the stamp, while wind is the
value at h; so ``stamp`` is ``end`` for PV and ``instant`` for wind unless stated. And the level of ERA5 wind
in this terrain is far too low (Shanxi 9.0 % in 2020 against 24-28 % expected at ridge sites), so wind needs a
stated bias correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from xinzhou_energy.errors import DataError, Finding, Where, nearest
from xinzhou_energy.profiles.loaders.bias import scale_to_mean
from xinzhou_energy.profiles.loaders.options import Options
from xinzhou_energy.profiles.loaders.placement import (
    STAMPS,
    Stamp,
    check_calendar_year,
    check_order,
    place_on_year,
)
from xinzhou_energy.profiles.loaders.ranges import check_values

OPTIONS = ("bias_correction", "broadcast", "data_variable", "stamp", "time_zone", "wrap_year", "year_of_data")
VARIABLES = ("onwind", "onwind_new", "solar")
METHODS = ("scale_to_mean", "none_stated")

_TIME_NAMES = ("time", "valid_time", "snapshot")
_WHY = (
    "State bias_correction: {method: scale_to_mean, target_mean: 0.25}, or {method: none_stated} when the "
    "file's level is already corrected; raw ERA5 wind is far too low in this terrain."
)


def load_era5(path: Path, variable: str, year: int, columns: Sequence[str], options: Options) -> pd.DataFrame:
    """Read PV or wind capacity factors from netCDF onto the snapshots of `year`.

    Options: ``bias_correction`` (``method`` scale_to_mean with ``target_mean``, a number or a mapping by id,
    or none_stated; mandatory for wind); ``data_variable`` (when the file holds several); ``broadcast`` (give
    a single region to every id); ``year_of_data``; ``wrap_year`` (a whole UTC year lacks the first eight
    hours of the Chinese year; true takes them from its end); ``stamp`` (start, end, instant); ``time_zone``
    (utc or cst).

    Raises
    ------
    DataError
        On bad options, a file of another shape, or any fault of time or value.
    """
    by_default: Stamp = "end" if variable == "solar" else "instant"
    stated_stamp = options.choice("stamp", STAMPS, by_default, "")
    stamp = next(known for known in STAMPS if known == stated_stamp)
    zone = options.choice("time_zone", ("utc", "cst"), "utc", "")
    data_year = options.year("year_of_data", year)
    broadcast, wrap = options.flag("broadcast"), options.flag("wrap_year")
    name = options.text("data_variable")
    targets = read_targets(options, columns, mandatory=variable != "solar")
    options.check()
    values = read_netcdf(path, name, columns, broadcast)

    def place(row: int, column: str) -> Where:
        return Where(str(path), 0, f"{column}, time step {row + 1}")

    check_order(pd.DatetimeIndex(values.index), place, "time")
    check_values(values, variable, place)
    stamps = pd.DatetimeIndex(values.index)
    values.index = stamps + pd.Timedelta(hours=8 if zone == "utc" else 0)
    if wrap:  # only a whole year joins end to beginning: a UTC year, or one already cut for China
        whole = stamps if stamps[0].year == data_year else pd.DatetimeIndex(values.index)
        check_calendar_year(whole, data_year, place, "time")
    frame = place_on_year(values, year, data_year, file=str(path), stamp=stamp, periodic=wrap)
    return correct(frame, targets, str(path))


def read_targets(options: Options, columns: Sequence[str], *, mandatory: bool) -> dict[str, float]:
    """Return the mean to reach by id, empty when no correction is wished."""
    stated = options.mapping("bias_correction")
    if stated is None:
        if mandatory:
            options.fault("bias_correction", "missing-option", "nothing", "a stated bias correction", _WHY)
        return {}
    method, target = stated.get("method"), stated.get("target_mean")
    for key in stated:
        if key not in ("method", "target_mean"):
            options.fault(
                f"bias_correction.{key}",
                "unknown-option",
                f"'{key}'",
                "method, target_mean",
                nearest(str(key), ("method", "target_mean")),
            )
    if method not in METHODS:
        options.fault("bias_correction.method", "unknown-choice", repr(method), " or ".join(METHODS), _WHY)
        return {}
    if method == "none_stated":
        if target is not None:
            options.fault(
                "bias_correction.target_mean",
                "contradiction",
                repr(target),
                "no target with none_stated",
                "Leave the target out, or choose scale_to_mean.",
            )
        return {}
    by_id = target if isinstance(target, Mapping) else dict.fromkeys(columns, target)
    for name in by_id:
        if name not in columns:
            options.fault(
                f"bias_correction.target_mean.{name}",
                "unknown-id",
                f"'{name}'",
                "an id of this profile",
                nearest(str(name), columns),
            )
    found = {name: options.check_number("bias_correction.target_mean", by_id.get(name), 0.01, 0.60) for name in columns}
    return {name: mean for name, mean in found.items() if mean is not None}


def read_netcdf(path: Path, name: str | None, columns: Sequence[str], broadcast: bool) -> pd.DataFrame:
    """Return the series on their own stamps, one column per id."""
    file = str(path)
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            array = _pick(dataset, name, file).load()
    except (OSError, ValueError) as error:
        raise DataError(
            Finding(
                "not-netcdf",
                Where(file),
                str(error).partition("\n")[0],
                "a netCDF file",
                "Write it by atlite or xarray.Dataset.to_netcdf.",
            )
        ) from error
    time = next(dim for dim in array.dims if dim in _TIME_NAMES)
    stamps = array.indexes[time]
    if not isinstance(stamps, pd.DatetimeIndex) or stamps.hasnans:
        raise DataError(
            Finding(
                "not-a-time",
                Where(file, 0, str(time)),
                "no standard calendar",
                "UTC times",
                "Write the time coordinate as datetime64.",
            )
        )
    if array.ndim == 1:
        if len(columns) > 1 and not broadcast:
            raise DataError(
                Finding(
                    "missing-column",
                    Where(file),
                    "one region",
                    f"ids {', '.join(columns)}",
                    "State broadcast: true to give the one region to every id.",
                )
            )
        return pd.DataFrame({column: array.to_numpy() for column in columns}, index=stamps).astype(float)
    (region,) = (dim for dim in array.dims if dim != time)
    frame = pd.DataFrame(
        array.transpose(time, region).to_numpy(),
        index=stamps,
        columns=[str(label) for label in array[region].to_numpy()],
    ).astype(float)
    return _pick_columns(frame, columns, file, str(region))


def _pick(dataset: xr.Dataset, name: str | None, file: str) -> xr.DataArray:
    timed = [
        str(key)
        for key, array in dataset.data_vars.items()
        if array.ndim in (1, 2) and any(dim in _TIME_NAMES for dim in array.dims)
    ]
    if name is not None and name not in timed:
        raise DataError(
            Finding(
                "missing-column",
                Where(file, 0, name),
                f"no series '{name}'",
                "dims time x (county | bus | name) or time",
                nearest(name, timed),
            )
        )
    if name is None and len(timed) != 1:
        raise DataError(
            Finding(
                "ambiguous",
                Where(file),
                f"{len(timed)} series: {', '.join(timed) or 'none'}",
                "one series over time",
                "Name it by the option data_variable.",
            )
        )
    return dataset[name or timed[0]]


def _pick_columns(frame: pd.DataFrame, columns: Sequence[str], file: str, region: str) -> pd.DataFrame:
    present = list(frame.columns)
    findings = [
        Finding(
            "missing-column",
            Where(file, 0, region),
            f"no '{column}'",
            f"ids {', '.join(columns)}",
            nearest(column, present),
        )
        for column in columns
        if column not in present
    ]
    findings += [
        Finding(
            "duplicate-column",
            Where(file, 0, region),
            f"'{column}' more than once",
            "each id once",
            "Merge or rename the regions.",
        )
        for column in columns
        if present.count(column) > 1
    ]
    if findings:
        raise DataError(findings)
    return frame[list(columns)]


def correct(frame: pd.DataFrame, targets: Mapping[str, float], file: str) -> pd.DataFrame:
    """Scale each column to its target mean over the model year (see `bias.scale_to_mean`)."""
    findings = []
    corrected = frame.copy()
    for column, target in targets.items():
        try:
            corrected[column] = scale_to_mean(frame[column].to_numpy(float), target)
        except ValueError as error:
            findings.append(
                Finding(
                    "unreachable",
                    Where(file, 0, column),
                    f"target mean {target:g}, but {error}",
                    "a mean between the two",
                    "Check the series, or choose another target.",
                )
            )
    if findings:
        raise DataError(findings)
    return corrected
