"""A run as text for people: its tables, and what they leave open in sentences."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console

from simulator.analysis.run import Job
from simulator.analysis.views import DRAWS, LEAST, differs, views
from simulator.cli.tables import (
    RANGE,
    Table,
    called,
    console,
    counted,
    print_table,
    say,
    terminal_width,
)
from simulator.estimates.force import STEPS
from simulator.estimates.outcome import MORE_TRIALS
from simulator.number_format import error, span, value_and_error
from simulator.quantities import CLAIM, HEADLINES, HELD_FOR, QUANTITIES, in_table
from simulator.report.prose.names import RECORD_ENDS

POOL: Final = "book"  # the choice between the books of a pool
POOR_FILL: Final = 0.8
_CLAIM: Final = tuple(QUANTITIES[name].brief for name in CLAIM)
Tree = Mapping[str, Any]


def print_results(summaries: Sequence[Tree], finding: str, *, quiet: bool, verbose: bool) -> None:
    """Print one run in full, or several side by side and in full with ``verbose``.

    ``finding`` is what plans side by side add to each other.
    """
    out = console()
    if len(summaries) > 1:
        if finding:
            say(out, f"{finding}\n")
        print_table(out, _side_by_side(summaries))
        say(
            out,
            "In brackets: 5-95 % over assumptions. The plans share their assumptions, so "
            "differences have narrower ranges, which may still include zero: simulator compare.",
        )
        if not (quiet or verbose):
            say(out, *(f"note on {one['title']}: {n}" for one in summaries for n in one["notes"]))
    if len(summaries) == 1 or verbose:
        for one in summaries:
            _print_one(out, one, quiet=quiet, verbose=verbose)


def _print_one(out: Console, one: Tree, *, quiet: bool, verbose: bool) -> None:
    size = f"{counted(one['draws'], 'draw')} of the assumptions x {counted(one['trials'], 'trial')}"
    say(
        out,
        called(one["title"], one["scenario"]),
        f"{one['finding']}\n",
        f"book {one['book']}, seed {one['seed']}, {size}",
    )
    for table in _tables(one, verbose):
        print_table(out, table)
    if quiet:
        return
    _print_pictures(out, one)
    if verbose:
        for table in _more_tables(one):
            print_table(out, table)
        if one["by_option"]:
            say(out, "±: one MCSE; -: too few draws.")
    say(out, *_sentences(one))


def _print_pictures(out: Console, one: Tree) -> None:
    """A curve and bars, for people only: on a terminal that has room for them."""
    if sys.stdout.isatty():
        from simulator.report.terminal import pictures

        shown = pictures(one, terminal_width(), sys.stdout.encoding)
        if shown is not None:
            out.print("", shown, "", sep="\n")


def _side_by_side(summaries: Sequence[Tree]) -> Table:
    heads = [QUANTITIES[name].brief for name in HEADLINES]
    rows = []
    for one in summaries:
        cells = (_cells(one["estimates"][name], one["draws"]) for name in HEADLINES)
        shown = (f"{value}\n({spread})" if spread else value for value, spread, _ in cells)
        rows.append([called(one["title"], one["scenario"]), *shown])
    return Table(["plan", *heads], rows, optional=heads[-1:])


def _tables(one: Tree, verbose: bool) -> Iterator[Table]:
    draws = one["draws"]
    if POOL in one["by_option"]:  # two answers, and what they make together
        books = one["by_option"][POOL].items()
        rows = [[book, *_headlines(option["estimates"])] for book, option in books]
        yield Table(["book (pooled below)", *_CLAIM], rows)
    rows = []
    for quantity in in_table(verbose):
        e, factor = one["estimates"][quantity.name], quantity.terminal_factor
        if e["value"] is not None or "known" not in quantity.shown:
            star = " *" if quantity.name in HELD_FOR else ""
            more = [_errors_of_ends(e, factor)] if verbose else []
            rows.append([quantity.label + star, *_cells(e, draws, factor), *more])
    yield Table(["", "value", RANGE, "MCSE", *(["MCSE of the ends"] if verbose else [])], rows)
    horizon = one["curve"]["years"][-1]
    rows = [[cause, *_cells(e, draws)] for cause, e in one["causes_detail"].items()]
    yield Table([f"why it ends within {horizon:g} years", "P", RANGE, "MCSE"], rows)
    if one["waterfall"]:
        rows = [[STEPS[step], *_cells(e, draws)[::2]] for step, e in one["waterfall"].items()]
        yield Table(["soldiers, mean", "number", "MCSE"], rows)


def _more_tables(one: Tree) -> Iterator[Table]:
    curve, deployed = one["curve"], one["deployed_by_year"]
    last = curve["years"][-1]
    for head, years, value, band, shown in (
        (("years", "still holds"), "years", "survival", curve, (1, 2, 3, 5, 10, 15, 20, 25, last)),
        (
            ("year of the plan", "mean troops deployed"),
            "year",
            "mean_troops",
            deployed,
            (1, 2, 3, 5, 10, 20, 30),
        ),
    ):
        note = {"note": MORE_TRIALS} if set(band["p95"]) == {None} and one["draws"] > 1 else {}
        rows = []
        for k, year in enumerate(band[years]):
            if year in shown:
                point = {name: band[name][k] for name in ("mcse", "p05", "p95")} | note
                rows.append(
                    [f"{year:g}", *_cells({**point, "value": band[value][k]}, one["draws"])]
                )
        yield Table([*head, RANGE, "MCSE"], rows)
    for choice, options in one["by_option"].items():
        if choice != POOL:
            rows = [
                [option, f"{found['draws']:,}", *_headlines(found["estimates"])]
                for option, found in options.items()
            ]
            yield Table([f"{choice} (draws differ in other choices too)", "draws", *_CLAIM], rows)


def print_views(job: Job) -> None:
    """Print the views that a plan's draws can take, as far as they differ under the same draws."""
    out, draws = console(), min(job.draws, DRAWS)
    for book, found in views(job).items():
        shown = [view for view, estimates in found.items() if differs(estimates, draws)]
        rows = [
            [view, *_headlines({name: asdict(e) for name, e in found[view].items()}, "+")]
            for view in shown
        ]
        if rows:
            head = f"{job.scenario.title}: view less mean ({book})"
            print_table(out, Table([head, *_CLAIM], rows))
        others = [view for view in found if view not in shown]
        say(
            out,
            f"Views under the same {counted(draws, 'draw')}: what the model gives if a person's "
            "view is assumed, not that person's forecast."
            + (f" Less than {LEAST:g} from the mean: {', '.join(others)}." if others else ""),
        )


def _scaled(e: Tree, factor: float, *names: str) -> list[float | None]:
    return [None if e[name] is None else e[name] * factor for name in names]


def _cells(e: Tree, draws: int, factor: float = 1.0) -> tuple[str, str, str]:
    value, mcse, low, high = _scaled(e, factor, "value", "mcse", "p05", "p95")
    if value == mcse == low == high == 0.0:
        return "0", "", ""
    note = e.get("note", "")
    beyond = "beyond" if "beyond" in note else "-"
    shown, shown_error = value_and_error(value, mcse)
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in note else span(low, high, draws, beyond)
    return (beyond if value is None else shown), spread, shown_error


def _errors_of_ends(e: Tree, factor: float) -> str:
    ends = _scaled(e, factor, "p05_mcse", "p95_mcse")
    return "" if ends == [None, None] else f"{error(ends[0])}, {error(ends[1])}"


def _headlines(estimates: Tree, sign: str = "") -> Iterator[str]:
    for name in CLAIM:
        e = estimates.get(name)
        if e is None or e["mcse"] is None:
            yield "-"
        else:
            value, mcse = value_and_error(e["value"], e["mcse"])
            yield f"{sign if e['value'] > 0.0 else ''}{value} ± {mcse}"


def _sentences(one: Tree) -> Iterator[str]:
    """What the tables leave open, and the notes of a run."""
    estimates = one["estimates"]
    fill, fill_error = _scaled(estimates["fill_rate"], 100.0, "value", "mcse")
    if fill is not None and fill < 100.0 * POOR_FILL:
        yield (
            f"The force is not filled: the peak of deployment is on average "
            f"{value_and_error(fill, fill_error)[0]} % of the "
            "troops planned (0 where a ceasefire collapses before anybody arrives). Peaks come at "
            "different times, so fewer are there at any one time."
        )
    yield from _by_class(one["by_option"])
    yield (
        f"* Extrapolated: past {RECORD_ENDS:g} years fewer than three ceasefires with a force are "
        "record."
    )
    yield (
        "MCSE: the error that more draws would reduce. The range is what the assumptions alone do; "
        "no computing narrows it."
    )
    noted: dict[str, list[str]] = {}
    for quantity in in_table():
        note = estimates[quantity.name].get("note", "")
        missing = "known" in quantity.shown and estimates[quantity.name]["value"] is None
        if note and not missing and note not in one["notes"] and MORE_TRIALS not in note:
            noted.setdefault(note, []).append(quantity.label)
    if any(MORE_TRIALS in e.get("note", "") for e in estimates.values()):
        yield (
            f"({MORE_TRIALS}): what happens in the world scatters within a draw too; its range "
            "over assumptions needs so many worlds of each."
        )
    for note, labels in noted.items():
        yield f"{'; '.join(labels)}: {note}."
    if (asked := one.get("precision")) and asked["met"]:
        of = QUANTITIES[asked["estimate"]]
        yield (
            f"{one['draws']:,} draws were enough: the error of {of.label} is at most "
            f"{error(asked['error'] * of.terminal_factor)}."
        )
    yield from (f"note: {note}" for note in one["notes"])


def _by_class(by_option: Tree) -> Iterator[str]:
    """How much the class of past ceasefires alone moves the first headline."""
    for choice, options in by_option.items():
        if not choice.startswith("reference_class"):
            continue
        book = choice.removeprefix("reference_class").strip(" ()")
        where = f"In the draws from book {book}, the" if book else "The"
        found = {name: e["estimates"][CLAIM[0]] for name, e in options.items()}
        unknown = [name for name, e in found.items() if e["mcse"] is None]
        if unknown:
            yield (
                f"{where} class of past ceasefires moves P(collapse within 2 years): by how much, "
                f"these draws are too few to say ({', '.join(unknown)})."
            )
            continue
        values = {name: e["value"] for name, e in found.items()}
        low, high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
        others = (
            f"; book {name} gives {e['value']:.2f}"
            for name, option in by_option.get(POOL, {}).items()
            if book
            and f"reference_class ({name})" not in by_option
            and (e := option["estimates"][CLAIM[0]])["mcse"] is not None
        )
        yield (
            f"{where} class of past ceasefires alone moves P(collapse within 2 years) from "
            f"{values[low]:.2f} (class {low}) to {values[high]:.2f} (class {high})"
            f"{''.join(others)}; -v shows all."
        )
