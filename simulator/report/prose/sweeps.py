"""A sweep in plain sentences: its extremes, its strongest lever, its errors, its gaps."""

import math
from typing import Final

import numpy as np

from simulator import number_format as numbers
from simulator.report.figures.heat import flat_sentence
from simulator.report.prose.no_effect import inert_in_sweep, inert_sentences
from simulator.report.prose.runs import ERRORS_APART
from simulator.report.sweep_view import View, view_of
from simulator.results.sweep import Sweep, described

MOST_NAMED: Final = 5
_SMALL: Final = (
    "That is less than three Monte Carlo errors of a single number, so which lever comes first "
    "is not settled; differences paired by draw, between the levels of a lever or between single "
    "plans (simulator compare --sweep), are usually known better."
)
_FEW_POINTS: Final = (
    "That is less than three standard errors of a difference, by the scatter of the points at its "
    "two ends: more points would show which lever comes first."
)
_MIXED: Final = (
    "Where levels of a lever did not run with the same settings of the others, as in a sample, "
    "part of its number is theirs."
)


def sweep_sentences(sweep: Sweep, view: View | None = None) -> list[str]:
    """Paragraphs on a sweep."""
    view = view or view_of(sweep)
    error = math.inf if view.typical_error is None else view.typical_error
    said = [_extremes(view)]
    if sweep.levers:
        said.append(_strongest(view, error))
        if not all(map(view.is_matched, sweep.levers)):
            said.append(_MIXED)
    said += [flat] if (flat := flat_sentence(view)) else []
    said += inert_sentences(inert_in_sweep(sweep), sweep.draws * sweep.plan.trials)
    if math.isfinite(error):
        about = f"{numbers.error(error)} {view.difference_unit}"
        said.append(
            f"Each number has a Monte Carlo standard error of about {about}. All plans share their "
            "random numbers, so differences between them are usually known better than that. The "
            "range over assumptions is another uncertainty, and they share it too."
        )
    if sweep.missing or sweep.failed:
        said.append(
            f"Without a result: {sweep.missing:,} points not computed, {sweep.failed:,} failed."
        )
    return said


def _extremes(view: View) -> str:
    of, points = view.of, view.sweep.points
    low, high = (points[int(at(view.values))] for at in (np.nanargmin, np.nanargmax))
    first, last = (f"{view.shown_at(p)} {of.unit}" for p in (low, high))
    if len(points) == 1:
        return f"One plan was simulated. “{of.title}” is {first}."
    return (
        f"{len(points):,} plans were simulated. “{of.title}” runs from {first} "
        f"({described(low)}{view.level_with(low)}) to {last} "
        f"({described(high)}{view.level_with(high)})."
    )


def _strongest(view: View, error: float) -> str:
    """The levers whose means over their levels lie farthest apart.

    Those that lie so close to the first as error may feign are named with it: three Monte Carlo
    errors of a point or, where levels met other settings of the other levers and this is more,
    three errors of the widest difference from the scatter of their points.
    """
    found, scatter, unit = [], 0.0, view.difference_unit
    for lever in view.sweep.levers:
        means = [mean for _, mean, _ in view.levels(lever)]
        low, high = int(np.argmin(means)), int(np.argmax(means))
        found.append((means[high] - means[low], lever.name))
        if not view.is_matched(lever):
            of_ends = view.error_of_points(lever, low, high)
            scatter = max(scatter, view.of.factor * (of_ends or 0.0))
    least = ERRORS_APART * max(error, scatter)
    found.sort(reverse=True)
    first = found[0][0]
    near = [one for one in found[:MOST_NAMED] if first - one[0] < least]
    by = ", ".join(f"{name} by {numbers.significant(moved, 2)}" for moved, name in near)
    if first < least and error < scatter:
        return f"On average over the others, levers move it by {by} {unit}. {_FEW_POINTS}"
    if first < least:
        return f"On average over the others, levers move it by little: {by} {unit}. {_SMALL}"
    if len(near) == 1:
        return (
            f"The lever that moves it most, on average over the others, is {found[0][1]}: it makes "
            f"a difference of {numbers.significant(first, 2)} {unit} between its levels."
        )
    return (
        f"The levers that move it most, on average over the others, are {by} {unit}; their order "
        "is not significant."
    )
