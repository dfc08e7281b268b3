"""Every calibrated number stands in one table with its range, and none hides elsewhere."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from copper_plate import PROJECT, REFERENCE, base_data, base_scenario

from xinzhou_energy.errors import ScenarioError
from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.grid.tables import read_tables
from xinzhou_energy.profiles import market

EIGHT_KNOBS = {"a_mid", "a_w", "q0", "s", "level", "coal_cost_adder", "coal_online", "minimum_load"}
SEASONS = ("winter", "spring", "summer", "autumn")
# Set B moves these two beyond the ranges that the prototype judged for set A; the table says so in its notes.
MOVED = {"a_mid", "a_w"}
READ = re.compile(r"(?:calibration|values)\[f?\"([a-z0-9_{}]+)\"")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_tables(PROJECT / "data" / "grid").frames["calibration"]


@pytest.fixture(scope="module")
def knobs() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "calibration_knobs.csv", index_col="parameter")


def names_read_by_the_code() -> set[str]:
    """Collect the parameters that network code looks up, with a season in place of `{name}`."""
    found: set[str] = set()
    for file in (PROJECT / "src" / "xinzhou_energy" / "network").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(READ.findall(text))
        found |= set(re.findall(r"calibration\[\"\w+\" if .* else \"(\w+)\"", text))
    seasonal = {name for name in found if "{name}" in name}
    return (found - seasonal) | {name.replace("{name}", season) for name in seasonal for season in SEASONS}


def test_every_parameter_has_a_range_around_its_value_and_says_where_it_comes_from(table: pd.DataFrame) -> None:
    assert (table["low"] < table["high"]).all()
    assert table["value"].between(table["low"], table["high"]).all()
    assert (table["source"].str.len() > 0).all()
    assert set(table["provenance"]) == {"assumed"}, "nothing of the calibration is measured"


def test_there_are_eight_knobs_and_everything_else_is_fixed(table: pd.DataFrame) -> None:
    assert set(table.loc[table["knob"], "group"]) == EIGHT_KNOBS
    assert set(table.loc[~table["knob"], "group"]) == {"fixed"}


def test_knobs_start_from_set_b_within_the_ranges_of_the_prototype(table: pd.DataFrame, knobs: pd.DataFrame) -> None:
    assert set(knobs.index) == set(table.index[table["knob"]])
    shipped = table.loc[knobs.index]
    assert shipped["unit"].tolist() == knobs["unit"].tolist()
    assert shipped["value"].to_numpy() == pytest.approx(knobs["prototype_value"].to_numpy())
    ranged = knobs["prototype_low"].notna() & ~knobs.index.isin(MOVED)
    for bound in ("low", "high"):
        assert shipped.loc[ranged, bound].to_numpy() == pytest.approx(
            knobs.loc[ranged, f"prototype_{bound}"].to_numpy()
        )


def test_a_moved_range_keeps_its_width_and_explains_itself(table: pd.DataFrame, knobs: pd.DataFrame) -> None:
    for name in sorted(MOVED):
        width = knobs.loc[name, "prototype_high"] - knobs.loc[name, "prototype_low"]
        assert table.loc[name, "high"] - table.loc[name, "low"] == pytest.approx(width)
        assert "range of set A" in table.loc[name, "note"]


def test_every_parameter_that_the_network_reads_is_in_the_table(table: pd.DataFrame) -> None:
    read = names_read_by_the_code()
    assert len(read) > 30, "the search finds the places where parameters are read"
    assert read <= set(table.index)


def test_every_knob_is_read_by_the_network(table: pd.DataFrame) -> None:
    assert set(table.index[table["knob"]]) <= names_read_by_the_code()


def test_no_parameter_is_for_one_hour_or_one_month(table: pd.DataFrame) -> None:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    assert not [name for name in table.index if re.search(rf"(?:^|_)(?:{'|'.join(months)}|month|hour|h)_?\d*$", name)]


def test_rows_that_document_another_place_agree_with_it(table: pd.DataFrame) -> None:
    clock = ["midday_ramp_start", "midday_full_from", "midday_full_to", "midday_ramp_end"]
    index = base_data().profiles["snapshot"].to_index()[:24]
    weight = pd.Series(market.midday_weight(index), index=index.hour + 0.5)
    start, full_from, full_to, end = table.loc[clock, "value"]
    assert (weight[(weight.index <= start) | (weight.index >= end)] == 0).all()
    assert (weight[(weight.index >= full_from) & (weight.index <= full_to)] == 1).all()
    between = weight[
        ((weight.index > start) & (weight.index < full_from)) | ((weight.index > full_to) & (weight.index < end))
    ]
    assert between.between(0, 1, inclusive="neither").all()
    province = base_data().tables["weather_province"]
    assert province["wind_mw"].sum() == table.loc["rest_of_shanxi_wind", "value"]
    assert province["solar_mw"].sum() == table.loc["rest_of_shanxi_pv", "value"]


def test_a_scenario_may_change_a_knob_within_reason_and_not_beyond() -> None:
    assert read_grid(base_scenario().with_changes(calibration={"a_w": 0.5})).calibration["a_w"] == 0.5
    with pytest.raises(ScenarioError, match=r"calibration\.a_w"):
        read_grid(base_scenario().with_changes(calibration={"a_w": 5.0}))
