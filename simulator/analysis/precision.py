"""As many draws as an error needs: look, double the draws, look again.

At a look every replicate holds twice as many points as at the one before, and the first are those
of the look before: a run that stops at ``D`` draws is the run of ``D`` draws. Where it stops is
decided by its inputs and the target alone, never by the machine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from simulator.addresses import REPLICATES
from simulator.analysis.records import Precision
from simulator.analysis.run import (
    Job,
    OnProgress,
    Result,
    compile_job,
    finish,
    tally_draws,
)
from simulator.limits import DEFAULT_MAX_DRAWS
from simulator.model.compiled import CompiledModel
from simulator.outcomes.estimates import estimate_of
from simulator.outcomes.tally import Tally, merge

FIRST_POINTS: Final = 16  # of each replicate at the first look
# The MCSE of a look is itself an estimate. This times it is an upper 90 % bound of the true one:
# sqrt(15 / q), where a chi-squared number of 15 degrees of freedom is below q in 10 %.
UPPER_BOUND: Final = 1.325

TallyDraws = Callable[[Job, int, int, OnProgress | None], Tally]
OnLook = Callable[[int, float | None], None]


class NoSuchEstimateError(ValueError):
    """An error was asked for that no number of draws can reach: the estimate does not exist."""


@dataclass(frozen=True)
class Target:
    """Errors that a run is to reach.

    Attributes
    ----------
    errors : mapping of str to float
        Estimate -> what the upper bound of its MCSE may be.
    """

    errors: Mapping[str, float]

    def share(self, tally: Tally, model: CompiledModel) -> float | None:
        """The largest MCSE, each as a share of what it may be; None where one is not known.

        Raises
        ------
        NoSuchEstimateError
            If one of the estimates does not exist for this plan.
        """
        shares = []
        for name, wanted in self.errors.items():
            found = estimate_of(tally, model, name)
            if found.value is None:
                why = found.note.partition(";")[0]
                raise NoSuchEstimateError(f"{name} has no value and so no error: {why}")
            shares.append(None if found.mcse is None else found.mcse / wanted)
        known = [share for share in shares if share is not None]
        return max(known) if len(known) == len(shares) else None


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a run to a target ended.

    Attributes
    ----------
    draws : int
    error : float or None
        Upper 90 % bound of the MCSE, in the unit of the target; None where it is not known.
    met : bool
        Whether that is at most the target.
    """

    draws: int
    error: float | None
    met: bool


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


def run_to_precision(
    jobs: Sequence[Job],
    error_of: Callable[[list[Tally]], float | None],
    target: float,
    max_draws: int = DEFAULT_MAX_DRAWS,
    tally: TallyDraws = tally_draws,
    on_look: OnLook | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[list[Tally], Reached]:
    """Run jobs with ever more draws until an error is small enough.

    Parameters
    ----------
    jobs : sequence of Job
        Their own ``draws`` do not matter; all get the same number.
    error_of : callable
        From the tallies of the jobs to an MCSE; None where it cannot be known yet.
    target : float
        Positive. The run stops when `UPPER_BOUND` times the MCSE is at most this.
    max_draws : int
        At least 1.
    tally : callable
        Simulates the draws ``[first, last)`` of a job.
    on_look : callable, optional
        Called at every look with the draws so far and the bound on the error.
    on_progress : callable, optional
        Called with the number of draws of each job that are done.

    Returns
    -------
    tallies : list of Tally
        Of the jobs.
    reached : Reached
    """
    tallies: list[Tally] = []
    done = 0
    for draws in looks(max_draws):
        parts = [tally(job, done, draws, on_progress) for job in jobs]
        tallies = [merge(pair) for pair in zip(tallies, parts, strict=True)] if done else parts
        done = draws
        mcse = error_of(tallies)
        bound = None if mcse is None else UPPER_BOUND * mcse
        if on_look is not None:
            on_look(draws, bound)
        if bound is not None and bound <= target:
            return tallies, Reached(draws, bound, True)
    return tallies, Reached(done, bound, False)


def results_to_precision(
    jobs: Sequence[Job], name: str, target: float, tally: TallyDraws, on_look: OnLook
) -> Iterator[Result]:
    """Run plans with as many draws as the estimate of the largest error needs.

    Parameters
    ----------
    jobs : sequence of Job
        Of as many draws each as the run may take at most.
    name : str
        One of `simulator.outcomes.estimates.ESTIMATES`.
    target, tally, on_look
        As for `run_to_precision`.

    Raises
    ------
    NoSuchEstimateError
        If the estimate does not exist for one of the plans.
    """
    goal = Target({name: target})
    models = [compile_job(job, 0, 1)[0] for job in jobs]

    def error_of(tallies: list[Tally]) -> float | None:
        shares = [goal.share(*pair) for pair in zip(tallies, models, strict=True)]
        known = [share * target for share in shares if share is not None]
        return max(known) if len(known) == len(shares) else None

    tallies, reached = run_to_precision(jobs, error_of, target, jobs[0].draws, tally, on_look)
    found = Precision(name, target, reached.error, reached.met)
    for job, one in zip(jobs, tallies, strict=True):
        yield finish(replace(job, draws=reached.draws), one, found)
