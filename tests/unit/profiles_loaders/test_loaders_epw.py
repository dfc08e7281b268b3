"""EPW typical years: the two clocks, PV and wind factors, bad files; every file is written by the test."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pvlib
import pytest

from xinzhou_energy.errors import DataError
from xinzhou_energy.profiles.loaders import load_profile

LATITUDE, LONGITUDE, ALTITUDE = 38.73, 112.72, 828.2  # Yuanping, WMO 536730, as in its CSWD header
IDS = ["Yuanping", "Daixian", "Xinfu"]


def sun_moments(clock, index):
    """Where the sun stands for the label h-1: at h-1 in CSWD, at h-0.5 where the hour ends at h."""
    return (index + pd.Timedelta(minutes=0 if clock == "cswd" else 30)).tz_localize("Asia/Shanghai")


@lru_cache
def epw_text(clock="cswd", year=2005, late_h=0.0):
    """A year of haze-free sky, temperature that tells its row, and a wind that changes every hour."""
    index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    moments = sun_moments(clock, index) - pd.Timedelta(hours=late_h)
    sun = pvlib.solarposition.get_solarposition(moments, LATITUDE, LONGITUDE, altitude=ALTITUDE)
    ghi = np.round(900.0 * np.clip(np.cos(np.radians(sun["zenith"])), 0.0, None))
    speed = np.random.default_rng(7).weibull(2.0, len(index)) * 3.0
    header = [
        f"LOCATION,Yuanping,Shanxi,CHN,CSWD,536730,{LATITUDE},{LONGITUDE},8.0,{ALTITUDE}",
        *["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"],
        *["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,原平", "COMMENTS 2,"],
        "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    ]
    rows = [
        f"{t.year},{t.month},{t.day},{t.hour + 1},0,?9?9,{row % 40 - 10}.0,-14.6,45,92140,9999,9999,226,"
        f"{g:.0f},0,0,999900,999900,999900,99990,30,{v:.1f},3,3,999.0,999,9,999999999,0,0.0000,0,88,999.000,999.0,99.0"
        for row, (t, g, v) in enumerate(zip(index, ghi, speed, strict=True))
    ]
    return [*header, *rows]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(path, variable="temperature", year=2026, **options):
    return load_profile(path, format="epw", variable=variable, year=year, columns=IDS, options=options)


def refusal(path, variable="temperature", **options):
    with pytest.raises(DataError) as caught:
        load(path, variable, **options)
    assert all(finding.remedy and finding.expected for finding in caught.value.findings)
    return caught.value.findings


def with_cell(line, field, text):
    lines = list(epw_text())
    cells = lines[line - 1].split(",")
    cells[field] = text
    lines[line - 1] = ",".join(cells)
    return lines


def test_interval_end_puts_hour_h_on_the_snapshot_h_minus_1_as_pvlib_reads_it(tmp_path):
    path = write(tmp_path / "y.epw", epw_text("interval_end"))
    frame = load(path, clock="interval_end")
    reference, _ = pvlib.iotools.read_epw(str(path), coerce_year=2026)
    assert list(frame.columns) == IDS
    assert frame.index.equals(pd.date_range("2026-01-01", periods=8760, freq="h"))
    np.testing.assert_array_equal(frame["Daixian"], reference["temp_air"])
    assert reference.index.tz_localize(None).equals(frame.index)


def test_cswd_snapshot_is_the_mean_of_the_two_values_that_bound_it(tmp_path):
    frame = load(write(tmp_path / "y.epw", epw_text()), clock="cswd")
    values = np.arange(8760) % 40 - 10.0
    np.testing.assert_allclose(frame["Xinfu"], (values + np.roll(values, -1)) / 2)
    assert frame["Xinfu"].mean() == pytest.approx(values.mean())


@pytest.mark.parametrize("clock", ["cswd", "interval_end"])
def test_pv_is_centred_on_true_solar_noon_under_the_right_clock(tmp_path, clock):
    power = load(write(tmp_path / "y.epw", epw_text(clock)), "solar", clock=clock)["Yuanping"]
    noon = 12.0 + (120.0 - LONGITUDE) / 15.0  # 12.485 h, the mean over a year (equation of time left out)
    middles = power.index.hour + 0.5
    assert (power * middles).sum() / power.sum() == pytest.approx(noon, abs=0.04)


@pytest.mark.parametrize(("written", "read"), [("cswd", "interval_end"), ("interval_end", "cswd")])
def test_the_wrong_clock_is_refused_for_pv_and_the_right_one_named(tmp_path, written, read):
    (finding,) = refusal(write(tmp_path / "y.epw", epw_text(written)), "solar", clock=read)
    assert finding.code == "solar-clock"
    assert finding.remedy == f"State clock: {written}."
    assert ("+0.50 h" if read == "interval_end" else "-0.50 h") in finding.found


def test_radiation_that_no_clock_explains_is_refused(tmp_path):
    # CSWD Dongsheng is 0.74 h late
    (finding,) = refusal(write(tmp_path / "y.epw", epw_text(late_h=0.74)), "solar", clock="cswd")
    assert "Neither clock fits" in finding.remedy


def test_pv_factor_agrees_with_a_plain_pvlib_chain(tmp_path):
    path = write(tmp_path / "y.epw", epw_text("interval_end"))
    factors = load(path, "solar", clock="interval_end")["Xinfu"]
    weather, _ = pvlib.iotools.read_epw(str(path), coerce_year=2026)
    moments = sun_moments("interval_end", factors.index)
    sun = pvlib.solarposition.get_solarposition(moments, LATITUDE, LONGITUDE)
    ghi = weather["ghi"].to_numpy()
    split = pvlib.irradiance.erbs(ghi, sun["zenith"].to_numpy(), moments.dayofyear)
    plane = pvlib.irradiance.get_total_irradiance(
        36.0,
        180.0,
        sun["apparent_zenith"].to_numpy(),
        sun["azimuth"].to_numpy(),
        split["dni"],
        ghi,
        split["dhi"],
        dni_extra=pvlib.irradiance.get_extra_radiation(moments).to_numpy(),
        model="haydavies",
    )
    irradiance = np.nan_to_num(plane["poa_global"])
    cell = weather["temp_air"].to_numpy() + 0.03 * irradiance
    output = np.minimum(0.8, 0.86 * 0.98 * irradiance / 1000 * (1 - 0.0035 * (cell - 25)))
    assert factors.mean() == pytest.approx(output.mean(), rel=0.02)
    assert np.corrcoef(factors, output)[0, 1] > 0.999
    assert factors.min() == 0.0
    assert factors.max() <= 0.8


def test_wind_meets_the_target_mean_and_the_same_factor_gives_it_again(tmp_path):
    path = write(tmp_path / "y.epw", epw_text())
    met = load(path, "onwind", clock="cswd", target_cf=0.26)["Daixian"]
    assert met.mean() == pytest.approx(0.26, abs=1e-6)
    low, high = (load(path, "onwind", clock="cswd", wind_speed_factor=f)["Daixian"].mean() for f in (1.0, 3.0))
    assert low < 0.26 < high
    modern = load(path, "onwind_new", clock="cswd", wind_speed_factor=3.0)["Daixian"]
    same = load(path, "onwind", clock="cswd", wind_speed_factor=3.0, specific_power_w_m2=215)["Daixian"]
    np.testing.assert_array_equal(modern, same)
    assert modern.mean() > high
    assert modern.max() <= 0.87 + 1e-9


def test_only_the_named_counties_get_the_station(tmp_path):
    path = write(tmp_path / "y.epw", epw_text())
    assert list(load(path, clock="cswd", counties=["Daixian", "Yuanping"]).columns) == ["Yuanping", "Daixian"]
    (finding,) = refusal(path, clock="cswd", counties=["Daixan"])
    assert (finding.code, finding.remedy) == ("unknown-id", "Did you mean 'Daixian'?")


def test_a_typical_year_with_29_february_loses_it(tmp_path):
    frame = load(write(tmp_path / "y.epw", epw_text(year=2004)), clock="interval_end")
    assert len(frame) == 8760
    assert frame["Xinfu"].iloc[59 * 24] == 60 * 24 % 40 - 10.0


BAD_FILES = {
    "missing radiation": (with_cell(1009, 13, "9999"), "solar", "out-of-range", 1009),
    "missing temperature": (with_cell(12, 6, "99.9"), "temperature", "out-of-range", 12),
    "NaN": (with_cell(12, 6, "nan"), "temperature", "out-of-range", 12),
    "missing wind": (with_cell(13, 21, "999"), "onwind", "out-of-range", 13),
    "full-width digits": (with_cell(14, 6, "５.7"), "temperature", "not-a-number", 14),
    "text": (with_cell(15, 6, "cold"), "temperature", "not-a-number", 15),
    "short row": ([*epw_text()[:20], "2005,1,1,13", *epw_text()[21:]], "temperature", "not-a-number", 21),
    "hour 25": (with_cell(32, 3, "25"), "temperature", "not-a-time", 32),
    "repeated hour": (with_cell(32, 3, "23"), "temperature", "duplicate-hour", 32),
    "lost hour": ([*epw_text()[:100], *epw_text()[101:]], "temperature", "missing-hour", 101),
    "half a year": (epw_text()[:4000], "temperature", "missing-hour", 4000),
    "no rows": (epw_text()[:8], "temperature", "not-a-time", 9),
    "latitude and longitude swapped": (with_cell(1, 6, "112.72"), "temperature", "out-of-range", 1),
    "time zone of India": (with_cell(1, 8, "5.5"), "temperature", "wrong-offset", 1),
    "altitude in words": (with_cell(1, 9, "high"), "temperature", "not-a-number", 1),
    "another format": (["snapshot,Daixian"], "temperature", "not-epw", 1),
    "blank lines": (["", ""], "temperature", "not-epw", 1),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_epw_is_refused_at_its_first_bad_line(tmp_path, case):
    lines, variable, code, line = BAD_FILES[case]
    scaling = {"target_cf": 0.26} if variable == "onwind" else {}
    finding = refusal(write(tmp_path / "y.epw", lines), variable, clock="cswd", **scaling)[0]
    assert (finding.code, finding.where.line) == (code, line)


def test_six_hourly_wind_drives_no_turbine(tmp_path):
    lines = list(epw_text())
    for row in range(8, len(lines)):
        cells = lines[row].split(",")
        cells[21] = f"{1 + (row - 8) // 6 % 5}.0"
        lines[row] = ",".join(cells)
    (finding,) = refusal(write(tmp_path / "y.epw", lines), "onwind", clock="cswd", target_cf=0.26)
    assert finding.code == "held-wind"
    assert "83%" in finding.found


@pytest.mark.parametrize(
    ("variable", "options", "codes"),
    [
        ("temperature", {}, {"missing-option"}),
        ("temperature", {"clock": "CSWD"}, {"unknown-choice"}),
        ("temperature", {"clock": "cswd", "target_cf": 0.3}, {"unused-option"}),
        ("onwind", {"clock": "cswd"}, {"missing-option"}),
        ("onwind", {"clock": "cswd", "target_cf": 0.3, "wind_speed_factor": 2.0}, {"missing-option"}),
        ("onwind", {"clock": "cswd", "target_cf": 26}, {"out-of-range"}),
        (
            "onwind",
            {"clok": "cswd", "wind_speed_factor": -1.0},
            {"unknown-option", "missing-option", "out-of-range"},
        ),
        ("load", {"clock": "cswd"}, {"unknown-choice"}),
    ],
)
def test_bad_options_are_refused_together(tmp_path, variable, options, codes):
    findings = refusal(write(tmp_path / "y.epw", ["unread"]), variable, **options)
    assert {finding.code for finding in findings} == codes
