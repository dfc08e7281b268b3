"""Cutting into blocks: who owns what, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_years import INF, TIMELESS, Year, random_year

from xinzhou_energy.decomposition import cut as cutter
from xinzhou_energy.decomposition.cut import Cutting, NotSeparableError, cut, edges_of
from xinzhou_energy.decomposition.problem import Problem
from xinzhou_energy.decomposition.reductions import reduce


def store(hours: int = 6) -> Problem:
    """A plant within a size and a store serve a load; columns: size, then per hour output, shedding, level."""
    year = Year()
    size = year.column("size", TIMELESS, lower=0.0, upper=50.0, cost=5.0)
    for hour in range(hours):
        output = year.column("output", hour, lower=0.0, upper=100.0, cost=0.1)
        shed = year.column("shed", hour, lower=0.0, upper=100.0, cost=2.0)
        level = year.column("level", hour, lower=0.0, upper=2.0)
        year.row({output: 1.0, size: -1.0}, -INF, 0.0, hour)
        before = {year.names["level", hour - 1]: 1.0} if hour else {}
        year.row({output: 1.0, shed: 1.0, level: -1.0, **before}, hour + 1.0, hour + 1.0, hour)
    year.row({size: 2.0}, 1.0, INF, TIMELESS)
    return year.problem


def test_links_are_the_size_and_the_level_at_the_border() -> None:
    """Two blocks of three hours share the size (column 0) and the level at the end of hour 2 (column 9)."""
    cutting = cut(store(), 3)
    assert cutting.master.columns.tolist() == [0, 9]
    assert [part.links.tolist() for part in cutting.parts] == [[0, 1], [0, 1]]
    assert [part.own.size for part in cutting.parts] == [8, 9]


def test_the_master_has_the_rows_of_links_alone() -> None:
    master = cut(store(), 3).master
    assert master.matrix.toarray().tolist() == [[2, 0]]
    assert (master.row_lower.tolist(), master.rows.tolist()) == ([1], [12])
    assert (master.cost.tolist(), master.upper.tolist()) == ([5, 0], [50, 2])


def test_limits_by_a_size_stand_last_and_rows_with_a_border_are_elastic() -> None:
    first, second = cut(store(), 3).parts
    assert (first.data.limits, second.data.limits) == (3, 3)
    assert first.rows.tolist() == [1, 3, 5, 0, 2, 4]
    assert (first.data.elastic.tolist(), second.data.elastic.tolist()) == ([2], [0])


def test_one_block_has_no_border() -> None:
    cutting = cut(store(), 730)
    assert cutting.master.columns.tolist() == [0]
    assert cutting.parts[0].data.elastic.size == 0


@pytest.mark.parametrize(("hours", "edges"), [(3, [0, 3, 6]), (4, [0, 3, 6]), (5, [0, 6]), (1, list(range(7)))])
def test_blocks_are_of_nearly_equal_length(hours: float, edges: list[int]) -> None:
    assert edges_of(store(), hours).tolist() == edges


def test_given_edges_are_kept_also_beyond_the_hours_left() -> None:
    """A reduction may leave nothing of the last hours."""
    cutting = cut(store(), 3, np.array([0, 2, 6, 9]))
    hours = [sorted(set(cutting.problem.row_hour[part.rows])) for part in cutting.parts]
    assert hours == [[0, 1], [2, 3, 4, 5], []]


def test_every_row_and_column_has_one_owner() -> None:
    cutting = cut(reduce(random_year(0).problem).problem, 6)
    columns = np.concatenate([cutting.master.columns, *[part.own for part in cutting.parts]])
    rows = np.concatenate([cutting.master.rows, *[part.rows for part in cutting.parts]])
    assert sorted(columns) == list(range(cutting.problem.lower.size))
    assert sorted(rows) == list(range(cutting.problem.row_lower.size))
    assert all(np.diff(part.data.matrix.indptr).min() > 0 for part in cutting.parts), "rows of links are the master's"


def test_parts_and_links_make_the_whole_again() -> None:
    """Rows times values, block by block, are those of the whole problem."""
    cutting = cut(reduce(random_year(1).problem).problem, 6)
    values = np.random.default_rng(0).normal(size=cutting.problem.lower.size)
    links = values[cutting.master.columns]
    whole = cutting.problem.matrix @ values
    assert cutting.master.matrix @ links == pytest.approx(whole[cutting.master.rows])
    for part in cutting.parts:
        of_block = part.data.matrix @ values[part.own] + part.data.links @ links[part.links]
        assert of_block == pytest.approx(whole[part.rows])
    assert gathered(cutting, values).tolist() == values.tolist()


def gathered(cutting: Cutting, values: np.ndarray) -> np.ndarray:
    return cutting.gather(values[cutting.master.columns], [values[part.own] for part in cutting.parts])


def test_duals_come_back_in_the_order_of_the_rows() -> None:
    cutting = cut(store(), 3)
    duals = np.arange(13.0)
    found = cutting.gather_duals(duals[cutting.master.rows], [duals[part.rows] for part in cutting.parts])
    assert found.tolist() == duals.tolist()


def test_a_column_without_bounds_is_refused() -> None:
    problem = store()
    with pytest.raises(NotSeparableError, match="bounds"):
        cut(replace(problem, upper=np.where(problem.upper == 2, INF, problem.upper)), 3)


def test_too_many_links_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "MOST_LINKS", 5)
    assert cut(store(), 1.5).master.columns.size == 4
    with pytest.raises(NotSeparableError, match="6 links"):
        cut(store(), 1)
