"""A year cut to weeks: weights, means, storage levels and ramps at the borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
import pytest

from xinzhou_energy.network.weeks import HOURS_PER_WEEK, choose_weeks, cut_to_weeks, fit_weights, free_ramps_at
from xinzhou_energy.solve import Method, Settings, solve


def test_weights_add_up_to_the_hours_of_the_year(quick) -> None:
    weights = quick.weeks.snapshot_weightings
    assert len(quick.weeks.snapshots) == 4 * HOURS_PER_WEEK
    assert weights["objective"].sum() == pytest.approx(8760, rel=1e-9)
    assert weights["generators"].sum() == pytest.approx(8760, rel=1e-9)
    assert weights["objective"].min() > 1


def test_storage_levels_move_by_real_hours(quick) -> None:
    assert (quick.weeks.snapshot_weightings["stores"] == 1).all()


def test_each_week_is_a_real_week_of_the_year(quick) -> None:
    hours = quick.weeks.snapshots.to_numpy().reshape(4, HOURS_PER_WEEK)
    assert (np.diff(hours, axis=1) == np.timedelta64(1, "h")).all()
    pd.testing.assert_frame_equal(
        quick.weeks.loads_t.p_set, quick.year.loads_t.p_set.loc[quick.weeks.snapshots], check_freq=False
    )
    assert [str(pd.Timestamp(first)) for first in hours[:, 0]] == quick.weeks.meta["weeks"]["starts"]


@pytest.mark.parametrize("carrier", ["onwind", "solar"])
def test_weighted_mean_of_wind_and_solar_errs_as_stated(quick, carrier: str) -> None:
    """Worked out again from the networks alone; 10 % is what four weeks may miss."""

    def mean(network: pypsa.Network) -> float:
        fleet = network.generators[(network.generators.carrier == carrier) & ~network.generators.sited.astype(bool)]
        output = (network.generators_t.p_max_pu[fleet.index] * fleet.p_nom).sum(axis=1)
        return float(np.average(output, weights=network.snapshot_weightings["objective"]))

    stated = quick.weeks.meta["weeks"]["mean_errors"][carrier]
    assert mean(quick.weeks) / mean(quick.year) - 1 == pytest.approx(stated, abs=1e-9)
    assert abs(stated) < 0.10


@pytest.mark.parametrize("signal", ["load", "inflow", "appetite", "price"])
def test_stated_errors_of_the_other_means_are_small(quick, signal: str) -> None:
    assert abs(quick.weeks.meta["weeks"]["mean_errors"][signal]) < 0.10


def test_stated_error_of_the_load_is_right(quick) -> None:
    weighted = np.average(quick.weeks.loads_t.p_set.sum(axis=1), weights=quick.weeks.snapshot_weightings["objective"])
    mean = quick.year.loads_t.p_set.sum(axis=1).mean()
    assert weighted / mean - 1 == pytest.approx(quick.weeks.meta["weeks"]["mean_errors"]["load"], abs=1e-9)


def test_cutting_twice_gives_the_same_weeks(quick) -> None:
    again = cut_to_weeks(quick.year, quick.data, 4)
    assert again.meta["weeks"] == quick.weeks.meta["weeks"]


def test_year_is_left_as_it_was(quick) -> None:
    assert len(quick.year.snapshots) == 8760
    assert (quick.year.snapshot_weightings == 1).all(axis=None)
    assert "weeks" not in quick.year.meta


def test_weeks_are_fitted_to_the_mean_by_hand() -> None:
    """Two weeks of 100 and 300 MW stand for a year of mean 150: three quarters and one quarter of it."""
    level = np.repeat([100.0, 300.0, 100.0, 100.0], HOURS_PER_WEEK)
    signals = pd.DataFrame({"wind": level})
    weights, errors = fit_weights(signals, np.array([0, 1]), hours=4.0 * HOURS_PER_WEEK)
    assert list(weights) == pytest.approx([3, 1])
    assert errors["wind"] == pytest.approx(0, abs=1e-6)


def test_error_that_no_weight_can_mend_is_stated() -> None:
    """Both weeks have 100 MW, the year has 150: a third is missing whatever the weights."""
    signals = pd.DataFrame({"wind": np.repeat([100.0, 300.0, 100.0, 100.0], HOURS_PER_WEEK)})
    _, errors = fit_weights(signals, np.array([0, 2]), hours=4.0 * HOURS_PER_WEEK)
    assert errors["wind"] == pytest.approx(-1 / 3)


def test_no_week_is_there_for_show() -> None:
    """One week of 900 MW in twenty of 100: its true share is 5 %; it keeps a quarter of an equal share, 12.5 %."""
    signals = pd.DataFrame({"wind": np.repeat([100.0, 900.0, *[100.0] * 18], HOURS_PER_WEEK)})
    weights, _ = fit_weights(signals, np.array([0, 1]), hours=20.0 * HOURS_PER_WEEK)
    assert list(weights) == pytest.approx([17.5, 2.5], rel=1e-3)


def test_different_weeks_are_told_apart() -> None:
    """Eight weeks of two kinds: one of each kind is chosen."""
    kinds = np.array([0, 1, 1, 0, 0, 1, 0, 1])
    hour = np.arange(HOURS_PER_WEEK)
    shape = {0: 100 + 10 * np.sin(hour / 24), 1: 500 + 50 * np.cos(hour / 24)}
    signals = pd.DataFrame({"wind": np.concatenate([shape[kind] for kind in kinds])})
    assert sorted(kinds[choose_weeks(signals, 2)]) == [0, 1]


def coal_and_a_dear_plant(load: list[float], *, starts: list[int], ramp: float) -> pypsa.Network:
    """Dispatch 100 MW of coal at 10 CNY/MWh with a ramp beside 100 MW at 100 CNY/MWh; weeks begin at `starts`."""
    network = pypsa.Network()
    network.set_snapshots(pd.date_range("2026-01-01", periods=len(load), freq="h"))
    network.add("Carrier", "AC")
    network.add("Bus", "city", carrier="AC")
    network.add("Load", "load", bus="city", carrier="AC", p_set=pd.Series(load, network.snapshots))
    network.add("Generator", "dear", bus="city", carrier="AC", p_nom=100, marginal_cost=100.0)
    network.add("Generator", "coal", bus="city", carrier="AC", p_nom=100, marginal_cost=10.0,
                ramp_limit_up=ramp, ramp_limit_down=ramp)  # fmt: skip
    if starts:
        free_ramps_at(network, network.snapshots[starts])
    network.optimize.create_model(include_objective_constant=False)
    settings = Settings(time_limit=9, threads=1, gap=1e-5)
    solve(network, method=Method.SIMPLEX, reason="", settings=settings, stage="t", report=lambda _: None)
    return network


def test_ramp_binds_within_a_week() -> None:
    """Coal rises 50 of the 80 MW in each week; the dear plant gives the other 30."""
    network = coal_and_a_dear_plant([10, 90, 10, 90], starts=[0, 2], ramp=0.5)
    assert list(network.generators_t.p["coal"]) == pytest.approx([10, 60, 10, 60])
    assert list(network.generators_t.p["dear"]) == pytest.approx([0, 30, 0, 30])


@pytest.mark.parametrize(("starts", "coal"), [([], [90, 50, 10, 10]), ([0, 2], [90, 90, 10, 10])])
def test_ramp_does_not_reach_over_the_border_of_a_week(starts: list[int], coal: list[float]) -> None:
    """From 90 to 10 MW at 40 MW/h: one unbroken chain holds coal at 50 in between, two weeks let it follow the load."""
    network = coal_and_a_dear_plant([90, 90, 10, 10], starts=starts, ramp=0.4)
    assert list(network.generators_t.p["coal"]) == pytest.approx(coal)
    dear = 200 - sum(coal)
    assert network.objective == pytest.approx(10 * sum(coal) + 100 * dear)


def test_no_ramp_row_crosses_a_week_border_of_quick(quick) -> None:
    starts = quick.weeks.snapshots[::HOURS_PER_WEEK]
    model = quick.weeks.copy().optimize.create_model(include_objective_constant=False)
    ramps = [name for name in model.constraints if "ramp_limit" in name]
    assert len(ramps) == 2
    for name in ramps:
        there = (model.constraints[name].labels >= 0).any("name")
        with_rows = set(there.indexes["snapshot"][there.to_numpy()])
        assert not with_rows & set(starts)
        assert with_rows == set(quick.weeks.snapshots) - set(starts)


def test_every_storage_ends_each_week_as_it_began(quick_network: pypsa.Network) -> None:
    """The level before the first hour of a week follows from its balance; it must be that of the week's end."""
    for unit, row in quick_network.storage_units.iterrows():
        level = quick_network.storage_units_t.state_of_charge[unit]
        stored = quick_network.storage_units_t.p_store[unit] * row.efficiency_store
        released = quick_network.storage_units_t.p_dispatch[unit] / row.efficiency_dispatch
        inflow = quick_network.storage_units_t.inflow.get(unit, pd.Series(0.0, quick_network.snapshots))
        spilled = quick_network.storage_units_t.spill.get(unit, pd.Series(0.0, quick_network.snapshots))
        change = stored - released + inflow - spilled
        for week in range(4):
            hours = slice(week * HOURS_PER_WEEK, (week + 1) * HOURS_PER_WEEK)
            assert change.iloc[hours].sum() == pytest.approx(0, abs=1e-3), (unit, week)
        assert level.min() >= -1e-4
        assert level.max() <= row.p_nom * row.max_hours + 1e-4


def test_storage_is_used_within_the_weeks(quick_network: pypsa.Network) -> None:
    phs = quick_network.storage_units.index[quick_network.storage_units.carrier == "PHS"]
    assert quick_network.storage_units_t.p_dispatch[phs].sum().sum() > 1000


def test_weeks_keep_the_full_load_hours_of_the_gas_contracts(quick) -> None:
    gas = quick.weeks.generators.index[quick.weeks.generators.carrier == "CBM"]
    floor = quick.weeks.get_switchable_as_dense("Generator", "p_min_pu")[gas]
    weight = quick.weeks.snapshot_weightings["objective"]
    assert list(floor.mul(weight, axis=0).sum()) == pytest.approx([4500] * len(gas))
