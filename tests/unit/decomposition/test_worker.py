"""A worker answers every order in turn, errors included, until its orders end."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
from small_years import random_year

from xinzhou_energy.decomposition.block import Basis, Block, Evaluation
from xinzhou_energy.decomposition.cut import Cutting, cut
from xinzhou_energy.decomposition.reductions import reduce
from xinzhou_energy.decomposition.worker import Holder, serve


@pytest.fixture(scope="module")
def cutting() -> Cutting:
    return cut(reduce(random_year(0).problem).problem, 8)


def links(cutting: Cutting, number: int) -> np.ndarray:
    return cutting.master.upper[cutting.parts[number].links]


def served(*messages: object) -> list[object]:
    """Write messages, let a worker serve them and return its answers."""
    orders, answers = io.BytesIO(b"".join(pickle.dumps(message) for message in messages)), io.BytesIO()
    serve(orders, answers)
    answers.seek(0)
    found = []
    while answers.tell() < len(answers.getvalue()):
        found.append(pickle.load(answers))  # noqa: S301 - written a moment ago
    return found


def test_every_order_has_an_answer_in_turn(cutting: Cutting) -> None:
    blocks = {number: cutting.parts[number].data for number in (0, 2)}
    order = ("evaluate", ({number: links(cutting, number) for number in blocks},))
    evaluated, bases, updated = served(blocks, order, ("bases", order[1]), ("update", (blocks,)))
    assert set(evaluated) == set(bases) == {0, 2}
    assert isinstance(evaluated[0], Evaluation)
    assert isinstance(bases[2], Basis)
    assert updated is None
    assert evaluated[2].cost == Block(blocks[2]).evaluate(links(cutting, 2)).cost


def test_an_error_is_told_in_words_and_the_worker_goes_on(cutting: Cutting) -> None:
    data = cutting.parts[0].data
    hopeless = replace(data, row_lower=data.row_lower + 1e6, row_upper=data.row_upper + 1e6, elastic=data.elastic[:0])
    order = ("evaluate", ({0: links(cutting, 0)},))
    told, updated, evaluated = served({0: hopeless}, order, ("update", ({0: data},)), order)
    assert "Infeasible" in told
    assert updated is None
    assert evaluated[0].cost == pytest.approx(Block(data).evaluate(links(cutting, 0)).cost)


def test_a_holder_evaluates_only_what_is_asked(cutting: Cutting) -> None:
    holder = Holder({number: part.data for number, part in enumerate(cutting.parts)})
    assert set(holder.evaluate({1: links(cutting, 1)})) == {1}
