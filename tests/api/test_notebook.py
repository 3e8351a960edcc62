"""The notebook of the documentation, run cell by cell as a kernel would."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; return the value of its last expression, as a kernel would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_every_cell_runs_and_shows_something() -> None:
    pytest.importorskip("pandas")
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    shown = [run_cell("".join(c["source"]), names) for c in cells if c["cell_type"] == "code"]
    found, waterfall, difference, figure, best, _ = shown
    page = found._repr_html_()
    assert found.finding.splitlines()[0] in page
    assert "<svg" in page and "<table>" in page and "<script" not in page
    assert waterfall.loc["planned", "forty-thousand"] == 40_000
    assert set(difference["plan"]) == {"forty-thousand", "reassurance-force"}
    assert figure.axes
    assert best in found.plans
