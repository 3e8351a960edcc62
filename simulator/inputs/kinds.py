"""Which kind of file a document is: a plan, a sweep or an assumption book."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from simulator.inputs.nodes import Document
from simulator.inputs.problems import InputError, Problem

Kind = Literal["scenario", "sweep", "book"]

# The fields at the top that only one kind of file has. (Those of a sweep that a plan is often given
# by mistake, such as its draws, tell nothing.)
OWN_FIELDS: Final[dict[Kind, frozenset[str]]] = {
    "scenario": frozenset(
        {
            "sources",
            "force",
            "air_support",
            "us_backstop",
            "contributors",
            "monitoring",
            "ukraine_support",
            "adversary",
            "horizon_years",
            "front_km",
            "assumptions",
        }
    ),
    "sweep": frozenset({"scenario", "set", "grid", "zip", "points", "sample", "exclude"}),
    "book": frozenset({"pool", "entries", "correlations"}),
}
# What to do with a file of each kind, for those who gave it to another command.
_USES: Final[dict[Kind, tuple[str, str]]] = {
    "scenario": ("a plan", "simulator run"),
    "sweep": ("a sweep", "simulator sweep"),
    "book": ("an assumption book", "simulator run PLAN --book"),
}


def kind_of(fields: Collection[str]) -> Kind | None:
    """Return the kind of file that has most of the fields; None if none has any of them alone."""
    counts = {kind: len(own & set(fields)) for kind, own in OWN_FIELDS.items()}
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else None


def refuse_another_kind(document: Document, expected: Kind) -> None:
    """Refuse a document that is of another kind than the one a command reads.

    Raises
    ------
    InputError
        With the one problem that it is; its fields would all be unknown.
    """
    fields = set(document.value)
    found = kind_of(fields)
    if found is None or fields & OWN_FIELDS[expected]:
        return
    what, use = _USES[found]
    message = f"this is {what}, not {_USES[expected][0]}"
    raise InputError([Problem(document.where(()), "", message, f"use '{use} {document.files[0]}'")])
