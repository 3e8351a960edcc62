"""What ends every report: how to get the same numbers again, and what the words mean."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from simulator.report.page import Block, Data, Facts, Section, prose
from simulator.report.tables import Table, rows_of, text

GLOSSARY: Final = (
    ("draw", "one complete set of assumptions; each is tried in several worlds"),
    (
        "trial, or world",
        "one course of what does not depend on the ceasefire: who commits, arrives and leaves, "
        "whether the backstop holds; how likely the ceasefire is to last in it is computed",
    ),
    (
        "Monte Carlo standard error",
        "how far a number may be from what endless computing would give; more computing shrinks it",
    ),
    (
        "range over assumptions, 5–95 %",
        "what the assumptions alone do to a number; no computing shrinks it",
    ),
    ("hazard", "rate of collapse at a moment, per year; not a probability"),
    (
        "RMST",
        "restricted mean survival time: mean time to collapse, counted up to the horizon only",
    ),
    ("cumulative incidence", "share of all ceasefires that have collapsed by one cause until then"),
    ("backstop", "what the United States promises in support of the force"),
)


def reproduce(provenance: Mapping[str, Any]) -> Section | None:
    """How to get the same numbers again."""
    if not provenance:
        return None
    command = shlex.join(str(word) for word in provenance.get("command", []))
    libraries = provenance.get("libraries") or {}
    facts = [
        ("command", command),
        ("version", f"ceasefire-simulator {provenance.get('simulator', '?')}"),
        ("seed", str(provenance.get("seed", "?"))),
        *(
            (name, f"{provenance[name]:,}")
            for name in ("draws", "trials")
            if isinstance(provenance.get(name), int)
        ),
        ("computed", str(provenance.get("written", "?"))),
        ("on", f"{provenance.get('python', '?')}, {provenance.get('platform', '?')}"),
        ("with", ", ".join(f"{name} {version}" for name, version in libraries.items())),
    ]
    rows = [(text(what), text(value)) for what, value in (provenance.get("digests") or {}).items()]
    blocks: list[Block] = [
        prose(
            [
                "The same command, with the same seed and the same version, gives the same bits, "
                "however many processes share the work. The digests (SHA-256) tell whether a plan "
                "or a book has changed since."
            ]
        ),
        Facts(tuple(facts)),
    ]
    if rows:
        blocks.append(Data("Digests", Table(("of", "SHA-256"), rows_of(rows))))
    return Section("How to reproduce it", tuple(blocks))


def glossary() -> Section:
    """What the words mean."""
    return Section("Words", (Facts(GLOSSARY),))
