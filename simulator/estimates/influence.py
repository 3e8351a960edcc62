"""Which assumptions move the answer, read off the draws of one run.

Nothing is simulated again. Draws are sorted by one assumption and cut into fifths; how much the
outcome differs between the fifths, against how much it differs between draws at all, is the share
of the variation that goes with this assumption (the correlation ratio, corrected for the number of
groups). It is association over the draws as they were drawn: two assumptions that are drawn
together share the credit. In a pool of books, which differ in everything at once, fifths are taken
within each book, and the difference between the books counts for the choice ``book`` alone. A book
in which an assumption or a choice never varies says nothing about it, and is left out.

Outcomes by structural choice stand beside it: disagreement is shown, not averaged away.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from simulator.books.book import POOL_CHOICE
from simulator.books.draws import NOT_ASKED, Draws
from simulator.estimates.estimate import Estimate, estimate, mean_error
from simulator.estimates.outcome import Band, survival_of
from simulator.estimates.tally import Tally, column
from simulator.model.compiled import BoolArray, FloatArray, IntArray
from simulator.quantities import CLAIM, HELD_FOR

FIFTHS: Final = 5
FEWEST_DRAWS: Final = 50  # fewer cannot separate an influence from chance
FEWEST_IN_GROUP: Final = 5
FALSE_ALARM: Final = 1e-3  # that any of the influences called clear is chance, over all of them
VIEW: Final = "view"  # the choice between what persons say, compared by simulator.analysis.views
FEW_DRAWS: Final = 5  # below this an option's standard error means nothing
_WORDS: Final = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


@dataclass(frozen=True, slots=True)
class Group:
    """The outcome in some of the draws."""

    label: str  # the option taken, or ``lowest fifth`` and the like
    middle: float | None  # median of the assumption in these draws; None for an option
    draws: int
    # Mean outcome of these draws, and its Monte Carlo standard error; over several books, what
    # their different averages add to it is evened out.
    value: float
    mcse: float


@dataclass(frozen=True, slots=True)
class Influence:
    """How much one assumption, or one structural choice, moves the outcome."""

    name: str
    choice: bool  # a structural one
    explained: float  # share of the variation between draws, corrected for chance: may be < 0
    clear: bool  # chance alone would hardly show as much: `FALSE_ALARM` over all assumptions
    groups: tuple[Group, ...]  # fifths in order, or options by their outcome, the lowest first


def quantity(tally: Tally) -> str:
    """Name of the outcome that influences are of: the headline, or what the horizon allows."""
    return "p_holds_20y" if HELD_FOR["p_holds_20y"] <= tally.horizon else "rmst_years"


def influences(tally: Tally, draws: Draws) -> list[Influence]:
    """Rank all assumptions and structural choices that differ between draws, the largest first.

    Of the first draws of the tally. Empty below `FEWEST_DRAWS` of them, and where the outcome is
    the same in all.
    """
    outcome = column(tally, quantity(tally))[: draws.numbers.size]
    if outcome.size < FEWEST_DRAWS or float(np.ptp(outcome)) == 0.0:
        return []
    varying = {name: v for name, v in draws.values.items() if float(np.ptp(v)) > 0.0}
    asked = {
        choice: np.asarray(taken, object)
        for choice, taken in draws.labels.items()
        if len(set(taken) - {NOT_ASKED}) > 1
    }
    strata = np.unique(asked.get(POOL_CHOICE, np.zeros(outcome.size)), return_inverse=True)[1]
    tests = max(1, len(varying) + len(asked))
    case = _Case(draws.numbers, outcome, _within(outcome, strata), strata, tests)
    found = [_of_choice(name, labels, case) for name, labels in asked.items()]
    found += [_of_number(name, values, case) for name, values in varying.items()]
    return sorted((one for one in found if one), key=lambda one: (-one.explained, one.name))


@dataclass(frozen=True, eq=False, slots=True)
class _Case:
    """What every assumption is held against; arrays of shape (D,)."""

    draws: IntArray
    outcome: FloatArray
    within: FloatArray  # the outcome without the difference between pooled books
    strata: IntArray  # number of the book that each draw took
    tests: int


def _within(outcome: FloatArray, strata: IntArray) -> FloatArray:
    sizes = np.bincount(strata)
    means = np.bincount(strata, weights=outcome) / sizes
    return np.asarray(outcome - means[strata] + outcome.mean())


def _of_number(name: str, values: FloatArray, case: _Case) -> Influence | None:
    codes = np.zeros(values.size, np.int64)
    for stratum in np.unique(case.strata):
        here = case.strata == stratum
        if float(np.ptp(values[here])) == 0.0:
            codes[here] = -1  # does not vary in this book: says nothing
            continue
        # Quantiles as edges keep equal values together: a value taken often is not torn apart.
        edges = np.quantile(values[here], np.linspace(0.0, 1.0, FIFTHS + 1)[1:-1])
        codes[here] = np.searchsorted(edges, values[here], side="left")
    fifths = {word: codes == code for code, word in enumerate(_WORDS) if (codes == code).any()}
    middles = [float(np.median(values[here])) for here in fifths.values()]
    return _influence(name, False, fifths, middles, case.within, case)


def _of_choice(name: str, taken: np.ndarray[Any, Any], case: _Case) -> Influence | None:
    outcome = case.outcome if name == POOL_CHOICE else case.within
    asked = taken != NOT_ASKED
    for stratum in np.unique(case.strata) if name != POOL_CHOICE else ():
        here = asked & (case.strata == stratum)
        if len(set(taken[here].tolist())) == 1:
            asked &= ~here  # does not vary in this book: says nothing
    options = {str(o): asked & (taken == o) for o in sorted(set(taken[asked].tolist()))}
    known = {o: here for o, here in options.items() if here.sum() >= FEWEST_IN_GROUP}
    return _influence(name, True, known, [None] * len(known), outcome, case)


def _influence(
    name: str,
    choice: bool,
    members: Mapping[str, BoolArray],
    middles: Sequence[float | None],
    outcome: FloatArray,
    case: _Case,
) -> Influence | None:
    groups = []
    for (label, here), middle in zip(members.items(), middles, strict=True):
        found, mcse = outcome[here], float(mean_error(outcome[here], case.draws[here]))
        groups.append(Group(label, middle, found.size, float(found.mean()), mcse))
    k = len(groups)
    if k < 2 or any(g.draws < FEWEST_IN_GROUP or math.isnan(g.mcse) for g in groups):
        return None
    heard = np.any(list(members.values()), axis=0)
    asked = outcome[heard]
    total = float(np.square(asked - asked.mean()).sum())
    free = asked.size - k - int(case.strata.max())
    if total == 0.0 or free < 1:
        return None
    between = sum(g.draws * (g.value - float(asked.mean())) ** 2 for g in groups)
    ratio = between / total
    corrected = 1.0 - (1.0 - ratio) * (free + k - 1) / free
    # Without any influence, and with normal outcomes, the ratio has this beta distribution.
    threshold = float(betaincinv((k - 1) / 2.0, free / 2.0, 1.0 - FALSE_ALARM / case.tests))
    share = total / float(np.square(case.outcome - case.outcome.mean()).sum())
    # Means of the books that were asked, not of all: a group of one book has its own mean there.
    shift = float(case.outcome[heard].mean() - asked.mean())
    groups = [replace(group, value=group.value + shift) for group in groups]
    ordered = sorted(groups, key=lambda g: g.value) if choice else groups
    return Influence(name, choice, corrected * share, ratio > threshold, tuple(ordered))


Rows: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice: how many draws took it, and their headlines."""

    draws: int
    estimates: Mapping[str, Estimate]


def by_option(tally: Tally, labels: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Option]]:
    """Headline probabilities of the draws that took each option of each structural choice.

    ``labels`` has the option that each of the first draws of the tally took in each choice.

    The books of a pool weigh the options differently, so comparing options across a pool would
    compare books. A pool's other choices are therefore split by book, as ``choice (book)``. A
    choice in which all draws took one option is left out: it would repeat the whole. Draws of
    different options differ in their other assumptions too, at random: pin an option to compare
    like with like. Views are left out, since what sets them apart is less than that noise.
    """
    found: dict[str, dict[str, Option]] = {}
    for choice, name, rows in _options(labels):
        estimates = {}
        for headline in CLAIM:
            values = column(tally, headline)[rows]
            if not np.isnan(values).any():  # within the horizon
                estimates[headline] = _estimate(values, tally.draws[rows])
        found.setdefault(choice, {})[name] = Option(rows.size, estimates)
    return found


def survival_by_option(
    tally: Tally, labels: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Band]]:
    """Survival on the grid of the draws that took each option, without options of few draws."""
    found: dict[str, dict[str, Band]] = {}
    for choice, name, rows in _options(labels):
        if rows.size >= FEW_DRAWS:
            found.setdefault(choice, {})[name] = survival_of(tally, rows)
    return found


def _options(labels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, Rows]]:
    """Choice, option and the rows that took it, of choices in which draws differ."""
    for choice, options, within in _choices(labels):
        names = sorted({str(option) for option in options[within]})
        if len(names) > 1:
            for name in names:
                yield choice, name, np.flatnonzero(within & (options == name))


def _choices(
    labels: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, np.ndarray[tuple[int], np.dtype[np.str_]], BoolArray]]:
    """Name, option of every draw, and the draws that can be compared."""
    books = np.asarray(labels.get(POOL_CHOICE, ()), np.str_)
    for choice, taken in ((c, t) for c, t in labels.items() if c != VIEW):
        options = np.asarray(taken, np.str_)
        if choice == POOL_CHOICE or books.size == 0 or np.unique(books).size < 2:
            yield choice, options, np.ones(options.size, bool)
        else:
            for book in np.unique(books):
                yield f"{choice} ({book})", options, books == book


def _estimate(values: FloatArray, draws: IntArray) -> Estimate:
    found = estimate(values, draws)
    if draws.size < FEW_DRAWS:
        return Estimate(found.value, None, None, None, note=f"of {draws.size} draws only")
    return found
