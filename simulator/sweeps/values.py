"""Values that a lever takes in a sweep, each with its place in the file and its name in tables."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from simulator.inputs import Node, Problem, did_you_mean, listed

Label = str | int | float | bool | None

_RANGE = ("from", "to", "steps", "scale")
_SCALES = ("linear", "log")
MOST_STEPS = 100_000


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


def read_values(node: Node, path: str, whole: bool) -> tuple[list[Value], list[Problem]]:
    """Read the values of a factor.

    Parameters
    ----------
    node : Node
        A list of values, a range with steps, or named options.
    path : str
        The factor's place, for messages.
    whole : bool
        Whether the lever takes whole numbers only; a range is then rounded.

    Returns
    -------
    values : list of Value
        Empty where there are problems.
    problems : list of Problem
    """
    content = node.content
    if isinstance(content, tuple):
        if not content:
            return [], [Problem(node.mark.position(), path, "an empty list leaves no point")]
        return _without_repeats([Value(label_of(item.plain()), item) for item in content], path)
    if isinstance(content, dict) and "options" in content:
        return _read_options(node, path)
    if isinstance(content, dict) and set(content) & {"from", "to"}:
        span, steps, problems = _read_range(node, path, with_steps=True)
        if span is None or steps is None:
            return [], problems
        shares = [i / (steps - 1) for i in range(steps)] if steps > 1 else [0.0]
        hint = "take fewer steps" + (": this lever takes whole numbers" if whole else "")
        return _without_repeats([sampled(span, share, whole) for share in shares], path, hint)
    message = (
        "expected a list of values, a range {from: ..., to: ..., steps: ..., scale: linear|log} "
        "or {options: {name: value, ...}}"
    )
    mend = None if isinstance(content, dict) else "one value that is the same goes under 'set'"
    return [], [Problem(node.mark.position(), path, message, mend)]


def read_span(node: Node, path: str) -> tuple[Span | list[Value] | None, list[Problem]]:
    """Read what a sample draws a lever from: a range, or a list of equally likely values."""
    if isinstance(node.content, dict) and "options" not in node.content:
        span, _, problems = _read_range(node, path, with_steps=False)
        return span, problems
    values, problems = read_values(node, path, whole=False)
    return values or None, problems


def sampled(span: Span, share: float, whole: bool) -> Value:
    """Return the value at a share of a range, as a node at the range's place."""
    number: int | float = span.at(share)
    if whole or (isinstance(span.low, int) and float(number).is_integer()):
        number = round(number)
    return Value(number, Node(span.node.mark, number, str(number)))


def _read_options(node: Node, path: str) -> tuple[list[Value], list[Problem]]:
    assert isinstance(node.content, dict)
    problems = _unknown_keys(node, path, ("options",))
    options = node.content["options"].node
    if not isinstance(options.content, dict) or not options.content:
        message = "expected {name: value, ...}, at least one"
        problems.append(Problem(options.mark.position(), f"{path}.options", message))
        return [], problems
    values = [Value(str(name), entry.node) for name, entry in options.content.items()]
    return ([] if problems else values), problems


def _read_range(
    node: Node, path: str, with_steps: bool
) -> tuple[Span | None, int | None, list[Problem]]:
    assert isinstance(node.content, dict)
    allowed = _RANGE if with_steps else tuple(key for key in _RANGE if key != "steps")
    problems = _unknown_keys(node, path, allowed)
    plain = node.plain()

    def refuse(key: str, message: str, hint: str | None = None) -> None:
        entry = node.content.get(key) if isinstance(node.content, dict) else None
        mark = entry.node.mark if entry else node.mark
        problems.append(Problem(mark.position(), f"{path}.{key}", message, hint))

    numbers = {key: plain.get(key) for key in ("from", "to")}
    for key, number in numbers.items():
        if not _is_number(number):
            refuse(key, "expected a number")
    scale = plain.get("scale", "linear")
    if scale not in _SCALES:
        refuse("scale", f"expected one of {listed(_SCALES)}", did_you_mean(scale, _SCALES))
    steps = plain.get("steps")
    if with_steps and not (_is_whole(steps) and 1 <= steps <= MOST_STEPS):
        refuse("steps", f"expected a whole number in [1, {MOST_STEPS}]")
    if problems:
        return None, None, problems
    low, high = numbers["from"], numbers["to"]
    if steps == 1 and low != high:
        refuse("steps", "one step cannot reach both ends; at least 2 are needed")
    if scale == "log" and min(low, high) <= 0:
        refuse("from", "a range on the log scale must be above 0")
    if steps is None and low == high:
        refuse("to", "the range is empty: both ends are the same")
    return (None if problems else Span(low, high, scale == "log", node)), steps, problems


def _unknown_keys(node: Node, path: str, allowed: tuple[str, ...]) -> list[Problem]:
    assert isinstance(node.content, dict)
    return [
        Problem(
            entry.key.position(),
            f"{path}.{key}",
            f"unknown field, allowed: {listed(allowed)}",
            did_you_mean(key, allowed),
        )
        for key, entry in node.content.items()
        if key not in allowed
    ]


def _without_repeats(
    values: list[Value], path: str, hint: str | None = None
) -> tuple[list[Value], list[Problem]]:
    """Refuse a value given twice: its points would be counted twice."""
    seen: set[str] = set()
    for value in values:
        plain = value.node.plain()
        text = json.dumps(float(plain) if _is_whole(plain) else plain, sort_keys=True)
        if text in seen:
            message = f"the value {value.label} stands here twice"
            return [], [Problem(value.node.mark.position(), path, message, hint)]
        seen.add(text)
    return values, []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
