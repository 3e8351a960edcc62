"""The work of a sweep cut into pieces: whole points, and parts of points that would take long.

A piece is a range of paths of one point. Tallies are integers, so how a point is cut cannot change
its result; it decides only how much is lost when a worker dies and how evenly the end is shared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# About a second of work on one core (docs/performance.md).
PATHS_PER_PIECE: Final = 400_000
SECONDS_PER_TASK: Final = 2.0
MOST_PIECES_PER_TASK: Final = 40  # a task and its report must fit a pipe (`LocalExecutor`)
# Before anything is measured; too slow rather than too fast, so that a first task soon returns.
_GUESSED_PATHS_PER_SECOND: Final = 50_000.0
_GUESSED_SECONDS_PER_PIECE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Piece:
    """The paths ``[first, last)`` of a point, counted over all its draws.

    Attributes
    ----------
    point : int
    digest : str
        Of the point's job, as planned.
    first, last : int
    whole : bool
        Whether these are all paths of the point.
    """

    point: int
    digest: str
    first: int
    last: int
    whole: bool

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.last - self.first


def cut(point: int, digest: str, paths: int, longest: int = PATHS_PER_PIECE) -> tuple[Piece, ...]:
    """Cut a point into pieces of nearly equal length, none longer than ``longest`` paths.

    Examples
    --------
    >>> [(p.first, p.last, p.whole) for p in cut(0, "ab", 5, longest=2)]
    [(0, 1, False), (1, 3, False), (3, 5, False)]
    """
    parts = -(-paths // longest)
    ends = [paths * i // parts for i in range(parts + 1)]
    return tuple(Piece(point, digest, first, last, parts == 1) for first, last in pairwise(ends))


class Pace:
    """How long pieces take, learnt from those that are done."""

    def __init__(self) -> None:
        self.paths = self.pieces = 0
        self.seconds = 0.0

    def learn(self, pieces: int, paths: int, seconds: float) -> None:
        """Take in a finished task."""
        self.pieces += pieces
        self.paths += paths
        self.seconds += seconds

    def expected(self, pieces: int, paths: int) -> float:
        """Return the seconds that work is likely to take on one core."""
        if not self.pieces:
            guessed = paths / _GUESSED_PATHS_PER_SECOND
            return guessed + pieces * _GUESSED_SECONDS_PER_PIECE
        # Points of one sweep differ little in size, so one rate describes both costs.
        return self.seconds * max(paths / self.paths, 0.5 * pieces / self.pieces)


def take_batch(queue: deque[Piece], pace: Pace, slots: int) -> tuple[Piece, ...]:
    """Take pieces for about `SECONDS_PER_TASK` from the front of a queue; at least one.

    Never more than leaves work for every other slot, so that the end of a sweep is shared.
    """
    most = min(MOST_PIECES_PER_TASK, max(1, -(-len(queue) // (2 * slots))))
    batch: list[Piece] = []
    paths = 0
    while queue and len(batch) < most:
        paths += queue[0].paths
        if batch and pace.expected(len(batch) + 1, paths) > SECONDS_PER_TASK:
            break
        batch.append(queue.popleft())
    return tuple(batch)


def total_paths(pieces: Iterable[Piece]) -> int:
    """Return the number of paths of several pieces."""
    return sum(piece.paths for piece in pieces)
