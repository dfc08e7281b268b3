"""Irradiance and photovoltaic output of a fixed array facing south.

Recipe: daily clearness from monthly beta distributions, correlated with the large-scale wind; clear-sky shape
within the day (Ineichen), cloud noise from hour to hour that is strongest on half-clear days; Erbs split,
Hay-Davies sky. The sun is taken at the middle of each hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib
from scipy import special

from xinzhou_energy.profiles import fields
from xinzhou_energy.profiles.calendar import DAYS, HOURS, annual_cycle

Floats = npt.NDArray[np.float64]

_CLOCK_MERIDIAN_DEG = 120.0  # China Standard Time
_TILT_DEG = 36.0
_SOUTH_DEG = 180.0
_LOWEST_SUN_DEG = 2.0  # below this the air mass formulas are meaningless and the energy nil
_LOSSES = 0.14
_INVERTER_EFFICIENCY = 0.98
_DC_PER_AC = 1.25
_POWER_PER_KELVIN = -0.0035  # crystalline silicon
_HEATING_K_PER_W_M2 = 0.028  # cell above air at sunlit, windy sites

# Typical-year stations in the basins read a few per cent low (Yuanping 1,406 against about 1,430 kWh/m2), and
# days clearer than a cloudless sky are cut.
_STATION_BIAS = 1.035
_DAILY_MEMORY = 0.35  # autocorrelation of the clearness latent from day to day
_DAILY_LENGTH_KM = 400.0
_CLOUD_HOURS = 2.0
_CLOUD_LENGTH_KM = 60.0
_CLOUD_STRENGTH = 0.36  # relative sd of hourly irradiance on a half-clear day
_CLOUD_ENHANCEMENT = 1.08  # hourly irradiance never exceeds clear sky by more


@dataclass(frozen=True)
class Sun:
    """Geometry of the sun at n places over 365 days, mid-hour; shapes (8760, n), degrees and W/m2.

    Attributes
    ----------
    day
        Whether the sun stands high enough to count.
    zenith, azimuth
        Degrees; azimuth clockwise from north.
    extraterrestrial
        Irradiance on the horizontal above the atmosphere, W/m2, zero at night.
    normal
        The same on a plane facing the sun, W/m2.
    """

    day: npt.NDArray[np.bool_]
    zenith: Floats
    azimuth: Floats
    extraterrestrial: Floats
    normal: Floats


@dataclass(frozen=True)
class Sky:
    """One synthetic year of the sky at n places.

    Attributes
    ----------
    sun
        Geometry.
    ghi
        Global horizontal irradiance, W/m2, shape (8760, n).
    clearness
        Daily clearness over its expectation on that day, shape (365, n).
    """

    sun: Sun
    ghi: Floats
    clearness: Floats


def sun_geometry(places: pd.DataFrame) -> Sun:
    """Return where the sun stands at each place (columns lat, lon in deg) at the middle of each hour."""
    day_of_year = np.repeat(np.arange(1, DAYS + 1), 24)[:, None]
    clock = (np.tile(np.arange(24), DAYS) + 0.5)[:, None]
    latitude = np.radians(places["lat"].to_numpy(dtype=float))
    minutes = pvlib.solarposition.equation_of_time_spencer71(day_of_year)
    longitude = places["lon"].to_numpy(dtype=float) - _CLOCK_MERIDIAN_DEG
    hour_angle = np.radians(15 * (clock - 12 + minutes / 60) + longitude)
    declination = pvlib.solarposition.declination_spencer71(day_of_year)
    zenith = pvlib.solarposition.solar_zenith_analytical(latitude, hour_angle, declination)
    azimuth = pvlib.solarposition.solar_azimuth_analytical(latitude, hour_angle, declination, zenith)
    normal = pvlib.irradiance.get_extra_radiation(day_of_year) * np.ones_like(zenith)
    day = zenith < np.radians(90 - _LOWEST_SUN_DEG)
    horizontal = np.where(day, normal * np.cos(zenith), 0.0)
    return Sun(day, np.degrees(zenith), np.degrees(azimuth), horizontal, normal)


def simulate_sky(places: pd.DataFrame, months: pd.DataFrame, synoptic: Floats, *, seed: int) -> Sky:
    """Draw one year of irradiance.

    Parameters
    ----------
    places
        Sorted by id; columns lat, lon (deg), town_elev_m (m), kt_factor (clearness over that of Yuanping).
    months
        Indexed 1-12; columns kt_mean, kt_sd (daily clearness at Yuanping), wind_solar_corr, linke_turbidity.
    synoptic
        Standardised daily large-scale wind, shape (365, n).
    seed
        Number of the weather year.
    """
    months = months.sort_index()
    sun = sun_geometry(places)
    distances = fields.distance_km(places)
    clear = _clear_sky(sun, places, months)
    top_daily, clear_daily = _daily_sum(sun.extraterrestrial), _daily_sum(clear)
    mean, clearness = _daily_clearness(places, months, synoptic, distances, seed)
    clearness = np.minimum(clearness, clear_daily / top_daily)
    # Cloud noise peaks where the day is half as clear as a cloudless one.
    share = np.clip(clearness * top_daily / clear_daily, 0.0, 1.0)
    strength = np.repeat(_CLOUD_STRENGTH * 4 * share * (1 - share), 24, axis=0)
    rng = fields.generator(seed, fields.Stream.CLOUD)
    noise = fields.correlated_noise(rng, HOURS, fields.first_order(_CLOUD_HOURS), distances, _CLOUD_LENGTH_KM)
    shape = clear * np.exp(strength * noise - strength**2 / 2)
    scale = clearness * top_daily / _daily_sum(shape)
    ghi = np.minimum(shape * np.repeat(scale, 24, axis=0), _CLOUD_ENHANCEMENT * clear)
    return Sky(sun, ghi, clearness / mean)


def solar_output(sky: Sky, temperature: Floats) -> Floats:
    """Return AC output per kW of DC capacity (pu): 36 degrees south, 14 % losses, 98 % inverter, DC/AC 1.25.

    Parameters
    ----------
    sky
        Irradiance at n places.
    temperature
        Air temperature, degC, shape (8760, n).
    """
    sun, day = sky.sun, sky.sun.day
    zenith, azimuth, ghi, normal = (a[day] for a in (sun.zenith, sun.azimuth, sky.ghi, sun.normal))
    day_of_year = np.broadcast_to(np.repeat(np.arange(1, DAYS + 1), 24)[:, None], day.shape)[day]
    split = pvlib.irradiance.erbs(ghi, zenith, day_of_year)
    incidence = pvlib.irradiance.aoi(_TILT_DEG, _SOUTH_DEG, zenith, azimuth)
    beam = split["dni"] * np.clip(np.cos(np.radians(incidence)), 0.0, None)
    diffuse = pvlib.irradiance.haydavies(_TILT_DEG, _SOUTH_DEG, split["dhi"], split["dni"], normal, zenith, azimuth)
    plane = beam + diffuse + pvlib.irradiance.get_ground_diffuse(_TILT_DEG, ghi)
    cell = temperature[day] + _HEATING_K_PER_W_M2 * plane
    direct_current = plane / 1000 * (1 + _POWER_PER_KELVIN * (cell - 25)) * (1 - _LOSSES)
    output = np.zeros(day.shape)
    output[day] = np.clip(direct_current * _INVERTER_EFFICIENCY, 0.0, 1 / _DC_PER_AC)
    return output


def _daily_sum(hourly: Floats) -> Floats:
    return np.asarray(hourly.reshape(DAYS, 24, -1).sum(axis=1))


def _clear_sky(sun: Sun, places: pd.DataFrame, months: pd.DataFrame) -> Floats:
    elevation = np.broadcast_to(places["town_elev_m"].to_numpy(dtype=float), sun.day.shape)[sun.day]
    turbidity = np.repeat(annual_cycle(months["linke_turbidity"].to_numpy(dtype=float)), 24)[:, None]
    relative = pvlib.atmosphere.get_relative_airmass(sun.zenith[sun.day])
    airmass = pvlib.atmosphere.get_absolute_airmass(relative, pvlib.atmosphere.alt2pres(elevation))
    clear = np.zeros(sun.day.shape)
    clear[sun.day] = pvlib.clearsky.ineichen(
        sun.zenith[sun.day],
        airmass,
        np.broadcast_to(turbidity, sun.day.shape)[sun.day],
        altitude=elevation,
        dni_extra=sun.normal[sun.day],
    )["ghi"]
    return clear


def _daily_clearness(
    places: pd.DataFrame, months: pd.DataFrame, synoptic: Floats, distances: Floats, seed: int
) -> tuple[Floats, Floats]:
    """Return expected and drawn daily clearness, each of shape (365, n)."""
    rng = fields.generator(seed, fields.Stream.CLEARNESS)
    memory = fields.first_order(-1 / np.log(_DAILY_MEMORY))
    own = fields.correlated_noise(rng, DAYS, memory, distances, _DAILY_LENGTH_KM)
    weight = annual_cycle(months["wind_solar_corr"].to_numpy(dtype=float))[:, None]
    probability = special.ndtr(weight * synoptic + np.sqrt(1 - weight**2) * own)
    factor = _STATION_BIAS * places["kt_factor"].to_numpy(dtype=float)
    mean = annual_cycle(months["kt_mean"].to_numpy(dtype=float))[:, None] * factor
    sd = annual_cycle(months["kt_sd"].to_numpy(dtype=float))[:, None]
    concentration = mean * (1 - mean) / sd**2 - 1
    drawn = special.betaincinv(mean * concentration, (1 - mean) * concentration, probability)
    return mean, np.asarray(drawn)
