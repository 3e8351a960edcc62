"""Overrides as a command applies them."""

from collections.abc import Sequence

from simulator.inputs import Document, InputError, apply_sets_tolerantly
from simulator.inputs.inheritance import Pattern


def apply_sets(document: Document, sets: Sequence[str], whole: Sequence[Pattern] = ()) -> Document:
    changed, problems = apply_sets_tolerantly(document, sets, whole)
    if problems:
        raise InputError(problems)
    return changed
