"""From a sweep file to a plan: every point with its settings and the address of its result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from simulator.analysis.inputs import DEFAULT_BOOK
from simulator.analysis.run import Job, digest
from simulator.assumptions.book import check_pins, load_book
from simulator.assumptions.contents import Book
from simulator.inputs import Document, InputError, Problem
from simulator.model.compile import MODEL_VERSION
from simulator.scenario import load_catalogues, read_scenario
from simulator.sweeps.factors import Design, Row
from simulator.sweeps.files import SweepInput
from simulator.sweeps.frozen import Frozen, Recipe
from simulator.sweeps.levers import BOOK, SCENARIO
from simulator.sweeps.values import Label

# Of a thousand points that fail for one reason, the first few hundred say everything.
MOST_PROBLEMS: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a sweep.

    Attributes
    ----------
    number : int
        Its place in the plan, from 0.
    digest : str
        SHA-256 of its job: where its result is kept.
    scenario, book : str
        As the sweep file calls them.
    levers : mapping of str to label
        What it was given of the sweep's factors, as written in tables.
    """

    number: int
    digest: str
    scenario: str
    book: str
    levers: Mapping[str, Label]


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep resolved.

    Attributes
    ----------
    name, title : str
    description : str or None
    seed, draws, paths, model_version : int
    keys : tuple of str
        The levers that differ between points; scenario and book are left out, every point has them.
    points : tuple of Point
    inputs : mapping of str to str
        SHA-256 of each book.
    """

    name: str
    title: str
    description: str | None
    seed: int
    draws: int
    paths: int
    model_version: int
    keys: tuple[str, ...]
    points: tuple[Point, ...]
    inputs: Mapping[str, str]

    @property
    def paths_per_point(self) -> int:
        """Paths of one point over all its draws."""
        return self.draws * self.paths

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan."""
        return digest(self._body())

    def tree(self) -> dict[str, Any]:
        """Return the plan as plain data, its own digest included."""
        return {**self._body(), "digest": self.digest}

    def _body(self) -> dict[str, Any]:
        return {
            "format": 1,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "model_version": self.model_version,
            "seed": self.seed,
            "draws": self.draws,
            "paths": self.paths,
            "levers": list(self.keys),
            "inputs": dict(self.inputs),
            "points": [
                {
                    "point": point.number,
                    "digest": point.digest,
                    "scenario": point.scenario,
                    "book": point.book,
                    "levers": dict(point.levers),
                }
                for point in self.points
            ],
        }


def plan_from_tree(tree: Mapping[str, Any]) -> Plan:
    """Return the plan that `Plan.tree` wrote down.

    Raises
    ------
    ValueError
        If it is not one, or was changed since.
    """
    body = {key: value for key, value in tree.items() if key != "digest"}
    try:
        if tree["format"] != 1 or tree["digest"] != digest(body):
            raise ValueError("it was changed, or written by another version")
        points = tuple(
            Point(p["point"], p["digest"], p["scenario"], p["book"], p["levers"])
            for p in tree["points"]
        )
        named = {key: tree[key] for key in ("name", "title", "description", "model_version")}
        sizes = {key: tree[key] for key in ("seed", "draws", "paths")}
        return Plan(
            **named, **sizes, keys=tuple(tree["levers"]), points=points, inputs=tree["inputs"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from None


def make_plan(sweep: SweepInput) -> tuple[Plan, Frozen]:
    """Resolve every point of a sweep.

    Raises
    ------
    InputError
        With every problem of the points' settings, each once and at its place.
    """
    found = _Inputs(sweep.path.parent)
    problems: dict[Problem, None] = {}
    recipes = _recipes(sweep, found, problems)
    if not recipes and not problems:
        problems[Problem(None, sweep.name, "every point is excluded")] = None
    if problems:
        raise InputError(problems)
    file = sweep.file
    frozen = Frozen(
        seed=file.seed,
        draws=file.draws,
        paths=file.paths,
        catalogues=load_catalogues(),
        scenarios=found.scenarios,
        books=found.books,
        recipes=dict(enumerate(recipes)),
    )
    digests = [_digest(frozen, number, problems) for number in frozen.recipes]
    if problems:
        raise InputError(problems)
    keys = tuple(key for key in sweep.design.keys if key not in (SCENARIO, BOOK))
    plan = Plan(
        name=sweep.name,
        title=file.title,
        description=file.description,
        seed=file.seed,
        draws=file.draws,
        paths=file.paths,
        model_version=MODEL_VERSION,
        keys=keys,
        points=tuple(
            Point(number, address, recipe.scenario, recipe.book, _levers(recipe, keys))
            for (number, recipe), address in zip(frozen.recipes.items(), digests, strict=True)
        ),
        inputs={f"book:{name}": book.digest for name, book in sorted(found.books.items())},
    )
    return plan, frozen


class _Inputs:
    """Scenarios and books by the names that a sweep file uses, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scenarios: dict[str, tuple[str, Document]] = {}
        self.books: dict[str, Book] = {}
        self.broken: set[tuple[str, str]] = set()

    def scenario(self, name: str) -> tuple[str, Document]:
        if name not in self.scenarios:
            self.scenarios[name] = read_scenario(self._located(name))
        return self.scenarios[name]

    def book(self, name: str) -> Book:
        if name not in self.books:
            self.books[name] = load_book(self._located(name))
        return self.books[name]

    def _located(self, name: str) -> str | Path:
        """A path is relative to the sweep file, as in 'extends'; a bare word is a shipped name."""
        is_path = "/" in name or name.endswith((".yaml", ".yml"))
        return self.folder / name if is_path else name


def _recipes(sweep: SweepInput, found: _Inputs, problems: dict[Problem, None]) -> list[Recipe]:
    recipes = []
    for row in sweep.design.rows():
        settings = (*sweep.design.fixed, *row)
        named = {key: value.node.plain() for key, value in settings if key in (SCENARIO, BOOK)}
        recipe = _recipe(sweep, found, settings, named, problems)
        if recipe is not None:
            recipes.append(recipe)
        if len(problems) > MOST_PROBLEMS:
            break
    return recipes


def _recipe(
    sweep: SweepInput,
    found: _Inputs,
    settings: Row,
    named: Mapping[str, Any],
    problems: dict[Problem, None],
) -> Recipe | None:
    scenario = named.get(SCENARIO, sweep.file.scenario)
    try:
        _check_word(sweep, SCENARIO, scenario)
        _, document = found.scenario(scenario)
        book = named.get(BOOK, sweep.file.book) or document.value.get("book") or DEFAULT_BOOK
        _check_word(sweep, BOOK, book)
        found.book(book)
    except InputError as error:
        problems.update(dict.fromkeys(error.problems))
        return None
    return Recipe(scenario, book, settings)


def _check_word(sweep: SweepInput, key: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        message = f"expected the name of a {key}" + (
            "" if value is None else f", got {json.dumps(value)}"
        )
        raise InputError([Problem(sweep.document.where((key,)), key, message)])


def _digest(frozen: Frozen, number: int, problems: dict[Problem, None]) -> str:
    if len(problems) > MOST_PROBLEMS:
        return ""
    recipe = frozen.recipes[number]
    try:
        job: Job = frozen.job(number)
        if job.scenario.assumptions or job.scenario.structure:
            check_pins(frozen.books[recipe.book], job.scenario)
    except InputError as error:
        problems.update(dict.fromkeys(error.problems))
        return ""
    return job.digest


def _levers(recipe: Recipe, keys: Sequence[str]) -> dict[str, Label]:
    labels = {key: value.label for key, value in recipe.settings}
    return {key: labels[key] for key in keys if key in labels}


__all__ = ["Design", "Plan", "Point", "make_plan", "plan_from_tree"]
