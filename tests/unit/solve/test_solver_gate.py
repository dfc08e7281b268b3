"""Only an optimum passes the solver: limits, infeasible and broken models, methods, progress, silence."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pandas as pd
import pypsa
import pytest

from xinzhou_energy.errors import InfeasibleError, SolverError
from xinzhou_energy.formulation import formulate
from xinzhou_energy.solve import Method, Progress, Settings, Solution, highs, methods_for, solve
from xinzhou_energy.solve.highs import check_optimal
from xinzhou_energy.solve.progress import Seen


def small(load: float = 50.0, hours: int = 3) -> pypsa.Network:
    """One plant of 100 MW at 10 CNY/MWh under a flat load."""
    network = pypsa.Network()
    network.set_snapshots(pd.date_range("2026-01-01", periods=hours, freq="h"))
    network.add("Carrier", "AC")
    network.add("Bus", "city", carrier="AC")
    network.add("Load", "load", bus="city", carrier="AC", p_set=load)
    network.add("Generator", "plant", bus="city", carrier="AC", p_nom=100, marginal_cost=10.0)
    return network


def attempt(
    network: pypsa.Network,
    *,
    method: Method = Method.SIMPLEX,
    time_limit: float = 30,
    report: Callable[[Progress], None] = lambda _: None,
) -> Solution:
    if network.model is None:
        network.optimize.create_model(include_objective_constant=False)
    settings = Settings(time_limit, threads=1, gap=1e-5)
    return solve(network, method=method, reason="why", settings=settings, stage="dispatch", report=report)


WHOLE = [Method.SIMPLEX, Method.HIPO, Method.IPX]


@pytest.mark.parametrize("method", list(Method))
def test_every_method_finds_the_optimum(method: Method) -> None:
    network = small()
    solution = attempt(network, method=method)
    assert solution.objective == pytest.approx(1500, rel=1e-6)
    assert solution.method is method
    assert solution.reason == "why"
    assert (solution.rows, solution.columns) == (9, 3)
    assert list(network.generators_t.p["plant"]) == pytest.approx([50] * 3, rel=1e-5)
    assert list(network.buses_t.marginal_price["city"]) == pytest.approx([10] * 3, rel=1e-4)


@pytest.mark.parametrize("method", WHOLE)
def test_infeasible_operation_is_exit_code_3(method: Method) -> None:
    network = small(load=200.0)
    with pytest.raises(InfeasibleError) as caught:
        attempt(network, method=method)
    assert caught.value.exit_code == 3
    assert caught.value.findings[0].where.path == "dispatch"
    assert network.generators_t.p.empty


def test_unbounded_operation_is_exit_code_4_or_3() -> None:
    network = small()
    network.add("Generator", "gift", bus="city", carrier="AC", p_nom_extendable=True, capital_cost=-1.0)
    with pytest.raises((SolverError, InfeasibleError)):
        attempt(network)


def test_time_limit_is_no_result_although_linopy_calls_it_ok(quick) -> None:
    network = quick.weeks.copy()
    formulate(network, quick.rows)
    with pytest.raises(SolverError) as caught:
        attempt(network, time_limit=0.01)
    assert caught.value.exit_code == 4
    assert "time_limit" in caught.value.findings[0].remedy
    assert network.generators_t.p.empty, "a stopped solve left numbers behind"


@pytest.mark.parametrize("condition", ["time_limit", "suboptimal", "unbounded", "unknown", "iteration_limit", "error"])
def test_nothing_but_optimal_passes(condition: str) -> None:
    for status in ("ok", "warning", "error", "unknown"):
        with pytest.raises(SolverError):
            check_optimal("siting", status, condition, 3.0)


@pytest.mark.parametrize("condition", ["infeasible", "infeasible_or_unbounded"])
def test_infeasible_is_told_apart_from_a_solver_that_stopped(condition: str) -> None:
    with pytest.raises(InfeasibleError):
        check_optimal("siting", "warning", condition, 3.0)


def test_optimal_needs_a_good_status_too() -> None:
    check_optimal("siting", "ok", "optimal", 3.0)
    with pytest.raises(SolverError):
        check_optimal("siting", "warning", "optimal", 3.0)


def test_error_of_the_solver_becomes_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    network = small()
    network.optimize.create_model(include_objective_constant=False)

    def fail(*_: object, **__: object) -> None:
        message = "out of memory"
        raise RuntimeError(message)

    monkeypatch.setattr(type(network.model), "solve", fail)
    with pytest.raises(SolverError, match="out of memory"):
        attempt(network)


def methods(network: pypsa.Network, wanted: str = "auto") -> list[tuple[Method, str]]:
    network.optimize.create_model(include_objective_constant=False)
    return methods_for(network, wanted)


def open_plant(hours: int) -> pypsa.Network:
    network = small(hours=hours)
    network.generators["p_nom_extendable"] = True
    return network


def test_fixed_sizes_over_a_long_horizon_take_blocks_then_simplex() -> None:
    (first, why), (second, behind) = methods(small(hours=1001))
    assert (first, second) == (Method.BLOCKS, Method.SIMPLEX)
    assert "fixed" in why
    assert "1001" in why
    assert "no optimum" in behind


def test_open_sizes_over_a_long_horizon_take_blocks_then_interior_point() -> None:
    (first, why), (second, _) = methods(open_plant(1001))
    assert (first, second) == (Method.BLOCKS, Method.HIPO)
    assert "open" in why


@pytest.mark.parametrize("network", [small(hours=1000), open_plant(1000)])
def test_a_short_horizon_takes_simplex_and_nothing_behind(network: pypsa.Network) -> None:
    ((method, reason),) = methods(network)
    assert method is Method.SIMPLEX
    assert "1000 h" in reason


def test_missing_extras_fall_back_to_ipx_and_say_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "extras" in name else find(name))
    for method, reason in (methods(open_plant(3), "hipo")[0], methods(open_plant(1001))[1]):
        assert method is Method.IPX
        assert "highspy[extras]" in reason
        assert "\n" not in reason


@pytest.mark.parametrize("wanted", ["blocks", "simplex", "hipo"])
@pytest.mark.parametrize("network", [small(), open_plant(3)])
def test_wish_of_the_scenario_is_kept(wanted: str, network: pypsa.Network) -> None:
    ((method, reason),) = methods(network, wanted)
    assert method == wanted
    assert "asked" in reason


def test_progress_tells_stage_and_time() -> None:
    seen: list[Progress] = []
    attempt(small(), report=seen.append)
    assert seen
    assert {progress.stage for progress in seen} == {"dispatch"}
    assert seen[-1].elapsed_s >= 0


def test_progress_counts_iterations_of_a_real_solve(quick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xinzhou_energy.solve.progress.PERIOD_S", 0.05)
    network = quick.weeks.copy()
    formulate(network, quick.rows)
    seen: list[Progress] = []
    with pytest.raises(SolverError):
        attempt(network, time_limit=1.5, report=seen.append)
    times = [progress.elapsed_s for progress in seen]
    assert len(seen) > 5
    assert times == sorted(times)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for method in WHOLE:
        attempt(small(), method=method)
    assert capfd.readouterr().out == ""


def test_standard_output_is_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InfeasibleError):
        attempt(small(load=200.0))
    print("still here")  # noqa: T201 - the point of the test
    assert capfd.readouterr().out == "still here\n"


SIMPLEX_LOG = """\
  Iteration        Objective     Infeasibilities num(sum)
          0    -1.2345678901e+09 Ph1: 12(3.4e+05); Du: 3(4) 0s
       1234    -1.3000000000e+09 Pr: 120(3.4e+05); Du: 0(1e-9) 5s
"""
INTERIOR_LOG = """\
Iter  P.obj            D.obj           P.inf    D.inf    mu   Time
   7   1.00000000e+09   9.90000000e+08  1e-03  1.0e-04 1.0e-02  12
"""


def test_simplex_log_is_read() -> None:
    seen = Seen()
    seen.read(SIMPLEX_LOG)
    assert seen.iterations == 1234


def test_interior_log_gives_iterations_and_gap() -> None:
    seen = Seen()
    seen.read(INTERIOR_LOG.replace("1e-03", "1.00e-03").replace("1.0e-04", "1.00e-04"))
    assert seen.iterations == 7
    assert seen.gap == pytest.approx(0.01)


@pytest.mark.parametrize("method", list(Method))
def test_iterations_of_a_finished_solve_are_counted(method: Method, quick, cut_days: Callable) -> None:
    from xinzhou_energy.network import assemble

    scenario = quick.scenario.with_changes(siting=None)
    network = assemble(scenario, cut_days(quick.data, "2026-05-13", 6))
    network.optimize.create_model(include_objective_constant=False)
    assert attempt(network, method=method).iterations > 0


def test_options_turn_crossover_off_for_interior_point_only() -> None:
    assert "run_crossover" not in highs.OPTIONS[Method.SIMPLEX]
    assert highs.OPTIONS[Method.HIPO]["run_crossover"] == "off"
    assert highs.OPTIONS[Method.IPX]["run_crossover"] == "off"
