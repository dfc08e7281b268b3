"""What a run is doing: a live line in a terminal, plain lines elsewhere, nothing for machines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

if TYPE_CHECKING:  # the package `solve` brings linopy along: a second that `--help` must not pay
    from xinzhou_energy.solve.solution import Progress, Report

PLAIN_PERIOD_S = 10.0
REFRESH_PER_SECOND = 5

STAGES = {
    "read": ("读取数据", "reading data and profiles"),
    "build": ("构建网络", "building the network"),
    "siting": ("风光选址", "siting new wind and solar"),
    "dispatch": ("求解运行", "solving the dispatch"),
    "collect": ("汇总指标", "collecting the metrics"),
    "store": ("保存结果", "storing the run"),
}


def stage_words(stage: str) -> str:
    """Return the name of a stage in both languages; an unknown one as it is."""
    zh, en = STAGES.get(stage, ("", stage))
    return f"{zh} / {en}" if zh else en


def details(progress: Progress) -> str:
    """Return what is known beside the stage: '迭代 iterations 1,234, 间隙 gap 1.2e-04'."""
    known = []
    if progress.iterations is not None:
        known.append(f"迭代 iterations {progress.iterations:,}")
    if progress.gap is not None:
        known.append(f"间隙 gap {progress.gap:.1e}")
    return ", ".join(known)


class PlainProgress:
    """One line for each stage and, inside a stage, at most one every ten seconds."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self._started = clock()
        self._stage = ""
        self._written = self._started

    def __call__(self, progress: Progress) -> None:
        """Write a line when it is due."""
        now = self._clock()
        if progress.stage == self._stage and now - self._written < PLAIN_PERIOD_S:
            return
        self._stage, self._written = progress.stage, now
        known = details(progress)
        line = f"[{now - self._started:5.0f} s] {stage_words(progress.stage)}"
        self._write(f"{line}: {known}" if known else line)


class LiveProgress:
    """A renderable for `rich.live.Live`: the stage under way; `report` prints each finished stage above it."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._started = self._stage_started = clock()
        self._now: Progress | None = None
        self._spinner = Spinner("line")  # ASCII: shows on every code page

    def __call__(self, progress: Progress) -> None:
        """Take the newest progress."""
        if self._now is None or progress.stage != self._now.stage:
            self.finish_stage()
            self._stage_started = self._clock()
        self._now = progress

    def finish_stage(self) -> None:
        """Print the stage under way, if any, as done."""
        if self._now is not None:
            known = details(self._now)
            line = f"  {stage_words(self._now.stage)}  {self._clock() - self._stage_started:.1f} s"
            self._console.print(Text(f"{line}  {known}" if known else line, style="dim"))
        self._now = None

    def __rich__(self) -> Spinner:
        """Render the live line."""
        now = self._clock()
        words = [stage_words(self._now.stage), details(self._now)] if self._now else ["准备 / starting"]
        words.append(f"{now - self._stage_started:.0f} s, 共 total {now - self._started:.0f} s")
        self._spinner.update(text=Text("  ".join(filter(None, words))))
        return self._spinner


@contextmanager
def reporting(console: Console, *, quiet: bool) -> Iterator[Report]:
    """Give a callback that shows progress on a console (standard error) inside the block."""
    if quiet:
        yield _ignore
    elif console.is_terminal and not console.is_dumb_terminal:
        live = LiveProgress(console)
        with Live(live, console=console, refresh_per_second=REFRESH_PER_SECOND, transient=True):
            yield live
            live.finish_stage()
    else:
        yield PlainProgress(lambda line: console.print(line, markup=False, soft_wrap=True))


def _ignore(progress: Progress) -> None:
    """Show nothing."""
