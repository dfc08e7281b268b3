"""Hourly series of a run as one long table: what a chart of any week needs, small enough to keep for every run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.causes import curtailment_causes
from xinzhou_energy.results.operation import (
    available_power,
    exports_delivered,
    exports_sent,
    generators_of,
    load_power,
    plant_power,
    solved_power,
    storage_plants,
    variable_renewables,
)
from xinzhou_energy.results.run_result import SERIES_COLUMNS

# a table of hourly values with columns (carrier, location, component)
Block = tuple[str, str, pd.DataFrame]
KEYS = ["carrier", "location", "component"]


def hourly_series(network: pypsa.Network) -> pd.DataFrame:
    """Return the hourly series; categories and float32, because a year has about 1.5 million rows.

    Metrics: dispatch, curtailment, curtailment_by_cause (`component` is the cause), load, storage_charge, unserved,
    must_run_slack [MW], storage_level [MWh], price [CNY/MWh], line_flow, link_flow, export_sent, export_delivered [MW].

    Returns
    -------
    DataFrame
        `SERIES_COLUMNS`; the snapshots of one series stand together, in order.
    """
    blocks = [block for block in _blocks(network) if block[2].shape[1]]
    snapshots = pd.DatetimeIndex(network.snapshots)
    parts = []
    for metric, unit, table in blocks:
        columns = table.columns.to_frame(index=False).astype(str)
        repeated = columns.loc[np.repeat(columns.index, len(snapshots))].reset_index(drop=True)
        values = table.to_numpy(dtype=np.float32).T.ravel()
        parts.append(
            repeated.assign(
                snapshot=np.tile(snapshots.to_numpy(), len(columns)), metric=metric, unit=unit, value=values
            )
        )
    series = pd.concat(parts, ignore_index=True)[list(SERIES_COLUMNS)]
    return series.astype(dict.fromkeys(["metric", *KEYS, "unit"], "category"))


def _blocks(network: pypsa.Network) -> Iterator[Block]:
    """Yield every series with its unit."""
    yield from _plants(network)
    yield from _storage(network)
    load = load_power(network)
    yield "load", "MW", _keyed(load.T.groupby(network.buses.county[network.loads.bus].to_numpy()).sum().T, "location")
    price = network.buses_t.marginal_price
    where = pd.DataFrame(
        {"carrier": "", "location": network.buses.county[price.columns].to_numpy(), "component": price.columns}
    )
    yield "price", "CNY/MWh", price.set_axis(pd.MultiIndex.from_frame(where), axis=1)
    if not network.lines.empty:
        yield "line_flow", "MW", _keyed(network.lines_t.p0, "component")
    if not network.links.empty:
        yield "link_flow", "MW", _keyed(network.links_t.p0, "component")
    yield "export_sent", "MW", _keyed(exports_sent(network), "location")
    yield "export_delivered", "MW", _keyed(exports_delivered(network), "location")


def _plants(network: pypsa.Network) -> Iterator[Block]:
    """Yield dispatch by carrier and county, curtailment, and the two slacks."""
    power = plant_power(network)
    place = network.generators.loc[power.columns, ["carrier", "county"]]
    units = storage_plants(network)
    if not units.empty:
        power = pd.concat([power, network.storage_units_t.p_dispatch[units.index]], axis=1)
        place = pd.concat([place, units[["carrier", "county"]]])
    yield "dispatch", "MW", _by_place(power, place)
    names = variable_renewables(network)
    unused = (available_power(network, names) - plant_power(network)[names]).clip(lower=0.0)
    yield "curtailment", "MW", _by_place(unused, network.generators.loc[names, ["carrier", "county"]])
    by_cause = pd.DataFrame({cause: power.sum(axis=1) for cause, power in curtailment_causes(network).items()})
    yield "curtailment_by_cause", "MW", _keyed(by_cause, "component")
    for metric, kind in (("unserved", "load_shedding"), ("must_run_slack", "must_run_slack")):
        slack = generators_of(network, kind)
        used = solved_power(network, slack.index)
        used = used.loc[:, used.max() > 1e-6]
        yield metric, "MW", _by_place(used, slack.loc[used.columns, ["county"]].assign(carrier=""))


def _storage(network: pypsa.Network) -> Iterator[Block]:
    """Yield charging power and level of each storage unit."""
    units = network.storage_units
    if units.empty:
        return
    where = pd.DataFrame(
        {"carrier": units["carrier"], "location": units["county"], "component": units.index}, index=units.index
    )
    columns = pd.MultiIndex.from_frame(where)
    stored = network.storage_units_t
    yield "storage_charge", "MW", stored.p_store.reindex(columns=units.index, fill_value=0.0).set_axis(columns, axis=1)
    yield "storage_level", "MWh", stored.state_of_charge[units.index].set_axis(columns, axis=1)


def _by_place(power: pd.DataFrame, place: pd.DataFrame) -> pd.DataFrame:
    """Sum over components to (carrier, county)."""
    if power.shape[1] == 0:
        return power
    keys = [place.loc[power.columns, "carrier"].to_numpy(), place.loc[power.columns, "county"].to_numpy()]
    summed = power.T.groupby(keys).sum().T
    columns = summed.columns.to_frame(index=False).set_axis(KEYS[:2], axis=1).assign(component="")
    return summed.set_axis(pd.MultiIndex.from_frame(columns), axis=1)


def _keyed(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Put the column names into one of the three keys."""
    entries = [tuple(str(name) if part == key else "" for part in KEYS) for name in table.columns]
    if not entries:
        return table
    return table.set_axis(pd.MultiIndex.from_tuples(entries, names=KEYS), axis=1)
