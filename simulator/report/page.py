"""A report as one HTML file: it opens offline, asks for nothing, and holds everything it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import simulator
from simulator.report.canvas import NARROW, WIDE
from simulator.report.exhibits.exhibit import Exhibit
from simulator.report.frame import Heading
from simulator.report.palette import DARK, NAMES
from simulator.report.save import Styles, inline_svg
from simulator.report.tables import Table, data_uri, to_csv

MOST_ROWS: Final = 1_000  # of a table in the page; a CSV file holds as many again


@dataclass(frozen=True)
class Prose:
    """Paragraphs."""

    paragraphs: tuple[str, ...]
    lead: bool = False


@dataclass(frozen=True)
class Quotes:
    """Sentences of others, each with where it stands."""

    quotes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Data:
    """A table that is read as part of the text.

    Attributes
    ----------
    title : str
    table : Table
    folded : bool
        Whether it is closed until somebody opens it.
    note : str
    """

    title: str
    table: Table
    folded: bool = False
    note: str = ""


Block = Prose | Quotes | Facts | Data | Exhibit


@dataclass(frozen=True)
class Section:
    """A part of a report under its heading, listed in the contents; parts of its own below it."""

    title: str
    blocks: tuple[Block, ...]
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything a page says.

    Attributes
    ----------
    title, subtitle : str
    written : str
        When the results were computed; empty if unknown.
    sections : tuple of Section
    """

    title: str
    subtitle: str
    written: str
    sections: tuple[Section, ...]


def html(report: Report) -> str:
    """The page.

    Every text is escaped; the only markup that is not is the page's own and that of figures,
    which were serialised from a tree.
    """
    environment = Environment(
        loader=PackageLoader("simulator.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names, styles = _Names(), Styles()
    environment.globals |= {
        "anchor": names.anchor,
        "table_view": _table_view,
        "csv_link": lambda table: data_uri(to_csv(_cut(table, 2 * MOST_ROWS))),
        "mixed_columns": _mixed_columns,
        "breakable": _breakable,
        "kind_of": lambda block: type(block).__name__,
        "file_name": _file_name,
        "most_rows": MOST_ROWS,
    }
    source = environment.loader
    assert source is not None
    script = source.get_source(environment, "report.js")[0]
    # Figures first: the style sheet holds their looks.
    figures = {id(e): _figure(e, names.anchor(e), styles) for e in _exhibits(report.sections)}
    style = colours() + source.get_source(environment, "report.css")[0] + styles.sheet()
    return environment.get_template("report.html.j2").render(
        report=report,
        figure=lambda exhibit: figures[id(exhibit)],
        version=simulator.__version__,
        style=Markup(style),
        script=Markup(script),
        style_hash=policy_hash(f"\n{style}\n"),
        script_hash=policy_hash(script),
    )


def policy_hash(content: str) -> str:
    """What a content security policy calls it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _exhibits(parts: Iterable[Section]) -> Iterator[Exhibit]:
    for part in parts:
        yield from (block for block in part.blocks if isinstance(block, Exhibit))
        yield from _exhibits(part.parts)


@dataclass(frozen=True)
class FigureView:
    """A figure drawn for a wide and for a narrow page."""

    wide: Markup
    narrow: Markup


class _Names:
    """Hands out ids that are unique in a page; the same thing gets the same id."""

    def __init__(self) -> None:
        self._given: dict[int, str] = {}
        self._count = 0

    def anchor(self, thing: object) -> str:
        """The id of a section or figure."""
        key = id(thing)
        if key not in self._given:
            self._count += 1
            self._given[key] = f"s{self._count}"
        return self._given[key]


def _figure(exhibit: Exhibit, prefix: str, styles: Styles) -> FigureView:
    def drawn(width: float, size: str) -> Markup:
        figure = exhibit.draw(width, Heading("", exhibit.source))
        name = f"{prefix}{size}"
        # Serialised from a tree: no text in it can be markup.
        return Markup(inline_svg(figure, name, exhibit.title, exhibit.description, styles))

    return FigureView(drawn(WIDE, "w"), drawn(NARROW, "n"))


def _table_view(table: Table) -> Table:
    return _cut(table, MOST_ROWS)


def _mixed_columns(table: Table) -> set[int]:
    """Columns that hold both words and numbers: these are not aligned as numbers."""
    return {
        i
        for i, cells in enumerate(zip(*table.rows, strict=True))
        if any(not c.is_number for c in cells)
    }


def _cut(table: Table, rows: int) -> Table:
    return table if len(table.rows) <= rows else Table(table.columns, table.rows[:rows])


def _breakable(words: str) -> Markup:
    """Text in which a long name may break after its dots and underscores.

    Examples
    --------
    >>> _breakable("<b> us_backstop.component_weights.logistics")
    Markup('&lt;b&gt; us_<wbr>backstop.<wbr>component_<wbr>weights.<wbr>logistics')
    """
    text = str(escape(words))
    if max(map(len, words.split()), default=0) <= 20:
        return Markup(text)
    return Markup(re.sub(r"([._])(?=[a-z])", r"\1<wbr>", text))


def _file_name(words: str) -> str:
    """A file name of plain letters.

    Examples
    --------
    >>> _file_name("Where the probability lies: <b>")
    'where-the-probability-lies-b.csv'
    """
    return (re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "table") + ".csv"


def colours() -> str:
    """Custom properties of the palette, light and dark."""
    light = " ".join(f"--{name}: {colour};" for colour, name in NAMES.items())
    dark = " ".join(f"--{NAMES[colour]}: {value};" for colour, value in DARK.items())
    return (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def sections(items: Iterable[Section | None]) -> tuple[Section, ...]:
    """Those sections that have something to say."""
    return tuple(s for s in items if s is not None and (s.blocks or s.parts))


def prose(paragraphs: Sequence[str], lead: bool = False) -> Prose:
    """Paragraphs as a block."""
    return Prose(tuple(paragraphs), lead)
