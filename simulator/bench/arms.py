"""What is measured: arms that find the same outcomes of the same plans, each in its own way.

An arm is given plans and a seed. It draws assumptions, simulates, and leaves the outcomes of its
draws, from which `simulator.bench.work` takes the variance of their mean, and its seconds.
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

import simulator
from simulator import addresses
from simulator.analysis.run import blocks
from simulator.books.book import Book
from simulator.books.draws import Draws, draw_assumptions, draw_with
from simulator.engines import reference
from simulator.engines.worlds import simulate
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
