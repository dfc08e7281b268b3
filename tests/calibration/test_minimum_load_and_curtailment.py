"""Less minimum load in winter, less curtailment, and the difference stands where it belongs."""

from __future__ import annotations

import pandas as pd
import pytest

from xinzhou_energy.network import assemble, cut_to_weeks
from xinzhou_energy.results.causes import curtailment_causes

pytestmark = pytest.mark.slow

WINTER = (11, 12, 1, 2, 3)
MORE_WIND = 2.0  # times the fleet, so that winter has hours to curtail


def winter_causes(quick, solve_now, minimum_load: float) -> pd.Series:
    """Curtailed energy of the winter hours by cause, online coal at one minimum load in winter. [MWh]"""
    scenario = quick.scenario.with_changes(siting=None)
    network = cut_to_weeks(assemble(scenario, quick.data), quick.data, scenario.time.weeks)
    plants = network.generators
    network.generators.loc[plants["carrier"] == "onwind", "p_nom"] *= MORE_WIND
    coal = plants.index[plants["carrier"] == "coal"]
    cold = pd.DatetimeIndex(network.snapshots).month.isin(WINTER)
    assert cold.any()
    network.generators_t.p_min_pu.loc[cold, coal] = minimum_load * network.generators_t.p_max_pu.loc[cold, coal]
    solve_now(network, scenario)
    weight = network.snapshot_weightings["generators"][cold]
    power = curtailment_causes(network)
    return pd.Series({cause: float(weight @ hourly.sum(axis=1)[cold]) for cause, hourly in power.items()})


def test_a_lower_minimum_load_in_winter_curtails_less_and_minimum_load_is_the_cause(quick, solve_now) -> None:
    high, low = (winter_causes(quick, solve_now, minimum_load) for minimum_load in (0.50, 0.35))
    saved = high - low
    assert saved.sum() > 0.05 * high.sum()
    assert saved.idxmax() == "minimum_load"
    assert saved["minimum_load"] > 0.4 * saved.sum()  # the other limits held in the same hours and take their part
    assert (saved > -1.0).all()
