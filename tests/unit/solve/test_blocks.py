"""Siting in blocks on the real city: the same plan as simplex, within the certified gap, and prices by the dispatch."""

from __future__ import annotations

import pytest

from xinzhou_energy.formulation import formulate, row_duals
from xinzhou_energy.solve import Method, solve

TOLERANCE = 1e-5


def test_quick_sited_in_blocks_is_the_plan_of_simplex(quick, quick_run) -> None:
    """Four weeks with their level rows: the objective lies within the certified gap above that of simplex."""
    network = quick.weeks.copy()
    model = formulate(network, quick.rows)
    solution = solve(
        network,
        method=Method.BLOCKS,
        reason="test",
        time_limit=120,
        threads=2,
        stage="siting",
        report=lambda _: None,
    )
    truth = quick_run.manifest.objectives["siting"]
    gross = 1.0e10  # CNY, gross system cost of quick
    assert -1e-9 * gross <= solution.objective - truth <= TOLERANCE * gross
    assert 0 <= solution.gap <= TOLERANCE
    sited = network.generators.p_nom_opt[network.generators.sited]
    assert sited.sum() == pytest.approx(2450, abs=1e-3)
    duals = row_duals(model, quick.rows[quick.rows["stage"] == "siting"])
    assert duals.notna().all()
    assert duals[quick.rows["id"] == "siting_total"].iloc[0] > 0
