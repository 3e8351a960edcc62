"""Results as text for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from simulator.report.digits import span, value_and_error

# estimate -> (line of the table, factor on the number, line is left out where there is no value)
LINES: Final[dict[str, tuple[str, float, bool]]] = {
    "p_collapse_within_2y": ("P(collapse within 2 years)", 1.0, False),
    "p_between_2y_20y": ("P(collapse between 2 and 20 years)", 1.0, False),
    "p_holds_20y": ("P(holds >= 20 years)", 1.0, False),
    "p_holds_30y": ("P(holds >= 30 years)", 1.0, False),
    "median_years": ("median life, years", 1.0, False),
    "rmst_years": ("mean life up to the horizon, years (RMST)", 1.0, False),
    "fill_rate": ("fill rate: peak deployed / target", 1.0, True),
    "mean_deployed_troops_year_1": ("troops deployed, mean over year 1", 1.0, False),
    "soldiers_held": ("soldiers held at the peak, rotation included", 1.0, False),
    "backstop_off_share": ("share of its life without the backstop", 1.0, True),
    "cost_gbp": ("cost of the soldiers alone, GBP billion", 1e-9, False),
}
HEADLINES: Final = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y", "rmst_years")
POOR_FILL: Final = 0.8
WIDTH_OF_FILES: Final = 110
MOST_WIDTH: Final = 10_000


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


def print_results(summaries: Sequence[dict[str, Any]], *, quiet: bool, verbose: bool) -> None:
    """Print one run in full, or several side by side and in full with ``verbose``."""
    out = console()
    if len(summaries) > 1:
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
    out.print(
        f"book {one['book']}, seed {one['seed']}, "
        f"{one['draws']:,} draws of the assumptions x {one['paths']:,} paths",
        soft_wrap=True,
    )
    print_table(out, _estimates(one))
    print_table(out, _causes(one))
    if quiet:
        return
    _print_pictures(out, one)
    if verbose:
        print_table(out, _curve(one))
        print_table(out, _deployed(one))
        for choice, options in one["by_option"].items():
            print_table(out, _options(choice, options))
        if one["by_option"]:
            out.print(
                "±: one MCSE; -: too few draws to tell. A row of a view is what the model gives if "
                "that person's view is assumed, not that person's forecast.",
                soft_wrap=True,
            )
    for line in _sentences(one):
        out.print(line, soft_wrap=True)


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
    beyond = "beyond" if "beyond" in e.get("note", "") else "-"
    shown, error = value_and_error(value, mcse)
    return (beyond if value is None else shown), span(low, high, draws, beyond), error


def _estimates(one: dict[str, Any]) -> Table:
    rows = table("", "value", "5-95 % over assumptions", "MCSE")
    for name, (label, factor, optional) in LINES.items():
        e = one["estimates"][name]
        if e["value"] is None and optional:
            continue
        rows.add_row(label, *_cells(e, one["draws"], factor))
    return rows


def _causes(one: dict[str, Any]) -> Table:
    horizon = one["curve"]["years"][-1]
    rows = table(f"why it ends within {horizon:g} years", "P", "5-95 % over assumptions", "MCSE")
    for cause, e in one["causes_detail"].items():
        rows.add_row(cause, *_cells(e, one["draws"]))
    return rows


def _side_by_side(summaries: Sequence[dict[str, Any]]) -> Table:
    rows = table("plan", "P(<= 2 y)", "P(>= 20 y)", "P(>= 30 y)", "RMST, years")
    for one in summaries:
        cells = []
        for name in HEADLINES:
            value, spread, _ = _cells(one["estimates"][name], one["draws"])
            cells.append(f"{value} ({spread})" if spread else value)
        rows.add_row(one["scenario"], *cells)
    return rows


def _curve(one: dict[str, Any]) -> Table:
    rows = table("years", "still holds", "5-95 % over assumptions", "MCSE")
    curve = one["curve"]
    for year, value, mcse, low, high in zip(
        curve["years"], curve["survival"], curve["mcse"], curve["p05"], curve["p95"], strict=True
    ):
        if year in (1, 2, 3, 5, 10, 15, 20, 25) or year == curve["years"][-1]:
            shown = {"value": value, "mcse": mcse, "p05": low, "p95": high}
            rows.add_row(f"{year:g}", *_cells(shown, one["draws"]))
    return rows


def _deployed(one: dict[str, Any]) -> Table:
    rows = table("year of the plan", "mean troops deployed", "5-95 % over assumptions", "MCSE")
    by_year = one["deployed_by_year"]
    for year, value, mcse, low, high in zip(
        by_year["year"],
        by_year["mean_troops"],
        by_year["mcse"],
        by_year["p05"],
        by_year["p95"],
        strict=True,
    ):
        if year in (1, 2, 3, 5, 10, 20, 30):
            shown = {"value": value, "mcse": mcse, "p05": low, "p95": high}
            rows.add_row(f"{year}", *_cells(shown, one["draws"]))
    return rows


def _options(choice: str, options: Mapping[str, Any]) -> Table:
    rows = table(
        f"{choice} (draws differ in other choices too)",
        "draws",
        "P(<= 2 y)",
        "P(>= 20 y)",
        "P(>= 30 y)",
    )
    for option, one in options.items():
        cells = [f"{one['draws']:,}"]
        for name in HEADLINES[:3]:
            e = one["estimates"].get(name)
            if e is None or e["mcse"] is None:
                cells.append("-")
                continue
            value, error = value_and_error(e["value"], e["mcse"])
            cells.append(f"{value} ± {error}")
        rows.add_row(option, *cells)
    return rows


def _sentences(one: dict[str, Any]) -> list[str]:
    estimates = one["estimates"]
    lines = []
    fill = estimates["fill_rate"]
    if fill["value"] is not None and fill["value"] < POOR_FILL:
        shown, _ = value_and_error(100 * fill["value"], _scaled(fill["mcse"], 100))
        lines.append(
            f"The force is not filled: the peak of a path is on average {shown} % of the troops "
            "planned (0 where it collapses before anybody arrives). Peaks come at different times, "
            "so fewer are there at any one time."
        )
    lines.extend(_by_class(one["by_option"]))
    lines.append(
        "MCSE: how far the value may be from that of endless computing. The range is what the "
        "assumptions alone do; no computing narrows it."
    )
    noted: dict[str, list[str]] = {}
    for name, (label, _, optional) in LINES.items():
        note = estimates[name].get("note")
        if note and not (optional and estimates[name]["value"] is None):
            noted.setdefault(note, []).append(label)
    lines.extend(f"{'; '.join(labels)}: {note}." for note, labels in noted.items())
    return lines + [f"note: {note}" for note in one["notes"]]


def _by_class(by_option: Mapping[str, Any]) -> list[str]:
    """How much the class of past ceasefires alone moves the first headline."""
    lines = []
    for choice, options in by_option.items():
        if not choice.startswith("reference_class"):
            continue
        pooled = choice.removeprefix("reference_class").strip(" ()")
        where = f"In the draws from book {pooled}, the" if pooled else "The"
        found = {name: e["estimates"]["p_collapse_within_2y"] for name, e in options.items()}
        unknown = [name for name, e in found.items() if e["mcse"] is None]
        if unknown:
            lines.append(
                f"{where} class of past ceasefires moves P(collapse within 2 years): by how much, "
                f"these draws are too few to tell ({', '.join(unknown)})."
            )
            continue
        low, high = (pick(found, key=lambda name: found[name]["value"]) for pick in (min, max))
        lines.append(
            f"{where} class of past ceasefires alone moves P(collapse within 2 years) from "
            f"{found[low]['value']:.2f} (class {low}) to {found[high]['value']:.2f} (class {high})"
            + _other_books(by_option, pooled)
            + "; -v shows all."
        )
    return lines


def _other_books(by_option: Mapping[str, Any], book: str) -> str:
    """What the draws from the books without classes give."""
    others = [
        f"book {name} gives {e['value']:.2f}"
        for name, option in by_option.get("book", {}).items()
        if book
        and f"reference_class ({name})" not in by_option
        and (e := option["estimates"]["p_collapse_within_2y"])["mcse"] is not None
    ]
    return "".join(f"; {other}" for other in others)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
