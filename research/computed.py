"""What is shipped under ``configs/evidence``, computed from the rows of the studies.

No row is in it: a life table holds counts and years by age band, the rest parameters and ranges.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from research.backtest import run_backtests
from research.classes import (
    CLASSES,
    REFERENCE_CLASSES,
    RecordClass,
)
from research.fitting import (
    TWO_REGIME_FORMS,
    bootstrap,
    claim_test,
    entries_with_establishing,
    fit_every_form,
)
from research.lifetables import LifeTable, life_table
from research.missions import exit_clustering, growth_ratios
from research.studies import GROWTH, STAYS, STUDIES, file_digest
from research.targets import compute_targets
from simulator.evidence.fits import fit
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.reference import MODEL_FORM, ROWS, model_ranges
from simulator.evidence.spells import Floats, Spells, kaplan_meier
from simulator.evidence.writing import BOOK_CLASSES, range_of, rounded, rounded_share

SEED = 20250220
"""Of every bootstrap here; each class adds its own number."""

REPLICATES = 2000
"""Bootstrap resamples per fit."""

FEWEST = 3
"""Rows in the last band of a shipped life table, at least."""

_AGES: Floats = np.array([1, 2, 3, 5, 10, 20, 30], dtype=np.float64)


def _generator(purpose: str, item: str) -> np.random.Generator:
    """Return a generator of its own for every purpose and item, whatever the order of the work."""
    words = np.frombuffer(f"{purpose}/{item}".encode(), dtype=np.uint8)
    return np.random.default_rng([SEED, *words.tolist()])


def _origin(folder: Path, item: RecordClass) -> dict[str, Any]:
    return {
        "title": item.title,
        "definition": item.definition,
        "study": STUDIES[item.study].citation,
        "source_sha256": {file: file_digest(folder, file) for file in item.files},
    }


def _table(table: LifeTable) -> dict[str, Any]:
    return {
        "edges_years": [rounded(float(edge), 6) for edge in table.edges],
        "entering": table.entering.tolist(),
        "events": table.events.tolist(),
        "years_at_risk": [round(float(years), 3) for years in table.years],
    }


def _fits(spells: Spells, table: LifeTable, forms: tuple[str, ...]) -> dict[str, Any]:
    """The forms fitted to the rows, and how far their curves from the table alone are off."""
    ages = _AGES[spells.exit.max() >= _AGES]
    return {
        form: {
            "parameters": {name: rounded(value, 5) for name, value in found.parameters.items()},
            "log_likelihood": round(found.log_likelihood, 3),
            "aic": round(found.aic, 2),
            "at_bound": list(found.at_bound),
            "grouping_error": round(
                float(np.abs(found.survival(ages) - grouped.survival(ages)).max()), 4
            ),
        }
        for form in forms
        for found, grouped in [(fit(form, spells), fit(form, table))]
    }


def _curve(spells: Spells) -> dict[str, Any]:
    s, low, high = kaplan_meier(spells).at(_AGES)
    return {
        f"{age:g}": [rounded_share(float(value), 3) for value in (a, b, c)]
        for age, a, b, c in zip(_AGES, s, low, high, strict=True)
        if np.isfinite(a)
    }


def _watched_to(spells: Spells) -> int:
    """Whole years of age past which fewer than `FEWEST` spells are watched."""
    return int(np.sort(spells.exit)[-FEWEST])


def life_tables(folder: Path) -> dict[str, Any]:
    """Life table, Kaplan-Meier curve and fits of every class."""
    classes = {}
    for name, item in CLASSES.items():
        spells = item.spells(folder)
        table = life_table(spells, item.edges, FEWEST)
        classes[name] = {
            **_origin(folder, item),
            "rows": len(spells),
            "clusters": spells.clusters,
            "failures": spells.failures,
            "watched_to_years": _watched_to(spells),
            "table": _table(table),
            "kaplan_meier": _curve(spells),
            "fits": _fits(spells, table, item.forms),
        }
    return classes


def _option(name: str, folder: Path) -> dict[str, Any]:
    """What an option of the choice ``reference_class`` takes from a fit."""
    item = CLASSES[name]
    spells = item.spells(folder)
    note = (
        f"{ROWS} of the {REPLICATES:,} resamples of the {MODEL_FORM} fit to {len(spells)} rows "
        f"with {spells.failures} failures, each drawn whole."
    )
    source = {"kind": "data", "citation": STUDIES[item.study].citation, "note": note}
    return entries_with_establishing(spells, REPLICATES, _generator("resamples", name), source)


def resamples(folder: Path) -> dict[str, Any]:
    """Part of an assumption book: the stored resamples of every class that the book has."""
    options = {name: _option(name, folder) for name in BOOK_CLASSES}
    return {"structure": {"reference_class": {"options": options}}}


def reference_classes(folder: Path) -> dict[str, Any]:
    """What the joint fits say of every reference class."""
    classes = {}
    for name in REFERENCE_CLASSES:
        item = CLASSES[name]
        spells = item.spells(folder)
        joints = fit_every_form(spells, REPLICATES, _generator("joint", name))
        used = joints[MODEL_FORM]
        curves = survival(FORMS[MODEL_FORM], used.values, _AGES)
        classes[name] = {
            **_origin(folder, item),
            "rows": len(spells),
            "failures": spells.failures,
            "form": MODEL_FORM,
            "not_fitted": used.failed,
            "ranges": model_ranges(used),
            "survival": {f"{age:g}": range_of(curves[:, j], True) for j, age in enumerate(_AGES)},
            "other_forms": {
                form: model_ranges(joints[form]) for form in TWO_REGIME_FORMS if form != MODEL_FORM
            },
            "claim": claim_test(spells, joints),
        }
    return classes


def targets(folder: Path) -> dict[str, Any]:
    """Targets for simulated record-like scenarios."""
    return compute_targets(folder, REPLICATES, _generator("targets", "all"))


def _rate(folder: Path, name: str) -> dict[str, Any]:
    item = CLASSES[name]
    spells = item.spells(folder)
    found = bootstrap("exponential", spells, REPLICATES, _generator("rate", name))
    shape = bootstrap("weibull", spells, REPLICATES, _generator("shape", name))
    return {
        **_origin(folder, item),
        "rows": len(spells),
        "failures": spells.failures,
        "hazard_per_year": range_of(found.values[:, 0]),
        "weibull_shape": range_of(shape.values[:, 0]),
    }


def missions(folder: Path) -> dict[str, Any]:
    """Rates of contributor exit and mission end, and growth, as entries of a book take them."""
    rates = [name for name, item in CLASSES.items() if item.study in ("geopko", "tppm")]
    ratios = growth_ratios(folder)
    years, shared = exit_clustering(folder)
    study = STUDIES["geopko"].citation
    return {
        "rates": {name: _rate(folder, name) for name in rates},
        "growth": {
            "study": study,
            "source_sha256": {GROWTH: file_digest(folder, GROWTH)},
            "missions": len(ratios),
            "peak_over_first_year": {
                f"p{round(100 * q):02d}": rounded(float(np.quantile(ratios, q)), 3)
                for q in (0.05, 0.25, 0.5, 0.75, 0.95)
            },
            "largest": rounded(ratios[-1], 3),
        },
        "exits_in_company": {
            "study": study,
            "source_sha256": {STAYS: file_digest(folder, STAYS)},
            "mission_years_with_an_exit": years,
            "of_those_with_two_or_more": shared,
            "share": rounded(shared / years, 3),
        },
    }


def backtests(folder: Path) -> dict[str, Any]:
    """Results of every split of the backtest."""
    return dict(run_backtests(folder, REPLICATES, SEED))
