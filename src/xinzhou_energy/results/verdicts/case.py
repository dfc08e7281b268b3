"""What a verdict rule sees and says, and the registry of rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.grid.commitments import Commitment
from xinzhou_energy.network.commitments import commitments_in, counted, owned
from xinzhou_energy.results.operation import capacity, energy_weight, generators_of, plant_power, storage_plants


class Year:
    """A solved year, its costly tables computed once for all rules."""

    def __init__(self, network: pypsa.Network) -> None:
        self.network = network
        self.weight = energy_weight(network)
        self.power = plant_power(network)  # MW, (snapshot, generator)
        self.commitments = commitments_in(network)

    @cached_property
    def rivers(self) -> pd.Series:
        """Output of the plants that a river feeds. [MW, (snapshot,)]"""
        units = storage_plants(self.network)
        names = units.index[units["natural"].to_numpy(dtype=bool)]
        hourly: pd.Series = self.network.storage_units_t.p.reindex(columns=names, fill_value=0.0).sum(axis=1)
        return hourly

    @cached_property
    def co2_intensity(self) -> float:
        """CO2 of the city's plants per unit they give, rivers among them: the average of the year. [t/MWh]"""
        plants = generators_of(self.network, "plant")
        energy = self.total(self.power[plants.index]) + self.total(self.rivers)
        return self.amount(plants, "co2_intensity") / energy if energy > 0 else 0.0

    def amount(self, plants: pd.DataFrame, intensity: str) -> float:
        """What generators emit or burn in the year, by a column in units per MWh."""
        return float((self.by_name(self.power[plants.index]) * plants[intensity]).sum())

    def total(self, hourly: pd.Series | pd.DataFrame) -> float:
        """Sum over the year, each hour with its weight, and over all columns."""
        return float(np.dot(np.asarray(self.weight, dtype=float), hourly.to_numpy(dtype=float)).sum())

    def by_name(self, hourly: pd.DataFrame) -> pd.Series:
        """Sum over the year of each column."""
        sums = np.dot(np.asarray(self.weight, dtype=float), hourly.to_numpy(dtype=float))
        return pd.Series(sums, index=hourly.columns)


@dataclass(frozen=True)
class Case:
    """One commitment in a solved year; `rows`: those of ours that belong to it, with `dual`."""

    year: Year
    commitment: Commitment
    rows: pd.DataFrame

    @property
    def network(self) -> pypsa.Network:
        """The solved network."""
        return self.year.network

    def mine(self, table: str) -> pd.DataFrame:
        """Return the components of one table that belong to the commitment or count toward it."""
        return counted(self.network, self.commitment.id, table)

    def size(self, table: str, *carriers: str) -> float:
        """Size of the components of one table that count, of some carriers or all. [MW]"""
        components = self.mine(table)
        chosen = components[components["carrier"].isin(carriers)] if carriers else components
        return float(capacity(chosen).sum()) if len(chosen) else 0.0

    def components(self) -> int:
        """Number of components that belong to the commitment."""
        return sum(len(names) for names in owned(self.network, self.commitment.id).values())


@dataclass(frozen=True)
class Judged:
    """What a rule found: the measured `value` against `target` in `unit`, and whether the promise is `kept`.

    `kept` is None where a promise is reported or tracked, not judged. `at_most`: the target is a ceiling. `note`: what
    decided, in Chinese and English. `figures`: further numbers as (metric, value, unit).
    """

    value: float | None
    target: float | None
    unit: str
    kept: bool | None
    at_most: bool = False
    note: tuple[str, str] = ("", "")
    figures: list[tuple[str, float, str]] = field(default_factory=list)

    @property
    def margin(self) -> float | None:
        """How much is left before the promise is broken, negative where it is. [unit]"""
        if self.value is None or self.target is None:
            return None
        return self.target - self.value if self.at_most else self.value - self.target


Rule = Callable[[Case], Judged]
RULES: dict[str, Rule] = {}


def verdict(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for commitments by id, or by kind for a planner's own."""

    def register(rule: Rule) -> Rule:
        for name in names:
            if name in RULES:
                message = f"two verdict rules for '{name}'"
                raise ValueError(message)
            RULES[name] = rule
        return rule

    return register


def reached(value: float, target: float) -> bool:
    """Say whether a value reaches a target but for the solver's tolerance."""
    return value >= target - 1e-6 * max(1.0, abs(target))
