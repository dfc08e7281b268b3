"""The base year on one bus: the same plants, load and markets without lines, so that a year solves in seconds.

The grid does not bind in the base year (docs/calibration.md), so what the calibration judges comes out the same. A test
holds the plate against the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.formulation import build_rows, formulate
from xinzhou_energy.grid.read import GridData, read_grid
from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import Scenario, load_scenario
from xinzhou_energy.solve import Method, Settings, solve

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT / "tests" / "reference"
PLATE = "city"
VARIABLE = ("onwind", "solar")
KEPT = [
    "bus",
    "carrier",
    "sign",
    "marginal_cost",
    "kind",
    "border",
    "co2_intensity",
    "ramp_limit_up",
    "ramp_limit_down",
]
SPRING = (3, 4, 5)
MIDDAY = range(10, 16)
CURTAILED_MW = 1.0


def copper_plate(network: pypsa.Network) -> pypsa.Network:
    """Return a copy with all buses that AC lines connect merged into one; links to the markets stay.

    Raises
    ------
    ValueError
        If the lines leave more than one island.
    """
    islands = _islands(network)
    if len(islands) != 1:
        message = f"lines form {len(islands)} islands, one is needed"
        raise ValueError(message)
    merged = islands[0]
    plate = network.copy()
    plate.remove("Line", plate.lines.index)
    plate.add("Bus", PLATE, carrier="AC", kind="county", county="", name_zh="全市", name_en="City")
    for component, columns in {
        "generators": ["bus"],
        "loads": ["bus"],
        "storage_units": ["bus"],
        "links": ["bus0", "bus1"],
    }.items():
        frame = getattr(plate, component)
        for column in columns:
            frame[column] = frame[column].where(~frame[column].isin(merged), PLATE)
    plate.remove("Bus", sorted(merged))
    _merge_equals(plate)
    return plate


def _merge_equals(plate: pypsa.Network) -> None:
    """Make one generator of all of one technology and cost on the plate: the same variable to the optimum.

    Exact where availability and minimum output per unit agree (coal of one technology) or the minimum is zero (wind).
    """
    here = plate.generators[(plate.generators.bus == PLATE) & (plate.generators.kind != "market")]
    upper = plate.get_switchable_as_dense("Generator", "p_max_pu")
    lower = plate.get_switchable_as_dense("Generator", "p_min_pu")
    for (carrier, technology, cost), members in here.groupby(["carrier", "technology", "marginal_cost"]):
        if len(members) == 1:
            continue
        share = members.p_nom / members.p_nom.sum()
        plate.remove("Generator", members.index)
        plate.add(
            "Generator",
            f"{carrier} {technology} {cost:.2f}",
            p_nom=members.p_nom.sum(),
            p_max_pu=upper[members.index] @ share,
            p_min_pu=lower[members.index] @ share,
            **members.iloc[0][KEPT].to_dict(),
        )


def _islands(network: pypsa.Network) -> list[set[str]]:
    """Return the sets of buses that lines connect, of two buses or more."""
    islands: list[set[str]] = []
    for ends in zip(network.lines.bus0, network.lines.bus1, strict=True):
        touched = [island for island in islands if not island.isdisjoint(ends)]
        islands = [island for island in islands if island not in touched]
        islands.append(set(ends).union(*touched))
    return islands


def with_values(data: GridData, changes: Mapping[str, float]) -> GridData:
    """Return the data with other calibration values, also beyond their ranges; profiles are not drawn again.

    Raises
    ------
    KeyError
        If no parameter has that name.
    """
    unknown = set(changes) - set(data.calibration)
    if unknown:
        raise KeyError(sorted(unknown))
    return replace(data, calibration={**data.calibration, **changes})


def solve_year(network: pypsa.Network, scenario: Scenario) -> pypsa.Network:
    """Dispatch the year by simplex, for a vertex and clean prices; return the same network, solved."""
    formulate(network, build_rows(network, scenario))
    solve(
        network,
        method=Method.SIMPLEX,
        reason="",
        settings=Settings(time_limit=600, threads=1, gap=1e-5),
        stage="dispatch",
        report=lambda _: None,
    )
    network.model.solver_model = None
    return network


@dataclass(frozen=True)
class Year:
    """What a solved year is judged by: `headline`, `monthly_curtailment` and `curtailed_hours`."""

    headline: pd.Series
    monthly: pd.Series
    curtailed_hours: float


def measure(network: pypsa.Network) -> Year:
    """Measure a solved network."""
    return Year(headline(network), monthly_curtailment(network), curtailed_hours(network))


def base_scenario(seed: int = 1) -> Scenario:
    """Return the shipped base year in one weather year."""
    return load_scenario(PROJECT / "scenarios" / "base_2025.yaml").with_changes(seed=seed)


@cache
def base_data(seed: int = 1) -> GridData:
    """Read tables and profiles of the base year once per weather year."""
    return read_grid(base_scenario(seed))


@cache
def plate_of_seed(seed: int = 1) -> Year:
    """Solve the base year of one weather year on the copper plate, once per test session."""
    return plate_year(base_scenario(seed), base_data(seed))


def plate_year(scenario: Scenario, data: GridData) -> Year:
    """Build, solve and measure the copper plate of a scenario."""
    return measure(solve_year(copper_plate(assemble(scenario, data)), scenario))


def headline(network: pypsa.Network) -> pd.Series:
    """Measure what the calibration is judged by; written apart from the project's own metrics.

    Returns
    -------
    Series
        coal_hours [h], onwind_hours, solar_hours [h, before curtailment], renewable_hours [h, after], curtailment [%],
        outflow [TWh], peak_outflow, spring_midday_peak [GW], price, spring_midday_price [CNY/MWh], hours_below_50 [h],
        co2 [Mt], co2_intensity [t/MWh], bth [TWh, before losses], phs_hours [h of full power].
    """
    plants = network.generators
    output = network.generators_t.p
    energy = output.sum()
    coal = plants.index[plants.carrier == "coal"]
    potential = available(network)
    renewable = potential.columns
    size = plants.p_nom
    outflow = _outflow(network)
    midday = outflow.index.month.isin(SPRING) & outflow.index.hour.isin(MIDDAY)
    price = _price(network)
    storage = network.storage_units.index[network.storage_units.carrier == "PHS"]
    emitted = float((energy * plants.co2_intensity)[coal].sum())
    before = potential.sum().groupby(plants.carrier).sum() / size[renewable].groupby(plants.carrier).sum()
    return pd.Series(
        {
            "coal_hours": energy[coal].sum() / size[coal].sum(),
            "onwind_hours": before["onwind"],
            "solar_hours": before["solar"],
            "renewable_hours": energy[renewable].sum() / size[renewable].sum(),
            "curtailment": 100 * (1 - energy[renewable].sum() / potential.to_numpy().sum()),
            "outflow": outflow.sum() / 1e6,
            "peak_outflow": outflow.max() / 1e3,
            "spring_midday_peak": outflow[midday].max() / 1e3,
            "price": price.mean(),
            "spring_midday_price": price[midday].mean(),
            "hours_below_50": (price < 50).sum(),
            "co2": emitted / 1e6,
            "co2_intensity": emitted / energy[coal].sum(),
            "bth": network.links_t.p0.loc[:, network.links.border == "bth_existing"].sum().sum() / 1e6,
            "phs_hours": network.storage_units_t.p_dispatch[storage].sum().sum()
            / network.storage_units.p_nom[storage].sum(),
        },
        dtype=float,
    )


def available(network: pypsa.Network) -> pd.DataFrame:
    """Wind and solar before curtailment. [MW, (snapshot, generator)]"""
    plants = network.generators
    names = plants.index[plants.carrier.isin(VARIABLE)]
    return network.generators_t.p_max_pu[names] * plants.p_nom[names]


def monthly_curtailment(network: pypsa.Network) -> pd.Series:
    """Share of available wind and solar energy not taken, by month 1-12. [%]"""
    potential = available(network)
    taken = network.generators_t.p[potential.columns].sum(axis=1)
    month = pd.DatetimeIndex(network.snapshots).month
    return 100 * (1 - taken.groupby(month).sum() / potential.sum(axis=1).groupby(month).sum())


def curtailed_hours(network: pypsa.Network) -> float:
    """Hours with more than 1 MW curtailed."""
    potential = available(network)
    lost = potential.sum(axis=1) - network.generators_t.p[potential.columns].sum(axis=1)
    return float(np.count_nonzero(lost > CURTAILED_MW))


def _outflow(network: pypsa.Network) -> pd.Series:
    """Power that leaves the city over the links to the markets, at its own end. [MW, (snapshot,)]"""
    return network.links_t.p0.sum(axis=1)


def _price(network: pypsa.Network) -> pd.Series:
    """Plain mean of the price over the county buses. [CNY/MWh, (snapshot,)]"""
    return network.buses_t.marginal_price[network.buses.index[network.buses.kind == "county"]].mean(axis=1)
