"""The assumptions of a run as tables: what was assumed, how it was drawn, and who says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.report import vocabulary
from simulator.report.levers import origin
from simulator.report.page import Block, Data, Section, prose
from simulator.report.tables import NOTHING, Table, number, rows_of, text, without_empty


def assumption_section(
    books: Mapping[str, Mapping[str, Any]], scenarios: Sequence[Mapping[str, Any]]
) -> Section | None:
    """All books of a run: their entries by group, their structural choices by option.

    Parameters
    ----------
    books : mapping of name to book
        As ``Book.machine_form`` gives them.
    scenarios : sequence
        What `simulator.analysis.background` wrote of each scenario.
    """
    if not books:
        return None
    parts = [part for name, book in books.items() for part in _book(name, book, scenarios)]
    intro = [
        "An assumption is what nobody chooses and nobody knows. Each draw of a run takes one value "
        "of every assumption, and one option of every structural choice. “Judgement” marks a "
        "number that is ours; a quotation beside it is the sentence it was read from, not its "
        "proof.",
    ]
    return Section("Assumptions and their sources", (prose(intro),), tuple(parts))


def _book(
    name: str, book: Mapping[str, Any], scenarios: Sequence[Mapping[str, Any]]
) -> Iterator[Section]:
    mine = [one for one in scenarios if one.get("book") == name]
    drawn = mine[0].get("drawn", {}) if mine else {}
    shares = mine[0].get("choices", {}) if mine else {}
    members = book.get("books") or {name: book}
    about = [f"{book['title']}. {book['description']}"]
    if book.get("pool"):
        about += [f"{m['title']} ({key}). {m['description']}" for key, m in members.items()]
    if len(mine) > 1:
        about.append(f"Quantiles over draws are those under {mine[0]['scenario']}.")
    blocks: list[Block] = [prose([words.replace("`", "") for words in about])]
    blocks += [
        Data(_titled(group), table, folded=True) for group, table in _entries(members, drawn)
    ]
    yield Section(f"Book: {name}", tuple(blocks))
    choices = tuple(_choices(members, shares))
    if choices:
        yield Section(f"Structural choices of {name}", choices)


def _titled(group: str) -> str:
    return "US backstop" if group == "us backstop" else f"{group[:1].upper()}{group[1:]}"


def _entries(
    members: Mapping[str, Mapping[str, Any]], drawn: Mapping[str, Sequence[float]]
) -> Iterator[tuple[str, Table]]:
    """One table for each group; an entry that books share stands once."""
    found: dict[str, dict[tuple[str, str], tuple[list[str], Mapping[str, Any]]]] = {}
    for book, content in members.items():
        for name, entry in content["entries"].items():
            key = (name, json.dumps(entry, sort_keys=True))
            same_group = found.setdefault(str(entry["group"]), {})
            same_group.setdefault(key, ([], entry))[0].append(book)
    for group in sorted(found):
        rows = [
            (
                text(name),
                text(vocabulary.assumption(name)),
                text(entry["unit"]),
                text(", ".join(books)),
                text(written(entry["distribution"])),
                text(_quantiles(drawn.get(name))),
                text(origin(entry["source"])),
            )
            for (name, _), (books, entry) in sorted(found[group].items())
        ]
        columns = (
            "assumption",
            "meaning",
            "unit",
            "book",
            "as written",
            "drawn: 5 / 50 / 95 %",
            "source",
        )
        yield group, without_empty(Table(columns, rows_of(rows)))


def _choices(
    members: Mapping[str, Mapping[str, Any]], shares: Mapping[str, Mapping[str, float]]
) -> Iterator[Block]:
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for book, content in members.items():
        for name, choice in content.get("structure", {}).items():
            found.setdefault(name, []).append((book, choice))
    for name, asked in found.items():
        taken = shares.get(name, {})
        rows = [
            (
                text(vocabulary.words(option)),
                text(book),
                number(float(one["weight"])),
                number(taken.get(option), f"{100.0 * taken.get(option, 0.0):.0f} %"),
                text(one["description"]),
                text(_overrides(one)),
                text(origin(one["source"])),
            )
            for book, choice in asked
            for option, one in choice["options"].items()
        ]
        columns = (
            "option",
            "book",
            "weight",
            "share of all draws",
            "description",
            "what it sets",
            "source",
        )
        described = dict.fromkeys(str(choice["description"]) for _, choice in asked)
        yield Data(
            f"{name}: {vocabulary.choice(name)}",
            without_empty(Table(columns, rows_of(rows))),
            folded=True,
            note=" ".join(described),
        )


def _overrides(option: Mapping[str, Any]) -> str:
    """What changes where an option holds, with the words behind each value."""
    parts = [
        f"{name}: {written(entry['distribution'])} [{origin(entry['source'])}]"
        for name, entry in option.get("entries", {}).items()
    ]
    parts += [
        f"{choice}: {', '.join(f'{o} {w:g}' for o, w in weights.items())}"
        for choice, weights in option.get("structure", {}).items()
    ]
    return "; ".join(parts)


def _quantiles(values: Sequence[float] | None) -> str:
    if values is None:
        return NOTHING
    shown = [f"{v:,.3g}" if abs(v) < 1000.0 else f"{v:,.0f}" for v in values]
    return shown[0] if len(set(values)) == 1 else " / ".join(shown)


def written(form: Any) -> str:
    """A distribution in a few words.

    Examples
    --------
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
