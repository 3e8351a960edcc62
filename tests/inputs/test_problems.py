"""How a problem looks: one line that says all, the source line, a caret under the mistake."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from simulator.inputs import InputError, Position, Problem, closest, did_you_mean, dotted, listed
from simulator.inputs.problems import MAX_PROBLEMS, MAX_RENDERED


def render(text: str, column: int, message: str = "wrong", hint: str | None = None) -> list[str]:
    return Problem(Position("f.yaml", 7, column, text), "a.b", message, hint).render().split("\n")


def test_form() -> None:
    assert render("a: {b: lime}", 8, "wrong", "did you mean 'line'?") == [
        "f.yaml:7:8: a.b: wrong; did you mean 'line'?",
        "    7 | a: {b: lime}",
        "      |        ^",
    ]


def test_without_a_place_or_a_path() -> None:
    assert (
        Problem(None, "scenario 'x'", "no such scenario").render()
        == "scenario 'x': no such scenario"
    )
    assert Problem(None, "", "broken").render() == "broken"


@pytest.mark.parametrize(
    ("text", "column", "blanks"),
    [
        ("\tx: 1", 2, 1),  # a tab is shown as one blank
        ("日本: x", 5, 6),  # wide characters take two cells
        ("e\u0301a: x", 4, 2),  # a combining accent takes none
        ("\x1b[31m: x", 6, 8),  # escaped: \x1b is four characters
        ("abc", 4, 3),  # just behind the end
        ("", 1, 0),
    ],
)
def test_the_caret_stands_under_the_mistake(text: str, column: int, blanks: int) -> None:
    _, _, caret = render(text, column)
    assert caret == "      | " + " " * blanks + "^"


def test_long_lines_are_cut_around_the_mistake() -> None:
    text = "x" * 500 + "!" + "y" * 500
    _, line, caret = render(text, 501)
    assert len(line) < 130
    assert line[caret.index("^")] == "!"
    _, line, caret = render("!" + "y" * 500, 1)
    assert line[caret.index("^")] == "!"


def test_nothing_steers_the_terminal() -> None:
    hostile = "\x1b]0;title\x07 \u202e\u2066 \x9b31m \ud800 \u2028"
    problem = Problem(Position(hostile, 1, 3, hostile), hostile, hostile, hostile)
    text = problem.render()
    assert text.count("\n") == 2
    assert not any(char in text for char in "\x1b\x07\x9b\u202e\u2066\u2028\ud800")
    text.encode()
    assert "Türkiye – 日本 😀" in Problem(None, "", "Türkiye – 日本 😀").render()


def test_all_problems_but_not_without_end() -> None:
    few = [Problem(None, str(i), "wrong") for i in range(MAX_RENDERED + 3)]
    assert InputError(few).render().endswith("... and 3 more problems")
    many = [Problem(None, str(i), "wrong") for i in range(MAX_PROBLEMS)]
    assert str(InputError(many)).endswith("... and many more problems")
    assert len(Problem(None, "x" * 10**6, "y" * 10**6).render()) < 3000


def test_errors_survive_being_sent_between_processes() -> None:
    error = InputError([Problem(Position("f", 1, 1, "x"), "a", "wrong", "hint")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


def test_suggestions() -> None:
    names = ["united-kingdom", "target_troops", "hr.presence"]
    assert closest("United Kingdom", names) == "united-kingdom"
    assert closest("targettroops", names) == "target_troops"
    assert closest("TARGET-TROOPS", names) == "target_troops"
    assert closest("zebra", names) is None
    assert closest("wo", ["w0", "hr"]) == "w0"
    assert did_you_mean("hr.presense", names) == "did you mean 'hr.presence'?"
    assert did_you_mean("x", []) is None


def test_lists_and_paths() -> None:
    assert listed([]) == "nothing"
    assert listed(["a", "b"]) == "a, b"
    assert listed(range(100)).endswith("and 60 more")
    assert dotted(("a", 0, "b.c", 2)) == "a[0].b.c[2]"
    assert dotted((0, "a")) == "[0].a"


def test_catching_an_input_error_imports_neither_yaml_nor_pydantic() -> None:
    code = (
        "import sys; from simulator.inputs import InputError, shipped, find_input;"
        "assert not {'yaml', 'pydantic', 'numpy', 'difflib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
