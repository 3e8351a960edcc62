"""Variances, work and gains: how much more work an arm needs for the same error.

Work is variance times processor time. It does not depend on how much was simulated, as long as
the variance falls with the number of draws: half of the variance for twice the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from simulator.bench.arms import ESTIMATES, Sample
from simulator.estimates.estimate import with_error
from simulator.model.compiled import FloatArray

MOST_PATHS: Final = 1_000  # of a draw, when the best split is looked for


@dataclass(frozen=True, slots=True)
class Found:
    """One estimate of one arm in one round."""

    variance: float  # of the estimate
    drawing: float  # seconds: assumptions drawn and compiled
    simulating: float  # and the rest
    draws: int
    trials: int
    # Variance of one path around the mean of its draw; None where paths were not apart
    within: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds in all."""
        return self.drawing + self.simulating


@dataclass(frozen=True, slots=True)
class Gain:
    """How many times as much work one way needs as another, with a 95 % interval."""

    value: float
    low: float
    high: float


def difference_of(estimate: str, baseline: str) -> str:
    """Name of the paired difference of an estimate."""
    return f"{estimate} less {baseline}"


def estimates(samples: Sequence[Sample], baseline: str) -> dict[str, Found]:
    """Estimates of the first plan and, if there are two, of its difference to the second."""
    found = {}
    first = samples[0]
    for e, name in enumerate(ESTIMATES):
        found[name] = _found(first.rows[:, :, e], samples[:1])
        if len(samples) > 1:
            apart = first.rows[:, :, e] - samples[1].rows[:, :, e]
            found[difference_of(name, baseline)] = _found(apart, samples)
    return {name: one for name, one in found.items() if not np.isnan(one.variance)}


def _found(rows: FloatArray, samples: Sequence[Sample]) -> Found:
    """What the outcomes of draws, shape (H, D), say of the variance of their mean."""
    like = samples[0]
    whole = rows.mean(axis=0)
    draws = whole.size
    if like.even:
        variance = float(with_error(lambda of: whole[of].mean(), np.arange(draws))[1]) ** 2
    else:
        variance = float(whole.var(ddof=1)) / draws
    within = None
    if len(rows) == 2:
        within = float(np.square(rows[0] - rows[1]).mean()) / 4.0 * like.trials
    drawing = sum(sample.parts[part] for sample in samples for part in ("draw", "compile"))
    total = sum(sum(sample.parts.values()) for sample in samples)
    return Found(variance, drawing, total - drawing, draws, like.trials, within)


def work(rounds: Sequence[Found]) -> float:
    """Mean variance times mean seconds."""
    return _mean(rounds, lambda r: r.variance) * _mean(rounds, lambda r: r.seconds)


def best_split(rounds: Sequence[Found]) -> tuple[float, int]:
    """Work with the best number of paths of a draw, and that number."""
    paths = np.arange(1, MOST_PATHS + 1)
    within = _mean(rounds, lambda r: r.within or 0.0)
    between = _mean(rounds, lambda r: r.variance * r.draws) - within / rounds[0].trials
    draw = _mean(rounds, lambda r: r.drawing / r.draws)
    path = _mean(rounds, lambda r: r.simulating / r.draws / r.trials)
    needed = (between + within / paths) * (draw + path * paths)
    best = int(needed.argmin())
    return float(needed[best]), int(paths[best])


def _mean(rounds: Sequence[Found], of: Callable[[Found], float]) -> float:
    return float(np.mean([of(one) for one in rounds]))


def gain(
    arm: Sequence[Found],
    core: Sequence[Found],
    arm_work: Callable[[Sequence[Found]], float] = work,
) -> Gain | None:
    """Work of an arm over that of the run, from the same rounds; None between equal plans.

    The interval is that of the logarithm: a jackknife over rounds, so that the scatter of
    variances and of times counts, and what slows both in a round does not.
    """
    if work(core) == 0.0 or arm_work(arm) == 0.0:
        return None
    whole = np.log(arm_work(arm) / work(core))
    rounds = range(len(core))
    without = np.log(
        [
            arm_work([arm[i] for i in rounds if i != left])
            / work([core[i] for i in rounds if i != left])
            for left in rounds
        ]
    )
    n = len(core)
    error = np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())
    reach = stdtrit(n - 1, 0.975) * error
    value, low, high = np.exp([whole, whole - reach, whole + reach])
    return Gain(float(value), float(low), float(high))
