"""Reading books: what they hold, what inherits, what identifies them, and every mistake shown."""

from __future__ import annotations

import copy
import json
import random
import re
from pathlib import Path

import pytest
import yaml

from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, CHOICES, SHARES, UNITS, describe
from simulator.books.schema import BookFile, Form
from simulator.inputs import InputError

from .conftest import COMPLETE, CORPUS

INVALID = CORPUS / "books_invalid"
SHIPPED = ("blend", "evidence", "experts", "forecasters")


def wanted(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# expected: ") for line in lines if line.startswith("# expected: ")]


def shown(error: InputError) -> list[str]:
    """The problems as ``file:line:column: path: message; hint``, files without their folder."""
    text = [problem.render().splitlines()[0] for problem in error.problems]
    return [
        line.replace(f"{INVALID}/", "")
        .replace(f"{COMPLETE.parent}/", "")
        .replace("../books_valid/", "")
        for line in text
    ]


BROKEN = [path for path in sorted(INVALID.glob("*.yaml")) if wanted(path) != ["none"]]


@pytest.mark.slow
@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_an_invalid_book_is_refused_with_every_problem(path):
    with pytest.raises(InputError) as caught:
        load_book(path)
    assert shown(caught.value) == wanted(path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"p25": 0.3, "p50": 0.4, "p75": 0.6}, {"p25": 0.3, "p50": 0.4, "p75": 0.6}),
        ({"p90": 0.6, "p10": 0.3, "p50": 0.4}, {"p10": 0.3, "p50": 0.4, "p90": 0.6}),
        ({"5": 0.3, "50": 0.4, "95": 0.6}, {"p05": 0.3, "p50": 0.4, "p95": 0.6}),
        ({"0.05": 0.3, "0.5": 0.4, "0.95": 0.6}, {"p05": 0.3, "p50": 0.4, "p95": 0.6}),
        ({"2.5%": 0.3, "50 %": 0.4, "97.5%": 0.6}, {"p2.5": 0.3, "p50": 0.4, "p97.5": 0.6}),
    ],
)
def test_quantiles_are_read_by_their_percentages(written, meant):
    assert Form.model_validate({"quantiles": written}).value == meant


@pytest.mark.parametrize(
    ("quantiles", "words"),
    [
        ({"p50": 0.3, "p75": 0.4, "p95": 0.5}, "a quantile below p50 and one above"),
        ({"p05": 0.3, "p50": 0.4}, "needs three quantiles"),
        ({"p05": 1, "p25": 2, "p50": 3, "p95": 4}, "needs three quantiles"),
        ({"p05": 0.3, "median": 0.4, "p95": 0.5}, "named by its percentage"),
        ({"p0": 0.3, "p50": 0.4, "p100": 0.5}, "named by its percentage"),
        ({"p05": 0.3, "5": 0.4, "p95": 0.5}, "twice"),
        ({"p25": 0.3, "p50": 0.2, "p75": 0.5}, "needs p25 < p50 < p75"),
        ({"p05": 0.3, "p45": 0.31, "p95": 0.3105}, "no two half-normals"),
    ],
)
def test_quantiles_that_cannot_be_read_say_which(quantiles, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Form.model_validate({"quantiles": quantiles})


def test_there_are_enough_invalid_books():
    assert len(BROKEN) >= 25


# --- what a book holds ------------------------------------------------------------------------


def test_a_book_holds_every_name_with_its_unit_and_source(complete):
    held = {
        name if name not in SHARES else f"{name}.{part}"
        for name in complete.entries
        for part in SHARES.get(name, ("",))
    }
    assert held == set(ASSUMPTIONS)
    for name, entry in complete.entries.items():
        assert entry.unit == ("share" if name in SHARES else describe(name).unit)
        assert entry.source.note == "test"
    assert complete.correlations["consent.coalition", "consent.nato"] == 0.6
    assert complete.name == "complete"


def test_an_override_takes_over_what_it_leaves_out(complete):
    bleak = complete.choices["reference_class"].options["bleak"]
    entry = bleak.entries["w0"]
    assert (entry.unit, entry.group, entry.source) == ("probability", "test", bleak.source)
    anna = complete.choices["view"].options["anna"]
    assert anna.reweights["force_response"] == {"none": 1.0}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_books_are_valid_and_say_where_every_number_is_from(name):
    book = load_book(name)
    for plain in book.plain_books:
        for entries in plain.layers:
            for entry_name, entry in entries.items():
                source = entry.source
                assert source.file or source.citation or source.note, entry_name
        assert set(CHOICES) <= set(plain.choices)


def test_a_child_replaces_a_distribution_as_a_whole(heir):
    # Merged into the parent's quantiles this would be two forms at once.
    book = heir("entries: {hr.presence: {distribution: {uniform: [0.4, 0.6]}}}")
    assert book.entries["hr.presence"].form.value == [0.4, 0.6]
    assert book.entries["hr.presence"].group == "test"


def test_overrides_of_a_book_are_checked_like_the_file(complete):
    book = load_book(COMPLETE, ["entries.replacement.distribution=0.5"])
    assert book.entries["replacement"].distribution.support.low == 0.5
    with pytest.raises(
        InputError, match=r"--set:1:34: entries.replacement.distribution: must be at least 0"
    ):
        load_book(COMPLETE, ["entries.replacement.distribution=5"])


def test_unknown_books_are_named_with_a_suggestion():
    with pytest.raises(
        InputError, match="shipped: blend, evidence, experts, forecasters; did you mean 'experts'"
    ):
        load_book("expert")


# --- identity ---------------------------------------------------------------------------------


def test_prose_order_and_notation_do_not_change_the_digest(complete, heir):
    assert heir("title: Another").digest == complete.digest
    other = heir("entries: {replacement: {source: {note: another}, group: other}}")
    assert other.digest == complete.digest
    assert heir("entries: {clamp_hr.high: {distribution: {fixed: 4}}}").digest == complete.digest
    assert (
        heir("entries: {hr.ukraine: {distribution: {choice: {1.0: 1, 0.7: 2, 0.4: 1}}}}").digest
        == complete.digest
    )
    reordered = [
        f"{{between: [{second}, {first}], rho: {rho}}}"
        for (first, second), rho in complete.correlations.items()
    ]
    assert heir(f"correlations: [{', '.join(reversed(reordered))}]").digest == complete.digest


@pytest.mark.parametrize(
    "change",
    [
        "entries: {replacement: {distribution: {uniform: [0.2, 0.81]}}}",
        "entries: {adversary_odds_exponent: {distribution: {between: [0.1, 0.2]}}}",
        "entries: {adversary_odds_exponent: {distribution: {between: [0.1, 0.2], scale: log}}}",
        "entries: {us_backstop.component_weights: {distribution: {shares: {air_defence: 0.4,"
        " intelligence: 0.2, surveillance: 0.2, logistics: 0.2}}}}",
        "entries: {contributors.france.troops: {distribution: 5, unit: soldiers, group: x,"
        " source: {kind: judgement, note: x}}}",
        "correlations: [{between: [hr.presence, hr.air], rho: 0.5}]",
        "structure: {view: {options: {anna: {weight: 1.1}}}}",
        "structure: {view: {options: {anna: {structure: {force_response: tripwire}}}}}",
        "structure: {view: {options: {anna: {entries: {w0: {distribution: 0.5}}}}}}",
        "structure: {reference_class: {options: {bleak: {entries: {rearm_years_local:"
        " {distribution: {resamples: [4, 1, 3, 0.5]}}}}}}}",
    ],
)
def test_whatever_changes_a_number_changes_the_digest(complete, heir, change):
    assert heir(change).digest != complete.digest


def test_the_machine_form_is_json_with_sources(complete, tmp_path):
    form = json.loads(json.dumps(complete.machine_form(), allow_nan=False))
    assert form["entries"]["w0"]["distribution"] == {
        "quantiles": {"p05": 0.35, "p50": 0.58, "p95": 0.8},
        "scale": "logit",
    }
    assert form["entries"]["w0"]["source"] == {"kind": "judgement", "note": "test"}
    path = tmp_path / "pool.yaml"
    path.write_text(f"title: P\ndescription: D\npool: {{{COMPLETE}: 2}}\n", encoding="utf-8")
    pool = load_book(path)
    assert pool.machine_form()["books"]["complete"] == form
    assert pool.identity() == {"pool": {"complete": {"weight": 2.0, "book": complete.identity()}}}
    # A machine form without prose is a book again.
    form.pop("name")
    again = tmp_path / "again.yaml"
    again.write_text(yaml.safe_dump(form), encoding="utf-8")
    assert load_book(again).digest == complete.digest


def test_every_unit_is_used_and_every_range_is_that_of_a_unit_or_tighter():
    assert {assumption.unit for assumption in ASSUMPTIONS.values()} == set(UNITS)
    for assumption in ASSUMPTIONS.values():
        assert assumption.within.within(UNITS[assumption.unit])


# --- nothing but input errors -----------------------------------------------------------------

ODD = [
    None,
    True,
    -1,
    0,
    1e308,
    10**400,
    "",
    "x",
    [],
    [1],
    {},
    {"a": 1},
    {"fixed": 1},
    [[]],
    {"": None},
]


def paths_of(tree: object, path: tuple = ()) -> list[tuple]:
    inside = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    return [path] * bool(path) + [p for key, value in inside for p in paths_of(value, (*path, key))]


@pytest.mark.slow
def test_a_book_broken_anywhere_is_an_input_error_and_nothing_else(tmp_path):
    tree = yaml.safe_load(COMPLETE.read_text(encoding="utf-8"))
    everywhere = paths_of(tree)
    # Half of the places in the small, intricate part of the file.
    intricate = [path for path in everywhere if path[0] in ("structure", "correlations")]
    chance = random.Random(5)
    refused = 0
    for round_ in range(80):
        broken = copy.deepcopy(tree)
        path = chance.choice(intricate if round_ % 2 else everywhere)
        parent = broken
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = chance.choice(ODD)
        file = tmp_path / "broken.yaml"
        file.write_text(yaml.safe_dump(broken), encoding="utf-8")
        try:
            load_book(file)
        except InputError as error:
            assert str(error)
            refused += 1
    assert refused > 60


def test_the_json_schema_of_a_book_knows_every_form_and_the_bare_number():
    schema = BookFile.model_json_schema()
    text = json.dumps(schema)
    for form in Form.model_fields:
        assert f'"{form}"' in text
    assert '{"type": "number"}' in text
