"""The user's own time series: hourly CSV or Parquet, EPW typical years, ERA5-derived netCDF.

Every loader ends on the same frame: the 8,760 snapshots of the model year (tz-naive China Standard Time,
hour-beginning, 29 February dropped), one column per id. Nothing is filled, clipped or guessed in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from xinzhou_energy.errors import DataError, Finding, Where, nearest
from xinzhou_energy.profiles.loaders import epw, era5, hourly
from xinzhou_energy.profiles.loaders.options import Options
from xinzhou_energy.profiles.loaders.ranges import VARIABLES, check_solar_clock, check_some_load

__all__ = ["FORMATS", "VARIABLES", "load_profile"]

FORMATS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "csv": (tuple(VARIABLES), hourly.OPTIONS),
    "parquet": (tuple(VARIABLES), hourly.OPTIONS),
    "epw": (epw.VARIABLES, epw.OPTIONS),
    "era5": (era5.VARIABLES, era5.OPTIONS),
}
"""Format → variables it can give, options it understands."""


def load_profile(
    path: Path,
    *,
    format: str,  # noqa: A002 - the planner's word
    variable: str,
    year: int,
    columns: Sequence[str],
    options: Mapping[str, object],
) -> pd.DataFrame:
    """Read one variable from a file of the user.

    Parameters
    ----------
    path
        The file.
    format
        A key of `FORMATS`: csv, parquet, epw, era5.
    variable
        A key of `VARIABLES`, named as in `profiles.generate`: onwind, onwind_new, solar, hydro (pu of capacity),
        load (MW), temperature (°C), market_price (CNY/MWh), market_deviation (MW). EPW gives temperature,
        solar and wind; ERA5 gives solar and wind.
    year
        Year of the model.
    columns
        The ids wanted, for example the 14 counties.
    options
        What the format needs to know; see `hourly.load_hourly`, `epw.load_epw`, `era5.load_era5`.

    Returns
    -------
    pandas.DataFrame
        8,760 rows (index `snapshot`) x the ids, float64. EPW with the option counties gives those ids only.

    Raises
    ------
    DataError
        With every fault of the stage reached, each with its place in the file and a remedy.
    """
    file = str(path)
    if format not in FORMATS:
        raise DataError(
            Finding(
                "unknown-choice",
                Where(file, 0, "format"),
                f"'{format}'",
                ", ".join(FORMATS),
                nearest(format, list(FORMATS)),
            )
        )
    variables, known = FORMATS[format]
    if variable not in variables:
        raise DataError(
            Finding(
                "unknown-choice",
                Where(file, 0, "variable"),
                f"'{variable}' from {format}",
                ", ".join(variables),
                nearest(variable, variables),
            )
        )
    if not path.is_file():
        raise DataError(Finding("missing-file", Where(file), "no such file", "a readable file", "Check the path."))
    if path.stat().st_size == 0:
        raise DataError(Finding("empty-file", Where(file), "0 bytes", "data", "Check the export."))
    read = Options(file, options, known)
    if format == "epw":
        frame = epw.load_epw(path, variable, year, columns, read)
    elif format == "era5":
        frame = era5.load_era5(path, variable, year, columns, read)
    else:
        frame = hourly.load_hourly(path, format, variable, year, columns, read)
    if variable == "solar":
        check_solar_clock(frame, file)
    if variable == "load":
        check_some_load(frame, file)
    return frame
