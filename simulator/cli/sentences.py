"""What is said below the tables of a run."""

from collections.abc import Mapping
from typing import Any, Final

from simulator.estimates.curves import MORE_TRIALS
from simulator.number_format import error, value_and_error
from simulator.quantities import QUANTITIES, in_table
from simulator.report.prose.names import RECORD_ENDS

POOR_FILL: Final = 0.8


def sentences(one: dict[str, Any]) -> list[str]:
    """What the tables of a run leave open, and its notes."""
    estimates = one["estimates"]
    lines = []
    fill = estimates["fill_rate"]
    if fill["value"] is not None and fill["value"] < POOR_FILL:
        shown, _ = value_and_error(100 * fill["value"], _scaled(fill["mcse"], 100))
        lines.append(
            f"The force is not filled: the peak of deployment is on average {shown} % of the "
            "troops planned (0 where a ceasefire collapses before anybody arrives). Peaks come at "
            "different times, so fewer are there at any one time."
        )
    lines.extend(_by_class(one["by_option"]))
    lines.append(
        f"* Extrapolated: past {RECORD_ENDS:g} years fewer than three ceasefires with a force are "
        "record."
    )
    lines.append(
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
        lines.append(
            f"({MORE_TRIALS}): what happens in the world scatters within a draw too; its range "
            "over assumptions needs so many worlds of each."
        )
    lines.extend(f"{'; '.join(labels)}: {note}." for note, labels in noted.items())
    if (asked := one.get("precision")) and asked["met"]:
        of = QUANTITIES[asked["estimate"]]
        lines.append(
            f"{one['draws']:,} draws were enough: the error of {of.label} is at most "
            f"{error(asked['error'] * of.terminal_factor)}."
        )
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
