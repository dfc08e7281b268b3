"""What a promise costs at the margin, from the solved year alone.

Two ways, by what the promise is in the model. A promise that is a constraint has the dual of its row. A promise that is
plant of a given size has the cost of a little more of it: yearly cost less what the little more earns at the prices of
its hours. Every limit of a component grows with its size, so by duality what it earns over its size is exactly that
derivative; costs are convex in it, so leaving the promise out never saves more than price times size. A siting with a
fixed split has two rows: its price is that of the total, a megawatt more of solar, and the bound does not hold.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from xinzhou_energy.network.commitments import owned
from xinzhou_energy.network.topology import county_bus
from xinzhou_energy.results.operation import capacity
from xinzhou_energy.results.verdicts.case import Case
from xinzhou_energy.scenario.commitments import UPGRADE

SIGN = {">=": 1.0, "<=": -1.0, "=": 1.0}


def price_of(case: Case) -> tuple[float | None, str]:
    """Return what one unit more of a promise costs, and its unit: negative where it saves. [CNY per unit and year]"""
    of_rows = row_price(case)
    return of_rows if of_rows[0] is not None else size_price(case)


def row_price(case: Case) -> tuple[float | None, str]:
    """Return the dual of the row that asks for the promise, per unit of its right-hand side.

    Of several rows on sizes the first counts, the total; of several shares the dearest. A ceiling's price is that of a
    unit less.
    """
    rows = case.rows.dropna(subset=["dual"]).drop_duplicates("id")
    if rows.empty:
        return None, ""
    on_sizes = rows[rows["stage"] == "siting"]
    first = on_sizes.iloc[0] if len(on_sizes) else rows.iloc[int(rows["dual"].abs().to_numpy().argmax())]
    units = {"siting": "CNY/MW", "dispatch": "CNY/t" if case.commitment.kind in {"account", "fuel"} else "CNY/MWh"}
    return float(first["dual"]) * SIGN[str(first["sense"])], units[str(first["stage"])]


def size_price(case: Case) -> tuple[float | None, str]:
    """Return the yearly cost of the promise's components less what they earn, per MW of the promise."""
    tables = owned(case.network, case.commitment.id)
    if not tables or case.commitment.id == "export_corridor":
        return None, ""
    if case.commitment.id == UPGRADE:
        return upgrade_price(case, tables["generators"]), "CNY/MW"
    cost = sum(yearly_cost(case, table, names) for table, names in tables.items())
    earned = sum(earnings(case, table, names) for table, names in tables.items())
    size = sum(
        float(capacity(getattr(case.network, table).loc[names]).sum())
        for table, names in tables.items()
        if table in {"generators", "storage_units"} and (table == "generators" or len(tables) == 1)
    )
    return ((cost - earned) / size, "CNY/MW") if size > 0 else (None, "")


def upgrade_price(case: Case, names: pd.Index) -> float | None:
    """Return what a megawatt more of the upgrade costs: its own cost less what it earns more than the part as it is."""
    units = case.network.generators.loc[names]
    size = capacity(units)
    if float(size.sum()) <= 0:
        return None
    worth = sum(
        size[name] * (per_megawatt(case, str(name)) - per_megawatt(case, str(units["upgrade_of"][name])))
        for name in names
    )
    return float((units["capital_cost"] * size).sum() - worth) / float(size.sum())


def per_megawatt(case: Case, name: str) -> float:
    """Return what a megawatt of a plant earns in the year; of a size of nothing, what it would but for its ramps."""
    plant = case.network.generators.loc[[name]]
    size = float(capacity(plant).iloc[0])
    if size > 0:
        return earnings(case, "generators", plant.index) / size
    network = case.network
    gain = network.buses_t.marginal_price[plant["bus"].iloc[0]]
    gain = gain - network.get_switchable_as_dense("Generator", "marginal_cost")[name]
    high, low = (network.get_switchable_as_dense("Generator", key)[name] for key in ("p_max_pu", "p_min_pu"))
    return case.year.total(gain.clip(lower=0.0) * high + gain.clip(upper=0.0) * low)


def yearly_cost(case: Case, table: str, names: pd.Index) -> float:
    """Annuities and fixed O&M. [CNY/a]"""
    components = getattr(case.network, table).loc[names]
    if "capital_cost" not in components:
        return 0.0
    return float((capacity(components) * components["capital_cost"]).sum())


def earnings(case: Case, table: str, names: pd.Index) -> float:
    """What components earn at the prices of their buses, variable cost paid. [CNY/a]"""
    network, year = case.network, case.year
    price = network.buses_t.marginal_price
    components = getattr(network, table).loc[names]
    if table == "links":
        ends = [price[components[end]].to_numpy() for end in ("bus0", "bus1")]
        return -year.total(network.links_t.p0[names] * ends[0] + network.links_t.p1[names] * ends[1])
    at_bus = price[components["bus"]].to_numpy()
    if table == "loads":
        return -year.total(network.loads_t.p_set[names] * (at_bus - left_behind(case, at_bus)))
    hours = network.generators_t if table == "generators" else network.storage_units_t
    component = "Generator" if table == "generators" else "StorageUnit"
    cost = network.get_switchable_as_dense(component, "marginal_cost")[names]
    given = hours.p[names] if table == "generators" else hours.p_dispatch[names]
    return year.total(hours.p[names] * components["sign"] * at_bus - given * cost)


def left_behind(case: Case, at_bus: np.ndarray) -> np.ndarray:
    """Price where the load of a block comes from: a load that moved in is paid for there if it moves back.

    Zero for a load that is new.
    """
    block = case.commitment.block
    if block is None or not block.load_moved:
        return np.zeros_like(at_bus)
    home = county_bus(case.network, block.county)
    return np.asarray(case.network.buses_t.marginal_price[[home]].to_numpy())
