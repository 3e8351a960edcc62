"""The page on performance shows what was measured, and names what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks import figures

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "performance.md").read_text(encoding="utf-8")
MEASURED = json.loads((DOCS / "performance" / "measured.json").read_text(encoding="utf-8"))


def test_its_tables_are_those_of_the_measurements():
    assert figures.with_tables(PAGE, MEASURED) == PAGE
    assert set(re.findall(r"<!-- table: (\w+) -->", PAGE)) == {*figures.TABLES, "conditions"}


def test_a_changed_measurement_would_show():
    changed = json.loads(json.dumps(MEASURED))
    changed["paths"]["rows"][-1]["peak_rss_mb"] += 10
    assert figures.with_tables(PAGE, changed) != PAGE


def test_its_figures_are_there_and_can_be_drawn():
    shown = re.findall(r"\]\(performance/(\w+)\.svg\)", PAGE)
    assert sorted(shown) == sorted(figures.FIGURES)
    for name in shown:
        assert (DOCS / "performance" / f"{name}.svg").stat().st_size < 100_000
        assert figures.FIGURES[name](MEASURED[name]["rows"]).axes
