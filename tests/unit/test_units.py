from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhou_energy.units import (
    DIMENSIONS,
    QuantityError,
    convert,
    format_energy,
    format_money,
    format_power,
    format_price,
    format_share,
    parse_any,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("2.45 GW", "power", 2450.0),
        ("245 万千瓦", "power", 2450.0),
        ("245万千瓦", "power", 2450.0),
        ("1,320 MW", "power", 1320.0),
        ("350000 kW", "power", 350.0),
        ("350,000 千瓦", "power", 350.0),
        ("165 亿千瓦时", "energy", 16_500_000.0),
        ("16.5 TWh", "energy", 16_500_000.0),
        ("3600 GJ", "energy", 1000.0),
        ("500 万千瓦时", "energy", 5000.0),
        ("300 CNY/MWh", "price", 300.0),
        ("0.332 元/千瓦时", "price", 332.0),
        ("33.2 分/kWh", "price", 332.0),
        ("4,090 元/千瓦", "capital_cost", 4_090_000.0),
        ("1200 CNY/MW/km", "connection_cost", 1200.0),
        ("864 g/kWh", "emission", 0.864),
        ("8.1 亿元", "money", 810_000_000.0),
        ("4.5 million CNY", "money", 4_500_000.0),
        ("42 公里", "length", 42.0),
        ("2900 万吨", "mass", 29_000_000.0),
        ("2 小时", "time", 2.0),
        ("20 min", "duration", 1200.0),
        ("0.5 h", "duration", 1800.0),
        ("3.5 %", "ratio", 0.035),
        ("1.6", "ratio", 1.6),
        ("1e3 MW", "power", 1000.0),
    ],
)
def test_planner_spelling_gives_base_unit(text: str, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension=dimension) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "code", "remedy"),
    [
        ("2.45 gw", "power", "unknown-unit", "'GW'"),
        ("300 CNY/MHw", "price", "unknown-unit", "'CNY/MWh'"),
        ("245 万千互", "power", "unknown-unit", "'万千瓦'"),
        ("3 furlong", "power", "unknown-unit", "Use one of: MW"),
        ("165 亿千瓦", "energy", "wrong-dimension", "'165 亿千瓦时'"),
        ("2.45 GWh", "power", "wrong-dimension", "'2.45 GW'"),
        ("300 CNY/MWh", "power", "wrong-dimension", "Use one of: MW"),
        ("2450", "power", "unit-missing", "'2450 MW'"),
        ("２．４５ GW", "power", "full-width", "'2.45 GW'"),
        ("−3 MW", "power", "full-width", "'-3 MW'"),
        ("nan MW", "power", "not-finite", "finite"),
        ("1e999 MW", "power", "not-finite", "finite"),
        ("二百万千瓦", "power", "not-a-quantity", "digits"),
        ("2,45 GW", "power", "not-a-quantity", "decimal point"),
        ("1 000 MW", "power", "not-a-quantity", "'1,000 MW'"),
        ("3-5 GW", "power", "not-a-quantity", "one number"),
        ("__import__('os')", "power", "not-a-quantity", "digits"),
        ("", "power", "not-a-quantity", "digits"),
    ],
)
def test_faulty_text_says_code_and_remedy(text: str, dimension: str, code: str, remedy: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, dimension=dimension)
    assert caught.value.fault.code == code
    assert remedy in caught.value.fault.remedy


def test_any_quantity_comes_with_its_base_unit() -> None:
    # 36 CNY/MWh per GW = 0.036 CNY/MWh per MW; the base unit can be read again.
    value, unit = parse_any("36 CNY/MWh per GW")
    assert value == pytest.approx(0.036)
    assert convert(value, unit, "CNY/MWh/GW") == pytest.approx(36)
    assert parse_any("0.30") == (0.30, "")
    assert parse_any("30 %") == (0.30, "1")


def test_two_spellings_of_a_quantity_give_the_same_float_to_the_last_bit() -> None:
    for mw in range(1, 2000):
        spellings = (f"{mw} MW", f"{mw / 1000} GW", f"{mw / 10} 万千瓦", f"{mw * 1000} kW")
        assert {parse_quantity(text, dimension="power") for text in spellings} == {float(mw)}


def test_year_has_8760_hours_and_gj_is_3_6_to_the_mwh() -> None:
    assert convert(1, "yr", "h") == 8760
    assert convert(3.6, "GJ", "MWh") == pytest.approx(1)
    assert convert(165, "CNY/kW/yr", "CNY/MW/yr") == pytest.approx(165_000)


POWER_IN_KW = {"MW": 1e3, "GW": 1e6, "kW": 1.0, "万千瓦": 1e4, "千瓦": 1.0}


@given(
    st.integers(0, 10**9),
    st.sampled_from(sorted(POWER_IN_KW)),
    st.sampled_from(["", " ", "  "]),
    st.booleans(),
)
def test_every_spelling_of_a_power_gives_the_same_float(kw: int, unit: str, space: str, commas: bool) -> None:
    number = kw / POWER_IN_KW[unit]
    text = f"{number:,.9f}" if commas else f"{number:.9f}"
    assert parse_quantity(f"{text}{space}{unit}", dimension="power") == pytest.approx(kw / 1e3, rel=1e-9, abs=1e-9)


@given(st.text(max_size=20), st.sampled_from(sorted(DIMENSIONS)))
def test_any_text_is_a_quantity_or_a_fault_never_a_crash(text: str, dimension: str) -> None:
    fault = None
    try:
        parse_quantity(text, dimension=dimension)
    except QuantityError as error:
        fault = error.fault
    assert fault is None or (fault.code and fault.remedy)


@given(st.floats(0, 1e5))
def test_formatted_power_reads_back(mw: float) -> None:
    written = format_power(mw).split(" (")[0]
    assert parse_quantity(written, dimension="power") == pytest.approx(mw, abs=0.51)


def test_formats_show_both_ways_of_counting() -> None:
    assert format_power(2450) == "245.0 万千瓦 (2.45 GW)"
    assert format_power(132) == "13.2 万千瓦 (132 MW)"
    assert format_energy(16_500_000) == "165.0 亿千瓦时 (16.50 TWh)"
    assert format_energy(5_000) == "500.0 万千瓦时 (5.00 GWh)"
    assert format_money(810_000_000) == "8.10 亿元 (810.0 million CNY)"
    assert format_money(-2_400_000_000) == "-24.00 亿元 (-2.40 bn CNY)"
    assert format_price(246) == "0.246 元/千瓦时 (246 CNY/MWh)"
    assert format_share(0.049) == "4.9 %"


def test_importing_units_does_not_pay_for_pint() -> None:
    heavy = "{'pint', 'numpy', 'pandas', 'pypsa'}"
    code = f"import sys, xinzhou_energy.scenario; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
