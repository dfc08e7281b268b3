"""Blocks on the real city: the plan of simplex within the certified gap, and the prices of simplex at that plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pypsa
import pytest

from xinzhou_energy.decomposition.problem import from_model
from xinzhou_energy.decomposition.session import Found, Session
from xinzhou_energy.errors import SolverError
from xinzhou_energy.formulation import formulate, row_duals
from xinzhou_energy.network import assemble, fix_sizes
from xinzhou_energy.network.weeks import HOURS_PER_WEEK
from xinzhou_energy.solve import Method, Progress, Settings, Solution, solve

GAP = 1e-5
SETTINGS = Settings(time_limit=120, threads=2, gap=GAP)


@dataclass(frozen=True)
class Sited:
    """`quick` solved in blocks, and its dispatch at the same sizes by simplex."""

    network: pypsa.Network
    solution: Solution
    duals: pd.Series
    progress: list[Progress]
    dispatched: pypsa.Network
    dispatch_duals: pd.Series


def solved(network: pypsa.Network, method: Method, settings: Settings = SETTINGS, report: Any = None) -> Solution:
    return solve(
        network, method=method, reason="why", settings=settings, stage="siting", report=report or (lambda _: None)
    )


@pytest.fixture(scope="module")
def sited(quick) -> Sited:
    network, seen = quick.weeks.copy(), []
    model = formulate(network, quick.rows)
    solution = solved(network, Method.BLOCKS, report=seen.append)
    dispatched = network.copy()
    fix_sizes(dispatched)
    of_dispatch = quick.rows[quick.rows["stage"] == "dispatch"]
    model_again = formulate(dispatched, of_dispatch)
    solved(dispatched, Method.SIMPLEX)
    duals = row_duals(model, quick.rows)
    return Sited(network, solution, duals, seen, dispatched, row_duals(model_again, of_dispatch))


def weighted_price(network: pypsa.Network) -> float:
    """Mean price that the load pays. [CNY/MWh]"""
    load = network.loads_t.p_set.mul(network.snapshot_weightings["objective"], axis=0)
    price = network.buses_t.marginal_price[network.loads["bus"]].set_axis(network.loads.index, axis=1)
    return float((load * price).sum().sum() / load.sum().sum())


def test_the_plan_is_that_of_simplex_within_the_gap(sited: Sited, quick_run) -> None:
    """Certificate and simplex agree about what is best."""
    truth = quick_run.manifest.objectives["siting"]
    gross = (sited.solution.objective - sited.solution.bound) / sited.solution.gap
    assert 5e9 < gross < 2e10  # CNY, gross system cost of quick
    assert -1e-9 * gross <= sited.solution.objective - truth <= GAP * gross
    assert sited.solution.bound <= truth + 1e-9 * gross
    assert 0 < sited.solution.gap <= GAP
    assert sited.solution.violation < 1e-4


def test_the_solution_says_how_it_was_found(sited: Sited) -> None:
    solution = sited.solution
    assert (solution.method, solution.reason) == (Method.BLOCKS, "why")
    assert solution.rows == sited.network.model.ncons
    assert solution.columns == sited.network.model.nvars
    assert solution.iterations == sited.progress[-1].iterations > 0
    assert sited.progress[-1].stage == "siting"
    assert sited.progress[-1].gap <= GAP


def test_the_operation_comes_with_the_plan(sited: Sited) -> None:
    operation = sited.solution.operation
    assert operation is not None
    assert operation.operation is None
    assert abs(operation.gap) < 1e-9
    assert operation.violation < 1e-4
    sizes = sited.network.generators
    open_ = sizes[sizes["p_nom_extendable"].astype(bool)]
    annuities = float((open_["capital_cost"] * open_["p_nom_opt"]).sum())
    assert operation.objective == pytest.approx(sited.solution.objective - annuities, rel=1e-12)
    assert sited.network.objective == pytest.approx(operation.objective, rel=1e-12)


def test_the_operation_is_the_best_at_these_sizes(sited: Sited) -> None:
    assert sited.network.objective == pytest.approx(sited.dispatched.objective, rel=1e-9)


def test_prices_are_those_of_simplex(sited: Sited) -> None:
    assert weighted_price(sited.network) == pytest.approx(weighted_price(sited.dispatched), rel=1e-4)
    apart = (sited.network.buses_t.marginal_price - sited.dispatched.buses_t.marginal_price).abs().to_numpy()
    assert apart.max() < 1e-6


def test_sizes_keep_to_the_rows_on_them(sited: Sited, quick) -> None:
    size = sited.network.generators.p_nom_opt
    for name, row in quick.rows[quick.rows["stage"] == "siting"].groupby("id"):
        total, rhs = size[row["name"]].sum(), row["rhs"].iloc[0]
        assert total <= rhs + 1e-4, name
        if row["sense"].iloc[0] == "=":
            assert total == pytest.approx(rhs, abs=1e-4), name


def test_rows_on_sizes_have_duals(sited: Sited, quick) -> None:
    """A megawatt more that must be built costs something; where there is headroom, more of it is worth nothing."""
    siting = quick.rows[quick.rows["stage"] == "siting"].assign(dual=sited.duals)
    assert siting["dual"].notna().all()
    by_id = siting.groupby("id")["dual"].first()
    assert by_id["siting_total"] > 0
    size = sited.network.generators.p_nom_opt
    for name, row in siting[siting["origin"] == "headroom"].groupby("id"):
        room = row["rhs"].iloc[0] - size[row["name"]].sum()
        assert by_id[name] <= 1e-6
        assert room < 1 or by_id[name] == pytest.approx(0, abs=1e-3), name


def test_rows_of_ours_that_bind_in_the_dispatch_have_duals(sited: Sited, quick) -> None:
    """Storage levels tied over the weeks."""
    dispatch = quick.rows["stage"] == "dispatch"
    ours, theirs = sited.duals[dispatch], sited.dispatch_duals
    assert ours.notna().all()
    assert (ours.abs() > 1).any()
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="module")
def by_week(quick) -> tuple[pypsa.Network, Found]:
    network = quick.weeks.copy()
    formulate(network, quick.rows)
    problem = from_model(network.model)
    with Session(problem, workers=2, hours_per_block=HOURS_PER_WEEK) as session:
        return network, session.solve(tolerance=GAP, time_limit=120, tell=lambda _number, _gap: None)


def test_a_block_a_week_finds_the_same_plan(by_week: tuple[pypsa.Network, Found], quick_run) -> None:
    _, found = by_week
    truth = quick_run.manifest.objectives["siting"]
    assert -1e-9 * found.sizes.gross <= found.sizes.cost - truth <= GAP * found.sizes.gross
    assert found.sizes.bound <= truth + 1e-9 * found.sizes.gross
    assert found.sizes.gap <= GAP
    assert abs(found.operation.gap) < 1e-9
    assert found.sizes.violation < 1e-4


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A Dask cluster of two worker processes."""
    from distributed import LocalCluster

    with LocalCluster(processes=True, n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


def two_days(quick, cut_days) -> pypsa.Network:
    """The dispatch of two days of the city without siting."""
    scenario = quick.scenario.with_changes(siting=None, time=None)
    network = assemble(scenario, cut_days(quick.data, "2026-04-20", 48))
    network.optimize.create_model(include_objective_constant=False)
    return network


def test_a_dispatch_alone_in_blocks_is_that_of_simplex(quick, cut_days) -> None:
    network, whole = two_days(quick, cut_days), two_days(quick, cut_days)
    solution = solved(network, Method.BLOCKS)
    truth = solved(whole, Method.SIMPLEX)
    assert solution.objective == pytest.approx(truth.objective, rel=1e-9)
    assert abs(solution.gap) < 1e-9
    assert solution.bound == pytest.approx(solution.objective, rel=1e-9)
    assert (solution.operation, solution.reason) == (None, "why")
    assert weighted_price(network) == pytest.approx(weighted_price(whole), rel=1e-4)


def test_a_dask_cluster_finds_the_same(quick, cut_days, scheduler: str) -> None:
    network, here = two_days(quick, cut_days), two_days(quick, cut_days)
    far = solved(network, Method.BLOCKS, replace(SETTINGS, scheduler=scheduler))
    near = solved(here, Method.BLOCKS)
    assert far.objective == pytest.approx(near.objective, rel=1e-12)
    assert np.allclose(network.buses_t.marginal_price, here.buses_t.marginal_price)


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_told(quick, cut_days) -> None:
    network = two_days(quick, cut_days)
    with pytest.raises(SolverError) as caught:
        solved(network, Method.BLOCKS, replace(SETTINGS, scheduler="tcp://127.0.0.1:9"))
    (finding,) = caught.value.findings
    assert finding.code == "no-scheduler"
    assert finding.where.path == "tcp://127.0.0.1:9"
    assert network.generators_t.p.empty


def test_no_time_leaves_no_numbers_and_says_how_far_it_came(quick) -> None:
    network = quick.weeks.copy()
    formulate(network, quick.rows)
    with pytest.raises(SolverError, match=r"stopped after 1 rounds: .* bound -?[\d,]+ CNY, gap") as caught:
        solved(network, Method.BLOCKS, replace(SETTINGS, time_limit=0.0))
    assert caught.value.exit_code == 4
    assert "time_limit" in caught.value.findings[0].remedy
    assert network.generators_t.p.empty


def test_no_operation_is_no_result(quick, cut_days) -> None:
    """Load beyond what shedding may leave out."""
    network = two_days(quick, cut_days)
    names = network.generators.index[network.generators["kind"] == "load_shedding"]
    network.generators.loc[names, "p_nom"] = 0.0
    network.loads_t.p_set *= 50
    network.optimize.create_model(include_objective_constant=False)
    with pytest.raises(SolverError, match="Infeasible"):
        solved(network, Method.BLOCKS)
    assert network.generators_t.p.empty
