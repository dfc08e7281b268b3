"""New wind and solar: open within county limits, given, or spread by room; yearly costs by hand."""

from __future__ import annotations

import pypsa
import pytest

from tiny_grid import SITING, tiny_data, tiny_scenario
from xinzhou_energy.errors import ScenarioError
from xinzhou_energy.network import assemble
from xinzhou_energy.network.costs import annuity_factor


def test_annuity_of_6_percent_over_25_years() -> None:
    assert annuity_factor(0.06, 25) == pytest.approx(0.0782267, rel=1e-6)


def test_annuity_without_interest_is_a_straight_share() -> None:
    assert annuity_factor(0.0, 20) == 0.05


@pytest.fixture(scope="module")
def open_city() -> pypsa.Network:
    return assemble(tiny_scenario(siting=SITING), tiny_data())


def sited(network: pypsa.Network) -> pypsa.Network:
    return network.generators[network.generators.sited.astype(bool)]


def test_one_gigawatt_of_wind_costs_0_402_bn_a_year(open_city: pypsa.Network) -> None:
    """4,090 CNY/kW, 6 %, 25 years, 2 % fixed operation; the connection comes on top."""
    connection = 18 * 1200 * (0.06 / (1 - 1.06**-40) + 0.015)
    cost = open_city.generators.capital_cost["Alpha onwind sited"]
    assert (cost - connection) * 1000 == pytest.approx(0.4018e9, rel=1e-3)


def test_the_plans_2450_megawatt_cost_0_81_bn_a_year(open_city: pypsa.Network) -> None:
    """Calibration section 5: 1,000 MW of wind at 4,090 and 1,450 MW of PV at 3,050 CNY/kW, without connections."""
    connection = 18 * 1200 * (0.06 / (1 - 1.06**-40) + 0.015)
    cost = open_city.generators.capital_cost - connection
    assert 1000 * cost["Alpha onwind sited"] + 1450 * cost["Alpha solar sited"] == pytest.approx(0.81e9, rel=0.01)


def test_longer_connection_costs_more_per_kilometre(open_city: pypsa.Network) -> None:
    """1,200 CNY/MW/km over 24 km more, as an annuity over 40 years."""
    cost = open_city.generators.capital_cost
    difference = cost["Beta onwind sited"] - cost["Alpha onwind sited"]
    assert difference == pytest.approx(24 * 1200 * (0.06 / (1 - 1.06**-40) + 0.015))


def test_every_county_is_open_within_its_limit(open_city: pypsa.Network) -> None:
    new = sited(open_city)
    assert new.p_nom_extendable.all()
    assert dict(new.p_nom_max) == {
        "Alpha onwind sited": 240,
        "Alpha solar sited": 300,
        "Beta onwind sited": 240,
        "Beta solar sited": 200,
    }
    assert new.is_new.all()
    assert new.is_clean.all()


def test_planners_limit_replaces_the_tables() -> None:
    city = assemble(tiny_scenario(siting={**SITING, "p_nom_max": {"Beta": {"solar": 25.0}}}), tiny_data())
    assert city.generators.p_nom_max["Beta solar sited"] == 25
    assert city.generators.p_nom_max["Alpha solar sited"] == 300


def test_given_sizes_are_fixed_and_still_count_as_sited() -> None:
    given = {"Alpha": {"onwind": 200.0}, "Beta": {"solar": 300.0}}
    city = assemble(tiny_scenario(siting={**SITING, "capacity": given}), tiny_data())
    new = sited(city)
    assert not new.p_nom_extendable.any()
    assert dict(new.p_nom[new.p_nom > 0]) == {"Alpha onwind sited": 200, "Beta solar sited": 300}


def test_new_wind_has_the_modern_turbine_and_stands_at_the_county(open_city: pypsa.Network) -> None:
    assert list(open_city.generators_t.p_max_pu["Beta onwind sited"]) == [0.5, 0.2, 1.0, 0.4]
    assert open_city.generators.bus["Beta onwind sited"] == "N220_Beta"


def test_additions_follow_the_room_of_the_counties() -> None:
    """Wind: Alpha 0.20 x 1,000 - 100 = 100 MW, Beta 0.55 x 2,000 - 100 = 1,000 MW: 1 to 10."""
    city = assemble(tiny_scenario(additions={"onwind": 550.0, "solar": 0.0}), tiny_data())
    added = city.generators.p_nom[city.generators.index.str.endswith("added")]
    assert dict(added) == pytest.approx({"Alpha onwind added": 50, "Beta onwind added": 500})


def test_additions_of_solar_follow_its_own_room() -> None:
    """Solar: Alpha 450 MW, Beta 0.45 x 2,000 - 50 = 850 MW."""
    city = assemble(tiny_scenario(additions={"solar": 130.0}), tiny_data())
    added = city.generators.p_nom[city.generators.index.str.endswith("added")]
    assert dict(added) == pytest.approx({"Alpha solar added": 45, "Beta solar added": 85})


def test_county_without_room_gets_nothing() -> None:
    limits = tiny_data().tables["siting_limits"].copy()
    limits.loc[("Alpha", "onwind"), "existing"] = 500.0
    city = assemble(tiny_scenario(additions={"onwind": 550.0}), tiny_data(tables={"siting_limits": limits}))
    added = city.generators.p_nom[city.generators.index.str.endswith("added")]
    assert dict(added) == pytest.approx({"Beta onwind added": 550})


def test_additions_beyond_the_room_are_refused_with_the_room() -> None:
    with pytest.raises(ScenarioError) as caught:
        assemble(tiny_scenario(additions={"onwind": 1101.0}), tiny_data())
    (found,) = caught.value.findings
    assert found.code == "no-room"
    assert "1,101" in found.found
    assert "1,100" in found.expected
