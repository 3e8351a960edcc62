"""Values that a lever takes in a sweep, each with its place in the file and its name in tables."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from simulator.inputs import Node

Label = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a lever.

    Attributes
    ----------
    label : str, int, float, bool or None
        What stands in the lever's column of the results.
    node : Node
        The value itself, with its place.
    """

    label: Label
    node: Node


@dataclass(frozen=True, slots=True)
class Span:
    """A range of numbers, of which a sample takes points.

    Attributes
    ----------
    low, high : float
        Its ends, both included.
    log : bool
        Whether points are spread evenly over the logarithm.
    node : Node
        Where it is written.
    """

    low: float
    high: float
    log: bool
    node: Node

    def at(self, share: float) -> float:
        """Return the number that lies at a share in [0, 1] of the range."""
        if share in (0.0, 1.0):
            return (self.low, self.high)[int(share)]
        if self.log:
            return math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        return self.low + share * (self.high - self.low)


def label_of(value: Any) -> Label:
    """Return how a value is written in a table: words as they are, lists joined, maps as JSON.

    Examples
    --------
    >>> label_of(["core", "likely"]), label_of([]), label_of({"lask": {"aircraft": 16}})
    ('core + likely', 'none', '{"lask":{"aircraft":16}}')
    """
    if isinstance(value, list):
        if all(isinstance(item, str | int | float) for item in value):
            return " + ".join(str(item) for item in value) or "none"
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value if isinstance(value, str | int | float | bool) else "null"
