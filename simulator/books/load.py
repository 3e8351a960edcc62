"""Reading assumption books: from a shipped name or a file to a `Book`, or every problem at once."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

from simulator.books.book import (
    FIRST_LAYER,
    LAST_LAYER,
    POOL_CHOICE,
    Book,
    Choice,
    Entries,
    Entry,
    Option,
    Weights,
)
from simulator.books.checks import (
    Reading,
    check_complete,
    check_correlations,
    check_entries,
    pairs_of,
    wrong,
)
from simulator.books.mixtures import SUM_TOLERANCE
from simulator.books.names import CHOICES, SHARES, describe
from simulator.books.schema import BookFile, ChoiceFile, Form, OverrideFile
from simulator.inputs import (
    Document,
    InputError,
    Problem,
    apply_sets_tolerantly,
    check_tolerantly,
    did_you_mean,
    dotted,
    find_input,
    in_source_order,
    listed,
    names_in,
    read_tolerantly,
    shipped,
)
from simulator.inputs.kinds import refuse_another_kind
from simulator.inputs.problems import KeyPath
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.schema import Source


def weights_of(value: str | Weights) -> dict[str, float]:
    """Return weights of options, written as weights or as the name of one option."""
    return {value: 1.0} if isinstance(value, str) else dict(value)


def notes_on_weights(book: Book, pinned: Mapping[str, Any]) -> Iterator[str]:
    """Yield what becomes of weights that look like probabilities and do not sum to 1."""
    weights = {choice: value for choice, value in pinned.items() if not isinstance(value, str)}
    if POOL_CHOICE not in pinned:
        weights[POOL_CHOICE] = book.pool_weights
    for name, choice in (item for plain in book.plain_books for item in plain.choices.items()):
        if name not in pinned:
            weights[name] = choice.weights
    for name, shares in weights.items():
        total = math.fsum(shares.values())
        if shares and max(shares.values()) <= 1.0 and abs(total - 1.0) > SUM_TOLERANCE:
            first = sorted(shares, key=lambda option: -shares[option])[:3]
            parts = [f"'{option}' in {100 * shares[option] / total:.3g} %" for option in first]
            yield (
                f"the weights of '{name}' sum to {total:.6g}, not 1: they are taken as relative, "
                f"{', '.join(parts)} of the draws"
            )


def check_choices(reading: Reading) -> Iterator[Problem]:
    """Yield every problem of the block ``structure``."""
    document, block = reading.document, reading.plain(("structure",), {})
    if not isinstance(block, dict):
        return
    absent = [name for name in CHOICES if name not in block]
    if absent:
        message = f"lacks the structural choices {', '.join(absent)}"
        yield wrong(document, ("structure",), message)
    for name, value in block.items():
        yield from _check_options(reading, name, value)
    read = {name: reading.part(("structure", name), ChoiceFile) for name in block}
    known = {name: choice for name, choice in read.items() if choice is not None}
    for name, choice in known.items():
        if not any(option.weight > 0 for option in choice.options.values()):
            message = "every option has weight 0; at least one weight must be above 0"
            yield wrong(document, ("structure", name, "options"), message)
        yield from _check_reweights(document, name, choice, known)
    yield from _check_order(document, known)
    yield from _check_overlaps(document, known)


def _check_options(reading: Reading, name: str, value: Any) -> Iterator[Problem]:
    document, path = reading.document, ("structure", name)
    if name == POOL_CHOICE:
        message = f"'{POOL_CHOICE}' is the choice between pooled books; take another name"
        yield wrong(document, path, message, key=True)
    options = value.get("options") if isinstance(value, dict) else None
    if not isinstance(options, dict):
        return
    needed = CHOICES.get(name)
    if needed is not None:
        for option in options:
            if option not in needed:
                message = f"no option that the model knows, known: {', '.join(needed)}"
                here = (*path, "options", option)
                yield wrong(document, here, message, did_you_mean(option, needed), key=True)
        absent = [option for option in needed if option not in options]
        if absent:
            message = f"lacks the options {', '.join(absent)}; give weight 0 to what is ruled out"
            yield wrong(document, (*path, "options"), message)
    for option in options:
        yield from check_entries(reading, (*path, "options", option, "entries"))


def _check_reweights(
    document: Document, name: str, choice: ChoiceFile, known: Mapping[str, ChoiceFile]
) -> Iterator[Problem]:
    for option, content in choice.options.items():
        for other, value in content.structure.items():
            path: KeyPath = ("structure", name, "options", option, "structure", other)
            others = [key for key in known if key != name]
            if other not in others:
                message = f"no other choice of this book, known: {listed(others)}"
                yield wrong(document, path, message, did_you_mean(other, others), key=True)
                continue
            weights = weights_of(value)
            if not sum(weights.values()) > 0:
                yield wrong(document, path, "at least one weight must be above 0", key=True)
            options = known[other].options
            for word in weights:
                if word not in options:
                    inner = path if isinstance(value, str) else (*path, word)
                    message = f"no option of '{other}', known: {listed(options)}"
                    yield wrong(document, inner, message, did_you_mean(word, options))


def _check_order(document: Document, known: Mapping[str, ChoiceFile]) -> Iterator[Problem]:
    """Every choice may be reweighted by one other, and not in a circle."""
    reweighted_by: dict[str, set[str]] = {name: set() for name in known}
    for name, choice in known.items():
        for option in choice.options.values():
            for other in option.structure:
                if other in known and other != name:
                    reweighted_by[other].add(name)
    for name, sources in reweighted_by.items():
        if len(sources) > 1:
            message = f"reweighted by options of {' and '.join(sorted(sources))}; which one holds?"
            yield wrong(document, ("structure", name), message, key=True)
    try:
        TopologicalSorter(reweighted_by).prepare()
    except CycleError as error:
        message = "choices reweight each other in a circle: " + " -> ".join(error.args[1][::-1])
        yield wrong(document, ("structure",), message)


def _check_overlaps(document: Document, known: Mapping[str, ChoiceFile]) -> Iterator[Problem]:
    """An entry may be overridden by one choice between the first layer and the last."""
    setters: dict[str, dict[str, KeyPath]] = {}
    for name, choice in known.items():
        if name in (FIRST_LAYER, LAST_LAYER):
            continue
        for option, content in choice.options.items():
            for entry in content.entries:
                path: KeyPath = ("structure", name, "options", option, "entries", entry)
                setters.setdefault(entry, {}).setdefault(name, path)
    for paths in setters.values():
        if len(paths) > 1:
            message = f"set by options of {' and '.join(paths)}; which one holds?"
            yield wrong(document, list(paths.values())[-1], message, key=True)


# A distribution means one thing: a child replaces it as a whole, and weights likewise.
WHOLE: Final = (
    ("pool",),
    ("entries", "*", "distribution"),
    ("structure", "*", "options", "*", "entries", "*", "distribution"),
    ("structure", "*", "options", "*", "structure", "*"),
)


def load_book(name_or_path: str | Path, sets: Sequence[str] = ()) -> Book:
    """Read a book, with ``PATH=VALUE`` set over it; `InputError` with every problem found."""
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
        choices=FrozenMap(
            {n: _choice(n, file.structure[n], entries) for n in sorted(file.structure)}
        ),
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


def _choice(choice: str, file: ChoiceFile, base: Entries) -> Choice:
    options = {}
    for name in CHOICES.get(choice) or sorted(file.options):
        option = file.options[name]
        weights = {other: weights_of(given) for other, given in option.structure.items()}
        entries = _entries(option.entries, base, option.source)
        options[name] = Option(option.weight, option.description, option.source, entries, weights)
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
