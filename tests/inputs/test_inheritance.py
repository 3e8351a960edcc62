"""``extends``: what is merged, replaced and deleted, and that every value keeps its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.inputs import InputError, read_document, read_tolerantly
from simulator.limits import MAX_ANCESTORS


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def value(folder: Path, name: str = "child", **options: Any) -> Any:
    return read_document(folder / f"{name}.yaml", **options).value


def test_maps_merge_the_rest_replaces_and_null_deletes(tmp_path: Path) -> None:
    write(
        tmp_path,
        parent="a: {b: 1, c: 2, d: {e: 3, f: 4}}\nlist: [1, 2]\nword: x\n"
        "map: {y: 1}\ngone: {z: 1}\n",
        child="extends: parent.yaml\na: {c: 20, d: {e: null}, new: 5}\nlist: [3]\nword: {v: 1}\n"
        "map: text\ngone: null\nabsent: null\n",
    )
    assert value(tmp_path) == {
        "a": {"b": 1, "c": 20, "d": {"f": 4}, "new": 5},
        "list": [3],
        "word": {"v": 1},
        "map": "text",
        "absent": None,  # nothing to delete: left for the checks, which know whether it is misspelt
    }


def test_a_deleted_value_can_come_back_further_down(tmp_path: Path) -> None:
    write(
        tmp_path,
        oldest="a: {b: 1}\nc: 1\n",
        middle="extends: oldest.yaml\na: null\n",
        child="extends: middle.yaml\na: {d: 2}\n",
    )
    assert value(tmp_path) == {"c": 1, "a": {"d": 2}}


def test_whole_mappings_are_replaced_where_asked(tmp_path: Path) -> None:
    write(
        tmp_path,
        parent="entries: {w0: {distribution: {fixed: 1}, unit: share}}\n",
        child="extends: parent.yaml\nentries: {w0: {distribution: {uniform: [0, 1]}}}\n",
    )
    whole = [("entries", "*", "distribution")]
    assert value(tmp_path, whole=whole)["entries"]["w0"] == {
        "distribution": {"uniform": [0, 1]},
        "unit": "share",
    }
    assert value(tmp_path)["entries"]["w0"]["distribution"] == {"fixed": 1, "uniform": [0, 1]}


def test_positions_survive(tmp_path: Path) -> None:
    write(
        tmp_path,
        oldest="# oldest\na:\n  b: 1\n  c: 2\n",
        middle="extends: oldest.yaml\na:\n  c: 20\n  d: [x, y]\n",
        child="extends: middle.yaml\na:\n    b: 100\n",
    )
    document = read_document(tmp_path / "child.yaml")

    def place(*path: str | int) -> tuple[str, int, int]:
        found = document.where(path)
        return Path(found.file).name, found.line, found.column

    assert place("a", "b") == ("child.yaml", 3, 8)
    assert place("a", "c") == ("middle.yaml", 3, 6)
    assert place("a", "d", 1) == ("middle.yaml", 4, 10)
    assert place("a") == ("child.yaml", 2, 1)
    assert place("a", "absent") == ("child.yaml", 2, 1)
    assert [Path(file).name for file in document.files] == [
        "child.yaml",
        "middle.yaml",
        "oldest.yaml",
    ]


def test_parents_are_found_beside_the_file_not_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path, parent="a: 1\n")
    write(
        tmp_path / "sub", child="extends: ../parent.yaml\n", other="extends: ./child.yaml\nb: 2\n"
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert value(tmp_path / "sub", "other") == {"a": 1, "b": 2}
    assert read_document("../sub/other.yaml").files[1:] == ("../sub/child.yaml", "../parent.yaml")


def test_shipped_names_come_from_the_library_paths_never_do(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    write(library, base="a: library\n", heir="extends: base\nb: 1\n")
    write(tmp_path, base="a: beside\n", child="extends: heir\n", path="extends: base.yaml\n")
    assert value(tmp_path, library=library) == {"a": "library", "b": 1}
    assert value(tmp_path, "path", library=library) == {"a": "beside"}


@pytest.mark.parametrize(
    ("extends", "words"),
    [
        ("absent.yaml", "no such file"),
        ("parant.yaml", "did you mean"),
        ("baze", "nothing shipped is named 'baze', known: base; did you mean 'base'"),
        ("[parent.yaml]", "expected the path of one file"),
        ("{a: 1}", "expected the path of one file"),
        ("null", "expected the path of one file"),
        ("3", "expected the path of one file"),
        ("''", "expected the path of one file"),
        ("child.yaml", "in a circle"),
        ("../../../../../../../../../../etc/passwd", r"must end in \.yaml"),
        (".", "nothing shipped|no such file"),
        ('"x\\ty.yaml"', "no such file"),
        ("x" * 300, "nothing shipped is named 'xxx"),
        ("x" * 300 + ".yaml", "no such file"),
        ("x/" * 300 + "y.yaml", "no such file"),
        ("x" * 5_000 + ".yaml", "no such file"),
        ("loop.yaml", "no such file"),
    ],
)
def test_bad_parents(tmp_path: Path, extends: str, words: str) -> None:
    library = tmp_path / "library"
    library.mkdir()
    write(library, base="a: 1\n")
    write(tmp_path, parent="a: 1\n", child=f"b: 1\nextends: {extends}\n")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(InputError, match=words) as caught:
        read_document(tmp_path / "child.yaml", library=library)
    position = caught.value.problems[0].position
    assert position is None or position.line <= 2


def test_circles_of_any_length_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="extends: b.yaml\n",
        b="extends: c.yaml\n",
        c="extends: ./../" + tmp_path.name + "/b.yaml\n",
    )
    with pytest.raises(InputError, match=r"b\.yaml -> .*c\.yaml -> .*b\.yaml") as caught:
        read_document(tmp_path / "a.yaml")
    (problem,) = caught.value.problems
    assert problem.position is not None
    assert Path(problem.position.file).name == "c.yaml"
    (tmp_path / "link.yaml").symlink_to(tmp_path / "d.yaml")
    write(tmp_path, d="extends: link.yaml\n")
    with pytest.raises(InputError, match="circle"):
        read_document(tmp_path / "d.yaml")


def test_long_lines_of_ancestors_end(tmp_path: Path) -> None:
    write(tmp_path, f0="a: 1\n", **{f"f{i}": f"extends: f{i - 1}.yaml\n" for i in range(1, 40)})
    assert value(tmp_path, f"f{MAX_ANCESTORS - 1}") == {"a": 1}
    with pytest.raises(InputError, match=f"more than {MAX_ANCESTORS} files"):
        read_document(tmp_path / "f39.yaml")


def test_mistakes_of_all_files_at_once_and_what_is_readable(tmp_path: Path) -> None:
    write(
        tmp_path,
        parent="a: .nan\nb: 1\n",
        child="extends: parent.yaml\nc: &x 1\nd: 2\n",
        orphan="extends: absent.yaml\nd: 2\n",
        blind="extends: broken.yaml\nd: 2\n",
        broken="'",
    )
    with pytest.raises(InputError) as caught:
        read_document(tmp_path / "child.yaml")
    assert [p.path for p in caught.value.problems] == ["c", "a"]
    for name in ("orphan", "blind"):
        reading = read_tolerantly(tmp_path / f"{name}.yaml")
        assert reading.document is not None
        assert (reading.document.value, reading.complete) == ({"d": 2}, False)
    assert read_tolerantly(tmp_path / "child.yaml").complete
