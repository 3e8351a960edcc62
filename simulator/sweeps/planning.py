"""Planning: every point of a sweep file resolved, checked and addressed before any is simulated."""

import contextlib
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.analysis.inputs import DEFAULT_BOOK, plan_problems
from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.precision import Target
from simulator.books.book import Book
from simulator.books.draws import contributor_problems
from simulator.books.load import load_book
from simulator.inputs import Document, InputError, Node, Problem, in_source_order
from simulator.inputs.inheritance import value_on_line
from simulator.inputs.nodes import Source
from simulator.model.compile import MODEL_VERSION
from simulator.scenario import load_catalogues, read_scenario, resolve_tolerantly
from simulator.sweeps.factors import fits
from simulator.sweeps.files import LoadedSweep
from simulator.sweeps.levers import BOOK, SCENARIO, Row, Value, with_settings
from simulator.sweeps.plan import Point, Recipe, SweepInputs, SweepPlan

# Of a thousand points that fail for one reason, the first few hundred say everything.
MOST_PROBLEMS: Final = 200
MOST_TRIED: Final = 100


def make_plan(sweep: LoadedSweep) -> tuple[SweepPlan, SweepInputs]:
    """Resolve every point of a sweep.

    Raises InputError with every problem of the sweep and of its points' settings, each once and at
    its place.
    """
    planner = _Planner(sweep)
    recipes = [] if planner.problems else planner.recipes()
    if planner.problems:
        planner.look_further()
    elif not recipes:
        planner.problems[Problem(None, sweep.name, "every point is excluded")] = None
    planner.raise_problems()
    reference = planner.reference(recipes)
    file = sweep.file
    draws = file.draws if file.target is None else file.max_draws
    by_number = dict(enumerate(recipes))
    inputs = planner.found.inputs(file.seed, draws, file.trials, file.target, by_number)
    digests = [planner.digest(inputs, recipe) for recipe in recipes]
    planner.raise_problems()
    keys = tuple(key for key in sweep.design.keys if key not in (SCENARIO, BOOK))
    points = []
    for number, (recipe, address) in enumerate(zip(recipes, digests, strict=True)):
        labels = {key: value.label for key, value in recipe.settings}
        levers = {key: labels[key] for key in keys if key in labels}
        points.append(Point(number, address, recipe.scenario, recipe.book, levers))
    plan = SweepPlan(
        name=sweep.name,
        title=file.title,
        description=file.description,
        seed=file.seed,
        draws=draws,
        trials=file.trials,
        precision=file.precision,
        precision_of=None if file.target is None else file.precision_of,
        model_version=MODEL_VERSION,
        levers=keys,
        points=tuple(points),
        inputs={f"book:{name}": book.digest for name, book in sorted(planner.found.books.items())},
        fixed={key: value.node.plain() for key, value in sweep.design.fixed},
        options=_options(sweep, keys),
        factors=tuple(
            {"kind": factor.kind, "levers": list(factor.keys)} for factor in sweep.design.factors
        ),
        reference=reference,
    )
    return plan, inputs


def remade(plan: SweepPlan) -> SweepInputs:
    """Make the inputs of a sweep again from its plan, as it was kept in a folder.

    Files are looked for from the working folder. Where a plan or a book has changed since, or is
    another one from here, `SweepInputs.address` differs from those of the plan.
    """
    found = _Sources(Path())
    recipes = {}
    for point in plan.points:
        found.scenario(point.scenario)
        found.book(point.book)
        settings = [(key, _value(key, value)) for key, value in plan.fixed.items()]
        for key, label in point.levers.items():
            settings.append((key, _value(key, plan.options.get(key, {}).get(str(label), label))))
        recipes[point.number] = Recipe(point.scenario, point.book, tuple(settings))
    return found.inputs(plan.seed, plan.draws, plan.trials, plan.target, recipes)


def _value(key: str, plain: Any) -> Value:
    node, problems = value_on_line(Source(key, (json.dumps(plain),)), 1, 1)
    if node is None:
        raise InputError(problems)
    return Value(None, node)


class _Sources:
    """Scenarios and books by the names that a sweep file uses, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scenarios: dict[str, tuple[str, Document]] = {}
        self.books: dict[str, Book] = {}

    def scenario(self, name: str) -> tuple[str, Document]:
        if name not in self.scenarios:
            self.scenarios[name] = read_scenario(self._located(name))
        return self.scenarios[name]

    def book(self, name: str) -> Book:
        if name not in self.books:
            self.books[name] = load_book(self._located(name))
        return self.books[name]

    def inputs(
        self, seed: int, draws: int, trials: int, target: Target | None, recipes: dict[int, Recipe]
    ) -> SweepInputs:
        return SweepInputs(
            seed, draws, trials, target, load_catalogues(), self.scenarios, self.books, recipes
        )

    def _located(self, name: str) -> str | Path:
        """A path is relative to the sweep file, as in 'extends'; a bare word is a shipped name."""
        is_path = "/" in name or name.endswith((".yaml", ".yml"))
        return self.folder / name if is_path else name


class _Planner:
    """A sweep, what its points are made from, and all that is wrong with them."""

    def __init__(self, sweep: LoadedSweep) -> None:
        self.sweep, self.found = sweep, _Sources(sweep.path.parent)
        self.problems = dict.fromkeys(sweep.problems)  # each once
        self._checked: set[tuple[str, tuple[str, ...]]] = set()  # books, for whom takes part

    def raise_problems(self) -> None:
        if self.problems:
            raise InputError(in_source_order(self.sweep.document, list(self.problems)))

    def recipes(self) -> list[Recipe]:
        """Read what the points name."""
        recipes = []
        for row in self.sweep.design.rows():
            settings = (*self.sweep.design.fixed, *row)
            scenario, document, name, book = self._read(settings, whole=True)
            if document is not None and book is not None:
                recipes.append(Recipe(scenario, name, settings))
            if len(self.problems) > MOST_PROBLEMS:
                break
        return recipes

    def look_further(self) -> None:
        """Add the mistakes that can be seen in a sweep of which a part is missing.

        Each value is tried once, on its point's scenario if that can be read, else on an empty one;
        of a hundred thousand steps only the first 100, so that nobody waits for the message. What
        is absent is no mistake here: it may be what could not be read.
        """
        nothing = Document(Node(self.sweep.document.root.mark, {}), self.sweep.document.files)
        for row in itertools.islice(self.sweep.design.few_rows(), MOST_TRIED):
            settings = (*self.sweep.design.fixed, *row)
            _, document, _, book = self._read(settings, whole=False)
            changed = with_settings(document or nothing, settings)
            draft = resolve_tolerantly(self.sweep.name, changed, complete=False)
            self.problems.update(dict.fromkeys(plan_problems(draft, book)))
            if len(self.problems) > MOST_PROBLEMS:
                break

    def digest(self, inputs: SweepInputs, recipe: Recipe) -> str:
        """Resolve a point and return the address of its result."""
        if len(self.problems) > MOST_PROBLEMS:
            return ""
        draft, book = inputs.draft(recipe), inputs.books[recipe.book]
        found = plan_problems(draft, book)
        self.problems.update(dict.fromkeys(found))
        if found or draft.scenario is None:
            return ""
        taking_part = (recipe.book, tuple(draft.scenario.contributors))
        if taking_part not in self._checked:
            self._checked.add(taking_part)
            self.problems.update(dict.fromkeys(contributor_problems(book, draft.scenario)))
        try:
            check_memory(inputs.draws, draft.scenario.horizon_years)
        except TooLargeError as error:
            place = self.sweep.document.where(("draws",))
            self.problems[Problem(place, "draws", str(error))] = None
        return inputs.address(inputs.job_of(recipe, draft.scenario))

    def reference(self, recipes: Sequence[Recipe]) -> int:
        """Return the number of the first point that has all values of ``reference``."""
        for number, recipe in enumerate(recipes):
            if fits(self.sweep.design.reference, dict(recipe.settings)):
                return number
        message, hint = "no point has all of these values", "'exclude' leaves out those that do"
        place = self.sweep.document.where(("reference",))
        self.problems[Problem(place, "reference", message, hint)] = None
        return 0

    def _read(self, settings: Row, whole: bool) -> tuple[Any, Document | None, Any, Book | None]:
        """Read the scenario and the book that a point names; None where that fails."""
        file, document, book = self.sweep.file, None, None
        named = {key: value for key, value in settings if key in (SCENARIO, BOOK)}
        scenario = named[SCENARIO].node.plain() if SCENARIO in named else file.scenario
        name = named[BOOK].node.plain() if BOOK in named else file.book
        if scenario is not None or whole:
            with self._noting(SCENARIO, named.get(SCENARIO)):
                document = self.found.scenario(_word(SCENARIO, scenario))[1]
        unsure = any(BOOK in problem.path for problem in self.sweep.problems)
        if name is None and document is not None and not unsure:
            name = document.value.get(BOOK) or DEFAULT_BOOK
        if name is not None:
            with self._noting(BOOK, named.get(BOOK)):
                book = self.found.book(_word(BOOK, name))
        return scenario, document, name, book

    @contextlib.contextmanager
    def _noting(self, key: str, value: Value | None) -> Iterator[None]:
        """Note what is wrong with a scenario or book, at the place where it is named."""
        try:
            yield
        except InputError as error:
            own = self.sweep.document.where((key,))
            place = own if value is None else value.node.mark.position()
            self.problems.update(dict.fromkeys(error.placed(place)))


def _word(key: str, name: Any) -> str:
    if isinstance(name, str) and name:
        return name
    got = "" if name is None else f", got {json.dumps(name)}"
    raise InputError([Problem(None, key, f"expected the name of a {key}{got}")])


def _options(sweep: LoadedSweep, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what stands behind those labels that are not the values themselves."""
    found: dict[str, dict[str, Any]] = {}
    for factor in sweep.design.factors:
        for key, value in (setting for row in factor.rows for setting in row):
            plain = value.node.plain()
            if key in keys and plain != value.label:
                found.setdefault(key, {})[str(value.label)] = plain
    return found
