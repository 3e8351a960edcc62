"""Comparisons and sweeps in plain sentences."""

from __future__ import annotations

import math

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
    "That is little beside the Monte Carlo error of a single number: whether it is more than "
    "chance, the paired differences of simulator compare --sweep tell."
)


def comparison_sentences(found: Comparison) -> list[str]:
    """A comparison, told: who is first, by how much, and how stable the order is."""
    of = vocabulary.quantity(found.quantity)
    first, last = found.order[0], found.order[-1]
    shared = _tied(found)
    tied = f", which this run does not tell apart from {' and '.join(shared)}," if shared else ""
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
    close = [step for step in found.steps if not step.told_apart]
    if not close:
        return (
            "Computing does not decide this order: every step of it is larger than three of its "
            "own standard errors."
        )
    pairs = "; ".join(f"{step.first} and {step.second}" for step in close[:MOST_NAMED])
    more = f" and {len(close) - MOST_NAMED} more" if len(close) > MOST_NAMED else ""
    return f"Neighbours that this many paths do not tell apart: {pairs}{more}."


def _assumptions(found: Comparison) -> str:
    if found.p_order is None:
        return ""
    best = found.order[0]
    share = (
        ""
        if best.p_best is None
        else (f" {best.plan} is the best of all under {_of_draws(best.p_best, found.draws)}.")
    )
    return (
        f"Of 100 sets of assumptions {_of_draws(found.p_order, found.draws)} put all plans in "
        f"exactly this order.{share}"
    )


def _of_draws(share: float, draws: int) -> str:
    return digits.of_100(share, math.sqrt(share * (1.0 - share) / draws), draws)


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
    ]
    errors = [e for p in known if (e := p.estimates[name].mcse) is not None]
    error = of.factor * float(np.median(errors)) if errors else math.inf
    lever, start, stop = _strongest(sweep, name)
    told.append(
        f"The lever that moves it most, on average over the others, is {lever}: it makes a "
        f"difference of {digits.significant(stop - start, 1)} {_unit(of.unit)} between its levels."
        + (f" {_SMALL}" if stop - start < TOLD_APART * error else "")
    )
    if errors:
        told.append(
            "Each number has a Monte Carlo standard error of about "
            f"{digits.error(error)} {_unit(of.unit)}. All plans meet the same luck, so differences "
            "between them are known better than that; the range over assumptions is much wider, "
            "and they share it."
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


def _strongest(sweep: Sweep, name: str) -> tuple[str, float, float]:
    """The lever whose means over its levels lie farthest apart, and these means."""
    factor = vocabulary.quantity(name).factor
    found = []
    for lever in sweep.levers:
        means = [mean for _, mean, _ in levels_of(sweep, lever, name, factor)]
        found.append((lever.name, min(means), max(means)))
    return max(found, key=lambda one: one[2] - one[1])
