"""One run: a scenario under a book of assumptions, from levers to outcome."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from simulator.books.book import Book
from simulator.books.draws import Draws, deciding, draw_assumptions
from simulator.engines.worlds import simulate
from simulator.estimates.estimate import Precision
from simulator.estimates.outcome import Outcome, outcome
from simulator.estimates.tally import Tally, empty, put, tally_of
from simulator.limits import DEFAULT_DRAWS, DEFAULT_TRIALS
from simulator.model.compile import MODEL_VERSION, compile_model
from simulator.model.compiled import CompiledModel
from simulator.scenario import Scenario
from simulator.storage import digest

# Draws whose assumptions are read after a run, to say which of them move its outcome.
READ_DRAWS: Final = 16_384
# Draws compiled and simulated at a time, by their worlds: drawing assumptions costs the same for
# one draw as for hundreds, and the model of a block takes some 10 kB a draw.
WORLDS_PER_BLOCK: Final = 32_768
LEAST_BLOCK, MOST_BLOCK = 256, 4_096

OnProgress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Job:
    """Everything that decides the numbers of a run."""

    scenario: Scenario
    book: Book
    seed: int  # non-negative, below 2**128
    draws: int = DEFAULT_DRAWS  # of the assumptions
    trials: int = DEFAULT_TRIALS  # worlds of each draw

    @property
    def digest(self) -> str:
        """SHA-256 of the resolved inputs, the seed, the sizes and the model version: hex."""
        return digest(
            {
                "model": MODEL_VERSION,
                "scenario": self.scenario.digest,
                "book": self.book.digest,
                "seed": self.seed,
                "draws": self.draws,
                "trials": self.trials,
            }
        )

    @property
    def horizon(self) -> float:
        """Years after which a ceasefire that still holds is censored."""
        return float(self.scenario.horizon_years)


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run."""

    job: Job
    outcome: Outcome
    draws: Draws  # the assumptions behind the first `READ_DRAWS` draws, and the options taken
    model: CompiledModel  # of these draws
    tally: Tally  # of all draws
    precision: Precision | None = None


def compile_job(job: Job, first: int = 0, last: int | None = None) -> tuple[CompiledModel, Draws]:
    """Draw the assumptions ``[first, last)`` of a job and compile its scenario under them."""
    stop = job.draws if last is None else last
    draws = _draws(_Deciding(job.book, job.scenario), job.seed, first, stop)
    return compile_model(job.scenario, draws), draws


class _Deciding:
    """A book and a scenario, equal to those of the same draws: most levers decide nothing there."""

    def __init__(self, book: Book, scenario: Scenario) -> None:
        self.book, self.scenario = book, scenario
        self._parts = (book.digest, *deciding(scenario))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Deciding) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self.book.digest)


@lru_cache(maxsize=1)
def _draws(inputs: _Deciding, seed: int, first: int, last: int) -> Draws:
    return draw_assumptions(inputs.book, inputs.scenario, seed, first, last)


# A run of one block need not draw it again to say what stands behind it.
_compiled = lru_cache(maxsize=1)(compile_job)


def any_model(job: Job) -> CompiledModel:
    """Return the model of a job in some of its draws: those last simulated, if they are at hand."""
    return _compiled(job, 0, min(job.draws, block_size(job.trials)))[0]


def block_size(trials: int) -> int:
    """Draws simulated at a time."""
    return min(MOST_BLOCK, max(LEAST_BLOCK, WORLDS_PER_BLOCK // trials))


def blocks(first: int, last: int, trials: int) -> Iterator[tuple[int, int]]:
    """Cut the draws ``[first, last)`` at multiples of the block size, counted from draw 0.

    Examples
    --------
    >>> list(blocks(4000, 9000, 4))
    [(4000, 4096), (4096, 8192), (8192, 9000)]
    """
    size = block_size(trials)
    while first < last:
        stop = min(last, (first // size + 1) * size)
        yield first, stop
        first = stop


def tally_draws(job: Job, first: int, last: int, on_progress: OnProgress | None = None) -> Tally:
    """Simulate the draws ``[first, last)`` of a job, whatever its size, and tally them.

    Memory grows by a row of outcomes a draw, and the curves of the first draws. The draws of each
    block are reported once it is tallied.
    """
    total = empty(np.arange(first, last), job.trials, job.horizon)
    for start, stop in blocks(first, last, job.trials):
        model, _ = _compiled(job, start, stop)
        put(total, tally_of(simulate(model, job.trials, total.years), model, job.trials))
        if on_progress is not None:
            on_progress(stop - start)
    return total


def finish(job: Job, tally: Tally, precision: Precision | None = None) -> Result:
    """Estimate the outcome of a job from the tally of all its draws."""
    model, draws = _compiled(job, 0, min(job.draws, READ_DRAWS))
    return Result(job, outcome(tally, model), draws, model, tally, precision)


def run(job: Job, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process."""
    return finish(job, tally_draws(job, 0, job.draws, on_progress))
