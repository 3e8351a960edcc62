"""Text for people: sentences and tables that fit the terminal."""

import os
import shutil
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final, NamedTuple

import click
import rich.table
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.text import Text

from simulator.estimates.estimate import Estimate
from simulator.estimates.outcome import MORE_TRIALS
from simulator.number_format import span, value_and_error
from simulator.templates import rendered

RANGE: Final = "5-95 % over\nassumptions"
LEAST_LABEL: Final = 20  # columns of a terminal
WIDTH: Final = 80  # where stdout is no terminal


class Table(NamedTuple):
    """A table of texts. Columns of ``words`` are wrapped if need be, the others hold numbers.

    Where it is too wide, the columns with ``optional`` heads are left out, the last first, and what
    they hold is ``elsewhere``.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)
    optional: Sequence[str] = ()
    elsewhere: str = "-v shows"


def terminal_width() -> int:
    """Columns that text may have: those of the terminal or of COLUMNS; 0 where there is neither."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return 0


def console() -> Console:
    """Where text for people goes: stdout."""
    # With a height too, rich believes the width even on terminals that it calls dumb.
    width = terminal_width() or WIDTH
    return Console(highlight=False, emoji=False, markup=False, width=width, height=100)


def say(out: Console, *lines: str) -> None:
    """Print sentences, wrapped on a terminal and whole in a file."""
    for line in lines:
        if not terminal_width():
            out.print(line, soft_wrap=True)
            continue
        margin = line[: len(line) - len(line.lstrip())]
        for one in Text(line.lstrip(" ")).wrap(out, out.width - len(margin)):
            out.print(f"{margin}{one.plain.rstrip()}", soft_wrap=True)


def print_page(template: str, /, elsewhere: str = Table.elsewhere, **values: Any) -> None:
    """Print a template of this package: its sentences, and its tables.

    A line that begins with ┃ has the heads of a table, and those below it that begin with │ its
    rows; before a head, < is for a column of words and ? for an optional one.
    """
    out = console()
    lines = rendered("simulator.cli", template, **values).split("\n")
    for number, line in enumerate(lines):
        if not line.startswith(("┃", "│")):
            say(out, line)
        elif line.startswith("┃"):
            heads = line[2:].split(" ┃ ")
            below = takewhile(lambda row: row.startswith("│"), lines[number + 1 :])
            cells = (row[2:].split(" │ ") for row in below)
            rows = [[*row, *[""] * (len(heads) - len(row))] for row in cells]
            words = [i for i, head in enumerate(heads) if i == 0 or head.startswith("<")]
            optional = [head[1:] for head in heads if head.startswith("?")]
            heads = [head.lstrip("<?") for head in heads]
            print_table(out, Table(heads, rows, words, optional, elsewhere))


def called(title: str | None, name: str) -> str:
    """A plan by its title, with the id that commands take in brackets."""
    return name if title in (None, name) else f"{title} [{name}]"


def beside(head: str, text: str) -> str:
    """A text wrapped beside a head, under its own first line."""
    margin = " " * len(head)
    return head + click.wrap_text(text, terminal_width() or 10**6, margin, margin)[len(head) :]


def cells(e: Estimate, draws: int, beyond: str = "-") -> tuple[str, str, str]:
    """The value of an estimate, its range over assumptions, and its Monte Carlo error."""
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in e.note else span(e.p05, e.p95, draws, beyond)
    value, mcse = value_and_error(e.value, e.mcse)
    return value, spread, mcse


def print_table(out: Console, table: Table) -> None:
    """Print a table no wider than the console, without wrapping or cutting a number.

    Where it is too wide even without optional columns, each row is printed as lines.
    """
    kept = list(range(len(table.heads)))
    left_out: list[str] = []
    unlimited = out.options.update(max_width=10_000)
    while Measurement.get(out, unlimited, drawn := _drawn(table, kept)).minimum > out.width:
        dropped = next((i for i in reversed(kept) if table.heads[i] in table.optional), None)
        if dropped is None:
            _print_stacked(out, table)
            return
        kept.remove(dropped)
        left_out.append(_in_one_line(table.heads[dropped]))
    out.print(drawn)
    if left_out:
        say(out, f"{table.elsewhere} {' and '.join(left_out)} too.")


def _drawn(table: Table, kept: Sequence[int]) -> rich.table.Table:
    made = rich.table.Table(box=SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False)
    least = LEAST_LABEL if len(table.words) == 1 else None
    for i in kept:
        if i in table.words:
            made.add_column(table.heads[i], overflow="fold", min_width=least)
            continue
        # Without a least width rich would rather crop a column than let it widen the table.
        cells = [table.heads[i], *(row[i] for row in table.rows)]
        width = max(cell_len(line) for cell in cells for line in cell.split("\n"))
        made.add_column(table.heads[i], justify="right", no_wrap=True, min_width=width)
    for row in table.rows:
        made.add_row(*(row[i] for i in kept))
    return made


def _in_one_line(text: str) -> str:
    return text.replace(".\n", ".").replace("\n", " ")


def _print_stacked(out: Console, table: Table) -> None:
    first, *others = table.heads
    out.print(first, style="bold")
    names = [_in_one_line(head) for head in others]
    room = max(map(cell_len, names), default=0) + 2
    for label, *cells in table.rows:
        out.print(label)
        for name, cell in zip(names, map(_in_one_line, cells), strict=True):
            line = f"    {name:<{room}}{cell}"
            if cell_len(line) > out.width:
                line = f"    {name}\n      {cell}"
            if cell:
                out.print(line)
