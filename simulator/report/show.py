"""What a result can show: its exhibits, with the line under them."""

from collections.abc import Mapping, Sequence

from simulator.inputs.problems import InputError, Problem, did_you_mean, listed
from simulator.report.exhibit import Exhibit, exhibits, size_line, source_line
from simulator.report.sweep_view import View, view_of
from simulator.results.comparison import Comparison
from simulator.results.decision import Decision
from simulator.results.load import Result, Trace
from simulator.results.runs import Run, Runs
from simulator.results.sweep import Sweep


def exhibits_of(
    result: Result, scenario: str | None = None, quantity: str | None = None
) -> list[Exhibit]:
    """Everything a result can show: one scenario of a run, or one estimate of a sweep.

    Of a run of several scenarios all stand side by side if none is named. Raises InputError if the
    result has no such scenario or estimate.
    """
    if isinstance(result, Runs):
        if scenario is None and len(result.runs) > 1:
            return of_runs(result.runs)
        by_name = {one.name: one for one in result.runs}
        name = next(iter(by_name)) if scenario is None else scenario
        _known("scenario", name, by_name)
        return of_run(by_name[name])
    if isinstance(result, Comparison):
        return of_comparison(result)
    if isinstance(result, Sweep):
        if quantity is not None:
            _known("estimate", quantity, result.points[0].estimates)
        return of_sweep(view_of(result, quantity))
    return of_decision(result) if isinstance(result, Decision) else of_trace(result)


def _known(what: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        message = f"no such {what} in this result, known: {listed(known)}"
        raise InputError([Problem(None, name, message, did_you_mean(name, known))])


def of_run(run: Run) -> list[Exhibit]:
    """Everything that can be shown of a scenario, in the order of a report."""
    plan = f"{run.title} [{run.name}]"  # a title names what was changed
    size, digest = size_line(run.draws, run.trials), f"run {run.digest[:12]}"
    return list(exhibits("run", run, source_line([plan], [run.book], run.seed, size, digest)))


def of_runs(found: Sequence[Run]) -> list[Exhibit]:
    """Everything that can be shown of several scenarios."""
    first, books = found[0], list(dict.fromkeys(run.book for run in found))
    names, size = [run.name for run in found], size_line(first.draws, first.trials)
    return list(exhibits("runs", found, source_line(names, books, first.seed, size)))


def of_comparison(found: Comparison) -> list[Exhibit]:
    """Everything that can be shown of a comparison."""
    others = [one.plan for one in found.ranking.places if one.plan != found.reference]
    size = size_line(found.draws, found.trials)
    source = source_line([found.reference, *others], found.book_names, found.seed, size)
    return list(exhibits("compare", found, source))


def of_decision(found: Decision) -> list[Exhibit]:
    """Everything that can be shown of a decision."""
    size = size_line(found.draws, found.trials) + given(found)
    source = source_line(found.plans, found.book_names, found.seed, size)
    return list(exhibits("decide", found, source))


def of_sweep(view: View) -> list[Exhibit]:
    """Everything that can be shown of a sweep."""
    sweep = view.sweep
    scenarios, books = sweep.named("scenario"), sweep.named("book")
    part = f"{done(sweep)} points, " if sweep.missing + sweep.failed else ""
    digest = f"{part}sweep {sweep.plan.digest[:12]}"
    size = size_line(sweep.draws, sweep.plan.trials)
    source = source_line(scenarios, books, sweep.plan.seed, size, digest)
    return list(exhibits("sweep", view, source))


def of_trace(found: Trace) -> list[Exhibit]:
    """Everything that can be shown of one path."""
    size = f"draw {found.draw}, trial {found.trial}"
    source = source_line([found.scenario], [found.book], found.seed, size)
    return list(exhibits("trace", found, source))


def given(found: Decision) -> str:
    """What a decision takes for granted."""
    return f", given {' '.join(found.given)}" if found.given else ""


def done(sweep: Sweep) -> str:
    """How many points have a result, of how many if not all have."""
    count, left = len(sweep.points), sweep.missing + sweep.failed
    return f"{count:,} of {count + left:,}" if left else f"{count:,}"
