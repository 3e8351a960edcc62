"""Outcomes by structural choice: disagreement is shown, not averaged away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.estimates.curves import Band, survival_of
from simulator.estimates.estimate import Estimate, estimate
from simulator.estimates.tally import Tally, column
from simulator.model.compiled import BoolArray, FloatArray, IntArray
from simulator.quantities import CLAIM

POOL: Final = "book"  # the choice between the books of a pool
VIEW: Final = "view"  # the choice between what persons say, compared by simulator.analysis.views
FEW_DRAWS: Final = 5  # below this an option's standard error means nothing


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
    books = np.asarray(labels.get(POOL, ()), np.str_)
    for choice, taken in ((c, t) for c, t in labels.items() if c != VIEW):
        options = np.asarray(taken, np.str_)
        if choice == POOL or books.size == 0 or np.unique(books).size < 2:
            yield choice, options, np.ones(options.size, bool)
        else:
            for book in np.unique(books):
                yield f"{choice} ({book})", options, books == book


def _estimate(values: FloatArray, draws: IntArray) -> Estimate:
    found = estimate(values, draws)
    if draws.size < FEW_DRAWS:
        return Estimate(found.value, None, None, None, note=f"of {draws.size} draws only")
    return found
