"""The registry of terms: it knows every name that users meet, and nothing else feeds on lists."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.books.names import ASSUMPTIONS, CHOICES
from simulator.cli.commands import TERMS, cli
from simulator.estimates.tally import COLUMNS
from simulator.glossary.registry import KINDS, find, in_books, terms
from simulator.inputs import InputError, names_in, shipped
from simulator.inputs.inheritance import COUNTS, SWITCHES
from simulator.quantities import QUANTITIES
from simulator.scenario import load_scenario
from simulator.scenario.schema import BaseUse, UsBackstop
from tests.scenario.minischema import accepts
from tests.scenario.test_json_schema import CORPUS, tree

explain_command = cli.commands["explain"]
schema_command = cli.commands["schema"]

ROOT = Path(__file__).parents[2]
ALL = [term for kind in KINDS for term in terms(kind).values()]


def call(command, *words):
    found = CliRunner().invoke(command, words, standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_it_knows_what_the_model_knows() -> None:
    assert set(ASSUMPTIONS) < set(terms("assumptions"))
    assert set(CHOICES) <= set(terms("options"))
    assert terms("estimates").keys() == QUANTITIES.keys()
    assert set(COLUMNS) <= set(terms("columns")) | set(terms("estimates"))
    assert tuple(KINDS) == TERMS


def test_every_term_has_a_meaning_and_every_assumption_acts_somewhere() -> None:
    assert all(term.meaning for term in ALL), [t.name for t in ALL if not t.meaning]
    for term in ALL:
        if term.kind in ("assumptions", "estimates"):
            assert term.acts, term.name
            assert term.unit, term.name


def test_sections_and_equations_are_those_of_the_model() -> None:
    parts = re.split(r"^## ", (ROOT / "docs" / "model.md").read_text("utf-8"), flags=re.MULTILINE)
    titles = {part.splitlines()[0] for part in parts}
    numbers = {int(n) for n in re.findall(r" \((\d+)\)$", "\n".join(parts), re.MULTILINE)}
    for term in ALL:
        if term.acts:
            section, _, equations = term.acts.removeprefix("docs/model.md, ").partition(", eq. ")
            assert section in titles, term
            assert {int(n) for n in re.findall(r"\d+", equations)} <= numbers, term


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("w0", {"assumptions"}),
        ("assumptions.kappa", {"assumptions"}),
        ("contributors.france.troops", {"assumptions"}),
        ("cause_shares.offensive", {"assumptions"}),
        ("tripwire", {"options"}),
        ("fill_rate", {"estimates", "words"}),
        ("mcse", {"columns", "words"}),
        ("force.posture", {"levers"}),
    ],
)
def test_a_name_is_found_in_all_that_it_means(name: str, kinds: set[str]) -> None:
    assert {term.kind for term in find(name)} == kinds


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'force_response'"):
        find("force_respnse")


def test_ranges_are_those_of_the_books() -> None:
    (said,) = json.loads(call(explain_command, "adversary_troops", "--json"))
    assert [one["book"] for one in said["books"]] == ["evidence", "experts"]
    assert {one["range"] for one in said["books"]} == {"600,000"}
    assert all(one["source"] for one in said["books"])
    weights = next(in_books(find("force_response")[0])).text
    assert sum(map(float, re.findall(r"[\d.]+", weights))) == pytest.approx(1.0)


def test_the_glossary_is_up_to_date() -> None:
    page: Any = runpy.run_path(str(ROOT / "docs" / "glossary.py"))
    assert page["PAGE"].read_text("utf-8") == page["page"](), "run python docs/glossary.py"


def _undescribed(node: Any, at: str = "") -> list[str]:
    if isinstance(node, list):
        return [one for item in node for one in _undescribed(item, at)]
    if not isinstance(node, dict):
        return []
    fields = {} if at.endswith("/then") else node.get("properties", {})
    found = [f"{at}.{name}" for name, field in fields.items() if not field.get("description")]
    return found + [one for key, item in node.items() for one in _undescribed(item, f"{at}/{key}")]


@pytest.mark.parametrize(
    ("kind", "folders"),
    [
        ("plan", [CORPUS / "valid", shipped("scenarios")]),
        ("book", [CORPUS / "books_valid", shipped("configs/assumptions")]),
        ("sweep", [shipped("configs/sweeps")]),
    ],
)
def test_schemas_describe_every_field_and_accept_every_valid_file(kind, folders) -> None:
    schema = json.loads(call(schema_command, kind))
    assert _undescribed(schema) == []
    assert _undescribed({"properties": {"a": {}}}) == [".a"]
    seen = 0
    for folder in folders:
        for name in names_in(folder):
            seen += 1
            assert accepts(schema, tree(folder / f"{name}.yaml")), (folder.name, name)
    assert seen
    assert not accepts(schema, {"title": 3})


def test_shorthands_are_the_fields_of_their_models(tmp_path) -> None:
    assert set(SWITCHES[("us_backstop",)]) == set(UsBackstop.model_fields)
    assert set(COUNTS.values()) == set(BaseUse.model_fields)
    for name, text in {
        "all": "us_backstop: all",
        "part": "us_backstop: {logistics: false}",
    }.items():
        parent = "reassurance-force" if name == "all" else "all.yaml"
        (tmp_path / f"{name}.yaml").write_text(f"extends: {parent}\ntitle: x\n{text}\n")
    child = load_scenario(tmp_path / "part.yaml", ["air_support.bases.lask=16"])
    assert child.us_backstop == UsBackstop(
        air_defence=True, intelligence=True, surveillance=True, logistics=False
    )
    assert child.bases["lask"].aircraft == 16
    with pytest.raises(InputError, match="expected all, none or a mapping"):
        load_scenario("no-force", ["us_backstop=some"])
