"""The network of the real city: its fleet as assembled, and every shipped scenario tied to a market."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pandas as pd
import pypsa
import pytest

from xinzhou_energy.network import assemble
from xinzhou_energy.scenario import load_scenario
from xinzhou_energy.scenario.load import scenario_files

SCENARIOS = Path(__file__).parents[3] / "scenarios"
BASE_COLUMNS = ["carrier", "p_nom", "is_new", "is_clean", "kind"]


@pytest.fixture(scope="module")
def base(quick, cut_days: Callable) -> pypsa.Network:
    """Return the base year's fleet on one day."""
    return assemble(load_scenario(SCENARIOS / "base_2025.yaml"), cut_days(quick.data, "2026-05-13"))


def plants(network: pypsa.Network) -> pd.DataFrame:
    units = pd.concat([network.generators[BASE_COLUMNS], network.storage_units[BASE_COLUMNS]])
    return units[units.kind == "plant"].astype({"is_new": bool, "is_clean": bool})


def test_base_fleet_as_assembled_is_the_official_one(base: pypsa.Network) -> None:
    """Government Work Report 2026: 22,222.5 MW, of it 14,322.4 MW new and clean (64.45 %), the rest coal."""
    fleet = plants(base)
    assert fleet.p_nom.sum() == pytest.approx(22222.5, abs=1e-6)
    assert fleet.p_nom[fleet.is_clean].sum() == pytest.approx(14322.4, abs=1e-6)
    assert fleet.p_nom[fleet.carrier == "coal"].sum() == pytest.approx(7900.1, abs=1e-6)
    assert 100 * fleet.p_nom[fleet.is_clean].sum() / fleet.p_nom.sum() == pytest.approx(64.45, abs=0.005)


def test_clean_and_coal_are_the_whole_base_fleet(base: pypsa.Network) -> None:
    fleet = plants(base)
    assert ((fleet.carrier == "coal") != fleet.is_clean).all()
    assert not fleet.is_new.any()


def test_pumped_storage_and_rivers_count_in_full(base: pypsa.Network) -> None:
    """Xilongchi 1,200 MW; the Shanxi halves of Wanjiazhai and Longkou, Tianqiao and the small Hutuo plants: 884 MW."""
    size = base.storage_units.groupby("carrier")["p_nom"].sum()
    assert size["PHS"] == 1200
    assert size["hydro"] == pytest.approx(884)


@pytest.mark.parametrize("path", scenario_files(SCENARIOS), ids=lambda path: path.stem)
@pytest.mark.parametrize("market", ["frozen", "tight"])
def test_every_used_bus_of_a_shipped_scenario_reaches_a_market(
    path: Path, market: str, quick, cut_days: Callable
) -> None:
    """Independent of `check_reaches_market`: the connected components of the graph of lines and links."""
    scenario = load_scenario(path)
    if scenario.year > 2025:
        scenario = scenario.with_changes(market=market)
    network = assemble(scenario, cut_days(quick.data, "2026-05-13", 3))
    graph = network.graph()

    used = {*network.loads.bus, *network.generators.bus, *network.storage_units.bus}
    for part in nx.connected_components(nx.Graph(graph)):
        if part & used:
            assert part & set(network.buses.index[network.buses.kind == "market"]), part


def test_new_stations_and_their_lines_are_in_service_in_the_base_year(base: pypsa.Network) -> None:
    assert {"NW500", "XZB500"} <= set(base.buses.index)
    ends = base.lines[["bus0", "bus1"]]
    for station in ("NW500", "XZB500"):
        assert (ends == station).any(axis=1).sum() >= 3, station


def test_border_equivalents_join_the_rest_of_shanxi(base: pypsa.Network) -> None:
    border = base.lines[base.lines.index.str.startswith("B")]
    assert list(border.index) == ["B01", "B02", "B03", "B04", "B05"]
    assert set(border.bus1) == {"RS500"}
    assert set(border.x) == {30}


def test_upgrades_travel_with_the_real_projects(quick, cut_days: Callable) -> None:
    data = cut_days(quick.data, "2026-05-13", 3)
    plan = load_scenario(SCENARIOS / "plan_2026.yaml")
    xuangang = assemble(load_scenario(SCENARIOS / "plan_2026_xuangang.yaml"), data)
    baode = assemble(plan.with_changes(projects={"P014": {"in_service": True}}), data)
    alone = assemble(plan, data)
    assert [network.lines.s_nom["L07"] for network in (alone, xuangang, baode)] == [2000, 2800, 2000]
    assert [network.lines.s_nom["L02"] for network in (alone, xuangang, baode)] == [2400, 2400, 3600]


def test_names_are_unique_over_generators_links_and_storage(quick) -> None:
    network = quick.year
    names = [*network.generators.index, *network.links.index, *network.storage_units.index]
    assert len(names) == len(set(names))


def test_every_component_has_both_names_and_a_known_carrier(quick) -> None:
    network = quick.year
    for table in (network.buses, network.generators, network.storage_units, network.links, network.lines):
        assert (table["name_zh"].str.len() > 0).all()
        assert (table["name_en"].str.len() > 0).all()
        assert set(table.carrier) <= set(network.carriers.index)
