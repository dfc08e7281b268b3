"""What the base year must reproduce: achieved against target, row by row of `calibration_targets.csv`::

    id          zh           en                    value   low   high  unit  inside
    coal_hours  煤电利用小时   coal full-load hours  4284.0  3800  4700  h     True

`low` and `high` belong to the range.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from xinzhou_energy.errors import ResultError
from xinzhou_energy.grid.read import CHECKOUT, SHIPPED
from xinzhou_energy.grid.tables import read_tables
from xinzhou_energy.results.run_result import RunResult

TABLE = "calibration_targets"
KEYS = ("metric", "statistic", "carrier", "location")
COLUMNS = ("id", "zh", "en", "value", "low", "high", "unit", "inside")


def read_targets(folder: Path | None = None) -> pd.DataFrame:
    """Read the targets of the calibration.

    Parameters
    ----------
    folder
        Folder of the tables; by default `data/grid` of the checkout, or as shipped with the package.

    Returns
    -------
    DataFrame
        Index id; `name_zh, name_en, metric, statistic, carrier, location, low, high, unit` and the columns that say
        where the range comes from. `low` and `high` are in `unit`, the unit of the metric.

    Raises
    ------
    DataError
        If a table of the folder breaks its schema.
    """
    if folder is None:
        root = CHECKOUT if (CHECKOUT / "data" / "grid" / "schema").is_dir() else SHIPPED
        folder = root / "data" / "grid"
    return read_tables(folder)[TABLE]


def achieved(result: RunResult, targets: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compare a run of the base year with the targets of the calibration.

    Parameters
    ----------
    result
        A full year of the fleet of 2025; other runs are compared all the same, but need not be inside.
    targets
        As `read_targets` returns them, which is the default.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row per target sorted by id; a metric that the run lacks has the value NaN and is not inside.
    """
    wanted = read_targets() if targets is None else targets
    table = wanted.rename(columns={"name_zh": "zh", "name_en": "en"})
    values = [_value(result, row) for _, row in wanted.iterrows()]
    table = table.assign(value=pd.Series(values, index=wanted.index, dtype=float))
    table["inside"] = table["value"].between(table["low"], table["high"])
    return table.rename_axis("id").reset_index()[list(COLUMNS)]


def _value(result: RunResult, target: pd.Series) -> float:
    """Return the number a target is about, NaN where the run has none."""
    metric, statistic, carrier, location = (str(target[key]) for key in KEYS)
    try:
        return result.value(metric, statistic=statistic, carrier=carrier, location=location)
    except ResultError:
        return float("nan")
