"""Outcomes by structural choice: disagreement is shown, not averaged away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.model.compiled import BoolArray, FloatArray
from simulator.outcomes.curves import Band, band, survival_by_draw
from simulator.outcomes.estimates import HEADLINES, proportion_at
from simulator.outcomes.spread import Estimate, estimate
from simulator.outcomes.tally import Tally

POOL: Final = "book"  # the choice between the books of a pool
FEW_DRAWS: Final = 5  # below this an option's standard error over draws means nothing


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice.

    Attributes
    ----------
    draws : int
        How many took it: what its errors and ranges rest on.
    estimates : mapping of headline to Estimate
    """

    draws: int
    estimates: Mapping[str, Estimate]


def by_option(tally: Tally, labels: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Option]]:
    """Headline probabilities of the draws that took each option of each structural choice.

    The books of a pool weigh the options differently, so comparing options across a pool would
    compare books. A pool's other choices are therefore split by book, as ``choice (book)``.

    Parameters
    ----------
    tally : Tally
    labels : mapping of str to sequence of str, length D
        The option that each draw took in each choice.

    Returns
    -------
    dict
        choice -> option -> `Option`. A choice in which all draws took the
        same option is left out: it would repeat the whole. Draws of different options differ in
        their other assumptions too, at random: pin an option to compare like with like.
    """
    headlines = _headlines(tally)
    found: dict[str, dict[str, Option]] = {}
    for choice, name, draws in _options(labels):
        estimates = {
            headline: _estimate(means, noise, draws)
            for headline, (means, noise) in headlines.items()
        }
        found.setdefault(choice, {})[name] = Option(int(np.count_nonzero(draws)), estimates)
    return found


def survival_by_option(
    tally: Tally, labels: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Band]]:
    """Survival of the draws that took each option, choices as in `by_option`.

    Returns
    -------
    dict
        choice -> option -> Band on the grid, 0 included; options of few draws are left out.
    """
    survival, noise = survival_by_draw(tally)
    found: dict[str, dict[str, Band]] = {}
    for choice, name, draws in _options(labels):
        if np.count_nonzero(draws) >= FEW_DRAWS:
            found.setdefault(choice, {})[name] = band(survival[draws], noise[draws])
    return found


def _options(labels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, BoolArray]]:
    """Choice, option and the draws that took it, of choices in which draws differ."""
    for choice, options, within in _choices(labels):
        names = sorted({str(option) for option in options[within]})
        if len(names) > 1:
            for name in names:
                yield choice, name, within & (options == name)


def _choices(
    labels: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, np.ndarray[tuple[int], np.dtype[np.str_]], BoolArray]]:
    """Name, option of every draw, and the draws that can be compared."""
    books = np.asarray(labels.get(POOL, ()), np.str_)
    for choice, taken in labels.items():
        options = np.asarray(taken, np.str_)
        if choice == POOL or books.size == 0 or np.unique(books).size < 2:
            yield choice, options, np.ones(options.size, bool)
        else:
            for book in np.unique(books):
                yield f"{choice} ({book})", options, books == book


def _estimate(means: FloatArray, noise: FloatArray, draws: BoolArray) -> Estimate:
    found = estimate(means[draws], noise[draws])
    count = int(np.count_nonzero(draws))
    if count < FEW_DRAWS:
        return replace(found, mcse=None, p05=None, p95=None, note=f"of {count} draws only")
    return found


def _headlines(tally: Tally) -> dict[str, tuple[FloatArray, FloatArray]]:
    found = {}
    for name, (years, holds) in HEADLINES.items():
        at = proportion_at(tally, years)
        if at is not None:
            found[name] = (1.0 - at[0], at[1]) if holds else at
    return found
