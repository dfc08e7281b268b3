"""Buses, lines, links: the rows that are built, their impedances, and that everything reaches a market."""

from __future__ import annotations

import pandas as pd
import pytest

from xinzhou_energy.grid.tables import Tables

COUNTIES = (
    *("Baode", "Daixian", "Dingxiang", "Fanshi", "Hequ", "Jingle", "Kelan"),
    *("Ningwu", "Pianguan", "Shenchi", "Wutai", "Wuzhai", "Xinfu", "Yuanping"),
)
STATIONS = ["BD500", "HQ500", "NW500", "WZ500", "XG500", "XLC500", "XZ500", "XZB500"]
BORDER = ["HC500", "MHH500", "PC500", "RS500", "ST500", "YQ500"]


def test_buses_are_exactly_the_rows_in_model_plus_the_price_ladder(shipped: Tables) -> None:
    # rows of the reference grid table with in_model = yes, and RS_market
    buses = shipped["buses"]
    assert sorted(buses.index[buses["kind"] == "county"]) == [f"N220_{county}" for county in COUNTIES]
    assert sorted(buses.index[buses["kind"] == "station"]) == STATIONS
    assert sorted(buses.index[buses["kind"] == "border"]) == BORDER
    assert sorted(buses.index[buses["kind"] == "market"]) == ["BTH", "RS_market"]


def test_lines_are_exactly_the_rows_in_model(shipped: Tables) -> None:
    # context lines (L20-L37) and interfaces (I01-I03) of the reference table document, they are not built
    expected = [f"L{n:02}" for n in range(1, 14)] + [f"C{n:02}" for n in range(1, 15)]
    assert sorted(shipped["lines"].index) == sorted(expected + [f"B{n:02}" for n in range(1, 6)])


def test_x_and_r_are_per_km_values_times_length_over_circuits(shipped: Tables) -> None:
    for table in ("lines", "corridor_lines"):
        lines = shipped[table].dropna(subset="x_per_km")
        for total, per_km in (("x", "x_per_km"), ("r", "r_per_km")):
            expected = lines[per_km] * lines["length_km"] / lines["circuits"]
            assert lines[total].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-3), (table, total)


@pytest.mark.parametrize(
    ("line", "x", "s_nom"),
    [
        ("L01", 12.42, 3200),
        ("L10", 6.21, 3600),
        ("C01", 1.35, 1800),
        ("C11", 7.125, 1200),
        ("B03", 30.0, 6500),
    ],
)
def test_reactance_and_limit_of_known_lines(shipped: Tables, line: str, x: float, s_nom: float) -> None:
    assert shipped["lines"].at[line, "x"] == pytest.approx(x)
    assert shipped["lines"].at[line, "s_nom"] == s_nom


def test_only_border_equivalents_lack_a_length(shipped: Tables) -> None:
    lines = shipped["lines"]
    assert ((lines["length_km"] == 0) == (lines["equivalent"] == "border")).all()
    assert (lines.loc[lines["equivalent"] == "border", ["x", "r"]].to_numpy() == [30.0, 2.0]).all()


def test_every_county_has_one_equivalent_with_its_220_kv_end_first(shipped: Tables) -> None:
    lines, v_nom = shipped["lines"], shipped["buses"]["v_nom"]
    equivalents = lines[lines["equivalent"] == "county_220kV"]
    assert sorted(equivalents["bus0"]) == [f"N220_{county}" for county in COUNTIES]
    assert set(equivalents["v_nom"]) == {220.0}
    assert set(v_nom[equivalents["bus1"]]) == {500.0}


def test_upgrades_add_a_third_circuit(shipped: Tables) -> None:
    upgrades, lines = shipped["line_upgrades"], shipped["lines"]
    assert upgrades.set_index(["line", "plant"])["s_nom"].to_dict() == {
        ("L02", "P014"): 3600,
        ("L07", "P006"): 2800,
    }
    before = lines.loc[upgrades["line"], ["x", "r"]].to_numpy()
    assert upgrades[["x", "r"]].to_numpy() == pytest.approx(before * 2 / 3, abs=1e-9)
    assert set(upgrades["circuits"]) == {3}


def test_base_links_lead_from_the_rest_of_shanxi_to_its_market_and_to_bth(shipped: Tables) -> None:
    links = shipped["links"]
    base = links[links["option"] == "base"]
    assert {(row.bus0, row.bus1): (row.p_nom, row.efficiency) for row in base.itertuples()} == {
        ("RS500", "RS_market"): (30000, 0.985),
        ("RS500", "BTH"): (2000, 0.97),
    }
    assert list(links.index[links["option"] == "hebei_south"]) == ["XZ_hebei_south"]


def reached_from_markets(buses: pd.DataFrame, branches: list[tuple[str, str]]) -> set[str]:
    neighbours: dict[str, set[str]] = {bus: set() for bus in buses.index}
    for bus0, bus1 in branches:
        neighbours[bus0].add(bus1)
        neighbours[bus1].add(bus0)
    frontier = list(buses.index[buses["kind"] == "market"])
    reached = set(frontier)
    while frontier:
        new = neighbours[frontier.pop()] - reached
        reached |= new
        frontier += new
    return reached


def test_every_bus_with_load_or_plant_reaches_a_market(shipped: Tables) -> None:
    buses, lines, links, plants = (shipped[name] for name in ("buses", "lines", "links", "plants"))
    base = links[links["option"] == "base"]
    branches = [
        *zip(lines["bus0"], lines["bus1"], strict=True),
        *zip(base["bus0"], base["bus1"], strict=True),
    ]
    busy = {f"N220_{county}" for county in COUNTIES} | set(plants.loc[plants["bus"] != "", "bus"])
    assert busy <= reached_from_markets(buses, branches)
    without_county_line = [branch for branch in branches if branch[0] != "N220_Kelan"]
    assert "N220_Kelan" not in reached_from_markets(buses, without_county_line)


def test_collector_lines_join_the_four_stations_to_the_start_of_the_corridor(shipped: Tables) -> None:
    corridors, collectors = shipped["corridors"], shipped["corridor_lines"]
    assert set(corridors["bus0"]) == {"NW500"}
    for corridor in ("ac", "dc"):
        own = collectors[collectors["corridor"] == corridor]
        assert sorted(own["bus0"]) == ["HQ500", "WZ500", "XG500", "XZ500"]
        assert set(own["bus1"]) == {"NW500"}


def test_county_load_shares_follow_population_and_industry(shipped: Tables) -> None:
    counties = shipped["counties"]
    people = counties["population"] / counties["population"].sum()
    expected = 0.35 * people + 0.65 * counties["industry_weight"]
    assert counties["load_share"].to_numpy() == pytest.approx(expected.to_numpy(), abs=2e-6)
    assert counties["load_share"].sum() == pytest.approx(1, abs=1e-9)
    assert counties["load_share"].round(4)[["Yuanping", "Xinfu", "Kelan"]].tolist() == [
        0.2238,
        0.1407,
        0.0132,
    ]
