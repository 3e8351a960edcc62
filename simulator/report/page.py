"""A report as one HTML file: it opens offline, asks for nothing, and holds everything it shows."""

import base64
import hashlib
import re
import shlex
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import simulator
from simulator.inputs.problems import printable
from simulator.report import plan_tables
from simulator.report.canvas import NARROW, WIDE
from simulator.report.exhibit import Exhibit
from simulator.report.frame import Frame
from simulator.report.palette import THEME
from simulator.report.save import Styles, inline_svg
from simulator.report.tables import Table, data_uri, table, to_csv

MOST_ROWS: Final = 1_000  # of a table in the page; a CSV file holds as many again
SECTION: Final = 2  # the level of a heading that the contents list


class FigureView(NamedTuple):
    """A figure drawn for a wide and for a narrow page."""

    wide: Markup
    narrow: Markup


def templates(package: str) -> tuple[Environment, Callable[[str], str]]:
    """The templates of a package, which escape what they are given, and its files as text."""
    loader = PackageLoader(package, "templates")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment, lambda name: loader.get_source(environment, name)[0]


def single_page(name: str, looks: str, **context: Any) -> str:
    """The page of ``simulator.NAME``: its template with its script, its styles and more ``looks``.

    Every text is escaped but what is marked as safe.
    """
    environment, source = templates(f"simulator.{name}")
    style, script = colours() + source(f"{name}.css") + looks, source(f"{name}.js")
    return environment.get_template(f"{name}.html.j2").render(
        context,
        version=simulator.__version__,
        style=Markup(style),
        script=Markup(script),
        style_hash=policy_hash(f"\n{style}\n"),
        script_hash=policy_hash(script),
    )


def render(template: str, context: Mapping[str, Any]) -> str:
    """A page from one of the templates, which say what stands in it in which order.

    Every text is escaped; the only markup that is not is the page's own and that of figures,
    which were serialised from a tree.
    """
    environment, source = templates("simulator.report")
    styles = Styles()
    contents: list[tuple[str, str]] = []
    numbers = count(1)

    def begin(title: str, level: int) -> str:
        name = f"s{next(numbers)}"
        if level == SECTION:
            contents.append((name, title))
        return name

    def sheet() -> Markup:
        return Markup(colours() + source("report.css") + styles.sheet())

    environment.globals |= {
        "begin": begin,
        "contents": contents,
        "sheet": sheet,  # after the content: it holds the looks of the figures
        "script": Markup(source("report.js")),
        "hash": policy_hash,
        "version": simulator.__version__,
        "figure": lambda exhibit: _figure(exhibit, f"s{next(numbers)}", styles),
        "csv_link": lambda rows: data_uri(to_csv(rows, 2 * MOST_ROWS)),
        "mixed_columns": _mixed_columns,
        "breakable": _breakable,
        "file_name": _file_name,
        "most_rows": MOST_ROWS,
        "plan_tables": plan_tables,
        "shell": lambda words: shlex.join(map(str, words)),
        "resolved": lambda runs: {run.name: run.plan for run in runs},
        "scenarios": lambda plans: {name: one["scenario"] for name, one in plans.items()},
        "digest_table": lambda digests: table(("of", "SHA-256"), digests.items()),
    }
    environment.globals["m"] = environment.get_template("macros.html.j2").module
    page = environment.get_template(f"{template}.html.j2").render(context)
    return printable(page, keep="\n\t")  # names may hold what reorders a line


def policy_hash(content: str) -> str:
    """What a content security policy calls it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _figure(exhibit: Exhibit, prefix: str, styles: Styles) -> FigureView:
    def drawn(width: float, size: str) -> Markup:
        figure = exhibit.draw(Frame(width, source=exhibit.source))
        title, description = exhibit.title, exhibit.description
        # Serialised from a tree: no text in it can be markup.
        return Markup(inline_svg(figure, f"{prefix}{size}", title, description, styles))

    return FigureView(drawn(WIDE, "w"), drawn(NARROW, "n"))


def _mixed_columns(full: Table) -> set[int]:
    """Columns that hold both words and numbers: these are not aligned as numbers."""
    columns = enumerate(zip(*full.rows, strict=True))
    return {i for i, cells in columns if any(not c.is_number for c in cells)}


def _breakable(words: str) -> Markup:
    """Text in which a long name may break after its dots and underscores.

    >>> _breakable("<b> us_backstop.component_weights.logistics")
    Markup('&lt;b&gt; us_<wbr>backstop.<wbr>component_<wbr>weights.<wbr>logistics')
    """
    text = str(escape(words))
    if max(map(len, words.split()), default=0) <= 20:
        return Markup(text)
    return Markup(re.sub(r"([._])(?=[a-z])", r"\1<wbr>", text))


def _file_name(words: str) -> str:
    """A file name of plain letters.

    >>> _file_name("Where the probability lies: <b>")
    'where-the-probability-lies-b.csv'
    """
    return (re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "table") + ".csv"


def colours() -> str:
    """Custom properties of the palette, light and dark."""
    light = " ".join(f"--{name}: {colour};" for colour, (name, _) in THEME.items())
    dark = " ".join(f"--{name}: {colour};" for name, colour in THEME.values())
    return (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )
