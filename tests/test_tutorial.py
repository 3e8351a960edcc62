"""Pages that a newcomer types from: their commands run in an empty folder and print what is said.

In a page, a block ``sh`` holds commands, a block ``text`` after it some of what they print, and a
block ``yaml`` a file, named in its first line.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.command import run

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```(sh|text|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")


def follow(page: Path, folder: Path) -> list[str]:
    """Do what a page says; return the commands."""
    said, commands = "", []
    for kind, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "yaml":
            name = text.splitlines()[0].removeprefix("# ")
            (folder / name).write_text(text, "utf-8")
        elif kind == "sh":
            said = ""
            for line in text.replace("\\\n", " ").splitlines():
                program, *words = shlex.split(line)
                assert program == "simulator", line
                done = run(folder, *words, COLUMNS="100")
                assert done.returncode == 0, (line, done.stderr)
                said += done.stdout + done.stderr
                commands.append(line)
        else:
            shown = " ".join(said.split())
            for line in text.splitlines():
                if line.strip() not in ("", "..."):
                    missing = set(NUMBER.findall(line)) - set(NUMBER.findall(shown))
                    assert not missing, (commands[-1], line)
    return commands


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_tutorial_ends_with_a_brief(tmp_path):
    assert len(follow(DOCS / "tutorial.md", tmp_path)) >= 8
    assert "<html" in (tmp_path / "brief.html").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_own_expert_is_added_as_the_page_says(tmp_path):
    commands = follow(DOCS / "own-expert.md", tmp_path)
    assert any("structure.view=my-expert" in line for line in commands)


def test_a_page_that_is_wrong_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```sh\nsimulator list sets\n```\n\n```text\n12.34 sets\n```\n")
    with pytest.raises(AssertionError, match=r"12\.34"):
        follow(page, tmp_path)
    page.write_text("```sh\nsimulator list set\n```\n")
    with pytest.raises(AssertionError, match="simulator list set"):
        follow(page, tmp_path)
