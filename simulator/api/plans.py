"""Plans from names, files or mappings."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulator.analysis.inputs import DEFAULT_BOOK, plan_problems
from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.inputs import InputError
from simulator.scenario import Draft, Scenario, load_tolerantly


@dataclass(frozen=True, eq=False)
class Plan:
    """A force plan that was read and checked.

    Attributes
    ----------
    scenario : Scenario
    """

    scenario: Scenario
    _draft: Draft

    @property
    def name(self) -> str:
        """What results call it."""
        return self.scenario.name

    @property
    def title(self) -> str:
        """What it calls itself."""
        return self.scenario.title

    def with_book(self, book: str | None = None) -> tuple[Scenario, Book]:
        """Return the scenario and its book, checked together.

        Parameters
        ----------
        book : str, optional
            Shipped name or file; otherwise the plan's own, else ``blend``.

        Raises
        ------
        InputError
            If the book is not valid, or the plan assumes what the book does not know.
        """
        loaded = load_book(book or self._draft.book or DEFAULT_BOOK)
        problems = plan_problems(self._draft, loaded)
        if problems:
            raise InputError(dict.fromkeys(problems))
        return self.scenario, loaded

    def __repr__(self) -> str:
        return f"<Plan {self.name}: {self.title}>"


def plan(
    source: str | Path | Mapping[str, Any],
    levers: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
) -> Plan:
    """Read a plan and check it.

    Parameters
    ----------
    source : str, Path or mapping
        Name of a shipped plan, a YAML file, or what such a file would hold.
    levers : mapping, optional
        Changes by path: ``{"force.target_troops": 40_000, "assumptions.hr.presence": 0.5}``.
    name : str, optional
        What results call it; otherwise its file's name. Plans of one run need different names.

    Raises
    ------
    InputError
        With every mistake and its place.
    """
    sets = sets_of(levers)
    if isinstance(source, Mapping):
        draft = _of_mapping(source, sets, name or "plan")
    else:
        draft = load_tolerantly(source, sets)
    if draft.scenario is None or draft.problems:
        raise InputError(dict.fromkeys(plan_problems(draft, None)))
    return Plan(replace(draft.scenario, name=name or draft.scenario.name), draft)


def as_plan(source: str | Path | Plan) -> Plan:
    """Return a plan that was read, or read it."""
    return source if isinstance(source, Plan) else plan(source)


def sets_of(levers: Mapping[str, Any] | None) -> list[str]:
    """Return changes by path as the command line takes them: JSON is YAML."""
    return [f"{path}={json.dumps(value)}" for path, value in (levers or {}).items()]


def _of_mapping(content: Mapping[str, Any], sets: list[str], name: str) -> Draft:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.yaml")
        # JSON is YAML; a line for every value, so that a mistake has a line of its own.
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        return load_tolerantly(path, sets)
