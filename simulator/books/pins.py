"""What a scenario says about assumptions: values, distributions and options that replace a book's.

Pins come from the scenario's blocks ``assumptions`` and ``structure``, which hold both what the
file says and what ``--set`` put there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from simulator.books.checks import check_distribution, check_name, share_of
from simulator.books.choices import weights_of
from simulator.books.contents import POOL_CHOICE, Book, Weights
from simulator.books.distributions import Distribution
from simulator.books.forms import SUM_TOLERANCE, Form, build, build_shares
from simulator.books.names import SHARES, split_contributor
from simulator.books.shares import SharesDistribution
from simulator.inputs import (
    Document,
    Entry,
    InputError,
    Meaning,
    Node,
    Problem,
    StrictModel,
    check_tolerantly,
    did_you_mean,
    dotted,
    in_source_order,
    listed,
)
from simulator.scenario import Scenario

__all__ = ["Pins", "check_pins", "pin_problems", "read_pins"]


class _File(StrictModel):
    assumptions: dict[
        str, Annotated[Form, Meaning("a number or a distribution such as {uniform: [0.2, 0.4]}")]
    ]


@dataclass(frozen=True)
class Pins:
    """What replaces a book's assumptions in every draw.

    Attributes
    ----------
    numbers : mapping of name to Distribution
    shares : mapping of name of the whole to SharesDistribution
    parts : mapping of name of the whole to mapping of part to share
        Single shares; the other parts keep their proportions to each other.
    structure : mapping of choice to weights of its options
    """

    numbers: Mapping[str, Distribution]
    shares: Mapping[str, SharesDistribution]
    parts: Mapping[str, Mapping[str, float]]
    structure: Mapping[str, Weights]


def check_pins(book: Book, scenario: Scenario) -> None:
    """Check what a scenario says about assumptions against a book.

    Raises
    ------
    InputError
        With every problem, at its place in the scenario's file or in ``--set``.
    """
    read_pins(book, scenario)


def read_pins(book: Book, scenario: Scenario) -> Pins:
    """Return what a scenario says about assumptions, checked against a book.

    Raises
    ------
    InputError
        As `check_pins`.
    """
    document = scenario.document
    problems = pin_problems(document, book, scenario.contributors)
    if problems:
        raise InputError(problems)
    forms, _ = _read_forms(document)
    structure = {name: weights_of(value) for name, value in scenario.structure.items()}
    return Pins(
        numbers={n: build(f) for n, f in forms.items() if n not in SHARES and not share_of(n)},
        shares={n: build_shares(f) for n, f in forms.items() if n in SHARES},
        parts=_parts(forms),
        structure=structure,
    )


def pin_problems(
    document: Document, book: Book | None, contributors: Collection[str] | None
) -> list[Problem]:
    """Return what is wrong with what a scenario says about assumptions, in the order of the files.

    Parameters
    ----------
    document : Document
        The scenario's; what else is wrong with it does not matter.
    book : Book or None
        None if it is not known: structural choices are then not looked at.
    contributors : collection of str or None
        Ids of those who take part; None if they are not known.
    """
    forms, problems = _read_forms(document)
    for name in _block(document, "assumptions"):
        problems += _check_pinned_name(document, name, contributors)
    for name, form in forms.items():
        problems += check_distribution(document, ("assumptions", name), name, form)
    problems += _check_parts(document, forms)
    if book is not None:
        problems += _check_structure(document, book)
    return in_source_order(document, list(dict.fromkeys(problems)))


def _block(document: Document, name: str) -> Mapping[str, Any]:
    """Return a block of a scenario as plain values, without what can be no name."""
    value = document.value.get(name)
    return {k: v for k, v in value.items() if isinstance(k, str)} if isinstance(value, dict) else {}


def _read_forms(document: Document) -> tuple[dict[str, Form], list[Problem]]:
    """Return the well-formed distributions, and the problems with the others."""
    block = document.at(("assumptions",))
    content = block.content if block is not None else None
    forms: dict[str, Form] = {}
    problems: list[Problem] = []
    for name, entry in content.items() if isinstance(content, dict) else ():
        # Alone under its path, so that one mistake does not hide the names of the others.
        only = Node(document.root.mark, {name: entry})
        root = Node(document.root.mark, {"assumptions": Entry(entry.key, only)})
        file, found = check_tolerantly(Document(root, document.files), _File)
        problems += found
        if file is not None:
            forms |= file.assumptions
    return forms, problems


def _check_pinned_name(
    document: Document, name: str, contributors: Collection[str] | None
) -> Iterator[Problem]:
    path = ("assumptions", name)
    yield from check_name(document, path, name)
    contributor = split_contributor(name)
    if contributor is None or contributors is None:
        return
    if contributor[0] not in contributors:
        message = f"'{contributor[0]}' is no contributor to this plan; those are "
        message += listed(contributors)
        hint = did_you_mean(contributor[0], contributors)
        yield Problem(document.where_key(path), dotted(path), message, hint)


def _check_parts(document: Document, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """Check shares that are pinned one by one."""
    for name, form in forms.items():
        share = share_of(name)
        if share is None or form.is_shares:
            continue
        path = ("assumptions", name)
        if form.fixed is None:
            message = f"a part of a whole takes a number; for a distribution give '{share[0]}'"
            yield Problem(document.where(path), dotted(path), message)
        if share[0] in forms:
            message = f"given twice: '{share[0]}' gives all its parts"
            yield Problem(document.where_key(path), dotted(path), message)
    for whole, parts in _parts(forms).items():
        total = math.fsum(parts.values())
        complete = len(parts) == len(SHARES[whole])
        if total > 1.0 + SUM_TOLERANCE or (complete and total < 1.0 - SUM_TOLERANCE):
            path = ("assumptions", f"{whole}.{next(iter(parts))}")
            must = "must sum to 1" if complete else "must not pass 1"
            message = f"the parts of '{whole}' sum to {total:g}, {must}"
            yield Problem(document.where_key(path), dotted(path), message)


def _parts(forms: Mapping[str, Form]) -> dict[str, dict[str, float]]:
    parts: dict[str, dict[str, float]] = {}
    for name, form in forms.items():
        share = share_of(name)
        if share is not None and form.fixed is not None:
            parts.setdefault(share[0], {})[share[1]] = form.fixed
    return parts


def _check_structure(document: Document, book: Book) -> Iterator[Problem]:
    known = book.choice_options
    for choice, value in _block(document, "structure").items():
        path: tuple[str, ...] = ("structure", choice)
        if choice not in known:
            message = f"no structural choice of book '{book.name}', known: {listed(known)}"
            hint = did_you_mean(choice, known)
            yield Problem(document.where_key(path), dotted(path), message, hint)
            continue
        if not isinstance(value, str | dict):
            continue  # refused with the file's types
        for option in weights_of(value):
            inner = path if isinstance(value, str) else (*path, option)
            place, label = document.where(inner), dotted(inner)
            if option not in known[choice]:
                message = f"no option of '{choice}', known: {listed(known[choice])}"
                yield Problem(place, label, message, did_you_mean(option, known[choice]))
                continue
            lacking = [
                member.name
                for member in book.plain_books
                if choice != POOL_CHOICE
                and choice in member.choices
                and option not in member.choices[choice].options
            ]
            if lacking:
                message = f"book '{lacking[0]}' of the pool has no option '{option}'"
                yield Problem(place, label, message, f"pin structure.{POOL_CHOICE} as well")
