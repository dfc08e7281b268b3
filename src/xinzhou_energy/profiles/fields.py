"""Gaussian noise that is correlated in time and space, the raw material of all synthetic weather.

Each field is drawn in the frequency domain, so that the year closes on itself: 31 December runs into
1 January.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Autocorrelation = Callable[[Floats], Floats]

_EARTH_RADIUS_KM = 6371.0
# Variation slower than 45 days is damped: a weather year is a *typical* year, whose months keep near the
# long-term means as those of a typical meteorological year do (undamped, three of ten monthly rows of the
# reference left their range). The level of the year comes from explicit year factors instead.
_SLOWEST_FREE_CYCLES_PER_YEAR = 8
_SLOW_AMPLITUDE = 0.25


class Stream(IntEnum):
    """Independent random streams of one seed; a new use takes a new number and leaves the others alone."""

    WIND = 1
    CLEARNESS = 2
    CLOUD = 3
    TEMPERATURE = 4
    RIVER = 5


def generator(seed: int, stream: Stream) -> np.random.Generator:
    """Return the random generator of one stream of a seed (``seed`` >= 0)."""
    return np.random.default_rng([seed, int(stream)])


def distance_km(places: pd.DataFrame) -> Floats:
    """Return great-circle distances between places (columns lat, lon in degrees), shape (n, n), km."""
    lat = np.radians(places["lat"].to_numpy(dtype=float))
    lon = np.radians(places["lon"].to_numpy(dtype=float))
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def first_order(scale: float) -> Autocorrelation:
    """Return the autocorrelation exp(-lag/scale) of an AR(1)."""
    return lambda lag: np.exp(-lag / scale)


def second_order(scale: float) -> Autocorrelation:
    """Return (1 + lag/scale) exp(-lag/scale), an AR(2) with equal poles: smooth from hour to hour."""
    return lambda lag: (1 + lag / scale) * np.exp(-lag / scale)


def correlated_noise(
    rng: np.random.Generator,
    steps: int,
    autocorrelation: Autocorrelation,
    distances: Floats,
    length_km: float,
) -> Floats:
    """Draw one year of Gaussian noise at n places.

    Parameters
    ----------
    rng
        Source of randomness; always draws ``n * steps`` numbers.
    steps
        Steps of the year, which is closed to a ring.
    autocorrelation
        Correlation by lag in steps.
    distances
        Distances between places, shape (n, n), km.
    length_km
        Correlation between places is exp(-distance/length_km).

    Returns
    -------
    Shape (steps, n): mean 0 over the year at every place, expected variance 1.
    """
    lag = np.arange(steps, dtype=float)
    power = np.clip(np.fft.rfft(autocorrelation(np.minimum(lag, steps - lag))).real, 0.0, None)
    power[:_SLOWEST_FREE_CYCLES_PER_YEAR] *= _SLOW_AMPLITUDE**2
    power[0] = 0.0
    weights = np.full(power.size, 2.0)
    weights[-1] = 1.0 if steps % 2 == 0 else 2.0
    amplitude = np.sqrt(power * steps / (power @ weights))
    white = rng.standard_normal((distances.shape[0], steps))
    coloured = np.fft.irfft(np.fft.rfft(white, axis=1) * amplitude, n=steps, axis=1)
    # The small ridge keeps the factorisation safe where two places coincide.
    covariance = np.exp(-distances / length_km) + 1e-9 * np.eye(distances.shape[0])
    return np.asarray((np.linalg.cholesky(covariance) @ coloured).T)
