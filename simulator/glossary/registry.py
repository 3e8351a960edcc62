"""The registry: what a name means, in what unit, where it acts, its range and source by book."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from pydantic import BaseModel

from simulator.books.book import Book
from simulator.books.draws import draw_assumptions
from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, describe, split_contributor
from simulator.inputs import InputError, Problem, did_you_mean, read_document
from simulator.inputs.fields import expected, kinds_at
from simulator.inputs.problems import fold
from simulator.quantities import QUANTITIES, Quantity
from simulator.scenario import load_catalogues, load_scenario
from simulator.scenario.schema import ScenarioFile, Source

POOL: Final = "blend"
CATALOGUE_PLAN: Final = "reassurance-force"  # with all contributors: every assumption has a number
DRAWS: Final = 1_024


@cache
def _data(name: str) -> dict[str, Any]:
    return dict(read_document(Path(__file__).with_name(f"{name}.yaml")).value)


@dataclass(frozen=True, slots=True)
class Term:
    """A name and what it stands for; `allowed` says which values it may have."""

    kind: str
    name: str
    meaning: str
    unit: str = ""
    allowed: str = ""

    @property
    def acts(self) -> str:
        """Section and equations of docs/model.md; empty where no section is about it."""
        for pattern, place in _data("acts")[self.kind].items():
            if fnmatchcase(self.name, pattern):
                return f"docs/model.md, {place}"
        return ""


def _assumptions() -> Iterator[Term]:
    generic = {f"contributors.ID.{name}": one for name, one in CONTRIBUTOR_FIELDS.items()}
    for name, one in (ASSUMPTIONS | generic).items():
        yield Term("assumptions", name, one.meaning, one.unit, str(one.within))


def _options() -> Iterator[Term]:
    for book in _books().values():
        for asked, choice in book.choices.items():
            yield Term("options", asked, choice.description, "", ", ".join(choice.options))
            for answer, option in choice.options.items():
                yield Term("options", f"{asked}={answer}", option.description)


def _estimates() -> Iterator[Term]:
    for name, one in QUANTITIES.items():
        yield Term("estimates", name, one.meaning or one.title, _unit(one))


def _unit(quantity: Quantity) -> str:
    """Unit of a number in files."""
    if quantity.unit == "%":
        return "probability" if quantity.name.startswith("p_") else "share"
    return quantity.unit if quantity.factor == 1.0 else quantity.unit.split()[0]


def _words(kind: str) -> Iterator[Term]:
    return (Term(kind, *item) for item in _data("words")[kind].items())


def _levers(path: tuple[str, ...] = (), model: type[BaseModel] = ScenarioFile) -> Iterator[Term]:
    for name, field in model.model_fields.items():
        here = (*path, name)
        dotted = ".".join(here)
        kinds = [kind.annotation for kind in kinds_at(ScenarioFile, here)]
        blocks = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
        if dotted not in _NO_LEVERS and (not blocks or field.description):
            allowed = expected(ScenarioFile, here)
            yield Term("levers", dotted, field.description or "", "", allowed)
        for block in blocks:
            yield from _levers(here, block)


_NO_LEVERS: Final = ("title", "description", "sources", "assumptions", "structure")
KINDS: Final[Mapping[str, Callable[[], Iterator[Term]]]] = {
    "assumptions": _assumptions,
    "options": _options,
    "estimates": _estimates,
    "columns": partial(_words, "columns"),
    "levers": _levers,
    "words": partial(_words, "words"),
}


@cache
def terms(kind: str) -> dict[str, Term]:
    """Return all terms of a kind by name; the first book that has an option describes it."""
    found: dict[str, Term] = {}
    for term in KINDS[kind]():
        found.setdefault(term.name, term)
    return found


def find(name: str) -> list[Term]:
    """Every term of a name, or of an option alone; InputError with the nearest if there is none."""
    plain = name.removeprefix("assumptions.").removeprefix("structure.")
    every = [term for kind in KINDS for term in terms(kind).values()]
    named = [(one, term) for term in every for one in (term.name, term.name.partition("=")[2])]
    found = [term for one, term in named if one and fold(one) == fold(plain)]
    if not found and (one := describe(plain)) is not None:  # of one contributor
        found = [Term("assumptions", plain, one.meaning, one.unit, str(one.within))]
    if not found:
        near = did_you_mean(plain, [one for one, _ in named if one])
        message = f"nothing has this name; 'simulator list' with {', '.join(KINDS)} names all"
        raise InputError([Problem(None, name, message, near)])
    return found


def _books() -> Mapping[str, Book]:
    return load_book(POOL).pool


class InBook(NamedTuple):
    """What a book says: the range of a number over draws, or the weight of an option."""

    book: str
    text: str
    source: Source | None


def in_books(term: Term, books: Sequence[Book] = ()) -> Iterator[InBook]:
    """The range over draws by book, with its source; of an option its weight.

    By default those of the pool that is used unless another book is named.
    """
    choice, _, option = term.name.partition("=")
    for book in books or _books().values():
        if term.kind == "assumptions" and "contributors.ID" not in term.name:
            yield InBook(book.name, _range(book, term.name), _source(book, term.name))
        elif term.kind == "options" and choice in book.choices:
            options = book.choices[choice].options
            if one := options.get(option):
                yield InBook(book.name, f"weight {one.weight:g}", one.source)
            elif not option:
                weights = ", ".join(f"{key} {one.weight:g}" for key, one in options.items())
                yield InBook(book.name, weights, None)


_drawn: dict[str, Mapping[str, Any]] = {}  # by the digest of the book


def _range(book: Book, name: str) -> str:
    if book.digest not in _drawn:
        scenario = load_scenario(CATALOGUE_PLAN, ["contributors.sets=[all]"])
        drawn = draw_assumptions(book, scenario, seed=1, first=0, last=DRAWS)
        _drawn[book.digest] = drawn.values
    low, middle, high = map(_short, np.quantile(_drawn[book.digest][name], [0.05, 0.5, 0.95]))
    return middle if low == high else f"{low} to {high}, median {middle}"


def _short(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1_000.0 else f"{rounded:g}"


def _source(book: Book, name: str) -> Source:
    for one in book.plain_books:
        entry = one.entries.get(name) or one.entries.get(name.rpartition(".")[0])
        if entry is not None:
            return entry.source
    contributor = split_contributor(name)
    assert contributor is not None  # every other name is in every book
    return load_catalogues().contributors[contributor[0]].source


def describe_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe every field of a JSON Schema, in place; names of assumptions are completed too."""
    known = _data("fields")
    definitions = schema.get("$defs", {})

    def describe(node: Any, model: str) -> None:
        for item in node if isinstance(node, list) else ():
            describe(item, model)
        if not isinstance(node, dict):
            return
        for name, field in node.get("properties", {}).items():
            words = known.get(f"{model}.{name}") or known.get(name) or _of_model(field, definitions)
            if words:
                field.setdefault("description", words)
        for key, value in node.items():
            if key != "$defs":
                for item in value.values() if key == "properties" else [value]:
                    describe(item, model)

    describe(schema, str(schema.get("title", "")))
    for model, definition in definitions.items():
        describe(definition, model)
    block = schema["properties"].get("assumptions") or schema["properties"].get("entries")
    for branch in block["anyOf"] if block else ():
        if isinstance(branch.get("additionalProperties"), dict):
            branch["properties"] = {
                name: {"description": f"{one.meaning} ({one.unit})"}
                | branch["additionalProperties"]
                for name, one in ASSUMPTIONS.items()
            }
    return schema


def _of_model(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str | None:
    """What the model of a field says of itself."""
    refs = (one["$ref"] for one in (field, *field.get("anyOf", ())) if "$ref" in one)
    named = next(refs, "").rpartition("/")[2]
    description: str | None = definitions.get(named, {}).get("description")
    return description
