"""The same content is the same run: no order of rows, no line ending, no spelling makes another one."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from xinzhou_energy.grid.read import read_grid
from xinzhou_energy.network import assemble
from xinzhou_energy.run import content_id
from xinzhou_energy.scenario import load_scenario

SHUFFLED = ("plants", "lines", "buses", "counties", "weather_counties", "siting_limits", "economics", "carriers")


def shuffle_rows(project: Path) -> None:
    """Shuffle the rows of some tables of a copied project."""
    for table in SHUFFLED:
        path = project / "data" / "grid" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file))
        random.Random(7).shuffle(rows)  # noqa: S311 - any order will do
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\r\n").writerows([head, *rows])


def test_row_order_and_line_endings_change_neither_run_nor_objective(project, quick, solve_now, cut_days) -> None:
    shuffle_rows(project)
    scenario = load_scenario(project / "scenarios" / "quick.yaml")
    data = read_grid(scenario)
    assert content_id(scenario, data) == content_id(quick.scenario, quick.data)
    day = "2026-04-20"
    shuffled = solve_now(assemble(scenario, cut_days(data, day)), scenario).objective
    plain = solve_now(assemble(quick.scenario, cut_days(quick.data, day)), quick.scenario).objective
    assert shuffled == pytest.approx(plain, rel=1e-8)


def test_an_edited_cell_is_another_run(project, quick) -> None:
    path = project / "data" / "grid" / "fuels.csv"
    text = path.read_text(encoding="utf-8")
    assert ",81," in text
    path.write_text(text.replace(",81,", ",82,", 1), encoding="utf-8")
    scenario = load_scenario(project / "scenarios" / "quick.yaml")
    assert content_id(scenario, read_grid(scenario)) != content_id(quick.scenario, quick.data)


def test_another_seed_is_another_run(quick) -> None:
    other = quick.scenario.with_changes(seed=2)
    assert content_id(other, read_grid(other)) != content_id(quick.scenario, quick.data)
