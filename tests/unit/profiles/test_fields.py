"""Gaussian noise has the correlation in time and space that was asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xinzhou_energy.profiles import fields


def _noise(autocorrelation, places: int = 40, length_km: float = 1.0) -> np.ndarray:
    distances = 1000.0 * (1 - np.eye(places))
    return fields.correlated_noise(np.random.default_rng(5), 8760, autocorrelation, distances, length_km)


def test_distance_of_one_degree_of_latitude():
    places = pd.DataFrame({"lat": [38.0, 39.0], "lon": [112.0, 112.0]})
    assert fields.distance_km(places)[0, 1] == pytest.approx(111.2, abs=0.1)


def test_distance_of_one_degree_of_longitude_shrinks_with_latitude():
    places = pd.DataFrame({"lat": [60.0, 60.0], "lon": [10.0, 11.0]})
    assert fields.distance_km(places)[0, 1] == pytest.approx(55.6, abs=0.1)


def test_noise_has_mean_zero_and_variance_one():
    noise = _noise(fields.second_order(4.0))
    np.testing.assert_allclose(noise.mean(axis=0), 0.0, atol=1e-9)
    assert noise.var() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("lag", [1, 4, 12])
def test_noise_has_the_autocorrelation_asked_for(lag):
    noise = _noise(fields.second_order(4.0))
    measured = (noise[lag:] * noise[:-lag]).mean()
    assert measured == pytest.approx((1 + lag / 4) * np.exp(-lag / 4), abs=0.03)


def test_noise_has_the_spatial_correlation_asked_for():
    distances = np.array([[0.0, 100.0], [100.0, 0.0]])
    rng = np.random.default_rng(3)
    noise = fields.correlated_noise(rng, 8760, fields.first_order(1.0), distances, length_km=200.0)
    assert np.corrcoef(noise.T)[0, 1] == pytest.approx(np.exp(-0.5), abs=0.03)


def test_year_closes_on_itself():
    noise = _noise(fields.second_order(24.0))
    step_over_new_year = np.abs(noise[0] - noise[-1]).mean()
    assert step_over_new_year < 3 * np.abs(np.diff(noise, axis=0)).mean()


def test_variation_slower_than_45_days_is_damped():
    noise = _noise(fields.first_order(72.0))
    power = (np.abs(np.fft.rfft(noise, axis=0)) ** 2).mean(axis=1)
    assert power[1:8].mean() < 0.12 * power[9:20].mean()


def test_coinciding_places_get_the_same_noise():
    rng = np.random.default_rng(3)
    noise = fields.correlated_noise(rng, 365, fields.first_order(2.0), np.zeros((2, 2)), length_km=50.0)
    np.testing.assert_allclose(noise[:, 0], noise[:, 1], atol=1e-3)


def test_streams_of_one_seed_differ():
    draws = {stream: fields.generator(1, stream).standard_normal() for stream in fields.Stream}
    assert len(set(draws.values())) == len(fields.Stream)
