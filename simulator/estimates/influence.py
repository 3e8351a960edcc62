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
from typing import Any, Final

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
    books = np.unique(asked.get(POOL_CHOICE, np.zeros(outcome.size)), return_inverse=True)[1]
    case = _Case(draws.numbers, outcome, books, max(1, len(varying) + len(asked)))
    found = [case.of_choice(name, taken) for name, taken in asked.items()]
    found += [case.of_number(name, values) for name, values in varying.items()]
    return sorted((one for one in found if one), key=lambda one: (-one.explained, one.name))


class _Case:
    """What every assumption is held against; arrays of shape (D,)."""

    def __init__(self, draws: IntArray, outcome: FloatArray, book: IntArray, tests: int) -> None:
        self.draws, self.outcome, self.tests = draws, outcome, tests
        self.book = book  # number of the book that each draw took
        means = np.bincount(book, weights=outcome) / np.bincount(book)
        # the outcome without the difference between pooled books
        self.within = np.asarray(outcome - means[book] + outcome.mean())

    def of_number(self, name: str, values: FloatArray) -> Influence | None:
        """The influence of an assumption: between its fifths."""
        codes = np.full(values.size, -1)  # where it does not vary in a book, it says nothing
        for here in (self.book == book for book in np.unique(self.book)):
            if float(np.ptp(values[here])) > 0.0:
                # Quantiles as edges keep equal values together: none is torn apart.
                edges = np.quantile(values[here], np.linspace(0.0, 1.0, FIFTHS + 1)[1:-1])
                codes[here] = np.searchsorted(edges, values[here], side="left")
        fifths = {word: codes == code for code, word in enumerate(_WORDS) if (codes == code).any()}
        middles = [float(np.median(values[here])) for here in fifths.values()]
        return self._influence(name, fifths, self.within, middles)

    def of_choice(self, name: str, taken: np.ndarray[Any, Any]) -> Influence | None:
        """The influence of a structural choice: between its options."""
        asked = taken != NOT_ASKED
        if name != POOL_CHOICE:
            for book in np.unique(self.book):
                here = asked & (self.book == book)
                if len(set(taken[here].tolist())) == 1:
                    asked &= ~here  # does not vary in this book: says nothing
        options = {str(o): asked & (taken == o) for o in sorted(set(taken[asked].tolist()))}
        known = {o: here for o, here in options.items() if here.sum() >= FEWEST_IN_GROUP}
        outcome = self.outcome if name == POOL_CHOICE else self.within
        return self._influence(name, known, outcome, None)

    def _influence(
        self,
        name: str,
        members: Mapping[str, BoolArray],
        outcome: FloatArray,
        middles: Sequence[float | None] | None,
    ) -> Influence | None:
        """Between groups of draws, with the middle of each; None of a structural choice."""
        k = len(members)
        if k < 2:
            return None
        groups = []
        for (label, here), middle in zip(members.items(), middles or [None] * k, strict=True):
            found, mcse = outcome[here], float(mean_error(outcome[here], self.draws[here]))
            if found.size < FEWEST_IN_GROUP or math.isnan(mcse):
                return None
            groups.append(Group(label, middle, found.size, float(found.mean()), mcse))
        heard = np.any(list(members.values()), axis=0)
        asked = outcome[heard]
        total = float(np.square(asked - asked.mean()).sum())
        free = asked.size - k - int(self.book.max())
        if total == 0.0 or free < 1:
            return None
        between = sum(g.draws * (g.value - float(asked.mean())) ** 2 for g in groups)
        ratio = between / total
        corrected = 1.0 - (1.0 - ratio) * (free + k - 1) / free
        # Without any influence, and with normal outcomes, the ratio has this beta distribution.
        threshold = float(betaincinv((k - 1) / 2.0, free / 2.0, 1.0 - FALSE_ALARM / self.tests))
        share = total / float(np.square(self.outcome - self.outcome.mean()).sum())
        # Means of the books that were asked, not of all: a group of one book has its own mean.
        shift = float(self.outcome[heard].mean() - asked.mean())
        groups = [replace(group, value=group.value + shift) for group in groups]
        if middles is None:
            groups.sort(key=lambda g: g.value)
        clear = ratio > threshold
        return Influence(name, middles is None, corrected * share, clear, tuple(groups))


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
            if np.isnan(values).any():  # beyond the horizon
                continue
            one = estimate(values, tally.draws[rows])
            if rows.size < FEW_DRAWS:
                note = f"of {rows.size} draws only"
                one = Estimate(one.value, None, None, None, note=note)
            estimates[headline] = one
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


def _options(
    labels: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Choice, option and the rows that took it, of choices in which comparable draws differ."""
    books = np.asarray(labels.get(POOL_CHOICE, ()), np.str_)
    pooled = np.unique(books).tolist()
    for choice, taken in labels.items():
        options = np.asarray(taken, np.str_)
        comparable = {choice: np.ones(options.size, bool)}
        if choice != POOL_CHOICE and len(pooled) > 1:
            comparable = {f"{choice} ({book})": books == book for book in pooled}
        for name, within in comparable.items() if choice != VIEW else ():
            found = np.unique(options[within]).tolist()
            for option in found if len(found) > 1 else ():
                yield name, option, np.flatnonzero(within & (options == option))
