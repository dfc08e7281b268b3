"""Workers that die, fail or differ in number change nothing but the time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_years import Here, random_year

from xinzhou_energy.decomposition.block import BlockData, Evaluation
from xinzhou_energy.decomposition.cut import Cutting, Part, cut
from xinzhou_energy.decomposition.hands import LocalHand
from xinzhou_energy.decomposition.pool import Pool
from xinzhou_energy.decomposition.problem import Floats
from xinzhou_energy.decomposition.reductions import reduce
from xinzhou_energy.decomposition.vertex import BASIC


@pytest.fixture(scope="module")
def cutting() -> Cutting:
    return cut(reduce(random_year(0).problem).problem, 8)


@pytest.fixture(scope="module")
def pool(cutting: Cutting) -> Iterator[Pool]:
    """Two processes for three blocks."""
    with Pool(cutting.parts, 2) as pool:
        yield pool


def middle(cutting: Cutting) -> Floats:
    return (cutting.master.lower + cutting.master.upper) / 2


def costs(found: list[Evaluation]) -> list[float]:
    return [each.cost for each in found]


def truth(cutting: Cutting, parts: list[Part] | None = None) -> Any:
    with Pool(parts or cutting.parts, 1, Here) as pool:
        return pytest.approx(costs(pool.evaluate(middle(cutting))), rel=1e-9)


def kill(pool: Pool, place: int) -> None:
    os.kill(pool.hands[place].pid, signal.SIGKILL)


def test_two_processes_answer_in_the_order_of_the_blocks(pool: Pool, cutting: Cutting) -> None:
    assert len(pool.hands) == 2
    assert costs(pool.evaluate(middle(cutting))) == truth(cutting)
    assert [basis.columns.size for basis in pool.bases(middle(cutting))] == [part.own.size for part in cutting.parts]


def test_no_more_workers_than_blocks(cutting: Cutting) -> None:
    with Pool(cutting.parts, 8, Here) as pool:
        assert len(pool.hands) == 3
        assert costs(pool.evaluate(middle(cutting))) == truth(cutting)


def test_a_worker_killed_before_it_is_asked_is_replaced(pool: Pool, cutting: Cutting) -> None:
    gone = pool.hands[0].pid
    kill(pool, 0)
    pool.hands[0]._process.wait()
    assert costs(pool.evaluate(middle(cutting))) == truth(cutting)
    assert pool.hands[0].pid != gone


def test_a_worker_killed_at_work_is_replaced(pool: Pool, cutting: Cutting, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed between the question and the answer, once; stopped, so that it cannot be quicker."""
    ask, gone = LocalHand.ask, []

    def ask_and_kill(hand: LocalHand, method: str, *arguments: object) -> None:
        if gone:
            ask(hand, method, *arguments)
            return
        gone.append(hand.pid)
        os.kill(hand.pid, signal.SIGSTOP)
        ask(hand, method, *arguments)
        os.kill(hand.pid, signal.SIGKILL)

    monkeypatch.setattr(LocalHand, "ask", ask_and_kill)
    assert costs(pool.evaluate(middle(cutting))) == truth(cutting)
    assert gone[0] not in [hand.pid for hand in pool.hands]


def test_a_replaced_worker_has_the_newest_numbers(pool: Pool, cutting: Cutting) -> None:
    dearer = [replace(part, data=replace(part.data, cost=part.data.cost * 1.5)) for part in cutting.parts]
    pool.update(dearer)
    kill(pool, 1)
    assert costs(pool.evaluate(middle(cutting))) == truth(cutting, dearer)
    pool.update(cutting.parts)
    assert costs(pool.evaluate(middle(cutting))) == truth(cutting)


def test_a_worker_lost_with_its_bases_finds_them_again(cutting: Cutting) -> None:
    with Pool(cutting.parts, 1, Here) as pool:
        expected = pool.bases(middle(cutting))
    with Pool(cutting.parts, 2) as pool:
        pool.evaluate(middle(cutting))
        kill(pool, 0)
        found = pool.bases(middle(cutting))
    for one, other in zip(found, expected, strict=True):
        assert np.count_nonzero(one.columns == BASIC) + np.count_nonzero(one.rows == BASIC) == one.rows.size
        assert one.rows.size == other.rows.size


class Doomed(LocalHand):
    """A process that is killed as soon as it is asked."""

    def ask(self, method: str, *arguments: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        super().ask(method, *arguments)


def test_a_worker_killed_again_and_again_is_an_error(cutting: Cutting) -> None:
    with Pool(cutting.parts[:1], 1, Doomed) as pool, pytest.raises(RuntimeError, match="lost 3 times"):
        pool.evaluate(middle(cutting))


def test_after_a_worker_was_lost_for_good_all_are_in_step(cutting: Cutting) -> None:
    """Three die, the fourth lives; what it was asked last is no question of the next call."""
    made: list[LocalHand] = []

    def first_three_die(blocks: dict[int, BlockData]) -> LocalHand:
        made.append((Doomed if len(made) < 3 else LocalHand)(blocks))
        return made[-1]

    with Pool(cutting.parts[:1], 1, first_three_die) as pool:
        with pytest.raises(RuntimeError, match="lost"):
            pool.evaluate(cutting.master.lower)
        assert costs(pool.evaluate(middle(cutting))) == truth(cutting, cutting.parts[:1])


def hopeless(part: Part) -> Part:
    """A load beyond everything, and no border to blame."""
    data = part.data
    beyond = replace(data, row_lower=data.row_lower + 1e6, row_upper=data.row_upper + 1e6, elastic=data.elastic[:0])
    return replace(part, data=beyond)


def test_a_block_without_an_operation_is_an_error_in_its_words(cutting: Cutting) -> None:
    with (
        Pool([hopeless(cutting.parts[0])], 1) as pool,
        pytest.raises(RuntimeError, match="a block ended as Infeasible"),
    ):
        pool.evaluate(middle(cutting))


def test_after_an_error_of_one_worker_all_are_in_step(cutting: Cutting) -> None:
    """What the others had answered meanwhile is no answer to the next question."""
    with Pool([hopeless(cutting.parts[0]), *cutting.parts[1:]], 2) as pool:
        with pytest.raises(RuntimeError, match="Infeasible"):
            pool.evaluate(cutting.master.lower)
        pool.update(cutting.parts)
        assert costs(pool.evaluate(middle(cutting))) == truth(cutting)


def test_after_an_interrupt_all_are_in_step(cutting: Cutting) -> None:
    """Ctrl-C while the first answers are awaited: they are none to the next question."""
    interrupts = [KeyboardInterrupt()]

    class Interrupted(LocalHand):
        def answer(self) -> Any:
            if interrupts:
                raise interrupts.pop()
            return super().answer()

    with Pool(cutting.parts, 2, Interrupted) as pool:
        with pytest.raises(KeyboardInterrupt):
            pool.evaluate(cutting.master.lower)
        assert costs(pool.evaluate(middle(cutting))) == truth(cutting)


def test_closed_workers_are_gone(cutting: Cutting) -> None:
    with Pool(cutting.parts[:1], 1) as pool:
        process = pool.hands[0]._process
        assert process.poll() is None
    assert process.poll() is not None


def test_blocks_are_given_to_hands_in_turn(cutting: Cutting) -> None:
    dealt: list[list[int]] = []

    class Noting(Here):
        def __init__(self, blocks: dict[int, BlockData]) -> None:
            dealt.append(sorted(blocks))
            super().__init__(blocks)

    Pool([*cutting.parts, *cutting.parts], 4, Noting)
    assert dealt == [[0, 4], [1, 5], [2], [3]]
    assert np.concatenate(dealt).size == 6
