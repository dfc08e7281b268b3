"""The flows of a dispatched hour are those of pandapower's DC distribution factors on the same lines and injections.

pandapower 3.1 computes with pandas 3 but cannot write its result tables there, so its matrices are asked directly.
"""

from __future__ import annotations

import warnings

import numpy as np
import pypsa
import pytest

HOURS = (10, 300, 500)
BASE_MVA = 100.0
BUS_COLUMNS, BRANCH_COLUMNS = 13, 21
PQ, SLACK, IN_SERVICE = 1, 3, 1


@pytest.mark.parametrize("position", HOURS)
def test_line_flows_are_those_of_a_dc_power_flow(quick_network: pypsa.Network, position: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandapower's own, about pandas
        from pandapower.pypower.idx_brch import BR_STATUS, BR_X, F_BUS, T_BUS
        from pandapower.pypower.idx_bus import BASE_KV, BUS_I, BUS_TYPE
        from pandapower.pypower.makePTDF import makePTDF

    lines = quick_network.lines
    mesh = sorted(set(lines["bus0"]) | set(lines["bus1"]))
    bus = np.zeros((len(mesh), BUS_COLUMNS))
    bus[:, BUS_I] = np.arange(len(mesh))
    bus[:, BUS_TYPE] = np.where(np.array(mesh) == "XZ500", SLACK, PQ)
    bus[:, BASE_KV] = quick_network.buses.v_nom[mesh]
    branch = np.zeros((len(lines), BRANCH_COLUMNS))
    branch[:, F_BUS] = [mesh.index(name) for name in lines["bus0"]]
    branch[:, T_BUS] = [mesh.index(name) for name in lines["bus1"]]
    # A county line's impedance is referred to its 220 kV end, bus0.
    branch[:, BR_X] = lines["x"] * BASE_MVA / quick_network.buses.v_nom[lines["bus0"]].to_numpy() ** 2
    branch[:, BR_STATUS] = IN_SERVICE

    flow = quick_network.lines_t.p0.iloc[position]
    injection = np.zeros(len(mesh))
    np.add.at(injection, branch[:, F_BUS].astype(int), flow.to_numpy())
    np.add.at(injection, branch[:, T_BUS].astype(int), -flow.to_numpy())
    factors = makePTDF(BASE_MVA, bus, branch, slack=mesh.index("XZ500"))

    assert np.allclose(factors @ injection, flow, atol=0.01)
    assert flow.abs().max() > 500
    wrong = branch.copy()
    wrong[lines.index.get_loc("L03"), BR_X] *= 2
    assert not np.allclose(makePTDF(BASE_MVA, bus, wrong, slack=mesh.index("XZ500")) @ injection, flow, atol=0.01)
