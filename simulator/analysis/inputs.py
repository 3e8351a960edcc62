"""Scenarios and books by name, read together so that all their mistakes are reported at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from simulator.books.book import Book
from simulator.books.draws import contributor_problems
from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS
from simulator.books.overrides import read_pins
from simulator.inputs import InputError, Problem, in_source_order
from simulator.scenario import Draft, Scenario, load_tolerantly

DEFAULT_BOOK: Final = "blend"


def plan_problems(draft: Draft, book: Book | None) -> list[Problem]:
    """Return every problem of a scenario and of what it assumes, in the order of its files.

    The book is None if it could not be read.
    """
    if draft.document is None:
        return list(draft.problems)
    # Types are checked with the file as well as with the assumptions: once said is enough.
    said = {problem.position for problem in draft.problems}
    _, pins = read_pins(draft.document, book, draft.contributors)
    own = [_under_assumptions(problem) for problem in draft.problems]
    problems = [*own, *(pin for pin in pins if pin.position not in said)]
    return in_source_order(draft.document, problems)


def _under_assumptions(problem: Problem) -> Problem:
    """Give a hint where an assumption stands beside the levers: ``w0: 0.4``."""
    head = problem.path.split(".")[0]
    alike = [name for name in ASSUMPTIONS if name.split(".")[0] == head]
    named = problem.path if problem.path in alike else next(iter(alike), None)
    if named is None or not problem.message.startswith("unknown field"):
        return problem
    hint = f"assumptions have their own block: assumptions.{named}"
    return replace(problem, hint=hint)


def load_plans(
    scenarios: Sequence[str], book: str | None = None, sets: Sequence[str] = ()
) -> list[tuple[Scenario, Book]]:
    """Read scenarios, and the book of each: the one given, its own, or `DEFAULT_BOOK`.

    ``sets`` are overrides ``PATH=VALUE`` for every scenario. Raises InputError with every problem
    of every file.
    """
    problems: list[Problem] = []
    books: dict[str, Book | None] = {}
    plans: list[tuple[Scenario, Book]] = []
    for name in scenarios:
        try:
            draft = load_tolerantly(name, sets)
        except InputError as error:
            problems.extend(error.problems)
            continue
        of = book or draft.book or DEFAULT_BOOK
        if books.get(of) is None:
            try:
                books[of] = load_book(of)
            except InputError as error:
                books[of], own = None, draft.document if book is None and draft.book else None
                problems.extend(error.placed(own.where(("book",)) if own else None))
        problems.extend(plan_problems(draft, loaded := books[of]))
        if draft.scenario is not None and loaded is not None:
            problems.extend(contributor_problems(loaded, draft.scenario))
            plans.append((draft.scenario, loaded))
    problems.extend(
        Problem(None, name, "two scenarios of this name; results are kept by name: rename one")
        for name, count in sorted(Counter(scenario.name for scenario, _ in plans).items())
        if count > 1
    )
    if problems:
        raise InputError(dict.fromkeys(problems))
    return plans
