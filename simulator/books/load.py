"""Reading assumption books: from a shipped name or a file to a `Book`, or every problem at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from simulator.books.book import Book, Choice, Entries, Entry, Option
from simulator.books.checks import (
    Reading,
    check_complete,
    check_correlations,
    check_entries,
    pairs_of,
    wrong,
)
from simulator.books.choices import check_choices, weights_of
from simulator.books.names import SHARES, describe
from simulator.books.schema import BookFile, ChoiceFile, Form, OverrideFile
from simulator.inputs import (
    Document,
    InputError,
    Problem,
    apply_sets_tolerantly,
    check_tolerantly,
    dotted,
    find_input,
    in_source_order,
    names_in,
    read_tolerantly,
    shipped,
)
from simulator.inputs.kinds import refuse_another_kind
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.parts import Source

# A distribution means one thing: a child replaces it as a whole, and weights likewise.
WHOLE: Final = (
    ("pool",),
    ("entries", "*", "distribution"),
    ("structure", "*", "options", "*", "entries", "*", "distribution"),
    ("structure", "*", "options", "*", "structure", "*"),
)


def load_book(name_or_path: str | Path, sets: Sequence[str] = ()) -> Book:
    """Read a book, with ``PATH=VALUE`` set over it; `InputError` with every problem found.

    A pool reports the problems of all its members.
    """
    library = shipped("configs/assumptions")
    if not sets and isinstance(name_or_path, str) and name_or_path in names_in(library):
        return _load_shipped(library, name_or_path)
    return _load(name_or_path, tuple(sets), pooled=False)


@lru_cache(maxsize=8)
def _load_shipped(library: Path, name: str) -> Book:
    """Load a shipped book once in a process: that takes longer than many a run."""
    return _load(library / f"{name}.yaml", (), pooled=False)


def _load(name_or_path: str | Path, sets: tuple[str, ...], pooled: bool) -> Book:
    library = shipped("configs/assumptions")
    path = find_input(name_or_path, library, "book")
    reading = read_tolerantly(path, library, WHOLE)
    if reading.document is None:
        raise InputError(reading.problems)
    refuse_another_kind(reading, "book")
    document, faults = apply_sets_tolerantly(reading.document, sets, WHOLE)
    file, mistakes = check_tolerantly(document, BookFile, reading.complete)
    problems = [*reading.problems, *faults, *mistakes]
    members: dict[str, tuple[Book, float]] = {}
    if document.at(("pool",)) is None:
        read = Reading(document, None if problems else file)
        problems += check_entries(read, ("entries",))
        problems += (*check_correlations(read), *check_choices(read))
        problems += check_complete(read) if reading.complete else ()
    elif pooled:
        message = "a pooled book cannot be a member of a pool; pool its members"
        problems.append(wrong(document, ("pool",), message))
    elif file is not None and file.pool is not None:
        members, found = _load_members(document, path, file.pool)
        problems += found
    if problems or file is None:
        raise InputError(in_source_order(document, list(dict.fromkeys(problems))))
    entries = _entries(file.entries)
    return Book(
        name=path.stem,
        title=file.title,
        description=file.description,
        entries=entries,
        correlations=FrozenMap(pairs_of(file.correlations)),
        choices=FrozenMap({n: _choice(file.structure[n], entries) for n in sorted(file.structure)}),
        pool=FrozenMap({name: members[name][0] for name in sorted(members)}),
        pool_weights=FrozenMap({name: members[name][1] for name in sorted(members)}),
    )


def _load_members(
    document: Document, path: Path, pool: Mapping[str, float]
) -> tuple[dict[str, tuple[Book, float]], list[Problem]]:
    """Load the books of a pool; a name with a separator or ending is relative to the file."""
    members: dict[str, tuple[Book, float]] = {}
    problems: list[Problem] = []
    for name, weight in pool.items():
        is_path = "/" in name or name.endswith((".yaml", ".yml"))
        place, label = document.where_key(("pool", name)), dotted(("pool", name))
        try:
            book = _load(path.parent / name if is_path else name, (), pooled=True)
        except InputError as error:
            problems.append(Problem(place, label, "this book cannot be used"))
            problems += error.placed(place)
            continue
        if book.name in members:
            problems.append(Problem(place, label, f"two members are called '{book.name}'"))
        members[book.name] = (book, weight)
    return members, problems


def _choice(file: ChoiceFile, base: Entries) -> Choice:
    options = {}
    for name, option in sorted(file.options.items()):
        weights = {other: FrozenMap(weights_of(given)) for other, given in option.structure.items()}
        entries = _entries(option.entries, base, option.source)
        options[name] = Option(
            option.weight, option.description, option.source, entries, FrozenMap(weights)
        )
    return Choice(file.description, FrozenMap(options))


def _entries(
    files: Mapping[str, OverrideFile], base: Entries | None = None, source: Source | None = None
) -> Entries:
    """Return a book's or an option's entries."""
    found = {}
    for name, file in _wholes(files).items():
        replaced = (base or {}).get(name)
        assumption = describe(name)
        unit = assumption.unit if assumption else "share"
        group = file.group or (replaced.group if replaced else "contributors")
        origin = file.source or source
        if origin is None:
            raise ValueError(f"{name} has no source")  # the schema demands one
        found[name] = Entry(unit, group, file.distribution, origin)
    return FrozenMap(found)


def _wholes(files: Mapping[str, OverrideFile]) -> dict[str, OverrideFile]:
    """Join wholes that are given part by part into one entry each."""
    joined = dict(files)
    for whole, parts in SHARES.items():
        names = [f"{whole}.{part}" for part in parts]
        if names[0] in joined:
            values = {part: joined.pop(name) for part, name in zip(parts, names, strict=True)}
            known = {part: entry.distribution.known for part, entry in values.items()}
            form = Form.model_validate({"shares": known})
            joined[whole] = values[parts[0]].model_copy(update={"distribution": form})
    return joined
