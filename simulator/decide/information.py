"""What it is worth to find out: the value of information, perfect and partly perfect.

With the worth W of each plan in each draw, deciding now gives max over plans of the mean of W.
Knowing X first gives the mean of the max over plans of E[W | X]. The difference is the expected
value of partial perfect information (EVPPI); of everything at once it is EVPI.

E[W | X] is a smooth fit to the draws (Strong, Oakley and Brennan 2014). It conditions and does not
intervene: learning X is also learning of whatever X was drawn together with.

A fit follows the noise of its draws a little, and the maximum over plans takes that for value; the
rule that it gives, judged on draws that it did not see, loses as much by its errors. Both biases
are half the variance of the fit times the density of draws in which plans are nearly equal, so the
mean of the two has neither.

The error is that of the gain of the rule that the fit gives: worth of the plan that it would
choose, less worth of the plan that is best on average, draw by draw.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.decide.draws import Draws, Floats, Replicates, Value, by_option, is_choice, mean
from simulator.decide.splines import FALSE_ALARM, Basis, Fit, fit, of_number, of_option, shows
from simulator.estimates.estimate import known

NOTHING: Final = 0.01  # of the largest value of one assumption or choice: no more is called nothing
CLEAR: Final = 2.0
TOGETHER: Final = 0.5
ABOVE_EDGE: Final = 1.25
UNBIASED: Final = 4_000  # draws; of 1,000 the values are some 10 % too high


@dataclass(frozen=True, slots=True)
class Information:
    """Value of finding out one thing."""

    name: str  # of an assumption, a choice or a group
    kind: str  # ``assumption``, ``choice`` or ``group``
    value: Value  # in the unit of the worth; never negative
    changes: float  # share of the draws in which knowing it would change the plan
    # Other assumptions and choices that it informs of; none of a group and of what is not clear.
    goes_with: tuple[str, ...] = ()
    clear: bool = False  # the value exceeds `CLEAR` of its standard errors, and is not nothing
    nothing: bool = False  # no more than `NOTHING` of the assumption or choice that is worth most

    @property
    def shows(self) -> bool:
        """Whether its value exceeds one standard error, and is not nothing."""
        return not self.nothing and (self.value.value or 0.0) > (self.value.mcse or 0.0)


def evpi(worth: Floats, replicate: Replicates) -> Value:
    """Value of knowing everything, from the worth of P plans in D draws, shape (P, D)."""
    return mean(worth.max(axis=0) - worth[worth.mean(axis=1).argmax()], replicate)


def increments(worth: Floats) -> tuple[int, Floats]:
    """Return the plan that is best on average, and worth of all less its own, shape (D, P)."""
    best = int(worth.mean(axis=1).argmax())
    return best, np.ascontiguousarray((worth - worth[best]).T)


def terms(draws: Draws) -> dict[str, tuple[str, Basis]]:
    """Return the kind and the term of every assumption and choice that differs between draws."""
    return {
        name: ("choice", of_option(values))
        if is_choice(values)
        else ("assumption", of_number(values))
        for name, values in draws.columns().items()
    }


def evppi(fitted: Fit, gained: Floats, replicate: Replicates) -> tuple[Value, NDArray[np.int64]]:
    """Value of knowing what a fit of increments, shape (D, P), is of; and the plans chosen so."""
    rows = np.arange(len(gained))
    chosen = fitted.values.argmax(axis=1)
    optimistic = fitted.values[rows, chosen].mean() - fitted.values.mean(axis=0).max()
    pessimistic = gained[rows, fitted.without.argmax(axis=1)].mean()
    value = max(0.0, 0.5 * float(optimistic + pessimistic))
    return Value(value, mean(gained[rows, chosen], replicate).mcse), chosen


def information(
    draws: Draws,
    worth: Floats,
    known: Mapping[str, tuple[str, Basis]],
    groups: Mapping[str, Collection[str]],
) -> tuple[Information, ...]:
    """Value of every assumption, choice and group, the largest first, from worths (P, D)."""
    best, gained = increments(worth)
    # Of what explains none of the increments better than chance, the fit is noise, and so would be
    # the choice that it suggests.
    alarm = FALSE_ALARM / (len(known) * max(1, len(worth) - 1))
    informing = {name: t for name, (_, t) in known.items() if shows(t, gained, alarm).any()}
    asked: list[tuple[str, str, Collection[str]]]
    asked = [(name, kind, (name,)) for name, (kind, _) in known.items()]
    asked += [(g, "group", members) for g, members in groups.items() if known.keys() & set(members)]
    found = []
    for name, kind, members in asked:
        one = Information(name, kind, Value(0.0, 0.0), 0.0)
        if inside := [informing[member] for member in members if member in informing]:
            value, chosen = evppi(fit(inside, gained), gained, draws.replicate)
            one = Information(name, kind, value, float(np.mean(chosen != best)))
        found.append(one)
    largest = max([_worth(one) for one in found if one.kind != "group"], default=0.0)
    for i, one in enumerate(found):
        nothing = _worth(one) <= NOTHING * largest
        clear = not nothing and _worth(one) > CLEAR * (one.value.mcse or 0.0)
        others = together(one.name, known) if clear and one.kind != "group" else ()
        found[i] = replace(one, goes_with=others, clear=clear, nothing=nothing)
    return tuple(sorted(found, key=lambda one: (-_worth(one), one.name)))


def together(name: str, known: Mapping[str, tuple[str, Basis]]) -> tuple[str, ...]:
    """Other assumptions and choices that go with one: the strongest first.

    Their largest canonical correlation, of any curve of one with any curve of the other, is
    `TOGETHER` at least and clearly above what independent draws show (the edge of Marchenko and
    Pastur).
    """
    own = known[name][1]
    found = {}
    for other, (_, term) in known.items():
        edge = (np.sqrt(own.rough.size) + np.sqrt(term.rough.size)) / np.sqrt(len(own.columns))
        correlation = float(np.linalg.norm(own.columns.T @ term.columns, 2))
        if other != name and correlation >= max(TOGETHER, ABOVE_EDGE * edge):
            found[other] = correlation
    return tuple(sorted(found, key=lambda other: (-found[other], other)))


def _worth(one: Information) -> float:
    return one.value.value or 0.0


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
    gained = increments(worth)[1]
    if kind != "choice":
        return Belief(name, kind, *_by_value(draws, gained, draws.numbers()[name], term))
    stretches = []
    for option, here in by_option(draws.choices()[name]).items():
        plan = int(gained[here].mean(axis=0).argmax())
        gain = mean(gained[here, plan], draws.replicate[here])
        share = float(here.mean())
        stretches.append(Stretch(draws.plans[plan], None, None, option, share, gain))
    return Belief(name, kind, tuple(stretches), ())


def _by_value(
    draws: Draws, gained: Floats, values: Floats, term: Basis
) -> tuple[tuple[Stretch, ...], tuple[Switch, ...]]:
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
        ahead = curves[:, above] - curves[:, below]
        at = _crossing(x, ahead, int(end), float(np.var(left)) * leverage)
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
