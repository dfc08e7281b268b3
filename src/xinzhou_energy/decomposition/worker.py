"""A worker process: reads blocks, then answers evaluations, over its standard input and output.

A process of its own, because threads of one process slow each other down in HiGHS; started by its file, so that a
user's script needs no guard around its main code.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import BinaryIO

from xinzhou_energy.decomposition.block import Block


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Build the blocks of the first message; answer each further one with evaluations or the text of an error."""
    blocks = {number: Block(data) for number, data in pickle.load(orders).items()}  # noqa: S301 - from our own parent
    while True:
        try:
            order, with_values = pickle.load(orders)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            answer: object = {
                number: blocks[number].evaluate(links, with_values=with_values) for number, links in order.items()
            }
        except RuntimeError as error:
            answer = str(error)
        pickle.dump(answer, answers)
        answers.flush()


def main() -> None:
    """Keep standard output for answers: HiGHS prints its banner there."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
