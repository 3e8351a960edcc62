"""Planning: every point of a sweep file resolved, checked and addressed before any is simulated."""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from simulator.analysis.inputs import DEFAULT_BOOK, plan_problems
from simulator.analysis.memory import TooLargeError, check_memory
from simulator.books.book import Book
from simulator.books.draws import contributor_problems
from simulator.books.load import load_book
from simulator.inputs import Document, InputError, Node, Problem, in_source_order
from simulator.inputs.inheritance import YAML_ENDINGS, value_on_line
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
        planner.note([Problem(None, sweep.name, "every point is excluded")])
    planner.raise_problems()
    reference = planner.reference(recipes)
    file, design, books = sweep.file, sweep.design, planner.books
    draws = file.draws if file.target is None else file.max_draws
    inputs = SweepInputs(
        file.seed, draws, file.trials, file.target, load_catalogues(), planner.scenarios, books,
        dict(enumerate(recipes)),
    )  # fmt: skip
    digests = [planner.digest(inputs, recipe) for recipe in recipes]
    planner.raise_problems()
    keys = tuple(key for key in design.keys if key not in (SCENARIO, BOOK))
    points = []
    for number, (recipe, address) in enumerate(zip(recipes, digests, strict=True)):
        labels = {key: value.label for key, value in recipe.settings}
        levers = {key: labels[key] for key in keys if key in labels}
        points.append(Point(number, address, recipe.scenario, recipe.book, levers))
    options: dict[str, dict[str, Any]] = {}  # what stands behind labels that are not the values
    for key, value in itertools.chain.from_iterable(row for f in design.factors for row in f.rows):
        if key in keys and (plain := value.node.plain()) != value.label:
            options.setdefault(key, {})[str(value.label)] = plain
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
        inputs={f"book:{name}": book.digest for name, book in sorted(books.items())},
        fixed={key: value.node.plain() for key, value in design.fixed},
        options=options,
        factors=tuple({"kind": one.kind, "levers": list(one.keys)} for one in design.factors),
        reference=reference,
    )
    return plan, inputs


def remade(plan: SweepPlan) -> SweepInputs:
    """Make the inputs of a sweep again from its plan, as it was kept in a folder.

    Files are looked for from the working folder. Where a plan or a book has changed since, or is
    another one from here, `SweepInputs.address` differs from those of the plan.
    """
    fixed = [(key, _value(key, plain)) for key, plain in plan.fixed.items()]
    recipes = {}
    for point in plan.points:
        behind = {key: plan.options.get(key, {}).get(str(v), v) for key, v in point.levers.items()}
        varied = [(key, _value(key, plain)) for key, plain in behind.items()]
        recipes[point.number] = Recipe(point.scenario, point.book, (*fixed, *varied))
    return SweepInputs(
        plan.seed,
        plan.draws,
        plan.trials,
        plan.target,
        load_catalogues(),
        {name: read_scenario(name) for name in {point.scenario for point in plan.points}},
        {name: load_book(name) for name in {point.book for point in plan.points}},
        recipes,
    )


def _value(key: str, plain: Any) -> Value:
    node, problems = value_on_line(Source(key, (json.dumps(plain),)), 1, 1)
    if node is None:
        raise InputError(problems)
    return Value(None, node)


Read = TypeVar("Read")


class _Planner:
    """A sweep, what its points are made from, and all that is wrong with them."""

    def __init__(self, sweep: LoadedSweep) -> None:
        self.sweep = sweep
        self.problems = dict.fromkeys(sweep.problems)  # each once
        # By the names that the sweep file uses, each read once.
        self.scenarios: dict[str, tuple[str, Document]] = {}
        self.books: dict[str, Book] = {}
        self._checked: set[tuple[str, tuple[str, ...]]] = set()  # books, for whom takes part

    def note(self, problems: Iterable[Problem]) -> None:
        self.problems.update(dict.fromkeys(problems))

    def enough(self) -> bool:
        return len(self.problems) > MOST_PROBLEMS

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
            if self.enough():
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
            self.note(plan_problems(draft, book))
            if self.enough():
                break

    def digest(self, inputs: SweepInputs, recipe: Recipe) -> str:
        """Resolve a point and return the address of its result."""
        if self.enough():
            return ""
        draft, book = inputs.draft(recipe), self.books[recipe.book]
        found = plan_problems(draft, book)
        self.note(found)
        if found or draft.scenario is None:
            return ""
        taking_part = (recipe.book, tuple(draft.scenario.contributors))
        if taking_part not in self._checked:
            self._checked.add(taking_part)
            self.note(contributor_problems(book, draft.scenario))
        try:
            check_memory(inputs.draws, draft.scenario.horizon_years)
        except TooLargeError as error:
            self.note([Problem(self.sweep.document.where(("draws",)), "draws", str(error))])
        return inputs.address(inputs.job_of(recipe, draft.scenario))

    def reference(self, recipes: Sequence[Recipe]) -> int:
        """Return the number of the first point that has all values of ``reference``."""
        for number, recipe in enumerate(recipes):
            if fits(self.sweep.design.reference, dict(recipe.settings)):
                return number
        message, hint = "no point has all of these values", "'exclude' leaves out those that do"
        place = self.sweep.document.where(("reference",))
        self.note([Problem(place, "reference", message, hint)])
        return 0

    def _read(self, settings: Row, whole: bool) -> tuple[Any, Document | None, Any, Book | None]:
        """Read the scenario and the book that a point names; None where that fails."""
        file, document, book = self.sweep.file, None, None
        named = {key: value for key, value in settings if key in (SCENARIO, BOOK)}
        scenario = named[SCENARIO].node.plain() if SCENARIO in named else file.scenario
        name = named[BOOK].node.plain() if BOOK in named else file.book
        if scenario is not None or whole:
            read = self._once(SCENARIO, scenario, named, self.scenarios, read_scenario)
            document = read and read[1]
        unsure = any(BOOK in problem.path for problem in self.sweep.problems)
        if name is None and document is not None and not unsure:
            name = document.value.get(BOOK) or DEFAULT_BOOK
        if name is not None:
            book = self._once(BOOK, name, named, self.books, load_book)
        return scenario, document, name, book

    def _once(
        self,
        key: str,
        name: Any,
        named: Mapping[str, Value],
        known: dict[str, Read],
        read: Callable[[str | Path], Read],
    ) -> Read | None:
        """Read a scenario or book; what is wrong with it is noted at the place where it is named.

        A path is relative to the sweep file, as in 'extends'; a bare word is a shipped name.
        """
        try:
            if not isinstance(name, str) or not name:
                got = "" if name is None else f", got {json.dumps(name)}"
                raise InputError([Problem(None, key, f"expected the name of a {key}{got}")])
            if name not in known:
                is_path = "/" in name or name.endswith(YAML_ENDINGS)
                known[name] = read(self.sweep.path.parent / name if is_path else name)
            return known[name]
        except InputError as error:
            own = self.sweep.document.where((key,))
            self.note(error.placed(named[key].node.mark.position() if key in named else own))
            return None
