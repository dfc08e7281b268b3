"""Energy closes and costs add up, recomputed from the stored numbers without our code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
import pytest


def injected(network: pypsa.Network) -> pd.DataFrame:
    """Net injection at every bus and hour [MW]: generators, storage and loads by their sign, less branches."""
    total = pd.DataFrame(0.0, index=network.snapshots, columns=network.buses.index)
    for table, power, sign in (
        (network.generators, network.generators_t.p, network.generators["sign"]),
        (network.storage_units, network.storage_units_t.p, network.storage_units["sign"]),
        (network.loads, network.loads_t.p_set, network.loads["sign"]),
        (network.lines.rename(columns={"bus0": "bus"}), -network.lines_t.p0, None),
        (network.lines.rename(columns={"bus1": "bus"}), -network.lines_t.p1, None),
        (network.links.rename(columns={"bus0": "bus"}), -network.links_t.p0, None),
        (network.links.rename(columns={"bus1": "bus"}), -network.links_t.p1, None),
    ):
        signed = power if sign is None else power * sign
        total = total.add(signed.T.groupby(table["bus"]).sum().T, fill_value=0.0)
    return total


def test_energy_closes_at_every_bus_and_hour(quick_network: pypsa.Network) -> None:
    assert injected(quick_network).abs().to_numpy().max() < 1e-4


def test_an_open_balance_would_be_seen(quick_network: pypsa.Network) -> None:
    quick_network.generators_t.p.iloc[5, 0] += 0.01
    assert injected(quick_network).abs().to_numpy().max() > 1e-4


def test_links_lose_what_their_efficiency_says(quick_network: pypsa.Network) -> None:
    sent, got = quick_network.links_t.p0, -quick_network.links_t.p1
    assert np.allclose(got, sent * quick_network.links["efficiency"], atol=1e-4)


def test_cost_table_adds_up_to_objective_and_annuities(quick_network: pypsa.Network, quick_run) -> None:
    metrics = pd.read_parquet(quick_run.folder / "metrics.parquet")
    total = metrics[(metrics[["carrier", "location", "component"]] == "").all(axis=1)].set_index("metric")["value"]
    new = quick_network.generators[quick_network.generators["is_new"].astype(bool)]
    annuities = float((new["capital_cost"] * new["p_nom"]).sum())
    assert total["net_system_cost"] == pytest.approx(quick_network.objective + annuities, rel=1e-9)
    assert annuities == pytest.approx(0.9e9, rel=0.2)  # 0.81 bn CNY of plant (dossier) and its connection


def test_the_two_objectives_agree_to_a_hundred_thousandth(quick_run) -> None:
    assert quick_run.manifest.gap <= 1e-5
