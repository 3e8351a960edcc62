"""The page on performance shows what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks import page

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "performance.md").read_text(encoding="utf-8")
MEASURED = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))


def test_its_tables_are_those_of_the_measurements():
    assert page.with_tables(PAGE, MEASURED) == PAGE
    assert set(re.findall(r"<!-- table: (\w+) -->", PAGE)) == {*page.TABLES, "conditions"}


def test_a_changed_measurement_would_show():
    changed = json.loads(json.dumps(MEASURED))
    changed["draws"]["rows"][-1]["peak_rss_mb"] += 10
    assert page.with_tables(PAGE, changed) != PAGE
