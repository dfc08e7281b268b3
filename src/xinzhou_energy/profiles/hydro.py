"""Inflow potential of the Yellow River plants: what the river would let a plant make, before availability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from xinzhou_energy.profiles import fields
from xinzhou_energy.profiles.calendar import DAYS, HOURS, annual_cycle

Floats = npt.NDArray[np.float64]

_GRAVITY = 9.81  # m/s2
_EFFICIENCY = 0.88
_ECOLOGICAL_FLOW_M3_S = 15.0
_MEMORY_DAYS = -1 / np.log(0.97)  # observed autocorrelation of the log flow anomaly from day to day
_DAILY_LOG_SD = 0.25
# Dry and wet years of 1987-2022 differ by 37 % (sd) in volume. A weather year is a normal year of the river:
# its volume varies by 10 %, so that hydro does not hide what wind and sun do.
_YEAR_LOG_SD = 0.10


def hydro_potential(plants: pd.DataFrame, months: pd.DataFrame, *, seed: int) -> Floats:
    """Return the hourly inflow potential of each plant in pu of its capacity, shape (8760, plant).

    P = 9.81 x 0.88 x Q x head with Q = min(flow - 15 m3/s, turbine flow), no more than the capacity.

    Parameters
    ----------
    plants
        One row per plant: capacity_mw (whole plant, MW), head_m (m), turbine_flow_m3s (m3/s).
    months
        Indexed 1-12, column flow_m3s: mean flow at Toudaoguai, m3/s.
    seed
        Number of the weather year.
    """
    rng = fields.generator(seed, fields.Stream.RIVER)
    anomaly = _DAILY_LOG_SD * fields.correlated_noise(
        rng, DAYS, fields.first_order(_MEMORY_DAYS), np.zeros((1, 1)), length_km=1.0
    )
    year = _YEAR_LOG_SD * float(np.clip(rng.standard_normal(), -2.0, 2.0))
    bias = (_DAILY_LOG_SD**2 + _YEAR_LOG_SD**2) / 2
    typical = annual_cycle(months["flow_m3s"].sort_index().to_numpy(dtype=float))
    daily = typical * np.exp(anomaly[:, 0] + year - bias)
    hourly = np.interp(np.arange(HOURS) / 24, np.arange(DAYS) + 0.5, daily, period=DAYS)
    usable = np.clip(hourly - _ECOLOGICAL_FLOW_M3_S, 0.0, None)[:, None]
    flow = np.minimum(usable, plants["turbine_flow_m3s"].to_numpy(dtype=float))
    power = _GRAVITY * _EFFICIENCY * flow * plants["head_m"].to_numpy(dtype=float) / 1000
    return np.asarray(np.minimum(power / plants["capacity_mw"].to_numpy(dtype=float), 1.0))
