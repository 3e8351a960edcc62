"""Results as text for people."""

from __future__ import annotations

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

from simulator.analysis.waterfall import STEPS
from simulator.cli.sentences import sentences
from simulator.number_format import error, span, value_and_error
from simulator.outcomes.curves import MORE_TRIALS
from simulator.quantities import CLAIM, HEADLINES, HELD_FOR, QUANTITIES, in_table

if TYPE_CHECKING:
    from simulator.analysis.run import Job

POOL: Final = "book"  # the choice between the books of a pool
RANGE: Final = "5-95 % over assumptions"
WIDTH_OF_FILES: Final = 110
MOST_WIDTH: Final = 10_000
_CLAIM: Final = tuple(QUANTITIES[name].brief for name in CLAIM)


def console(width_of_files: int = WIDTH_OF_FILES) -> Console:
    """Where text for people goes: stdout, at least as wide as a file's lines.

    A narrower terminal breaks the lines itself; that is ugly, but no name and no digit is lost.
    """
    width = max(terminal_width(), width_of_files)
    # With a height too, rich believes the width even on terminals that it calls dumb.
    return Console(highlight=False, emoji=False, markup=False, width=width, height=100)


def terminal_width() -> int:
    """Columns of the terminal that stdout is; 0 where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def print_table(out: Console, rows: Table) -> None:
    """Print a table, never narrower than what must not be wrapped needs."""
    for column in rows.columns:
        if column.no_wrap:  # which rich would rather crop than let it widen the table
            column.min_width = max(cell_len(str(c)) for c in (column.header, *column.cells))
    unlimited = out.options.update(max_width=MOST_WIDTH)
    out.width = max(out.width, Measurement.get(out, unlimited, rows).minimum)
    out.print(rows)


def print_results(
    summaries: Sequence[dict[str, Any]], finding: str, *, quiet: bool, verbose: bool
) -> None:
    """Print one run in full, or several side by side and in full with ``verbose``.

    ``finding`` is what plans side by side add to each other.
    """
    out = console()
    if len(summaries) > 1:
        if finding:
            out.print(f"{finding}\n")
        print_table(out, _side_by_side(summaries))
        out.print(
            "In brackets: 5-95 % over assumptions. The plans share their assumptions, so "
            "differences have narrower ranges, which may still include zero: simulator compare.",
            soft_wrap=True,
        )
        if not (quiet or verbose):
            for one in summaries:
                for note in one["notes"]:
                    out.print(f"note on {one['scenario']}: {note}", soft_wrap=True)
    if len(summaries) == 1 or verbose:
        for one in summaries:
            _print_one(out, one, quiet=quiet, verbose=verbose)


def _print_one(out: Console, one: dict[str, Any], *, quiet: bool, verbose: bool) -> None:
    out.print(f"{one['title']} [{one['scenario']}]", soft_wrap=True)
    out.print(f"{one['finding']}\n")
    out.print(
        f"book {one['book']}, seed {one['seed']}, "
        f"{_count(one['draws'], 'draw')} of the assumptions x {_count(one['trials'], 'trial')}",
        soft_wrap=True,
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
            out.print("±: one MCSE; -: too few draws to tell.", soft_wrap=True)
    for line in sentences(one):
        out.print(line, soft_wrap=True)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def _print_pictures(out: Console, one: Mapping[str, Any]) -> None:
    """A curve and bars, for people only: on a terminal that has room for them."""
    if not terminal_width():
        return
    from simulator.report.terminal import pictures

    shown = pictures(one, terminal_width(), sys.stdout.encoding)
    if shown is not None:
        out.print("", shown, "", sep="\n")


def table(*columns: str) -> Table:
    """A table whose first column holds words, wrapped if need be, and whose others hold numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    made.add_column(columns[0], overflow="fold", min_width=26)
    for column in columns[1:]:
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
            cells.append(f"{value} ({spread})" if spread else value)
        rows.add_row(one["scenario"], *cells)
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
        head = f"{job.scenario.name}: view less mean ({book})"
        rows = table(head, *_CLAIM)
        shown = [view for view, estimates in found.items() if differs(estimates, draws)]
        for view in shown:
            cells = {name: asdict(e) for name, e in found[view].items()}
            rows.add_row(view, *_headlines(cells, "+"))
        if shown:
            print_table(out, rows)
        others = [view for view in found if view not in shown]
        out.print(
            f"Views under the same {_count(draws, 'draw')}: what the model gives if a person's "
            "view is assumed, not that person's forecast."
            + (f" Less than {LEAST:g} from the mean: {', '.join(others)}." if others else ""),
            soft_wrap=True,
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
