"""What a scenario says about assumptions: what replaces a book's, by its file or ``--set``."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from simulator.books.book import POOL_CHOICE, Book, Weights
from simulator.books.checks import check_distribution, check_name, share_of
from simulator.books.load import weights_of
from simulator.books.mixtures import SUM_TOLERANCE
from simulator.books.names import SHARES, split_contributor
from simulator.books.schema import Distribution, Form
from simulator.inputs.checking import StrictModel, check_tolerantly, in_source_order
from simulator.inputs.nodes import Document, Entry, Node
from simulator.inputs.problems import InputError, Problem, did_you_mean, listed
from simulator.scenario import Scenario


class _File(StrictModel):
    assumptions: dict[str, Distribution]


@dataclass(frozen=True)
class Overrides:
    """What replaces a book's assumptions in every draw."""

    laws: Mapping[str, Any]  # distributions by name, those of shares by name of the whole
    parts: Mapping[str, Mapping[str, float]]  # single shares by whole; the others keep proportions
    structure: Mapping[str, Weights]  # weights of the options by choice


def read_overrides(book: Book, scenario: Scenario) -> Overrides:
    """Return what a scenario says about assumptions, checked against a book."""
    found = _checked(scenario.document, book, tuple(scenario.contributors))
    structure = {name: weights_of(value) for name, value in scenario.structure.items()}
    return replace(found, structure=structure)


@lru_cache(maxsize=64)
def _checked(document: Document, book: Book, contributors: tuple[str, ...]) -> Overrides:
    """Check once in a process what every block of draws asks for."""
    forms, problems = read_pins(document, book, contributors)
    if problems:
        raise InputError(problems)
    return Overrides({n: f.law for n, f in forms.items() if not share_of(n)}, _parts(forms), {})


def read_pins(
    document: Document, book: Book | None, contributors: Collection[str] | None
) -> tuple[dict[str, Form], list[Problem]]:
    """Return well-formed distributions that a scenario pins, and what is wrong with all its pins.

    What else is wrong with the document does not matter. Without a book structural choices are not
    looked at; `contributors` are the ids of those who take part, None if they are not known.
    """
    block = document.at(("assumptions",))
    content = block.content if block is not None else None
    forms: dict[str, Form] = {}
    problems: list[Problem] = []
    for name, entry in content.items() if isinstance(content, dict) else ():
        # Alone under its path, so that one mistake does not hide the names of the others.
        only = Node(document.root.mark, {name: entry})
        root = Node(document.root.mark, {"assumptions": Entry(entry.key, only)})
        file, found = check_tolerantly(Document(root, document.files), _File)
        problems += (*found, *_check_name(document, name, contributors))
        if file is not None:
            forms |= file.assumptions
    for name, form in forms.items():
        problems += check_distribution(document, ("assumptions", name), name, form)
    problems += _check_parts(document, forms)
    if book is not None:
        problems += _check_structure(document, book)
    return forms, in_source_order(document, problems)


def _check_name(
    document: Document, name: str, contributors: Collection[str] | None
) -> Iterator[Problem]:
    path = ("assumptions", name)
    yield from check_name(document, path, name)
    contributor, _ = split_contributor(name) or (None, None)
    if contributor and contributors is not None and contributor not in contributors:
        message = f"'{contributor}' is no contributor to this plan; those are "
        message += listed(contributors)
        hint = did_you_mean(contributor, contributors)
        yield document.problem(path, message, hint, key=True)


def _check_parts(document: Document, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """Check shares that are given one by one."""
    for name, form in forms.items():
        share = share_of(name)
        if share is None or form.is_shares:
            continue
        path = ("assumptions", name)
        if form.known is None:
            message = f"a part of a whole takes a number; for a distribution give '{share[0]}'"
            yield document.problem(path, message)
        if share[0] in forms:
            message = f"given twice: '{share[0]}' gives all its parts"
            yield document.problem(path, message, key=True)
    for whole, parts in _parts(forms).items():
        total = math.fsum(parts.values())
        complete = len(parts) == len(SHARES[whole])
        if total > 1.0 + SUM_TOLERANCE or (complete and total < 1.0 - SUM_TOLERANCE):
            must = "must sum to 1" if complete else "must not pass 1"
            message = f"the parts of '{whole}' sum to {total:g}, {must}"
            path = ("assumptions", f"{whole}.{next(iter(parts))}")
            yield document.problem(path, message, key=True)


def _parts(forms: Mapping[str, Form]) -> dict[str, dict[str, float]]:
    parts: dict[str, dict[str, float]] = {}
    for name, form in forms.items():
        share = share_of(name)
        if share is not None and form.known is not None:
            parts.setdefault(share[0], {})[share[1]] = form.known
    return parts


def _check_structure(document: Document, book: Book) -> Iterator[Problem]:
    known = book.choice_options
    for choice, value in document.block("structure").items():
        path: tuple[str, ...] = ("structure", choice)
        if choice not in known:
            what = f"no structural choice of book '{book.name}'"
            yield document.unknown(path, what, choice, known, key=True)
        elif isinstance(value, str | dict):  # others are refused with the file's types
            for option in weights_of(value):
                inner = path if isinstance(value, str) else (*path, option)
                if option not in known[choice]:
                    what = f"no option of '{choice}'"
                    yield document.unknown(inner, what, option, known[choice])
                    continue
                lacking = [
                    member.name
                    for member in book.plain_books
                    if choice in member.choices and option not in member.choices[choice].options
                ]
                if lacking:
                    message = f"book '{lacking[0]}' of the pool has no option '{option}'"
                    hint = f"pin structure.{POOL_CHOICE} as well"
                    yield document.problem(inner, message, hint)
