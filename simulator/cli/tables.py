"""Results as text for people."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from simulator.cli.sentences import sentences
from simulator.estimates.curves import MORE_TRIALS
from simulator.estimates.waterfall import STEPS
from simulator.number_format import error, span, value_and_error
from simulator.quantities import CLAIM, HEADLINES, HELD_FOR, QUANTITIES, in_table

if TYPE_CHECKING:
    from simulator.analysis.run import Job

POOL: Final = "book"  # the choice between the books of a pool
RANGE: Final = "5-95 % over\nassumptions"
LEAST_LABEL: Final = 20  # columns of a terminal
WIDTH: Final = 80  # where stdout is no terminal
_CLAIM: Final = tuple(QUANTITIES[name].brief for name in CLAIM)


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


def say(out: Console, line: str) -> None:
    """Print a sentence, wrapped on a terminal and whole in a file."""
    if not terminal_width():
        out.print(line, soft_wrap=True)
        return
    margin = line[: len(line) - len(line.lstrip())]
    for one in Text(line.lstrip(" ")).wrap(out, out.width - len(margin)):
        out.print(f"{margin}{one.plain.rstrip()}", soft_wrap=True)


def called(title: str | None, name: str) -> str:
    """A plan by its title, with the id that commands take in brackets."""
    return name if title in (None, name) else f"{title} [{name}]"


def print_table(
    out: Console, rows: Table, optional: Sequence[str] = (), elsewhere: str = "-v shows"
) -> None:
    """Print a table no wider than the console, without wrapping or cutting a number.

    Where it is too wide it does without `optional` columns, the last first, and says where they
    are; then each row is printed as lines.
    """
    for column in rows.columns:
        if column.no_wrap:  # which rich would rather crop than let it widen the table
            cells = [
                line for cell in (column.header, *column.cells) for line in str(cell).split("\n")
            ]
            column.min_width = max(map(cell_len, cells))
    every, left_out = list(rows.columns), list[str]()
    while _too_wide(out, rows):
        dropped = next((c for c in reversed(rows.columns) if c.header in optional), None)
        if dropped is None:
            rows.columns[:] = every
            _print_stacked(out, rows)
            return
        rows.columns.remove(dropped)
        left_out.append(_in_one_line(str(dropped.header)))
    out.print(rows)
    if left_out:
        say(out, f"{elsewhere} {' and '.join(left_out)} too.")


def _too_wide(out: Console, rows: Table) -> bool:
    unlimited = out.options.update(max_width=10_000)
    return Measurement.get(out, unlimited, rows).minimum > out.width


def _in_one_line(text: str) -> str:
    return text.replace(".\n", ".").replace("\n", " ")


def _print_stacked(out: Console, rows: Table) -> None:
    first, *others = rows.columns
    out.print(first.header, style="bold")
    cells = [[_in_one_line(str(cell)) for cell in column.cells] for column in others]
    names = [_in_one_line(str(column.header)) for column in others]
    room = max(map(cell_len, names), default=0) + 2
    for row, label in enumerate(first.cells):
        out.print(label)
        for name, column in zip(names, cells, strict=True):
            line = f"    {name:<{room}}{column[row]}"
            if cell_len(line) > out.width:
                line = f"    {name}\n      {column[row]}"
            if column[row]:
                out.print(line)


def print_results(
    summaries: Sequence[dict[str, Any]], finding: str, *, quiet: bool, verbose: bool
) -> None:
    """Print one run in full, or several side by side and in full with ``verbose``.

    ``finding`` is what plans side by side add to each other.
    """
    out = console()
    if len(summaries) > 1:
        if finding:
            say(out, f"{finding}\n")
        print_table(out, _side_by_side(summaries), optional=(QUANTITIES[HEADLINES[-1]].brief,))
        say(
            out,
            "In brackets: 5-95 % over assumptions. The plans share their assumptions, so "
            "differences have narrower ranges, which may still include zero: simulator compare.",
        )
        if not (quiet or verbose):
            for one in summaries:
                for note in one["notes"]:
                    say(out, f"note on {one['title']}: {note}")
    if len(summaries) == 1 or verbose:
        for one in summaries:
            _print_one(out, one, quiet=quiet, verbose=verbose)


def _print_one(out: Console, one: dict[str, Any], *, quiet: bool, verbose: bool) -> None:
    say(out, called(one["title"], one["scenario"]))
    say(out, f"{one['finding']}\n")
    say(
        out,
        f"book {one['book']}, seed {one['seed']}, "
        f"{_count(one['draws'], 'draw')} of the assumptions x {_count(one['trials'], 'trial')}",
    )
    if POOL in one["by_option"]:
        print_table(out, _books(one))
    print_table(out, _estimates(one, verbose))
    print_table(out, _causes(one))
    if one["waterfall"]:
        print_table(out, _waterfall(one))
    if quiet:
        return
    _print_pictures(out, one)
    if verbose:
        print_table(out, _curve(one))
        print_table(out, _deployed(one))
        for choice, options in one["by_option"].items():
            if choice != POOL:
                print_table(out, _options(choice, options))
        if one["by_option"]:
            say(out, "±: one MCSE; -: too few draws to tell.")
    for line in sentences(one):
        say(out, line)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def _print_pictures(out: Console, one: Mapping[str, Any]) -> None:
    """A curve and bars, for people only: on a terminal that has room for them."""
    if not sys.stdout.isatty():
        return
    from simulator.report.terminal import pictures

    shown = pictures(one, terminal_width(), sys.stdout.encoding)
    if shown is not None:
        out.print("", shown, "", sep="\n")


def table(*columns: str, words: int = 1) -> Table:
    """A table whose first columns hold words, wrapped if need be, and whose others hold numbers."""
    made = Table(box=SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False)
    for place, column in enumerate(columns):
        if place < words:
            made.add_column(column, overflow="fold", min_width=LEAST_LABEL if words == 1 else None)
        else:
            made.add_column(column, justify="right", no_wrap=True)
    return made


def _cells(e: Mapping[str, Any], draws: int, factor: float = 1.0) -> tuple[str, str, str]:
    value, mcse, low, high = (
        None if e[key] is None else e[key] * factor for key in ("value", "mcse", "p05", "p95")
    )
    if value == mcse == low == high == 0.0:
        return "0", "", ""
    note = e.get("note", "")
    beyond = "beyond" if "beyond" in note else "-"
    shown, shown_error = value_and_error(value, mcse)
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in note else span(low, high, draws, beyond)
    return (beyond if value is None else shown), spread, shown_error


def _errors_of_ends(e: Mapping[str, Any], factor: float) -> str:
    ends = [None if e[key] is None else e[key] * factor for key in ("p05_mcse", "p95_mcse")]
    return "" if ends == [None, None] else f"{error(ends[0])}, {error(ends[1])}"


def _estimates(one: dict[str, Any], verbose: bool) -> Table:
    rows = table("", "value", RANGE, "MCSE", *(["MCSE of the ends"] if verbose else []))
    for quantity in in_table(verbose):
        e, factor = one["estimates"][quantity.name], quantity.terminal_factor
        if e["value"] is None and "known" in quantity.shown:
            continue
        more = [_errors_of_ends(e, factor)] if verbose else []
        star = " *" if quantity.name in HELD_FOR else ""
        rows.add_row(quantity.label + star, *_cells(e, one["draws"], factor), *more)
    return rows


def _books(one: Mapping[str, Any]) -> Table:
    """The books of a pool, which are two answers, and what they make together."""
    rows = table("book (pooled below)", *_CLAIM)
    for book, option in one["by_option"][POOL].items():
        rows.add_row(book, *_headlines(option["estimates"]))
    return rows


def _causes(one: dict[str, Any]) -> Table:
    horizon = one["curve"]["years"][-1]
    rows = table(f"why it ends within {horizon:g} years", "P", RANGE, "MCSE")
    for cause, e in one["causes_detail"].items():
        rows.add_row(cause, *_cells(e, one["draws"]))
    return rows


def _waterfall(one: dict[str, Any]) -> Table:
    rows = table("soldiers, mean", "number", "MCSE")
    for step, e in one["waterfall"].items():
        shown, _, shown_error = _cells(e, one["draws"])
        rows.add_row(STEPS[step], shown, shown_error)
    return rows


def _side_by_side(summaries: Sequence[dict[str, Any]]) -> Table:
    rows = table("plan", *(QUANTITIES[name].brief for name in HEADLINES))
    for one in summaries:
        cells = []
        for name in HEADLINES:
            value, spread, _ = _cells(one["estimates"][name], one["draws"])
            cells.append(f"{value}\n({spread})" if spread else value)
        rows.add_row(called(one["title"], one["scenario"]), *cells)
    return rows


def _curve(one: dict[str, Any]) -> Table:
    curve = one["curve"]
    shown = (1, 2, 3, 5, 10, 15, 20, 25, curve["years"][-1])
    return _of_years(one, ("years", "still holds"), curve["years"], "survival", curve, shown)


def _deployed(one: dict[str, Any]) -> Table:
    by_year, shown = one["deployed_by_year"], (1, 2, 3, 5, 10, 20, 30)
    head = ("year of the plan", "mean troops deployed")
    return _of_years(one, head, by_year["year"], "mean_troops", by_year, shown)


def _of_years(
    one: Mapping[str, Any],
    head: tuple[str, str],
    years: Sequence[float],
    value: str,
    band: Mapping[str, Sequence[float | None]],
    shown: Sequence[float],
) -> Table:
    rows = table(*head, RANGE, "MCSE")
    note = {"note": MORE_TRIALS} if set(band["p95"]) == {None} and one["draws"] > 1 else {}
    for k, year in enumerate(years):
        if year in shown:
            point = {name: band[name][k] for name in ("mcse", "p05", "p95")}
            rows.add_row(
                f"{year:g}", *_cells(point | {"value": band[value][k]} | note, one["draws"])
            )
    return rows


def _options(choice: str, options: Mapping[str, Any]) -> Table:
    rows = table(
        f"{choice} (draws differ in other choices too)",
        "draws",
        *_CLAIM,
    )
    for option, one in options.items():
        rows.add_row(option, f"{one['draws']:,}", *_headlines(one["estimates"]))
    return rows


def print_views(job: Job) -> None:
    """Print the views that a plan's draws can take, as far as they differ under the same draws."""
    from simulator.analysis.views import DRAWS, LEAST, differs, views

    out, draws = console(), min(job.draws, DRAWS)
    for book, found in views(job).items():
        head = f"{job.scenario.title}: view less mean ({book})"
        rows = table(head, *_CLAIM)
        shown = [view for view, estimates in found.items() if differs(estimates, draws)]
        for view in shown:
            cells = {name: asdict(e) for name, e in found[view].items()}
            rows.add_row(view, *_headlines(cells, "+"))
        if shown:
            print_table(out, rows)
        others = [view for view in found if view not in shown]
        say(
            out,
            f"Views under the same {_count(draws, 'draw')}: what the model gives if a person's "
            "view is assumed, not that person's forecast."
            + (f" Less than {LEAST:g} from the mean: {', '.join(others)}." if others else ""),
        )


def _headlines(estimates: Mapping[str, Any], sign: str = "") -> list[str]:
    cells = []
    for name in CLAIM:
        e = estimates.get(name)
        if e is None or e["mcse"] is None:
            cells.append("-")
            continue
        value, mcse = value_and_error(e["value"], e["mcse"])
        plus = sign if e["value"] > 0.0 else ""
        cells.append(f"{plus}{value} ± {mcse}")
    return cells
