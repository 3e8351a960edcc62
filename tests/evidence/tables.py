"""Shipped life tables, and one foretold from another."""

from __future__ import annotations

from typing import Any

import numpy as np

from research.lifetables import LifeTable
from simulator.evidence.fits import fit
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.writing import rounded, shipped_class


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
    expected = hazard * test.years
    rows = zip(test.edges[:-1], test.edges[1:], test.events, expected, strict=True)
    return {
        "form": form,
        "bands": [[float(a), float(b), int(n), rounded(float(e), 3)] for a, b, n, e in rows],
        "observed": test.failures,
        "expected": rounded(float(expected.sum()), 3),
    }
