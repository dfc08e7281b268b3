"""From the weather of one station to capacity factors: PV plant and turbines as in the synthetic profiles.

PV: 36° south, 14 % losses, inverter 98 %, 1.25 kW of modules per kW of inverter (`profiles.solar`). Wind:
power coefficient 0.44, curve smeared in speed, 13 % losses (`profiles.wind`). Figures from the time-series
reference.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib

from xinzhou_energy.profiles.calendar import DAYS
from xinzhou_energy.profiles.loaders.epw_file import Station
from xinzhou_energy.profiles.solar import Floats, Sky, Sun, solar_output
from xinzhou_energy.profiles.wind import wind_output

_LOWEST_SUN_DEG = 2.0
"""Below this Erbs and Hay-Davies divide by nearly nothing, and the energy is nil."""


def pv_capacity_factor(station: Station, moments: pd.DatetimeIndex) -> Floats:
    """Return PV output per kW of modules, 0..0.8, one value per row of the station's weather.

    Only GHI is used: direct and diffuse of CSWD do not close on it (mean +17 W/m2 at Yuanping), so it is
    split again after Erbs and transposed after Hay and Davies.

    Parameters
    ----------
    station
        Place and weather (ghi in W/m2, temperature in °C).
    moments
        The tz-aware time at which the sun stands for each row.
    """
    sun = _sun_at(moments, station.latitude, station.longitude)
    ghi = station.weather[["ghi"]].to_numpy(float)
    no_expectation = np.ones((DAYS, 1))  # a measured sky is its own expectation
    output = solar_output(Sky(sun, ghi, no_expectation), station.weather[["temperature"]].to_numpy(float))
    return output[:, 0]


def _sun_at(moments: pd.DatetimeIndex, latitude: float, longitude: float) -> Sun:
    position = pvlib.solarposition.get_solarposition(moments, latitude, longitude, method="nrel_numpy")
    zenith = position[["zenith"]].to_numpy()
    normal = pvlib.irradiance.get_extra_radiation(moments).to_numpy()[:, None]
    day = zenith < 90.0 - _LOWEST_SUN_DEG
    horizontal = np.where(day, normal * np.cos(np.radians(zenith)), 0.0)
    return Sun(day, zenith, position[["azimuth"]].to_numpy(), horizontal, normal)


def wind_capacity_factor(station: Station, scale: float, w_per_m2: float) -> Floats:
    """Return the output of turbines in the station's wind times `scale`, in pu of capacity.

    Parameters
    ----------
    station
        Place and weather (wind_speed in m/s at 10 m).
    scale
        Hub-height speed over the station's speed.
    w_per_m2
        Rated power per swept area of the turbines.
    """
    speed = scale * station.weather[["wind_speed"]].to_numpy(float)
    return wind_output(speed, np.array([station.altitude_m]), w_per_m2)[:, 0]
