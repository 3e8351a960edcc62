"""As many draws as an error needs: look, double the draws, look again.

At a look every replicate holds twice as many points as at the one before, and the first are those
of the look before: a run that stops at ``D`` draws is the run of ``D`` draws. Where it stops is
decided by its inputs and the target alone, never by the machine.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from simulator.addresses import REPLICATES
from simulator.analysis.run import Job, Result, compile_job, finish
from simulator.estimates.estimate import Precision
from simulator.estimates.outcome import estimate_of
from simulator.estimates.tally import Tally, merge
from simulator.model.compiled import CompiledModel

FIRST_POINTS: Final = 16  # of each replicate at the first look
# The MCSE of a look is itself an estimate. This times it is an upper 90 % bound of the true one:
# sqrt(15 / q), where a chi-squared number of 15 degrees of freedom is below q in 10 %.
UPPER_BOUND: Final = 1.325

TallyDraws = Callable[[int, int], list[Tally]]  # draws ``[first, last)`` of all jobs
OnLook = Callable[[int, float | None], None]  # the draws so far, and the bound on the error


class NoSuchEstimateError(ValueError):
    """An error was asked for that no number of draws can reach: the estimate does not exist."""


@dataclass(frozen=True)
class Target:
    """The error that is to be reached: what the upper bound of an estimate's MCSE may be."""

    estimate: str
    error: float

    def mcse(self, tally: Tally, model: CompiledModel) -> float | None:
        """The MCSE so far; raises NoSuchEstimateError if the plan has no such estimate."""
        found = estimate_of(tally, model, self.estimate)
        if found.value is None:
            why = found.note.partition(";")[0]
            raise NoSuchEstimateError(f"{self.estimate} has no value and so no error: {why}")
        return found.mcse


def looks(max_draws: int) -> Iterator[int]:
    """Numbers of draws at which the error is looked at; the last is ``max_draws``.

    Examples
    --------
    >>> list(looks(2000)), list(looks(5))
    ([256, 512, 1024, 2000], [5])
    """
    draws = FIRST_POINTS * REPLICATES
    while draws < max_draws:
        yield draws
        draws *= 2
    yield max_draws


def draw_until(
    goal: Target,
    max_draws: int,
    error_with: Callable[[int, int], float | None],
    on_look: OnLook | None = None,
) -> Precision:
    """Take ever more draws until the error is small enough, and say where that ended.

    ``error_with`` simulates the draws ``[first, last)`` and returns the MCSE of all so far, None
    where it cannot be known yet.
    """
    done = 0
    for draws in looks(max_draws):
        mcse = error_with(done, draws)
        done, bound = draws, None if mcse is None else UPPER_BOUND * mcse
        if on_look is not None:
            on_look(draws, bound)
        met = bound is not None and bound <= goal.error
        if met:
            break
    return Precision(goal.estimate, goal.error, bound, met)


def run_to_precision(
    jobs: Sequence[Job], goal: Target, tally: TallyDraws, on_look: OnLook | None = None
) -> tuple[list[Tally], Precision]:
    """Tally as many draws of jobs as the estimate of the largest error needs.

    Of as many draws each as the run may take at most. Raises NoSuchEstimateError.
    """
    models = [compile_job(job, 0, 1)[0] for job in jobs]
    tallies: list[Tally] = []

    def error_with(first: int, last: int) -> float | None:
        parts = tally(first, last)
        tallies[:] = [merge(pair) for pair in zip(tallies, parts, strict=True)] if first else parts
        errors = [goal.mcse(*pair) for pair in zip(tallies, models, strict=True)]
        known = [error for error in errors if error is not None]
        return max(known) if len(known) == len(errors) else None

    return tallies, draw_until(goal, jobs[0].draws, error_with, on_look)


def results_to_precision(
    jobs: Sequence[Job], goal: Target, tally: TallyDraws, on_look: OnLook | None = None
) -> Iterator[Result]:
    """Finish what `run_to_precision` tallies."""
    tallies, reached = run_to_precision(jobs, goal, tally, on_look)
    for job, one in zip(jobs, tallies, strict=True):
        yield finish(replace(job, draws=one.draws.size), one, reached)
