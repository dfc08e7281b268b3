"""The export corridor by hand: none, the options of the table, and one of the planner's own."""

from __future__ import annotations

import numpy as np
import pytest
from small_ledger import Town, annuity, asking, build, meaning, town

from tiny_grid import tiny_tables
from xinzhou_energy.errors import FormulationError
from xinzhou_energy.formulation import build_rows

CORRIDOR = "export_corridor"
BUYERS = [f"BTH corridor step {number}" for number in (1, 2, 3)]
MIDDAY = np.array([0.0, 1.0, 0.0, 1.0])
OWN = {
    "option": "own", "p_nom": 150.0, "loss": 0.1, "charge": 20.0, "price": 1000.0, "capital_cost": 1_000_000.0,
    "bus0": "NW500",
}  # fmt: skip
OWN_YEARLY = 1e6 * (annuity(40) + 0.015)  # CNY/MW/a
COLLECTORS = float(tiny_tables()["corridor_lines"]["capital_cost"]["ac_XZ_NW"]) * (annuity(40) + 0.015)  # CNY/a


@pytest.fixture(scope="module")
def own() -> Town:
    """At 1,000 CNY/MWh every hour pays: 150 MW are sent and 135 MW arrive, 50 + 50 + 35 over the three steps."""
    return town({"base_ningwu": {}}, year=2030, corridor={**OWN, "charge": 0.0})


def test_without_a_corridor_there_is_none() -> None:
    _, data, network = build({}, year=2030)
    assert not [name for name in network.links.index if "corridor" in name]
    assert not [name for name in network.buses.index if "corridor" in name]
    assert not data.commitments[CORRIDOR].active


@pytest.mark.parametrize(
    ("option", "size", "loss", "investment"),
    [("ac", 4000, 0.035, 3734 * 420), ("dc", 8000, 0.045, 3071 * 420 + 200_000)],
)
def test_an_option_of_the_table_by_hand(option: str, size: float, loss: float, investment: float) -> None:
    """Price 330, at midday 35 % less, in steps of 40; the collectors come with the option."""
    _, _, network = build({}, year=2030, corridor={"option": option})
    link = network.links.loc[f"{option} corridor"]
    assert (link["bus0"], link["p_nom"], link["charge"], link["marginal_cost"]) == ("NW500", size, 0, 0)
    assert link["efficiency"] == pytest.approx(1 - loss)
    assert link["capital_cost"] == pytest.approx(investment * (annuity(40) + 0.015))
    assert link["commitment"] == CORRIDOR
    assert list(network.generators["p_nom"][BUYERS]) == pytest.approx([size / 3] * 3)
    for name, step in zip(BUYERS, (0, 40, 80), strict=True):
        price = -network.generators_t.marginal_cost[name].to_numpy()
        assert list(price) == pytest.approx(list(330 * (1 - 0.35 * MIDDAY) - step))
    assert f"{option}_XZ_NW" in network.lines.index


def test_an_own_corridor_by_hand() -> None:
    """Loss, charge, price, cost and place are the planner's; length and lifetime those of the AC option."""
    _, _, network = build({}, year=2030, corridor={**OWN, "bus0": "XZ500"})
    link = network.links.loc["own corridor"]
    assert (link["bus0"], link["p_nom"], link["charge"], link["marginal_cost"]) == ("XZ500", 150, 20, 20)
    assert link["efficiency"] == pytest.approx(0.9)
    assert link["capital_cost"] == pytest.approx(OWN_YEARLY)
    assert list(network.generators["p_nom"][BUYERS]) == [50] * 3
    assert list(-network.generators_t.marginal_cost[BUYERS[1]]) == pytest.approx(list(1000 * (1 - 0.35 * MIDDAY) - 40))
    assert "ac_XZ_NW" in network.lines.index


def test_full_load_hours_are_what_is_sent_over_the_size(own: Town) -> None:
    assert list(own.network.links_t.p0["own corridor"]) == pytest.approx([150] * 4)
    assert list(-own.network.links_t.p1["own corridor"]) == pytest.approx([135] * 4)
    assert own.figure(CORRIDOR, "corridor_hours") == pytest.approx(4)


def clean_by_hand(own: Town) -> float:
    """Wind and sun over the output of all plants, the river among them, weighed by what is sent (always the same)."""
    network = own.network
    plants = network.generators[network.generators["kind"] == "plant"]
    power = network.generators_t.p[plants.index]
    river = network.storage_units_t.p["H1 H1 name"]
    clean = power[plants.index[plants["carrier"].isin(["onwind", "solar"])]].sum(axis=1)
    return float((clean / (power.sum(axis=1) + river)).mean())


def test_the_clean_share_is_that_of_the_hours_in_which_it_is_sent(own: Town) -> None:
    share = clean_by_hand(own)
    assert 0.05 < share < 0.9
    assert own.figure(CORRIDOR, "corridor_clean_share") == pytest.approx(100 * share)


def paid_by_hand() -> float:
    """Twice 1,000 and twice 650 CNY/MWh for 135 MW, less 40 for 50 MW and 80 for 35 MW in each hour."""
    return 2 * (1000 + 650) * 135 - 4 * (40 * 50 + 80 * 35)


def test_the_annuity_of_the_corridor_is_its_cost(own: Town) -> None:
    assert own.figure(CORRIDOR, "corridor_annuity") == pytest.approx(150 * OWN_YEARLY + COLLECTORS)


def test_benefit_is_what_is_paid_less_what_is_sent_is_worth(own: Town) -> None:
    worth = float(own.network.buses_t.marginal_price["NW500"].sum()) * 150
    assert own.figure(CORRIDOR, "corridor_benefit") == pytest.approx(paid_by_hand() - worth)
    row = own.verdict(CORRIDOR)
    assert row["value"] == pytest.approx((paid_by_hand() - worth) / (150 * OWN_YEARLY + COLLECTORS))
    assert (row["target"], row["unit"], row["verdict"]) == (1, "per unit", "missed")  # four hours pay no annuity


@pytest.mark.slow
def test_a_charge_is_no_benefit() -> None:
    """20 CNY/MWh on 600 MWh are a cost of the operation, and so no benefit of the corridor."""
    city = town({}, year=2030, corridor=OWN)
    worth = float(city.network.buses_t.marginal_price["NW500"].sum()) * 150
    assert city.figure(CORRIDOR, "corridor_benefit") == pytest.approx(paid_by_hand() - worth - 20 * 600)


def test_a_corridor_is_met_when_all_three_thresholds_are(own: Town) -> None:
    """The same year at thresholds on either side of what was found."""
    share = clean_by_hand(own)
    ratio = own.verdict(CORRIDOR)["value"]
    kept = {"hours": 4.0, "clean_share": share - 0.01, "benefit_cost": ratio - 1e-4}
    assert asking(own, CORRIDOR, **kept).verdict(CORRIDOR)["verdict"] == "met"
    for name, value in (("hours", 4.1), ("clean_share", share + 0.01), ("benefit_cost", ratio + 1e-4)):
        assert asking(own, CORRIDOR, **{**kept, name: value}).verdict(CORRIDOR)["verdict"] == "missed"


@pytest.mark.slow
def test_binding_hours_send_what_does_not_pay() -> None:
    """At a price of 10 CNY/MWh nothing is sent by itself; three hours of 150 MW are asked for."""
    poor = {**OWN, "price": 10.0, "charge": 0.0}
    city = town({CORRIDOR: {"binding": True, "thresholds": {"hours": 3.0}}}, year=2030, corridor=poor)
    assert city.network.links_t.p0["own corridor"].sum() == pytest.approx(450)
    row = city.rows[city.rows["commitment"] == CORRIDOR]
    assert set(row["sense"]) == {">="}
    assert set(row["rhs"]) == {450}
    verdict = city.verdict(CORRIDOR)
    assert verdict["price"] > 100  # city prices are 290 to 410 CNY/MWh
    assert verdict["price_unit"] == "CNY/MWh"


def test_binding_hours_of_an_open_corridor_are_refused() -> None:
    open_ = {key: value for key, value in OWN.items() if key != "p_nom"} | {"p_nom_max": 150.0}
    scenario, _, network = build({CORRIDOR: {"binding": True}}, year=2030, corridor=open_)
    with pytest.raises(FormulationError, match="binds-nothing"):
        build_rows(network, scenario)


def test_a_corridor_that_is_listed_needs_an_option() -> None:
    scenario, _, network = build({CORRIDOR: {}}, year=2030)
    with pytest.raises(FormulationError, match="does-nothing") as caught:
        build_rows(network, scenario)
    assert "corridor.option" in caught.value.findings[0].remedy


def test_a_corridor_left_out_is_not_built() -> None:
    _, _, network = build({CORRIDOR: {"active": False}}, year=2030, corridor=OWN)
    assert "own corridor" not in network.links.index
    assert "BTH_corridor" not in network.buses.index
    assert "ac_XZ_NW" not in network.lines.index


def test_a_block_that_counts_toward_the_corridor_is_not_the_corridor(own: Town) -> None:
    city = meaning(own, "base_ningwu", counts_toward=CORRIDOR)
    assert city.figure(CORRIDOR, "corridor_annuity") == pytest.approx(150 * OWN_YEARLY + COLLECTORS)
    assert city.figure(CORRIDOR, "corridor_hours") == pytest.approx(4)
