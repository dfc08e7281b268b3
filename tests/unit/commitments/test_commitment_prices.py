"""Prices are derivatives: each against the city solved again a little larger and a little smaller.

Cost is the objective of the operation plus every annuity, read off another network each time. It is convex in a size,
so the price lies between the slopes on both sides, and leaving the promise out never saves more than price times size.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pypsa
import pytest
from small_ledger import Town, annuity, ledger_tables, town

from tiny_grid import SITING

SGLS, MOVED, BASE, UPGRADE = "power_system_sgls", "green_park_wutai", "base_ningwu", "coal_upgrade"
GUANGYU, STORAGE, SUPPLY = "coal_guangyu_3", "geothermal_biomass_storage", "coal_supply"
STEP = 1e-3
WARM = {"minimum_load_chp_heating": 0.9}
SLOW_RAMPS = {"coal_350_chp.ramp_limit": 0.1, "coal_660_usc.ramp_limit": 0.1}


def sized(**factors: float) -> Town:
    """Solve the city with some promises larger or smaller than they are; 0 leaves one out."""
    scale = {name: factors.get(name, 1.0) for name in (SGLS, MOVED, BASE, GUANGYU, STORAGE, UPGRADE)}
    promises: dict[str, object] = {
        SGLS: {"block": block(scale[SGLS], storage=40.0)},
        MOVED: {"block": block(scale[MOVED], storage=20.0, onwind=0.0, load=40.0, limit=60.0)},
        BASE: {"quantity": f"{300 * scale[BASE]!r} MW"},
        GUANGYU: {"quantity": f"{600 * scale[GUANGYU]!r} MW"},
        UPGRADE: {"sizes": {"K1": 400.0 * scale[UPGRADE], "K2": 100.0 * scale[UPGRADE]}},
    }  # fmt: skip
    promises = {name: said if scale[name] > 0 else {"active": False} for name, said in promises.items()}
    batteries = {"XZ500": {"p_nom": 200.0 * scale[STORAGE], "max_hours": 2.0}} if scale[STORAGE] > 0 else {}
    return town(promises, year=2030, batteries=batteries, economics=SLOW_RAMPS, calibration=WARM)


def block(scale: float, *, storage: float, onwind: float = 50.0, load: float = 60.0, limit: float = 30.0) -> dict:
    """Return a block in which everything is scaled."""
    return {
        "onwind": onwind * scale,
        "solar": 100.0 * scale,
        "load": load * scale,
        "storage": {"p_nom": storage * scale, "max_hours": 2.0},
        "export_limit": limit * scale,
        "import_limit": limit * scale,
    }


SIZE = {SGLS: 150.0, MOVED: 100.0, BASE: 300.0, GUANGYU: 600.0, STORAGE: 200.0, UPGRADE: 500.0}


@pytest.fixture(scope="module")
def city() -> Town:
    return sized()


@pytest.fixture(scope="module")
def priced(city: Town) -> Callable[[str], float]:
    """Return the price of a promise in the one city."""
    prices = city.ledger.verdicts.set_index("commitment")["price"]
    return lambda name: float(prices[name])


def slopes(city: Town, name: str) -> tuple[float, float]:
    """Return the cost of a little less and of a little more. [CNY/MW]"""
    step = STEP * SIZE[name]
    less, more = sized(**{name: 1 - STEP}).cost, sized(**{name: 1 + STEP}).cost
    return (city.cost - less) / step, (more - city.cost) / step


def check_price(city: Town, price: float, name: str) -> None:
    """Compare a price with both slopes; the noise is what the solver leaves in two costs of 1e8 CNY."""
    below, above = slopes(city, name)
    noise = 2e-9 * abs(city.cost) / (STEP * SIZE[name]) + 1e-6 * abs(price)
    assert below - noise <= price <= above + noise
    assert price == pytest.approx(below, rel=2e-3, abs=noise) or price == pytest.approx(above, rel=2e-3, abs=noise)


def check_convex(city: Town, price: float, name: str) -> None:
    saved = city.cost - sized(**{name: 0.0}).cost
    assert saved <= price * SIZE[name] + 2e-9 * abs(city.cost)


def test_ramps_and_minimum_output_bind_the_coal_project(city: Town) -> None:
    """Otherwise the price of the project would be tested without what makes it hard."""
    power = city.network.generators_t.p["K4 K4 name"]
    assert np.isclose(np.abs(np.diff(power)).max(), 0.1 * 600)
    least = city.network.get_switchable_as_dense("Generator", "p_min_pu")["K4 K4 name"] * 600
    assert np.isclose(power, least).any()


def test_the_storage_inside_the_blocks_works(city: Town) -> None:
    stored = city.network.storage_units_t.p_dispatch
    assert stored[f"{SGLS} battery"].sum() > 1
    assert stored[f"{MOVED} battery"].sum() > 1


@pytest.mark.parametrize(
    "name",
    [
        MOVED,  # load moved in, storage
        pytest.param(UPGRADE, marks=pytest.mark.slow),  # what is upgraded is taken from the plant
        pytest.param(GUANGYU, marks=pytest.mark.slow),  # minimum output, ramps
        pytest.param(SGLS, marks=pytest.mark.slow),
        pytest.param(BASE, marks=pytest.mark.slow),
        pytest.param(STORAGE, marks=pytest.mark.slow),
    ],
)
def test_the_price_of_a_size_is_the_slope_of_the_cost(city: Town, priced: Callable[[str], float], name: str) -> None:
    check_price(city, priced(name), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SIZE))
def test_leaving_a_promise_out_saves_at_most_price_times_size(
    city: Town, priced: Callable[[str], float], name: str
) -> None:
    check_convex(city, priced(name), name)


def test_a_block_costs_its_annuities_less_what_vanilla_pypsa_earns_with_it(city: Town) -> None:
    """The block alone, typed again in plain PyPSA, buys and sells at the city's prices at its bus."""
    price = city.network.buses_t.marginal_price["N220_Alpha"].to_numpy()
    alone = pypsa.Network()
    alone.set_snapshots(range(4))
    alone.add("Carrier", "AC")
    alone.add("Bus", ["grid", "block"], carrier="AC")
    alone.add("Generator", "buy", bus="grid", p_nom=1000.0, marginal_cost=list(price))
    alone.add("Generator", "sell", bus="grid", p_nom=1000.0, sign=-1, marginal_cost=list(-price))
    alone.add("Generator", "wind", bus="block", p_nom=50.0, p_max_pu=[0.6, 0.3, 1.0, 0.1], marginal_cost=1.0)
    alone.add("Generator", "sun", bus="block", p_nom=100.0, p_max_pu=[0.0, 0.792, 0.0, 0.99], marginal_cost=1.0)
    alone.add(
        "StorageUnit", "battery", bus="block", p_nom=40.0, max_hours=2.0, cyclic_state_of_charge=True,
        efficiency_store=0.86**0.5, efficiency_dispatch=0.86**0.5,
    )  # fmt: skip
    alone.add("Load", "load", bus="block", p_set=60.0)
    alone.add("Link", "export", bus0="block", bus1="grid", p_nom=30.0)
    alone.add("Link", "import", bus0="grid", bus1="block", p_nom=30.0)
    alone.optimize(solver_name="highs", log_to_console=False, include_objective_constant=False)
    connection = 18 * 1200 * (annuity(40) + 0.015)
    wind = 4.09e6 * (annuity(25) + 0.02) + connection
    sun = 3.05e6 * (annuity(25) + 0.015) + connection
    battery = 0.95e6 * 2 * (annuity(15) + 0.02)
    yearly = 50 * wind + 100 * sun + 40 * battery
    assert city.verdict(SGLS)["price"] == pytest.approx((yearly + float(alone.objective)) / 150, rel=1e-9)


def test_prices_of_sizes_are_per_megawatt_of_generation_or_of_storage(city: Town) -> None:
    units = city.ledger.verdicts.set_index("commitment")["price_unit"]
    assert {units[name] for name in SIZE} == {"CNY/MW"}
    assert units["growth"] == ""


def test_rows_that_do_not_bind_cost_nothing() -> None:
    """115 Mt of coal and the shares of the block are far off: the same cost without the rows, and a price of 0."""
    asked = {SUPPLY: {"binding": True}, SGLS: {"binding": True}}
    with_rows, without = town(asked), town({SGLS: {}})
    assert len(with_rows.rows) > len(without.rows)
    assert with_rows.cost == pytest.approx(without.cost, rel=1e-9)
    for name in asked:
        row = with_rows.verdict(name)
        assert row["verdict"] == "met"
        assert row["price"] == pytest.approx(0, abs=1e-6)
        assert row["rows"] > 0
    assert without.verdict(SUPPLY)["rows"] == 0
    assert np.isnan(without.verdict(SUPPLY)["price"])


@pytest.mark.slow
def test_the_price_of_a_ceiling_is_the_slope_of_the_cost() -> None:
    """One tonne less of coal, at 1,000 t that may be burnt."""
    cost = {tonnes: town({SUPPLY: {"binding": True, "quantity": f"{tonnes} t"}}) for tonnes in (1990, 2000, 2010)}
    price = cost[2000].verdict(SUPPLY)["price"]
    dearer, cheaper = (cost[1990].cost - cost[2000].cost) / 5, (cost[2000].cost - cost[2010].cost) / 5
    assert cheaper - 1e-3 <= price <= dearer + 1e-3
    assert price > 1


@pytest.mark.slow
def test_the_price_of_the_connection_is_the_slope_of_the_cost() -> None:
    """One megawatt more of the total, the wind in it fixed: sun."""

    def sited(total: float) -> Town:
        return town({}, siting={**SITING, "total": total})

    here, step = sited(500.0), 0.5
    below, above = (here.cost - sited(500 - step).cost) / step, (sited(500 + step).cost - here.cost) / step
    price = here.verdict("wind_solar_connection")["price"]
    assert below - 0.1 <= price <= above + 0.1
    assert here.verdict("wind_solar_connection")["verdict"] == "binding"


@pytest.mark.slow
def test_the_price_of_own_capacity_is_the_slope_of_the_cost() -> None:
    def asked(size: float) -> Town:
        promise = {"kind": "capacity", "carrier": "solar", "county": "Beta", "quantity": f"{size} MW", "binding": True}
        return town({"sun_in_beta": promise}, siting=SITING)

    here = asked(150.0)
    below, above = here.cost - asked(149.0).cost, asked(151.0).cost - here.cost
    price = here.verdict("sun_in_beta")["price"]
    assert below - 0.1 <= price <= above + 0.1
    assert price > 1000  # the longer connection of Beta


@pytest.mark.slow
def test_the_price_of_a_share_is_the_slope_of_the_cost() -> None:
    """A megawatt hour more that may be sold from the block."""

    def kept(own_use: float) -> Town:
        return town({SGLS: {"binding": True, "thresholds": {"own_use": own_use}}})

    here, less, more = kept(0.9), kept(0.899), kept(0.901)
    made = here.figure(SGLS, "block_generation")
    price = here.verdict(SGLS)["price"]
    assert (here.cost - less.cost) / (0.001 * made) == pytest.approx(price, rel=0.02)
    assert (more.cost - here.cost) / (0.001 * made) == pytest.approx(price, rel=0.02)


@pytest.mark.slow
def test_the_price_of_a_chosen_upgrade_is_that_of_a_given_one() -> None:
    """As good as free, all 1,400 MW are chosen; a given upgrade of 0.1 % less shows what the last of it is worth."""
    free = {"upgrades": ledger_tables()["upgrades"].assign(capital_cost=1.0)}
    chosen = town({UPGRADE: {"choice": True}}, tables=free)
    whole, less = (
        town({UPGRADE: {"sizes": {"K1": 1000 * part, "K2": 400 * part}}}, tables=free) for part in (1.0, 0.999)
    )
    assert chosen.cost == pytest.approx(whole.cost, rel=1e-9)
    slope = (whole.cost - less.cost) / 1.4
    price = chosen.verdict(UPGRADE)["price"]
    assert slope - 1e-3 * abs(slope) <= price <= 0
