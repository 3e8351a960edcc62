"""Assumptions: what nobody chooses and nobody knows, as books of distributions and their draws.

book = load_book("blend")
draws = draw_assumptions(book, scenario, seed=1, first=0, last=1000)
draws.values["hr.presence"]  # one number per draw
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.books.book import Book, check_pins, load_book
    from simulator.books.draws import Draws, draw_assumptions, draw_with

__all__ = ["Book", "Draws", "check_pins", "draw_assumptions", "draw_with", "load_book"]

# Imported on first use, so that importing this package does not cost the import of pydantic.
_HOME = {
    "Book": "book",
    "Draws": "draws",
    "check_pins": "book",
    "draw_assumptions": "draws",
    "draw_with": "draws",
    "load_book": "book",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
