"""``simulator new``: a commented file to start from."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from simulator.books.load import load_book
from simulator.books.names import SHARES
from simulator.cli.options import Given
from simulator.glossary.registry import terms
from simulator.inputs.kinds import kind_of_file
from simulator.scenario import load_scenario
from simulator.storage import StorageError, make_folder, write_text
from simulator.sweeps.files import load_sweep
from simulator.sweeps.schema import SweepFile

DEFAULTS: Final = {"plan": "reassurance-force", "book": "evidence", "sweep": "reassurance-force"}
_PLAIN: Final = re.compile(r"[A-Za-z][\w./-]*")
_RULE: Final = "## What follows a single # is a setting: take the # away to use it."


def command(given: Given, kind: str, start: str | None, output: Path | None) -> None:
    """Write the file and say how to use it."""
    path = output or Path(f"my-{kind}.yaml")
    if path.exists():
        raise StorageError(path, "is there already; choose another file with -o")
    name = start or DEFAULTS[kind]
    is_shipped = Path(name).name == name and not name.endswith((".yaml", ".yml"))
    # A file as the new one names it: from its own folder.
    parent = name if is_shipped else Path(os.path.relpath(name, path.parent)).as_posix()
    values = {"plan": _plan, "book": _book, "sweep": _sweep}[kind](name)
    template = _templates().get_template(f"new-{kind}.yaml.j2")
    text = template.render(values, name=name, parent=parent, rule=_RULE)
    make_folder(path.parent)
    write_text(path.parent, path.name, text)
    use = {"plan": f"run {path}", "book": f"run {DEFAULTS['plan']} --book {path}"}
    click.echo(f"written to {path}", err=True)
    command = use.get(kind, f"sweep {path} --out results/{path.stem}")
    click.echo(f"next: edit it; simulator validate {path}; simulator {command}", err=True)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("simulator.cli"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"flow": _flow, "remark": _remark}
    return environment


def _plan(name: str) -> dict[str, Any]:
    scenario = load_scenario(name)
    values = scenario.machine_form() | {"book": scenario.book or "blend"}
    values["contributors"] = {"sets": ["likely"], "without": [], "members": {}}
    values["contributors"] |= scenario.document.value.get("contributors") or {}
    values["air_support"]["bases"] = {
        key: {"aircraft": base.aircraft} for key, base in scenario.bases.items()
    }
    return {"levers": list(_levers(values))}


def _levers(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for lever, term in terms("levers").items():
        if lever != "us_backstop":  # its parts follow
            block, _, field = lever.rpartition(".")
            value: Any = reduce(lambda tree, part: tree[part], lever.split("."), values)
            said = {"meaning": term.meaning, "allowed": term.allowed}
            yield {"block": block, "field": field, "value": value, **said}


def _book(name: str) -> dict[str, Any]:
    book, known = load_book(name), terms("assumptions")
    entries = [
        (key, entry, known.get(key) or known[f"{key}.{SHARES[key][0]}"])
        for key, entry in (() if book.pool else sorted(book.entries.items()))
    ]
    return {"book": book, "entries": entries}


def _sweep(name: str) -> dict[str, Any]:
    is_sweep = kind_of_file(name) == "sweep"
    if is_sweep:
        load_sweep(name)
    else:
        load_scenario(name)
    return {"is_sweep": is_sweep, "fields": SweepFile.model_fields}


def _remark(text: str, indent: str = "") -> str:
    start = f"## {indent}"
    return click.wrap_text(" ".join(text.split()), 100, start, start)


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
