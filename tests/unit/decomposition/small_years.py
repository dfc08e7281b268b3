"""Small years as linear problems, written as PyPSA writes them: every limit a row, two rows a ramp, a balance a bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
import pytest
import scipy.sparse as sp

from xinzhou_energy.decomposition.block import BlockData, linear_problem
from xinzhou_energy.decomposition.certificate import Certificate, certify
from xinzhou_energy.decomposition.problem import TIMELESS, Floats, Problem
from xinzhou_energy.decomposition.reductions import Step
from xinzhou_energy.decomposition.reductions.fixed_and_idle import FixedAndIdle
from xinzhou_energy.decomposition.reductions.limits import bounds_from_rows, bounds_from_sizes
from xinzhou_energy.decomposition.worker import Holder

INF = np.inf
WEIGHT = 100.0  # years of which each hour stands for a share: money of hours and of sizes are then alike
SHEDDING, SPILLING = 300.0, 100.0  # CNY/MWh
LOADS = {"A": 3000.0, "B": 2000.0, "C": 4000.0}  # MW at most
TOLERANCE = 1e-5


@dataclass
class Year:
    """A problem written column by column and row by row; `names` and `balances` find columns and balances again."""

    columns: list[tuple[float, float, float, int]] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float, int]] = field(default_factory=list)
    names: dict[tuple[str, int], int] = field(default_factory=dict)
    balances: dict[tuple[str, int], int] = field(default_factory=dict)
    twist: np.random.Generator | None = None

    def twisted(self, value: float) -> float:
        """Return a value, or one near it for a relative of a year."""
        return value if self.twist is None else value * (1 + self.twist.uniform(-0.1, 0.1))

    def column(self, name: str, hour: int, *, cost: float = 0.0, lower: float = -INF, upper: float = INF) -> int:
        """Write a column and return its place."""
        self.names[name, hour] = len(self.columns)
        self.columns.append((lower, upper, cost, hour))
        return len(self.columns) - 1

    def row(self, entries: Mapping[int, float], lower: float, upper: float, hour: int) -> int:
        """Write a row and return its place."""
        self.rows.append(({at: value for at, value in entries.items() if value}, lower, upper, hour))
        return len(self.rows) - 1

    def limited(self, name: str, hour: int, least: float, most: float, *, cost: float = 0.0) -> int:
        """Write a column and its limits as two rows."""
        at = self.column(name, hour, cost=cost)
        self.row({at: 1.0}, least, INF, hour)
        self.row({at: 1.0}, -INF, most, hour)
        return at

    def sized(self, name: str, hour: int, size: int, share: float, *, cost: float = 0.0) -> int:
        """Write a column that may be 0 to `share` of a size."""
        at = self.column(name, hour, cost=cost)
        self.row({at: 1.0}, 0.0, INF, hour)
        self.row({at: 1.0, size: -share}, -INF, 0.0, hour)
        return at

    @property
    def problem(self) -> Problem:
        """The arrays of what is written."""
        lower, upper, cost, hour = (np.array(each) for each in zip(*self.columns, strict=True))
        entries, row_lower, row_upper, row_hour = zip(*self.rows, strict=True)
        place = [(row, at, value) for row, line in enumerate(entries) for at, value in line.items()]
        row, column, value = (np.array(each) for each in zip(*place, strict=True))
        matrix = sp.csr_array((value.astype(float), (row, column)), shape=(len(self.rows), len(self.columns)))
        return Problem(
            matrix, lower, upper, np.array(row_lower), np.array(row_upper), cost, hour.astype(int), np.array(row_hour)
        )

    def values(self, name: str, found: Floats) -> list[float]:
        """Return the values of one name over the hours."""
        return [float(found[at]) for (which, _), at in self.names.items() if which == name]


def random_year(seed: int, hours: int = 24, *, open_sizes: bool = True, relative: int = 0) -> Year:
    """Three buses in a row with everything the model has; numbers drawn by `seed`, prices different in every hour.

    A `relative` has the same coefficients under other prices, loads and limits.

    At A two equal coal units, and a slow one with ramps; at B wind that stands and wind of open size, a store of open
    power; at C gas, and sun that is dark for half of the day. Load is shed and wind is spilled at a price.
    """
    draw = np.random.default_rng(seed)
    year = Year(twist=np.random.default_rng(relative) if relative else None)
    wind, store = add_sizes(year, draw) if open_sizes else (None, None)
    prices = {name: year.twisted(WEIGHT * draw.uniform(*span)) for name, span in PRICES.items()}
    for t in range(hours):
        price = {name: value * (1 + draw.uniform(-0.01, 0.01)) for name, value in prices.items()}
        balance: dict[str, dict[int, float]] = {bus: {} for bus in LOADS}
        balance["A"] = add_coal(year, t, price)
        balance["B"] = add_wind(year, t, price, draw.uniform(), wind) | add_store(year, t, price, store)
        balance["C"] = add_gas_and_sun(year, t, price)
        for one, other, most in (("A", "B", 50_000.0), ("B", "C", 2500.0)):
            line = year.limited(f"line {one}{other}", t, -most, most)
            balance[one][line], balance[other][line] = -1.0, 1.0
        for bus, entries in balance.items():
            load = year.twisted(LOADS[bus] * draw.uniform(0.5, 1.0))
            entries[year.limited(f"shed {bus}", t, 0.0, load, cost=price["shed"])] = 1.0
            entries[year.limited(f"spill {bus}", t, 0.0, 9000.0, cost=price["spill"])] = -1.0
            year.balances[bus, t] = year.row(entries, load, load, t)
    add_levels(year, hours)
    return year


PRICES = {
    "coal": (20, 40), "slow": (15, 25), "gas": (60, 90), "wind": (0.5, 2), "sun": (0.1, 0.3), "store": (0.2, 0.4),
    "shed": (SHEDDING, SHEDDING + 10), "spill": (SPILLING, SPILLING + 10),
}  # fmt: skip


def add_sizes(year: Year, draw: np.random.Generator) -> tuple[int, int]:
    """Wind of up to 6,000 MW and a store of up to 2,000 MW, and a row that only they enter."""
    wind = year.limited("wind", TIMELESS, 0.0, year.twisted(6000.0), cost=year.twisted(WEIGHT * draw.uniform(150, 500)))
    store = year.limited("store", TIMELESS, 0.0, year.twisted(2000.0), cost=WEIGHT * draw.uniform(50, 300))
    year.row({wind: 1.0, store: 0.5}, draw.uniform(0, 1500), 6500.0, TIMELESS)
    return wind, store


def add_coal(year: Year, t: int, price: Mapping[str, float]) -> dict[int, float]:
    """Return the balance of two equal units and a slow one."""
    units = [year.limited(name, t, 0.0, 1500.0, cost=price["coal"]) for name in ("coal 1", "coal 2")]
    slow = year.limited("slow", t, 400.0, 2500.0, cost=price["slow"])
    if t:
        before = year.names["slow", t - 1]
        year.row({slow: 1.0, before: -1.0}, -INF, year.twisted(500.0), t)
        year.row({slow: 1.0, before: -1.0}, -600.0, INF, t)
    return dict.fromkeys([*units, slow], 1.0)


def add_wind(year: Year, t: int, price: Mapping[str, float], gust: float, size: int | None) -> dict[int, float]:
    """Return the balance of wind that stands and new wind of the same price."""
    old = year.limited("old wind", t, 0.0, 2500.0 * gust, cost=price["wind"])
    if size is None:
        new = year.limited("new wind", t, 0.0, 2000.0 * gust, cost=price["wind"])
    else:
        new = year.sized("new wind", t, size, gust, cost=price["wind"])
    return {old: 1.0, new: 1.0}


def add_store(year: Year, t: int, price: Mapping[str, float], size: int | None) -> dict[int, float]:
    """Return the balance of a store of four hours."""
    made = []
    for name, share, cost in (("charge", 1.0, 0.0), ("discharge", 1.0, price["store"]), ("level", 4.0, 0.0)):
        if size is None:
            made.append(year.limited(name, t, 0.0, 1000.0 * share, cost=cost))
        else:
            made.append(year.sized(name, t, size, share, cost=cost))
    return {made[0]: -1.0, made[1]: 1.0}


def add_gas_and_sun(year: Year, t: int, price: Mapping[str, float]) -> dict[int, float]:
    """Return the balance of gas, and of sun that cannot shine at night."""
    gas = year.limited("gas", t, 0.0, year.twisted(1200.0), cost=price["gas"])
    light = max(0.0, round(float(np.sin(2 * np.pi * (t % 24 - 6) / 24)), 6))
    sun = year.limited("sun", t, 0.0, 2000.0 * light, cost=price["sun"])
    return {gas: 1.0, sun: 1.0}


def add_levels(year: Year, hours: int) -> None:
    """Carry the store over the hours; it ends as it began, and loses a tenth each way."""
    at = year.names
    for t in range(hours):
        flows = {at["charge", t]: -0.9, at["discharge", t]: 1 / 0.9}
        year.row({at["level", t]: 1.0, at["level", (t - 1) % hours]: -1.0, **flows}, 0.0, 0.0, t)


def add_cap(year: Year, hours: int, tonnes: float) -> int:
    """Cap what coal and gas emit in a year; return the row."""
    rates = {"coal 1": 0.9, "coal 2": 0.9, "slow": 0.8, "gas": 0.4}
    entries = {year.names[name, t]: rate for t in range(hours) for name, rate in rates.items()}
    return year.row(entries, -INF, tonnes, TIMELESS)


def optimum(problem: Problem) -> tuple[float, Floats, Floats]:
    """Solve a problem as a whole by simplex: cost, values, duals."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(
        linear_problem(
            sp.csc_array(problem.matrix),
            problem.lower,
            problem.upper,
            problem.row_lower,
            problem.row_upper,
            problem.cost,
        )
    )
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = highs.getSolution()
    values = np.asarray(found.col_value)
    return float(problem.cost @ values), values, np.asarray(found.row_dual)


def bounded(problem: Problem) -> Problem:
    """Return what `reduce` starts from: rows of one entry as bounds, and a bound for what sizes limit."""
    return bounds_from_sizes(bounds_from_rows(problem))


def trimmed(problem: Problem) -> Problem:
    """Return what the other steps start from."""
    start = bounded(problem)
    return FixedAndIdle.fitted(start).apply(start)


def check_step(kind: type[Step], problem: Problem) -> Problem:
    """Return what a step makes of a problem: same optimum, and a way back for a point and for what proves it best."""
    step = kind.fitted(problem)
    small = step.apply(problem)
    cost, values, duals = optimum(small)
    truth = optimum(problem)[0]
    assert cost + step.constant == pytest.approx(truth, rel=1e-9)
    check_optimum(certify(problem, step.values(values), step.duals(duals)), truth)
    return small


def check_optimum(proof: Certificate, truth: float) -> None:
    """Refuse a point that is not the optimum, breaks a row, or is not proven."""
    assert proof.cost == pytest.approx(truth, rel=1e-9)
    assert proof.violation < 1e-6
    assert abs(proof.gap) < 1e-9


def at_sizes(problem: Problem, values: Floats) -> Problem:
    """Return the problem with its sizes fixed as in `values`."""
    size = problem.hour == TIMELESS
    lower, upper = np.where(size, values, problem.lower), np.where(size, values, problem.upper)
    return replace(problem, lower=lower, upper=upper)


def quiet(rounds: int, gap: float) -> None:
    """Tell nothing."""


class Here:
    """A hand without a process: the same holder, asked at once."""

    def __init__(self, blocks: dict[int, BlockData]) -> None:
        self._holder = Holder(blocks)
        self._answer: Any = None

    def ask(self, method: str, *arguments: object) -> None:
        """Do it now."""
        self._answer = getattr(self._holder, method)(*arguments)

    def answer(self) -> Any:
        """Return the result."""
        return self._answer

    def close(self) -> None:
        """Nothing runs."""
