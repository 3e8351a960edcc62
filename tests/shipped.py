"""The shipped books, each read once for all tests: reading one takes half a second."""

from __future__ import annotations

from functools import cache

from simulator.assumptions import Book, load_book


@cache
def shipped_book(name: str) -> Book:
    return load_book(name)
