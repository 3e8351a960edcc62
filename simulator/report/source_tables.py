"""The assumptions of a run as tables: what was assumed, how it was drawn, and who says so."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from simulator.report.plan_tables import origin
from simulator.report.prose.names import assumption, choice, words
from simulator.report.tables import NOTHING, Table, number, table, without_empty
from simulator.results.runs import Run

ENTRY: Final = (
    *("assumption", "meaning", "unit", "book", "as written", "drawn: 5 / 50 / 95 %", "source"),
)
OPTION: Final = (
    *("option", "book", "weight", "share of all draws", "description", "what it sets", "source"),
)
Tree = Mapping[str, Any]


class BookTables(NamedTuple):
    """What a book says of itself, its entries by group, its choices with what they are about."""

    name: str
    about: list[str]
    entries: list[tuple[str, Table]]
    choices: list[tuple[str, Table, str]]


def book_tables(books: Mapping[str, Tree], runs: Sequence[Run] = ()) -> list[BookTables]:
    """Books as ``Book.machine_form`` gives them, with how they were drawn in runs under them."""
    return [_tables(name, book, runs) for name, book in books.items()]


def _tables(name: str, book: Tree, runs: Sequence[Run]) -> BookTables:
    mine = [(run.name, run.background) for run in runs if run.book == name and run.background]
    first = mine[0][1] if mine else None
    members = book.get("books") or {name: book}
    about = [f"{book['title']}. {book['description']}"]
    if book.get("pool"):
        about += [f"{m['title']} ({key}). {m['description']}" for key, m in members.items()]
    if len(mine) > 1:
        about.append(f"Quantiles over draws are those under {mine[0][0]}.")
    entries = list(_entries(members, first.drawn if first else {}))
    choices = list(_choices(members, first.choices if first else {}))
    return BookTables(name, [text.replace("`", "") for text in about], entries, choices)


def _entries(
    members: Mapping[str, Tree], drawn: Mapping[str, Sequence[float]]
) -> Iterator[tuple[str, Table]]:
    """One table for each group; an entry that books share stands once."""
    found: dict[str, dict[tuple[str, str], tuple[list[str], Tree]]] = {}
    for book, content in members.items():
        for name, entry in content["entries"].items():
            key = (name, json.dumps(entry, sort_keys=True))
            same_group = found.setdefault(str(entry["group"]), {})
            same_group.setdefault(key, ([], entry))[0].append(book)
    for group, of_group in sorted(found.items()):
        rows = [
            (
                *(name, assumption(name), entry["unit"], ", ".join(books)),
                *(written(entry["distribution"]), _quantiles(drawn.get(name))),
                origin(entry["source"]),
            )
            for (name, _), (books, entry) in sorted(of_group.items())
        ]
        title = "US backstop" if group == "us backstop" else f"{group[:1].upper()}{group[1:]}"
        yield title, without_empty(table(ENTRY, rows))


def _choices(
    members: Mapping[str, Tree], shares: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, Table, str]]:
    found: dict[str, list[tuple[str, Tree]]] = {}
    for book, content in members.items():
        for name, asked in content.get("structure", {}).items():
            found.setdefault(name, []).append((book, asked))
    for name, of_books in found.items():
        taken = shares.get(name, {})
        rows = [
            (
                *(words(option), book, float(one["weight"])),
                number(taken.get(option), f"{100.0 * taken.get(option, 0.0):.0f} %"),
                *(str(one["description"]), _overrides(one), origin(one["source"])),
            )
            for book, asked in of_books
            for option, one in asked["options"].items()
        ]
        described = " ".join(dict.fromkeys(str(asked["description"]) for _, asked in of_books))
        yield f"{name}: {choice(name)}", without_empty(table(OPTION, rows)), described


def _overrides(option: Tree) -> str:
    """What changes where an option holds, with the words behind each value."""
    parts = [
        f"{name}: {written(entry['distribution'])} [{origin(entry['source'])}]"
        for name, entry in option.get("entries", {}).items()
    ]
    parts += [
        f"{name}: {', '.join(f'{o} {w:g}' for o, w in weights.items())}"
        for name, weights in option.get("structure", {}).items()
    ]
    return "; ".join(parts)


def _quantiles(values: Sequence[float] | None) -> str:
    if values is None:
        return NOTHING
    shown = [f"{v:,.3g}" if abs(v) < 1000.0 else f"{v:,.0f}" for v in values]
    return shown[0] if len(set(values)) == 1 else " / ".join(shown)


def written(form: Any) -> str:
    """A distribution in a few words.

    >>> written({"quantiles": {"p05": 0.3, "p50": 0.57, "p95": 1.1}, "scale": "log"})
    '5/50/95 %: 0.3, 0.57, 1.1 (log scale)'
    >>> written({"fixed": 0.25}), written({"uniform": [0.2, 0.4]})
    ('0.25', 'uniform 0.2, 0.4')
    >>> written({"beta": {"a": 2, "b": 3}})
    'beta: a 2, b 3'
    >>> written({"resamples": [0.1, 0.2, 0.3]})
    '3 resamples: 5/50/95 %: 0.11, 0.2, 0.29'
    """
    if not isinstance(form, Mapping):
        return str(form)
    parts = {k: v for k, v in form.items() if k != "scale" and v is not None}
    scale = f" ({form['scale']} scale)" if form.get("scale") not in (None, "natural") else ""
    ((kind, content),) = parts.items() if len(parts) == 1 else (("", form),)
    if kind == "fixed":
        return f"{content:.6g}"
    if kind == "quantiles":
        shares = "/".join(name.lstrip("p0") for name in content)
        return f"{shares} %: {', '.join(f'{v:.6g}' for v in content.values())}{scale}"
    if kind == "resamples":
        low, middle, high = np.quantile(list(content), [0.05, 0.5, 0.95])
        return f"{len(content)} resamples: 5/50/95 %: {low:.4g}, {middle:.4g}, {high:.4g}"
    if isinstance(content, Sequence) and all(isinstance(v, int | float) for v in content):
        return f"{kind} {', '.join(f'{v:.6g}' for v in content)}{scale}"
    if isinstance(content, Mapping) and all(isinstance(v, int | float) for v in content.values()):
        return f"{kind}: {', '.join(f'{k} {v:.6g}' for k, v in content.items())}{scale}"
    return json.dumps(form, ensure_ascii=False)
