"""How long a sweep would take, from simulating a little of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.plan import Plan
from simulator.sweeps.work import perform

PILOT_POINTS: Final = 3
PILOT_PATHS: Final = 20_000
PILOT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sweep is likely to cost.

    Attributes
    ----------
    points, paths : int
        To simulate, points with the same settings once.
    seconds : float
        On one core of this machine.
    """

    points: int
    paths: int
    seconds: float


def forecast(plan: Plan, frozen: Frozen, digests: Sequence[str]) -> Forecast:
    """Simulate a little of some of the points, spread over the plan, and extrapolate.

    Parameters
    ----------
    plan, frozen
        From `make_plan`.
    digests : sequence of str
        Points to be computed.
    """
    numbers = {point.digest: point.number for point in reversed(plan.points)}
    todo = list(dict.fromkeys(digests))
    total = plan.paths_per_point
    if not todo:
        return Forecast(0, 0, 0.0)
    chosen = sorted({0, len(todo) // 2, len(todo) - 1})[:PILOT_POINTS]
    started = time.perf_counter()
    seconds = paths = 0.0
    # The first task pays for imports and tables that the others find done.
    perform(frozen, [Piece(numbers[todo[0]], todo[0], 0, 1, False)], None)
    for index in chosen:
        digest = todo[index]
        piece = Piece(numbers[digest], digest, 0, min(total, PILOT_PATHS), total <= PILOT_PATHS)
        report = perform(frozen, [piece], None)
        seconds += report.seconds
        paths += report.paths
        if time.perf_counter() - started > PILOT_SECONDS:
            break
    return Forecast(len(todo), len(todo) * total, seconds / paths * len(todo) * total)
