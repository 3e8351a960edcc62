"""What is measured, and how much more work each way needs for the same error.

An arm is given plans and a seed. It draws assumptions, simulates, and leaves the outcomes of its
draws, which give the variance of their mean, and its seconds. Work is variance times processor
time: it does not depend on how much was simulated, as long as half of the variance takes twice the
time.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from scipy.special import stdtrit

import simulator
from simulator import addresses
from simulator.analysis.run import blocks
from simulator.books.book import Book
from simulator.books.draws import Draws, draw_assumptions, draw_with
from simulator.engines import reference
from simulator.engines.worlds import simulate
from simulator.estimates.estimate import with_error
from simulator.estimates.tally import column, empty, put, tally_of
from simulator.model.compile import compile_model
from simulator.model.compiled import BoolArray, FloatArray, IntArray
from simulator.scenario import Scenario

# The engine's size: two trials take the least work for the error of a mean. A run has more, so that
# what is read draw by draw is not noise.
DRAWS, TRIALS = 8_192, 2
ESTIMATES: Final = ("p_collapse_within_2y", "p_holds_20y", "rmst_years")
SIMPY_PATHS: Final = 200  # a second; their mean time and variance are known to some 5 %

Plan: TypeAlias = tuple[Scenario, Book]


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """What an arm found for one plan, and what it took."""

    # Seconds of processor time: ``draw``, ``compile``, ``simulate`` and, if apart, ``tally``
    parts: dict[str, float]
    # (H, D, len(ESTIMATES)) outcomes of the draws, each a mean over its trials; of H equal shares
    # of the trials apart
    rows: FloatArray
    trials: int  # of each draw
    # Whether draws are spread evenly, in replicates, instead of being independent
    even: bool = False


Arm: TypeAlias = Callable[[Sequence[Plan], int], list[Sample]]


class Laps:
    """Processor time by part, from one call to the next: turns of other programs do not count."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._last = time.process_time()

    def __call__(self, part: str) -> None:
        """Put what has passed down to a part."""
        now = time.process_time()
        self.parts[part] = self.parts.get(part, 0.0) + now - self._last
        self._last = now


def draw_independent(plan: Plan, seed: int, numbers: IntArray) -> Draws:
    """Draw assumptions independently of each other, as without even draws."""
    scenario, book = plan
    uniforms = partial(addresses.independent_assumption_uniform, seed)
    return draw_with(book, scenario, seed, numbers, uniforms)


def engine(
    plans: Sequence[Plan],
    seed: int,
    even: bool,
    draws: int = DRAWS,
    trials: int = TRIALS,
) -> list[Sample]:
    """The engine as a run calls it, up to the rows of outcomes."""
    uniforms = addresses.world_uniforms if even else addresses.independent_world_uniforms
    samples = []
    for plan in plans:
        scenario, book = plan
        lap = Laps()
        total = empty(np.arange(draws), trials, float(scenario.horizon_years))
        for first, last in blocks(0, draws, trials):
            if even:
                drawn = draw_assumptions(book, scenario, seed, first, last)
            else:
                drawn = draw_independent(plan, seed, np.arange(first, last))
            lap("draw")
            model = compile_model(scenario, drawn)
            lap("compile")
            outcomes = simulate(model, trials, total.years, uniforms)
            lap("simulate")
            put(total, tally_of(outcomes, model, trials))
            lap("tally")
        rows = np.stack([column(total, name) for name in ESTIMATES], axis=1)
        samples.append(Sample(lap.parts, rows[None], trials, even))
    return samples


def simpy(plans: Sequence[Plan], seed: int, paths: int = SIMPY_PATHS) -> list[Sample]:
    """The reference engine: whole paths, each with assumptions of its own, its best split."""
    numbers = np.arange(paths)

    @cache
    def of_all(name: str) -> FloatArray:
        return addresses.independent_world_uniforms(seed, name, numbers, np.zeros(1, np.int64))

    samples = []
    for plan in plans:
        lap = Laps()
        drawn = draw_independent(plan, seed, numbers)
        lap("draw")
        model = compile_model(plan[0], drawn)
        lap("compile")
        # Numbers of all paths at once: one by one they would cost as much as the path.
        records, _ = reference.simulate(model, 1, lambda _, name, draw, __: of_all(name)[draw])
        lap("simulate")
        rows = path_rows(records.end_time, records.cause >= 0, model.horizon)
        samples.append(Sample(lap.parts, rows[None], 1))
    return samples


def path_rows(end_time: FloatArray, collapsed: BoolArray, horizon: float) -> FloatArray:
    """Outcomes of whole paths, shape (P, len(ESTIMATES))."""

    def holds(years: float) -> FloatArray:
        held = ~collapsed | (end_time > years)
        return np.where(years <= horizon, held, np.nan)

    return np.stack([1.0 - holds(2.0), holds(20.0), end_time], axis=1)


def arms() -> dict[str, Arm | None]:
    """Arms by name, the run itself first; None where an arm is not at hand."""
    return {
        "core": partial(engine, even=True),
        "numba": _developers("numba", needs=("numba",)),
        "simpy": simpy,
        "ema": _developers("ema", needs=("numba", "ema_workbench")),
        "independent": partial(engine, even=False),
    }


def _developers(name: str, needs: tuple[str, ...]) -> Arm | None:
    """An arm of `benchmarks/arms.py`, if this is a checkout that has what the arm needs."""
    checkout = Path(simulator.__file__).parents[1]
    here = [checkout / "pyproject.toml", checkout / "benchmarks" / "arms.py"]
    if not all(file.is_file() for file in here) or not all(map(find_spec, needs)):
        return None
    if str(checkout) not in sys.path:
        sys.path.append(str(checkout))
    arm: Arm = getattr(import_module("benchmarks.arms"), name)
    return arm


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
