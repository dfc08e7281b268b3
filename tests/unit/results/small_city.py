"""A city of two counties, put together by each test from few parts with the columns of ARCHITECTURE.md."""

from __future__ import annotations

import pandas as pd
import pypsa

pypsa.options.api.legacy_string_dtype = False

NO_COST = {"fuel_cost": 0.0, "variable_om_cost": 0.0, "carbon_cost": 0.0, "start_cost": 0.0, "penalty_cost": 0.0}
COAL_COST = {"fuel_cost": 150.0, "variable_om_cost": 20.0, "carbon_cost": 50.0, "start_cost": 20.0, "penalty_cost": 0.0}
NO_ROWS = pd.DataFrame(
    {
        "id": pd.Series(dtype="str"),
        "origin": pd.Series(dtype="str"),
        "stage": pd.Series(dtype="str"),
        "variable": pd.Series(dtype="str"),
        "name": pd.Series(dtype="str"),
        "snapshot": pd.Series(dtype="datetime64[us]"),
        "coefficient": pd.Series(dtype="float64"),
        "sense": pd.Series(dtype="str"),
        "rhs": pd.Series(dtype="float64"),
    }
)


def empty_city(snapshots, *, energy_weight=1.0, cost_weight=1.0):
    """Two county buses A (Hequ) and B (Kelan) without a line between them."""
    network = pypsa.Network(name="small")
    network.set_snapshots(pd.DatetimeIndex(snapshots, name="snapshot"))
    network.snapshot_weightings["generators"] = energy_weight
    network.snapshot_weightings["objective"] = cost_weight
    network.snapshot_weightings["stores"] = 1.0
    carriers = ["AC", "onwind", "solar", "coal", "hydro", "PHS", "battery", "CBM", "market", "load", "link"]
    network.add("Carrier", [*carriers, "load_shedding", "must_run_slack"])
    add_bus(network, "A", kind="county", county="Hequ")
    add_bus(network, "B", kind="county", county="Kelan")
    network.meta = {"label": "synthetic, calibrated"}
    return network


def hours(*texts):
    return [pd.Timestamp(text) for text in texts]


def add_bus(network, name, *, kind, county=""):
    network.add(
        "Bus",
        name,
        kind=kind,
        county=county,
        name_zh=f"{name}站",
        name_en=name,
        carrier="AC",
        x=111.0,
        y=39.0,
        v_nom=220.0,
    )


def series(network, value):
    return pd.Series(value, index=network.snapshots, dtype=float) if isinstance(value, list) else value


def describe(network, bus, **columns):
    base = {
        "kind": "plant",
        "county": network.buses.county[bus],
        "technology": "",
        "name_zh": "电厂",
        "name_en": "plant",
        "is_new": False,
        "is_clean": False,
        "sited": False,
        "border": "",
        "co2_intensity": 0.0,
    }
    return {**base, **columns}


def add_plant(network, name, bus, carrier, p_nom, *, p_max_pu=1.0, cost=NO_COST, **columns):
    network.add(
        "Generator",
        name,
        bus=bus,
        carrier=carrier,
        p_nom=p_nom,
        p_max_pu=series(network, p_max_pu),
        marginal_cost=sum(cost.values()),
        **cost,
        **describe(network, bus, **columns),
    )


def add_renewable(network, name, bus, carrier, p_nom, p_max_pu, *, variable_om=1.0, **columns):
    cost = {**NO_COST, "variable_om_cost": variable_om}
    add_plant(network, name, bus, carrier, p_nom, p_max_pu=p_max_pu, cost=cost, is_clean=True, **columns)


def add_coal(network, name, bus, p_nom, **columns):
    """Coal at 240 CNY/MWh, 0.9 t/MWh, 40 %."""
    columns = {"co2_intensity": 0.9, "efficiency": 0.4, **columns}
    add_plant(network, name, bus, "coal", p_nom, cost=COAL_COST, **columns)


def add_load(network, bus, p_set):
    network.add(
        "Load", f"{bus} load", bus=bus, carrier="load", county=network.buses.county[bus], p_set=series(network, p_set)
    )


def add_line(network, bus0, bus1, s_nom):
    network.add(
        "Line",
        f"{bus0}-{bus1}",
        bus0=bus0,
        bus1=bus1,
        x=10.0,
        r=1.0,
        s_nom=s_nom,
        carrier="AC",
        name_zh="线",
        name_en="line",
    )


def add_border(network, bus, border, *, price, p_nom, efficiency=1.0, charge=0.0):
    """A link from a bus of the city to a market bus with one buyer of `p_nom`."""
    add_bus(network, border, kind="market")
    network.add(
        "Link",
        f"{bus}-{border}",
        bus0=bus,
        bus1=border,
        carrier="link",
        p_nom=1000.0,
        efficiency=efficiency,
        marginal_cost=charge,
        charge=charge,
        border=border,
        is_new=False,
        sited=False,
        name_zh="通道",
        name_en="link",
    )
    network.add(
        "Generator",
        f"{border} buyer",
        bus=border,
        carrier="market",
        sign=-1,
        p_nom=p_nom,
        marginal_cost=series(network, [-float(value) for value in price] if isinstance(price, list) else -float(price)),
        **NO_COST,
        **describe(network, border, kind="market", border=border),
    )


def add_slack(network, bus, kind, *, price, p_nom=1000.0):
    cost = {**NO_COST, "penalty_cost": price}
    network.add(
        "Generator",
        f"{bus} {kind}",
        bus=bus,
        carrier=kind,
        sign=1 if kind == "load_shedding" else -1,
        p_nom=p_nom,
        marginal_cost=price,
        **cost,
        **describe(network, bus, kind=kind),
    )


def add_storage(
    network, name, bus, carrier, p_nom, *, max_hours, duty=1.0, fee=0.0, efficiency=0.9, inflow=0.0, **columns
):
    cost = {**NO_COST, "variable_om_cost": fee}
    network.add(
        "StorageUnit",
        name,
        bus=bus,
        carrier=carrier,
        p_nom=p_nom,
        p_max_pu=duty,
        p_min_pu=0.0 if isinstance(inflow, list) else -duty,
        max_hours=max_hours,
        efficiency_store=efficiency,
        efficiency_dispatch=efficiency,
        cyclic_state_of_charge=True,
        inflow=series(network, inflow),
        marginal_cost=fee,
        **cost,
        **describe(network, bus, **columns),
    )


def solve(network):
    network.optimize.create_model(include_objective_constant=False)
    return resolve(network)


def resolve(network):
    status, condition = network.optimize.solve_model(
        solver_name="highs", io_api="direct", progress=False, solver_options={"output_flag": False}
    )
    assert (status, condition) == ("ok", "optimal")
    return network


def whole_city():
    """One of everything, so that every metric has a value: 2 x 2 hours, each standing for 10 hours."""
    network = empty_city(
        hours("2026-01-10 18:00", "2026-01-10 19:00", "2026-04-10 12:00", "2026-04-10 13:00"),
        energy_weight=10.0,
        cost_weight=10.0,
    )
    add_bus(network, "RS500", kind="border")
    add_line(network, "A", "B", 60.0)
    add_line(network, "B", "RS500", 100.0)
    add_load(network, "A", [50.0, 60.0, 40.0, 40.0])
    add_load(network, "B", [10.0, 10.0, 10.0, 10.0])
    add_coal(network, "P1 coal", "A", 80.0)
    add_renewable(network, "A onwind", "A", "onwind", 50.0, [0.4, 0.2, 0.9, 0.8])
    add_renewable(network, "B solar", "B", "solar", 60.0, [0.0, 0.0, 1.0, 0.9])
    add_renewable(
        network,
        "B solar sited",
        "B",
        "solar",
        40.0,
        [0.0, 0.0, 1.0, 0.9],
        is_new=True,
        sited=True,
        capital_cost=1000.0,
        p_nom_max=90.0,
    )
    add_storage(network, "PHS", "A", "PHS", 10.0, max_hours=4.0, duty=0.5, fee=25.0)
    add_storage(
        network, "River", "A", "hydro", 20.0, max_hours=2.0, inflow=[4.0, 4.0, 4.0, 4.0], efficiency=1.0, is_clean=True
    )
    add_border(
        network, "RS500", "rest_of_shanxi", price=[300.0, 300.0, 60.0, 60.0], p_nom=30.0, efficiency=0.98, charge=2.0
    )
    add_slack(network, "A", "load_shedding", price=10_000.0)
    add_slack(network, "B", "load_shedding", price=10_000.0)
    add_slack(network, "A", "must_run_slack", price=500.0)
    return network
