"""``--set``: typed, placed and checked like the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from simulator.inputs import InputError, StrictModel, check, read_document
from tests.inputs.applying import apply_sets

TEXT = """
force: {target_troops: 1000, posture: rear, ceiling: 5}
assumptions: {w0: {beta: {a: 1, b: 2}}}
"""


@pytest.fixture
def document(tmp_path: Path) -> Any:
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT)
    return read_document(path)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("force.target_troops=20000", ("force", "target_troops"), 20000),
        (" force.target_troops = 20000 ", ("force", "target_troops"), 20000),
        ("force.posture=NO", ("force", "posture"), "NO"),
        ("force.posture='1e5'", ("force", "posture"), "1e5"),
        ("force.x=1e5", ("force", "x"), 1e5),
        ("force.x=a=b", ("force", "x"), "a=b"),
        ("force.x=[1, {y: 2}]", ("force", "x"), [1, {"y": 2}]),
        ("new.block.deep=true", ("new", "block", "deep"), True),
        ("assumptions.hr.presence=0.5", ("assumptions", "hr.presence"), 0.5),
        (
            "assumptions.contributors.germany.commitment={fixed: 1}",
            ("assumptions", "contributors.germany.commitment"),
            {"fixed": 1},
        ),
        ("force.title='a # b'", ("force", "title"), "a # b"),
        ("force.title=a #b", ("force", "title"), "a"),
    ],
)
def test_values_are_yaml(document: Any, text: str, path: tuple[str, ...], value: Any) -> None:
    changed = apply_sets(document, [text])
    node = changed.at(path)
    assert node is not None
    assert node.plain() == value
    assert type(node.plain()) is type(value)
    place = changed.where(path)
    assert (place.file, place.line, place.text) == ("--set", 1, text)
    assert place.column > text.index("=") + 1 or node.content == 20000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("opener", ["[", "{", "[{", "[x: "])
def test_nesting_has_the_limit_of_files(document: Any, opener: str) -> None:
    with pytest.raises(InputError) as caught:
        apply_sets(document, ["force.posture=rear", f"force.x={opener * 5_000}"])
    (problem,) = caught.value.problems
    assert "deeper than the 32 levels" in problem.message
    assert problem.position is not None
    assert (problem.position.file, problem.position.line) == ("--set", 2)
    # The value starts at column 9; the 33rd level is where it would be in a file.
    assert problem.position.column == {"[x: ": 9 + 64}.get(opener, 9 + 32)


def test_null_deletes_and_maps_merge(document: Any) -> None:
    changed = apply_sets(
        document, ["force.ceiling=null", "force={posture: line}", "a.b=1", "a.c=2"]
    )
    assert changed.value["force"] == {"target_troops": 1000, "posture": "line"}
    assert changed.value["a"] == {"b": 1, "c": 2}
    assert document.value["force"]["ceiling"] == 5, "the original is untouched"


def test_an_empty_map_empties(document: Any) -> None:
    changed = apply_sets(document, ["assumptions={}", "force={posture: line}"])
    assert changed.value["assumptions"] == {}
    assert changed.value["force"] == {"target_troops": 1000, "posture": "line", "ceiling": 5}


def test_distributions_are_replaced_whole_but_can_be_reached_into(document: Any) -> None:
    whole = [("assumptions", "*")]
    changed = apply_sets(document, ["assumptions.w0={uniform: [0, 1]}"], whole)
    assert changed.value["assumptions"]["w0"] == {"uniform": [0, 1]}
    whole = [("force",)]
    changed = apply_sets(document, ["force.target_troops=2"], whole)
    assert changed.value["force"]["posture"] == "rear"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("force.target_troops", 1, "expected PATH=VALUE"),
        ("", 1, "expected PATH=VALUE"),
        ("=3", 1, "dotted path"),
        ("force..x=3", 1, "dotted path"),
        (".force=3", 1, "dotted path"),
        ("assumptions.=3", 1, "dotted path"),
        ("force.x=", 9, "write null to delete"),
        ("force.x=   ", 9, "write null to delete"),
        ("force.x=#no", 9, "only a comment"),
        ("force.x=1\ny: 2", 9, "on one line"),
        ("force.x=a: b: c", 13, "in quotes"),
        ("force.x=&a 1", 9, "anchor"),
        ("force.x=!!int 1", 9, "tag"),
        ("force.x=.inf", 9, "finite"),
        ("force.x=[1, 2", 9, "not closed"),
        ("force.x='open", 9, "never closed"),
        ("force.x={a: 1, a: 2}", 16, "duplicate"),
        ("force.x=@y", 9, "cannot start with '@'"),
        ("force.x=1\t", 10, "tab"),
        ("force.x=057", 9, "write 57 or 0.57"),
        ("force.x=[20,000]", 13, "write 20000"),
        (".".join("a" * 2_000) + "=1", 1, "deeper than the 32 levels"),
        (".".join("a" * 33) + "=1", 1, "deeper than the 32 levels"),
    ],
)
def test_malformed(document: Any, text: str, column: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        apply_sets(document, ["force.posture=line", text])
    problem = caught.value.problems[0]
    assert words in f"{problem.message}; {problem.hint}"
    assert problem.position is not None
    assert (problem.position.file, problem.position.line) == ("--set", 2)
    assert problem.position.column == column


def test_the_same_path_twice_is_a_mistake(document: Any) -> None:
    with pytest.raises(InputError, match=r"--set:3:1: a\.b: set twice, first by override 1"):
        apply_sets(document, ["a.b=1", "a.c=2", "a.b=3"])


class Force(StrictModel):
    target_troops: int = Field(ge=0)
    posture: str
    ceiling: int | None = None


class Plan(StrictModel):
    force: Force
    assumptions: dict[str, Any]


def test_types_are_checked_as_in_files(document: Any) -> None:
    sets = ["force.target_troops=1e5", "force.posture=3", "farce.x=1", "force.ceiling=many"]
    with pytest.raises(InputError) as caught:
        check(apply_sets(document, sets), Plan)
    assert [problem.render().split("\n")[0] for problem in caught.value.problems] == [
        "--set:1:21: force.target_troops: expected a whole number >= 0, got 1e5; "
        "did you mean 100000?",
        "--set:2:15: force.posture: expected text, got 3; put it in quotes: '3'",
        "--set:3:1: farce: unknown field, allowed: force, assumptions, extends; "
        "did you mean 'force'?",
        "--set:4:15: force.ceiling: expected a whole number, or null, got the text 'many'",
    ]
    plan = check(apply_sets(document, ["force.target_troops=0x10"]), Plan)
    assert plan.force.target_troops == 16
