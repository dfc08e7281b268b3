"""The small city of `tiny_grid` with a ledger of its own: few promises, round figures, typed here and not read."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
import pypsa
import xarray as xr

import tiny_grid
from tiny_grid import table, tiny_data, tiny_scenario, tiny_tables
from xinzhou_energy.grid.commitments import Commitment, as_meta, commitments_of
from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network import assemble
from xinzhou_energy.network.commitments import commitments_in
from xinzhou_energy.results.verdicts import Ledger, judge
from xinzhou_energy.results.verdicts.case import Case, Year
from xinzhou_energy.run import Clock, optimise, silent
from xinzhou_energy.scenario import Scenario

COMMITMENTS = """\
id                          kind       quantity  unit  due         first_year  plant
wind_solar_connection       capacity   500       MW    2026-12-31  2026        -
export_corridor             study      -         -     2030-12-31  2029        -
base_ningwu                 project    300       MW    2026-12-31  2028        -
coal_guangyu_3              approval   600       MW    2026-12-31  2029        K4
coal_baode                  approval   900       MW    2026-12-31  2029        K3
coal_upgrade                programme  50        %     2027-12-31  2026        -
power_system_sgls           programme  150       MW    2026-12-31  2026        -
green_park_yuanping         supply     100       MW    2026-12-31  2026        -
green_park_wutai            supply     100       MW    2026-12-31  2026        -
geothermal_biomass_storage  programme  300       MW    2026-12-31  2026        -
coal_supply                 fuel       115       Mt    2026-12-31  2026        -
coal_market                 driver     -         -     2026-12-31  2026        -
carbon_accounting           account    -         t     2026-12-31  2026        -
regional_cooperation        driver     -         -     2026-12-31  2026        -
growth                      driver     5         %     2026-12-31  2026        -
base_year                   fact       2164      MW    2025-12-31  2025        -
coal_output                 fact       115       Mt    2025-12-31  2025        -
"""
BLOCKS = """\
id                   bus         county  onwind  solar  storage  max_hours  load  load_moved  export_limit  import_limit
base_ningwu          NW500       Beta    100     200    0        2          0     False       100           0
green_park_yuanping  N220_Alpha  Alpha   0       100    0        2          40    False       200           200
green_park_wutai     N220_Beta   Beta    0       100    0        2          40    True        200           200
power_system_sgls    N220_Alpha  Alpha   50      100    0        2          60    False       30            30
"""
THRESHOLDS = """\
commitment           threshold     value
base_ningwu          limit_hours   1
green_park_yuanping  annual_share  0.6
green_park_yuanping  hourly_share  0.5
power_system_sgls    own_use       0.6
power_system_sgls    self_supply   0.3
export_corridor      hours         3
export_corridor      clean_share   0.5
export_corridor      benefit_cost  1
coal_upgrade         minimum_load  0.3
coal_supply          burn_share    0.5
"""
UPGRADES = """\
plant  minimum_load  ramp_limit  efficiency_gain  capital_cost
K1     0.3           0.6         0.01             150000
K2     0.3           0.7         0.02             300000
"""
PROJECTS = """\
id   county  bus         technology    capacity_mw  counted_mw  hydro_profile
K4   Alpha   N220_Alpha  coal_350_chp  700          0           -
S2   Alpha   XZ500       PHS           900          0           -
W9   Beta    N220_Beta   onwind        80           0           -
"""
PUMPED = {"PHS.lifetime": 40.0, "PHS.capital_cost": 5.5e6, "PHS.fixed_om": 0.01}
RATE = 0.06  # of tiny_grid


def ledger_tables() -> dict[str, pd.DataFrame]:
    """Return the four tables of commitments, and plants that wait for one."""
    commitments = table(COMMITMENTS)
    for column in ("quantity", "first_year"):
        commitments[column] = pd.to_numeric(commitments[column])
    words = {"section": "2 energy", "name_zh": "承诺", "clause_zh": "条文", "clause_en": "clause", "source": "by hand"}
    named = commitments.assign(**words, name_en=commitments.index, confidence="low", provenance="assumed")
    plants = tiny_grid.named(table(PROJECTS))
    return {
        "commitments": named,
        "blocks": table(BLOCKS),
        "thresholds": table(THRESHOLDS, keys=2),
        "upgrades": table(UPGRADES),
        "plants": pd.concat([tiny_tables()["plants"], plants]),
    }


def small_scenario(commitments: Mapping[str, object] | None = None, **changes: Any) -> Scenario:
    """Return the tiny scenario with promises; bare numbers are in base units."""
    return tiny_scenario(commitments=dict(commitments or {}), **changes)


def small_data(scenario: Scenario, *, profiles: xr.Dataset | None = None, **changes: Any) -> GridData:
    """Return the data of the small city as `read_grid` would: with the commitments of the scenario."""
    tables = {**ledger_tables(), **changes.pop("tables", {})}
    economics = {**PUMPED, **changes.pop("economics", {})}
    data = tiny_data(tables=tables, economics=economics, **changes)
    data = replace(data, commitments=commitments_of(scenario, data.tables))
    return data if profiles is None else replace(data, profiles=profiles)


@dataclass(frozen=True)
class Town:
    """A solved small city: `cost` is the objective and all yearly costs. [CNY]"""

    scenario: Scenario
    data: GridData
    network: pypsa.Network
    rows: pd.DataFrame

    @cached_property
    def ledger(self) -> Ledger:
        return judge(self.network, self.rows)

    @property
    def cost(self) -> float:
        return total_cost(self.network)

    def verdict(self, commitment: str) -> pd.Series:
        """Return one row of the ledger."""
        return self.ledger.verdicts.set_index("commitment").loc[commitment]

    def figure(self, commitment: str, metric: str) -> float:
        """Return one of the further numbers."""
        figures = self.ledger.figures
        chosen = figures[(figures["component"] == commitment) & (figures["metric"] == metric)]
        return float(chosen["value"].iloc[0])

    def commitment(self, name: str) -> Commitment:
        return self.data.commitments[name]

    def case(self, name: str) -> Case:
        """Return what a rule sees."""
        return Case(Year(self.network), self.commitment(name), self.rows[self.rows["commitment"] == name])


def build(commitments: Mapping[str, object] | None = None, **changes: Any) -> tuple[Scenario, GridData, pypsa.Network]:
    """Read and assemble a small city."""
    given = {key: changes.pop(key) for key in ("tables", "economics", "calibration", "profiles") if key in changes}
    scenario = small_scenario(commitments, **changes)
    data = small_data(scenario, **given)
    return scenario, data, assemble(scenario, data)


def town(commitments: Mapping[str, object] | None = None, **changes: Any) -> Town:
    """Build and solve a small city, sizes first where any is open."""
    return solved(*build(commitments, **changes))


def solved(scenario: Scenario, data: GridData, network: pypsa.Network) -> Town:
    """Solve as `run` does."""
    found = optimise(network, scenario, data, Clock(silent), None)
    return Town(scenario, data, network, found.rows)


def annuity(years: float) -> float:
    """Return what is paid each year for one invested, at the rate of `tiny_grid`."""
    return RATE / (1 - (1 + RATE) ** -years)


def total_cost(network: pypsa.Network) -> float:
    """Objective of the operation plus the yearly cost of every size; the solve left no size open. [CNY]"""
    tables = (network.generators, network.storage_units, network.links)
    yearly = sum(float((part["capital_cost"] * part["p_nom"]).sum()) for part in tables)
    return float(network.objective) + yearly


def meaning(city: Town, name: str, **changes: object) -> Town:
    """Return the same solved city in which one promise means something else."""
    network = copy(city.network)  # only its meta changes
    asked = commitments_in(network)
    asked[name] = replace(asked[name], **changes)
    network.meta = {**network.meta, "commitments": as_meta(asked)}
    return replace(city, network=network)


def asking(city: Town, name: str, **thresholds: float) -> Town:
    """Return the same solved city with other thresholds of one promise."""
    return meaning(city, name, thresholds={**city.commitment(name).thresholds, **thresholds})
