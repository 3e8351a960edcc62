"""Outcomes by structural choice: disagreement is shown, not averaged away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.model.compiled import FloatArray
from simulator.outcomes.estimates import HEADLINES, proportion_at
from simulator.outcomes.spread import Estimate, estimate
from simulator.outcomes.tally import Tally


def by_option(
    tally: Tally, labels: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Headline probabilities of the draws that took each option of each structural choice.

    Parameters
    ----------
    tally : Tally
    labels : mapping of str to sequence of str, length D
        The option that each draw took in each choice.

    Returns
    -------
    dict
        choice -> option -> name of a headline -> Estimate. A choice in which all draws took the
        same option is left out: it would repeat the whole.
    """
    headlines = _headlines(tally)
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for choice, taken in labels.items():
        options = np.asarray(taken)
        names = sorted({str(option) for option in taken})
        if len(names) < 2:
            continue
        found[choice] = {
            name: {
                headline: estimate(means[options == name], noise[options == name])
                for headline, (means, noise) in headlines.items()
            }
            for name in names
        }
    return found


def _headlines(tally: Tally) -> dict[str, tuple[FloatArray, FloatArray]]:
    found = {}
    for name, (years, holds) in HEADLINES.items():
        at = proportion_at(tally, years)
        if at is not None:
            found[name] = (1.0 - at[0], at[1]) if holds else at
    return found
