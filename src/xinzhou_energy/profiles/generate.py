"""The front door: tables, a calendar year and a seed in; one labelled Dataset of hourly profiles out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from xinzhou_energy.errors import DataError, Finding, Where
from xinzhou_energy.profiles import calendar, market
from xinzhou_energy.profiles.hydro import hydro_potential
from xinzhou_energy.profiles.load import load_shape
from xinzhou_energy.profiles.solar import simulate_sky, solar_output
from xinzhou_energy.profiles.temperature import simulate_temperature
from xinzhou_energy.profiles.wind import EXISTING_W_PER_M2, MODERN_W_PER_M2, simulate_wind, wind_output

Floats = npt.NDArray[np.float64]

LABEL = "synthetic, calibrated"
PROFILE_TABLES = (
    "calendar",
    "hydro_months",
    "hydro_plants",
    "load_days",
    "load_hours",
    "load_months",
    "market_prices",
    "temperature_hours",
    "weather_counties",
    "weather_hours",
    "weather_months",
    "weather_province",
)
_PLACE_COLUMNS = ["lat", "lon", "turbine_site_elev_m", "town_elev_m", "wind_cf", "kt_factor"]


@dataclass(frozen=True)
class Weather:
    """One synthetic weather year at the counties and the points of the rest of the province, sorted by id.

    Attributes
    ----------
    places
        One row per place, as in the tables.
    speed
        Hub-height wind speed, m/s.
    onwind, onwind_new, solar
        Available output, pu of capacity.
    ghi
        Global horizontal irradiance, W/m2.
    temperature
        Air temperature at town elevation, degC.

    All arrays have the shape (8760, place).
    """

    places: pd.DataFrame
    speed: Floats
    onwind: Floats
    onwind_new: Floats
    solar: Floats
    ghi: Floats
    temperature: Floats


def simulate_weather(tables: Mapping[str, pd.DataFrame], *, seed: int) -> Weather:
    """Draw one weather year; it depends on the seed and the tables, not on a calendar year.

    Parameters
    ----------
    tables
        weather_counties, weather_province, weather_months, weather_hours, temperature_hours.
    seed
        Number of the weather year, 0 or more.

    Raises
    ------
    DataError
        A table is missing.
    """
    _require(tables, [name for name in PROFILE_TABLES if name.startswith(("weather", "temperature"))])
    counties, province = tables["weather_counties"], tables["weather_province"]
    # Sorted, so that the noise of a place does not depend on the order of rows.
    places = pd.concat([counties[_PLACE_COLUMNS].sort_index(), province[_PLACE_COLUMNS].sort_index()])
    months = tables["weather_months"]
    wind = simulate_wind(places, months, tables["weather_hours"], seed=seed)
    sky = simulate_sky(places, months, wind.synoptic, seed=seed)
    temperature = simulate_temperature(places, months, tables["temperature_hours"], sky.clearness, seed=seed)
    elevation = places["turbine_site_elev_m"].to_numpy(dtype=float)
    return Weather(
        places=places,
        speed=wind.speed,
        onwind=wind_output(wind.speed, elevation, EXISTING_W_PER_M2),
        onwind_new=wind_output(wind.speed, elevation, MODERN_W_PER_M2),
        solar=solar_output(sky, temperature),
        ghi=sky.ghi,
        temperature=temperature,
    )


def generate_profiles(tables: Mapping[str, pd.DataFrame], *, year: int, seed: int) -> xr.Dataset:
    """Return all hourly profiles of one calendar year and one weather year.

    Parameters
    ----------
    tables
        Table name -> frame indexed by its key; see ``PROFILE_TABLES``.
    year
        Calendar year; sets weekdays, festivals and the labels of hours, not the weather.
    seed
        Number of the weather year, 0 or more.

    Returns
    -------
    Dataset on ``snapshot`` (8,760 hours of China Standard Time, hour-beginning, without 29 February),
    ``county`` and ``hydro_plant`` (both sorted by id): onwind, onwind_new, solar (pu), temperature (degC),
    load (annual mean 1), hydro (pu), market_price (CNY/MWh), midday_weight (0-1), market_deviation (MW);
    coordinates season and heating.

    Raises
    ------
    DataError
        A table is missing, or the calendar has no usable row for the year.
    """
    _require(tables, PROFILE_TABLES)
    index = calendar.snapshots(year)
    load = _county_load(tables, index)
    weather = simulate_weather(tables, seed=seed)
    plants = tables["hydro_plants"].sort_index()
    potential = hydro_potential(plants, tables["hydro_months"], seed=seed)
    variables = {
        **_county_variables(weather, load),
        "hydro": _variable(("snapshot", "hydro_plant"), potential, "pu", "inflow potential before availability"),
        **_market_variables(tables, index, weather),
    }
    coordinates = {
        "snapshot": index,
        "county": tables["weather_counties"].sort_index().index.to_numpy(dtype=str),
        "hydro_plant": plants.index.to_numpy(dtype=str),
        "season": ("snapshot", calendar.season_of(index)),
        "heating": ("snapshot", calendar.heating_season(index)),
    }
    return xr.Dataset(variables, coordinates, attrs={"label": LABEL, "year": year, "seed": seed})


def _county_load(tables: Mapping[str, pd.DataFrame], index: pd.DatetimeIndex) -> Floats:
    return load_shape(
        index,
        calendar=tables["calendar"],
        months=tables["load_months"],
        days=tables["load_days"],
        hours=tables["load_hours"],
        swing=tables["weather_counties"]["load_swing"].sort_index(),
    )


def _county_variables(weather: Weather, load: Floats) -> dict[str, xr.Variable]:
    n = load.shape[1]
    values = {
        "onwind": (weather.onwind[:, :n], "pu", "available output of the existing wind fleet"),
        "onwind_new": (weather.onwind_new[:, :n], "pu", "available output of modern wind turbines"),
        "solar": (weather.solar[:, :n], "pu", "photovoltaic output per DC capacity, fixed 36 deg"),
        "temperature": (weather.temperature[:, :n], "degC", "air temperature at town elevation"),
        "load": (load, "1", "electricity demand over its annual mean"),
    }
    return {name: _variable(("snapshot", "county"), *value) for name, value in values.items()}


def _market_variables(
    tables: Mapping[str, pd.DataFrame], index: pd.DatetimeIndex, weather: Weather
) -> dict[str, xr.Variable]:
    province = tables["weather_province"].sort_index()
    n = len(tables["weather_counties"])
    outside = weather.onwind[:, n:] @ province["wind_mw"].to_numpy(dtype=float)
    outside = outside + weather.solar[:, n:] @ province["solar_mw"].to_numpy(dtype=float)
    price = market.reference_price(index, tables["market_prices"])
    deviation = market.season_hour_deviation(index, outside)
    values = {
        "market_price": (price, "CNY/MWh", "reference price of the province"),
        "midday_weight": (market.midday_weight(index), "1", "weight of midday"),
        "market_deviation": (
            deviation,
            "MW",
            "wind and photovoltaics of the rest of Shanxi minus their season-hour mean",
        ),
    }
    return {name: _variable(("snapshot",), *value) for name, value in values.items()}


def _variable(dims: tuple[str, ...], values: Floats, unit: str, long_name: str) -> xr.Variable:
    return xr.Variable(dims, values, attrs={"unit": unit, "long_name": long_name})


def _require(tables: Mapping[str, pd.DataFrame], names: tuple[str, ...] | list[str]) -> None:
    missing = [name for name in names if name not in tables]
    if missing:
        raise DataError(
            Finding(
                "missing-table",
                Where(f"data/grid/{name}.csv"),
                found="no such table",
                expected="a table of the profile generator",
                remedy="Restore the shipped file in data/grid/.",
            )
            for name in missing
        )
