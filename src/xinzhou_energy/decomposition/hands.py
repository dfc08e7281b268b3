"""Where a worker runs: in a process on this computer, or as an actor on a Dask cluster."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, Protocol

from xinzhou_energy.decomposition.block import BlockData, BlockError
from xinzhou_energy.decomposition.worker import Holder

MODULE = "xinzhou_energy.decomposition.worker"


class LostError(RuntimeError):
    """A worker is gone; its blocks can be given to another."""


class Hand(Protocol):
    """One worker: `ask` starts a method of its `Holder`, `answer` waits for the result."""

    def ask(self, method: str, *arguments: object) -> None:
        """Start a method."""

    def answer(self) -> Any:  # noqa: ANN401 - whatever the method returns
        """Return its result; LostError if the worker is gone, RuntimeError with its words if it failed."""

    def close(self) -> None:
        """End the worker, in whatever it is doing."""


MakeHand = Callable[[dict[int, BlockData]], Hand]


def started() -> subprocess.Popen[bytes]:
    """Start a worker process; it needs a second to load and then waits for its blocks."""
    return subprocess.Popen([sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module


class LocalHand:
    """A child process."""

    def __init__(self, blocks: dict[int, BlockData], process: subprocess.Popen[bytes] | None = None) -> None:
        self._process = started() if process is None else process
        self._write(blocks)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def ask(self, method: str, *arguments: object) -> None:
        """Write the order; a worker that is gone is noticed by `answer`."""
        self._write((method, arguments))

    def answer(self) -> Any:  # noqa: ANN401 - see Hand
        """Read the result."""
        pipe = self._process.stdout
        try:
            found = pickle.load(pipe) if pipe else None  # noqa: S301 - from our own child
        except (EOFError, pickle.UnpicklingError) as error:
            message = "a worker process ended early"
            raise LostError(message) from error
        if isinstance(found, str):
            raise RuntimeError(found)
        return found

    def close(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def _write(self, message: object) -> None:
        pipe = self._process.stdin
        try:
            if pipe:
                pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
                pipe.flush()
        except (BrokenPipeError, OSError):
            return


class StartedHands:
    """Makes hands of processes started ahead, so that they load while the problem is still being read."""

    def __init__(self, count: int) -> None:
        self._waiting = [started() for _ in range(count)]

    def __call__(self, blocks: dict[int, BlockData]) -> LocalHand:
        """Give the blocks to a waiting process, or to a new one."""
        return LocalHand(blocks, self._waiting.pop() if self._waiting else None)

    def close(self) -> None:
        """End the processes nobody needed."""
        while self._waiting:
            LocalHand({}, self._waiting.pop()).close()


@contextmanager
def hands_at(scheduler: str | None, workers: int) -> Iterator[tuple[int, MakeHand]]:
    """Yield how many workers there are and how one is made: child processes, or a Dask cluster at an address.

    Raises
    ------
    OSError
        If no scheduler answers at the address.
    """
    if scheduler is None:
        hands = StartedHands(workers)
        with closing(hands):
            yield workers, hands
        return
    from distributed import Client  # a second to load: only where asked for

    connect: Any = Client
    with connect(scheduler, timeout="10s", set_as_default=False) as client:
        client.wait_for_workers(1, timeout=30)
        count = len(client.scheduler_info(n_workers=-1)["workers"])
        yield count, partial(DaskHand, client=client)


class DaskHand:
    """An actor on a Dask cluster."""

    def __init__(self, blocks: dict[int, BlockData], client: Any) -> None:  # noqa: ANN401 - distributed.Client, loaded only where asked for
        self._client = client
        self._actor = client.submit(Holder, blocks, actor=True, pure=False)
        self._asked: Any = None

    def ask(self, method: str, *arguments: object) -> None:
        """Start a method of the actor."""
        try:
            with self._client.as_current():  # an actor looks for its client there
                self._asked = getattr(self._actor.result(), method)(*arguments)
        except Exception as error:
            self._asked = error

    def answer(self) -> Any:  # noqa: ANN401 - see Hand
        """Wait for the result."""
        try:
            if isinstance(self._asked, Exception):
                raise self._asked
            return self._asked.result()
        except BlockError:
            raise
        except Exception as error:
            message = f"a Dask worker is lost: {error}"
            raise LostError(message) from error

    def close(self) -> None:
        """Let the actor go."""
        self._actor.release()
