"""Workers as processes of this computer and as actors of a Dask cluster: the same numbers, and the same failures."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_years import TOLERANCE, Here, quiet, random_year

from xinzhou_energy.decomposition.cut import Cutting, Part, cut
from xinzhou_energy.decomposition.hands import LocalHand, LostError, MakeHand, StartedHands, hands_at
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats
from xinzhou_energy.decomposition.reductions import reduce
from xinzhou_energy.decomposition.session import Session


@pytest.fixture(scope="module")
def cutting() -> Cutting:
    return cut(reduce(random_year(0).problem).problem, 8)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes."""
    from distributed import LocalCluster

    with LocalCluster(processes=True, n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


@pytest.fixture
def at_dask(cluster: Any) -> Iterator[tuple[int, MakeHand]]:
    with hands_at(cluster.scheduler_address, 9) as found:
        yield found


def middle(cutting: Cutting) -> Floats:
    return (cutting.master.lower + cutting.master.upper) / 2


def costs(pool: Pool, cutting: Cutting) -> list[float]:
    return [each.cost for each in pool.evaluate(middle(cutting))]


def truth(cutting: Cutting, parts: list[Part] | None = None) -> Any:
    with Pool(parts or cutting.parts, 1, Here) as pool:
        return pytest.approx(costs(pool, cutting), rel=1e-9)


def hopeless(part: Part) -> Part:
    """A load beyond everything, and no border to blame."""
    data = part.data
    beyond = replace(data, row_lower=data.row_lower + 1e6, row_upper=data.row_upper + 1e6, elastic=data.elastic[:0])
    return replace(part, data=beyond)


def test_without_an_address_the_workers_are_processes_started_ahead(cutting: Cutting) -> None:
    """A hand takes a waiting process, or a new one; what nobody took is ended."""
    with hands_at(None, 2) as (workers, make_hand):
        assert workers == 2
        assert isinstance(make_hand, StartedHands)
        waiting = list(make_hand._waiting)
        hands = [make_hand({0: cutting.parts[0].data})]
        assert [hand.pid for hand in hands] == [waiting[1].pid]
    assert waiting[0].poll() is not None
    assert waiting[1].poll() is None
    hands[0].close()


def test_a_local_hand_answers_what_it_is_asked(cutting: Cutting) -> None:
    part = cutting.parts[0]
    hand = LocalHand({0: part.data})
    hand.ask("evaluate", {0: middle(cutting)[part.links]})
    found = hand.answer()
    hand.close()
    assert found[0].cost == truth(cutting).expected[0]


def test_a_killed_local_hand_is_lost_and_can_be_closed(cutting: Cutting) -> None:
    hand = LocalHand({0: cutting.parts[0].data})
    os.kill(hand.pid, signal.SIGKILL)
    hand.ask("bases", {})
    with pytest.raises(LostError):
        hand.answer()
    hand.close()


def test_dask_says_how_many_workers_there_are(at_dask: tuple[int, MakeHand]) -> None:
    assert at_dask[0] == 2


def test_dask_workers_find_what_processes_find(at_dask: tuple[int, MakeHand], cutting: Cutting) -> None:
    with Pool(cutting.parts, *at_dask) as pool:
        assert costs(pool, cutting) == truth(cutting)
        assert [basis.columns.size for basis in pool.bases(middle(cutting))] == [
            part.own.size for part in cutting.parts
        ]
        dearer = [replace(part, data=replace(part.data, cost=part.data.cost * 1.5)) for part in cutting.parts]
        pool.update(dearer)
        assert costs(pool, cutting) == truth(cutting, dearer)


def test_a_session_on_dask_is_a_session_here(at_dask: tuple[int, MakeHand]) -> None:
    problem = random_year(0).problem
    found = []
    for workers, make_hand in (at_dask, (1, Here)):
        with Session(problem, workers=workers, hours_per_block=8, make_hand=make_hand) as session:
            found.append(session.solve(tolerance=TOLERANCE, time_limit=60, tell=quiet))
    assert found[0].rounds == found[1].rounds
    assert found[0].sizes.cost == pytest.approx(found[1].sizes.cost, rel=1e-9)
    assert np.abs(found[0].duals - found[1].duals).max() < 1e-6


def test_a_block_without_an_operation_is_told_by_dask_in_its_words(
    at_dask: tuple[int, MakeHand], cutting: Cutting
) -> None:
    with (
        Pool([hopeless(cutting.parts[0])], *at_dask) as pool,
        pytest.raises(RuntimeError, match="a block ended as Inf"),
    ):
        pool.evaluate(middle(cutting))


@pytest.mark.slow
def test_a_killed_dask_worker_is_replaced(cluster: Any, cutting: Cutting) -> None:
    with (
        hands_at(cluster.scheduler_address, 9) as (workers, make_hand),
        Pool(cutting.parts, workers, make_hand) as pool,
    ):
        assert costs(pool, cutting) == truth(cutting)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert costs(pool, cutting) == truth(cutting)


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1:9"), hands_at("tcp://127.0.0.1:9", 2):
        pass
