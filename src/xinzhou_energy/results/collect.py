"""From a solved network to the tables of a run."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, ResultError, Where
from xinzhou_energy.results.measure import single
from xinzhou_energy.results.registry import MEASURE_COLUMNS, discover
from xinzhou_energy.results.run_result import METRIC_COLUMNS, RunResult
from xinzhou_energy.results.series import hourly_series
from xinzhou_energy.results.topology import topology_table

TEXT = ["scenario", "run", "metric", "statistic", "carrier", "location", "component", "unit"]


def collect(
    network: pypsa.Network,
    *,
    scenario_id: str,
    run: str,
    year: int,
    rows: pd.DataFrame,
    extra: pd.DataFrame | None = None,
) -> RunResult:
    """Compute every registered metric, the hourly series and the topology of a solved network.

    Parameters
    ----------
    network
        Solved, with the columns of ARCHITECTURE.md, "Network conventions". Representative weeks count with their
        weights (`snapshot_weightings`: generators for energy, objective for cost).
    rows
        Our rows (`ROW_COLUMNS`); counted in metric `rows_added`, statistic per stage.
    extra
        Further metrics that need more than the network, such as `siting_low` and `siting_high`: columns of
        `MEASURE_COLUMNS` and `unit`; a key column that is missing means ''.

    Raises
    ------
    ResultError
        If the network holds no solution.
    """
    check_solved(network)
    parts = [network_metrics(network), _row_counts(rows)]
    if extra is not None and not extra.empty:
        parts.append(_with_keys(extra))
    metrics = pd.concat(parts, ignore_index=True).assign(scenario=scenario_id, run=run, year=year)
    metrics = metrics[list(METRIC_COLUMNS)].astype(dict.fromkeys(TEXT, "str") | {"year": "int64", "value": "float64"})
    return RunResult(scenario_id, run, year, metrics, hourly_series(network), topology_table(network))


def network_metrics(network: pypsa.Network) -> pd.DataFrame:
    """Return the rows of every registered metric. [`MEASURE_COLUMNS` and unit]"""
    parts = []
    for group in discover().values():
        frame = group.function(network)
        parts.append(frame[list(MEASURE_COLUMNS)].assign(unit=frame["metric"].map(dict(group.units))))
    return pd.concat(parts, ignore_index=True)


def check_solved(network: pypsa.Network) -> None:
    """Refuse a network without prices: nothing was solved."""
    if network.buses_t.marginal_price.empty:
        raise ResultError(
            Finding(
                "not-solved",
                Where("network"),
                "no marginal prices",
                "a solved network",
                "Solve the network before collecting.",
            )
        )


def _row_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Count our rows by stage. [-]"""
    parts = [
        single("rows_added", stage, rows.loc[rows["stage"] == stage, "id"].nunique())
        for stage in ("siting", "dispatch")
    ]
    return pd.concat(parts).assign(unit="-")


def _with_keys(extra: pd.DataFrame) -> pd.DataFrame:
    """Return metrics from elsewhere with every key column."""
    keys = {"statistic": "", "carrier": "", "location": "", "component": ""}
    filled = extra.assign(**{key: value for key, value in keys.items() if key not in extra}).fillna(keys)
    return filled[[*MEASURE_COLUMNS, "unit"]]
