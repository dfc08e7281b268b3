"""The registry of metrics: a function in `results/metrics/<topic>.py` with `@metric` is computed, stored and listed.

A metric function takes a solved `pypsa.Network` and returns rows (`MEASURE_COLUMNS`); the unit stands once, in the
decorator:

    @metric({"load": "MWh", "peak_load": "MW"})
    def load(network: pypsa.Network) -> pd.DataFrame: ...
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import pypsa

MetricFunction = Callable[[pypsa.Network], pd.DataFrame]

MEASURE_COLUMNS: tuple[str, ...] = ("metric", "statistic", "carrier", "location", "component", "value")


@dataclass(frozen=True)
class MetricGroup:
    """A registered function and the unit of each metric it returns."""

    function: MetricFunction
    units: Mapping[str, str]


METRICS: dict[str, MetricGroup] = {}


def metric(units: Mapping[str, str]) -> Callable[[MetricFunction], MetricFunction]:
    """Register a function as the source of the metrics named in `units` (metric name → unit).

    Raises
    ------
    ValueError
        If a metric name is registered twice: two sources of one number would be a programming error.
    """

    def register(function: MetricFunction) -> MetricFunction:
        taken = set(units) & {name for group in METRICS.values() for name in group.units}
        if taken or function.__name__ in METRICS:
            message = f"registered twice: {sorted(taken) or function.__name__}"
            raise ValueError(message)
        METRICS[function.__name__] = MetricGroup(function, dict(units))
        return function

    return register


def discover() -> dict[str, MetricGroup]:
    """Import every module of `results/metrics` and return the filled registry, in the order of the module names."""
    package = importlib.import_module("xinzhou_energy.results.metrics")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return METRICS


def metric_units() -> dict[str, str]:
    """Return the unit of every metric."""
    return {name: unit for group in discover().values() for name, unit in group.units.items()}
