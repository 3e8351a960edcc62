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
from simulator.inputs.nodes import Mark
from simulator.limits import MOST_STEPS
from simulator.model.compiled import FloatArray
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.levers import Value, path_of, takes_whole_numbers, value_of

_RANGE = ("from", "to", "steps", "scale")
_SCALES = ("linear", "log")
_EXPECTED = (
    "expected a list of values, a range {from: ..., to: ..., steps: ..., scale: linear|log} or "
    "{options: {name: value, ...}}"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of numbers, both ends included, evenly spread over itself or over its logarithm."""

    low: float
    high: float
    log: bool
    whole: bool  # rounded
    node: Node

    def value_at(self, share: float) -> Value:
        """Return the value at a share in [0, 1] of the range, as a node at the range's place."""
        number: int | float
        if share in (0.0, 1.0):
            number = self.high if share else self.low
        elif self.log:
            number = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        else:
            number = self.low + share * (self.high - self.low)
        if self.whole or (isinstance(self.low, int) and float(number).is_integer()):
            number = round(number)
        return Value(number, Node(self.node.mark, number, str(number)))


@dataclass(frozen=True, slots=True)
class Written:
    """What a block of a file says of a lever, and what is found to be wrong with it."""

    block: str
    lever: str
    node: Node
    problems: list[Problem]

    def values(self) -> list[Value]:
        """Read a list, a range with steps, or options; nothing where there are problems."""
        content = self.node.content
        if isinstance(content, tuple) and content:
            return self._without_repeats([value_of(item) for item in content])
        if isinstance(content, dict) and "options" in content:
            return self._options(content)
        if isinstance(content, dict) and any(
            key in _RANGE or closest(key, _RANGE[:2]) for key in content
        ):
            span, steps = self._range(content, _RANGE)
            if span is None:
                return []
            shares = [i / (steps - 1) for i in range(steps)] if steps > 1 else [0.0]
            hint = "take fewer steps" + (": this lever takes whole numbers" if span.whole else "")
            return self._without_repeats([span.value_at(share) for share in shares], hint)
        inner = field_names(ScenarioFile, path_of(self.lever))
        if content == ():
            self._refuse("an empty list leaves no point")
        elif not isinstance(content, dict):
            hint = "one value that is the same goes under 'set'; several are written [a, b]"
            self._refuse(_EXPECTED, hint)
        elif known := [key for key in content if key in inner]:
            hint = f"write the whole name of the lever: {self.lever}.{known[0]}: [...]"
            self._refuse(_EXPECTED, hint)
        else:
            hint = "write {options: {...}} around values with a name"
            self._refuse(_EXPECTED, hint if content else None)
        return []

    def span(self) -> Span | list[Value] | None:
        """Read what a sample draws from: a range, or a list of equally likely values."""
        content = self.node.content
        if isinstance(content, dict) and "options" not in content:
            return self._range(content, ("from", "to", "scale"))[0]
        return self.values() or None

    def _refuse(
        self, message: str, hint: str | None = None, key: str = "", mark: Mark | None = None
    ) -> None:
        """Note a problem of the whole, or of one of its keys."""
        content = self.node.content
        entry = content.get(key) if isinstance(content, dict) else None
        place = mark or (entry.node if entry else self.node).mark
        path = f"{self.block}.{self.lever}" + (f".{key}" if key else "")
        self.problems.append(Problem(place.position(), path, message, hint))

    def _refuse_unknown(self, content: Mapping[str, Entry], allowed: tuple[str, ...]) -> None:
        message = f"unknown field, allowed: {listed(allowed)}"
        for key in [key for key in content if key not in allowed]:
            self._refuse(message, did_you_mean(key, allowed), key, content[key].key)

    def _options(self, content: Mapping[str, Entry]) -> list[Value]:
        before = len(self.problems)
        self._refuse_unknown(content, ("options",))
        options = content["options"].node.content
        if not isinstance(options, dict) or not options:
            self._refuse("expected {name: value, ...}, at least one", key="options")
        if len(self.problems) > before or not isinstance(options, dict):
            return []
        return [Value(str(name), entry.node) for name, entry in options.items()]

    def _range(
        self, content: Mapping[str, Entry], allowed: tuple[str, ...]
    ) -> tuple[Span | None, int]:
        """Read a range and, where they are allowed, its steps."""
        before = len(self.problems)
        self._refuse_unknown(content, allowed)
        plain, whole = self.node.plain(), takes_whole_numbers(self.lever)
        low, high, steps, scale = (plain.get(key) for key in _RANGE)
        scale = plain.get("scale", "linear")
        # What goes by another name is reported as the unknown field that it is.
        renamed = {closest(key, _RANGE) for key in plain if key not in _RANGE} - plain.keys()
        for key, number in (("from", low), ("to", high)):
            if not _is_number(number) and key not in renamed:
                self._refuse("expected a number", key=key)
            elif _is_number(number) and whole and not _is_whole(number):
                message = f"expected a whole number, got {number}: the lever takes no others"
                self._refuse(message, key=key)
        if scale not in _SCALES:
            hint = did_you_mean(scale, _SCALES)
            self._refuse(f"expected one of {listed(_SCALES)}", hint, "scale")
        stepped = _is_whole(steps) and 1 <= steps <= MOST_STEPS
        if "steps" in allowed and not stepped and "steps" not in renamed:
            self._refuse(f"expected a whole number in [1, {MOST_STEPS}]", key="steps")
        if len(self.problems) == before:
            if steps == 1 and low != high:
                message = "one step cannot reach both ends; at least 2 are needed"
                self._refuse(message, key="steps")
            if scale == "log" and min(low, high) <= 0:
                self._refuse("a range on the log scale must be above 0", key="from")
            if steps is None and low == high:
                self._refuse("the range is empty: both ends are the same", key="to")
        if len(self.problems) > before:
            return None, 0
        return Span(low, high, scale == "log", whole, self.node), steps or 1

    def _without_repeats(self, values: list[Value], hint: str | None = None) -> list[Value]:
        """Refuse a value given twice: its points would be counted twice."""
        seen: set[str] = set()
        for value in values:
            text = text_of(value.node.plain())
            if text in seen:
                message = f"the value {value.label} stands here twice"
                self._refuse(message, hint, mark=value.node.mark)
                return []
            seen.add(text)
        return values


def text_of(value: Any) -> str:
    """Return what equal values have in common: a number the same with and without decimals."""
    return repr(float(value)) if _is_number(value) else json.dumps(value, sort_keys=True)


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
