"""Air temperature of the county towns: Yuanping's mean day of each month, lapse rate, anomalies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from xinzhou_energy.profiles import fields
from xinzhou_energy.profiles.calendar import DAYS, HOURS, annual_cycle

Floats = npt.NDArray[np.float64]

_YUANPING_ELEVATION_M = 828.0  # station 536730, whose mean days are the base
_LAPSE_K_PER_M = -0.006
_ANOMALY_HOURS = 24 / -np.log(0.72)  # observed memory of daily anomalies
_ANOMALY_LENGTH_KM = 700.0
_YEAR_OFFSET_SD_K = 0.4
_CLEAR_DAY_SWING = 0.5  # a day twice as clear as usual swings 50 % wider: warmer noon, colder dawn


def simulate_temperature(
    places: pd.DataFrame, months: pd.DataFrame, hours: pd.DataFrame, clearness: Floats, *, seed: int
) -> Floats:
    """Draw one year of hourly air temperature at town elevation, degC, shape (8760, n).

    Parameters
    ----------
    places
        Sorted by id; columns lat, lon (deg), town_elev_m (m).
    months
        Indexed 1-12, column t_day_sd (standard deviation of daily mean temperature, K).
    hours
        Indexed 0-23, columns m01 .. m12: mean temperature at Yuanping by month, degC.
    clearness
        Daily clearness over its expectation, shape (365, n).
    seed
        Number of the weather year.
    """
    rng = fields.generator(seed, fields.Stream.TEMPERATURE)
    month_hour = hours.sort_index()[[f"m{month:02d}" for month in range(1, 13)]].to_numpy(dtype=float).T
    typical = annual_cycle(month_hour)
    daily_mean = typical.mean(axis=1, keepdims=True)
    swing = 1 + _CLEAR_DAY_SWING * (clearness - 1)
    base = daily_mean[:, :, None] + (typical - daily_mean)[:, :, None] * swing[:, None, :]
    sd = months["t_day_sd"].sort_index().to_numpy(dtype=float)
    distances = fields.distance_km(places)
    memory = fields.first_order(_ANOMALY_HOURS)
    noise = fields.correlated_noise(rng, HOURS, memory, distances, _ANOMALY_LENGTH_KM)
    anomaly = np.repeat(annual_cycle(sd), 24)[:, None] * noise
    offset = _YEAR_OFFSET_SD_K * float(np.clip(rng.standard_normal(), -2.5, 2.5))
    lapse = _LAPSE_K_PER_M * (places["town_elev_m"].to_numpy(dtype=float) - _YUANPING_ELEVATION_M)
    return np.asarray(base.reshape(DAYS * 24, -1) + anomaly + offset + lapse)
