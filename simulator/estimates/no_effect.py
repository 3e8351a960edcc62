"""Levers that cannot act: values of a sweep or comparison that change nothing.

A lever without effect looks like one with a small effect unless somebody says so. Which one it is
can be seen: plans that share random numbers give the same bits where nothing that differs between
them matters in any world. Other draws, and other worlds, may do what none of these did.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Label = str | int | float | bool | None


def nothing_of(lever: str) -> str:
    """What a lever changes that changes no world: a fill rate is over what was planned."""
    return "nothing but the fill rate" if lever == "force.target_troops" else "nothing"


@dataclass(frozen=True, slots=True)
class Inert:
    """Values of a lever among which no result changes, at any setting of the other levers."""

    lever: str
    labels: tuple[Label, ...]  # at least two; numbers increasing, neighbours among those tried
    # Whether they hold the lowest, or the highest, value tried; for words, both if all are alike.
    is_first: bool
    is_last: bool


def inert_values(
    levers: Sequence[str], points: Sequence[tuple[Mapping[str, Label], Hashable]]
) -> tuple[Inert, ...]:
    """Find the values of levers that give the same results, to the bit.

    ``points``, of one seed, have what was set, and anything that is equal only where results are.
    """
    return tuple(one for lever in levers for one in _of_lever(lever, points))


def _of_lever(
    lever: str, points: Sequence[tuple[Mapping[str, Label], Hashable]]
) -> Iterator[Inert]:
    found: dict[Label, dict[Hashable, Hashable]] = {}  # value -> all other settings -> results
    for settings, results in points:
        rest = frozenset(item for item in settings.items() if item[0] != lever)
        found.setdefault(settings.get(lever), {})[rest] = results
    numbers = [x for x in found if isinstance(x, int | float) and not isinstance(x, bool)]
    others = [x for x in found if isinstance(x, str | bool | None)]
    # Numbers stand in a row, where only neighbours can be alike; the rest can be like any.
    classes: list[list[Label]] = []
    for i, label in enumerate((*sorted(numbers), *others)):
        for known in classes[-1:] if i < len(numbers) else classes:
            if all(_same(found[label], found[other]) for other in known):
                known.append(label)
                break
        else:
            classes.append([label])
    for number, known in enumerate(classes):
        whole, placed = len(classes) == 1, not others
        is_first = whole or (placed and number == 0)
        is_last = whole or (placed and number == len(classes) - 1)
        if len(known) > 1:
            yield Inert(lever, tuple(known), is_first, is_last)


def _same(one: Mapping[Hashable, Hashable], other: Mapping[Hashable, Hashable]) -> bool:
    """Whether results agree wherever both values were tried, and were tried together at all."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[rest] == other[rest] for rest in shared)
