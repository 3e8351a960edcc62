"""Pydantic's errors in our words: every kind, unions, validators; none of pydantic's own text."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

from simulator.inputs import (
    FieldError,
    InputError,
    Meaning,
    StrictModel,
    check,
    check_tolerantly,
    read_document,
    reader,
)
from simulator.inputs.locations import make_source


def problems_of(text: str, model: type[BaseModel], folder: Path) -> list[str]:
    path = folder / "f.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        check(read_document(path), model)
    rendered = caught.value.render()
    assert "pydantic" not in rendered
    assert "http" not in rendered
    return [
        problem.render().split("\n")[0].removeprefix(f"{path}:")
        for problem in caught.value.problems
    ]


def _ordered(value: str) -> str:
    if value != "ok":
        raise ValueError("must be ok")
    return value


class Range(StrictModel):
    low: float
    high: float

    @model_validator(mode="after")
    def _is_ordered(self) -> Range:
        if self.low > self.high:
            raise FieldError("must not be below low", ("high",), hint="swap them")
        return self


class Everything(StrictModel):
    whole: int = 0
    number: float = Field(0.0, gt=0, le=1)
    half_open: float = Field(0.0, ge=0, lt=1)
    below: float = Field(0.0, lt=5)
    word: str = Field("xx", min_length=2, max_length=4)
    code: str = Field("a", pattern="^[a-z]$")
    said: Annotated[str, Field(pattern="^[a-z]$"), Meaning("a lower-case letter")] = "a"
    truth: bool = True
    pick: Literal["rear", "line"] = "rear"
    only: Literal["one"] = "one"
    colour: Literal["red", "blue"] = "red"
    pair: tuple[int, int] = (0, 0)
    items: tuple[int, ...] = Field((), max_length=2)
    some: list[str] = Field([], min_length=1)
    range_: Range | None = Field(None, alias="range")
    mixed: float | Range = 0.0
    words: str | list[str] = ""
    checked: Annotated[str, AfterValidator(_ordered)] = "ok"
    table: dict[str, Range] = Field(default_factory=dict)
    multiple: int = Field(0, multiple_of=5)
    day: datetime.date | None = None
    nested: dict[str, dict[str, list[Range]]] = Field(default_factory=dict)
    explained: Annotated[float | Range, Meaning("a share or a range")] = 0.0
    null: None = None


def thousands(meant: int) -> str:
    return f"did you mean {meant}? A dot is the decimal point, not a separator of thousands"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("whole: 1.5", "1:8: whole: expected a whole number, got 1.5"),
        ("whole: 1e3", "1:8: whole: expected a whole number, got 1e3; did you mean 1000?"),
        ("whole: 20.000", f"1:8: whole: expected a whole number, got 20.000; {thousands(20000)}"),
        (
            "whole: 1.250.000",
            "1:8: whole: expected a whole number, got the text '1.250.000'; did you mean 1250000?",
        ),
        ("whole: 2.0", "1:8: whole: expected a whole number, got 2.0; did you mean 2?"),
        ("whole: x", "1:8: whole: expected a whole number, got the text 'x'"),
        ("whole: true", "1:8: whole: expected a whole number, got true"),
        ("whole: null", "1:8: whole: expected a whole number, got nothing (null)"),
        ("whole:", "1:1: whole: expected a whole number, got nothing (null)"),
        ("whole: [1]", "1:8: whole: expected a whole number, got a list"),
        ("number: 0", "1:9: number: expected a number in (0, 1], got 0"),
        ("number: 2.5", "1:9: number: expected a number in (0, 1], got 2.5"),
        ("half_open: 1", "1:12: half_open: expected a number in [0, 1), got 1"),
        ("below: 5.0", "1:8: below: expected a number < 5, got 5.0"),
        (
            "number: '0.5'",
            "1:9: number: expected a number in (0, 1], got the text '0.5'; did you mean 0.5?",
        ),
        ("word: x", "1:7: word: text must have at least 2 characters"),
        ("word: xxxxx", "1:7: word: text must have at most 4 characters"),
        ("word: 12", "1:7: word: expected text, got 12; put it in quotes: '12'"),
        ("code: A", "1:7: code: text must match the pattern ^[a-z]$, got the text 'A'"),
        ("said: A", "1:7: said: expected a lower-case letter, got the text 'A'"),
        (
            "truth: no",
            "1:8: truth: expected true or false, got the text 'no'; "
            "did you mean false? YAML 1.2 reads no as text",
        ),
        (
            "truth: 'true'",
            "1:8: truth: expected true or false, got the text 'true'; "
            "did you mean true, without quotes?",
        ),
        ("truth: 1", "1:8: truth: expected true or false, got 1"),
        (
            "pick: rea",
            "1:7: pick: expected one of rear, line, got the text 'rea'; did you mean 'rear'?",
        ),
        ("pick: 3", "1:7: pick: expected one of rear, line, got 3"),
        ("only: two", "1:7: only: expected one, got the text 'two'"),
        (
            "colour: re",
            "1:9: colour: expected one of red, blue, got the text 're'; did you mean 'red'?",
        ),
        ("pair: [1]", "1:7: pair[1]: missing, expected a whole number"),
        ("pair: [1, 2, 3]", "1:7: pair: must have at most 2 entries, has 3"),
        ("items: [1, x]", "1:12: items[1]: expected a whole number, got the text 'x'"),
        ("items: [1, 2, 3]", "1:8: items: must have at most 2 entries, has 3"),
        ("items: 3", "1:8: items: expected a list, got 3"),
        ("some: []", "1:7: some: must have at least 1 entries, has 0"),
        ("some: x", "1:7: some: expected a list, got the text 'x'; did you mean [x]?"),
        ("range: {low: 1}", "1:8: range.high: missing, expected a number"),
        ("range: {low: 2, high: 1}", "1:23: range.high: must not be below low; swap them"),
        (
            "range: 3",
            "1:8: range: expected a mapping ('key: value' lines), or null, got 3",
        ),
        (
            "range_: {low: 1, high: 2}",
            "1:1: range_: unknown field, allowed: "
            + ", ".join(f.alias or n for n, f in Everything.model_fields.items())
            + ", extends; did you mean 'range'?",
        ),
        ("mixed: {low: 1, high: x}", "1:23: mixed.high: expected a number, got the text 'x'"),
        ("mixed: {low: 1}", "1:8: mixed.high: missing, expected a number"),
        (
            "mixed: x",
            "1:8: mixed: expected a number or a mapping ('key: value' lines), got the text 'x'",
        ),
        ("words: 3", "1:8: words: expected text or a list, got 3; put it in quotes: '3'"),
        ("words: [a, 3]", "1:12: words[1]: expected text, got 3; put it in quotes: '3'"),
        ("checked: no", "1:10: checked: must be ok"),
        (
            "table: {a: {low: 1, high: 2, hihg: 3}}",
            "1:30: table.a.hihg: unknown field, allowed: low, high; did you mean 'high'?",
        ),
        ("table: {1: {low: 1}}", "1:12: table.1.high: missing, expected a number"),
        ("multiple: 7", "1:11: multiple: must be a multiple of 5, got 7"),
        ("day: tomorrow", "1:6: day: the text 'tomorrow' is not allowed here"),
        (
            "nested: {a: {b: [{low: 1, high: 2}, {low: x, high: 2}]}}",
            "1:43: nested.a.b[1].low: expected a number, got the text 'x'",
        ),
        ("explained: x", "1:12: explained: expected a share or a range, got the text 'x'"),
        ("null_: 1", None),
        ("low: 1", "1:1: low: unknown field"),
        ("'null': 1", "1:9: null: expected null, got 1"),
    ],
)
def test_every_kind_of_mistake(text: str, expected: str | None, tmp_path: Path) -> None:
    (problem,) = problems_of(text, Everything, tmp_path)
    if expected is not None:
        assert problem.startswith(expected) if "unknown" in expected else problem == expected


def test_no_kind_of_error_leaks_pydantics_words(tmp_path: Path) -> None:
    """Wrong values of every shape for every field: all messages are ours."""
    theirs = re.compile(r"Input should|Field required|Extra inputs|valid |Value error|\[type=")
    wrong = [
        "3",
        "-1.5",
        "x",
        "xxxxxxxx",
        "true",
        "null",
        "[x]",
        "[1, 2, 3, 4]",
        "{a: 1}",
        "{}",
        "[]",
    ]
    for name, field in Everything.model_fields.items():
        for value in wrong:
            path = tmp_path / "f.yaml"
            path.write_text(f"'{field.alias or name}': {value}\n")
            _, problems = check_tolerantly(read_document(path), Everything)
            for problem in problems:
                assert not theirs.search(problem.render()), problem.render()


def test_custom_errors_and_unforeseen_kinds_get_our_words(tmp_path: Path) -> None:
    def refuse(value: str) -> str:
        raise PydanticCustomError("their_own", "words of a library")

    class Custom(StrictModel):
        a: Annotated[str, AfterValidator(refuse)] = ""
        b: bytes = b""

    assert problems_of("a: x", Custom, tmp_path) == ["1:4: a: the text 'x' is not allowed here"]


def test_all_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "truth: yes\nwhole: x\npick: q\nextra: 1\n'number': 7\nrange: {high: x, lo: 1}\n"
    found = problems_of(text, Everything, tmp_path)
    assert [line.split(": ")[1] for line in found] == [
        "truth", "whole", "pick", "extra", "number", "range.high", "range.lo",
    ]  # fmt: skip
    assert "did you mean 'low'?" in found[-1]


class Block(StrictModel):
    orbits: int = 0


class Plan(StrictModel):
    title: str
    monitoring: Block = Block()
    other: Block = Block()


def test_hints_at_the_right_block(tmp_path: Path) -> None:
    (found,) = problems_of("title: x\norbits: 3\n", Plan, tmp_path)
    assert found.endswith("did you mean monitoring.orbits, other.orbits?")


def test_a_misspelt_field_is_not_also_missing(tmp_path: Path) -> None:
    (found,) = problems_of("titel: x\n", Plan, tmp_path)
    assert "did you mean 'title'?" in found


def test_root_models(tmp_path: Path) -> None:
    class Table(RootModel[dict[str, Range]]):
        pass

    found = problems_of("a: {low: 1, high: 2}\nb: {low: x, high: 2, hig: 3}\n", Table, tmp_path)
    assert [line.split(": ")[1] for line in found] == ["b.low", "b.hig"]


def test_what_was_refused_on_reading_is_not_reported_again(tmp_path: Path) -> None:
    node, problems = reader.parse(make_source("f", "whole: .nan\nnumber: !t 1\nword: 3\n"))
    assert node is not None
    from simulator.inputs import Document

    _, more = check_tolerantly(Document(node, ("f",)), Everything)
    assert [p.path for p in problems] == ["whole", "number"]
    assert [p.path for p in more] == ["word"]


def test_incomplete_documents_lack_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("other: {orbit: 1}\n")
    _, problems = check_tolerantly(read_document(path), Plan, complete=False)
    assert [p.path for p in problems] == ["other.orbit"]


def test_values_arrive_strictly_typed(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("number: 1\nitems: [1, 2]\ncolour: blue\nrange: {low: 0, high: 1}\nmixed: 3\n")
    checked = check(read_document(path), Everything)
    assert (type(checked.number), type(checked.items)) == (float, tuple)
    assert checked.colour == "blue"
    assert checked.range_ == Range(low=0.0, high=1.0)
    with pytest.raises(Exception, match="frozen"):
        checked.number = 2.0  # type: ignore[misc]  # that it is refused is the point


def test_models_that_are_not_strict_themselves_are_checked_strictly(tmp_path: Path) -> None:
    class Lax(BaseModel):
        a: int
        b: dict[str, Any] = {}

    assert problems_of("a: '3'\n", Lax, tmp_path)
