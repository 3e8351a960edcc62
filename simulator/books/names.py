"""The names of the assumptions: which ones the model needs, in what unit, and what they mean.

A name is a flat key whose dots only group (`hr.presence`). Every book gives a distribution for
each name of `ASSUMPTIONS`; the entries of `CONTRIBUTOR_FIELDS` exist once per contributor, under
`contributors.ID.FIELD`, and come from the contributor catalogue unless a book says otherwise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from simulator.inputs import read_document
from simulator.vocabulary import CAUSES, COMPONENTS, MANDATES, POSTURES


@dataclass(frozen=True, slots=True)
class Range:
    """The values a quantity can take: an interval, each end closed or open."""

    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = True
    includes_high: bool = True

    def contains(self, value: float) -> bool:
        """Whether `value` lies in the interval."""
        above = value >= self.low if self.includes_low else value > self.low
        below = value <= self.high if self.includes_high else value < self.high
        return above and below

    def within(self, other: Range) -> bool:
        """Whether all of this interval lies in `other`."""
        above = self.low > other.low or (
            self.low == other.low and (other.includes_low or not self.includes_low)
        )
        below = self.high < other.high or (
            self.high == other.high and (other.includes_high or not self.includes_high)
        )
        return above and below

    def __str__(self) -> str:
        """Return the interval in words, such as ``at least 0 and below 1``."""
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'at least' if self.includes_low else 'above'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'at most' if self.includes_high else 'below'} {self.high:g}")
        return " and ".join(parts) or "any number"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a name stands for."""

    unit: str
    meaning: str
    within: Range


_FILE: Final = read_document(Path(__file__).with_suffix(".yaml")).value
_PLACES: Final[dict[str, dict[str, str]]] = {
    "cause": {cause: cause for cause in CAUSES},
    "posture": {posture: posture for posture in POSTURES},
    "mandate": {mandate: mandate for mandate in MANDATES},
    "component": {component: component for component in COMPONENTS},
    "factor": _FILE["factor"],
    "acts_on": _FILE["acts_on"],
}


def _interval(text: str) -> Range:
    """Return the range written as an interval, such as ``[0, 1)``."""
    low, high = text[1:-1].split(",")
    return Range(float(low), float(high), text[0] == "[", text[-1] == "]")


UNITS: Final = {unit: _interval(text) for unit, text in _FILE["units"].items()}


def _assumptions(written: dict[str, list[str]]) -> dict[str, Assumption]:
    """Return assumptions by name, one for all that stands for the words in braces."""
    found = {}
    for name, (unit, meaning, *interval) in written.items():
        within = _interval(interval[0]) if interval else UNITS[unit]
        places = re.findall(r"{(\w+)}", name)
        for words in product(*(_PLACES[place] for place in places)):
            keys = dict(zip(places, words, strict=True))
            said = {place: _PLACES[place][word] for place, word in keys.items()}
            found[name.format_map(keys)] = Assumption(unit, meaning.format_map(said), within)
    return found


# Vectors of shares: given as one entry (`dirichlet` or fixed shares) or share by share; they sum
# to one in every draw, and when some are pinned the others keep their proportions.
SHARES: Final[dict[str, tuple[str, ...]]] = {
    "cause_shares": tuple(CAUSES),
    "us_backstop.component_weights": COMPONENTS,
}

# Events that recur: a world holds about rate x years of them, and they are simulated one by one.
RECURRING: Final = ("kappa", "us_backstop.loss_annual", "us_backstop.regain_annual")

# Structural choices that every book must offer, and the options the model knows; None where the
# options are the book's own (what they mean is wholly in their entries). Options divide the
# uniform of their choice in this order, those of a book by name: evenly spread draws err less
# where neighbours have much the same effect.
CHOICES: Final[dict[str, tuple[str, ...] | None]] = {
    "reference_class": None,
    "force_response": ("none", "doubling", "saturating", "tripwire"),
    "holding_reading": ("memoryless", "record", "quartiles"),
    "effect_acts_on": tuple(_FILE["acts_on"]),
    "late_force": ("too_late", "rescues"),
    "departure": ("effect_goes", "effect_stays"),
}


ASSUMPTIONS: Final = _assumptions(_FILE["assumptions"])
CONTRIBUTOR_FIELDS: Final = _assumptions(_FILE["contributor"])

_CONTRIBUTOR: Final = re.compile(r"contributors\.([a-z0-9]+(?:-[a-z0-9]+)*)\.([a-z_]+)")


def contributor_name(contributor: str, field: str) -> str:
    """Return the name of `field` of `contributor`, such as ``contributors.france.troops``."""
    return f"contributors.{contributor}.{field}"


def split_contributor(name: str) -> tuple[str, str] | None:
    """Return (contributor, field) of a contributor's assumption, None for any other name."""
    match = _CONTRIBUTOR.fullmatch(name)
    if match is None or match[2] not in CONTRIBUTOR_FIELDS:
        return None
    return match[1], match[2]


def describe(name: str) -> Assumption | None:
    """Return unit, meaning and range of the assumption `name`, None if there is none."""
    contributor = split_contributor(name)
    if contributor is not None:
        return CONTRIBUTOR_FIELDS[contributor[1]]
    return ASSUMPTIONS.get(name)
