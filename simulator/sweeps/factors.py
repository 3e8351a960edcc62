"""The blocks of a sweep file as factors: lists of settings whose combinations are the points."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.inputs import Document, Entry, Node, Problem, closest, did_you_mean
from simulator.sweeps.levers import Place, check_lever, overlap, takes_whole_numbers
from simulator.sweeps.sampling import unit_sample
from simulator.sweeps.schema import MOST_POINTS, SweepFile
from simulator.sweeps.values import Span, Value, label_of, read_span, read_values, sampled

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
    problems: list[Problem] = []
    fixed = tuple(
        (key, Value(label_of(entry.node.plain()), entry.node))
        for key, entry in _entries(document, ("set",)).items()
    )
    factors = [
        *_grid(document, problems),
        *_zip(document, problems),
        *_points(document),
        *_sample(document, file, problems),
    ]
    problems += _told_twice(document)
    unknown = _unknown_levers(document, problems)
    exclude = tuple(_exclude(document, factors, unknown, problems))
    factors = [Factor(f.keys, tuple(_without(row, unknown) for row in f.rows)) for f in factors]
    design = Design(_without(fixed, unknown), tuple(factors), exclude)
    size = math.prod(len(factor.rows) for factor in factors)
    if size > MOST_POINTS:
        message = f"the factors multiply to {size:,} points, at most {MOST_POINTS:,} are allowed"
        hint = "take fewer steps, or a sample over ranges instead of a grid"
        problems.append(Problem(document.where(()), "", message, hint))
    return design, problems


def _entries(document: Document, path: tuple[Any, ...]) -> dict[str, Entry]:
    node = document.at(path)
    content = node.content if node is not None else None
    return {str(k): e for k, e in content.items()} if isinstance(content, dict) else {}


def _grid(document: Document, problems: list[Problem]) -> Iterator[Factor]:
    for key, entry in _entries(document, ("grid",)).items():
        values, found = read_values(entry.node, f"grid.{key}", takes_whole_numbers(key))
        problems += found
        if values:
            yield Factor((key,), tuple(((key, value),) for value in values))


def _zip(document: Document, problems: list[Problem]) -> Iterator[Factor]:
    columns: dict[str, list[Value]] = {}
    entries = _entries(document, ("zip",))
    for key, entry in entries.items():
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
                problems.append(Problem(entries[key].key.position(), f"zip.{key}", message))
        return
    if columns and all(columns.values()):
        rows = zip(*columns.values(), strict=True)
        yield Factor(tuple(columns), tuple(tuple(zip(columns, row, strict=True)) for row in rows))


def _points(document: Document) -> Iterator[Factor]:
    node = document.at(("points",))
    rows = [
        tuple(
            (str(key), Value(label_of(entry.node.plain()), entry.node))
            for key, entry in row.content.items()
        )
        for row in (node.content if node is not None and isinstance(node.content, tuple) else ())
        if isinstance(row.content, dict)
    ]
    if rows:
        keys = dict.fromkeys(key for row in rows for key, _ in row)
        yield Factor(tuple(keys), tuple(rows))


def _sample(document: Document, file: SweepFile, problems: list[Problem]) -> Iterator[Factor]:
    block = file.sample
    if block is None:
        return
    axes: dict[str, Span | list[Value]] = {}
    for key, entry in sorted(_entries(document, ("sample", "ranges")).items()):
        axis, found = read_span(entry.node, f"sample.ranges.{key}")
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


def _told_twice(document: Document) -> Iterator[Problem]:
    """Find levers that two blocks set, or that one block sets in two ways."""
    told: list[tuple[str, str, Entry]] = [
        (key, key, document.root.content[key])
        for key in ("scenario", "book")
        if isinstance(document.root.content, dict) and key in document.root.content
    ]
    for block in ("set", "grid", "zip"):
        told += [(k, f"{block}.{k}", e) for k, e in _entries(document, (block,)).items()]
    points = document.at(("points",))
    rows = points.content if points is not None and isinstance(points.content, tuple) else ()
    seen: set[str] = set()
    for index in range(len(rows)):
        for key, entry in _entries(document, ("points", index)).items():
            if key not in seen:
                told.append((key, f"points[{index}].{key}", entry))
                seen.add(key)
    sampled_keys = _entries(document, ("sample", "ranges")).items()
    told += [(key, f"sample.ranges.{key}", entry) for key, entry in sampled_keys]
    for (first, place, _), (second, other, entry) in itertools.combinations(told, 2):
        if first == second:
            yield Problem(entry.key.position(), other, f"set in two blocks, also as '{place}'")
        elif overlap(first, second):
            message = f"'{first}' is set too, as '{place}': one of them holds the other"
            yield Problem(entry.key.position(), other, message)


def _unknown_levers(document: Document, problems: list[Problem]) -> set[str]:
    """Return the keys that are no levers; each is reported once, where it first stands."""
    unknown: set[str] = set()
    for place, key in _keys(document, ("set",), *_blocks(document)):
        found = [] if key in unknown else list(check_lever(document, (*place, key), key))
        problems += found
        unknown |= {key} if found else set()
    return unknown


def _without(row: Row, keys: Collection[str]) -> Row:
    return tuple((key, value) for key, value in row if key not in keys)


def _exclude(
    document: Document, factors: list[Factor], unknown: set[str], problems: list[Problem]
) -> Iterator[Mapping[str, frozenset[str]]]:
    known: dict[str, set[str]] = {}
    for factor in factors:
        for row in factor.rows:
            for key, value in row:
                known.setdefault(key, set()).update(_texts(value))
    keys = {key for _, key in _keys(document, *_blocks(document))}
    node = document.at(("exclude",))
    count = len(node.content) if node is not None and isinstance(node.content, tuple) else 0
    for index in range(count):
        rule: dict[str, frozenset[str]] = {}
        for key, entry in _entries(document, ("exclude", index)).items():
            path = f"exclude[{index}].{key}"
            if key not in known:
                # A factor that is misspelt, or has a problem of its own, is the one to blame.
                if key not in keys and closest(key, keys) not in unknown:
                    message = "is no factor of this sweep"
                    hint = did_you_mean(key, keys)
                    problems.append(Problem(entry.key.position(), path, message, hint))
                continue
            wanted = _wanted(entry.node)
            if not wanted & known[key]:
                message = "none of the points has this value"
                problems.append(Problem(entry.node.mark.position(), path, message))
            rule[key] = wanted
        if rule:
            yield rule


def _blocks(document: Document) -> list[Place]:
    """Return where factors are written."""
    points = document.at(("points",))
    count = len(points.content) if points is not None and isinstance(points.content, tuple) else 0
    return [("grid",), ("zip",), *(("points", i) for i in range(count)), ("sample", "ranges")]


def _keys(document: Document, *blocks: Place) -> Iterator[tuple[Place, str]]:
    """Yield every lever of some blocks, with the block."""
    for block in blocks:
        for key in _entries(document, block):
            yield block, key


def _texts(value: Value) -> frozenset[str]:
    """Return a value as it can be written in ``exclude``: itself, or its name."""
    return frozenset({_text(value.node.plain()), _text(value.label)})


def _wanted(node: Node) -> frozenset[str]:
    """Return what a rule names: the value itself and, of a list, each of its items."""
    items = node.content if isinstance(node.content, tuple) else ()
    return frozenset({_text(node.plain()), *(_text(item.plain()) for item in items)})


def _text(value: Any) -> str:
    # A number is the same written with and without decimals; true is no number here.
    number = isinstance(value, int) and not isinstance(value, bool)
    return json.dumps(float(value) if number else value, sort_keys=True)
