"""Sizes a hair from their bounds go onto them, and the rows of the master still hold."""

from __future__ import annotations

import numpy as np
import pytest
from small_years import INF, TIMELESS, Year

from xinzhou_energy.decomposition.cut import Cutting, cut
from xinzhou_energy.decomposition.tidy import tidied


def plan(total: float = 150.0) -> Cutting:
    """Three sizes of up to 100 MW that make a total; an hour, and a store over its border."""
    year = Year()
    sizes = [year.column("size", n, lower=0.0, upper=100.0) for n in (TIMELESS,) * 3]
    year.row(dict.fromkeys(sizes, 1.0), total, total, TIMELESS)
    for hour in range(2):
        level = year.column("level", hour, lower=0.0, upper=50.0)
        output = year.column("output", hour, lower=0.0, upper=100.0, cost=1.0)
        before = {year.names["level", 0]: 1.0} if hour else {}
        year.row({output: 1.0, level: -1.0, **before}, 5.0, 5.0, hour)
        year.row({output: 1.0, sizes[hour]: -1.0}, -INF, 0.0, hour)
    return cut(year.problem, 1)


def sizes_of(*links: float) -> list[float]:
    return tidied(plan(sum(links[:3])), np.array(links)).tolist()


def test_dust_goes_to_the_bound_and_another_size_takes_it() -> None:
    found = sizes_of(0.4, 60.0, 89.6, 20.0)
    assert found[0] == 0
    assert sum(found[:3]) == pytest.approx(150)
    assert abs(found[1] - 60) + abs(found[2] - 89.6) == pytest.approx(0.4)


def test_a_size_nearly_full_is_full() -> None:
    found = sizes_of(99.3, 50.0, 30.0, 20.0)
    assert found[0] == 100
    assert sum(found[:3]) == pytest.approx(179.3)
    assert found[3] == pytest.approx(20)


def test_sizes_amid_their_bounds_and_borders_stay() -> None:
    assert sizes_of(40.0, 60.0, 50.0, 0.3) == pytest.approx([40, 60, 50, 0.3])


def test_where_the_rows_ask_for_the_dust_it_stays() -> None:
    assert sizes_of(0.5, 0.5, 0.5, 20.0) == pytest.approx([0.5, 0.5, 0.5, 20])
