"""How long a sweep would take, from simulating a little of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulator.analysis.precision import UPPER_BOUND, looks
from simulator.analysis.run import compile_job
from simulator.outcomes.tally import Tally
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.plan import Plan
from simulator.sweeps.work import finish_point, simulate_point

PILOT_POINTS: Final = 3
PILOT_DRAWS: Final = 4_096
PILOT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sweep is likely to cost.

    Attributes
    ----------
    points, draws : int
        To simulate, points with the same settings once.
    seconds : float
        On one core of this machine.
    """

    points: int
    draws: int
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
    if not todo:
        return Forecast(0, 0, 0.0)
    chosen = sorted({0, len(todo) // 2, len(todo) - 1})[:PILOT_POINTS]
    started = time.perf_counter()
    seconds, simulated, needed = 0.0, 0, []
    # The first point pays for imports and tables that the others find done.
    _simulate(frozen, numbers[todo[0]], todo[0], 1)
    for index in chosen:
        digest = todo[index]
        begun = time.perf_counter()
        tally = _simulate(frozen, numbers[digest], digest, min(plan.draws, PILOT_DRAWS))
        seconds += time.perf_counter() - begun
        simulated += tally.draws.size
        needed.append(_draws_needed(frozen, numbers[digest], tally, plan.draws))
        if time.perf_counter() - started > PILOT_SECONDS:
            break
    draws = round(len(todo) * sum(needed) / len(needed))
    return Forecast(len(todo), draws, seconds / simulated * draws)


def _simulate(frozen: Frozen, number: int, digest: str, draws: int) -> Tally:
    job = frozen.job(number)
    tally = simulate_point(job, Piece(number, digest, 0, draws, "point"), frozen.target)
    finish_point(digest, job, tally)
    return tally


def _draws_needed(frozen: Frozen, number: int, tally: Tally, most: int) -> int:
    """All of them, or the look at which a precision is met if errors fall as 1 / sqrt(draws)."""
    if frozen.target is None:
        return most
    share = frozen.target.share(tally, compile_job(frozen.job(number), 0, 1)[0])
    wanted = tally.draws.size * max(1.0, UPPER_BOUND * (share or 1.0)) ** 2
    return next((draws for draws in looks(most) if draws >= wanted), most)
