"""The base fleet against the official totals and the stated allocation rules."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
import pytest

from xinzhou_energy.grid.tables import Tables

EXACT = 1e-6
"""MW; the totals of the work report must come out exactly, not nearly."""


def total(values: Iterable[float]) -> float:
    return math.fsum(float(value) for value in values)


@pytest.fixture
def plants(shipped: Tables) -> pd.DataFrame:
    return shipped["plants"].join(shipped["technologies"][["carrier", "is_new_and_clean"]], on="technology")


def test_base_fleet_adds_up_to_the_work_report(plants: pd.DataFrame) -> None:
    # Xinzhou 2026 Government Work Report: 14,322.4 MW new and clean, 64.45 % of the total
    clean = total(plants.loc[plants["is_new_and_clean"], "counted_mw"])
    assert total(plants["counted_mw"]) == pytest.approx(22222.5, abs=EXACT)
    assert clean == pytest.approx(14322.4, abs=EXACT)
    assert total(plants.loc[plants["carrier"] == "coal", "counted_mw"]) == pytest.approx(7900.1, abs=EXACT)
    assert round(100 * clean / total(plants["counted_mw"]), 2) == 64.45


@pytest.mark.parametrize(
    ("carrier", "named", "remainder"),
    [
        ("coal", 7840.0, 60.1),
        ("PHS", 1200.0, 0.0),
        ("hydro", 884.0, 0.0),
        ("CBM", 144.0, 0.0),
        ("biomass", 60.0, 30.0),
        ("onwind", 4700.5, 1749.5),
        ("solar", 470.0, 5084.4),
        ("battery", 0.0, 0.0),
    ],
)
def test_each_carrier_splits_into_named_plants_and_remainder(
    plants: pd.DataFrame, carrier: str, named: float, remainder: float
) -> None:
    # capacity reconciliation of the reference dossier, section 3
    own = plants[plants["carrier"] == carrier]
    assert total(own.loc[~own["is_remainder"], "counted_mw"]) == pytest.approx(named, abs=EXACT)
    assert total(own.loc[own["is_remainder"], "counted_mw"]) == pytest.approx(remainder, abs=EXACT)


def test_named_plants_add_up(plants: pd.DataFrame) -> None:
    assert total(plants.loc[~plants["is_remainder"], "counted_mw"]) == pytest.approx(15298.5, abs=EXACT)


def test_wind_remainder_follows_listed_capacity_plus_50_mw(plants: pd.DataFrame, shipped: Tables) -> None:
    wind = plants[plants["technology"] == "onwind"]
    # P088 repeats P079 (same place, owner and size) and is left out
    listed = wind[~wind["is_remainder"] & wind["source"].str.startswith("GEM")].drop("P088")
    weight = listed.groupby("county")["capacity_mw"].sum().reindex(shipped["counties"].index, fill_value=0.0) + 50
    remainder = wind[wind["is_remainder"]].set_index("county")["counted_mw"]
    expected = 1749.5 * weight / weight.sum()
    assert remainder.sort_index().to_numpy() == pytest.approx(expected.sort_index().to_numpy(), abs=0.1)


def test_pv_remainder_is_70_percent_by_area_and_30_by_population(plants: pd.DataFrame, shipped: Tables) -> None:
    counties = shipped["counties"]
    area = counties["area_km2"] / counties["area_km2"].sum()
    people = counties["population"] / counties["population"].sum()
    solar = plants[(plants["technology"] == "solar") & plants["is_remainder"]]
    remainder = solar.set_index("county")["counted_mw"].sort_index()
    assert remainder.to_numpy() == pytest.approx((5084.4 * (0.7 * area + 0.3 * people)).to_numpy(), abs=0.1)


def test_thermal_remainder_is_the_rest_in_yuanping_and_waste_is_in_xinfu(plants: pd.DataFrame) -> None:
    single = plants[plants["is_remainder"] & ~plants["technology"].isin(["onwind", "solar"])]
    found = {(row.technology, row.county): row.counted_mw for row in single.itertuples()}
    assert found == {("coal_small", "Yuanping"): 60.1, ("biomass", "Xinfu"): 30.0}


def test_every_remainder_states_its_rule_and_no_named_plant_does(plants: pd.DataFrame) -> None:
    assert ((plants["allocation_rule"] != "") == plants["is_remainder"]).drop("P157").all()


def test_contested_and_cancelled_plants_count_nothing(plants: pd.DataFrame) -> None:
    idle = plants[plants["status"].isin(["planned", "excluded", "cancelled"])]
    assert (idle["counted_mw"] == 0).all()
    assert {"P006", "P010", "P011", "P013", "P014", "P088", "P151", "P157"} <= set(idle.index)


def test_half_of_the_border_hydro_is_counted(plants: pd.DataFrame) -> None:
    assert plants.loc[["P020", "P021"], "capacity_mw"].tolist() == [1080, 420]
    assert plants.loc[["P020", "P021"], "counted_mw"].tolist() == [540, 210]


def test_hydro_plants_and_only_they_name_an_inflow_profile(plants: pd.DataFrame) -> None:
    named = plants.loc[plants["hydro_profile"] != "", "hydro_profile"].to_dict()
    assert named == {"P020": "wanjiazhai", "P021": "longkou", "P022": "tianqiao", "P023": "tianqiao"}


@pytest.mark.parametrize(
    ("plant", "technology", "bus"),
    [
        ("P001", "coal_600_subcritical", "HQ500"),
        ("P002", "coal_600_supercritical", "HQ500"),
        ("P003", "coal_350_cfb", "HQ500"),
        ("P004", "coal_350_cfb", "N220_Hequ"),
        ("P005", "coal_600_supercritical", "XG500"),
        ("P006", "coal_660_usc", "XG500"),
        ("P007", "coal_350_cfb", "NW500"),
        ("P008", "coal_660_waste_chp", "BD500"),
        ("P009", "coal_350_chp", "N220_Xinfu"),
        ("P013", "coal_1000_usc_chp", "XZ500"),
        ("P014", "coal_1000_usc", "BD500"),
        ("P018", "CBM", "N220_Baode"),
        ("P024", "PHS", "XLC500"),
    ],
)
def test_large_plants_have_their_class_and_bus(plants: pd.DataFrame, plant: str, technology: str, bus: str) -> None:
    assert (plants.at[plant, "technology"], plants.at[plant, "bus"]) == (technology, bus)


def test_wind_and_solar_stand_on_the_bus_of_their_county(plants: pd.DataFrame) -> None:
    vre = plants[plants["technology"].isin(["onwind", "solar"]) & plants["in_service_2025"]]
    assert len(vre) == 110
    assert (vre["bus"] == "N220_" + vre["county"]).all()


def test_every_row_says_where_it_comes_from(shipped: Tables) -> None:
    for table, frame in shipped.frames.items():
        assert (frame["source"].str.len() > 0).all(), table
        assert not (frame["provenance"] == "user").any(), table
