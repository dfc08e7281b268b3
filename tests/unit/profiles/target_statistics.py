"""Statistics of one synthetic year, one entry per row of tests/reference/timeseries_targets.csv.

An entry is a tuple with one element per value of the row; an element that holds several numbers (one per
county) must be in range for each of them. "Fleet" means weighted with the capacity at the end of 2025.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from xinzhou_energy.profiles.calendar import day_types, days_since_spring_festival
from xinzhou_energy.profiles.generate import PROFILE_TABLES, Weather
from xinzhou_energy.profiles.wind import EXISTING_W_PER_M2, simulate_wind, wind_output

ROOT = Path(__file__).parents[3]

# Counted capacity at the end of 2025, MW, including the remainder rows (reference: plants.csv).
WIND_MW = pd.Series({
    "Baode": 14.0, "Daixian": 320.4, "Dingxiang": 79.2, "Fanshi": 1083.3, "Hequ": 141.9, "Jingle": 464.2,
    "Kelan": 685.2, "Ningwu": 603.2, "Pianguan": 331.1, "Shenchi": 1216.2, "Wutai": 414.9, "Wuzhai": 589.5,
    "Xinfu": 14.0, "Yuanping": 492.9,
})  # fmt: skip
SOLAR_MW = pd.Series({
    "Baode": 225.3, "Daixian": 382.0, "Dingxiang": 232.7, "Fanshi": 504.6, "Hequ": 274.7, "Jingle": 362.1,
    "Kelan": 318.5, "Ningwu": 436.7, "Pianguan": 351.7, "Shenchi": 289.8, "Wutai": 594.3, "Wuzhai": 274.7,
    "Xinfu": 706.8, "Yuanping": 600.5,
})  # fmt: skip
# Share of the city's demand, % (reference: counties.csv, load_share_pct_assumed).
LOAD_PCT = pd.Series({
    "Baode": 10.31, "Daixian": 7.59, "Dingxiang": 6.42, "Fanshi": 8.36, "Hequ": 7.48, "Jingle": 2.95,
    "Kelan": 1.32, "Ningwu": 8.95, "Pianguan": 1.56, "Shenchi": 1.74, "Wutai": 5.15, "Wuzhai": 1.73,
    "Xinfu": 14.07, "Yuanping": 22.38,
})  # fmt: skip
RIDGE = ["Shenchi", "Pianguan", "Ningwu"]
VALLEY = ["Xinfu", "Dingxiang", "Yuanping"]
NORTH_WEST = ["Hequ", "Baode", "Pianguan", "Shenchi"]
PLATEAU = [*NORTH_WEST, "Wuzhai", "Kelan"]
COLD_TOWNS = ["Shenchi", "Wuzhai", "Kelan", "Ningwu"]
HYDRO_MW = {"wanjiazhai": 1080.0, "longkou": 420.0, "tianqiao": 128.0}
DISTANCE_BINS = ((20, 80), (80, 130), (130, 200))

Statistics = dict[str, tuple[object, ...]]


def read_tables() -> dict[str, pd.DataFrame]:
    folder = ROOT / "data" / "grid"
    frames = {name: pd.read_csv(folder / f"{name}.csv") for name in PROFILE_TABLES}
    return {name: frame.set_index(frame.columns[0]) for name, frame in frames.items()}


def read_targets() -> pd.DataFrame:
    return pd.read_csv(ROOT / "tests" / "reference" / "timeseries_targets.csv", dtype=str).set_index("id")


def in_range(targets: pd.DataFrame, statistics: Statistics) -> pd.Series:
    """Return for each row whether every value lies in its range; an empty bound is open."""
    return pd.Series({row: _row_holds(targets.loc[row], statistics[row]) for row in targets.index})


def all_statistics(
    tables: dict[str, pd.DataFrame], weather: Weather, profiles: xr.Dataset, interannual_sd: float
) -> Statistics:
    counties = list(profiles["county"].to_numpy())
    hour = pd.date_range("2025-01-01", periods=8760, freq="h")
    frames = {
        name: pd.DataFrame(getattr(weather, name)[:, : len(counties)], index=hour, columns=counties)
        for name in ("speed", "onwind", "onwind_new", "solar", "ghi", "temperature")
    }
    wind = frames["onwind"] @ (WIND_MW / WIND_MW.sum()).loc[counties]
    solar = frames["solar"] @ (SOLAR_MW / SOLAR_MW.sum()).loc[counties]
    places = tables["weather_counties"].loc[counties]
    return {
        **_wind(frames, wind, places),
        "W47": (interannual_sd,),
        **_solar(frames, solar, places),
        **_province(tables, weather, len(counties)),
        **_joint(wind, solar),
        **_heat(frames["temperature"]),
        **_load(profiles, tables["calendar"]),
        "Y05": tuple(float(profiles["hydro"].loc[:, p].sum()) * mw / 1e6 for p, mw in HYDRO_MW.items()),
    }


def annual_fleet_means(tables: dict[str, pd.DataFrame], seeds: range) -> np.ndarray:
    """Return the annual output (pu) of the existing wind fleet in each weather year."""
    places = tables["weather_counties"].sort_index()
    weights = (WIND_MW / WIND_MW.sum()).loc[places.index].to_numpy()
    elevation = places["turbine_site_elev_m"].to_numpy(dtype=float)
    means = []
    for seed in seeds:
        wind = simulate_wind(places, tables["weather_months"], tables["weather_hours"], seed=seed)
        means.append(float(wind_output(wind.speed, elevation, EXISTING_W_PER_M2).mean(axis=0) @ weights))
    return np.array(means)


def _row_holds(row: pd.Series, values: tuple[object, ...]) -> bool:
    lows, highs = _bounds(row["low"], len(values), -np.inf), _bounds(row["high"], len(values), np.inf)
    numbers = [np.atleast_1d(np.asarray(value, dtype=float)) for value in values]
    triples = zip(numbers, lows, highs, strict=True)
    return all(bool(((x >= low) & (x <= high)).all()) for x, low, high in triples)


def _bounds(cell: object, n: int, missing: float) -> list[float]:
    return [float(x) for x in str(cell).split(";")] if pd.notna(cell) else [missing] * n


def _month_hour_anomaly(data):
    return data - data.groupby([data.index.month, data.index.hour]).transform("mean")


def _month_anomaly(data):
    return data - data.groupby(data.index.month).transform("mean")


def _daily(data):
    return data.resample("D").mean()


def _month_ratios(series: pd.Series) -> pd.Series:
    return series.groupby(series.index.month).mean() / series.mean()


def _lag(series: pd.Series, lag: int) -> float:
    return float(series.autocorr(lag))


def _longest_run(condition: pd.Series) -> int:
    return int(condition.groupby((~condition).cumsum()).sum().max())


def _pair_means(data: pd.DataFrame, places: pd.DataFrame) -> list[float]:
    """Return the mean correlation of county pairs in each distance bin."""
    lat, lon = np.radians(places["lat"].to_numpy()), np.radians(places["lon"].to_numpy())
    east = (lon[:, None] - lon) * np.cos((lat[:, None] + lat) / 2)
    km = 6371 * np.hypot(lat[:, None] - lat, east)
    upper = np.triu(np.ones_like(km, dtype=bool), 1)
    correlation = data.corr().to_numpy()
    return [float(correlation[upper & (km >= low) & (km < high)].mean()) for low, high in DISTANCE_BINS]


def _wind(frames: dict[str, pd.DataFrame], wind: pd.Series, places: pd.DataFrame) -> Statistics:
    speed, site = frames["speed"], frames["onwind"]
    anomaly, fleet_anomaly = _month_hour_anomaly(site), _month_hour_anomaly(wind)
    shape = (speed.std() / speed.mean()) ** -1.086  # Justus' approximation of Weibull k
    # The maximum hour is that of the first harmonic: sampling noise would move a plain argmax by hours.
    by_hour = (speed / speed.mean()).groupby(speed.index.hour).mean().mean(axis=1).to_numpy()
    harmonic = np.fft.rfft(by_hour)[1] * 2 / 24
    months, daily = _month_ratios(wind), _daily(wind)
    hourly_pairs = _pair_means(anomaly, places)
    daily_pairs = _pair_means(_month_anomaly(_daily(site)), places)
    mean = wind.mean()
    return {
        "W01": (site[RIDGE].mean(),),
        "W02": (mean,),
        "W03": (frames["onwind_new"][RIDGE].mean(),),
        "W04": (speed[RIDGE].mean(),),
        "W05": (shape,),
        **{f"W10-{m:02d}": (months[m],) for m in (1, 3, 4, 7, 8, 9, 12)},
        "W20": (abs(harmonic), (-np.angle(harmonic) * 24 / (2 * np.pi)) % 24),
        **{f"W30-{h:02d}": (np.mean([_lag(anomaly[c], h) for c in anomaly]),) for h in (1, 3, 6, 12, 24, 48)},
        **{f"W31-{h:02d}": (_lag(fleet_anomaly, h),) for h in (1, 3, 6, 12, 24)},
        "W40": (site.diff().abs().quantile(0.95).mean(),),
        "W41": (wind.diff().abs().quantile(0.95),),
        "W42": tuple(wind.quantile(q) / mean for q in (0.1, 0.5, 0.9)),
        "W43": (daily.std() / mean,),
        "W44": (_lag(daily, 1),),
        "W45": (_longest_run(wind < 0.1),),
        "W46": (wind.rolling(168).mean().min() / mean,),
        **{f"W50-{a}-{b}": (hourly_pairs[i], daily_pairs[i]) for i, (a, b) in enumerate(DISTANCE_BINS)},
    }


def _solar(frames: dict[str, pd.DataFrame], solar: pd.Series, places: pd.DataFrame) -> Statistics:
    site, ghi = frames["solar"], frames["ghi"]
    months, daily = _month_ratios(solar), _daily(solar)
    annual_ghi = ghi.sum() / 1000
    daylight = (site > 0).any(axis=1) & (site.shift() > 0).any(axis=1)
    daily_ghi = _daily(ghi)
    relative_ghi = daily_ghi / daily_ghi.groupby(daily_ghi.index.month).transform("mean")
    return {
        "S01": (annual_ghi["Yuanping"],),
        "S02": (annual_ghi[NORTH_WEST],),
        "S03": (site[VALLEY].mean(),),
        "S04": (site[PLATEAU].mean(),),
        **{f"S10-{m:02d}": (months[m],) for m in (1, 4, 5, 7, 9, 11, 12)},
        "S21": (_lag(daily, 1),),
        "S22": (daily.std() / daily.mean(),),
        "S23": (site.diff().abs()[daylight].quantile(0.95).mean(),),
        "S24": tuple(_pair_means(relative_ghi, places)),
        "S25": (solar.rolling(168).mean().min() / solar.mean(),),
    }


def _province(tables: dict[str, pd.DataFrame], weather: Weather, n_counties: int) -> Statistics:
    capacity = tables["weather_province"].sort_index()["solar_mw"].to_numpy(dtype=float)
    return {"S06": (weather.solar[:, n_counties:].mean(axis=0) @ capacity / capacity.sum(),)}


def _joint(wind: pd.Series, solar: pd.Series) -> Statistics:
    mix = 0.55 * wind / wind.mean() + 0.45 * solar / solar.mean()
    daily_wind, daily_solar = _month_anomaly(_daily(wind)), _month_anomaly(_daily(solar))
    return {
        "J01": (wind.corr(solar),),
        "J02": (daily_wind.corr(daily_solar),),
        "J03": (int((_daily(mix) < 0.4).sum()),),
        "J04": (_longest_run(mix.rolling(24).mean() < 0.4) / 24,),
        "J05": (mix.rolling(72).mean().min(), mix.rolling(168).mean().min()),
    }


def _heat(temperature: pd.DataFrame) -> Statistics:
    degree_days = (18 - _daily(temperature)).clip(lower=0).sum()
    yuanping = temperature["Yuanping"]
    return {
        "H01": (yuanping.mean(),),
        "H02": (degree_days["Yuanping"],),
        "H03": (degree_days[COLD_TOWNS],),
        "H05": (yuanping.min(), yuanping.quantile(0.004)),
    }


def _load(profiles: xr.Dataset, calendar: pd.DataFrame) -> Statistics:
    load = profiles["load"].to_pandas()
    city = load @ (LOAD_PCT / LOAD_PCT.sum()).loc[load.columns]
    index = pd.DatetimeIndex(load.index)
    types = day_types(index, calendar)
    daily = city.groupby(index.normalize())
    mean = daily.mean()
    distance = days_since_spring_festival(pd.DatetimeIndex(mean.index), calendar)
    festival = mean[(distance >= -1) & (distance < 6)].mean()
    before = mean[(distance >= -22) & (distance < -8)].mean()  # two whole weeks
    return {
        "L01": (city.mean() / city.max(),),
        "L02": ((daily.min() / daily.max()).mean(),),
        "L04": (mean[types == "weekend"].mean() / mean[types == "workday"].mean(),),
        "L05": (festival / before,),
    }
