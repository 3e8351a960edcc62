"""How long a sweep would take, from starting its workers and simulating a little of it."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.analysis.precision import UPPER_BOUND, looks
from simulator.analysis.run import compile_job
from simulator.pool import Pool
from simulator.sweeps.plan import Chunk, SweepInputs, SweepPlan
from simulator.sweeps.tasks import finish_point, simulate_point

PILOT_POINTS: Final = 3
PILOT_DRAWS: Final = 4_096


@dataclass(frozen=True, slots=True)
class RuntimeEstimate:
    """What a sweep is likely to cost; points with the same settings count once."""

    points: int
    draws: int
    seconds: float


def runtime_estimate(
    plan: SweepPlan, inputs: SweepInputs, digests: Sequence[str], workers: int
) -> RuntimeEstimate:
    """Start workers, let them simulate a little of some of the points, and extrapolate."""
    numbers = {point.digest: point.number for point in reversed(plan.points)}
    todo = list(dict.fromkeys(digests))
    if not todo:
        return RuntimeEstimate(0, 0, 0.0)
    size = min(workers, len(todo))
    count = min(max(size, PILOT_POINTS), len(todo))
    chosen = [todo[i * (len(todo) - 1) // max(1, count - 1)] for i in range(count)]

    def chunks(draws: int) -> list[Chunk]:
        return [Chunk(numbers[digest], digest, 0, draws, whole=True) for digest in chosen]

    started = time.perf_counter()
    with closing(Pool(partial(_simulate, inputs, plan.draws), size)) as pool:
        # The first point of a worker pays for imports and tables that the others find done.
        list(pool.answers(chunks(1)[:size]))
        begun = time.perf_counter() - started
        found = list(pool.answers(chunks(min(plan.draws, PILOT_DRAWS))))
    spent, simulated, needed = (sum(numbers) for numbers in zip(*found, strict=True))
    draws = round(len(todo) * needed / count)
    return RuntimeEstimate(len(todo), draws, begun + spent / simulated * draws / size)


def _simulate(inputs: SweepInputs, most: int, chunk: Chunk) -> tuple[float, int, int]:
    """Return the seconds that draws of a point take, how many they are, how many it needs.

    That is all of them, or the look at which a precision is met if errors fall as 1 / sqrt(draws).
    """
    started = time.perf_counter()
    job, target = inputs.job(chunk.point), inputs.target
    tally = simulate_point(job, chunk, target)
    finish_point(chunk.digest, job, tally)
    spent, size = time.perf_counter() - started, tally.draws.size
    if target is None:
        return spent, size, most
    mcse = target.mcse(tally, compile_job(job, 0, 1)[0]) or target.error
    wanted = size * max(1.0, UPPER_BOUND * mcse / target.error) ** 2
    return spent, size, next((draws for draws in looks(most) if draws >= wanted), most)
