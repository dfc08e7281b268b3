"""Wind at hub height and the output of an existing and of a modern fleet.

Recipe: four Gaussian space-time fields give a latent state, mapped to a Weibull distribution whose scale
follows place, month and hour; the scale of each place is solved such that the mean output of the existing
fleet meets its target before curtailment. The tests judge the statistics of a year by reference targets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from xinzhou_energy.profiles import fields
from xinzhou_energy.profiles.calendar import DAYS, HOURS, annual_cycle

Floats = npt.NDArray[np.float64]

EXISTING_W_PER_M2 = 330.0
MODERN_W_PER_M2 = 215.0

_WEIBULL_SHAPE = 2.0
_POWER_COEFFICIENT = 0.44
_LOSSES = 0.13
_YEAR_SPEED_SD = 0.02  # 3 % gave 7.4 % interannual output in the prototype, beyond the judged 3.5-7 %
_HUB_HEIGHT_M = 90.0
# Turbines of a county see different winds at one moment: the fleet's curve is the turbine's, smeared.
_SMEAR_RELATIVE = 0.12
_SMEAR_M_PER_S = 0.4
_SPEED_GRID = np.linspace(0.0, 40.0, 401)


@dataclass(frozen=True)
class _Field:
    variance: float
    autocorrelation: fields.Autocorrelation
    length_km: float
    synoptic: bool


# Weather systems, fronts, mesoscale and local wind. The prototype had 0.18/0.33/0.43/0.06 and the local part
# as an AR(1), which put fleet ramps at the upper edge.
_FIELDS = (
    _Field(0.20, fields.second_order(24.0), 800.0, synoptic=True),
    _Field(0.33, fields.second_order(9.0), 600.0, synoptic=True),
    _Field(0.37, fields.second_order(4.2), 160.0, synoptic=False),
    _Field(0.10, fields.second_order(1.5), 25.0, synoptic=False),
)


@dataclass(frozen=True)
class Wind:
    """One synthetic wind year at n places.

    Attributes
    ----------
    speed
        Hub-height wind speed, m/s, shape (8760, n).
    synoptic
        Daily mean of the large-scale part of the latent state, standardised, shape (365, n); clouds follow.
    """

    speed: Floats
    synoptic: Floats


def simulate_wind(places: pd.DataFrame, months: pd.DataFrame, hours: pd.DataFrame, *, seed: int) -> Wind:
    """Draw one year of hub-height wind.

    Parameters
    ----------
    places
        Sorted by id; columns lat, lon (deg), turbine_site_elev_m (m), wind_cf (mean output of the existing
        fleet, pu).
    months
        Indexed 1-12, column wind_speed_rel (speed by month / annual mean).
    hours
        Indexed 0-23, column wind_speed_rel (speed by hour / daily mean).
    seed
        Number of the weather year.
    """
    rng = fields.generator(seed, fields.Stream.WIND)
    latent, synoptic = _latent(rng, fields.distance_km(places))
    year_factor = 1.0 + _YEAR_SPEED_SD * float(np.clip(rng.standard_normal(), -2.5, 2.5))
    cycle = _speed_cycle(months, hours)
    scale = np.array([
        _solve_scale(float(cf), float(elevation), cycle)
        for cf, elevation in zip(places["wind_cf"], places["turbine_site_elev_m"], strict=True)
    ])  # fmt: skip
    speed = scale * year_factor * cycle[:, None] * _unit_weibull(special.ndtr(latent))
    return Wind(speed, synoptic)


def wind_output(speed: Floats, elevation_m: Floats, w_per_m2: float) -> Floats:
    """Return available output of a county fleet in pu of capacity, before curtailment.

    Parameters
    ----------
    speed
        Hub-height wind speed, m/s, shape (t, n).
    elevation_m
        Ground elevation of the turbine sites, m, shape (n,); thin air makes less power.
    w_per_m2
        Specific power of the turbines, W per m2 of rotor.
    """
    curves = [_fleet_curve(float(elevation), w_per_m2) for elevation in elevation_m]
    return np.stack([np.interp(speed[:, n], _SPEED_GRID, curve) for n, curve in enumerate(curves)], axis=1)


def _latent(rng: np.random.Generator, distances: Floats) -> tuple[Floats, Floats]:
    latent = np.zeros((HOURS, distances.shape[0]))
    synoptic = np.zeros_like(latent)
    for field in _FIELDS:
        noise = fields.correlated_noise(rng, HOURS, field.autocorrelation, distances, field.length_km)
        latent += np.sqrt(field.variance) * noise
        if field.synoptic:
            synoptic += np.sqrt(field.variance) * noise
    daily = synoptic.reshape(DAYS, 24, -1).mean(axis=1)
    return latent, daily / daily.std(axis=0)


def _speed_cycle(months: pd.DataFrame, hours: pd.DataFrame) -> Floats:
    by_day = annual_cycle(months["wind_speed_rel"].sort_index().to_numpy(dtype=float))
    by_hour = hours["wind_speed_rel"].sort_index().to_numpy(dtype=float)
    return np.asarray(np.outer(by_day / by_day.mean(), by_hour / by_hour.mean()).ravel())


def _unit_weibull(probability: Floats) -> Floats:
    return np.asarray((-np.log1p(-np.minimum(probability, 1 - 1e-12))) ** (1 / _WEIBULL_SHAPE))


def _fleet_curve(elevation_m: float, w_per_m2: float) -> Floats:
    # Air density of the standard atmosphere, kg/m3.
    density = 1.225 * (1 - 2.25577e-5 * (elevation_m + _HUB_HEIGHT_M)) ** 4.2559
    rated = (w_per_m2 / (0.5 * density * _POWER_COEFFICIENT)) ** (1 / 3)
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    smeared = _SPEED_GRID[:, None] + (_SMEAR_RELATIVE * _SPEED_GRID + _SMEAR_M_PER_S)[:, None] * nodes
    power = np.minimum(1.0, (np.clip(smeared, 0.0, None) / rated) ** 3)
    return np.asarray((1 - _LOSSES) * (power @ weights) / weights.sum())


def _solve_scale(target: float, elevation_m: float, cycle: Floats) -> float:
    """Return the Weibull scale (m/s) whose expected output over month, hour and weather is ``target``."""
    curve = _fleet_curve(elevation_m, EXISTING_W_PER_M2)
    cycle_levels = np.quantile(cycle, (np.arange(24) + 0.5) / 24)
    weather_levels = _unit_weibull((np.arange(200) + 0.5) / 200)
    relative = np.outer(cycle_levels, weather_levels).ravel()
    low, high = 2.0, 20.0
    for _ in range(30):
        middle = (low + high) / 2
        if np.interp(middle * relative, _SPEED_GRID, curve).mean() < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
