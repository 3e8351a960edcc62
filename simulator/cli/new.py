"""``simulator new``: a commented file to start from."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

import click

DEFAULTS: Final = {"plan": "reassurance-force", "book": "evidence", "sweep": "reassurance-force"}
_PLAIN: Final = re.compile(r"[A-Za-z][\w./-]*")
_RULE: Final = "## What follows a single # is a setting: take the # away to use it."


@click.command("new")
@click.argument("kind", type=click.Choice(("plan", "book", "sweep")))
@click.option(
    "--from", "start", metavar="NAME", help="What to start from, a shipped name or a file."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file [default: my-KIND.yaml].",
)
def new_command(kind: str, start: str | None, output: Path | None) -> None:
    """Write a commented plan, book or sweep that is valid as it is.

    It starts from another one and shows every field with its value there, its meaning and limits.
    """
    from simulator.storage import StorageError, make_folder, write_text

    path = output or Path(f"my-{kind}.yaml")
    if path.exists():
        raise StorageError(path, "is there already; choose another file with -o")
    name = start or DEFAULTS[kind]
    parent = name if _is_shipped(name) else _relative(Path(name), path.parent)
    lines = {"plan": _plan, "book": _book, "sweep": _sweep}[kind](name, parent)
    make_folder(path.parent)
    write_text(path.parent, path.name, "\n".join(lines) + "\n")
    use = {"plan": f"run {path}", "book": f"run {DEFAULTS['plan']} --book {path}"}
    click.echo(f"written to {path}", err=True)
    command = use.get(kind, f"sweep {path} --out results/{path.stem}")
    click.echo(f"next: edit it; simulator validate {path}; simulator {command}", err=True)


def _is_shipped(name: str) -> bool:
    return Path(name).name == name and not name.endswith((".yaml", ".yml"))


def _relative(path: Path, folder: Path) -> str:
    """A file as the new one names it: from its own folder."""
    return Path(os.path.relpath(path, folder)).as_posix()


def _plan(name: str, parent: str) -> Iterator[str]:
    from simulator.glossary.registry import terms
    from simulator.scenario import load_scenario

    scenario = load_scenario(name)
    values = scenario.machine_form() | {"book": scenario.book or "blend"}
    values["contributors"] = {"sets": ["likely"], "without": [], "members": {}}
    values["contributors"] |= scenario.document.value.get("contributors") or {}
    values["air_support"]["bases"] = {
        key: {"aircraft": base.aircraft} for key, base in scenario.bases.items()
    }
    yield f"## A plan: what differs from {name}. What is not mentioned stays as it is there."
    yield _RULE
    yield "## 'simulator explain force.posture' says more of a field."
    yield f"extends: {parent}"
    yield f"title: {_flow('My plan')}"
    block = ""
    for lever, term in terms("levers").items():
        if lever == "us_backstop":  # its parts follow
            continue
        head, dot, field = lever.rpartition(".")
        if head != block or not head:
            yield ""
        if head != block and head:
            yield f"#{head}:"
        block, value = head, reduce(lambda tree, part: tree[part], lever.split("."), values)
        indent = "  " if dot else ""
        yield from _remark(f"{term.meaning} Allowed: {term.allowed}.", indent)
        yield f"#{indent}{field}: {_flow(value)}"
    yield ""
    yield "## Assumed instead of the book's: 'simulator list assumptions' names them."
    yield "#assumptions: {w0: 0.4, kappa: {uniform: [0.1, 0.3]}}"
    yield "## Structural choices: 'simulator list options' names them."
    yield "#structure: {force_response: tripwire}"


def _remark(text: str, indent: str = "") -> Iterator[str]:
    start = f"## {indent}"
    yield from click.wrap_text(" ".join(text.split()), 100, start, start).splitlines()


def _book(name: str, parent: str) -> Iterator[str]:
    from simulator.books.load import load_book
    from simulator.books.names import SHARES
    from simulator.glossary.registry import terms

    book = load_book(name)
    yield f"## An assumption book: what differs from {name} ({book.title})."
    yield _RULE
    yield f"extends: {parent}"
    yield "title: My book"
    yield "description: What is assumed here, and why."
    if book.pool:
        yield ""
        yield "## A pool: every draw takes one of these books, by weight."
        yield f"#pool: {_flow(dict(book.pool_weights))}"
        return
    yield ""
    yield from _remark(_ON_VIEWS)
    yield from (f"#{line}" for line in _VIEW if "nobody" not in line or "view" not in book.choices)
    yield ""
    yield from _remark(_ON_ENTRIES)
    yield "#entries:"
    for key, entry in sorted(book.entries.items()):
        term = terms("assumptions").get(key) or terms("assumptions")[f"{key}.{SHARES[key][0]}"]
        yield from _remark(f"{key}: {term.meaning} ({entry.unit}, {term.allowed})", "  ")
        note = {"kind": "judgement", "note": "who says so, and why"}
        written = {"distribution": entry.form.model_dump(mode="json"), "source": note}
        yield f"#  {key}: {_flow(written)}"


_ON_VIEWS: Final = """\
An expert is a view: it replaces the assumptions that it touches, in the share of the draws that its
weight gives it among all views. Assumptions are named by 'simulator list assumptions'."""
_ON_ENTRIES: Final = """\
Every assumption as it is in the book that this one extends. A distribution is a number or one of:
uniform: [low, high]; quantiles: {p05: .., p50: .., p95: ..}; normal, lognormal, beta, gamma,
triangular, pert, mixture. Say in 'source' who says so."""
_VIEW: Final = """\
structure:
  view:
    description: Whose view is taken.
    options:
      nobody: {weight: 0.8, description: The book as it is., source: {kind: judgement, note: mine}}
      my-expert:
        weight: 0.2
        description: Who this is.
        source: {kind: judgement, note: "what was said, where and when"}
        entries:
          w0: {distribution: {quantiles: {p05: 0.2, p50: 0.35, p95: 0.5}, scale: logit}}
          us_backstop.loss_annual: {distribution: 0.05}""".splitlines()


def _sweep(name: str, parent: str) -> Iterator[str]:
    from simulator.inputs.kinds import kind_of_file
    from simulator.scenario import load_scenario
    from simulator.sweeps.files import load_sweep
    from simulator.sweeps.schema import SweepFile

    is_sweep = kind_of_file(name) == "sweep"
    if is_sweep:
        load_sweep(name)
        yield f"## A sweep: what differs from {name}."
        yield f"extends: {parent}"
    else:
        load_scenario(name)
        yield f"## A sweep: {name}, with every combination of the levers under 'grid'."
        yield f"scenario: {parent}"
    yield _RULE
    yield "title: My sweep"
    if not is_sweep:
        yield ""
        yield "## A list of values, {from: .., to: .., steps: ..} or {options: {name: value}}."
        yield "grid:"
        yield "  force.target_troops: [10000, 20000, 40000]"
        yield "  us_backstop: [all, none]"
    examples: Mapping[str, Any] = {
        "book": "blend",
        "draws": 1024,
        "trials": 16,
        "seed": 1,
        "set": {"monitoring.orbits": 20},
        "zip": {"ukraine_support.trainers": [0, 2000], "ukraine_support.rearmament": [0.5, 1.0]},
        "points": [{"force.posture": "rear"}, {"force.posture": "cities"}],
        "sample": {"size": 8, "ranges": {"front_km": {"from": 800, "to": 1200}}},
    }
    for field, example in examples.items():
        yield ""
        yield from _remark(str(SweepFile.model_fields[field].description))
        yield f"#{field}: {_flow(example)}"


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Mapping):
        inside = (f"{_flow(str(key))}: {_flow(item)}" for key, item in value.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value not in ("true", "false", "null")
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
