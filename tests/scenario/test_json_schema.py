"""The JSON Schema for editors: it accepts every valid file and knows the plain mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.inputs import names_in, reader, shipped
from simulator.inputs.locations import read_file
from simulator.scenario import load_catalogues, scenario_json_schema
from tests.scenario.minischema import accepts

CORPUS = Path(__file__).parent.parent / "corpus"
SCHEMA = json.loads(json.dumps(scenario_json_schema()))

# What a schema cannot see: other files, and whether all fields of a new contributor are there
# (those of a known one may be left out).
BEYOND_A_SCHEMA = ["extends-circle", "extends-unknown-name", "new-contributor-incomplete"]


def tree(path: Path) -> Any:
    """Return a file as an editor sees it: YAML, nothing resolved."""
    source, _ = read_file(path)
    if source is None:
        return None
    node, problems = reader.parse(source)
    return None if problems or node is None else node.plain()


@pytest.mark.parametrize("name", names_in(CORPUS / "valid"))
def test_accepts_the_valid_corpus(name: str) -> None:
    assert accepts(SCHEMA, tree(CORPUS / "valid" / f"{name}.yaml"))


@pytest.mark.parametrize("name", names_in(shipped("scenarios")))
def test_accepts_what_is_shipped(name: str) -> None:
    assert accepts(SCHEMA, tree(shipped("scenarios") / f"{name}.yaml"))


READABLE = {
    name: tree(CORPUS / "invalid" / f"{name}.yaml") for name in names_in(CORPUS / "invalid")
}


def test_the_exceptions_are_all_that_it_misses() -> None:
    readable = {name: value for name, value in READABLE.items() if value is not None}
    assert [name for name in readable if accepts(SCHEMA, readable[name])] == BEYOND_A_SCHEMA


def test_offers_the_names_of_the_catalogues() -> None:
    text = json.dumps(SCHEMA)
    known = load_catalogues()
    for name in (*known.contributors, *known.bases, *known.sets):
        assert f'"{name}"' in text
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")
    assert "extends" in SCHEMA["properties"]
