"""ERA5-derived netCDF: clock, leap year, bias correction and bad files; every file is written by the test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from xinzhou_energy.errors import DataError
from xinzhou_energy.profiles.loaders import load_profile
from xinzhou_energy.profiles.loaders.bias import scale_to_mean

IDS = ["Shenchi", "Ningwu"]
AS_IS = {"bias_correction": {"method": "none_stated"}}


def utc_year(year=2025):
    return pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")


def padded(year=2026):
    """UTC hours that hold the whole Chinese year and one more."""
    return pd.date_range(f"{year - 1}-12-31 16:00", f"{year}-12-31 16:00", freq="h")


def ramp(index):
    """Values that tell their row."""
    return np.arange(len(index)) / 10_000.0


def write(path, values, index, dims=("time", "county"), name="onwind", ids=("Ningwu", "Shenchi", "Daixian")):
    data = values if len(dims) == 1 else np.stack([values, values / 2, values / 4], axis=1)
    coords = {"time": index} if len(dims) == 1 else {"time": index, dims[1]: list(ids)}
    xr.Dataset({name: (dims, data)}, coords).to_netcdf(path, engine="netcdf4")
    return path


def load(path, variable="onwind", columns=IDS, **options):
    return load_profile(path, format="era5", variable=variable, year=2026, columns=columns, options=options)


def refusal(path, variable="onwind", columns=IDS, **options):
    with pytest.raises(DataError) as caught:
        load(path, variable, columns, **options)
    assert all(finding.remedy and finding.expected for finding in caught.value.findings)
    return caught.value.findings


def test_utc_becomes_china_standard_time(tmp_path):
    frame = load(write(tmp_path / "w.nc", ramp(padded()), padded()), stamp="start", **AS_IS)
    assert list(frame.columns) == IDS
    assert frame.index.equals(pd.date_range("2026-01-01", periods=8760, freq="h"))
    # 08:00 in China is midnight UTC, the ninth hour of the file
    assert frame.at[pd.Timestamp("2026-01-01 08:00"), "Ningwu"] == pytest.approx(8 / 10_000)
    assert frame.at[pd.Timestamp("2026-01-01 08:00"), "Shenchi"] == pytest.approx(4 / 10_000)


def test_wind_is_the_mean_of_two_instants_and_an_end_stamp_moves_one_hour(tmp_path):
    path = write(tmp_path / "w.nc", ramp(padded()), padded())
    first = [load(path, **AS_IS, **stamp)["Ningwu"].iloc[0] for stamp in ({}, {"stamp": "end"})]
    assert first == pytest.approx([0.5 / 10_000, 1 / 10_000])


def test_a_utc_year_lacks_eight_hours_unless_wrapping_is_stated(tmp_path):
    path = write(tmp_path / "w.nc", ramp(utc_year(2025)), utc_year(2025))
    (finding,) = refusal(path, year_of_data=2025, **AS_IS)
    assert finding.code == "missing-hour"
    assert "2025-01-01 00:00" in finding.found
    assert "wrap_year" in finding.remedy
    frame = load(path, year_of_data=2025, wrap_year=True, stamp="start", **AS_IS)
    assert frame["Ningwu"].iloc[:10].to_numpy() * 10_000 == pytest.approx([*range(8752, 8760), 0, 1])


def test_wrapping_never_relabels_another_year_in_silence(tmp_path):
    path = write(tmp_path / "w.nc", ramp(utc_year(2025)), utc_year(2025))
    assert refusal(path, wrap_year=True, **AS_IS)[0].code == "wrong-year"
    path = write(tmp_path / "v.nc", ramp(utc_year(2025)[:-1]), utc_year(2025)[:-1])
    assert refusal(path, wrap_year=True, year_of_data=2025, **AS_IS)[0].code == "missing-hour"


def test_29_february_of_a_leap_year_is_dropped(tmp_path):
    index = utc_year(2024)
    frame = load(
        write(tmp_path / "w.nc", ramp(index), index),
        year_of_data=2024,
        wrap_year=True,
        stamp="start",
        **AS_IS,
    )
    position = index.get_loc(pd.Timestamp("2024-02-29 16:00"))
    assert frame.at[pd.Timestamp("2026-03-01 00:00"), "Ningwu"] == pytest.approx(position / 10_000)
    assert frame.at[pd.Timestamp("2026-02-28 23:00"), "Ningwu"] == pytest.approx((position - 25) / 10_000)


def calm_site(size=8760, mean=0.09):
    """Skewed factors with calms, about the level of raw ERA5 wind in Shanxi (9.0 % in 2020)."""
    factors = np.clip(np.random.default_rng(3).gamma(0.5, 0.2, size) - 0.01, 0.0, 1.0)
    return np.clip(factors * mean / factors.mean(), 0.0, 1.0)


@pytest.mark.parametrize("target", [0.03, 0.25, 0.5])
def test_scaling_meets_the_mean_and_stays_a_capacity_factor(target):
    raw = calm_site()
    scaled = scale_to_mean(raw, target)
    assert scaled.mean() == pytest.approx(target, abs=1e-9)
    assert scaled.max() <= 1.0
    assert (scaled[raw == 0.0] == 0.0).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(scaled[order]) >= 0.0).all()


def test_scaling_worked_by_hand():
    # odds 1/9 and 1 times 9 are 1 and 9, so 0.1 -> 0.5 and 0.5 -> 0.9
    np.testing.assert_allclose(scale_to_mean(np.array([0.1, 0.5, 0.0, 1.0]), 0.6), [0.5, 0.9, 0.0, 1.0], rtol=1e-9)


def test_era5_wind_is_brought_to_the_stated_mean_per_county(tmp_path):
    path = write(tmp_path / "w.nc", np.resize(calm_site(), len(padded())), padded())
    one = load(path, bias_correction={"method": "scale_to_mean", "target_mean": 0.25})
    assert one.mean().to_numpy() == pytest.approx([0.25, 0.25])
    each = {"Shenchi": 0.28, "Ningwu": 0.26}
    frame = load(path, bias_correction={"method": "scale_to_mean", "target_mean": each})
    assert frame.mean().to_dict() == pytest.approx(each)


def test_none_stated_leaves_the_values(tmp_path):
    path = write(tmp_path / "w.nc", np.resize(calm_site(), len(padded())), padded(), dims=("time", "bus"))
    frame = load(path, stamp="start", **AS_IS)
    np.testing.assert_array_equal(frame["Ningwu"], calm_site())


@pytest.mark.parametrize(
    ("correction", "code"),
    [
        ({}, "missing-option"),
        ({"bias_correction": None}, "missing-option"),
        ({"bias_correction": "scale_to_mean"}, "wrong-type"),
        ({"bias_correction": {"method": "quantile"}}, "unknown-choice"),
        ({"bias_correction": {"method": "scale_to_mean"}}, "out-of-range"),
        ({"bias_correction": {"method": "scale_to_mean", "target_mean": 25}}, "out-of-range"),
        ({"bias_correction": {"method": "scale_to_mean", "target_mean": {"Shenchi": 0.25}}}, "out-of-range"),
        ({"bias_correction": {"method": "none_stated", "target_mean": 0.25}}, "contradiction"),
        ({"bias_correction": {"method": "none_stated", "mean": 0.25}}, "unknown-option"),
    ],
)
def test_wind_without_a_clear_bias_correction_is_refused(tmp_path, correction, code):
    path = tmp_path / "w.nc"
    path.write_bytes(b"unread")
    assert refusal(path, **correction)[0].code == code


def test_an_unreachable_mean_is_refused(tmp_path):
    values = np.where(np.arange(len(padded())) % 5 == 0, 0.5, 0.0)  # output in 20 % of the instants
    path = write(tmp_path / "w.nc", values, padded())
    options = {"stamp": "start", "bias_correction": {"method": "scale_to_mean", "target_mean": 0.25}}
    findings = refusal(path, **options)
    assert [finding.code for finding in findings] == ["unreachable", "unreachable"]
    assert "0.2000 of the hours" in findings[0].found


def sunny(index, zone_h=8):
    """Radiation of the hour that ends at the stamp, centred on 12:30 China Standard Time."""
    return np.clip(np.cos((index.hour + zone_h - 0.5 - 12.5) * np.pi / 12), 0, None)


def test_solar_stamps_end_their_hour_and_need_no_correction(tmp_path):
    index = padded()
    frame = load(write(tmp_path / "s.nc", np.asarray(sunny(index)), index, name="solar"), "solar")
    power = frame["Ningwu"]
    assert (power * (power.index.hour + 0.5)).sum() / power.sum() == pytest.approx(12.5)


def test_solar_on_local_time_read_as_utc_is_refused(tmp_path):
    index = padded()
    path = write(tmp_path / "s.nc", np.asarray(sunny(index, zone_h=0)), index, name="solar")
    assert {finding.code for finding in refusal(path, "solar")} == {"solar-clock"}


def test_one_region_is_given_to_all_only_when_stated(tmp_path):
    path = write(tmp_path / "w.nc", ramp(padded()), padded(), dims=("time",))
    assert refusal(path, **AS_IS)[0].code == "missing-column"
    frame = load(path, broadcast=True, **AS_IS)
    assert (frame["Shenchi"] == frame["Ningwu"]).all()
    assert list(load(path, columns=["Shenchi"], **AS_IS).columns) == ["Shenchi"]


def test_values_outside_0_to_1_and_nan_are_refused_at_their_time_step(tmp_path):
    values = ramp(padded())
    values[[30, 41]] = [1.2, np.nan]
    findings = refusal(write(tmp_path / "w.nc", values, padded()), **AS_IS)
    assert ("missing-value", "Ningwu, time step 42") in [(f.code, f.where.path) for f in findings]
    assert ("out-of-range", "Ningwu, time step 31") in [(f.code, f.where.path) for f in findings]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda index: index[[0, 0, *range(2, len(index))]], "duplicate-hour"),
        (lambda index: index[[1, 0, *range(2, len(index))]], "unsorted"),
        (lambda index: index + pd.Timedelta(minutes=30), "off-hour"),
        (lambda index: index + pd.Timedelta(hours=9), "missing-hour"),
    ],
)
def test_bad_time_axes_are_refused(tmp_path, change, code):
    index = change(padded())
    assert refusal(write(tmp_path / "w.nc", ramp(index), index), **AS_IS)[0].code == code


def test_a_gap_is_refused_at_the_first_missing_hour(tmp_path):
    index = padded().delete([1000, 1001])
    (finding,) = refusal(write(tmp_path / "w.nc", ramp(index), index), stamp="start", **AS_IS)
    assert finding.code == "missing-hour"
    assert "2026-02-11 16:00:00" in finding.found


def test_unknown_regions_variables_and_formats_are_refused(tmp_path):
    path = write(tmp_path / "w.nc", ramp(padded()), padded(), ids=("Ningwu", "Shenchy", "Daixian"))
    assert refusal(path, **AS_IS)[0].remedy == "Did you mean 'Shenchy'?"
    assert refusal(path, data_variable="onwnd", **AS_IS)[0].remedy == "Did you mean 'onwind'?"
    with xr.open_dataset(path) as dataset:
        both = dataset.load().assign(solar=lambda data: data["onwind"])
    both.to_netcdf(tmp_path / "both.nc", engine="netcdf4")
    assert refusal(tmp_path / "both.nc", **AS_IS)[0].code == "ambiguous"
    (tmp_path / "text.nc").write_text("snapshot,Ningwu")
    assert refusal(tmp_path / "text.nc", **AS_IS)[0].code == "not-netcdf"
    assert refusal(path, "temperature")[0].code == "unknown-choice"
