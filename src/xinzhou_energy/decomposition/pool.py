"""Workers that hold the blocks and evaluate them side by side; a lost one is replaced and costs time only."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from xinzhou_energy.decomposition.block import Basis, BlockData, Evaluation
from xinzhou_energy.decomposition.cut import Part
from xinzhou_energy.decomposition.hands import LocalHand, LostError, MakeHand
from xinzhou_energy.decomposition.problem import Floats

MOST_LOSSES = 3  # of one worker in one call; then something else is wrong


class Pool:
    """Blocks dealt to `workers` hands; answers come in the order of the blocks, whoever was first."""

    def __init__(self, parts: Sequence[Part], workers: int, make_hand: MakeHand = LocalHand) -> None:
        self._data = [part.data for part in parts]
        self._links = [part.links for part in parts]
        self._make_hand = make_hand
        self._dealt = [range(hand, len(parts), workers) for hand in range(min(workers, len(parts)))]
        self.hands = [make_hand(self._blocks_of(dealt)) for dealt in self._dealt]
        self._in_step = True

    def evaluate(self, links: Floats) -> list[Evaluation]:
        """Evaluate all blocks with the master's links at these values.

        Raises
        ------
        RuntimeError
            If a block has no optimum or a worker is lost again and again.
        """
        return self._at(links, "evaluate")

    def update(self, parts: Sequence[Part]) -> None:
        """Give the blocks other bounds, sides and costs."""
        self._data = [part.data for part in parts]
        orders = [(self._blocks_of(dealt),) for dealt in self._dealt]
        self._all("update", orders)

    def bases(self, links: Floats) -> list[Basis]:
        """Return an optimal basis of every block with the links at these values; raises as `evaluate` does."""
        return self._at(links, "bases")

    def _at(self, links: Floats, method: str) -> list[Any]:
        """Ask all about these links and put the answers in the order of the blocks."""
        orders = [({number: links[self._links[number]] for number in dealt},) for dealt in self._dealt]
        found: dict[int, Any] = {}
        for answer in self._all(method, orders):
            found |= answer
        return [found[number] for number in range(len(self._data))]

    def _all(self, method: str, orders: list[Any]) -> list[Any]:
        """Ask every hand, then wait for each in turn; ask again where one was lost."""
        if not self._in_step:
            self._renew()
        self._in_step = False
        for hand, order in zip(self.hands, orders, strict=True):
            hand.ask(method, *order)
        answers, failure = [], None
        for place, order in enumerate(orders):
            try:
                answers.append(self._answer(place, method, order))
            except RuntimeError as error:  # the others have answers too, which must not wait for the next call
                failure = failure or error
        self._in_step = not isinstance(failure, LostError)
        if failure is not None:
            raise failure
        return answers

    def _answer(self, place: int, method: str, order: tuple[Any, ...]) -> Any:  # noqa: ANN401 - whatever the method returns
        """Wait for one hand; replace it if it is lost."""
        for _ in range(MOST_LOSSES):
            try:
                return self.hands[place].answer()
            except LostError:
                self.hands[place].close()
                self.hands[place] = self._make_hand(self._blocks_of(self._dealt[place]))
                self.hands[place].ask(method, *order)
        message = f"a worker was lost {MOST_LOSSES} times"
        raise LostError(message)

    def _renew(self) -> None:
        """Replace all workers: after an interrupt or a loss for good, answers nobody waited for may still come."""
        self.close()
        self.hands = [self._make_hand(self._blocks_of(dealt)) for dealt in self._dealt]

    def _blocks_of(self, dealt: range) -> dict[int, BlockData]:
        return {number: self._data[number] for number in dealt}

    def close(self) -> None:
        """End the workers, in whatever they are doing."""
        for hand in self.hands:
            hand.close()

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers."""
        self.close()
