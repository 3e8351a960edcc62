"""The blocks of a sweep file as factors: lists of settings whose combinations are the points."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.inputs import Document, Node, Problem, closest, did_you_mean
from simulator.limits import MOST_POINTS
from simulator.sweeps.blocks import entries, factor_blocks, items, keys, told_twice, unknown_levers
from simulator.sweeps.levers import takes_whole_numbers
from simulator.sweeps.ranges import count_values, read_span, read_values, sampled
from simulator.sweeps.sampling import unit_sample
from simulator.sweeps.schema import SweepFile
from simulator.sweeps.values import Span, Value, label_of

Row = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """Settings of which every point has one.

    Attributes
    ----------
    keys : tuple of str
        The levers that it sets.
    rows : tuple of Row
        Lever and value; a row of ``points`` may leave levers out.
    """

    keys: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that a sweep file says about its points.

    Attributes
    ----------
    fixed : Row
        Set at every point.
    factors : tuple of Factor
    exclude : tuple of mapping of lever to texts
        Points with all of these values (as JSON) are left out.
    """

    fixed: Row
    factors: tuple[Factor, ...]
    exclude: tuple[Mapping[str, frozenset[str]], ...]

    @property
    def size(self) -> int:
        """The number of points, those that are excluded among them."""
        return math.prod(len(factor.rows) for factor in self.factors)

    @property
    def keys(self) -> tuple[str, ...]:
        """The levers that differ between points, in the order of the file's blocks."""
        return tuple(key for factor in self.factors for key in factor.keys)

    def rows(self) -> Iterator[Row]:
        """Return the settings of every point; the last factor changes fastest."""
        for combination in itertools.product(*(factor.rows for factor in self.factors)):
            settings = tuple(setting for row in combination for setting in row)
            if not self._excluded(dict(settings)):
                yield settings

    def few_rows(self) -> Iterator[Row]:
        """Return settings in which each factor takes all its values while the others stay."""
        first = [factor.rows[0] for factor in self.factors]
        for index, factor in enumerate(self.factors):
            for row in factor.rows[1 if index else 0 :]:
                rows = (*first[:index], row, *first[index + 1 :])
                yield tuple(setting for each in rows for setting in each)
        if not self.factors:
            yield ()

    def _excluded(self, settings: Mapping[str, Value]) -> bool:
        if not self.exclude:
            return False
        texts = {key: _texts(value) for key, value in settings.items()}
        return any(
            all(texts.get(key, frozenset()) & wanted for key, wanted in rule.items())
            for rule in self.exclude
        )


def read_design(document: Document, file: SweepFile) -> tuple[Design, list[Problem]]:
    """Read the factors of a sweep file.

    Returns
    -------
    design : Design
        Without the factors that have problems.
    problems : list of Problem
        Empty values, unequal zips, ranges that make no sense, one lever in two blocks.
    """
    too_many = list(_too_many(document, file))
    problems = [*too_many, *told_twice(document)]
    fixed = tuple(
        (key, Value(label_of(entry.node.plain()), entry.node))
        for key, entry in entries(document, ("set",)).items()
    )
    factors = [] if too_many else list(_factors(document, file, problems))
    unknown = unknown_levers(document, problems)
    exclude = () if too_many else tuple(_exclude(document, factors, unknown, problems))
    factors = [Factor(f.keys, tuple(_without(row, unknown) for row in f.rows)) for f in factors]
    return Design(_without(fixed, unknown), tuple(factors), exclude), problems


def _factors(document: Document, file: SweepFile, problems: list[Problem]) -> Iterator[Factor]:
    yield from _grid(document, problems)
    yield from _zip(document, problems)
    yield from _points(document)
    yield from _sample(document, file, problems)


def _too_many(document: Document, file: SweepFile) -> Iterator[Problem]:
    """Count the points before any is made."""
    counts = [count_values(entry.node) for entry in entries(document, ("grid",)).values()]
    columns = [count_values(entry.node) for entry in entries(document, ("zip",)).values()]
    counts += [max(columns, default=1), len(items(document, ("points",))) or 1]
    counts += [file.sample.size] if file.sample else []
    size = math.prod(counts)
    if size > MOST_POINTS:
        message = (
            f"the factors multiply to {size:,} points, at most {MOST_POINTS:,} are allowed; even "
            f"those take some {MOST_POINTS // 60_000} minutes before the first is simulated"
        )
        hint = "take fewer steps, or a sample over ranges instead of a grid"
        yield Problem(document.where(("grid",)), "", message, hint)


def _grid(document: Document, problems: list[Problem]) -> Iterator[Factor]:
    for key, entry in entries(document, ("grid",)).items():
        values, found = read_values(entry.node, f"grid.{key}", takes_whole_numbers(key))
        problems += found
        if values:
            yield Factor((key,), tuple(((key, value),) for value in values))


def _zip(document: Document, problems: list[Problem]) -> Iterator[Factor]:
    columns: dict[str, list[Value]] = {}
    columns_written = entries(document, ("zip",))
    for key, entry in columns_written.items():
        values, found = read_values(entry.node, f"zip.{key}", takes_whole_numbers(key))
        # Levers that change together may well repeat a value.
        repeats = isinstance(entry.node.content, tuple) and entry.node.content
        if repeats:
            values, found = [Value(label_of(n.plain()), n) for n in repeats], []
        problems += found
        columns[key] = values
    lengths = {key: len(values) for key, values in columns.items() if values}
    if len(set(lengths.values())) > 1:
        first, expected = next(iter(lengths.items()))
        for key, length in lengths.items():
            if length != expected:
                message = f"has {length} values, but '{first}' has {expected}; they must be equal"
                problems.append(Problem(columns_written[key].key.position(), f"zip.{key}", message))
        return
    if columns and all(columns.values()):
        rows = zip(*columns.values(), strict=True)
        yield Factor(tuple(columns), tuple(tuple(zip(columns, row, strict=True)) for row in rows))


def _points(document: Document) -> Iterator[Factor]:
    rows = [
        tuple(
            (key, Value(label_of(entry.node.plain()), entry.node))
            for key, entry in row.content.items()
        )
        for row in items(document, ("points",))
        if isinstance(row.content, dict)
    ]
    if rows:
        levers = dict.fromkeys(key for row in rows for key, _ in row)
        yield Factor(tuple(levers), tuple(rows))


def _sample(document: Document, file: SweepFile, problems: list[Problem]) -> Iterator[Factor]:
    block = file.sample
    if block is None:
        return
    axes: dict[str, Span | list[Value]] = {}
    for key, entry in sorted(entries(document, ("sample", "ranges")).items()):
        axis, found = read_span(entry.node, f"sample.ranges.{key}", takes_whole_numbers(key))
        problems += found
        if axis is not None:
            axes[key] = axis
    if not axes or problems:
        return
    seed = file.seed if block.seed is None else block.seed
    shares = unit_sample(block.method, block.size, tuple(axes), seed)
    whole = {key: takes_whole_numbers(key) for key in axes}
    rows = tuple(
        tuple(
            (key, _sampled(axes[key], float(share), whole[key]))
            for key, share in zip(axes, row, strict=True)
        )
        for row in shares
    )
    yield Factor(tuple(axes), rows)


def _sampled(axis: Span | list[Value], share: float, whole: bool) -> Value:
    return sampled(axis, share, whole) if isinstance(axis, Span) else axis[int(share * len(axis))]


def _without(row: Row, keys: Collection[str]) -> Row:
    return tuple((key, value) for key, value in row if key not in keys)


def _texts(value: Value) -> frozenset[str]:
    """Return a value as it can be written in ``exclude``: itself, or its name."""
    return frozenset({_text(value.node.plain()), _text(value.label)})


def _text(value: Any) -> str:
    # A number is the same written with and without decimals; true is no number here.
    number = isinstance(value, int) and not isinstance(value, bool)
    return json.dumps(float(value) if number else value, sort_keys=True)


def _exclude(
    document: Document, factors: list[Factor], unknown: set[str], problems: list[Problem]
) -> Iterator[Mapping[str, frozenset[str]]]:
    known: dict[str, set[str]] = {}
    for factor in factors:
        for row in factor.rows:
            for key, value in row:
                known.setdefault(key, set()).update(_texts(value))
    named = {key for _, key in keys(document, *factor_blocks(document))}
    for index in range(len(items(document, ("exclude",)))):
        rule: dict[str, frozenset[str]] = {}
        for key, entry in entries(document, ("exclude", index)).items():
            path = f"exclude[{index}].{key}"
            if key not in known:
                # A factor that is misspelt, or has a problem of its own, is the one to blame.
                if key not in named and closest(key, named) not in unknown:
                    message = "is no factor of this sweep"
                    hint = did_you_mean(key, named)
                    problems.append(Problem(entry.key.position(), path, message, hint))
                continue
            wanted = _wanted(entry.node)
            if not wanted & known[key]:
                message = "none of the points has this value"
                problems.append(Problem(entry.node.mark.position(), path, message))
            rule[key] = wanted
        if rule:
            yield rule


def _wanted(node: Node) -> frozenset[str]:
    """Return what a rule names: the value itself and, of a list, each of its items."""
    several = node.content if isinstance(node.content, tuple) else ()
    return frozenset({_text(node.plain()), *(_text(item.plain()) for item in several)})
