"""A city small enough to work out by hand: two counties, four hours, one plant of each kind.

Figures are those of the shipped tables (calibration prototype, set B; economics reference), typed again here, so that
the tests say what the model does with them and not what the tables say.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.scenario import Scenario

HOURS = 4
# hour                     1         2         3         4
SEASON = ["winter", "winter", "spring", "spring"]
HEATING = [True, True, False, False]
MIDDAY = [0.0, 1.0, 0.0, 1.0]
PRICE = [200.0, 100.0, 300.0, 80.0]  # CNY/MWh; mean 170, winter 150, spring 190
DEVIATION = [0.0, 9000.0, -6000.0, 5000.0]  # MW

CALIBRATION = {
    "a_mid": 8500.0, "a_eve": 9000.0, "a_w": 0.65, "a_floor": 3500.0, "a_ceiling": 12000.0,
    "season_factor_winter": 0.8, "season_factor_spring": 1.0,
    "q0_night": 1000.0, "q0_midday": 3000.0, "s": 0.036, "level": 1.15, "kappa": 0.012, "duck_depth": 1.0,
    "price_floor": 6.0, "price_cap": 900.0,
    "ladder_size": 12000.0, "ladder_first_step": 2000.0, "ladder_step": 1000.0,
    "tight_a_w_delta": 0.1, "tight_a_mid_delta": -500.0, "tight_duck": 1.1,
    "bth_price": 340.0, "bth_midday_discount": 0.45, "bth_swing_share": 0.25,
    "bth_evening": 2000.0, "bth_midday": 800.0,
    "coal_cost_adder": 70.0, "coal_online_winter": 0.80, "coal_online_spring": 0.62,
    "minimum_load": 0.40, "minimum_load_chp_heating": 0.50,
    "phs_duty": 0.65, "phs_use_fee": 25.0, "hydro_availability": 0.80, "pv_factor": 0.99, "wind_factor": 1.0,
}  # fmt: skip

COAL = {"variable_om": 20.0, "capital_cost": 3.998e6, "fixed_om": 0.025, "lifetime": 30.0, "ramp_limit": 0.5}
ECONOMICS = {
    "system": {
        "discount_rate": 0.06, "grid_lifetime": 40.0, "grid_fixed_om": 0.015, "grid_connection_220kv": 1200.0,
        "value_of_lost_load": 20000.0, "must_run_slack_cost": 5000.0, "carbon_price_2025": 62.36,
        "thermal_availability": 0.9,
    },
    "coal_600_supercritical": {**COAL, "efficiency": 0.395},
    "coal_350_chp": {**COAL, "efficiency": 0.385},
    "coal_660_usc": {**COAL, "efficiency": 0.431},
    "CBM": {**COAL, "efficiency": 0.48, "lifetime": 20.0, "ramp_limit": 1.0, "full_load_hours": 2.0},
    "biomass": {**COAL, "efficiency": 0.30, "lifetime": 20.0, "full_load_hours": 3.0},
    "onwind": {"capital_cost": 4.09e6, "fixed_om": 0.02, "variable_om": 1.0, "lifetime": 25.0},
    "solar": {"capital_cost": 3.05e6, "fixed_om": 0.015, "variable_om": 1.0, "lifetime": 25.0},
    "hydro": {"variable_om": 0.0, "max_hours": 12.0},
    "PHS": {"round_trip_efficiency": 0.75, "max_hours": 6.0},
    "battery_2h": {
        "capital_cost_energy": 0.95e6, "round_trip_efficiency": 0.86, "max_hours": 2.0, "lifetime": 15.0,
        "fixed_om": 0.02,
    },
    "battery_4h": {
        "capital_cost_energy": 0.80e6, "round_trip_efficiency": 0.86, "max_hours": 4.0, "lifetime": 15.0,
        "fixed_om": 0.02,
    },
}  # fmt: skip

BUSES = """\
id           kind     county  v_nom
HC500        border   -       500
N220_Alpha   county   Alpha   220
N220_Beta    county   Beta    220
NW500        station  Beta    500
RS500        border   -       500
XZ500        station  Alpha   500
BTH          market   -       500
RS_market    market   -       500
"""
LINES = """\
id   bus0        bus1   v_nom  circuits  length_km  x      r     s_nom  equivalent
B01  HC500       RS500  500    1         0          30     2     8000   border
C01  N220_Alpha  XZ500  220    4         18         1.35   0.18  900    county_220kV
C02  N220_Beta   NW500  220    2         10         1.50   0.20  600    county_220kV
L01  NW500       XZ500  500    2         68         9.18   0.66  2000   none
L10  XZ500       HC500  500    3         69         6.21   0.45  6000   none
"""
UPGRADES = """\
id        line  plant  circuits  s_nom  x     r
L01_K3    L01   K3     3         2800   6.12  0.44
"""
LINKS = """\
id              bus0   bus1       p_nom  efficiency  marginal_cost
RS_RS_market    RS500  RS_market  30000  0.985       0
RS_BTH          RS500  BTH        2000   0.97        0
XZ_hebei_south  XZ500  BTH        2000   0.97        0
"""
PLANTS = """\
id   county  bus         technology              capacity_mw  counted_mw  hydro_profile
G1   Beta    N220_Beta   CBM                     144          144         -
H1   Beta    N220_Beta   hydro                   540          540         river
K1   Alpha   XZ500       coal_600_supercritical  1000         1000        -
K2   Alpha   N220_Alpha  coal_350_chp            400          400         -
K3   Beta    NW500       coal_660_usc            1320         0           -
M1   Alpha   N220_Alpha  biomass                 30           30          -
S1   Alpha   XZ500       PHS                     1200         1200        -
V1   Beta    N220_Beta   solar                   50           50          -
W1   Alpha   N220_Alpha  onwind                  60           60          -
W2   Alpha   N220_Alpha  onwind                  40           40          -
W3   Beta    N220_Beta   onwind                  100          100         -
Z9   -       -           onwind                  1000         0           -
"""
TECHNOLOGIES = """\
id                      carrier  shape      fuel             chp    is_new_and_clean
onwind                  onwind   renewable  -                False  True
solar                   solar    renewable  -                False  True
coal_600_supercritical  coal     thermal    coal             False  False
coal_350_chp            coal     thermal    coal             True   False
coal_660_usc            coal     thermal    coal             False  False
CBM                     CBM      thermal    coalbed_methane  True   True
biomass                 biomass  thermal    biomass          False  True
hydro                   hydro    hydro      -                False  True
PHS                     PHS      storage    -                False  True
"""
CORRIDORS = """\
id  bus0   bus1  p_nom  length_km  loss   capital_cost  converter_cost  fixed_om  lifetime  charge  price  earliest_year
ac  NW500  BTH   4000   420        0.035  3734          0               0.015     40        0       330    2029
dc  NW500  BTH   8000   420        0.045  3071          200000          0.015     40        0       330    2029
"""
COLLECTORS = """\
id            corridor  bus0   bus1   v_nom  circuits  length_km  x     r     s_nom  capital_cost
ac_XZ_NW      ac        XZ500  NW500  500    2         43         5.63  0.27  2500   193500000
dc_XZ_NW      dc        XZ500  NW500  500    4         43         2.82  0.13  5000   387000000
"""
COUNTIES = """\
id     area_km2  load_share
Alpha  1000      0.75
Beta   2000      0.25
"""
LIMITS = """\
county  technology  p_nom_max  density  existing  connection_km
Alpha   onwind      240        0.20     100       18
Alpha   solar       300        0.45     0         18
Beta    onwind      240        0.55     100       42
Beta    solar       200        0.45     50        42
"""
CARRIERS = ("AC", "onwind", "solar", "coal", "hydro", "PHS", "CBM", "biomass", "battery", "market", "load_shedding",
            "must_run_slack")  # fmt: skip
PROFILES = {  # county Alpha, county Beta
    "onwind": ([0.5, 0.2, 0.9, 0.0], [0.4, 0.1, 1.0, 0.3]),
    "onwind_new": ([0.6, 0.3, 1.0, 0.1], [0.5, 0.2, 1.0, 0.4]),
    "solar": ([0.0, 0.8, 0.0, 1.0], [0.0, 0.6, 0.0, 0.9]),
    "load": ([1.1, 1.0, 0.9, 1.0], [1.0, 1.2, 0.8, 1.0]),
}
LOAD_MWH = 4000.0


def table(text: str, keys: int = 1) -> pd.DataFrame:
    """Read a table written with blanks between its columns; `-` is an empty text."""
    lines = [line.split() for line in text.splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0]).replace("-", "")
    for column in frame.columns:
        if set(frame[column]) <= {"True", "False"}:
            frame[column] = frame[column] == "True"
        elif all(value.replace(".", "", 1).isdigit() for value in frame[column]):
            frame[column] = frame[column].astype(float)
    return frame.set_index(lines[0][:keys])


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every row its two names."""
    return frame.assign(name_zh=[f"{key}号" for key in frame.index], name_en=[f"{key} name" for key in frame.index])


def tiny_tables() -> dict[str, pd.DataFrame]:
    """Return the tables that `assemble` reads, with few rows."""
    buses = named(table(BUSES)).assign(lat=38.5, lon=112.5)
    corridors = named(table(CORRIDORS)).assign(
        midday_discount=0.35, price_step_1=0.0, price_step_2=-40.0, price_step_3=-80.0
    )
    return {
        "buses": buses,
        "lines": named(table(LINES)),
        "line_upgrades": table(UPGRADES),
        "links": named(table(LINKS)),
        "plants": named(table(PLANTS)),
        "technologies": table(TECHNOLOGIES),
        "corridors": corridors,
        "corridor_lines": named(table(COLLECTORS)),
        "counties": named(table(COUNTIES)),
        "siting_limits": table(LIMITS, keys=2),
        "substation_headroom": pd.DataFrame({"headroom": {"Alpha": 400.0, "Beta": 350.0}}),
        "demand": pd.DataFrame({"energy": {2025: LOAD_MWH, 2026: LOAD_MWH, 2030: LOAD_MWH}}),
        "fuels": pd.DataFrame(
            {
                "price": {"coal": 81.0, "coalbed_methane": 165.0, "biomass": 70.0},
                "co2": {"coal": 0.3361, "coalbed_methane": 0.198, "biomass": 0.0},
                "energy_content": {"coal": 6.397, "coalbed_methane": float("nan"), "biomass": float("nan")},
            }
        ),
        "carriers": pd.DataFrame({"name_en": list(CARRIERS), "color": "#888888"}, index=list(CARRIERS)),
    }


def tiny_profiles() -> xr.Dataset:
    """Return four hours of everything."""
    series = {
        "market_price": ("snapshot", PRICE),
        "midday_weight": ("snapshot", MIDDAY),
        "market_deviation": ("snapshot", DEVIATION),
        "hydro": (("snapshot", "hydro_plant"), np.array([[0.5], [0.5], [0.25], [0.25]])),
    }
    counties = {name: (("snapshot", "county"), np.array(values).T) for name, values in PROFILES.items()}
    return xr.Dataset(
        {**series, **counties},
        coords={
            "snapshot": pd.date_range("2026-03-01", periods=HOURS, freq="h"),
            "county": ["Alpha", "Beta"],
            "hydro_plant": ["river"],
            "season": ("snapshot", SEASON),
            "heating": ("snapshot", HEATING),
        },
        attrs={"label": "by hand"},
    )


def tiny_data(**changes: Any) -> GridData:
    """Return the small city; `tables`, `calibration` and `economics` are laid over it."""
    figures = {f"{name}.{key}": value for name, row in ECONOMICS.items() for key, value in row.items()}
    data = GridData(
        tables=MappingProxyType({**tiny_tables(), **changes.pop("tables", {})}),
        profiles=tiny_profiles(),
        calibration={**CALIBRATION, **changes.pop("calibration", {})},
        economics={**figures, **changes.pop("economics", {})},
        files={},
        digests={},
    )
    return replace(data, **changes)


def tiny_scenario(**changes: Any) -> Scenario:
    """Return a scenario of 2026 in base units without new wind or solar."""
    document = {"id": "tiny", "name": {"zh": "小城", "en": "Small city"}, "year": 2026, "market": "frozen"}
    return Scenario.from_resolved({**document, **changes})


SITING = {"total": 500.0, "onwind": 200.0, "onwind_min": 150.0, "onwind_max": 300.0, "split": "fixed"}
