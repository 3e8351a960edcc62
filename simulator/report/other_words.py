"""Comparisons and sweeps in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator.outcomes.spread import Estimate
from simulator.report import digits, vocabulary
from simulator.report.comparisons import Comparison, Difference
from simulator.report.exhibits.compare import unit_of
from simulator.report.exhibits.levers import levels_of, value_at
from simulator.report.exhibits.sweep import headline
from simulator.report.sweep_results import Point, Sweep, described
from simulator.report.words import TOLD_APART

MOST_NAMED = 5
_SMALL = (
    "That is little beside the Monte Carlo error of a single number, so which lever comes first "
    "may be chance; paired differences of single plans (simulator compare --sweep) are usually "
    "known better."
)


def comparison_sentences(found: Comparison) -> list[str]:
    """A comparison, told: who is first, by how much, and how stable the order is."""
    of = vocabulary.quantity(found.quantity)
    first, last = found.order[0], found.order[-1]
    shared = _tied(found)
    level = all(step.same for step in found.steps[: len(shared)])
    which = "level with" if level else "which this run does not tell apart from"
    tied = f", {which} {' and '.join(shared)}," if shared else ""
    told = [
        f"Of {len(found.order)} plans, {first.plan}{tied} comes first in “{of.title}” "
        f"({_shown(first.estimate, found.quantity)} {of.unit}) and {last.plan} last "
        f"({_shown(last.estimate, found.quantity)} {of.unit})."
    ]
    best = [d for d in found.differences if d.quantity == found.quantity and d.first == first.plan]
    if best:
        told.append(_difference(best[0], found.draws))
    return [*told, _computing(found), _assumptions(found)]


def _tied(found: Comparison) -> list[str]:
    """Plans that could change places with the first, as far as neighbours tell."""
    tied: list[str] = []
    for step in found.steps:
        if step.told_apart:
            break
        tied.append(step.second)
    return tied[:MOST_NAMED]


def _shown(e: Estimate, quantity: str) -> str:
    factor = vocabulary.quantity(quantity).factor
    value = None if e.value is None else factor * e.value
    return digits.with_error(value, None if e.mcse is None else factor * e.mcse, 1)


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
    close = [step for step in found.steps if not step.told_apart and not step.same]
    told = []
    if close:
        told.append(f"Neighbours that this many paths do not tell apart: {_pairs(close)}.")
    elif len(same) < len(found.steps):
        told.append(
            f"Computing does not decide this order: every {'other ' if same else ''}step of it is "
            "larger than 3.2 of its own standard errors."
        )
    if same:
        told.insert(0, f"Equal in every set of assumptions: {_pairs(same)}.")
    return " ".join(told)


def _pairs(steps: Sequence[Difference]) -> str:
    named = "; ".join(f"{step.first} and {step.second}" for step in steps[:MOST_NAMED])
    return named + (f" and {len(steps) - MOST_NAMED} more" if len(steps) > MOST_NAMED else "")


def _assumptions(found: Comparison) -> str:
    if found.draws < 2:
        return "One set of assumptions was drawn: under others the order may differ."
    best = found.order[0]
    told = (
        "In how many sets of assumptions all plans stand in exactly this order, path noise hides: "
        "more paths a draw (--paths) would tell."
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
        f"{_at(low, name)} {of.unit} ({described(low)}) to {_at(high, name)} {of.unit} "
        f"({described(high)})."
        if len(sweep.points) > 1
        else f"One plan was simulated. “{of.title}” is {_at(low, name)} {of.unit}."
    ]
    errors = [e for p in known if (e := p.estimates[name].mcse) is not None]
    error = of.factor * float(np.median(errors)) if errors else math.inf
    if sweep.levers:
        told.append(_strongest(sweep, name, TOLD_APART * error))
    if errors:
        told.append(
            "Each number has a Monte Carlo standard error of about "
            f"{digits.error(error)} {_unit(of.unit)}. All plans meet the same luck, so differences "
            "between them are usually known better than that. The range over assumptions is "
            "another doubt, and they share it too."
        )
    if sweep.missing or sweep.failed:
        told.append(
            f"Without a result: {sweep.missing:,} points not computed, {sweep.failed:,} failed."
        )
    return told


def _unit(unit: str) -> str:
    return "percentage points" if unit == "%" else unit


def _at(point: Point, name: str) -> str:
    return _shown(point.estimates[name], name)


def _strongest(sweep: Sweep, name: str, chance: float) -> str:
    """The levers whose means over their levels lie farthest apart.

    Parameters
    ----------
    chance : float
        What the Monte Carlo error of single points may feign, in the unit shown: levers that lie
        so close to the first are named with it.
    """
    of = vocabulary.quantity(name)
    found = []
    for lever in sweep.levers:
        means = [mean for _, mean, _ in levels_of(sweep, lever, name, of.factor)]
        found.append((max(means) - min(means), lever.name))
    found.sort(reverse=True)
    first = found[0][0]
    near = [one for one in found[:MOST_NAMED] if first - one[0] < chance]
    by = ", ".join(f"{name} by {digits.significant(moved, 1)}" for moved, name in near)
    if first < chance:
        return (
            f"On average over the others, levers move it by little: {by} {_unit(of.unit)}. {_SMALL}"
        )
    if len(near) == 1:
        return (
            f"The lever that moves it most, on average over the others, is {found[0][1]}: it makes "
            f"a difference of {digits.significant(first, 1)} {_unit(of.unit)} between its levels."
        )
    return (
        f"The levers that move it most, on average over the others, are {by} {_unit(of.unit)}; "
        "which of them comes first this page does not tell."
    )
