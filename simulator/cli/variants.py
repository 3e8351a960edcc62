"""Plans that are written on the command line as what differs from another plan."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_origin

from simulator.cli.options import Given
from simulator.inputs import Document, Entry, Node, Problem
from simulator.inputs.fields import kinds_at
from simulator.inputs.inheritance import SWITCHES, WORDS, Reading, value_on_line
from simulator.inputs.nodes import Mark, Source
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.files import LoadedSweep, checked_sweep
from simulator.sweeps.levers import path_of

_EXAMPLE: Final = (
    "expected 'TITLE: LEVER=VALUE, LEVER=VALUE', such as "
    "'15,000 more: force.target_troops=40000' or 'alone: us_backstop=none'"
)
_LEVER: Final = re.compile(r"\s*([^\s=,:'\"\[\]{}]+)\s*=")
# What is in quotes, to their end or that of the text; brackets and commas outside.
_TOKEN: Final = re.compile(r"""'[^']*('|$)|"[^"]*("|$)|[][{},]""")

Settings = dict[str, Entry]


def variants_sweep(given: Given, options: Mapping[str, Any]) -> tuple[LoadedSweep, list[str]]:
    """Return plans, then the variants of the first, as a sweep; and the title of each point.

    A lever of a variant replaces what ``--set`` gives all plans. `make_plan` raises the mistakes in
    the texts.
    """
    scenarios = given.scenarios
    variants, problems = _read(given.variants)
    levers = {key for settings in variants.values() for key in settings}
    for_all: Settings = {}
    left = []
    for number, text in enumerate(given.sets):
        if (lever := _LEVER.match(text)) and lever[1] in levers:
            settings, found = _settings("--set", number, text, 0)
            for_all |= settings
            problems += found
        else:
            left.append(text)
    mark = Mark(Source("command line", (" ".join(scenarios),)), 1, 1)

    def plan(name: str, settings: Settings) -> Node:
        own = {"scenario": Entry(mark, Node(mark, name, name))}
        return Node(mark, own | for_all | settings)

    rows = [plan(name, {}) for name in scenarios]
    rows += [plan(scenarios[0], settings) for settings in variants.values()]
    tree = {"title": Node(mark, "Comparison", "Comparison"), "points": Node(mark, tuple(rows))}
    root = Node(mark, {key: Entry(mark, node) for key, node in tree.items()})
    document = Document(root, (mark.source.file,))
    sweep = checked_sweep(
        Path.cwd() / "comparison",
        document,
        {"set": left},
        options,
        Reading(document, problems, complete=True),
    )
    return sweep, [*scenarios, *variants]


def _read(texts: Sequence[str]) -> tuple[dict[str, Settings], list[Problem]]:
    """Variants by their titles, and the mistakes in them."""
    variants: dict[str, Settings] = {}
    problems: list[Problem] = []
    for number, text in enumerate(texts):
        head = text.partition("=")[0]
        title, colon, _ = head.rpartition(":")
        settings, found = _settings("--vs", number, text, len(title) + len(colon))
        problems += found
        name = title.strip() or text.strip()
        if name in variants:
            problems.append(
                Problem(_mark("--vs", number, text, 0).position(), "", f"two plans called '{name}'")
            )
        variants[name] = settings
    return variants, problems


def _mark(flag: str, number: int, text: str, column: int) -> Mark:
    return Mark(Source(flag, (*[""] * number, text)), number + 1, column + 1)


def _settings(flag: str, number: int, text: str, start: int) -> tuple[Settings, list[Problem]]:
    """Read ``LEVER=VALUE, LEVER=VALUE`` from a column of a text on."""
    settings: Settings = {}
    problems: list[Problem] = []
    for begin, end in _pieces(text, start):
        lever = _LEVER.match(text, begin, end)
        mark = _mark(flag, number, text, begin)
        if lever is None:
            problems.append(Problem(mark.position(), "", _EXAMPLE))
            continue
        key, value = lever[1], text[lever.end() : end]
        if _takes_list(key) and (bare := value.strip()) and bare[0] not in "[{" and bare != "null":
            value = f"[{bare}]"
        source = _mark(flag, number, text[: lever.end()] + value, begin).source
        node, found = value_on_line(source, number + 1, lever.end() + 1)
        problems += [Problem(p.position, key, p.message, p.hint) for p in found]
        if key in settings:
            problems.append(Problem(mark.position(), key, "set twice in one plan"))
        if node is not None:
            settings |= _parts(key, Entry(mark._replace(column=lever.start(1) + 1), node))
    return settings, problems


def _parts(key: str, entry: Entry) -> Settings:
    """Spell `us_backstop=none` out, so that another plan may change a part of the block."""
    parts, word = SWITCHES.get(path_of(key)), entry.node.content
    if parts is None or not isinstance(word, str) or word not in WORDS:
        return {key: entry}
    node = Node(entry.node.mark, WORDS[word], word)
    return {f"{key}.{part}": entry._replace(node=node) for part in parts}


def _pieces(text: str, start: int) -> list[tuple[int, int]]:
    """Cut at the commas before a lever that stand in no brackets and no quotes."""
    depth, begins = 0, [start]
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if token[0] == "," and depth <= 0 and _LEVER.match(text, token.end()):
            begins.append(token.end())
    return list(zip(begins, [*(begin - 1 for begin in begins[1:]), len(text)], strict=True))


def _takes_list(key: str) -> bool:
    return any(
        get_origin(kind.annotation) is tuple for kind in kinds_at(ScenarioFile, path_of(key))
    )
