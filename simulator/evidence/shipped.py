"""The evidence that comes with the project: read, checked against its digest, ready to use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.evidence.fits import fit
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.writing import rounded
from simulator.inputs import InputError, Problem, did_you_mean, listed, read_document, shipped
from simulator.storage import digest

__all__ = [
    "PARTS",
    "foretell_table",
    "load_evidence",
    "shipped_class",
    "shipped_table",
]

PARTS = ("life_tables", "reference_classes", "targets", "missions", "backtest")
"""The shipped files."""


def load_evidence(part: str) -> Mapping[str, Any]:
    """Return the content of one of `PARTS`.

    Raises
    ------
    InputError
        If there is no such part, or its content is not the one that was computed.
    """
    if part not in PARTS:
        raise InputError(
            [Problem(None, part, f"unknown, known: {listed(PARTS)}", did_you_mean(part, PARTS))]
        )
    path = shipped("configs/evidence") / f"{part}.yaml"
    value = read_document(path).value
    content: dict[str, Any] = value["content"]
    if value["digest"] != digest(content):
        message = "the content does not match its digest: it was changed after it was computed"
        hint = "compute it again with simulator.evidence.build"
        raise InputError([Problem(None, str(path), message, hint)])
    return MappingProxyType(content)


def shipped_class(name: str, part: str = "life_tables") -> Mapping[str, Any]:
    """Return one class of ``life_tables`` or ``reference_classes``.

    Raises
    ------
    InputError
        If there is no such class; lists those there are.
    """
    classes = load_evidence(part)
    if name not in classes:
        message = f"no class of that name, shipped: {listed(classes)}"
        raise InputError([Problem(None, name, message, did_you_mean(name, classes))])
    content: Mapping[str, Any] = classes[name]
    return content


def shipped_table(name: str) -> LifeTable:
    """Return the life table of a shipped class."""
    table = shipped_class(name)["table"]
    return LifeTable(
        np.array(table["edges_years"], dtype=np.float64),
        np.array(table["entering"], dtype=np.int64),
        np.array(table["events"], dtype=np.int64),
        np.array(table["years_at_risk"], dtype=np.float64),
    )


def foretell_table(train: LifeTable, test: LifeTable, form: str) -> dict[str, Any]:
    """Fit a form to one life table and say how many failures it expects in another.

    This is the hold-out that needs no rows. In each band the form's average hazard times the years
    at risk is the expected number of failures.

    Returns
    -------
    dict
        ``bands``: ``[from, to, observed, expected]`` each; ``observed``, ``expected`` in all.
    """
    found = fit(form, train)
    s = survival(FORMS[form], np.array([found.values]), test.edges)[0]
    hazard = -np.diff(np.log(np.maximum(s, 1e-300))) / np.diff(test.edges)
    expected = hazard * test.years_at_risk
    rows = zip(test.edges[:-1], test.edges[1:], test.events, expected, strict=True)
    return {
        "form": form,
        "bands": [[float(a), float(b), int(n), rounded(float(e), 3)] for a, b, n, e in rows],
        "observed": test.failures,
        "expected": rounded(float(expected.sum()), 3),
    }
