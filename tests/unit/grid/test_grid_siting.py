"""Siting limits and headroom recomputed from their formulas and the other tables."""

from __future__ import annotations

import pandas as pd
import pytest

from xinzhou_energy.grid.tables import Tables


def existing(shipped: Tables, technology: str) -> pd.Series:
    plants = shipped["plants"]
    own = plants[(plants["technology"] == technology) & (plants["county"] != "")]
    return own.groupby("county")["counted_mw"].sum().reindex(shipped["counties"].index)


def density_of(capacity_factor: float) -> float:
    return 0.9 if capacity_factor > 0.30 else 0.55 if capacity_factor > 0.27 else 0.2


@pytest.mark.parametrize(("technology", "annual_limit", "room"), [("onwind", 240, 3000), ("solar", 300, 3800)])
def test_limits_follow_the_formula(shipped: Tables, technology: str, annual_limit: float, room: float) -> None:
    # calibration report section 5: "these caps leave 3.0 GW wind and 3.8 GW PV of room"
    limits = shipped["siting_limits"].xs(technology, level="technology")
    if technology == "onwind":
        assert limits["density"].tolist() == [density_of(value) for value in limits["new_turbine_cf"]]
    else:
        assert (limits["density"] == 0.45).all()
    assert limits["existing"].to_numpy() == pytest.approx(existing(shipped, technology).to_numpy())
    free = limits["density"] * shipped["counties"]["area_km2"] - existing(shipped, technology)
    assert limits["p_nom_max"].to_numpy() == pytest.approx(free.clip(0, annual_limit).to_numpy(), abs=0.01)
    assert (limits["annual_limit"] == annual_limit).all()
    assert limits["p_nom_max"].sum() == pytest.approx(room, abs=50)


def test_shenchi_and_wutai_are_short_of_ridge_area(shipped: Tables) -> None:
    wind = shipped["siting_limits"].xs("onwind", level="technology")["p_nom_max"]
    assert wind["Shenchi"] == pytest.approx(132, abs=0.5)
    assert wind["Wutai"] < 160


def test_every_county_has_a_limit_for_wind_and_solar(shipped: Tables) -> None:
    expected = [(county, technology) for county in shipped["counties"].index for technology in ("onwind", "solar")]
    assert list(shipped["siting_limits"].index) == expected


def test_connection_is_the_length_of_the_county_equivalent(shipped: Tables) -> None:
    lines = shipped["lines"]
    length = lines[lines["equivalent"] == "county_220kV"].set_index("bus0")["length_km"]
    for (county, _), row in shipped["siting_limits"].iterrows():
        assert row["connection_km"] == length[f"N220_{county}"]


def test_headroom_follows_the_formula(shipped: Tables) -> None:
    plants, counties = shipped["plants"], shipped["counties"]
    mean_load = shipped["demand"].at[2025, "energy"] / 8760 * counties["load_share"]
    local = plants[plants["bus"].str.startswith("N220") & ~plants["technology"].isin(["onwind", "solar"])]
    other = local.groupby("county")["counted_mw"].sum().reindex(counties.index, fill_value=0.0)
    vre = existing(shipped, "onwind") + existing(shipped, "solar")
    headroom = shipped["substation_headroom"]
    limit = shipped["lines"].loc[headroom["line"], "s_nom"].to_numpy()
    expected = 1.25 * limit + 0.6 * mean_load - 0.75 * vre - 0.6 * other
    assert headroom["headroom"].to_numpy() == pytest.approx(expected.to_numpy(), abs=0.06)
    assert (shipped["lines"].loc[headroom["line"], "bus0"] == "N220_" + headroom.index).all()


def test_limits_leave_room_for_the_plan_of_2026(shipped: Tables) -> None:
    room = shipped["siting_limits"]["p_nom_max"].groupby("county").sum()
    usable = room.clip(upper=shipped["substation_headroom"]["headroom"])
    assert usable.sum() > 2450
