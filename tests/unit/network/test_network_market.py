"""The outside markets by hand: ladder, absorption cap, tight market, existing lines to Beijing-Tianjin-Hebei.

price(q) = level pi - s (q - Q0) - kappa dV within 6 to 900, at the middle of each step (calibration.md, section 1).
"""

from __future__ import annotations

import numpy as np
import pypsa
import pytest

from tiny_grid import tiny_data, tiny_scenario
from xinzhou_energy.network import assemble
from xinzhou_energy.network.market import absorption_cap, ladder_steps, market_parameters, reference_price


@pytest.fixture(scope="module")
def city() -> pypsa.Network:
    return assemble(tiny_scenario(), tiny_data())


def ladder(network: pypsa.Network, hour: int) -> list[float]:
    """Prices of the steps of one hour, in order."""
    steps = sorted(name for name in network.generators.index if name.startswith("Rest of Shanxi step"))
    return [round(-network.generators_t.marginal_cost[step].iloc[hour], 6) for step in steps]


def taken(network: pypsa.Network, hour: int) -> list[float]:
    """Widths of the steps of one hour. [MW]"""
    steps = sorted(name for name in network.generators.index if name.startswith("Rest of Shanxi step"))
    size = network.generators.p_nom[steps] * network.generators_t.p_max_pu[steps].iloc[hour]
    return [round(width, 6) for width in size]


def test_steps_are_two_gigawatts_then_one_each() -> None:
    steps = ladder_steps(12000, 2000, 1000)
    assert steps[:3] == [(0, 2000), (2000, 1000), (3000, 1000)]
    assert len(steps) == 11
    assert sum(width for _, width in steps) == 12000


def test_steps_never_add_up_to_more_than_the_ladder() -> None:
    assert sum(width for _, width in ladder_steps(12500, 2000, 1000)) == 12500


def test_winter_night_prices(city: pypsa.Network) -> None:
    """Hour 1: pi 200, no deviation, Q0 1,000: 230 at 1,000 MW, then 36 less per gigawatt, floor 6."""
    assert ladder(city, 0) == [230, 176, 140, 104, 68, 32, 6, 6, 6, 6, 6]


def test_windy_winter_midday_prices(city: pypsa.Network) -> None:
    """Hour 2: 115 - 0.012 x 9,000 = 7 at Q0 = 3,000; the first step's middle is 2,000 below it: 79."""
    assert ladder(city, 1)[:4] == [79, 25, 6, 6]


def test_calm_spring_night_prices(city: pypsa.Network) -> None:
    """Hour 3: 345 + 72 = 417 at Q0 = 1,000."""
    assert ladder(city, 2)[:3] == [417, 363, 327]


def test_spring_midday_prices(city: pypsa.Network) -> None:
    """Hour 4: 92 - 60 = 32 at Q0 = 3,000: 104, 50, 14, then the floor."""
    assert ladder(city, 3)[:5] == [104, 50, 14, 6, 6]


def test_prices_stop_at_the_cap() -> None:
    city = assemble(tiny_scenario(), tiny_data(calibration={"price_cap": 400.0}))
    assert ladder(city, 2)[:3] == [400, 363, 327]


def test_appetite_is_cut_from_the_last_steps(city: pypsa.Network) -> None:
    """Hour 4: 8,500 - 0.65 x 5,000 = 5,250 MW: two, one, one, one and a quarter gigawatt."""
    assert taken(city, 3) == [2000, 1000, 1000, 1000, 250, 0, 0, 0, 0, 0, 0]


def test_appetite_by_hour_within_floor_and_ceiling() -> None:
    """9,000; 6,800 - 5,850 = 950 -> floor 3,500; 9,000 + 3,900 = 12,900 -> ceiling 12,000; 5,250. [MW]"""
    data = tiny_data()
    values = market_parameters(tiny_scenario(), data)
    np.testing.assert_allclose(absorption_cap(data, values), [9000, 3500, 12000, 5250])


def test_season_factor_acts_at_midday_only() -> None:
    data = tiny_data(calibration={"season_factor_winter": 1.1, "a_w": 0.0})
    np.testing.assert_allclose(absorption_cap(data, market_parameters(tiny_scenario(), data)), [9000, 9350, 9000, 8500])


def test_tight_market_takes_less_at_midday_and_pays_less() -> None:
    """Hour 4: 8,000 - 0.75 x 5,000 = 4,250 MW; pi 80 + 0.1 x (80 - 190) = 69: 1.15 x 69 - 60 = 19.35 at Q0."""
    tight = assemble(tiny_scenario(market="tight"), tiny_data())
    assert taken(tight, 3) == [2000, 1000, 1000, 250, 0, 0, 0, 0, 0, 0, 0]
    assert ladder(tight, 3)[:3] == [91.35, 37.35, 6]


def test_tight_market_leaves_the_night_price_alone() -> None:
    tight = assemble(tiny_scenario(market="tight"), tiny_data())
    assert ladder(tight, 0)[0] == 230


def test_duck_deepens_the_midday_dip_against_its_season() -> None:
    """Winter mean 150, spring mean 190; only the hours with midday weight move."""
    np.testing.assert_allclose(reference_price(tiny_data(), duck_depth=1.2), [200, 90, 300, 58])


def test_market_link_loses_one_and_a_half_percent(city: pypsa.Network) -> None:
    link = city.links.loc["RS_RS_market"]
    assert (link.bus0, link.bus1, link.efficiency) == ("RS500", "RS_market", 0.985)
    assert link.border == "rest_of_shanxi"


def test_bth_takes_2000_in_the_evening_and_800_at_midday(city: pypsa.Network) -> None:
    link = city.links.loc["RS_BTH"]
    assert link.p_nom == 2000
    assert link.efficiency == 0.97
    assert list(city.links_t.p_max_pu["RS_BTH"] * link.p_nom) == pytest.approx([2000, 800, 2000, 800])


def test_bth_price_is_lower_at_midday_and_swings_a_quarter(city: pypsa.Network) -> None:
    """340 x (1 - 0.45 m) + 0.25 x (pi - 170)."""
    price = -city.generators_t.marginal_cost["BTH existing lines"]
    assert list(price) == pytest.approx([347.5, 169.5, 372.5, 164.5])


def test_hebei_south_is_there_only_when_asked_for(city: pypsa.Network) -> None:
    assert "XZ_hebei_south" not in city.links.index
    with_option = assemble(tiny_scenario(grid={"hebei_south": True}), tiny_data())
    assert with_option.links.loc["XZ_hebei_south", "border"] == "hebei_south"
    assert with_option.generators.loc["Hebei South", "p_nom"] == 2000
    assert "Hebei South" not in city.generators.index


def test_buyers_are_negative_generators_that_earn_their_price(city: pypsa.Network) -> None:
    buyers = city.generators[city.generators.kind == "market"]
    assert len(buyers) == 12
    assert set(buyers.sign) == {-1}
    assert (city.generators_t.marginal_cost[buyers.index] <= -6).all(axis=None)


def test_lowest_step_stays_above_the_cost_of_wind_after_losses(city: pypsa.Network) -> None:
    """Otherwise curtailment becomes economic (calibration.md, section 7)."""
    lowest = -city.generators_t.marginal_cost.max().max()
    wind = city.generators.marginal_cost["N220_Beta onwind"]
    assert lowest * 0.985 > wind
