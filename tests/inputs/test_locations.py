"""Shipped files are found in every layout, and names that users give lead to files."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.inputs import InputError, find_input, locations, names_in, shipped


def test_this_installation() -> None:
    assert (shipped("configs") / "contributors.yaml").is_file()
    assert "no-force" in names_in(shipped("scenarios"))
    assert shipped("configs/assumptions").is_dir()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lib" / "simulator"
    folder.mkdir(parents=True)
    monkeypatch.setattr(locations, "_PACKAGE", folder)
    return folder


def test_a_checkout_has_them_beside_the_package(package: Path) -> None:
    (package.parent / "scenarios").mkdir()
    (package.parent / "pyproject.toml").touch()
    assert shipped("scenarios") == package.parent / "scenarios"


def test_a_wheel_has_them_inside(package: Path) -> None:
    (package / "data" / "configs" / "assumptions").mkdir(parents=True)
    (package.parent / "configs").mkdir()  # somebody else's folder among the installed packages
    assert shipped("configs") == package / "data" / "configs"
    assert shipped("configs/assumptions") == package / "data" / "configs" / "assumptions"


def test_a_damaged_installation_says_so(package: Path) -> None:
    (package.parent / "scenarios").mkdir()  # not ours: there is no pyproject.toml beside it
    with pytest.raises(InputError, match="lacks 'scenarios'; install the package again"):
        shipped("scenarios")


def test_find_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "no-force.yaml").touch()
    (library / "air-only.yaml").touch()
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    (work / "mine.yaml").touch()
    (work / "plain").touch()
    monkeypatch.chdir(work)
    assert find_input("no-force", library, "scenario") == library / "no-force.yaml"
    assert find_input("mine.yaml", library, "scenario") == Path("mine.yaml")
    assert find_input("./plain", library, "scenario") == Path("plain")
    assert find_input(Path("plain"), library, "scenario") == Path("plain")

    def message(name: str | Path) -> str:
        with pytest.raises(InputError) as caught:
            find_input(name, library, "scenario")
        return caught.value.render()

    assert message("no-farce") == (
        "scenario 'no-farce': no such scenario, shipped: air-only, no-force; "
        "did you mean 'no-force'?"
    )
    assert message("mine").endswith("did you mean 'mine.yaml'?")
    assert message("miné.yaml").endswith("no such file; did you mean 'mine.yaml'?")
    assert message("sub/mine.yaml").endswith("sub/mine.yaml': no such file")
    assert message("absent/mine.yaml").endswith("no such file")
    assert message(Path("sub")).endswith("is not a file")
    assert message("").startswith("scenario '': no such scenario")
    assert message("a\0b.yaml")
    for name in ("x" * 300, "x" * 300 + ".yaml", "x" * 300 + "/y.yaml", "y/" * 3_000 + "y.yaml"):
        assert "no such" in message(name)
        assert len(message(name)) < 500
