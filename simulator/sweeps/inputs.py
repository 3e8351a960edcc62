"""The inputs of a sweep as they were at launch: what workers make their jobs from.

Editing a file while a sweep runs changes nothing: scenarios, books and catalogues are read once,
and travel to the workers in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from simulator.analysis.precision import Target
from simulator.analysis.run import Job
from simulator.books.book import Book
from simulator.inputs import Document
from simulator.scenario import Catalogues, Draft, Scenario, resolve_tolerantly
from simulator.storage import digest
from simulator.sweeps.levers import Row, with_settings


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
        changed = with_settings(document, recipe.settings)
        return resolve_tolerantly(name, changed, self.catalogues)

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
