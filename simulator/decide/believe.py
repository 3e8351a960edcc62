"""What one would have to believe: the values of an assumption at which another plan is best.

The mean worth of every plan given the value of one assumption is a smooth fit to the draws; where
the highest of these curves changes, so does the plan to choose. All else stays as it was drawn.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.decide.draws import Draws, Floats, Labels, Value, mean, options_of
from simulator.decide.information import increments
from simulator.decide.splines import Basis, fit
from simulator.estimates.estimate import known

LOCAL: Final = 0.02  # share of the draws, to both sides, over which a slope is taken


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values of an assumption, or an option, under which one plan is best."""

    plan: str
    low: float | None  # of the values drawn; None of an option
    high: float | None
    option: str | None
    share: float  # of the draws
    gain: Value  # mean worth there, less that of the plan that is best on average over all draws


@dataclass(frozen=True, slots=True)
class Switch:
    """The value at which the best plan changes, and the best plans below and above it."""

    at: Value
    below: str
    above: str


@dataclass(frozen=True, slots=True)
class Belief:
    """How the best plan depends on one assumption or choice."""

    name: str
    kind: str
    stretches: tuple[Stretch, ...]  # in the order of the values; options in that of their names
    switches: tuple[Switch, ...]  # between the stretches of an assumption


def belief(draws: Draws, worth: Floats, name: str, kind: str, term: Basis) -> Belief:
    """How the best plan depends on what a term is of, by worths of shape (P, D)."""
    if kind == "choice":
        return Belief(name, kind, _by_option(draws, worth, draws.choices()[name]), ())
    return Belief(name, kind, *_by_value(draws, worth, draws.numbers()[name], term))


def _by_option(draws: Draws, worth: Floats, taken: Labels) -> tuple[Stretch, ...]:
    gained = increments(worth)[1]
    stretches = []
    for option in options_of(taken):
        here = taken == option
        plan = int(gained[here].mean(axis=0).argmax())
        gain = mean(gained[here, plan], draws.replicate[here])
        share = float(here.mean())
        stretches.append(Stretch(draws.plans[plan], None, None, option, share, gain))
    return tuple(stretches)


def _by_value(
    draws: Draws, worth: Floats, values: Floats, term: Basis
) -> tuple[tuple[Stretch, ...], tuple[Switch, ...]]:
    gained = increments(worth)[1]
    fitted = fit([term], gained)
    order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    x, curves = values[order], fitted.values[order]
    # Equal values have equal fits, but for rounding: the first speaks for all of them.
    chosen = curves.argmax(axis=1)[np.searchsorted(x, x)]
    ends = np.flatnonzero(np.diff(chosen)) + 1
    stretches = []
    for part in np.split(np.arange(order.size), ends):
        here, plan = order[part], int(chosen[part[0]])
        gain = mean(gained[here, plan], draws.replicate[here])
        low, high = float(x[part[0]]), float(x[part[-1]])
        stretches.append(Stretch(draws.plans[plan], low, high, None, here.size / draws.size, gain))
    switches = []
    for end in ends:
        below, above = int(chosen[end - 1]), int(chosen[end])
        left = (gained - fitted.values)[:, [above, below]] @ [1.0, -1.0]
        noise = fitted.noise[[above, below]]  # none of the plan that the others are held against
        kept = fitted.kept[:, [above, below]] @ (noise / noise.sum())
        leverage = 1.0 / values.size + float(np.square(term.columns[order[end]]) @ kept)
        at = _crossing(
            x, curves[:, above] - curves[:, below], int(end), float(np.var(left)) * leverage
        )
        switches.append(Switch(at, draws.plans[below], draws.plans[above]))
    return tuple(stretches), tuple(switches)


def _crossing(x: Floats, ahead: Floats, end: int, variance: float) -> Value:
    """Where a curve of this variance becomes positive: between ``end - 1`` and ``end``."""
    step = ahead[end] - ahead[end - 1]
    part = -ahead[end - 1] / step if step > 0.0 else 0.5
    at = x[end - 1] + part * (x[end] - x[end - 1])
    near = max(1, round(LOCAL * x.size))
    low, high = max(0, end - near), min(x.size - 1, end + near - 1)
    slope = (ahead[high] - ahead[low]) / (x[high] - x[low]) if x[high] > x[low] else 0.0
    return Value(known(at), known(np.sqrt(variance) / slope) if slope > 0.0 else None)
