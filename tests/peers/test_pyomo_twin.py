"""The dispatch of two days, written again in Pyomo from the tables alone, costs the same."""

from __future__ import annotations

import pyomo.environ as pyo
import pypsa
import pytest
from pyomo.contrib.appsi.solvers import Highs

from xinzhou_energy.network import assemble


def twin(network: pypsa.Network) -> float:
    """Write balance, Kirchhoff by voltage angles, storage and ramps in Pyomo; return the least cost. [CNY]"""
    hours = range(len(network.snapshots))
    generators, units = network.generators, network.storage_units
    lines, links = network.lines, network.links
    low = network.get_switchable_as_dense("Generator", "p_min_pu").mul(generators["p_nom"]).to_numpy()
    high = network.get_switchable_as_dense("Generator", "p_max_pu").mul(generators["p_nom"]).to_numpy()
    price = network.get_switchable_as_dense("Generator", "marginal_cost").to_numpy()
    most = network.get_switchable_as_dense("Link", "p_max_pu").mul(links["p_nom"]).to_numpy()
    inflow = network.get_switchable_as_dense("StorageUnit", "inflow").to_numpy()
    load = (
        network.loads_t.p_set.T.groupby(network.loads["bus"]).sum().T.reindex(columns=network.buses.index, fill_value=0)
    )

    model = pyo.ConcreteModel()
    g, u, k, b = range(len(generators)), range(len(units)), range(len(links)), network.buses.index
    model.p = pyo.Var(g, hours, bounds=lambda _, i, t: (low[t, i], high[t, i]))
    model.out = pyo.Var(u, hours, bounds=lambda _, i, _t: (0, units.p_nom.iloc[i] * units.p_max_pu.iloc[i]))
    model.into = pyo.Var(u, hours, bounds=lambda _, i, _t: (0, -units.p_nom.iloc[i] * units.p_min_pu.iloc[i]))
    model.level = pyo.Var(u, hours, bounds=lambda _, i, _t: (0, units.p_nom.iloc[i] * units.max_hours.iloc[i]))
    model.spill = pyo.Var(u, hours, bounds=lambda _, i, t: (0, inflow[t, i]))
    model.sent = pyo.Var(k, hours, bounds=lambda _, i, t: (0, most[t, i]))
    model.angle = pyo.Var(b, hours)  # kV^2: flow = (angle0 - angle1) / (x 1 kV^2 / v^2)
    ohm = lines["x"] / network.buses.v_nom.reindex(lines["bus0"]).to_numpy() ** 2

    def flow(line: str, t: int) -> pyo.Expression:
        return (model.angle[lines.bus0[line], t] - model.angle[lines.bus1[line], t]) / (ohm[line] * 1e4)

    model.limits = pyo.ConstraintList()
    for t in hours:
        net: dict[str, list[object]] = {bus: [-load[bus].iloc[t]] for bus in b}
        for i in g:
            net[generators.bus.iloc[i]].append(generators.sign.iloc[i] * model.p[i, t])
            limit = generators.ramp_limit_up.iloc[i]
            if limit == limit and t:  # not NaN
                step = limit * generators.p_nom.iloc[i]
                model.limits.add((-step, model.p[i, t] - model.p[i, t - 1], step))
        for i in u:
            net[units.bus.iloc[i]] += [model.out[i, t], -model.into[i, t]]
            before = model.level[i, t - 1] if t else model.level[i, hours[-1]]
            gained = units.efficiency_store.iloc[i] * model.into[i, t] + inflow[t, i] - model.spill[i, t]
            model.limits.add(model.level[i, t] == before + gained - model.out[i, t] / units.efficiency_dispatch.iloc[i])
        for i in k:
            net[links.bus0.iloc[i]].append(-model.sent[i, t])
            net[links.bus1.iloc[i]].append(links.efficiency.iloc[i] * model.sent[i, t])
        for line in lines.index:
            carried = flow(line, t)
            model.limits.add((-lines.s_nom[line], carried, lines.s_nom[line]))
            net[lines.bus0[line]].append(-carried)
            net[lines.bus1[line]].append(carried)
        for bus in b:
            model.limits.add(sum(net[bus]) == 0)
    for bus in ("XZ500",):
        for t in hours:
            model.angle[bus, t].fix(0.0)
    model.cost = pyo.Objective(
        expr=sum(price[t, i] * model.p[i, t] for i in g for t in hours)
        + sum(units.marginal_cost.iloc[i] * model.out[i, t] for i in u for t in hours)
        + sum(links.marginal_cost.iloc[i] * model.sent[i, t] for i in k for t in hours)
    )
    Highs().solve(model)
    return float(pyo.value(model.cost))


def test_pyomo_twin_of_two_days_costs_the_same(quick, solve_now, cut_days) -> None:
    scenario = quick.scenario.with_changes(siting=None)
    network = assemble(scenario, cut_days(quick.data, "2026-04-20", 48))
    ours = solve_now(network, scenario).objective
    assert twin(network) == pytest.approx(ours, rel=1e-6)
