"""Planning: every point of a sweep file resolved, checked and addressed before any is simulated."""

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.analysis.inputs import DEFAULT_BOOK, plan_problems
from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.precision import Target
from simulator.books.book import Book
from simulator.books.draws import contributor_problems
from simulator.books.load import load_book
from simulator.inputs import Document, InputError, Node, Position, Problem, in_source_order
from simulator.inputs.nodes import Source
from simulator.inputs.overrides import value_on_line
from simulator.model.compile import MODEL_VERSION
from simulator.scenario import load_catalogues, read_scenario, resolve_tolerantly
from simulator.sweeps.factors import fits
from simulator.sweeps.files import LoadedSweep
from simulator.sweeps.inputs import Recipe, SweepInputs
from simulator.sweeps.levers import BOOK, SCENARIO, Label, Row, Value, with_settings
from simulator.sweeps.plan import Point, SweepPlan

# Of a thousand points that fail for one reason, the first few hundred say everything.
MOST_PROBLEMS: Final = 200
MOST_TRIED: Final = 100


def make_plan(sweep: LoadedSweep) -> tuple[SweepPlan, SweepInputs]:
    """Resolve every point of a sweep.

    Raises
    ------
    InputError
        With every problem of the sweep and of its points' settings, each once and at its place.
    """
    found = _Sources(sweep.path.parent)
    problems = dict.fromkeys(sweep.problems)
    recipes = [] if problems else _recipes(sweep, found, problems)
    if problems:
        _look_further(sweep, found, problems)
    elif not recipes:
        problems[Problem(None, sweep.name, "every point is excluded")] = None
    _raise(sweep, problems)
    reference = _reference(sweep, recipes, problems)
    file = sweep.file
    target = file.target
    draws = file.draws if target is None else file.max_draws
    inputs = found.inputs(file.seed, draws, file.trials, target, dict(enumerate(recipes)))
    checked: set[tuple[str, tuple[str, ...]]] = set()
    digests = [_digest(sweep, inputs, number, checked, problems) for number in inputs.recipes]
    _raise(sweep, problems)
    levers = tuple(key for key in sweep.design.keys if key not in (SCENARIO, BOOK))
    plan = SweepPlan(
        name=sweep.name,
        title=file.title,
        description=file.description,
        seed=file.seed,
        draws=draws,
        trials=file.trials,
        precision=file.precision,
        precision_of=None if target is None else file.precision_of,
        model_version=MODEL_VERSION,
        levers=levers,
        points=tuple(
            Point(number, address, recipe.scenario, recipe.book, _levers(recipe, levers))
            for (number, recipe), address in zip(inputs.recipes.items(), digests, strict=True)
        ),
        inputs={f"book:{name}": book.digest for name, book in sorted(found.books.items())},
        fixed={key: value.node.plain() for key, value in sweep.design.fixed},
        options=_options(sweep, levers),
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
    target = None
    if plan.precision is not None and plan.precision_of is not None:
        target = Target({plan.precision_of: plan.precision})
    return found.inputs(plan.seed, plan.draws, plan.trials, target, recipes)


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


def _recipes(sweep: LoadedSweep, found: _Sources, problems: dict[Problem, None]) -> list[Recipe]:
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
    sweep: LoadedSweep,
    found: _Sources,
    settings: Row,
    named: Mapping[str, Any],
    problems: dict[Problem, None],
) -> Recipe | None:
    scenario, key = named.get(SCENARIO, sweep.file.scenario), SCENARIO
    try:
        _check_word(sweep, SCENARIO, scenario)
        _, document = found.scenario(scenario)
        key = BOOK
        book = named.get(BOOK, sweep.file.book) or document.value.get("book") or DEFAULT_BOOK
        _check_word(sweep, BOOK, book)
        found.book(book)
    except InputError as error:
        problems.update(dict.fromkeys(error.placed(_named_at(sweep, settings, key))))
        return None
    return Recipe(scenario, book, settings)


def _look_further(sweep: LoadedSweep, found: _Sources, problems: dict[Problem, None]) -> None:
    """Add the mistakes that can be seen in a sweep of which a part is missing.

    Each value is tried once, on its point's scenario if that can be read, else on an empty one; of
    a hundred thousand steps only the first 100, so that nobody waits for the message. What is
    absent is no mistake here: it may be what could not be read.
    """
    nothing = Document(Node(sweep.document.root.mark, {}), sweep.document.files)
    unsure = any(BOOK in problem.path for problem in sweep.problems)
    for row in itertools.islice(sweep.design.few_rows(), MOST_TRIED):
        settings = (*sweep.design.fixed, *row)
        named = {key: value.node.plain() for key, value in settings if key in (SCENARIO, BOOK)}
        document, book = nothing, None
        scenario = named.get(SCENARIO, sweep.file.scenario)
        with _noting(problems, _named_at(sweep, settings, SCENARIO)):
            if scenario is not None:
                _check_word(sweep, SCENARIO, scenario)
                document = found.scenario(scenario)[1]
        wanted = named.get(BOOK, sweep.file.book)
        if wanted is None and document is not nothing and not unsure:
            wanted = document.value.get(BOOK) or DEFAULT_BOOK
        with _noting(problems, _named_at(sweep, settings, BOOK)):
            if wanted is not None:
                _check_word(sweep, BOOK, wanted)
                book = found.book(wanted)
        changed = with_settings(document, settings)
        draft = resolve_tolerantly(sweep.name, changed, complete=False)
        problems.update(dict.fromkeys(plan_problems(draft, book)))
        if len(problems) > MOST_PROBLEMS:
            break


@contextlib.contextmanager
def _noting(problems: dict[Problem, None], place: Position | None = None) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        problems.update(dict.fromkeys(error.placed(place)))


def _named_at(sweep: LoadedSweep, settings: Row, key: str) -> Position:
    """Return where a point's scenario or book is named."""
    for name, value in settings:
        if name == key:
            return value.node.mark.position()
    return sweep.document.where((key,))


def _raise(sweep: LoadedSweep, problems: Mapping[Problem, None]) -> None:
    if problems:
        raise InputError(in_source_order(sweep.document, list(problems)))


def _check_word(sweep: LoadedSweep, key: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        message = f"expected the name of a {key}" + (
            "" if value is None else f", got {json.dumps(value)}"
        )
        raise InputError([Problem(sweep.document.where((key,)), key, message)])


def _digest(
    sweep: LoadedSweep,
    inputs: SweepInputs,
    number: int,
    checked: set[tuple[str, tuple[str, ...]]],
    problems: dict[Problem, None],
) -> str:
    if len(problems) > MOST_PROBLEMS:
        return ""
    recipe = inputs.recipes[number]
    draft, book = inputs.draft(recipe), inputs.books[recipe.book]
    found = plan_problems(draft, book)
    problems.update(dict.fromkeys(found))
    if found or draft.scenario is None:
        return ""
    taking_part = (recipe.book, tuple(draft.scenario.contributors))
    if taking_part not in checked:
        checked.add(taking_part)
        problems.update(dict.fromkeys(contributor_problems(book, draft.scenario)))
    try:
        check_memory(inputs.draws, draft.scenario.horizon_years)
    except TooLargeError as error:
        problems[Problem(sweep.document.where(("draws",)), "draws", str(error))] = None
    return inputs.address(inputs.job_of(recipe, draft.scenario))


def _reference(sweep: LoadedSweep, recipes: Sequence[Recipe], problems: dict[Problem, None]) -> int:
    """Return the number of the first point that has all values of ``reference``."""
    for number, recipe in enumerate(recipes):
        if fits(sweep.design.reference, dict(recipe.settings)):
            return number
    message, hint = "no point has all of these values", "'exclude' leaves out those that do"
    place = sweep.document.where(("reference",))
    problems[Problem(place, "reference", message, hint)] = None
    return 0


def _levers(recipe: Recipe, keys: Sequence[str]) -> dict[str, Label]:
    labels = {key: value.label for key, value in recipe.settings}
    return {key: labels[key] for key in keys if key in labels}


def _options(sweep: LoadedSweep, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what stands behind those labels that are not the values themselves."""
    found: dict[str, dict[str, Any]] = {}
    for factor in sweep.design.factors:
        for key, value in (setting for row in factor.rows for setting in row):
            plain = value.node.plain()
            if key in keys and plain != value.label:
                found.setdefault(key, {})[str(value.label)] = plain
    return found
