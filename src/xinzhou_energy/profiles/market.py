"""What the outside market shows the city: reference price, weight of midday, the province's own weather."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from xinzhou_energy.profiles.calendar import SEASONS, season_number

Floats = npt.NDArray[np.float64]

# Weight of midday (calibration section 1): 0 until 06:30, 1 from 10:00 to 15:00, 0 again at 17:30.
_MIDDAY_CLOCK = (6.5, 10.0, 15.0, 17.5)
_MIDDAY_WEIGHT = (0.0, 1.0, 1.0, 0.0)


def reference_price(index: pd.DatetimeIndex, prices: pd.DataFrame) -> Floats:
    """Return the reference price of the province, CNY/MWh, shape (8760,).

    Parameters
    ----------
    index
        Snapshots of the year.
    prices
        Indexed by hour 0-23, one column per season, CNY/MWh.
    """
    table = prices.sort_index()[list(SEASONS)].to_numpy(dtype=float)
    return np.asarray(table[index.hour.to_numpy(), season_number(index)])


def midday_weight(index: pd.DatetimeIndex) -> Floats:
    """Return the weight of midday, 0 to 1, taken at the middle of each hour, shape (8760,)."""
    return np.interp(index.hour.to_numpy() + 0.5, _MIDDAY_CLOCK, _MIDDAY_WEIGHT)


def season_hour_deviation(index: pd.DatetimeIndex, series: Floats) -> Floats:
    """Return a series minus its mean over the year by season and hour of day, same unit, shape (8760,)."""
    values = pd.Series(series)
    return np.asarray(values - values.groupby([season_number(index), index.hour.to_numpy()]).transform("mean"))
