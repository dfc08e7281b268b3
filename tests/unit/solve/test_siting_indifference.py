"""How far sizes may move before the plan costs noticeably more, by hand on two counties."""

from __future__ import annotations

import pandas as pd
import pypsa
import pytest

from xinzhou_energy.formulation.constraints.siting import capacity_row
from xinzhou_energy.solve import siting_range


def solved(price_b: float) -> tuple[pypsa.Network, pd.DataFrame]:
    """Two counties, 100 MW sited at A; one hour at full output weighted 1,000 h, prices 200 and `price_b` CNY/MWh."""
    network = pypsa.Network()
    network.set_snapshots(pd.date_range("2026-01-01", periods=1, freq="h"))
    network.snapshot_weightings.loc[:, "objective"] = 1000.0
    for bus, price in (("A", 200.0), ("B", price_b)):
        network.add("Bus", bus)
        network.buses_t.marginal_price[bus] = price
        network.add("Generator", bus, bus=bus, p_nom=100.0 if bus == "A" else 0.0, p_nom_max=150.0,
                    capital_cost=100_000.0, p_max_pu=pd.Series(1.0, network.snapshots), sited=True,
                    kind="plant")  # fmt: skip
    rows = capacity_row("siting_total", "siting", pd.Index(["A", "B"]), "=", 100.0)
    return network, rows


def test_equal_counties_may_swap_everything() -> None:
    span = siting_range(*solved(200.0))
    assert list(span.loc["A"]) == pytest.approx([0, 100], abs=0.01)
    assert list(span.loc["B"]) == pytest.approx([0, 100], abs=0.01)


def test_dearer_county_may_take_what_three_percent_buy() -> None:
    """3 % of 10 m CNY are 300,000; a megawatt at B earns 10 CNY x 1,000 h less: 30 MW may move."""
    span = siting_range(*solved(190.0))
    assert list(span.loc["A"]) == pytest.approx([70, 100], abs=0.01)
    assert list(span.loc["B"]) == pytest.approx([0, 30], abs=0.01)


def test_the_point_found_lies_in_its_range(quick_network: pypsa.Network, quick_run) -> None:
    span = siting_range(quick_network, quick_run.rows)
    size = quick_network.generators.p_nom[span.index]
    assert (span["low"] <= size + 0.01).all()
    assert (size <= span["high"] + 0.01).all()
    assert (span["high"] <= quick_network.generators.p_nom_max[span.index] + 0.01).all()
