"""From hourly values to tidy rows: sums by component, carrier and county, and ratios of such sums.

In: one number per component. Out: rows with `carrier`, `location`, `component`, where '' stands for all:

    carrier  location  component         value
    onwind   Shenchi   N220_Shenchi ...  1.2e6   one component
    onwind   Shenchi                     1.5e6   a carrier in a county
    onwind                               9.0e6   a carrier
             Shenchi                     2.1e6   a county
                                         5.8e7   all
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

KEYS: tuple[str, ...] = ("carrier", "location", "component")
LEVELS: tuple[tuple[str, ...], ...] = (
    (), ("carrier",), ("location",), ("carrier", "location"), ("carrier", "location", "component"),
)  # fmt: skip


def by_group(sums: pd.DataFrame, place: pd.DataFrame) -> pd.DataFrame:
    """Add the columns of `sums` up to every level of `LEVELS`.

    Parameters
    ----------
    sums
        Index component, one column per additive quantity (any unit).
    place
        Index component, columns `carrier` and `county`; the county is '' outside the city.

    Returns
    -------
    DataFrame
        `carrier, location, component` and the columns of `sums`, one row per group that has a component.
    """
    where = place.loc[sums.index, ["carrier", "county"]].astype(str)
    keyed = sums.assign(
        carrier=where["carrier"].to_numpy(), location=where["county"].to_numpy(), component=sums.index.astype(str)
    )
    parts = [_level(keyed, level, list(sums.columns)) for level in LEVELS]
    return pd.concat(parts, ignore_index=True)[[*KEYS, *sums.columns]]


def _level(keyed: pd.DataFrame, level: Sequence[str], columns: list[str]) -> pd.DataFrame:
    """Sum the columns over one level; keys that are not part of it become ''."""
    if keyed.empty:
        return keyed[[*KEYS, *columns]]
    located = keyed[keyed["location"] != ""] if tuple(level) in {("location",), ("carrier", "location")} else keyed
    if level:
        summed = located.groupby(list(level), sort=True)[columns].sum().reset_index()
    else:
        summed = located[columns].sum().to_frame().T
    return summed.assign(**{key: "" for key in KEYS if key not in level})


def measured(frame: pd.DataFrame, metric: str, values: pd.Series | str, *, statistic: str) -> pd.DataFrame:
    """Return rows of one metric from a frame with `KEYS`; rows without a finite value (0 of 0) are left out."""
    value = frame[values] if isinstance(values, str) else values
    rows = frame[list(KEYS)].assign(metric=metric, statistic=statistic, value=value.astype(float))
    return rows[value.notna()]


def totals(metric: str, values: pd.DataFrame, place: pd.DataFrame, *, statistic: str = "sum") -> pd.DataFrame:
    """Return the rows of one additive metric; `values` has one column."""
    grouped = by_group(values, place)
    return measured(grouped, metric, str(values.columns[0]), statistic=statistic)


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Divide, with no value where the whole is zero."""
    return part / whole.where(whole != 0)


def single(metric: str, statistic: str, value: float, **where: str) -> pd.DataFrame:
    """Return one row; `where` gives carrier, location or component."""
    row = {"metric": metric, "statistic": statistic, **dict.fromkeys(KEYS, ""), **where, "value": float(value)}
    return pd.DataFrame([row])


def labelled(metric: str, statistic: str, values: pd.Series, key: str) -> pd.DataFrame:
    """Return one row per entry of a series whose index is a carrier, a location or a component (`key`)."""
    return pd.DataFrame(
        {
            "metric": metric,
            "statistic": statistic,
            **{name: values.index.astype(str) if name == key else "" for name in KEYS},
            "value": values.to_numpy(dtype=float),
        }
    )
