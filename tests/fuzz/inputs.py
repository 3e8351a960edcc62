"""Random inputs for the readers: valid files with damage, trees of odd values, odd options.

Everything hangs on one `random.Random`, so that an input is found again by its seed and number.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.books.names import ASSUMPTIONS, SHARES
from simulator.books.schema import BookFile
from simulator.inputs import shipped
from simulator.inputs.locations import LIBRARIES
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.schema import SweepFile

CORPUS = Path(__file__).parent.parent / "corpus"

TOKENS = [
    ": ", ":", "- ", "\n", "\n  ", "{", "}", "[", "]", ",", "'", '"', "#", " #", "|\n", ">-\n",
    "&x ",
    "*x", "!t ", "!!python/object:os.system ", "? ", "~", "\t", "%", "@", "`", "\n---\n", "\n...\n",
    "<<: ", "é", "😀", "\\x41", "\x00", "\x1b[31m", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffd",
    "\r", "%YAML 1.1\n", "[" * 40, "{a: " * 1_200, "- " * 700, "a" * 300, "9" * 400, "x." * 500,
]  # fmt: skip
WORDS = [
    "0", "-1", "1", "2", "0.5", "1e308", "-1e308", "1.8e308", "5e-324", "1e999", ".inf", ".nan",
    "-0", "010", "0o17", "0x1F", "1_000", "20,000", "0,57", "57 %", "9223372036854775807",
    "9223372036854775808", "true", "false", "null", "yes", "NO", "~", "''", "'1'", "12:30:45",
    "2025-02-20", "1..2", "town", "navy", "lhs", "france", "spain", "blend", "evidence", "no-force",
    "nowhere.yaml", "../../etc/passwd", "/dev/zero", "x" * 300, "{}", "[]", "{fixed: 1}", "[1, 2]",
    "{uniform: [0, 1]}", "{uniform: [1, 0]}", "{from: 0, to: 10, steps: 3}", "{min: 1, max: 2}",
    "{from: 0.5, to: 1, steps: 100000}", "{options: {a: 1, b: 2}}",
    "{choice: {0.1: 1e308, 2: 1e308}}",
    "{mixture: [{weight: 1, distribution: 0.5}]}",
    "{quantiles: {p05: 1, p50: 2, p95: 3}, scale: log}",
    "{p25: 0.1, p50: 0.2, p75: 0.3}", "{beta: {a: 1, b: 1e300}}", "{shares: {a: 0.5, b: 0.5}}",
    "{dirichlet: {offensive: 1, escalation: 1, unravelling: 1}}", "{1: 1, a: 2}",
    "{a: {b: {c: 1}}}",
]  # fmt: skip

FIELDS = sorted(
    {name for model in (ScenarioFile, SweepFile, BookFile) for name in model.model_fields}
    | {"extends", "target_troops", "posture", "sets", "without", "members", "bases", "aircraft"}
    | {"distribution", "unit", "group", "source", "kind", "note", "options", "weight", "between"}
    | {"rho", "size", "ranges", "method", "from", "to", "steps", "scale", "commitment", "troops"}
)
LEVERS = [
    "force.target_troops", "force.posture", "front_km", "us_backstop.logistics", "scenario", "book",
    "contributors.sets", "air_support.bases", "structure.force_response", "structure.view",
    "contributors.members", "contributors.members.france.commitment", "monitoring.orbits", "seed",
    *(f"assumptions.{name}" for name in (*ASSUMPTIONS, *SHARES)),
]  # fmt: skip


def texts_of(kind: str) -> list[str]:
    """Return valid files of a kind, the long shipped books left out: they cost most of the time."""
    folders = {
        "scenario": [shipped(LIBRARIES["scenario"]), CORPUS / "valid"],
        "sweep": [shipped(LIBRARIES["sweep"])],
        "book": [CORPUS / "books_valid", CORPUS / "books_invalid"],
    }
    files = [path for folder in folders[kind] for path in sorted(folder.glob("*.yaml"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return texts if kind != "book" else [*texts, *texts[:1] * len(texts)]  # mostly a valid one


def damaged(text: str, chance: random.Random) -> str:
    """Return a text with up to five changes that a typing error, a merge or a tool might make."""
    for _ in range(chance.randint(0, 5)):
        change: Callable[[str, random.Random], str] = chance.choice(
            [_cut, _insert, _swap_word, _swap_lines, _indent, _double]
        )
        text = change(text, chance)
    return text


def _cut(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + text[start + chance.choice([1, 3, 20, 200]) :]


def _insert(text: str, chance: random.Random) -> str:
    place = chance.randint(0, len(text))
    return text[:place] + chance.choice([*TOKENS, *WORDS]) + text[place:]


def _swap_word(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    words[chance.randrange(len(words))] = chance.choice([*WORDS, *FIELDS])
    return " ".join(words)


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    first, second = (chance.randrange(len(lines)) for _ in range(2))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _indent(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    lines[place] = chance.choice(["  ", " ", "\t", "- "]) + lines[place].strip(" ")
    return "\n".join(lines)


def _double(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    return "\n".join([*lines[: place + 1], *lines[place : place + 3], *lines[place + 1 :]])


def tree(chance: random.Random, depth: int = 0) -> Any:
    """Return a tree of known and unknown names and odd values."""
    roll = chance.random()
    if depth > 4 or roll < 0.45:
        return chance.choice(
            [0, 1, -1, 2.5, 1e300, "rear", "x", "", None, True, [], {}, 10**18, "france", "😀", 0.3]
        )
    count = chance.choice([0, 1, 1, 2, 3, 5])
    if roll < 0.6:
        return [tree(chance, depth + 1) for _ in range(count)]
    names = [*FIELDS, *LEVERS, "x", "1", "0.5", "own", "view"]
    return {chance.choice(names): tree(chance, depth + 1) for _ in range(count)}


def file_of(kind: str, texts: list[str], chance: random.Random) -> bytes:
    """Return the bytes of one file: three in four damaged, one in four a tree."""
    if chance.random() < 0.75:
        text = damaged(chance.choice(texts), chance)
    else:
        top = {name: tree(chance) for name in chance.sample(FIELDS, chance.randint(1, 6))}
        own = {"scenario": "force", "sweep": "grid", "book": "entries"}[kind]
        text = json.dumps({"title": "T", own: tree(chance), **top}, ensure_ascii=False, indent=1)
    data = text.encode("utf-8", errors="replace")
    if chance.random() < 0.05:
        place = chance.randint(0, len(data))
        data = data[:place] + chance.choice([b"\xff", b"\x80", b"\xed\xa0\x80"]) + data[place:]
    return (b"\xef\xbb\xbf" if chance.random() < 0.02 else b"") + data


HEADERS = [
    "duration_years", "duration_days", "event", "entry_years", "group", "cluster", "time", "status",
    "Duration (Years)", "start", "stop", "weight", "censored", "T", "E", "_t", "", "é", "dead",
]  # fmt: skip
FIELDS_OF_ROWS = [
    *WORDS, "1", "0", "2.5", "3", "0.5", "12", "400", "T", "F", "NA", "1,5", "1.234,5", "1,200",
    "1990-01-01", "=1+1", "a\u2028b", "a\x0bb", '"', "x", "",
]  # fmt: skip


def spells_of(chance: random.Random) -> bytes:
    """Return the bytes of a table of spells: most are tables, few are right."""
    mark = chance.choice([",", ",", ",", ";", "\t", "|", " "])
    names = ["duration_years", "event"] if chance.random() < 0.8 else []
    names += chance.sample(HEADERS, chance.choice([0, 0, 0, 1, 3]))
    ends = chance.choice(["\n", "\n", "\r\n", "\r"])
    rows = [mark.join(names)]
    for _ in range(chance.choice([0, 1, 3, 8, 40])):
        odd = chance.random() < 0.05
        row = [f"{chance.expovariate(0.2):.3g}", chance.choice("01")][: len(names)]
        row += [chance.choice(FIELDS_OF_ROWS) for _ in range(len(names) - len(row))]
        for _ in range(odd * chance.randint(1, 3)):
            row.insert(chance.randint(0, len(row)), chance.choice(FIELDS_OF_ROWS))
        rows.append(mark.join(row))
    text = chance.choice([""] * 6 + ["sep=;\n", "# note\n"]) + ends.join(rows)
    text = damaged(text, chance) if chance.random() < 0.4 else text
    data = text.encode(chance.choice(["utf-8"] * 8 + ["utf-16", "utf-8-sig"]), "replace")
    return data + (b"\xff" if chance.random() < 0.03 else b"")


def columns_named(chance: random.Random) -> dict[str, str]:
    """Return what somebody might say with the options of ``simulator calibrate``."""
    named = {
        "duration": chance.choice(HEADERS),
        "unit": chance.choice(["years", "days", "months"]),
        "event": f"{chance.choice(HEADERS)}={chance.choice(FIELDS_OF_ROWS)}",
        "entry": chance.choice(HEADERS),
        "group": chance.choice(HEADERS),
        "cluster": chance.choice(HEADERS),
    }
    return {name: named[name] for name in chance.sample(sorted(named), 2)}


def option(chance: random.Random) -> str:
    """Return what somebody might give to ``--set`` or ``--grid``."""
    lever = chance.choice([*LEVERS, *FIELDS, "a.b", "", "x" * 300, ".".join("a" * 2_000)])
    value = ",".join(chance.choice([*WORDS, *TOKENS]) for _ in range(chance.choice([1, 1, 1, 2])))
    text = f"{lever}={value}"
    return damaged(text, chance) if chance.random() < 0.3 else text
