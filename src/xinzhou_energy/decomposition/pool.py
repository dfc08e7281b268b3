"""Worker processes that hold the blocks and evaluate them side by side."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Self

from xinzhou_energy.decomposition.block import Evaluation
from xinzhou_energy.decomposition.cut import Part
from xinzhou_energy.decomposition.problem import Floats

MODULE = "xinzhou_energy.decomposition.worker"


class Pool:
    """Blocks dealt to `workers` processes; ends them when the block is left."""

    def __init__(self, parts: Sequence[Part], workers: int) -> None:
        self._links = [part.links for part in parts]
        self._hands = [range(hand, len(parts), workers) for hand in range(min(workers, len(parts)))]
        command = [sys.executable, "-m", MODULE]
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
            for _ in self._hands
        ]
        for process, hand in zip(self._processes, self._hands, strict=True):
            send(process, {number: parts[number].data for number in hand})

    def evaluate(self, links: Floats, *, with_values: bool = False) -> list[Evaluation]:
        """Evaluate all blocks with the master's links at these values, in the order of the blocks.

        Raises
        ------
        RuntimeError
            If a block has no optimum or a worker died.
        """
        for process, hand in zip(self._processes, self._hands, strict=True):
            send(process, ({number: links[self._links[number]] for number in hand}, with_values))
        found: dict[int, Evaluation] = {}
        for process in self._processes:
            found |= receive(process)
        return [found[number] for number in range(len(self._links))]

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers, in whatever they are doing."""
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def send(process: subprocess.Popen[bytes], message: object) -> None:
    """Write one message to a worker."""
    pipe = open_pipe(process.stdin)
    try:
        pickle.dump(message, pipe)
        pipe.flush()
    except BrokenPipeError as error:
        message = "a worker process ended early"
        raise RuntimeError(message) from error


def receive(process: subprocess.Popen[bytes]) -> dict[int, Evaluation]:
    """Read one answer of a worker."""
    try:
        answer = pickle.load(open_pipe(process.stdout))  # noqa: S301 - from our own child
    except EOFError as error:
        message = "a worker process ended early"
        raise RuntimeError(message) from error
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return dict(answer)


def open_pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe that was asked for."""
    if pipe is None:
        message = "a worker process without a pipe"
        raise RuntimeError(message)
    return pipe
