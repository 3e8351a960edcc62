"""The registry: what a name means, in what unit, where it acts, its range and source by book."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, describe, split_contributor
from simulator.glossary.acts import place_of
from simulator.glossary.words import COLUMNS, ESTIMATES, WORDS
from simulator.inputs.problems import InputError, Problem, closest
from simulator.inputs.synonyms import fold
from simulator.quantities import QUANTITIES, Quantity

if TYPE_CHECKING:
    from simulator.books.book import Book
    from simulator.scenario.parts import Source

POOL: Final = "blend"
CATALOGUE_PLAN: Final = "reassurance-force"  # with all contributors: every assumption has a number
DRAWS: Final = 1_024


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
        """Section and equations of docs/model.md."""
        place = place_of(self.kind, self.name)
        if place is None:
            return ""
        section, equations = place
        numbers = ", ".join(f"({number})" for number in equations)
        return f"docs/model.md, {section}" + (f", eq. {numbers}" if numbers else "")


def _assumptions() -> Iterator[Term]:
    generic = {f"contributors.ID.{name}": one for name, one in CONTRIBUTOR_FIELDS.items()}
    for name, one in (ASSUMPTIONS | generic).items():
        yield Term("assumptions", name, one.meaning, one.unit, str(one.within))


def _options() -> Iterator[Term]:
    for book in _books().values():
        for asked, choice in book.choices.items():
            names = ", ".join(choice.options)
            yield Term("options", asked, choice.description, "", names)
            for answer, option in choice.options.items():
                name = f"{asked}={answer}"
                yield Term("options", name, option.description)


def _estimates() -> Iterator[Term]:
    for name, meaning in ESTIMATES.items():
        yield Term("estimates", name, meaning, _unit(QUANTITIES[name]))


def _unit(quantity: Quantity) -> str:
    """Unit of a number in files."""
    if quantity.unit == "%":
        return "probability" if quantity.name.startswith("p_") else "share"
    return quantity.unit if quantity.factor == 1.0 else quantity.unit.split()[0]


def _columns() -> Iterator[Term]:
    return (Term("columns", name, meaning) for name, meaning in COLUMNS.items())


def _words() -> Iterator[Term]:
    return (Term("words", name, meaning) for name, meaning in WORDS.items())


def _levers() -> Iterator[Term]:
    from pydantic import BaseModel

    from simulator.inputs.fields import expected, kinds_at
    from simulator.scenario.schema import ScenarioFile

    def below(path: tuple[str, ...], model: type[BaseModel]) -> Iterator[Term]:
        for name, field in model.model_fields.items():
            here = (*path, name)
            kinds = [kind.annotation for kind in kinds_at(ScenarioFile, here)]
            blocks = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
            if not blocks or field.description:
                allowed = expected(ScenarioFile, here)
                yield Term("levers", ".".join(here), field.description or "", "", allowed)
            for block in blocks:
                yield from below(here, block)

    return (term for term in below((), ScenarioFile) if term.name not in _NO_LEVERS)


_NO_LEVERS: Final = ("title", "description", "sources", "assumptions", "structure")
KINDS: Final[Mapping[str, Callable[[], Iterator[Term]]]] = {
    "assumptions": _assumptions,
    "options": _options,
    "estimates": _estimates,
    "columns": _columns,
    "levers": _levers,
    "words": _words,
}


@cache
def terms(kind: str) -> dict[str, Term]:
    """Return all terms of a kind by name; the first book that has an option describes it."""
    found: dict[str, Term] = {}
    for term in KINDS[kind]():
        found.setdefault(term.name, term)
    return found


def find(name: str) -> list[Term]:
    """Return every term of a name: the whole name, or that of an option alone.

    Raises
    ------
    InputError
        If there is none; suggests the nearest.
    """
    plain = name.removeprefix("assumptions.").removeprefix("structure.")
    found = [term for kind in KINDS for term in terms(kind).values() if _is(term, plain)]
    if not found and (one := describe(plain)) is not None:  # of one contributor
        found = [Term("assumptions", plain, one.meaning, one.unit, str(one.within))]
    if found:
        return found
    known = [term.name for kind in KINDS for term in terms(kind).values()]
    known += [term.name.partition("=")[2] for term in terms("options").values()]
    near = closest(plain, [one for one in known if one])
    message = "nothing has this name; 'simulator list' with " + ", ".join(KINDS) + " names all"
    raise InputError([Problem(None, name, message, f"did you mean '{near}'?" if near else None)])


def _is(term: Term, name: str) -> bool:
    names = {fold(term.name), fold(term.name.partition("=")[2])}
    return fold(name) in names - {""}


def _books() -> Mapping[str, Book]:
    from simulator.books.load import load_book

    return load_book(POOL).pool


@dataclass(frozen=True, slots=True)
class InBook:
    """What a book says: the range of a number over draws, or the weight of an option."""

    book: str
    text: str
    source: Source | None


def in_books(term: Term, books: Sequence[Book] = ()) -> list[InBook]:
    """Return the range over draws by book, with its source; of an option its weight.

    By default those of the pool that is used unless another book is named.
    """
    books = books or tuple(_books().values())
    if term.kind == "assumptions" and "contributors.ID" not in term.name:
        return [
            InBook(book.name, _range(book, term.name), _source(book, term.name)) for book in books
        ]
    choice, _, option = term.name.partition("=")
    found = []
    for book in books if term.kind == "options" else ():
        options = book.choices[choice].options if choice in book.choices else {}
        if option in options:
            one = options[option]
            found.append(InBook(book.name, f"weight {one.weight:g}", one.source))
        elif options and not option:
            weights = ", ".join(f"{key} {one.weight:g}" for key, one in options.items())
            found.append(InBook(book.name, weights, None))
    return found


_drawn: dict[str, Mapping[str, Any]] = {}  # by the digest of the book


def _draws(book: Book) -> Mapping[str, Any]:
    from simulator.books.draws import draw_assumptions
    from simulator.scenario import load_scenario

    if book.digest not in _drawn:
        scenario = load_scenario(CATALOGUE_PLAN, ["contributors.sets=[all]"])
        drawn = draw_assumptions(book, scenario, seed=1, first=0, last=DRAWS)
        _drawn[book.digest] = drawn.values
    return _drawn[book.digest]


def _range(book: Book, name: str) -> str:
    import numpy as np

    low, middle, high = map(_short, np.quantile(_draws(book)[name], [0.05, 0.5, 0.95]))
    return middle if low == high else f"{low} to {high}, median {middle}"


def _short(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1_000.0 else f"{rounded:g}"


def _source(book: Book, name: str) -> Source:
    from simulator.scenario import load_catalogues

    for one in book.plain_books:
        entry = one.entries.get(name) or one.entries.get(name.rpartition(".")[0])
        if entry is not None:
            return entry.source
    contributor = split_contributor(name)
    assert contributor is not None  # every other name is in every book
    return load_catalogues().contributors[contributor[0]].source
