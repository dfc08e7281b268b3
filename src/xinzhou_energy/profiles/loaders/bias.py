"""Bring the level of a modelled capacity factor to a stated mean without leaving 0..1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 80


def scale_to_mean(factors: Array, target: float) -> Array:
    """Scale capacity factors to a mean by one factor on their odds.

    ``c' = k c / (1 + (k - 1) c)``, which is ``c'/(1 - c') = k c/(1 - c)``; k > 0 is found by bisection on log
    k so that ``mean(c') = target``. Calm stays calm and full stays full, the order of hours is kept, no value
    passes 1, and for small c it is plain multiplication by k.

    Plain multiplication cut at 1 was tried beside it on ERA5 2020 of Shanxi (mean 0.090 brought to 0.25): it
    holds full output in 5.3 % of the hours and has a P95 hourly ramp of 0.126; on the odds the daily spread
    (0.74 of the mean), P50 and P90 (0.77, 2.37 of the mean) and the ramp (0.092) lie in the observed ranges
    W41-W43.

    Parameters
    ----------
    factors
        Capacity factors 0..1.
    target
        The mean wished, above zero and below the share of hours with any output.

    Returns
    -------
    numpy.ndarray
        Same shape, mean equal to `target` within 1e-9.

    Raises
    ------
    ValueError
        When the target cannot be reached: output above zero is too rare, or full output too frequent.
    """
    full, some = float((factors >= 1.0).mean()), float((factors > 0.0).mean())
    if not full < target < some:
        message = f"{some:.4f} of the hours have output, {full:.4f} full output"
        raise ValueError(message)
    low, high = -30.0, 30.0
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if _on_odds(factors, np.exp(middle)).mean() < target:
            low = middle
        else:
            high = middle
    return _on_odds(factors, np.exp(0.5 * (low + high)))


def _on_odds(factors: Array, k: float) -> Array:
    scaled: Array = k * factors / (1.0 + (k - 1.0) * factors)
    return scaled
