"""What a sweep file says of levers: mistakes in their names, and lists that look like slips."""

from collections.abc import Collection, Iterator

from simulator.inputs import Document, Entry, Node, Problem, dotted
from simulator.inputs.numerals import one_number_of
from simulator.sweeps.factors import (
    Design,
    Factor,
    Rule,
    entries,
    factor_blocks,
    read_factors,
    read_rules,
)
from simulator.sweeps.levers import (
    BOOK,
    SCENARIO,
    Row,
    check_lever,
    path_of,
    takes_whole_numbers,
    value_of,
)
from simulator.sweeps.schema import SweepFile


def read_design(document: Document, file: SweepFile) -> tuple[Design, list[Problem]]:
    """Read the factors of a sweep file; those that have problems are left out of the design."""
    problems: list[Problem] = []
    factors = read_factors(document, file, problems)
    problems += _set_twice(document)
    unknown = _unknown_levers(document, problems)
    rules: tuple[tuple[Rule, ...], Rule] = ((), {})
    if factors is not None:
        rules = read_rules(document, factors, unknown, problems)
    fixed = tuple((key, value_of(e.node)) for key, e in entries(document, ("set",)).items())
    known = [
        Factor(f.kind, f.keys, tuple(_without(row, unknown) for row in f.rows))
        for f in factors or ()
    ]
    return Design(_without(fixed, unknown), tuple(known), *rules), problems


def _without(row: Row, keys: Collection[str]) -> Row:
    return tuple((key, value) for key, value in row if key not in keys)


def _set_twice(document: Document) -> Iterator[Problem]:
    """Find levers that two blocks set, or of which one holds the other."""
    written: list[tuple[str, str, Entry]] = [
        (key, key, entry) for key, entry in entries(document, ()).items() if key in (SCENARIO, BOOK)
    ]
    rows: set[tuple[object, str]] = set()  # rows of one list may all set the same levers
    for block in (("set",), *factor_blocks(document)):
        for key, entry in entries(document, block).items():
            if (block[0], key) not in rows:
                written.append((key, dotted((*block, key)), entry))
            rows.add((block[0], key))
    levers: dict[tuple[str, ...], tuple[str, str]] = {}
    holders: dict[tuple[str, ...], tuple[str, str]] = {}  # what lies above a lever
    for key, place, entry in written:
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


def _unknown_levers(document: Document, problems: list[Problem]) -> set[str]:
    """Return the keys that are no levers; each is reported once, where it first stands."""
    unknown: set[str] = set()
    for block in (("set",), *factor_blocks(document)):
        for key in entries(document, block):
            found = [] if key in unknown else list(check_lever(document, (*block, key), key))
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
            place = dotted((*block, key))
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
