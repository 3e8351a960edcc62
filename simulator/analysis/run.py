"""One run: a scenario under a book of assumptions, from levers to outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from simulator.assumptions.contents import Book
from simulator.assumptions.draws import Draws, draw_assumptions
from simulator.engines.core import simulate
from simulator.model.compile import MODEL_VERSION, compile_model
from simulator.model.compiled import CompiledModel
from simulator.outcomes.estimates import Outcome, outcome
from simulator.outcomes.tally import Tally, add, empty, merge
from simulator.scenario import Scenario

DEFAULT_DRAWS: Final = 1_000
DEFAULT_PATHS: Final = 200
BLOCK: Final = 131_072

OnProgress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Job:
    """Everything that decides the numbers of a run.

    Attributes
    ----------
    scenario : Scenario
    book : Book
    seed : int
        Non-negative, below 2**128.
    draws, paths : int
        Draws of the assumptions, and paths of each; both at least 1.
    """

    scenario: Scenario
    book: Book
    seed: int
    draws: int = DEFAULT_DRAWS
    paths: int = DEFAULT_PATHS

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
                "paths": self.paths,
            }
        )


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run.

    Attributes
    ----------
    job : Job
    outcome : Outcome
    draws : Draws
        The assumptions behind every draw, with the option taken in each structural choice.
    tally : Tally
    """

    job: Job
    outcome: Outcome
    draws: Draws
    tally: Tally


def digest(tree: Any) -> str:
    """SHA-256 of a JSON tree in canonical form (sorted keys, no spaces, shortest floats): hex."""
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def compile_job(job: Job, first: int = 0, last: int | None = None) -> tuple[CompiledModel, Draws]:
    """Draw the assumptions ``[first, last)`` of a job and compile its scenario under them."""
    stop = job.draws if last is None else last
    draws = draw_assumptions(job.book, job.scenario, job.seed, first, stop)
    return compile_model(job.scenario, draws), draws


def tally_paths(
    job: Job, first: int, last: int, block: int = BLOCK, on_progress: OnProgress | None = None
) -> Tally:
    """Simulate the paths ``[first, last)``, counted over all draws of a job, and tally them.

    Memory grows with the draws and with ``block``, never with the paths.

    Parameters
    ----------
    job : Job
    first, last : int
        Half-open; path ``p`` is number ``p % job.paths`` of draw ``p // job.paths``.
    block : int
        Paths simulated between two tallies. It changes speed and memory, never results.
    on_progress : callable, optional
        Called with the number of paths of each block once it is tallied.
    """
    first_draw, last_draw = first // job.paths, (last - 1) // job.paths + 1
    model, _ = compile_job(job, first_draw, last_draw)
    tally = empty(model.draws, model.horizon)
    offset = first_draw * job.paths
    for start in range(first, last, block):
        stop = min(start + block, last)
        records = simulate(model, job.paths, start - offset, stop - offset)
        add(tally, records, job.paths)
        if on_progress is not None:
            on_progress(stop - start)
    return tally


def tally_draws(
    job: Job, first: int, last: int, block: int = BLOCK, on_progress: OnProgress | None = None
) -> Tally:
    """Simulate all paths of the draws ``[first, last)`` of a job and tally them."""
    return tally_paths(job, first * job.paths, last * job.paths, block, on_progress)


def split_paths(job: Job, parts: int) -> Iterator[tuple[int, int]]:
    """Cut the paths of a job into at most ``parts`` ranges of nearly equal length."""
    total = job.draws * job.paths
    parts = min(parts, total)
    for i in range(parts):
        yield total * i // parts, total * (i + 1) // parts


def finish(job: Job, tallies: list[Tally]) -> Result:
    """Merge the tallies of all paths of a job and estimate its outcome."""
    tally = merge(tallies)
    model, draws = compile_job(job)
    return Result(job, outcome(tally, model), draws, tally)


def run(job: Job, block: int = BLOCK, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process."""
    return finish(job, [tally_draws(job, 0, job.draws, block, on_progress)])
