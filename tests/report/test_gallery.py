"""The gallery shows every kind of figure, by commands that exist, in files that are there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from simulator.cli.commands import cli
from simulator.inputs import names_in, shipped
from simulator.report.exhibit import kinds

COMMANDS = cli.commands

KINDS = {name: one.command for name, one in kinds().items()}
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def gallery() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "gallery.py"), run_name="gallery")


def test_every_kind_of_figure_is_made_by_a_command_that_exists(gallery: dict[str, Any]) -> None:
    assert sorted(kind for part in gallery["PARTS"] for kind in part.kinds) == sorted(KINDS)
    for part in gallery["PARTS"]:
        program, command, *_ = part.command.split()
        assert (program, command in COMMANDS) == ("simulator", True)
        for kind in part.kinds:
            assert KINDS[kind] == command
    assert gallery["REFERENCE"] in names_in(shipped("scenarios"))


def test_the_page_shows_every_file_and_no_other(gallery: dict[str, Any]) -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(gallery/([^)]+)\)", page))
    files = {path.name: path for path in gallery["FOLDER"].iterdir()}
    assert shown == set(files)
    assert {name.partition("-")[2] for name in files} == {f"{kind}.svg" for kind in KINDS}
    assert sum(path.stat().st_size for path in files.values()) < 2 * 1024 * 1024
    for path in files.values():
        assert path.read_text(encoding="utf-8").lstrip().startswith("<?xml")
