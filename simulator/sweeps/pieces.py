"""The work of a sweep cut into pieces: whole points, and parts of points that would take long.

A piece is a range of draws of one point. A draw's outcome does not depend on the other draws, and
sums over draws are integers, so how a point is cut cannot change its result; it decides only how
much is lost when a worker dies and how evenly the end is shared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from simulator.analysis.run import block_size

# About a second of work on one core (docs/performance.md): drawing, compiling and tallying a draw
# take as long as this many of its trials.
TRIALS_PER_PIECE: Final = 65_536
TRIALS_OF_A_DRAW: Final = 4
SECONDS_PER_TASK: Final = 2.0
# Before anything is measured; too slow rather than too fast, so that a first task soon returns.
_GUESSED_DRAWS_PER_SECOND: Final = 5_000.0
_GUESSED_SECONDS_PER_PIECE: Final = 0.2

# What becomes of a piece: estimates of the whole point, a part to be merged, rows to be compared.
Kind = Literal["point", "part", "rows"]


@dataclass(frozen=True, slots=True)
class Piece:
    """The draws ``[first, last)`` of a point.

    Attributes
    ----------
    point : int
    digest : str
        Of the point, as planned.
    first, last : int
        Of a point with a precision: the most that it may take.
    kind : {"point", "part", "rows"}
    """

    point: int
    digest: str
    first: int
    last: int
    kind: Kind

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.last - self.first


def longest_piece(trials: int) -> int:
    """Return the most draws of a piece: whole blocks, at least one.

    Examples
    --------
    >>> longest_piece(4), longest_piece(1000)
    (8192, 256)
    """
    block = block_size(trials)
    return block * max(1, TRIALS_PER_PIECE // ((TRIALS_OF_A_DRAW + trials) * block))


def cut(
    point: int, digest: str, first: int, last: int, longest: int, kind: Kind = "part"
) -> tuple[Piece, ...]:
    """Cut draws of a point into pieces at multiples of ``longest``, counted from draw 0.

    Examples
    --------
    >>> [(p.first, p.last) for p in cut(0, "ab", 1, 5, longest=2)]
    [(1, 2), (2, 4), (4, 5)]
    """
    starts = [first, *range((first // longest + 1) * longest, last, longest)]
    return tuple(
        Piece(point, digest, start, stop, kind)
        for start, stop in zip(starts, [*starts[1:], last], strict=True)
    )


class Pace:
    """How long pieces take, learnt from those that are done."""

    def __init__(self) -> None:
        self.draws = self.pieces = 0
        self.seconds = 0.0

    def learn(self, pieces: int, draws: int, seconds: float) -> None:
        """Take in a finished task."""
        self.pieces += pieces
        self.draws += draws
        self.seconds += seconds

    def expected(self, pieces: int, draws: int) -> float:
        """Return the seconds that work is likely to take on one core."""
        if not self.pieces:
            guessed = draws / _GUESSED_DRAWS_PER_SECOND
            return guessed + pieces * _GUESSED_SECONDS_PER_PIECE
        # Points of one sweep differ little in size, so one rate describes both costs.
        return self.seconds * max(draws / self.draws, 0.5 * pieces / self.pieces)


def take_batch(queue: deque[Piece], pace: Pace, workers: int) -> tuple[Piece, ...]:
    """Take pieces for about `SECONDS_PER_TASK` from the front of a queue; at least one.

    Never more than leaves work for every other worker, so that the end of a sweep is shared.
    """
    most = max(1, -(-len(queue) // (2 * workers)))
    batch: list[Piece] = []
    draws = 0
    while queue and len(batch) < most:
        draws += queue[0].draws
        if batch and pace.expected(len(batch) + 1, draws) > SECONDS_PER_TASK:
            break
        batch.append(queue.popleft())
    return tuple(batch)


def total_draws(pieces: Iterable[Piece]) -> int:
    """Return the number of draws of several pieces."""
    return sum(piece.draws for piece in pieces)
