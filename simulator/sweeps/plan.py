"""A sweep resolved: its points with the addresses of their results, and what makes their jobs.

A chunk is a range of draws of one point. A draw's outcome does not depend on the other draws, and
sums over draws are integers, so how a point is cut cannot change its result; it decides only how
much is lost when a worker dies and how evenly the end is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final

from simulator.analysis.precision import Target
from simulator.analysis.run import Job, block_size
from simulator.books.book import Book
from simulator.inputs import Document
from simulator.model.compile import MODEL_VERSION
from simulator.scenario import Catalogues, Draft, Scenario, resolve_tolerantly
from simulator.storage import digest
from simulator.sweeps.levers import Label, Row, shown, with_settings

FORMAT: Final = 2
# About a second of work on one core (docs/performance.md): drawing, compiling and tallying a draw
# take as long as this many of its trials.
TRIALS_PER_CHUNK: Final = 65_536
TRIALS_OF_A_DRAW: Final = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make one point's job: a scenario, a book, and levers, fixed ones included."""

    scenario: str
    book: str
    settings: Row


@dataclass(frozen=True, eq=False)
class SweepInputs:
    """Everything that the points of a sweep are made from, by what the sweep file calls it."""

    seed: int
    draws: int
    trials: int
    target: Target | None  # with one, a point takes as many of the draws as it needs
    catalogues: Catalogues
    scenarios: Mapping[str, tuple[str, Document]]
    books: Mapping[str, Book]
    recipes: Mapping[int, Recipe]  # by point

    def draft(self, recipe: Recipe) -> Draft:
        """Return the scenario of a point, and what is wrong with it."""
        name, document = self.scenarios[recipe.scenario]
        return resolve_tolerantly(name, with_settings(document, recipe.settings), self.catalogues)

    def job(self, point: int) -> Job:
        """Return the job of a point; raise InputError if its settings make no valid scenario."""
        recipe = self.recipes[point]
        return self.job_of(recipe, self.draft(recipe).whole())

    def job_of(self, recipe: Recipe, scenario: Scenario) -> Job:
        """Return the job of a point whose scenario is at hand."""
        return Job(scenario, self.books[recipe.book], self.seed, self.draws, self.trials)

    def address(self, job: Job) -> str:
        """Return where the result of a job is kept: SHA-256 of all that changes it, hex."""
        if self.target is None:
            return job.digest
        precision = {self.target.estimate: self.target.error}
        return digest({"job": job.digest, "precision": precision})

    def only(self, points: Iterable[int]) -> SweepInputs:
        """Return what is needed for some of the points, to be sent to a distant worker."""
        recipes = {point: self.recipes[point] for point in points}
        return replace(
            self,
            recipes=recipes,
            scenarios={r.scenario: self.scenarios[r.scenario] for r in recipes.values()},
            books={r.book: self.books[r.book] for r in recipes.values()},
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """The draws ``[first, last)`` of a point, of one with a precision the most it may take."""

    point: int
    digest: str
    first: int
    last: int
    whole: bool = False  # they become estimates of the point; others a part to be merged

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.last - self.first

    def cut(self, longest: int) -> tuple[Chunk, ...]:
        """Cut it into parts of at most so many draws."""
        starts = range(self.first, self.last, longest)
        ends = (min(start + longest, self.last) for start in starts)
        return tuple(Chunk(self.point, self.digest, *e) for e in zip(starts, ends, strict=True))


def longest_chunk(trials: int) -> int:
    """Return the most draws of a chunk: whole blocks, at least one."""
    block = block_size(trials)
    return block * max(1, TRIALS_PER_CHUNK // ((TRIALS_OF_A_DRAW + trials) * block))


@dataclass(frozen=True, slots=True)
class Point:
    """A point: its place in the plan from 0, the SHA-256 of its job, and what it was given.

    Scenario and book are as the sweep file calls them, levers are those of the sweep's factors.
    """

    number: int
    digest: str
    scenario: str
    book: str
    levers: Mapping[str, Label]

    @property
    def settings(self) -> dict[str, Label]:
        """All that sets it apart from other points, its scenario and book included."""
        return {"scenario": self.scenario, "book": self.book, **self.levers}

    def tree(self) -> dict[str, Any]:
        """Return the point as plain data."""
        return dict(zip(_OF_POINT, (getattr(self, f.name) for f in fields(self)), strict=True))


_OF_POINT: Final = ("point", "digest", "scenario", "book", "levers")  # as files call its fields


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A sweep resolved."""

    name: str
    title: str
    description: str | None
    model_version: int
    seed: int
    draws: int  # with a precision the most that a point may take
    trials: int
    precision: float | None
    precision_of: str | None
    levers: tuple[str, ...]  # those that differ between points, without scenario and book
    inputs: Mapping[str, str]  # SHA-256 of each book
    fixed: Mapping[str, Any]  # levers that do not differ
    options: Mapping[str, Mapping[str, Any]]  # lever -> label -> what stands behind it
    points: tuple[Point, ...]
    factors: tuple[Mapping[str, Any], ...] = ()  # kind and levers of each
    reference: int = 0  # number of a point

    @property
    def target(self) -> Target | None:
        """The error that every point, or every difference, is to reach."""
        if self.precision is None or self.precision_of is None:
            return None
        return Target(self.precision_of, self.precision)

    def chunks(self, number: int) -> tuple[Chunk, ...]:
        """Cut a point into the chunks that workers simulate."""
        whole = Chunk(number, self.points[number].digest, 0, self.draws, whole=True)
        longest = longest_chunk(self.trials)
        one = self.precision is not None or self.draws <= longest
        return (whole,) if one else whole.cut(longest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides which points there are and what their results say."""
        return digest(self._body())

    def tree(self) -> dict[str, Any]:
        """Return the plan as plain data, its own digest included."""
        after = {"factors": list(self.factors), "reference": self.reference}
        return {**self._body(), "digest": self.digest, **after}

    def _body(self) -> dict[str, Any]:
        body = {name: getattr(self, name) for name in _BODY}
        return {"format": FORMAT, **body, "points": [point.tree() for point in self.points]}


_BODY = tuple(SweepPlan.__annotations__)[:-3]  # all before the points


def described(point: Point) -> str:
    """Return a point in a few words: ``point 3 (force.posture = line)``."""
    levers = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
    return f"point {point.number} ({levers or f'{point.scenario}, {point.book}'})"


def other_version(tree: Any) -> str | None:
    """Say that another version of the simulator wrote a plan, if one did."""
    if not isinstance(tree, dict):
        return None
    written = [tree.get(key) for key in ("format", "model_version")]
    if None in written or written == [FORMAT, MODEL_VERSION]:
        return None
    return (
        f"is the plan of another version of the simulator (format {written[0]}, model "
        f"{written[1]}; here format {FORMAT}, model {MODEL_VERSION}), whose results cannot be "
        "used: choose another folder, or go on with that version"
    )


def plan_from_tree(tree: Mapping[str, Any], checked: bool = True) -> SweepPlan:
    """Return the plan that `SweepPlan.tree` wrote down.

    Raises ValueError if it is not one, or ``checked`` and it was changed since.
    """
    body = {k: v for k, v in tree.items() if k not in ("digest", "factors", "reference")}
    try:
        if checked and tree["digest"] != digest(body):
            raise ValueError("it was changed; --unchecked reads it as it is")
        kept = {name: tree[name] for name in _BODY} | {
            "levers": tuple(tree["levers"]),
            "points": tuple(Point(*(one[key] for key in _OF_POINT)) for one in tree["points"]),
            "factors": tuple(tree.get("factors", ())),
            "reference": tree.get("reference", 0),
        }
        return SweepPlan(**kept)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from None
