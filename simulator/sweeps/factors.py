"""The factors of a sweep file: lists of settings whose combinations are the points."""

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.inputs import Document, Entry, Problem, closest, did_you_mean, dotted
from simulator.limits import MOST_POINTS
from simulator.sweeps.levers import (
    BOOK,
    SCENARIO,
    Place,
    Row,
    Value,
    check_lever,
    path_of,
    value_of,
)  # fmt: skip
from simulator.sweeps.schema import SweepFile
from simulator.sweeps.values import Span, Written, text_of, unit_sample

Rule = Mapping[str, frozenset[str]]  # lever -> values as JSON, any of which fits


@dataclass(frozen=True, slots=True)
class Factor:
    """Settings of which every point has one; a row of ``points`` may leave levers out."""

    kind: str
    keys: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that a sweep file says about its points.

    Points that fit a rule of ``exclude`` are left out; ``reference`` is the first that fits it.
    """

    fixed: Row
    factors: tuple[Factor, ...]
    exclude: tuple[Rule, ...]
    reference: Rule

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
            if not any(fits(rule, dict(settings)) for rule in self.exclude):
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


def entries(document: Document, path: Place) -> dict[str, Entry]:
    """Return the entries of the mapping at a path, none if there is no mapping."""
    node = document.at(path)
    return dict(node.content) if node is not None and isinstance(node.content, dict) else {}


def _rows(document: Document, path: Place) -> list[Place]:
    """Return the places of the items of a list, none if there is no list."""
    node = document.at(path)
    count = len(node.content) if node is not None and isinstance(node.content, tuple) else 0
    return [(*path, index) for index in range(count)]


Factors = Iterator[tuple[tuple[str, ...], tuple[Row, ...]]]  # keys and rows


def _grid(document: Document, file: SweepFile, problems: list[Problem]) -> Factors:
    for key, entry in entries(document, ("grid",)).items():
        if values := Written("grid", key, entry.node, problems).values():
            yield (key,), tuple(((key, value),) for value in values)


def _zip(document: Document, file: SweepFile, problems: list[Problem]) -> Factors:
    columns: dict[str, list[Value]] = {}
    written = entries(document, ("zip",))
    for key, entry in written.items():
        content = entry.node.content
        if isinstance(content, tuple) and content:
            # Levers that change together may well repeat a value.
            columns[key] = [value_of(node) for node in content]
        else:
            columns[key] = Written("zip", key, entry.node, problems).values()
    lengths = {key: len(values) for key, values in columns.items() if values}
    first, expected = next(iter(lengths.items()), ("", 0))
    unequal = {key: length for key, length in lengths.items() if length != expected}
    for key, length in unequal.items():
        message = f"has {length} values, but '{first}' has {expected}; they must be equal"
        problems.append(Problem(written[key].key.position(), f"zip.{key}", message))
    if columns and all(columns.values()) and not unequal:
        rows = zip(*columns.values(), strict=True)
        yield tuple(columns), tuple(tuple(zip(columns, row, strict=True)) for row in rows)


def _points(document: Document, file: SweepFile, problems: list[Problem]) -> Factors:
    rows = tuple(
        tuple((key, value_of(entry.node)) for key, entry in entries(document, place).items())
        for place in _rows(document, ("points",))
    )
    if rows:
        yield tuple(dict.fromkeys(key for row in rows for key, _ in row)), rows


def _sample(document: Document, file: SweepFile, problems: list[Problem]) -> Factors:
    block = file.sample
    if block is None:
        return
    written = sorted(entries(document, ("sample", "ranges")).items())
    read = {key: Written("sample.ranges", key, entry.node, problems) for key, entry in written}
    axes = {key: axis for key, of in read.items() if (axis := of.span()) is not None}
    if not axes or problems:
        return

    def value(axis: Span | list[Value], share: float) -> Value:
        return axis.value_at(share) if isinstance(axis, Span) else axis[int(share * len(axis))]

    seed = file.seed if block.seed is None else block.seed
    shares = unit_sample(block.method, block.size, tuple(axes), seed)
    columns = [
        [(key, value(axis, share)) for share in column]
        for (key, axis), column in zip(axes.items(), shares.T.tolist(), strict=True)
    ]
    yield tuple(axes), tuple(zip(*columns, strict=True))


Reader = Callable[[Document, SweepFile, list[Problem]], Factors]
# A kind of factor is an entry here, where its levers stand ("*" for each item of a list) and how
# they are read, and a field of `SweepFile`. They multiply in this order.
KINDS: Final[Mapping[str, tuple[tuple[str, ...], Reader]]] = {
    "grid": (("grid",), _grid),
    "zip": (("zip",), _zip),
    "points": (("points", "*"), _points),
    "sample": (("sample", "ranges"), _sample),
}


def _written(document: Document) -> Iterator[tuple[Place, str, Entry]]:
    """Yield all levers that are set, and the blocks in which they stand."""
    for place in (("set",), *(place for place, _ in KINDS.values())):
        for block in [place] if place[-1] != "*" else _rows(document, place[:-1]):
            for key, entry in entries(document, block).items():
                yield block, key, entry


def read_design(document: Document, file: SweepFile) -> tuple[Design, list[Problem]]:
    """Read the factors of a sweep file; those that have problems are left out of the design."""
    problems: list[Problem] = []
    factors = [
        Factor(kind, *factor)
        for kind, (_, read_kind) in KINDS.items()
        for factor in read_kind(document, file, problems)
    ]
    size = math.prod(len(factor.rows) for factor in factors)
    if size > MOST_POINTS:
        message = (
            f"the factors multiply to {size:,} points, at most {MOST_POINTS:,} are allowed; even "
            f"those take some {MOST_POINTS // 60_000} minutes before the first is simulated"
        )
        hint = "take fewer steps, or a sample over ranges instead of a grid"
        problems.append(Problem(document.where(("grid",)), "", message, hint))
        factors = []
    problems += _set_twice(document)
    unknown: set[str] = set()  # levers, each reported once, where it first stands
    for block, key, _ in _written(document):
        if key not in unknown and (found := list(check_lever(document, (*block, key), key))):
            problems += found
            unknown.add(key)
    exclude: list[Rule] = []
    reference: Rule = {}
    ruled = any(document.at((block,)) is not None for block in ("exclude", "reference"))
    if ruled and size <= MOST_POINTS:
        values: dict[str, set[str]] = {}
        for key, value in (setting for one in factors for row in one.rows for setting in row):
            values.setdefault(key, set()).update(_texts(value))
        read = partial(_read_rule, document, values, unknown, problems)
        exclude = [rule for place in _rows(document, ("exclude",)) if (rule := read(place))]
        reference = read(("reference",))

    def known(row: Row) -> Row:
        return tuple((key, value) for key, value in row if key not in unknown)

    fixed = tuple((key, value_of(e.node)) for key, e in entries(document, ("set",)).items())
    kept = factors
    if unknown:
        kept = [Factor(f.kind, f.keys, tuple(known(row) for row in f.rows)) for f in factors]
    return Design(known(fixed), tuple(kept), tuple(exclude), reference), problems


def _read_rule(
    document: Document,
    values: Mapping[str, Collection[str]],
    unknown: Collection[str],
    problems: list[Problem],
    place: Place,
) -> Rule:
    """Read what ``exclude`` or ``reference`` says: levers, and those of the values of points."""
    rule: dict[str, frozenset[str]] = {}
    for key, entry in entries(document, place).items():
        path = dotted((*place, key))
        if key not in values:
            # A factor that is misspelt, or has a problem of its own, is the one to blame.
            named = {name for block, name, _ in _written(document) if block != ("set",)}
            if key not in named and closest(key, named) not in unknown:
                message, hint = "is no factor of this sweep", did_you_mean(key, named)
                problems.append(Problem(entry.key.position(), path, message, hint))
            continue
        several = entry.node.content if isinstance(entry.node.content, tuple) else ()
        rule[key] = frozenset(text_of(node.plain()) for node in (entry.node, *several))
        if rule[key].isdisjoint(values[key]):
            message = "none of the points has this value"
            problems.append(Problem(entry.node.mark.position(), path, message))
    return rule


def fits(rule: Rule, settings: Mapping[str, Value]) -> bool:
    """Whether a point's settings have all values of a rule."""
    return all(key in settings and _texts(settings[key]) & rule[key] for key in rule)


def _texts(value: Value) -> frozenset[str]:
    """Return a value as it can be written in a rule: itself, or its name."""
    return frozenset({text_of(value.node.plain()), text_of(value.label)})


def _set_twice(document: Document) -> Iterator[Problem]:
    """Find levers that two blocks set, or of which one holds the other."""
    written: list[tuple[str, str, Entry]] = [
        (key, key, entry) for key, entry in entries(document, ()).items() if key in (SCENARIO, BOOK)
    ]
    rows: set[tuple[object, str]] = set()  # rows of one list may all set the same levers
    for block, key, entry in _written(document):
        if (block[0], key) not in rows:
            written.append((key, dotted((*block, key)), entry))
        rows.add((block[0], key))
    levers: dict[tuple[str, ...], tuple[str, str]] = {}
    holders: dict[tuple[str, ...], tuple[str, str]] = {}  # what lies above a lever
    for key, place, entry in written:
        path = path_of(key)
        above = [path[:depth] for depth in range(1, len(path))]
        other = next((levers[part] for part in (path, *above) if part in levers), holders.get(path))
        if other is not None:
            message = f"'{other[0]}' is set too, as '{other[1]}': one of them holds the other"
            if path in levers:
                message = f"set in two blocks, also as '{other[1]}'"
            yield Problem(entry.key.position(), place, message)
        levers.setdefault(path, (key, place))
        for part in above:
            holders.setdefault(part, (key, place))
