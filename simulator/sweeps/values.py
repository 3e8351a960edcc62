"""The values of a factor as written: lists, ranges with steps, named options; and samples."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator import addresses
from simulator.inputs import Entry, Node, Problem, closest, did_you_mean, listed
from simulator.inputs.fields import field_names
from simulator.limits import MOST_STEPS
from simulator.model.compiled import FloatArray
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.levers import Value, path_of, value_of

_RANGE = ("from", "to", "steps", "scale")
_SCALES = ("linear", "log")


@dataclass(frozen=True, slots=True)
class Span:
    """A range of numbers, both ends included, evenly spread over itself or over its logarithm."""

    low: float
    high: float
    log: bool
    node: Node

    def value_at(self, share: float, whole: bool) -> Value:
        """Return the value at a share in [0, 1] of the range, as a node at the range's place."""
        number: int | float
        if share in (0.0, 1.0):
            number = (self.low, self.high)[int(share)]
        elif self.log:
            number = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        else:
            number = self.low + share * (self.high - self.low)
        if whole or (isinstance(self.low, int) and float(number).is_integer()):
            number = round(number)
        return Value(number, Node(self.node.mark, number, str(number)))


def read_values(node: Node, path: str, whole: bool) -> tuple[list[Value], list[Problem]]:
    """Read the values of a factor: a list, a range with steps (``whole``: rounded), options.

    ``path`` is the factor's place, for messages. Where there are problems there are no values.
    """
    content = node.content
    if isinstance(content, tuple):
        if not content:
            return [], [Problem(node.mark.position(), path, "an empty list leaves no point")]
        return _without_repeats([value_of(item) for item in content], path)
    if isinstance(content, dict) and "options" in content:
        return _read_options(node, path)
    if isinstance(content, dict) and _looks_like_range(content):
        span, steps, problems = _read_range(node, path, whole, with_steps=True)
        if span is None or steps is None:
            return [], problems
        shares = [i / (steps - 1) for i in range(steps)] if steps > 1 else [0.0]
        hint = "take fewer steps" + (": this lever takes whole numbers" if whole else "")
        return _without_repeats([span.value_at(share, whole) for share in shares], path, hint)
    message = (
        "expected a list of values, a range {from: ..., to: ..., steps: ..., scale: linear|log} "
        "or {options: {name: value, ...}}"
    )
    return [], [Problem(node.mark.position(), path, message, _hint(node, path))]


def read_span(
    node: Node, path: str, whole: bool
) -> tuple[Span | list[Value] | None, list[Problem]]:
    """Read what a sample draws a lever from: a range, or a list of equally likely values."""
    if isinstance(node.content, dict) and "options" not in node.content:
        span, _, problems = _read_range(node, path, whole, with_steps=False)
        return span, problems
    values, problems = read_values(node, path, whole)
    return values or None, problems


def count_values(node: Node) -> int:
    """Return how many values a factor has, before any of them is made."""
    content = node.content
    if not isinstance(content, dict):
        return len(content) if isinstance(content, tuple) else 1
    options, steps = content.get("options"), content.get("steps")
    if options is not None and isinstance(options.node.content, dict):
        return len(options.node.content)
    count = steps.node.content if steps is not None else 1
    return max(1, count) if _is_whole(count) else 1


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


def _looks_like_range(content: Mapping[str, Entry]) -> bool:
    return any(key in _RANGE or closest(key, _RANGE[:2]) for key in content)


def _hint(node: Node, path: str) -> str | None:
    """Return a hint at how to write what is no list, no range and no options."""
    content = node.content
    if not isinstance(content, dict):
        return "one value that is the same goes under 'set'; several are written [a, b]"
    lever = path.partition(".")[2]
    inner = [key for key in content if key in field_names(ScenarioFile, path_of(lever))]
    if inner:
        return f"write the whole name of the lever: {lever}.{inner[0]}: [...]"
    return "write {options: {...}} around values with a name" if content else None


def _read_range(
    node: Node, path: str, whole: bool, with_steps: bool
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
    renamed = {closest(key, _RANGE) for key in plain if key not in _RANGE}
    for key, number in numbers.items():
        if whole and _is_number(number) and not _is_whole(number):
            refuse(key, f"expected a whole number, got {number}: the lever takes no others")
        elif not _is_number(number) and (key in plain or key not in renamed):
            refuse(key, "expected a number")
    scale = plain.get("scale", "linear")
    if scale not in _SCALES:
        refuse("scale", f"expected one of {listed(_SCALES)}", did_you_mean(scale, _SCALES))
    steps = plain.get("steps")
    if with_steps and "steps" in renamed and steps is None:
        pass  # reported as the unknown field that it is
    elif with_steps and not (_is_whole(steps) and 1 <= steps <= MOST_STEPS):
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


def unit_sample(method: str, size: int, names: tuple[str, ...], seed: int) -> FloatArray:
    """Spread points evenly over the unit cube, shape (size, len(names)), in [0, 1).

    ``sobol``: the first ``size`` points of a sequence, so that a larger sample holds the smaller
    one (Sobol 1967; scrambled after Matoušek 1998). ``latin_hypercube``: each of ``size`` equal
    slices of every axis holds one point (McKay, Beckman & Conover 1979).
    """
    if method == "latin_hypercube":
        return np.stack([_latin(size, name, seed) for name in names], axis=1)
    from scipy.stats import qmc  # slow to import, and needed by few

    # Only a power of two is balanced; of the next larger one the first points are taken.
    power = max(0, (size - 1).bit_length())
    sampler = qmc.Sobol(len(names), scramble=True, seed=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(power)[:size], np.float64)


def _latin(size: int, name: str, seed: int) -> FloatArray:
    """One axis: a random permutation of the slices, and a random place in each."""
    point = np.arange(size)
    uniform = addresses.independent_assumption_uniform
    slices = np.empty(size, np.int64)
    slices[np.argsort(uniform(seed, f"sample:{name}:slice", point))] = point
    return np.asarray((slices + uniform(seed, f"sample:{name}:place", point)) / size)
