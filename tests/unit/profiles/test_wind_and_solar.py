"""Wind and solar physics on cases worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from target_statistics import read_tables

from xinzhou_energy.profiles.generate import simulate_weather
from xinzhou_energy.profiles.solar import Sky, solar_output, sun_geometry
from xinzhou_energy.profiles.wind import simulate_wind, wind_output


@pytest.fixture(scope="module")
def tables():
    return read_tables()


def _output(speed: float, elevation: float = 0.0, w_per_m2: float = 330.0) -> float:
    return float(wind_output(np.array([[speed]]), np.array([elevation]), w_per_m2)[0, 0])


def test_calm_gives_nothing_and_storm_gives_capacity_less_losses():
    assert _output(0.0) < 1e-3
    assert _output(30.0) == pytest.approx(0.87, abs=1e-5)


def test_output_far_below_rated_speed_follows_the_cube_of_the_smeared_wind():
    # E[u^3] = v^3 + 3 v s^2 with s = 0.12 v + 0.4; density 1.2145 kg/m3 at 90 m, Cp 0.44, 13 % losses.
    v = 5.0
    s = 0.12 * v + 0.4
    assert _output(v) == pytest.approx(0.87 * 0.5 * 1.2145 * 0.44 / 330 * (v**3 + 3 * v * s**2), rel=0.01)


def test_output_grows_with_speed():
    speeds = np.linspace(0, 30, 301)[:, None]
    assert (np.diff(wind_output(speeds, np.array([1500.0]), 330.0)[:, 0]) >= -1e-12).all()


def test_thin_air_makes_less_power():
    assert _output(7.0, elevation=2000.0) == pytest.approx(_output(7.0) * 0.82, rel=0.02)


def test_mean_output_over_many_years_meets_the_target_of_each_county(tables):
    places = tables["weather_counties"].sort_index()
    elevation = places["turbine_site_elev_m"].to_numpy(dtype=float)
    years = []
    for seed in range(100, 108):
        wind = simulate_wind(places, tables["weather_months"], tables["weather_hours"], seed=seed)
        years.append(wind_output(wind.speed, elevation, 330.0).mean(axis=0))
    # Eight years with a year-to-year sd of about 4.5 % leave 1.6 % of sampling error.
    np.testing.assert_allclose(np.mean(years, axis=0), places["wind_cf"], rtol=0.05)


def test_sun_of_the_solstices_at_yuanping(tables):
    sun = sun_geometry(tables["weather_counties"].loc[["Yuanping"]])
    daily_low = 90 - sun.zenith[:, 0].reshape(365, 24).min(axis=1)
    # 90 - 38.73 -+ 23.44, less up to half a degree because the hour's middle is not exactly noon.
    assert daily_low[171] == pytest.approx(74.7, abs=0.6)
    assert daily_low[354] == pytest.approx(27.8, abs=0.6)


def test_array_faces_the_winter_sun(tables):
    # On the winter solstice the 36 degree plane gets more than the horizontal.
    places = tables["weather_counties"].loc[["Yuanping"]]
    sun = sun_geometry(places)
    ghi = np.where(sun.day, 0.7 * sun.extraterrestrial, 0.0)
    output = solar_output(Sky(sun, ghi, np.ones((365, 1))), np.zeros((8760, 1)))
    noon = 354 * 24 + 12
    assert output[noon, 0] > 1.3 * ghi[noon, 0] / 1000 * 0.86 * 0.98


def test_inverter_caps_output_at_0_8_of_dc_capacity(tables):
    places = tables["weather_counties"].loc[["Yuanping"]]
    sun = sun_geometry(places)
    output = solar_output(Sky(sun, 0.85 * sun.extraterrestrial, np.ones((365, 1))), np.full((8760, 1), -10.0))
    assert output.max() == pytest.approx(0.8, abs=1e-12)


def test_heat_lowers_photovoltaic_output(tables):
    places = tables["weather_counties"].loc[["Yuanping"]]
    sun = sun_geometry(places)
    sky = Sky(sun, 0.4 * sun.extraterrestrial, np.ones((365, 1)))
    cold, hot = (solar_output(sky, np.full((8760, 1), t)).sum() for t in (0.0, 30.0))
    # 30 K at 0.35 %/K of the standard 25 degC output.
    assert hot / cold == pytest.approx(1 - 30 * 0.0035 / (1 + 25 * 0.0035), abs=0.02)


def test_irradiance_stays_below_the_extraterrestrial(tables):
    weather = simulate_weather(tables, seed=4)
    sun = sun_geometry(weather.places)
    assert (weather.ghi <= 0.95 * sun.extraterrestrial + 1e-9).all()
    assert isinstance(weather.places, pd.DataFrame)
