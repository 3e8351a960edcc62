"""A user's own spells: fit every form, compare them, and hand back a book that carries the result.

The file is CSV with a header. Columns:

``duration_years`` or ``duration_days``
    How long the spell was watched in all, from its start; above 0.
``event``
    1 if it ended then, 0 if it was still going on (also true/false, yes/no).
``entry_years`` or ``entry_days`` (optional)
    Age at which watching began, at least 0 and below the duration; 0 if the column is absent.
``group`` (optional)
    A word. Two to six groups are compared, pair by pair, with the log-rank test.
``cluster`` (optional)
    A word. Rows that share it (ceasefires of one country, say) are resampled together; without the
    column each row stands alone, and ranges are too narrow if rows are not independent.

Other columns are left alone and named in the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.evidence.fits import Fit, Replicates, bootstrap, fit_all
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.nonparametric import kaplan_meier, logrank
from simulator.evidence.reference import MODEL_FORM, Joint, entries, in_model_terms
from simulator.evidence.spells import Floats, Spells
from simulator.evidence.usercsv import UserSpells, read_spells
from simulator.evidence.writing import as_yaml, range_of, rounded, rounded_share

__all__ = ["SURVIVAL_AGES", "Calibration", "calibrate", "calibrate_file"]

SURVIVAL_AGES: Floats = np.array([1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0])
"""Ages, in years, at which every form's survival is reported."""

FEW_CLUSTERS = 15
"""With fewer clusters than this a cluster bootstrap says little, and the result says so."""

FEW_FAILURES = 20
"""With fewer failures than this the ranges are reported with a warning."""

FEW_LEFT_OUT = 0.01
"""Of the resamples: of more that cannot be fitted the result says what leaving them out does."""


@dataclass(frozen=True)
class Calibration:
    """The result of `calibrate`.

    Attributes
    ----------
    summary : dict
        What `--json` shows: ``spells``, ``failures``, ``years_at_risk``, ``kaplan_meier``,
        ``forms`` (per form ``parameters``, ``ranges``, ``outside``, the parameters fitted outside
        their range, ``log_likelihood``, ``aic``, ``at_bound``, ``survival``), ``best_form``,
        ``groups``, ``notes`` and ``model`` (the three assumptions).
    book : str
        An assumption book in YAML that takes its base hazards from these spells.
    """

    summary: Mapping[str, Any]
    book: str


def calibrate_file(path: Path, replicates: int = 1000, seed: int = 1) -> Calibration:
    """Read a user's CSV and calibrate to it.

    Raises
    ------
    InputError
        With every bad row of the file, each with its number, or if nothing failed.
    """
    return calibrate(read_spells(path), path.name, replicates, seed)


def calibrate(read: UserSpells, name: str, replicates: int = 1000, seed: int = 1) -> Calibration:
    """Fit every form to a user's spells and compare them.

    Parameters
    ----------
    read : UserSpells
        The spells and what was noticed on reading them.
    name : str
        How the result refers to the data.
    replicates : int
        Bootstrap resamples per form.
    seed : int
        Of the bootstrap.
    """
    spells = read.spells
    fits = fit_all(spells)
    ranges = {}
    joint: Joint | None = None
    for number, form in enumerate(FORMS):
        rng = np.random.default_rng([seed, number])
        found = bootstrap(form, spells, replicates, rng)
        ranges[form] = found
        if form == MODEL_FORM:
            joint = Joint(form, in_model_terms(form, found.values), found)
    assert joint is not None
    best = min(fits, key=lambda form: fits[form].aic)
    forms = {form: _form(fits[form], ranges[form].values) for form in fits}
    summary = {
        "data": name,
        "spells": len(spells),
        "failures": spells.failures,
        "years_at_risk": rounded(spells.years_at_risk, 6),
        "kaplan_meier": _curve(spells),
        "forms": forms,
        "best_form": best,
        "model_form": MODEL_FORM,
        "model": joint.ranges(),
        "model_correlations": joint.rank_correlations(),
        "groups": _groups(read),
        "notes": [*_notes(read, fits, best), *_on_ranges(forms, ranges[MODEL_FORM])],
    }
    return Calibration(summary, _book(name, summary, joint))


def _curve(spells: Spells) -> dict[str, Any]:
    """Kaplan-Meier at the reported ages that were watched, with its 90 % interval."""
    s, low, high = kaplan_meier(spells).at(SURVIVAL_AGES)
    return {
        f"{age:g}": {"value": rounded(a), "low": rounded(b), "high": rounded(c)}
        for age, a, b, c in zip(SURVIVAL_AGES, s, low, high, strict=True)
        if np.isfinite(a)
    }


def _form(found: Fit, replicates: Floats) -> dict[str, Any]:
    form = FORMS[found.form]
    curves = survival(form, replicates[np.isfinite(replicates).all(axis=1)], SURVIVAL_AGES)
    ranges = {
        name: range_of(replicates[:, j], form.shares[j]) for j, name in enumerate(form.parameters)
    }
    return {
        "description": form.description,
        "parameters": {name: rounded(v, 6) for name, v in found.parameters.items()},
        "ranges": ranges,
        "outside": [
            name
            for name, value in found.parameters.items()
            if not ranges[name]["p05"] <= rounded(value) <= ranges[name]["p95"]
        ],
        "log_likelihood": round(found.log_likelihood, 4),
        "aic": round(found.aic, 4),
        "at_bound": list(found.at_bound),
        "survival": {
            f"{age:g}": rounded_share(float(s), 5)
            for age, s in zip(SURVIVAL_AGES, found.survival(SURVIVAL_AGES), strict=True)
        },
        "survival_ranges": {
            f"{age:g}": range_of(curves[:, j], True) for j, age in enumerate(SURVIVAL_AGES)
        },
    }


def _groups(read: UserSpells) -> dict[str, Any]:
    """Size of each group and, for right-censored spells, the log-rank test of every pair."""
    sizes = Counter(read.groups)
    if len(sizes) < 2:
        return {}
    labels = np.array(read.groups)
    members = {group: read.spells.subset(labels == group) for group in sorted(sizes)}
    table: dict[str, Any] = {
        group: {"spells": len(spells), "failures": spells.failures}
        for group, spells in members.items()
    }
    names = sorted(sizes)
    if read.spells.truncated or len(names) > 6:
        return {"sizes": table}
    tests = [
        {"between": [a, b], "p_value": rounded(logrank(members[a], members[b]).p_value, 3)}
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if members[a].failures + members[b].failures
    ]
    return {"sizes": table, "logrank": tests}


def _notes(read: UserSpells, fits: Mapping[str, Fit], best: str) -> list[str]:
    notes = list(read.notes)
    few = read.spells.clusters
    if few < FEW_CLUSTERS and few == len(read.spells):
        notes.append(f"only {_count(few, 'spell')} to resample: the ranges mean little")
    elif few < FEW_CLUSTERS:
        notes.append(
            f"only {_count(few, 'cluster')} to resample: the ranges mean little; below "
            f"{FEW_CLUSTERS} leave the column out and say that rows were taken as independent"
        )
    if read.spells.failures < FEW_FAILURES:
        notes.append(
            f"only {_count(read.spells.failures, 'failure')}: the ranges of two-regime forms are "
            "rough"
        )
    gap = fits[MODEL_FORM].aic - fits[best].aic
    if gap > 2:
        notes.append(
            f"the simulator's own form has an AIC {gap:.1f} above that of {best}: these spells do "
            "not show the two regimes that the book entry assumes"
        )
    if fits[MODEL_FORM].at_bound:
        notes.append(
            "the record does not fix " + ", ".join(fits[MODEL_FORM].at_bound) + "; the entry's "
            "range comes from half an event added to each regime"
        )
    return notes


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _on_ranges(forms: Mapping[str, Mapping[str, Any]], resampled: Replicates) -> list[str]:
    """Why a value may lie outside its own range: they are not of the same thing."""
    notes = []
    outside = [f"{form} {', '.join(of['outside'])}" for form, of in forms.items() if of["outside"]]
    if outside:
        notes.append(
            f"fitted outside the range of its resamples: {'; '.join(outside)}. The record does not "
            "fix such a value: the fit is to the spells as they are, and the half events and half "
            "spells that are added to each resample already move it so far. The book takes the "
            "middle and the range of the resamples"
        )
    total = len(resampled.values)
    if resampled.failed > FEW_LEFT_OUT * total:
        notes.append(
            f"{resampled.failed:,} of {total:,} resamples hold no failure and cannot be fitted: "
            "they are left out, so the ranges of hazards and failing shares lie too high"
        )
    return notes


def _book(name: str, summary: Mapping[str, Any], joint: Joint) -> str:
    """Return a book that extends `evidence` and takes this record for its only reference class."""
    from simulator.inputs import read_document, shipped

    parent = read_document(shipped("configs/assumptions") / "evidence.yaml")
    others = parent.value["structure"]["reference_class"]["options"]
    source = {
        "kind": "data",
        "citation": name,
        "note": (
            f"{_count(summary['spells'], 'spell')}, {_count(summary['failures'], 'failure')}; "
            f"resamples of the {MODEL_FORM} fit, with half an event added, each drawn whole."
        ),
    }
    option = {
        "weight": 1.0,
        "description": f"The spells of {name}.",
        "source": source,
        **entries(joint, source),
    }
    book = {
        "title": f"Base hazards from {name}",
        "description": (
            "The shipped book of the record, with the share of failing ceasefires, their two-year "
            "failure and the hazard of holding ones taken from the spells of one file."
        ),
        "extends": "evidence",
        "structure": {
            "reference_class": {
                "options": {**{other: {"weight": 0.0} for other in others}, "own_record": option}
            }
        },
    }
    return as_yaml(book)
