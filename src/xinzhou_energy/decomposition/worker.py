"""What a worker does: it holds blocks and answers for them. A process does so over standard input and output.

A process of its own, because threads of one process slow each other down in HiGHS; started by its module name, so that
a user's script needs no guard around its main code.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import BinaryIO

from xinzhou_energy.decomposition.block import Basis, Block, BlockData, Evaluation
from xinzhou_energy.decomposition.problem import Floats


class Holder:
    """Some blocks by number, kept in memory."""

    def __init__(self, blocks: dict[int, BlockData]) -> None:
        self._blocks = {number: Block(data) for number, data in blocks.items()}

    def evaluate(self, links: dict[int, Floats]) -> dict[int, Evaluation]:
        """Evaluate each block at its links."""
        return {number: self._blocks[number].evaluate(values) for number, values in links.items()}

    def update(self, blocks: dict[int, BlockData]) -> None:
        """Give blocks other bounds, sides and costs."""
        for number, data in blocks.items():
            self._blocks[number].update(data)

    def bases(self, links: dict[int, Floats]) -> dict[int, Basis]:
        """Return an optimal basis of each block at its links."""
        self.evaluate(links)
        return {number: self._blocks[number].basis() for number in links}


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Build the blocks of the first message; answer each further one with a result or the text of an error."""
    holder = Holder(pickle.load(orders))  # noqa: S301 - from our own parent
    while True:
        try:
            method, arguments = pickle.load(orders)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            answer: object = getattr(holder, method)(*arguments)
        except RuntimeError as error:
            answer = str(error)
        pickle.dump(answer, answers)
        answers.flush()


def main() -> None:
    """Keep standard output for answers, for HiGHS prints its banner there, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
