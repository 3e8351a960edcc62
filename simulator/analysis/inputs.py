"""Scenarios and books by name, read together so that all their mistakes are reported at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulator.assumptions.book import load_book
from simulator.assumptions.contents import Book
from simulator.assumptions.pins import check_pins
from simulator.inputs import InputError, Problem
from simulator.scenario import Scenario, load_scenario

DEFAULT_BOOK: Final = "blend"


def load_plans(
    scenarios: Sequence[str], book: str | None = None, sets: Sequence[str] = ()
) -> list[tuple[Scenario, Book]]:
    """Read scenarios, and the book of each.

    Parameters
    ----------
    scenarios : sequence of str
        Shipped names or files, each once.
    book : str, optional
        Used for all; otherwise a scenario's own, or `DEFAULT_BOOK`.
    sets : sequence of str
        Overrides ``PATH=VALUE`` for every scenario.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    problems: list[Problem] = []
    books: dict[str, Book] = {}
    plans: list[tuple[Scenario, Book]] = []

    def read_book(name: str) -> Book | None:
        if name not in books:
            try:
                books[name] = load_book(name)
            except InputError as error:
                problems.extend(error.problems)
                return None
        return books[name]

    for name in scenarios:
        try:
            scenario = load_scenario(name, sets)
        except InputError as error:
            problems.extend(error.problems)
            continue
        chosen = read_book(book or scenario.book or DEFAULT_BOOK)
        if chosen is None:
            continue
        try:
            check_pins(chosen, scenario)
        except InputError as error:
            problems.extend(error.problems)
        plans.append((scenario, chosen))
    names = [scenario.name for scenario, _ in plans]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems.extend(
        Problem(None, name, "two scenarios of this name; results are kept by name: rename one")
        for name in twice
    )
    if problems:
        raise InputError(dict.fromkeys(problems))
    return plans
