"""What came out of a run: four tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from xinzhou_energy.errors import Finding, ResultError, Where, nearest

METRIC_COLUMNS: tuple[str, ...] = (
    "scenario", "run", "year", "metric", "statistic", "carrier", "location", "component", "unit", "value",
)  # fmt: skip
SERIES_COLUMNS: tuple[str, ...] = ("snapshot", "metric", "carrier", "location", "component", "unit", "value")


@dataclass(frozen=True)
class RunResult:
    """Metrics (`METRIC_COLUMNS`), hourly series (`SERIES_COLUMNS`), topology (`TOPOLOGY_COLUMNS`) and verdicts.

    `verdicts` holds the ledger (`VERDICT_COLUMNS`), one row per commitment.
    """

    scenario: str
    run: str
    year: int
    metrics: pd.DataFrame
    series: pd.DataFrame
    topology: pd.DataFrame
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)

    def value(
        self, metric: str, *, statistic: str = "", carrier: str = "", location: str = "", component: str = ""
    ) -> float:
        """Return one number; '' means all for carrier, location and component, and the only one for the statistic.

        Raises
        ------
        ResultError
            If no row or more than one row answers.
        """
        table = self.metrics
        chosen = table[
            (table["metric"] == metric)
            & (table["carrier"] == carrier)
            & (table["location"] == location)
            & (table["component"] == component)
        ]
        if statistic:
            chosen = chosen[chosen["statistic"] == statistic]
        if len(chosen) == 1:
            return float(chosen["value"].iloc[0])
        asked = " ".join(part for part in (metric, statistic, carrier, location, component) if part)
        remedy = nearest(metric, sorted(table["metric"].unique()))
        if len(chosen):
            remedy = f"Name a statistic: {', '.join(chosen['statistic'])}."
        raise ResultError(
            Finding("no-metric", Where("metrics.parquet", 0, asked), f"{len(chosen)} rows", "one row", remedy)
        )

    def hourly(self, metric: str) -> pd.DataFrame:
        """Return one series as a table, snapshot by (carrier, location, component)."""
        rows = self.series[self.series["metric"] == metric]
        keys = ["carrier", "location", "component"]
        plain = rows.astype(dict.fromkeys(keys, "str"))
        return plain.pivot_table(index="snapshot", columns=keys, values="value", aggfunc="sum")
