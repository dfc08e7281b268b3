"""Many components in one call: PyPSA checks its snapshots at each, seconds where a year is added one by one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pypsa

Record = dict[str, object]


def add_records(network: pypsa.Network, component: str, records: Mapping[str, Record]) -> None:
    """Add components of one type, name → columns; a Series is hourly, anything else holds for all hours.

    All records of one call have the same keys.
    """
    if not records:
        return
    names = list(records)
    columns: dict[str, object] = {}
    for key in records[names[0]]:
        values = [record[key] for record in records.values()]
        hourly = any(isinstance(value, pd.Series) for value in values)
        columns[key] = as_frame(values, names, network.snapshots) if hourly else values
    network.add(component, names, **columns)


def as_frame(values: list[object], names: list[str], snapshots: pd.Index) -> pd.DataFrame:
    """Put hourly and constant values side by side. [(snapshot, name)]"""
    series = [value if isinstance(value, pd.Series) else pd.Series(value, index=snapshots) for value in values]
    return pd.concat(series, axis=1, keys=names)
