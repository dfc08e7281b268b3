"""The command as a planner starts it: a process of its own, with exit code and words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def command() -> Command:
    """Run `python -m xinzhou_energy ...` in the project's folder (or `cwd`) and return the finished process."""

    def start(
        *arguments: str | Path, cwd: Path = ROOT, encoding: str = "utf-8", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        settings = {"PYTHONUTF8": "1", "TERM": "dumb", "NO_COLOR": "1", **environment}
        return subprocess.run(
            [sys.executable, "-m", "xinzhou_energy", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **settings},
            capture_output=True,
            encoding=encoding,
            timeout=120,
            check=False,
        )

    return start
