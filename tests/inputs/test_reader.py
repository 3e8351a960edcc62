"""The YAML reader: positions, what it refuses, and that nothing in a file can hurt."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.inputs import InputError, Problem, read_document, reader
from simulator.inputs.locations import make_source
from simulator.inputs.problems import MAX_PROBLEMS
from simulator.inputs.reader import PlainParser, parse
from simulator.limits import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from tests.inputs.conftest import FAST


def parsed(text: str) -> Any:
    node, problems = parse(make_source("f.yaml", text))
    assert not problems
    assert node is not None
    return node.plain()


def refused(text: str) -> list[Problem]:
    _, problems = parse(make_source("f.yaml", text))
    assert problems
    return problems


def places(problems: list[Problem]) -> list[tuple[int, int]]:
    return [(p.position.line, p.position.column) for p in problems if p.position]


class TestMeaning:
    @pytest.mark.usefixtures("parser")
    def test_words_mean_what_yaml_1_2_says(self) -> None:
        text = "country: NO\nexp: 1e5\noct: 0o12\ntime: 12:30:45\nno: off\ntrue_: True\n"
        text += "none:\nhex: 0xA"
        assert parsed(text) == {
            "country": "NO",
            "exp": 1e5,
            "oct": 10,
            "time": "12:30:45",
            "no": "off",
            "true_": True,
            "none": None,
            "hex": 10,
        }

    @pytest.mark.usefixtures("parser")
    def test_quoted_words_are_text(self) -> None:
        text = "a: '1'\nb: \"true\"\nc: |\n  1e5\nd: >-\n  ~\n'<<': x\n'true': y\n"
        expected = {"a": "1", "b": "true", "c": "1e5\n", "d": "~", "<<": "x", "true": "y"}
        assert parsed(text) == expected

    @pytest.mark.usefixtures("parser")
    def test_numbers_as_keys_are_text(self) -> None:
        value = parsed("{1: a, 2.50: b, 0x10: c, '4': d}")
        assert value == {"1": "a", "2.5": "b", "16": "c", "4": "d"}

    @pytest.mark.usefixtures("parser")
    def test_one_explicit_document_of_version_1_2(self) -> None:
        assert parsed("%YAML 1.2\n---\na: 1\n...\n") == {"a": 1}

    @pytest.mark.usefixtures("parser")
    def test_all_line_breaks(self) -> None:
        node, problems = parse(make_source("f", "a: 1\r\nb: 2\rc: 3\nd: @\n"))
        assert node is None
        assert places(problems) == [(4, 4)]


TEXT = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"
    ),
    max_size=20,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12
)


def block_style(value: Any, indent: str = "") -> str:
    """Write a tree in YAML's block style; text in double quotes."""
    if isinstance(value, dict) and value:
        lines = (
            f"\n{indent}{json.dumps(key, ensure_ascii=False)}: {block_style(item, indent + '  ')}"
            for key, item in value.items()
        )
        return "".join(lines)
    if isinstance(value, list) and value:
        return "".join(f"\n{indent}- {block_style(item, indent + '  ')}" for item in value)
    return json.dumps(value, ensure_ascii=False)


def same(left: Any, right: Any) -> bool:
    """Equal, and of equal types: 1, 1.0 and True differ."""
    return repr(left) == repr(right)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.dictionaries(TEXT, TREES))
def test_trees_survive_being_written_as_json(tree: dict[str, Any]) -> None:
    assert same(parsed(json.dumps(tree, ensure_ascii=False)), tree)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.dictionaries(TEXT, TREES, min_size=1))
def test_trees_survive_being_written_in_blocks(tree: dict[str, Any]) -> None:
    assert same(parsed(block_style(tree)), tree)


TOKENS = [
    "a", "b", ": ", ":", "- ", "\n", "\n  ", "{", "}", "[", "]", ",", "'", '"', "#", " #", "|",
    "\n", ">-\n", "&x ", "*x", "!t ", "? ", "1", "NO", "~", "\t", "%", "@", "\n---\n", "<<: ",
    "é", "😀", "\\n", "\\x41", " ",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14).map("".join) | st.text(max_size=30))
def test_no_text_breaks_the_reader_and_both_parsers_agree(text: str) -> None:
    meanings = []
    with pytest.MonkeyPatch.context() as patch:
        for parser in (FAST, PlainParser):
            patch.setattr(reader, "_Parser", parser)
            node, problems = parse(make_source("f", text))
            for problem in problems:
                problem.render()
            # They may differ in what they refuse, never in what an accepted text means.
            meanings.append(None if problems else node and node.plain())
    if None not in meanings:
        assert same(*meanings)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "place", "words"),
        [
            ("a: 1\nb: &x 2\n", (2, 4), "anchor '&x'"),
            ("a: 1\nb: *x\n", (2, 4), "alias '*x'"),
            ("a: {<<: {b: 1}}\n", (1, 5), "merge key"),
            ("a: !!python/object:os.system x\n", (1, 4), "tag '!!python/object:os.system'"),
            ("a: ! x\n", (1, 4), "tag '!'"),
            ("a: 1\nb:\n  c: 1\n  c: 2\n", (4, 3), "duplicate key, first used on line 3"),
            ("{1: a, '1': b}\n", (1, 8), "duplicate key"),
            ("{'1.5': a, 1.50: b}\n", (1, 12), "duplicate key"),
            ("a: .nan\n", (1, 4), "not a finite number"),
            ("a: [1, -.inf]\n", (1, 8), "not a finite number"),
            (".inf: 1\n", (1, 1), "not a finite number"),
            ("a: 1\n---\nb: 2\n", (2, 1), "second document"),
            ("a: 1\n...\nb: 2\n", (3, 1), "end of the document"),
            ("%YAML 1.1\n---\na: 1\n", (1, 1), "YAML version"),
            ("%TAG ! tag:x,2000:\n---\na: 1\n", (1, 1), "tags"),
            ("null: 1\n", (1, 1), "must be a word"),
            ("yes: 1\ntrue: 1\n", (2, 1), "must be a word"),
            ("? {a: 1}\n: 2\n", (1, 3), "not a collection"),
            ("a:\n\tb: 1\n", (2, 1), "tab"),
            ("a: 1 \t# text\n", (1, 6), "tab"),
            ('a: "#"\t\n', (1, 7), "tab"),
            ('a: "x\\0y"\n', (1, 4), "control character U+0000"),
            ("a: x\u0085y\n", (1, 5), "U+0085"),
            ("a: x\u2028y\n", (1, 5), "U+2028"),
            ("a: x\ufeffy\n", (1, 5), "U+FEFF"),
            ("a: x\x1by\n", (1, 5), "U+001B"),
        ],
    )
    @pytest.mark.usefixtures("parser")
    def test_refused_with_place(self, text: str, place: tuple[int, int], words: str) -> None:
        problems = refused(text)
        assert places(problems) == [place]
        assert words in problems[0].message

    def test_half_a_surrogate_pair(self, parser: str) -> None:
        problems = refused('a: "\\ud800"\n')
        assert places(problems)[0][0] == 1, parser

    @pytest.mark.usefixtures("parser")
    def test_tabs_in_quotes_comments_and_block_text_are_fine(self) -> None:
        text = "a: 'x\ty' # tab\there\nb: |\n  x\ty\n#\ttab\nc: \"#\t\"\n"
        assert parsed(text) == {"a": "x\ty", "b": "x\ty\n", "c": "#\t"}

    @pytest.mark.usefixtures("parser")
    def test_all_refusals_at_once_with_paths(self) -> None:
        text = "a: &x {b: [1, .nan]}\nc: *x\nc: !t 2\nd: 'open\n"
        problems = refused(text)
        assert [(p.path, p.position and p.position.line) for p in problems] == [
            ("a", 1), ("a.b[1]", 1), ("c", 2), ("c", 3), ("c", 3), ("", 4),
        ]  # fmt: skip

    @pytest.mark.usefixtures("parser")
    def test_depth(self) -> None:
        deepest = MAX_DEPTH - 1  # the top level counts
        assert parsed("a: " + "[" * deepest + "]" * deepest)
        (problem,) = refused("a: " + "[" * (deepest + 1) + "]" * (deepest + 1))
        assert f"deeper than the {MAX_DEPTH} levels" in problem.message

    # The place is that of the first level that is too deep, whatever the parser's own limit is.
    @pytest.mark.slow
    @pytest.mark.parametrize("count", [33, 5_000, MAX_BYTES])
    @pytest.mark.parametrize(
        ("start", "opener", "levels", "place"),
        [
            ("a: ", "[", 1, (1, 35)),
            ("a: ", "{", 1, (1, 35)),
            ("é: ", "[{", 2, (1, 35)),
            ("", "[", 1, (1, 33)),
            ("b: 1\na:\n- ", "[", 1, (3, 33)),
            ("a: ", "[\n", 1, (32, 1)),
            ("", "a: [", 2, (1, 65)),
            ("a: ", "[b: ", 2, (1, 65)),
            ("a: ", "{b: ", 1, (1, 128)),
            ("a: ", "[1, ", 1, (1, 128)),
            ("a: ", "[? ", 2, (1, 50)),
            ("", "- ", 1, (1, 65)),
            ("", "? ", 1, (1, 65)),
            ("", "- ? ", 2, (1, 65)),
            ("- ? ", "[", 1, (1, 35)),
        ],
    )
    @pytest.mark.timeout(20)
    @pytest.mark.usefixtures("parser")
    def test_depth_is_met_at_once_in_every_style(
        self, start: str, opener: str, levels: int, place: tuple[int, int], count: int
    ) -> None:
        text = (start + opener * (count // levels + 1))[:MAX_BYTES]
        began = time.process_time()
        (problem,) = refused(text)
        assert time.process_time() - began < 1
        assert f"deeper than the {MAX_DEPTH} levels" in problem.message
        assert places([problem]) == [place]

    @pytest.mark.parametrize("key", ["a:", "-", "?"])
    @pytest.mark.timeout(20)
    @pytest.mark.usefixtures("parser")
    def test_depth_in_blocks(self, key: str) -> None:
        text = "".join(f"{' ' * level}{key}\n" for level in range(1_400))
        began = time.process_time()
        (problem,) = refused(text)
        assert time.process_time() - began < 1
        assert places([problem]) == [(33, 33)]


@pytest.mark.timeout(60)
class TestHostileFiles:
    """Bounds are of this process's own time; what they catch takes minutes, or all memory."""

    SECONDS = 2.0

    @pytest.mark.parametrize(
        "text",
        [
            "a: [" + "*x," * 300_000,
            "[" * MAX_BYTES,
            "{a: " * 200_000,
            "a: 1\n" * 200_000,
            "\x01" * 1_000_000,
            "a: b\t#\n" * 100_000,
            "a: \tb\n" * 100_000,
            "? " + "9" * 1_000_000,
            "a: '" + "x" * 1_000_000,
            "a: " + "x " * 500_000,
            "# " + "\t" * 1_000_000,
            "[" + '"#",' * 10_000 + " #" + "\t" * 900_000,
            "".join(f"a{i}: 1\n" for i in range(80_000)),
            "".join(f"a{i}: 1\n" for i in range(10_000)) + "z: " + "[" * 5_000,
            "[" + "1," * 500_000,
            "%a\n" * 300_000,
            'a: "' + "\\n" * 500_000,
        ],
        ids=lambda text: text[:8],
    )
    def test_time_is_bounded(self, text: str) -> None:
        start = time.process_time()
        _, problems = parse(make_source("f", text[:MAX_BYTES]))
        rendered = InputError(problems).render() if problems else ""
        assert time.process_time() - start < self.SECONDS
        assert len(problems) <= 2 * MAX_PROBLEMS
        assert len(rendered) < 100_000

    @pytest.mark.slow
    @pytest.mark.usefixtures("parser")
    def test_the_number_of_values_is_limited(self) -> None:
        row = "- {a: 1, b: [2, 3]}\n"  # a mapping, two keys, a number, a list, two numbers
        rows = MAX_VALUES // 7
        assert len(parsed(row * rows)) == rows
        (problem,) = refused(row * (rows + 1))
        assert f"{MAX_VALUES:,} keys and values" in problem.message
        assert places([problem])[0][0] == rows + 1

    def test_billion_laughs(self) -> None:
        lines = ["a0: &a0 [lol, lol]"]
        lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
        problems = refused("\n".join(lines))
        assert len([p for p in problems if "anchor" in p.message]) == 12
        assert len([p for p in problems if "alias" in p.message]) == 99

    @pytest.mark.usefixtures("parser")
    def test_no_object_is_constructed(self, tmp_path: Path) -> None:
        target = tmp_path / "made"
        for tag in ("!!python/object/apply:os.mkdir", "!!python/object/new:os.mkdir", "!!map"):
            refused(f"a: {tag} ['{target}']\n")
            refused(f"{tag} ['{target}']: a\n")
        assert not target.exists()

    def test_huge_file(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.yaml"
        path.write_bytes(b"#" * (MAX_BYTES + 1))
        with pytest.raises(InputError, match=f"larger than the {MAX_BYTES} bytes"):
            read_document(path)
        path.write_bytes(b"a: 1 #" + b"x" * (MAX_BYTES - 6))
        assert read_document(path).value == {"a": 1}

    def test_endless_or_odd_files(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.yaml")
        for path in (Path("/dev/zero"), tmp_path / "pipe.yaml", tmp_path):
            with pytest.raises(InputError, match="not a regular file"):
                read_document(path)
        with pytest.raises(InputError, match="no such file"):
            read_document(tmp_path / "absent.yaml")
        with pytest.raises(InputError, match="not a usable file name"):
            read_document("a\0b")

    def test_encodings(self, tmp_path: Path) -> None:
        path = tmp_path / "file.yaml"
        path.write_bytes("\ufeffa: Türkiye\n".encode())
        assert read_document(path).value == {"a": "Türkiye"}
        path.write_bytes("a: 1\n".encode("utf-16"))
        with pytest.raises(InputError, match="UTF-16"):
            read_document(path)

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize(
        ("before", "place"),
        [
            (b"a: 1\r\nbc: ", (2, 5)),
            (b"", (1, 1)),
            ("é: \ufffd".encode(), (1, 5)),  # a true U+FFFD stands before it
            ("a: 1\r\ufeff😀".encode(), (2, 3)),
            (b"a: 1\n" * 1_000, (1001, 1)),
        ],
    )
    @pytest.mark.parametrize("bad", [b"\xfc", b"\xf0\x9f", b"\xed\xa0\x80"])
    def test_bytes_that_are_not_utf_8(
        self, tmp_path: Path, mark: bytes, before: bytes, place: tuple[int, int], bad: bytes
    ) -> None:
        path = tmp_path / "file.yaml"
        path.write_bytes(mark + before + bad + b"\r\nx: 1\n")
        with pytest.raises(InputError) as caught:
            read_document(path)
        (problem,) = caught.value.problems
        assert places([problem]) == [place]
        assert f"0x{bad[0]:02x}" in problem.message
        assert problem.position is not None
        assert problem.position.text[place[1] - 1] == "\ufffd"


class TestPositions:
    TEXT = "a: 1\nb:\n  c: [x, {d: é, e: 2}]\n  f:\n  - g: 1\n    h: |\n      text\nlast:\n"

    @pytest.mark.parametrize(
        ("path", "value", "key"),
        [
            (("a",), (1, 4), (1, 1)),
            (("b",), (2, 1), (2, 1)),  # a block mapping is shown by its key
            (("b", "c"), (3, 6), (3, 3)),
            (("b", "c", 0), (3, 7), (3, 7)),
            (("b", "c", 1, "e"), (3, 20), (3, 17)),
            (("b", "f"), (4, 3), (4, 3)),
            (("b", "f", 0), (5, 5), (5, 5)),
            (("b", "f", 0, "h"), (6, 8), (6, 5)),
            (("last",), (8, 1), (8, 1)),
            (("b", "nowhere", "at all"), (2, 1), (2, 1)),
            (("a", "b"), (1, 4), (1, 4)),
            (("b", "c", 7), (3, 6), (3, 6)),
            ((), (1, 1), (1, 1)),
        ],
    )
    @pytest.mark.usefixtures("parser")
    def test_where(
        self, tmp_path: Path, path: tuple[Any, ...], value: tuple[int, int], key: tuple[int, int]
    ) -> None:
        file = tmp_path / "f.yaml"
        file.write_text(self.TEXT)
        document = read_document(file)
        found = document.where(path)
        assert (found.line, found.column) == value
        assert found.file == str(file)
        assert found.text == self.TEXT.split("\n")[found.line - 1]
        place = document.where_key(path)
        assert (place.line, place.column) == key


# Each is broken in one way; both parsers have words of their own for it, users see one.
BROKEN = {
    "a: b: c": "a 'key: value' cannot start here",
    "a: 1\nword\n": "expected 'key: value'",
    "a: [1, 2": "this bracket is not closed: expected ',' or ']'",
    "a: {b: 1\nc: 2": "this bracket is not closed: expected ',' or '}'",
    "a: 'open": "this quote is never closed",
    'a: "\n---\n"': "this quote is never closed",
    "a: @b": "text cannot start with '@'",
    "a: `b`": "text cannot start with '`'",
    "a: %b": "text cannot start with '%'",
    "a: *": "text cannot start with '*'",
    "a: &": "text cannot start with '&'",
    "a: !b!c d": "text cannot start with '!'",
    "a: !<b": "text cannot start with '!'",
    "a: 1\n- b\n": "a list item cannot start here",
    "a: b\n  - c: 1\n": "a 'key: value' cannot start here",
    "- a\nb: 1": "this line does not fit its surroundings",
    "a: 'b' c": "this line does not fit its surroundings",
    "a: ]": "expected a value here",
    "a: |b\n": "text cannot start on the line of '|' or '>'",
    'a: "\\q"': "unknown escape '\\q'",
    'a: "\\x4g"': "incomplete escape",
    "[] []": "nothing may follow the end of the document",
    "a: &b - c": "a list item cannot start here",
    "*a ? b": "a '? key' cannot start here",
    "%YAML 2.0\n---\na: 1": "another YAML version",
}


@pytest.mark.parametrize(("text", "words"), BROKEN.items())
def test_syntax_is_explained_alike_by_both_parsers(
    text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for parser in (FAST, PlainParser):
        monkeypatch.setattr(reader, "_Parser", parser)
        found.append([(p.position, p.message, p.hint) for p in refused(text)])
    assert found[0] == found[1]
    assert words in found[0][-1][1]
