"""Files that users write: checked, begun from a shipped one, and described for editors."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from pydantic import BaseModel

from simulator.analysis.inputs import load_plans
from simulator.books.load import load_book, notes_on_weights
from simulator.books.names import SHARES
from simulator.books.schema import BookFile
from simulator.cli.options import Given
from simulator.glossary.registry import describe_fields, terms
from simulator.inputs.kinds import kind_of_file
from simulator.inputs.problems import InputError
from simulator.scenario import load_scenario
from simulator.scenario.json_schema import file_json_schema, scenario_json_schema
from simulator.storage import StorageError, make_folder, write_text
from simulator.sweeps.files import load_sweep
from simulator.sweeps.schema import SweepFile
from simulator.templates import environment, rendered


class _Found(NamedTuple):
    """A valid file: what it is, what one would want to know, and its machine form."""

    line: str
    notes: Sequence[str]
    form: dict[str, Any]


def validate_command(given: Given, files: tuple[str, ...], resolved: bool) -> int:
    """Check files and print what they are, and their mistakes; return the exit code."""
    valid, reports = [], []
    for name in files:
        try:
            valid.append(_checked(name, given))
        except InputError as error:
            reports.append(error.render())
    if resolved:
        click.echo(json.dumps([found.form for found in valid], indent=2))
    else:
        for found in valid:
            click.echo("\n  note: ".join([found.line, *found.notes]))
    for report in reports:
        click.echo(report, err=True)
    return 2 if reports else 0


def _checked(name: str, given: Given) -> _Found:
    kind, sets = kind_of_file(name), given.sets
    if kind == "sweep":
        from simulator.sweeps.planning import make_plan

        sweep = load_sweep(name, sets, options={"book": given.book} if given.book else None)
        plan, _ = make_plan(sweep)
        line = f"{plan.name}: a valid sweep of {len(plan.points):,} points ({plan.title})"
        return _Found(line, sweep.notes, plan.tree())
    if kind == "book":
        found = load_book(name, sets)
        line = f"{found.name}: a valid book ({found.title})"
        return _Found(line, list(notes_on_weights(found, {})), found.machine_form())
    ((scenario, assumed),) = load_plans([name], given.book, sets)  # whatever it is, as a plan
    notes = [*scenario.notes, *notes_on_weights(assumed, scenario.structure)]
    return _Found(f"{scenario.name}: valid ({scenario.title})", notes, scenario.machine_form())


DEFAULTS: Final = {"plan": "reassurance-force", "book": "evidence", "sweep": "reassurance-force"}
_PLAIN: Final = re.compile(r"[A-Za-z][\w./-]*")
_RULE: Final = "## What follows a single # is a setting: take the # away to use it."


def new_command(given: Given, kind: str, start: str | None, output: Path | None) -> None:
    """Write the file and say how to use it."""
    path = output or Path(f"my-{kind}.yaml")
    if path.exists():
        raise StorageError(path, "is there already; choose another file with -o")
    name = start or DEFAULTS[kind]
    is_shipped = Path(name).name == name and not name.endswith((".yaml", ".yml"))
    # A file as the new one names it: from its own folder.
    parent = name if is_shipped else Path(os.path.relpath(name, path.parent)).as_posix()
    values = {"plan": _plan, "book": _book, "sweep": _sweep}[kind](name)
    environment("simulator.cli").filters |= {"flow": _flow, "remark": _remark}
    text = rendered(
        "simulator.cli", f"new-{kind}.yaml", name=name, parent=parent, rule=_RULE, **values
    )
    make_folder(path.parent)
    write_text(path.parent, path.name, f"{text}\n")
    use = {"plan": f"run {path}", "book": f"run {DEFAULTS['plan']} --book {path}"}
    click.echo(f"written to {path}", err=True)
    command = use.get(kind, f"sweep {path} --out results/{path.stem}")
    click.echo(f"next: edit it; simulator validate {path}; simulator {command}", err=True)


def _plan(name: str) -> dict[str, Any]:
    scenario = load_scenario(name)
    values = scenario.machine_form() | {"book": scenario.book or "blend"}
    values["contributors"] = {"sets": ["likely"], "without": [], "members": {}}
    values["contributors"] |= scenario.document.value.get("contributors") or {}
    values["air_support"]["bases"] = {
        key: {"aircraft": base.aircraft} for key, base in scenario.bases.items()
    }
    levers = []
    for lever, term in terms("levers").items():
        if lever != "us_backstop":  # its parts follow
            block, _, field = lever.rpartition(".")
            value: Any = reduce(lambda tree, part: tree[part], lever.split("."), values)
            said = {"meaning": term.meaning, "allowed": term.allowed}
            levers.append({"block": block, "field": field, "value": value, **said})
    return {"levers": levers}


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


def schema_command(given: Given, kind: str) -> None:
    """Print the schema."""
    models: dict[str, type[BaseModel]] = {"book": BookFile, "sweep": SweepFile}
    schema = file_json_schema(models[kind]) if kind in models else scenario_json_schema()
    click.echo(json.dumps(describe_fields(schema), indent=2))
