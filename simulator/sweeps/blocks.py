"""The blocks of a sweep file as written: which levers stand where, and mistakes in that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.inputs import Document, Entry, Node, Problem
from simulator.inputs.numerals import one_number_of
from simulator.sweeps.levers import Place, check_lever, path_of, takes_whole_numbers


def entries(document: Document, path: tuple[Any, ...]) -> dict[str, Entry]:
    """Return the entries of the mapping at a path, none if there is no mapping."""
    node = document.at(path)
    return dict(node.content) if node is not None and isinstance(node.content, dict) else {}


def items(document: Document, path: tuple[Any, ...]) -> tuple[Node, ...]:
    """Return the items of the list at a path, none if there is no list."""
    node = document.at(path)
    return node.content if node is not None and isinstance(node.content, tuple) else ()


def factor_blocks(document: Document) -> list[Place]:
    """Return where factors are written."""
    rows = range(len(items(document, ("points",))))
    return [("grid",), ("zip",), *(("points", row) for row in rows), ("sample", "ranges")]


def keys(document: Document, *blocks: Place) -> Iterator[tuple[Place, str]]:
    """Yield every lever of some blocks, with the block."""
    for block in blocks:
        for key in entries(document, block):
            yield block, key


def told_twice(document: Document) -> Iterator[Problem]:
    """Find levers that two blocks set, or of which one holds the other."""
    told: list[tuple[str, str, Entry]] = [
        (key, key, entry)
        for key, entry in entries(document, ()).items()
        if key in ("scenario", "book")
    ]
    rows: set[str] = set()  # of `points`, which may all set the same levers
    for block in (("set",), *factor_blocks(document)):
        for key, entry in entries(document, block).items():
            if block[0] != "points" or key not in rows:
                told.append((key, _dotted(block, key), entry))
            rows |= {key} if block[0] == "points" else set()
    levers: dict[tuple[str, ...], tuple[str, str]] = {}
    holders: dict[tuple[str, ...], tuple[str, str]] = {}  # what lies above a lever
    for key, place, entry in told:
        path = path_of(key)
        above = [path[:depth] for depth in range(1, len(path))]
        other = next((levers[part] for part in above if part in levers), holders.get(path))
        if path in levers:
            message = f"set in two blocks, also as '{levers[path][1]}'"
            yield Problem(entry.key.position(), place, message)
        elif other is not None:
            message = f"'{other[0]}' is set too, as '{other[1]}': one of them holds the other"
            yield Problem(entry.key.position(), place, message)
        levers.setdefault(path, (key, place))
        for part in above:
            holders.setdefault(part, (key, place))


def unknown_levers(document: Document, problems: list[Problem]) -> set[str]:
    """Return the keys that are no levers; each is reported once, where it first stands."""
    unknown: set[str] = set()
    for place, key in keys(document, ("set",), *factor_blocks(document)):
        found = [] if key in unknown else list(check_lever(document, (*place, key), key))
        problems += found
        unknown |= {key} if found else set()
    return unknown


def notes_on(document: Document) -> Iterator[str]:
    """Yield sentences on lists that are valid, and may not be what was meant."""
    for block in (("grid",), ("zip",), ("sample", "ranges")):
        for key, entry in entries(document, block).items():
            values = entry.node.content
            if not isinstance(values, tuple) or len(values) != 2:
                continue
            low, high = values
            place = _dotted(block, key)
            if not all(type(node.content) in (int, float) for node in values):
                continue
            if block[0] == "sample":
                span = f"{{from: {low.word}, to: {high.word}}}"
                yield f"{place}: two values, not a range: write {span} for all between"
            elif meant := _one_number(low, high, takes_whole_numbers(key)):
                yield (
                    f"{place}: two values, {low.word} and {high.word}: write {meant} if one was "
                    "meant; a comma separates values"
                )


def _one_number(low: Node, high: Node, whole: bool) -> str | None:
    """Return what two values mean that look like one number with a comma: ``20,500``."""
    behind = low.mark.column + len(low.word) + 1
    if (high.mark.line, high.mark.column) != (low.mark.line, behind):
        return None
    return one_number_of(low.word, high.word, whole)


def _dotted(block: Place, key: str) -> str:
    place = block[0] if len(block) == 1 else ".".join(str(part) for part in block)
    return f"points[{block[1]}].{key}" if block[0] == "points" else f"{place}.{key}"
