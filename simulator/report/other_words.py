"""Comparisons and sweeps in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator import number_format as digits
from simulator.analysis.compare import Difference, errors_needed
from simulator.outcomes.curves import TRIALS_FOR_RANGE
from simulator.outcomes.spread import Estimate
from simulator.report import vocabulary
from simulator.report.comparisons import Comparison, Ranked
from simulator.report.exhibits.compare import unit_of
from simulator.report.exhibits.levels import error_between, is_matched, levels_of, value_at
from simulator.report.exhibits.sweep import headline, level_with, shown_at
from simulator.report.inert_words import inert_in_sweep, inert_sentences
from simulator.report.sweep_results import Point, Sweep, described
from simulator.report.words import ERRORS_APART

MOST_NAMED = 5
MORE_TRIALS = f"it needs --trials {TRIALS_FOR_RANGE}"
_SMALL = (
    "That is less than three Monte Carlo errors of a single number, so which lever comes first "
    "is not settled; differences paired by draw, between the levels of a lever or between single "
    "plans (simulator compare --sweep), are usually known better."
)
_FEW_POINTS = (
    "That is less than three standard errors of a difference, by the scatter of the points at its "
    "two ends: more points would tell which lever comes first."
)
_MIXED = (
    "Where levels of a lever did not run with the same settings of the others, as in a sample, "
    "part of its number is theirs."
)


def comparison_sentences(found: Comparison) -> list[str]:
    """A comparison, told: who is first, by how much, and how stable the order is."""
    of = vocabulary.quantity(found.quantity)
    first, last = found.order[0], found.order[-1]
    shared = _tied(found)
    level = all(step.same for step in found.steps[: len(shared)])
    which = "level with" if level else "not significantly ahead of"
    tied = f", {which} {' and '.join(shared)}," if shared else ""
    under = f" under book {' and '.join(found.book_names)}" if found.book_names else ""
    told = [
        f"Of {len(found.order)} plans{under}, {first.plan}{tied} comes first in “{of.title}” "
        f"({_level(first, found)}) and {last.plan} last ({_level(last, found)})."
    ]
    if found.steps and not found.steps[0].same:
        told.append(_gap(found.steps[0], found.draws))
    best = [d for d in found.differences if d.quantity == found.quantity and d.first == first.plan]
    if best and best[0].second != found.steps[0].second:
        told.append(_difference(best[0], found.draws))
    return [
        text
        for text in (
            *told,
            _computing(found),
            *inert_sentences(found.inert, found.draws * found.trials),
            _robust(found),
            _assumptions(found),
        )
        if text
    ]


def _tied(found: Comparison) -> list[str]:
    """Plans that could change places with the first, as far as neighbours tell."""
    tied: list[str] = []
    for step in found.steps:
        if step.significant:
            break
        tied.append(step.second)
    return tied[:MOST_NAMED]


def _shown(e: Estimate, quantity: str) -> str:
    factor = vocabulary.quantity(quantity).factor
    value = None if e.value is None else factor * e.value
    return digits.with_error(value, None if e.mcse is None else factor * e.mcse, 1)


def _level(one: Ranked, found: Comparison) -> str:
    of, e = vocabulary.quantity(found.quantity), one.estimate
    low, high = (None if v is None else of.factor * v for v in (e.p05, e.p95))
    spread = digits.span(low, high, found.draws, most=0 if of.unit == "%" else 2)
    return f"{_shown(e, found.quantity)} {of.unit}" + (
        f", {spread} over assumptions" if spread else ""
    )


def _lead(step: Difference) -> tuple[Estimate, float | None, float | None]:
    """How far the first is ahead, less being better or not, and its range in the unit shown."""
    e, factor = step.estimate, vocabulary.quantity(step.quantity).factor
    if (e.value or 0.0) < 0.0:
        low, high = (None if v is None else -v for v in (e.p95, e.p05))
        e = Estimate(-(e.value or 0.0), e.mcse, low, high)
    low, high = (None if v is None else factor * v for v in (e.p05, e.p95))
    return e, low, high


def _stays(step: Difference) -> bool | None:
    """Whether the first is ahead over the whole range over assumptions; None where it is hidden."""
    _, low, high = _lead(step)
    if low is None or high is None:
        return None
    return not round(low, 1) <= 0.0 <= round(high, 1)  # as far as digits show


def _gap(step: Difference, draws: int) -> str:
    e, low, high = _lead(step)
    text = f"It is ahead of {step.second} by {_shown(e, step.quantity)} {unit_of(step.quantity)}"
    if draws < 2:
        return f"{text}."
    stays = _stays(step)
    if stays is None:
        return f"{text}; no range over assumptions is given ({MORE_TRIALS})."
    zero = "without zero" if stays else "zero included"
    return f"{text} ({digits.span(low, high, draws, most=1)} over assumptions, {zero})."


def _robust(found: Comparison) -> str:
    """Between which neighbours the order stands whatever is assumed, and where it does not."""
    if found.draws < 2:
        return ""
    steps = [step for step in found.steps if not step.same]
    kept, lost, hidden = (
        [step for step in steps if _stays(step) is stays] for stays in (True, False, None)
    )
    told = []
    if lost:
        told.append(
            f"What is assumed may turn the order of {_pairs(lost)}: the range of their difference "
            "includes zero."
        )
    if kept:
        told.append(f"The order is robust, zero not in that range, between {_pairs(kept)}.")
    if hidden:
        told.append(f"That range is not given between {_pairs(hidden)} ({MORE_TRIALS}).")
    return " ".join(told)


def _difference(one: Difference, draws: int) -> str:
    e, factor = one.estimate, vocabulary.quantity(one.quantity).factor
    text = f"Against {one.second} it makes a difference of {_shown(e, one.quantity)} "
    text += unit_of(one.quantity)
    low, high = (None if v is None else factor * v for v in (e.p05, e.p95))
    spread = digits.span(low, high, draws, most=0 if factor == 100.0 else 2)
    text += f" ({spread} over assumptions)" if spread else ""
    if one.p_better is not None:
        share = digits.of_100(one.p_better, one.p_better_mcse, draws)
        text += f"; under {share} of 100 sets of assumptions it is better"
    return f"{text}."


def _computing(found: Comparison) -> str:
    same = [step for step in found.steps if step.same]
    close = [step for step in found.steps if not step.significant and not step.same]
    told = []
    if close:
        told.append(f"Not significant with this many draws: {_pairs(close)}.")
    elif len(same) < len(found.steps):
        told.append(
            f"More computing would not change this order: every {'other ' if same else ''}step of "
            f"it is larger than {errors_needed(found.draws):.1f} of its own Monte Carlo errors."
        )
    if same:
        told.insert(0, f"Equal in every set of assumptions: {_pairs(same)}.")
    return " ".join(told)


def _pairs(steps: Sequence[Difference]) -> str:
    named = "; ".join(f"{step.first} and {step.second}" for step in steps[:MOST_NAMED])
    return named + (f" and {len(steps) - MOST_NAMED} more" if len(steps) > MOST_NAMED else "")


def _assumptions(found: Comparison) -> str:
    if all(step.same for step in found.steps):
        return ""  # no order, and no best: all are equal
    if found.draws < 2:
        return "One set of assumptions was drawn: under others the order may differ."
    best = found.order[0]
    told = (
        "In how many sets of assumptions all plans stand in exactly this order is not given "
        f"({MORE_TRIALS})."
    )
    if found.p_order is not None:
        share = digits.of_100(found.p_order, found.p_order_mcse, found.draws)
        told = f"Of 100 sets of assumptions {share} put all plans in exactly this order."
    if best.p_best is not None:
        share = digits.of_100(best.p_best, best.p_best_mcse, found.draws)
        told += f" {best.plan} is the best of all under {share} of 100."
    return told


def sweep_sentences(sweep: Sweep) -> list[str]:
    """A sweep, told: its extremes, its strongest lever, its errors, its gaps."""
    name = headline(sweep)
    of = vocabulary.quantity(name)
    known = [p for p in sweep.points if p.estimates[name].value is not None]
    low = min(known, key=lambda p: value_at(p, name))
    high = max(known, key=lambda p: value_at(p, name))
    told = [
        f"{len(sweep.points):,} plans were simulated. “{of.title}” runs from "
        f"{_at(low, name)} {of.unit} ({described(low)}{level_with(sweep, low, name)}) to "
        f"{_at(high, name)} {of.unit} ({described(high)}{level_with(sweep, high, name)})."
        if len(sweep.points) > 1
        else f"One plan was simulated. “{of.title}” is {_at(low, name)} {of.unit}."
    ]
    errors = [e for p in known if (e := p.estimates[name].mcse) is not None]
    error = of.factor * float(np.median(errors)) if errors else math.inf
    if sweep.levers:
        told.append(_strongest(sweep, name, error))
        if not all(is_matched(sweep, lever, name) for lever in sweep.levers):
            told.append(_MIXED)
    told += inert_sentences(inert_in_sweep(sweep), sweep.draws * sweep.trials)
    if errors:
        told.append(
            "Each number has a Monte Carlo standard error of about "
            f"{digits.error(error)} {_unit(of.unit)}. All plans share their random numbers, so "
            "differences between them are usually known better than that. The range over "
            "assumptions is another doubt, and they share it too."
        )
    if sweep.missing or sweep.failed:
        told.append(
            f"Without a result: {sweep.missing:,} points not computed, {sweep.failed:,} failed."
        )
    return told


def _unit(unit: str) -> str:
    return "percentage points" if unit == "%" else unit


def _at(point: Point, name: str) -> str:
    return shown_at(point, name)


def _strongest(sweep: Sweep, name: str, error: float) -> str:
    """The levers whose means over their levels lie farthest apart.

    Those that lie so close to the first as error may feign are named with it: three Monte Carlo
    errors of a point or, where levels met other settings of the other levers and this is more,
    three errors of the widest difference from the scatter of their points.

    Parameters
    ----------
    error : float
        Monte Carlo standard error of a single point, in the unit shown.
    """
    of = vocabulary.quantity(name)
    found = []
    scatter = 0.0
    for lever in sweep.levers:
        means = [mean for _, mean, _ in levels_of(sweep, lever, name, of.factor)]
        low, high = int(np.argmin(means)), int(np.argmax(means))
        found.append((means[high] - means[low], lever.name))
        if not is_matched(sweep, lever, name):
            of_ends = error_between(sweep, lever, name, {}, low, high)
            scatter = max(scatter, of.factor * (of_ends or 0.0))
    least = ERRORS_APART * max(error, scatter)
    found.sort(reverse=True)
    first = found[0][0]
    near = [one for one in found[:MOST_NAMED] if first - one[0] < least]
    by = ", ".join(f"{name} by {digits.significant(moved, 2)}" for moved, name in near)
    if first < least and error < scatter:
        return f"On average over the others, levers move it by {by} {_unit(of.unit)}. {_FEW_POINTS}"
    if first < least:
        return (
            f"On average over the others, levers move it by little: {by} {_unit(of.unit)}. {_SMALL}"
        )
    if len(near) == 1:
        return (
            f"The lever that moves it most, on average over the others, is {found[0][1]}: it makes "
            f"a difference of {digits.significant(first, 2)} {_unit(of.unit)} between its levels."
        )
    return (
        f"The levers that move it most, on average over the others, are {by} {_unit(of.unit)}; "
        "which of them comes first this page does not tell."
    )
