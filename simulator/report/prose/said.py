"""What is said of runs, comparisons and sweeps: sentences are in ``templates/said``, rules here."""

import math
from typing import Any, Final

import numpy as np

from simulator.estimates.compare import Difference, errors_needed
from simulator.estimates.estimate import DRAWS_FOR_RANGE, Estimate
from simulator.estimates.influence import FEWEST_DRAWS
from simulator.estimates.outcome import MORE_TRIALS
from simulator.report.figures.heat import flat_span
from simulator.report.prose import names
from simulator.report.prose.no_effect import inert_in_sweep, inert_sentences
from simulator.report.sweep_view import View, view_of
from simulator.results.comparison import Comparison
from simulator.results.runs import Run
from simulator.results.sweep import Sweep, described
from simulator.templates import paragraphs
from simulator.vocabulary import CAUSES

ERRORS_APART: Final = 3.0  # standard errors between two numbers that are called different
MOST_NAMED: Final = 5  # levers, and pairs of plans


def _said(template: str, **context: Any) -> list[str]:
    known = {"names": names, "most_named": MOST_NAMED}
    return paragraphs("simulator.report", f"said/{template}", **known, **context)


def run_sentences(run: Run) -> list[str]:
    """Paragraphs on a run, with no more digits and no more certainty than it has."""
    units = run.draws if run.draws > 1 else run.trials
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    return _said(
        "run",
        run=run,
        units=units,
        last=run.survival.at(-1),
        ranked=[(CAUSES.get(name, name), e) for name, e in ranked],
        apart=_apart(ranked[0][1], ranked[1][1]),
        long="p_holds_20y",
        fewest_draws=FEWEST_DRAWS,
        enough_draws=DRAWS_FOR_RANGE,
    )


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether shares of one whole differ, however much one grows where the other shrinks."""
    if a.mcse is None or b.mcse is None or a.value is None or b.value is None:
        return False
    return a.value - b.value > ERRORS_APART * (a.mcse + b.mcse)


def comparison_sentences(found: Comparison) -> list[str]:
    """Paragraphs: who is first, and whether computing or assumptions may change the order."""
    steps = [step for step in found.ranking.steps if not step.same]
    return _said(
        "comparison",
        found=found,
        apart=steps,
        reversed=[step for step in steps if _stays(step) is False],
        robust=[step for step in steps if _stays(step)],
        hidden=[step for step in steps if _stays(step) is None],
        inert=inert_sentences(found.inert, found.draws * found.trials),
        errors_needed=errors_needed,
        more_trials=MORE_TRIALS,
    )


def _stays(step: Difference) -> bool | None:
    """Whether zero lies outside the range over assumptions; None where that is hidden."""
    e = step.estimate.scaled(names.quantity(step.quantity).factor)
    if e.p05 is None or e.p95 is None:
        return None
    return not round(e.p05, 1) <= 0.0 <= round(e.p95, 1)  # as far as digits show


def sweep_sentences(sweep: Sweep, view: View | None = None) -> list[str]:
    """Paragraphs on a sweep: its extremes, its strongest lever, its errors, its gaps."""
    view = view or view_of(sweep)
    error = math.inf if view.typical_error is None else view.typical_error
    low, high = (sweep.points[int(at(view.values))] for at in (np.nanargmin, np.nanargmax))
    near, scatter = _strongest(view, error)
    return _said(
        "sweep",
        view=view,
        sweep=sweep,
        low=low,
        high=high,
        described=described,
        near=near,
        scatter=scatter,
        error=error,
        is_little=bool(near) and near[0][0] < ERRORS_APART * max(error, scatter),
        is_mixed=not all(map(view.is_matched, sweep.levers)),
        flat=flat_span(view),
        inert=inert_sentences(inert_in_sweep(sweep), sweep.draws * sweep.plan.trials),
    )


def _strongest(view: View, error: float) -> tuple[list[tuple[float, str]], float]:
    """The levers whose means over their levels lie farthest apart, and the error of scatter.

    Those that lie so close to the first as error may feign are named with it: three Monte Carlo
    errors of a point or, where levels met other settings of the other levers and this is more,
    three errors of the widest difference from the scatter of their points.
    """
    found, scatter = [], 0.0
    for lever in view.sweep.levers:
        means = [mean for _, mean, _ in view.levels(lever)]
        low, high = int(np.argmin(means)), int(np.argmax(means))
        found.append((means[high] - means[low], lever.name))
        if not view.is_matched(lever):
            of_ends = view.error_of_points(lever, low, high)
            scatter = max(scatter, view.of.factor * (of_ends or 0.0))
    found.sort(reverse=True)
    least = ERRORS_APART * max(error, scatter)
    near = [one for one in found[1:MOST_NAMED] if found[0][0] - one[0] < least]
    return [*found[:1], *near], scatter
