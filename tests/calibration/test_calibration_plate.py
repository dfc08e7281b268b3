"""The copper plate itself, on a network small enough to be worked out by hand."""

from __future__ import annotations

import pandas as pd
import pypsa
import pytest
from copper_plate import PLATE, base_data, copper_plate, headline, with_values

PLANT = {"kind": "plant", "border": "", "co2_intensity": 0.0}
HOURS = pd.date_range("2025-04-01 11:00", periods=2, freq="h", name="snapshot")


def two_towns(*, joined: bool = True) -> pypsa.Network:
    """Wind of 100 + 300 MW at 50 % and 100 %, coal of 100 MW at 60 % minimum, load 150 MW, a market for 80 MW."""
    network = pypsa.Network()
    network.set_snapshots(HOURS)
    network.add("Carrier", ["AC", "onwind", "solar", "coal", "market"])
    network.add("Bus", ["A", "B", "C", "M"], carrier="AC", kind=["county", "county", "station", "market"], county="")
    network.add("Line", "AB", bus0="A", bus1="B", x=0.1, s_nom=10)
    if joined:
        network.add("Line", "BC", bus0="B", bus1="C", x=0.1, s_nom=10)
    network.add("Link", "export", bus0="C", bus1="M", p_nom=80, efficiency=0.5, border="bth_existing")
    network.add("Load", "load", bus="A", p_set=150)
    for bus, p_nom, share in (("A", 100, 0.5), ("B", 300, 1.0)):
        profile = pd.Series(share, index=HOURS)
        network.add(
            "Generator",
            f"{bus} wind",
            bus=bus,
            carrier="onwind",
            technology="onwind",
            p_nom=p_nom,
            p_max_pu=profile,
            marginal_cost=1,
            **PLANT,
        )
    sun = pd.Series([0.0, 0.1], index=HOURS)
    network.add(
        "Generator",
        "A sun",
        bus="A",
        carrier="solar",
        technology="solar",
        p_nom=100,
        p_max_pu=sun,
        marginal_cost=1,
        **PLANT,
    )
    for bus, p_nom in (("B", 60), ("C", 40)):
        coal = {**PLANT, "co2_intensity": 0.9}
        network.add(
            "Generator",
            f"{bus} coal",
            bus=bus,
            carrier="coal",
            technology="coal",
            p_nom=p_nom,
            p_min_pu=0.6,
            marginal_cost=300,
            **coal,
        )
    buyer = {"kind": "market", "border": "bth_existing", "technology": "", "co2_intensity": 0.0}
    network.add("Generator", "buyer", bus="M", carrier="market", sign=-1, p_nom=1000, marginal_cost=-100, **buyer)
    return network


def test_plate_keeps_sizes_and_markets_and_drops_lines() -> None:
    plate = copper_plate(two_towns())
    assert set(plate.buses.index) == {PLATE, "M"}
    assert plate.lines.empty
    assert plate.links.loc["export", ["bus0", "bus1"]].tolist() == [PLATE, "M"]
    assert plate.generators.groupby("carrier").p_nom.sum().to_dict() == {
        "coal": 100,
        "market": 1000,
        "onwind": 400,
        "solar": 100,
    }
    assert len(plate.generators) == 4, "wind and coal of one cost are one generator each"


def test_headline_of_the_plate_matches_the_sum_done_by_hand() -> None:
    # Per hour: coal 60 (its minimum), load 150, sent 80, so wind and sun give 170 of 350 and 360 MW available.
    plate = copper_plate(two_towns())
    plate.add("StorageUnit", "store", bus=PLATE, carrier="PHS", p_nom=1, max_hours=0)
    plate.optimize(solver_name="highs", include_objective_constant=False, log_to_console=False)
    found = headline(plate)
    assert found.coal_hours == pytest.approx(2 * 60 / 100)
    assert found.onwind_hours == pytest.approx(2 * 350 / 400)
    assert found.solar_hours == pytest.approx(0.1)
    assert found.renewable_hours == pytest.approx(2 * 170 / 500)
    assert found.curtailment == pytest.approx(100 * (1 - 340 / 710))
    assert found.outflow == pytest.approx(160e-6)
    assert found.peak_outflow == found.spring_midday_peak == pytest.approx(0.08)
    assert found.bth == pytest.approx(160e-6)
    assert found.price == pytest.approx(1)
    assert found.hours_below_50 == 2
    assert found.co2_intensity == pytest.approx(0.9)


def test_plate_refuses_a_network_in_two_islands() -> None:
    network = two_towns()
    network.add("Bus", ["D", "E"], carrier="AC")
    network.add("Line", "DE", bus0="D", bus1="E", x=0.1, s_nom=10)
    with pytest.raises(ValueError, match="2 islands"):
        copper_plate(network)


def test_other_values_leave_the_shipped_ones_alone_and_know_every_name() -> None:
    data = base_data()
    before = data.calibration["a_w"]
    assert with_values(data, {"a_w": 0.1}).calibration["a_w"] == 0.1
    assert data.calibration["a_w"] == before
    with pytest.raises(KeyError, match="a_v"):
        with_values(data, {"a_v": 0.1})
