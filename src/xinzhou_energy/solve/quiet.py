"""HiGHS prints its banner on standard output before any option can silence it; machine-read output must stay clean."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STDOUT = 1


@contextmanager
def silent_stdout() -> Iterator[None]:
    """Send file descriptor 1 to nowhere inside the block; progress goes to standard error and is not touched."""
    sys.stdout.flush()
    saved = os.dup(STDOUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDOUT)
        yield
    finally:
        os.dup2(saved, STDOUT)
        os.close(nowhere)
        os.close(saved)
