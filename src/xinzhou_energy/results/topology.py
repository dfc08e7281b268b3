"""One row per component, with its place: what a map needs."""

from __future__ import annotations

import pandas as pd
import pypsa

TOPOLOGY_COLUMNS: tuple[str, ...] = (
    "type", "name", "name_zh", "name_en", "kind", "bus0", "bus1", "county", "carrier", "technology", "border",
    "plant", "commitment", "p_nom", "is_new", "is_clean", "sited", "v_nom", "length", "lat", "lon", "lat1", "lon1",
)  # fmt: skip
SIZE = {"Generator": "p_nom", "StorageUnit": "p_nom", "Link": "p_nom", "Line": "s_nom"}
FLAGS = ("is_new", "is_clean", "sited")
NUMBERS = ("p_nom", "v_nom", "length", "lat", "lon", "lat1", "lon1")
TEXT = tuple(column for column in TOPOLOGY_COLUMNS if column not in FLAGS + NUMBERS)


def topology_table(network: pypsa.Network) -> pd.DataFrame:
    """List buses, lines, links, generators, storage units and loads.

    Returns
    -------
    DataFrame
        `TOPOLOGY_COLUMNS`. `p_nom` is the size after siting [MW; MVA for lines; peak MW for loads; empty for buses];
        `v_nom` [kV], `length` [km]; `lat`, `lon` of `bus0`, `lat1`, `lon1` of `bus1` where there is one [degrees].
    """
    tables = {
        "Bus": network.buses,
        "Line": network.lines,
        "Link": network.links,
        "Generator": network.generators,
        "StorageUnit": network.storage_units,
        "Load": network.loads,
    }
    parts = [_rows(network, kind, table) for kind, table in tables.items() if not table.empty]
    topology = pd.concat(parts, ignore_index=True)
    types = dict.fromkeys(TEXT, "str") | dict.fromkeys(FLAGS, "bool") | dict.fromkeys(NUMBERS, "float64")
    return topology.astype(types)


def _rows(network: pypsa.Network, kind: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one component type."""
    columns: dict[str, object] = {column: table[column].fillna("") if column in table else "" for column in TEXT}
    flags = {column: table[column].fillna(value=False) if column in table else False for column in FLAGS}
    numbers = {column: table[column] if column in table else float("nan") for column in ("v_nom", "length")}
    bus0 = table.index.to_series() if kind == "Bus" else table["bus0" if "bus0" in table else "bus"]
    bus1 = table["bus1"] if "bus1" in table else pd.Series("", index=table.index)
    if kind not in {"Bus", "Line", "Link"}:
        numbers["v_nom"] = network.buses["v_nom"].reindex(bus0).to_numpy()
    columns |= (
        flags
        | numbers
        | {"type": kind, "name": table.index, "bus0": bus0, "bus1": bus1, "p_nom": _size(network, kind, table)}
    )
    columns |= _place(network, bus0, "") | _place(network, bus1, "1")
    return pd.DataFrame(columns, index=table.index)[list(TOPOLOGY_COLUMNS)]


def _size(network: pypsa.Network, kind: str, table: pd.DataFrame) -> pd.Series | float:
    """Return the size of each component."""
    if kind == "Load":
        peak: pd.Series = network.get_switchable_as_dense("Load", "p_set")[table.index].max()
        return peak
    if kind not in SIZE:
        return float("nan")
    name = SIZE[kind]
    size: pd.Series = table[f"{name}_opt"].where(table[f"{name}_extendable"].astype(bool), table[name])
    return size


def _place(network: pypsa.Network, bus: pd.Series, suffix: str) -> dict[str, object]:
    """Return latitude and longitude of a bus per component."""
    at = network.buses[["y", "x"]].reindex(bus)
    return {f"lat{suffix}": at["y"].to_numpy(), f"lon{suffix}": at["x"].to_numpy()}
