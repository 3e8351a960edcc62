"""Where a plan fails: boxes of assumptions by the patient rule induction method (PRIM).

Peeling starts from all draws and removes, again and again, the small share at one end of one
assumption (or one option) after which cases of interest are densest, by gain in density a draw
removed (Friedman and Fisher 1999; Bryant and Lempert 2010). The boxes so passed through trade
coverage (share of the cases that are inside) for density (share of the inside that are cases).

The draws are cut in three. The first part peels. The second chooses among the boxes, by the
harmonic mean of coverage and density, and drops every restriction that it does not confirm. The
third judges: coverage and density are of draws that had no say.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, hypergeom
from scipy.stats.contingency import crosstab

from simulator.decide.draws import Columns, Mask, Replicates, is_choice

PEEL: Final = 0.05  # share that a peel removes
SMALLEST: Final = 0.05  # share of the draws in the smallest box
FALSE_ALARM: Final = 0.01  # that a box holds a restriction that chance alone confirmed
SCREEN: Final = 0.01  # false alarm of each assumption that peels are offered
FEWEST_CASES: Final = 20
MOST_POINTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Limit:
    """What one restriction of a box lets in: a range without ends where None, or options."""

    name: str
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a box separates cases of interest from the others, in some draws."""

    draws: int
    cases: int  # of interest among them
    inside: int  # draws in the box
    hits: int  # cases in the box
    coverage: float | None  # hits over cases
    density: float | None  # hits over draws inside
    mass: float  # share of the draws that are inside


@dataclass(frozen=True, slots=True)
class Box:
    """A box."""

    limits: tuple[Limit, ...]
    judged: Quality  # in the draws that judge


@dataclass(frozen=True, slots=True)
class Points:
    """Draws over two assumptions or choices, for a picture of where a plan is the worse one."""

    names: tuple[str, ...]
    values: tuple[tuple[float | str | None, ...], ...]  # by name; None where it does not apply
    case: tuple[bool, ...]


def points(columns: Columns, case: Mask) -> Points:
    """The first draws, at most `MOST_POINTS`."""
    values = [column[:MOST_POINTS].tolist() for column in columns.values()]
    shown = tuple(tuple(None if value != value else value for value in row) for row in values)
    return Points(tuple(columns), shown, tuple(case[:MOST_POINTS].tolist()))


def quality(inside: Mask, case: Mask) -> Quality:
    """Quality of a box, from which draws are inside and which are of interest."""
    draws, cases, within = case.size, int(case.sum()), int(inside.sum())
    hits = int((inside & case).sum())
    coverage, density = (hits / of if of else None for of in (cases, within))
    return Quality(draws, cases, within, hits, coverage, density, within / draws)


def contains(limits: Sequence[Limit], columns: Columns) -> Mask:
    """Which draws are in a box; those in which a restricted assumption does not apply are not."""
    inside = np.ones(next(iter(columns.values())).size, bool)
    for limit in limits:
        values = columns[limit.name]
        if limit.options is not None:
            inside &= np.isin(values.astype(str), limit.options)
        if limit.low is not None:
            inside &= values >= limit.low
        if limit.high is not None:
            inside &= values <= limit.high
    return inside


def peel(columns: Columns, case: Mask, share: float = PEEL) -> list[tuple[Limit, ...]]:
    """Return the boxes that peeling passes through, from all draws on."""
    rows = np.arange(case.size)
    limits: dict[str, Limit] = {}
    boxes: list[tuple[Limit, ...]] = [()]
    while True:
        inside = {name: values[rows] for name, values in columns.items()}
        peels = _peels(inside, case[rows], share, limits)
        gain, limit, kept = max(peels, key=itemgetter(0), default=(_NO_GAIN, None, rows))
        if limit is None or gain <= _NO_GAIN or kept.sum() < SMALLEST * case.size:
            return boxes
        rows, limits = rows[kept], {**limits, limit.name: limit}
        boxes.append(tuple(limits.values()))


Gain = tuple[float, bool]  # of density a draw removed; and whether the box had such a limit before
_NO_GAIN: Final[Gain] = (0.0, False)


def _peels(
    columns: Columns, case: Mask, share: float, limits: Mapping[str, Limit]
) -> Iterator[tuple[Gain, Limit, Mask]]:
    """Yield what may be restricted next, and which draws it keeps: the best of either end first."""
    size, density = case.size, float(case.mean())
    numbers = {name: values for name, values in columns.items() if not is_choice(values)}
    names, values = list(numbers), np.array(list(numbers.values()))
    count = min(size - 1, math.ceil(share * size))
    ends = np.partition(values, [count - 1, size - count], axis=1) if names else values
    for sign in (-1.0, 1.0) if names else ():
        # Values equal to the last that is removed go with it.
        keep = sign * values > sign * ends[:, [count - 1 if sign > 0.0 else size - count]]
        left = keep.sum(axis=1)
        gain = (keep @ case.astype(np.float64) / np.maximum(left, 1) - density) / (size - left)
        gain[left == 0] = -np.inf
        gains = [(float(one), name in limits) for one, name in zip(gain, names, strict=True)]
        at = max(range(len(names)), key=gains.__getitem__)
        if left[at]:
            inside, old = values[at][keep[at]], limits.get(names[at], Limit(names[at]))
            low, high = float(inside.min()), float(inside.max())
            limit = replace(old, low=low) if sign > 0.0 else replace(old, high=high)
            yield gains[at], limit, keep[at]
    choices = {name: labels for name, labels in columns.items() if name not in numbers}
    for name, labels in choices.items():
        for option in sorted(set(labels)):
            kept = labels != option
            if kept.any():
                rest = tuple(sorted(set(labels[kept].tolist())))
                change = (float(case[kept].mean()) - density) / (size - kept.sum())
                yield (change, name in limits), Limit(name, options=rest), kept


def screened(columns: Columns, case: Mask) -> Columns:
    """Return what a peel may restrict: where fifths, or options, differ in their density of cases.

    Of many assumptions that do not matter, one always seems to gain more than those that do.
    Differs: by the test of chi squared at `SCREEN` each.
    """

    def differs(values: NDArray[Any]) -> bool:
        fifths = [] if is_choice(values) else np.nanquantile(values, [0.2, 0.4, 0.6, 0.8])
        levels = values.astype(str) if is_choice(values) else np.searchsorted(fifths, values)
        table = crosstab(levels, case).count
        return float(chi2_contingency(table, correction=False).pvalue) < SCREEN

    return {name: values for name, values in columns.items() if differs(values)}


def choose(boxes: Sequence[tuple[Limit, ...]], columns: Columns, case: Mask) -> tuple[Limit, ...]:
    """Choose a box by the harmonic mean of coverage and density; drop what is not confirmed.

    A restriction is confirmed if chance would hardly make the draws that it shuts out as much less
    dense as they are (Fisher's exact test at `FALSE_ALARM` over all restrictions).
    """
    scores = []
    for box in boxes:
        found = quality(contains(box, columns), case)
        scores.append(2.0 * found.hits / max(1, found.cases + found.inside))
    limits = list(boxes[int(np.argmax(scores))])
    level = FALSE_ALARM / max(1, len(limits))
    while limits:
        chance = []
        narrow = quality(contains(limits, columns), case)
        for limit in limits:
            wide = quality(contains([one for one in limits if one is not limit], columns), case)
            at_least = hypergeom(wide.inside, wide.hits, narrow.inside).sf(narrow.hits - 1)
            chance.append(float(at_least))
        worst = int(np.argmax(chance))
        if chance[worst] <= level:
            break
        del limits[worst]
    return tuple(limits)


def discover(columns: Columns, case: Mask, replicate: Replicates) -> Box | None:
    """Find a box of cases of interest, its quality judged on draws that did not choose it.

    Draws of even replicates peel; of the others, every second replicate chooses and judges. There
    is no box if no restriction is confirmed, or if a part has fewer than `FEWEST_CASES` cases or
    others.
    """
    parts = [replicate % 2 == 0, replicate % 4 == 1, replicate % 4 == 3]
    if any(min(case[part].sum(), (~case[part]).sum()) < FEWEST_CASES for part in parts):
        return None
    (peeled, y1), (chosen, y2), (judged, y3) = (
        ({name: values[part] for name, values in columns.items()}, case[part]) for part in parts
    )
    limits = choose(peel(screened(peeled, y1), y1), chosen, y2)
    return Box(limits, quality(contains(limits, judged), y3)) if limits else None
