"""Scenarios and books for the tests of assumptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.scenario import Scenario, load_scenario

CORPUS = Path(__file__).parents[1] / "corpus"
COMPLETE = CORPUS / "books_valid" / "complete.yaml"

PLAN = """\
title: A plan for tests
force: {target_troops: 10000, posture: cities, mandate: coalition}
contributors: {sets: [core]}
"""

PlanMaker = Callable[..., Scenario]
BookMaker = Callable[..., Book]


@pytest.fixture
def plan(tmp_path: Path) -> PlanMaker:
    """Load a small plan, with overrides and further lines."""

    def make(*sets: str, more: str = "") -> Scenario:
        path = tmp_path / "plan.yaml"
        path.write_text(PLAN + more, encoding="utf-8")
        return load_scenario(path, sets)

    return make


@pytest.fixture
def heir(tmp_path: Path) -> BookMaker:
    """Load a book that extends the complete one with further lines."""
    made: list[Path] = []

    def make(text: str = "", sets: Sequence[str] = (), name: str | None = None) -> Book:
        path = tmp_path / f"{name or f'heir{len(made)}'}.yaml"
        made.append(path)
        path.write_text(f"extends: {COMPLETE}\n{text}", encoding="utf-8")
        return load_book(path, sets)

    return make


@pytest.fixture(scope="session")
def complete() -> Book:
    return load_book(COMPLETE)
