"""What docs/architecture.md says of adding things, done in a copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.storage import read_table

ROOT = Path(__file__).parents[1]
FEW = ("--draws", "64", "--trials", "4")


class Copy:
    """A checkout that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(
            ROOT / "simulator", folder / "simulator", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("configs", "scenarios", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)

    def insert(self, file: str, before: str, text: str) -> None:
        """Insert text before the only place that begins so."""
        path = self.folder / file
        content = path.read_text(encoding="utf-8")
        assert content.count(before) == 1, (file, before)
        path.write_text(content.replace(before, text + before), encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """What a command of the changed package prints."""
        done = subprocess.run(
            [sys.executable, "-m", "simulator", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_an_estimate_is_one_row_and_arrives_everywhere(copy: Copy) -> None:
    row = """[p_collapse_within_5y]
label = "P(collapse within 5 years)"
title = "collapse within 5 years"
unit = "%"
age = 5.0
better = -1

"""
    copy.insert("simulator/quantities.toml", "[p_between_2y_20y]", row)
    printed = copy.run("run", "no-force", *FEW, "--out", "run")
    assert "P(collapse within 5 years)" in printed
    (found,) = json.loads((copy.folder / "run" / "summary.json").read_text(encoding="utf-8"))
    value = found["estimates"]["p_collapse_within_5y"]["value"]
    early, between = (
        found["estimates"][n]["value"] for n in ("p_collapse_within_2y", "p_holds_20y")
    )
    assert early < value < 1.0 - between
    draws = read_table((copy.folder / "run" / "draws.parquet").read_bytes(), Path("draws")).columns
    assert draws["p_collapse_within_5y"].mean() == pytest.approx(value, abs=1e-6)
    copy.run("report", "run", "-o", "page.html")
    assert "collapse within 5 years" in (copy.folder / "page.html").read_text(encoding="utf-8")
    compared = json.loads(copy.run("compare", "no-force", "air-only", *FEW, "--json"))
    assert "p_collapse_within_5y" in {one["quantity"] for one in compared["differences"]}
