"""Sweep files: read, overridden from the command line, checked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.inputs import (
    Document,
    Entry,
    InputError,
    Node,
    Problem,
    Reading,
    check_tolerantly,
    dotted,
    in_source_order,
)
from simulator.inputs.inheritance import value_on_line
from simulator.inputs.kinds import read_kind
from simulator.inputs.nodes import Mark, Source
from simulator.inputs.scalars import one_number_of
from simulator.sweeps.factors import KINDS, Design, entries, read_design
from simulator.sweeps.levers import takes_whole_numbers
from simulator.sweeps.schema import SweepFile

# A factor is one thing: a child's range or list replaces the parent's as a whole.
WHOLE = tuple((*place, "*") for place in (("set",), *(of for of, _ in KINDS.values())))

# What an option on the command line takes the place of, beside its own field.
_INSTEAD = {"draws": ("precision", "precision_of", "max_draws"), "precision": ("draws",)}


@dataclass(frozen=True, eq=False)
class LoadedSweep:
    """A sweep file as read and checked.

    Where there are ``problems``, the file and the design are what could be read nevertheless:
    `make_plan` looks there for further mistakes and raises all of them.
    """

    name: str
    path: Path
    file: SweepFile
    design: Design
    document: Document
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]  # on lists that are valid, and may not be what was meant


def load_sweep(
    name_or_path: str | Path,
    sets: Sequence[str] = (),
    grids: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    reference: Sequence[str] = (),
) -> LoadedSweep:
    """Read a shipped sweep or a file; `make_plan` checks the rest and raises what was found.

    ``sets`` are ``LEVER=VALUE``, the same at every point, ``grids`` ``LEVER=VALUE,VALUE,...`` or
    ``LEVER={from: ..., to: ..., steps: ...}``: each takes the place of what the file says of that
    lever in ``grid`` or ``set``. ``options`` are top-level fields that replace the file's,
    ``reference`` is ``LEVER=VALUE`` of that point. Raises InputError if the file cannot be read at
    all.
    """
    path, reading = read_kind(name_or_path, "sweep", WHOLE)
    if reading.document is None:
        raise InputError(reading.problems)
    overrides = {"set": sets, "grid": grids, "reference": reference}
    return checked_sweep(path, reading.document, overrides, options, reading)


def side_by_side(
    scenarios: Sequence[str], sets: Sequence[str], grids: Sequence[str], options: Mapping[str, Any]
) -> LoadedSweep:
    """Return scenarios, and perhaps variations of them, as a sweep that no file describes."""
    mark = Mark(Source("command line", (" ".join(scenarios),)), 1, 1)
    names = Node(mark, tuple(Node(mark, name, name) for name in scenarios))
    title = Entry(mark, Node(mark, "Comparison", "Comparison"))
    grid = Entry(mark, Node(mark, {"scenario": Entry(mark, names)}))
    document = Document(Node(mark, {"title": title, "grid": grid}), (mark.source.file,))
    overrides = {"set": sets, "grid": grids}
    return checked_sweep(Path.cwd() / "comparison", document, overrides, options)


def checked_sweep(
    path: Path,
    document: Document,
    overrides: Mapping[str, Sequence[str]],
    options: Mapping[str, Any] | None,
    reading: Reading | None = None,
) -> LoadedSweep:
    """Apply overrides to a sweep's document and check it; see `load_sweep`.

    Paths in the document are relative to the folder of ``path``. What a reading found before is
    reported with what is found now.
    """
    problems = list(reading.problems) if reading else []
    content = document.root.content
    assert isinstance(content, dict)  # what is read is a mapping, or it is refused
    for block, texts in overrides.items():
        new, found = _read_overrides(f"--{block}", texts)
        problems += found
        content = _replaced(content, new, block) if new else content
    for key, value in (options or {}).items():
        content = {k: entry for k, entry in content.items() if k not in _INSTEAD.get(key, ())}
        mark = Mark(Source(f"--{key.replace('_', '-')}", (str(value),)), 1, 1)
        content[key] = Entry(mark, Node(mark, value, str(value)))
    document = readable = Document(Node(document.root.mark, content), document.files)
    file, found = check_tolerantly(document, SweepFile, reading is None or reading.complete)
    problems += found
    if file is None:  # without what is not as it should be, so that the rest can be looked at
        refused = {re.split(r"[.\[]", problem.path)[0] for problem in found}
        kept = {key: entry for key, entry in content.items() if key not in refused}
        mark = document.root.mark
        kept.setdefault("title", Entry(mark, Node(mark, "no title", "no title")))
        readable = Document(Node(mark, kept), document.files)
        file = check_tolerantly(readable, SweepFile)[0]
    if file is None:
        raise InputError(in_source_order(document, list(dict.fromkeys(problems))))
    design, found = read_design(readable, file)
    problems = list(dict.fromkeys(problems + found))
    notes = tuple(_notes_on(document))
    return LoadedSweep(path.stem, path, file, design, document, tuple(problems), notes)


def _read_overrides(flag: str, texts: Sequence[str]) -> tuple[dict[str, Entry], list[Problem]]:
    """Read ``KEY=VALUE`` texts; the values of ``--grid`` are lists without their brackets."""
    lines = tuple(_bracketed(text) if flag == "--grid" else text for text in texts)
    source = Source(flag, lines)
    read: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        left, equals, value = line.partition("=")
        key, mark = left.strip(), Mark(source, number, 1)
        if not key or not equals or not value.strip():
            example = "force.target_troops=20000" + (",40000" if flag == "--grid" else "")
            message = f"expected LEVER=VALUE, such as {example}"
            problems.append(Problem(mark.position(), "", message))
            continue
        node, found = value_on_line(source, number, len(left) + 2)
        path = f"{flag.removeprefix('--')}.{key}"
        problems += [Problem(p.position, path, p.message, p.hint) for p in found]
        if key in read:
            problems.append(Problem(mark.position(), key, f"{flag} gives this lever twice"))
        elif node is not None:
            read[key] = Entry(mark, node)
    return read, problems


def _bracketed(text: str) -> str:
    key, equals, value = text.partition("=")
    bare = equals and value.strip() and value.strip()[0] not in "[{"
    return f"{key}=[{value}]" if bare else text


def _replaced(
    content: Mapping[str, Entry], new: Mapping[str, Entry], block: str
) -> dict[str, Entry]:
    """Put levers into a block, and take them out of the other one; a reference is replaced."""

    def levers(name: str) -> dict[str, Entry]:
        inside = content[name].node.content if name in content else None
        return dict(inside) if isinstance(inside, dict) else {}

    other = {"set": "grid", "grid": "set"}.get(block, "")
    rest = {key: entry for key, entry in levers(other).items() if key not in new}
    changed = dict(content)
    own = {} if block == "reference" else levers(block)
    for name, kept in ((block, {**own, **new}), (other, rest)):
        if name in content or name == block:
            mark = content[name].node.mark if name in content else next(iter(new.values())).key
            changed[name] = Entry(mark, Node(mark, kept))
    return changed


def _notes_on(document: Document) -> Iterator[str]:
    for block in (("grid",), ("zip",), ("sample", "ranges")):
        for key, entry in entries(document, block).items():
            values, place = entry.node.content, dotted((*block, key))
            if not isinstance(values, tuple) or len(values) != 2:
                continue
            low, high = values
            if not {type(low.content), type(high.content)} <= {int, float}:
                continue
            if block[0] == "sample":
                span = f"{{from: {low.word}, to: {high.word}}}"
                yield f"{place}: two values, not a range: write {span} for all between"
            # What looks like one number with a comma: ``20,500``.
            elif low.mark._replace(column=low.mark.column + len(low.word) + 1) == high.mark and (
                meant := one_number_of(low.word, high.word, takes_whole_numbers(key))
            ):
                yield (
                    f"{place}: two values, {low.word} and {high.word}: write {meant} if one was "
                    "meant; a comma separates values"
                )
