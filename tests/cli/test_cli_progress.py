"""Progress: one line a stage, throttled inside a stage, nothing for machines, a live line in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from xinzhou_energy.cli.progress import LiveProgress, PlainProgress, reporting
from xinzhou_energy.solve.solution import Progress


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def plain(times: list[tuple[float, Progress]]) -> list[str]:
    """Return the lines written for progress reported at these times."""
    clock, lines = Clock(), []
    report = PlainProgress(lines.append, clock)
    for clock.now, progress in times:
        report(progress)
    return lines


def test_each_stage_gets_a_line_at_once() -> None:
    lines = plain([(0.0, Progress("read")), (0.5, Progress("build")), (0.6, Progress("siting"))])
    assert [line.partition("] ")[2] for line in lines] == [
        "读取数据 / reading data and profiles",
        "构建网络 / building the network",
        "风光选址 / siting new wind and solar",
    ]


def test_a_long_stage_gets_a_line_every_ten_seconds() -> None:
    lines = plain([(float(second), Progress("siting", second, 100 * second)) for second in range(36)])
    assert [line.split()[1] for line in lines] == ["0", "10", "20", "30"]
    assert lines[-1].endswith("迭代 iterations 3,000")


def test_a_new_stage_is_not_held_back_by_the_last_line() -> None:
    lines = plain([(10.0, Progress("siting")), (10.1, Progress("siting")), (10.2, Progress("dispatch"))])
    assert len(lines) == 2


def test_iterations_and_gap_show_only_when_known() -> None:
    lines = plain([(0.0, Progress("siting", 0.0, 12, 1.2e-4)), (1.0, Progress("store"))])
    assert lines[0].endswith("迭代 iterations 12, 间隙 gap 1.2e-04")
    assert lines[1].endswith("storing the run")


def test_an_unknown_stage_is_shown_as_it_is() -> None:
    assert plain([(0.0, Progress("polish"))]) == ["[    0 s] polish"]


def test_a_file_gets_plain_lines_without_control_codes() -> None:
    file = io.StringIO()
    with reporting(Console(file=file, width=40), quiet=False) as report:
        report(Progress("read"))
        report(Progress("siting", 1.0, 123_456, 1e-7))
    lines = file.getvalue().splitlines()
    assert len(lines) == 2
    assert "\x1b" not in file.getvalue()
    assert lines[1].endswith("gap 1.0e-07")  # longer than the width, and not wrapped


def test_machines_get_nothing() -> None:
    file = io.StringIO()
    with reporting(Console(file=file, force_terminal=True), quiet=True) as report:
        report(Progress("read"))
    assert file.getvalue() == ""


def test_a_terminal_sees_the_stage_under_way_and_each_finished_stage() -> None:
    clock, file = Clock(), io.StringIO()
    console = Console(file=file, width=100)
    live = LiveProgress(console, clock)
    live(Progress("build"))
    clock.now = 4.0
    live(Progress("siting", 0.0, 7, 0.5))
    clock.now = 6.0
    assert file.getvalue().split() == ["构建网络", "/", "building", "the", "network", "4.0", "s"]
    with console.capture() as shown:
        console.print(live)
    assert "风光选址 / siting new wind and solar  迭代 iterations 7, 间隙 gap 5.0e-01  2 s, 共 total 6 s" in shown.get()


def test_a_finished_run_leaves_every_stage_on_the_terminal() -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, legacy_windows=False, _environ={"TERM": "xterm"})
    with reporting(console, quiet=False) as report:
        report(Progress("read"))
        report(Progress("store"))
    finished = [line for line in file.getvalue().splitlines() if line.endswith(" s\x1b[0m")]
    assert any("读取数据" in line for line in finished)
    assert any("保存结果" in line for line in finished)


def test_a_failing_run_leaves_its_stage_unfinished() -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, legacy_windows=False, _environ={"TERM": "xterm"})

    def fail() -> None:
        with reporting(console, quiet=False) as report:
            report(Progress("read"))
            report(Progress("build"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    finished = [line for line in file.getvalue().splitlines() if line.endswith(" s\x1b[0m")]
    assert any("读取数据" in line for line in finished)
    assert not any("构建网络" in line for line in finished)
