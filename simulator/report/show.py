"""What a result can show: its exhibits, with the line under them."""

from collections.abc import Mapping
from typing import Any

from simulator.inputs.problems import InputError, Problem, did_you_mean, listed
from simulator.report.exhibit import Exhibit, exhibits, size_line, source_line
from simulator.report.sweep_view import View, view_of
from simulator.results.comparison import Comparison
from simulator.results.decision import Decision
from simulator.results.load import Result, Trace
from simulator.results.runs import Runs
from simulator.results.sweep import Sweep


def exhibits_of(
    result: Result | View, scenario: str | None = None, quantity: str | None = None
) -> list[Exhibit]:
    """Everything a result can show: one scenario of a run, or one estimate of a sweep.

    Of a run of several scenarios all stand side by side if none is named. Raises InputError if the
    result has no such scenario or estimate.
    """
    of, subject, source = _subject(result, scenario, quantity)
    return list(exhibits(of, subject, source))


def _subject(
    result: Result | View, scenario: str | None, quantity: str | None
) -> tuple[str, Any, str]:
    """What exhibits are of, by name and as they take it, and the line under them."""
    match result:
        case Runs(runs=runs) if scenario is None and len(runs) > 1:
            names = [run.name for run in runs]
            books = list(dict.fromkeys(run.book for run in runs))
            size = size_line(runs[0].draws, runs[0].trials)
            return "runs", runs, source_line(names, books, runs[0].seed, size)
        case Runs(runs=runs):
            by_name = {run.name: run for run in runs}
            name = runs[0].name if scenario is None else scenario
            _known("scenario", name, by_name)
            run = by_name[name]
            plan = f"{run.title} [{run.name}]"  # a title names what was changed
            size, digest = size_line(run.draws, run.trials), f"run {run.digest[:12]}"
            return "run", run, source_line([plan], [run.book], run.seed, size, digest)
        case Comparison():
            names = list(dict.fromkeys([result.reference, *result.ranking.order]))
            size = size_line(result.draws, result.trials)
            return "compare", result, source_line(names, result.book_names, result.seed, size)
        case Sweep():
            if quantity is not None:
                _known("estimate", quantity, result.points[0].estimates)
            return _subject(view_of(result, quantity), None, None)
        case View(sweep=sweep):
            part = f"{done(sweep)} points, " if sweep.missing + sweep.failed else ""
            size, digest = size_line(sweep.draws, sweep.plan.trials), sweep.plan.digest[:12]
            names, books = sweep.named("scenario"), sweep.named("book")
            source = source_line(names, books, sweep.plan.seed, size, f"{part}sweep {digest}")
            return "sweep", result, source
        case Decision():
            size = size_line(result.draws, result.trials) + given(result)
            return "decide", result, source_line(result.plans, result.book_names, result.seed, size)
        case Trace():
            size = f"draw {result.draw}, trial {result.trial}"
            return "trace", result, source_line([result.scenario], [result.book], result.seed, size)


def _known(what: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        message = f"no such {what} in this result, known: {listed(known)}"
        raise InputError([Problem(None, name, message, did_you_mean(name, known))])


def given(found: Decision) -> str:
    """What a decision takes for granted."""
    return f", given {' '.join(found.given)}" if found.given else ""


def done(sweep: Sweep) -> str:
    """How many points have a result, of how many if not all have."""
    count, left = len(sweep.points), sweep.missing + sweep.failed
    return f"{count:,} of {count + left:,}" if left else f"{count:,}"
