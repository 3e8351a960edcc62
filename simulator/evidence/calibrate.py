"""A user's own spells: fit every form, compare them, and hand back a book that carries the result.

The columns of the CSV file: ``duration_years`` or ``duration_days`` from the start of the spell,
``event`` (1 if it ended then, 0 if it was still going on) and, if wanted, ``entry_years`` or
``entry_days`` (age at which watching began), ``group`` (two to six are compared, pair by pair, with
the log-rank test) and ``cluster`` (rows that share it are resampled together; without it each row
stands alone, and ranges are too narrow if rows are not independent). Others go by
`simulator.evidence.columns.Named`; the rest are left alone and listed in the result.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from simulator.evidence.fits import Fit, Replicates, bootstrap_forms, fit
from simulator.evidence.forms import FORMS, log_survival
from simulator.evidence.nonparametric import kaplan_meier, logrank, watched_from
from simulator.evidence.ownbook import book_text
from simulator.evidence.reference import MODEL_FORM, model_ranges
from simulator.evidence.spells import Floats, Spells, landmark
from simulator.evidence.usercsv import Named, UserSpells, read_spells
from simulator.evidence.writing import counted, range_of, rounded, rounded_share

SURVIVAL_AGES: Floats = np.array([1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0])  # years, of the report
FEW_CLUSTERS = 15  # with fewer a cluster bootstrap says little
FEW_FAILURES = 20  # with fewer ranges are rough
MOST_GROUPS = 6  # of more no pair is compared
FEW_LEFT_OUT = 0.01  # of the resamples: of more the result says what leaving them out does


@dataclass(frozen=True)
class Calibration:
    """The result of `calibrate`.

    ``summary`` is what `--json` shows: ``spells``, ``failures``, ``years_at_risk``,
    ``given_survival_to`` (the age, in years, to which all curves are conditional; 0 if spells are
    watched from their start), ``kaplan_meier``, ``forms`` (per form ``parameters``, ``ranges``,
    ``outside``, the parameters fitted outside their range, ``log_likelihood``, ``aic``,
    ``at_bound``, ``one_regime``, ``survival``), ``best_form`` (lowest AIC of those that did not end
    at an edge of their search; None if all did), ``groups``, ``warnings``, ``notes`` and ``model``
    (the three assumptions).
    """

    summary: Mapping[str, Any]
    book: str  # an assumption book in YAML that takes its base hazards from these spells


def calibrate_file(
    path: Path, replicates: int = 1000, seed: int = 1, named: Named | None = None
) -> Calibration:
    """Read a user's CSV and calibrate to it; `InputError` with every bad row of the file."""
    return calibrate(read_spells(path, named), path.name, replicates, seed)


def calibrate(read: UserSpells, name: str, replicates: int = 1000, seed: int = 1) -> Calibration:
    """Fit every form to a user's spells, called `name`, and compare them."""
    spells = read.spells
    fits = {form: fit(form, spells) for form in FORMS}
    resampled = bootstrap_forms(fits, spells, replicates, np.random.default_rng(seed))
    own = resampled[MODEL_FORM]
    since = watched_from(spells)
    forms = {form: _form(fits[form], resampled[form].values, since) for form in fits}
    best = _best(fits)
    groups, on_groups = _groups(read)
    summary = {
        "data": name,
        "spells": len(spells),
        "failures": spells.failures,
        "years_at_risk": rounded(spells.years_at_risk, 6),
        "given_survival_to": rounded(since, 6),
        "kaplan_meier": _curve(spells, since),
        "forms": forms,
        "best_form": best,
        "model_form": MODEL_FORM,
        "model": model_ranges(own),
        "groups": groups,
        "warnings": list(read.warnings),
        "notes": [
            *read.notes,
            *_on_size(spells),
            *_on_entry(spells, since),
            *_on_fits(fits, best),
            *_on_ranges(forms, own),
            *on_groups,
        ],
    }
    return Calibration(summary, book_text(name, summary, own))


def _best(fits: Mapping[str, Fit]) -> str | None:
    """The form of lowest AIC among those whose fit did not end at the edge of its search."""
    inside = [form for form in fits if not fits[form].at_bound]
    return min(inside, key=lambda form: fits[form].aic, default=None)


def _curve(spells: Spells, since: float) -> dict[str, Any]:
    """Kaplan-Meier at the reported ages that were watched, with its 90 % interval."""
    ages = SURVIVAL_AGES[since <= SURVIVAL_AGES]
    watched = landmark(spells, since) if since > 0 else spells
    s, low, high = kaplan_meier(watched).at(ages)
    return {
        f"{age:g}": {"value": rounded(a), "low": rounded(b), "high": rounded(c)}
        for age, a, b, c in zip(ages, s, low, high, strict=True)
        if np.isfinite(a)
    }


def _form(found: Fit, replicates: Floats, since: float) -> dict[str, Any]:
    form = FORMS[found.form]
    known = np.concatenate([[found.values], replicates[np.isfinite(replicates).all(axis=1)]])
    logs = log_survival(form, known, np.append(SURVIVAL_AGES, since))
    curves = np.exp(logs[:, :-1] - logs[:, -1:])  # given survival to the age since when all watch
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
        "one_regime": found.one_regime,
        "survival": {
            f"{age:g}": rounded_share(float(s), 5) if age >= since else None
            for age, s in zip(SURVIVAL_AGES, curves[0], strict=True)
        },
        "survival_ranges": {
            f"{age:g}": range_of(curves[1:, j], True) if age >= since else None
            for j, age in enumerate(SURVIVAL_AGES)
        },
    }


def _groups(read: UserSpells) -> tuple[dict[str, Any], list[str]]:
    """Size of each group, the log-rank test of every pair, and notes on what was not tested."""
    sizes = Counter(read.groups)
    if len(sizes) < 2:
        return {}, []
    labels = np.array(read.groups)
    members = {group: read.spells.subset(labels == group) for group in sorted(sizes)}
    table: dict[str, Any] = {
        group: {"spells": len(spells), "failures": spells.failures}
        for group, spells in members.items()
    }
    if read.spells.truncated:
        return {"sizes": table}, ["groups are not compared: the log-rank test takes no entry ages"]
    if len(members) > MOST_GROUPS:
        return {"sizes": table}, [f"{len(members)} groups, more than {MOST_GROUPS}: not compared"]
    tests, notes = [], []
    for (a, one), (b, other) in combinations(members.items(), 2):
        p = logrank(one, other) if one.failures + other.failures else math.nan
        tests.append({"between": [a, b], "p_value": rounded(p, 3) if math.isfinite(p) else None})
        if not math.isfinite(p):
            notes.append(f"{a} against {b}: no spell ended at an age at which both were watched")
    return {"sizes": table, "logrank": tests}, notes


def _on_size(spells: Spells) -> list[str]:
    """What a small record means for its ranges."""
    notes, few = [], spells.clusters
    if few < FEW_CLUSTERS and few == len(spells):
        notes.append(f"only {counted(few, 'spell')} to resample: the ranges mean little")
    elif few < FEW_CLUSTERS:
        notes.append(
            f"only {counted(few, 'cluster')} to resample: the ranges mean little; below "
            f"{FEW_CLUSTERS} leave the column out and say that rows were taken as independent"
        )
    if spells.failures < FEW_FAILURES:
        notes.append(
            f"only {counted(spells.failures, 'failure')}: the ranges of two-regime forms are rough"
        )
    return notes


def _on_entry(spells: Spells, since: float) -> list[str]:
    """From which age on the curves speak, and why."""
    if since == 0:
        return []
    first = float(spells.entry.min())
    why = (
        "nobody was watched before"
        if since == first
        else "before it there is an age at which nobody was watched, or all who were had failed"
    )
    return [
        f"every S is given survival to {since:.4g} years: {why}. Parameters are those of a whole "
        "life: what a form says of younger ages is its shape carried back"
    ]


def _on_fits(fits: Mapping[str, Fit], best: str | None) -> list[str]:
    """What is wrong with a fit, and how the forms compare."""
    notes = []
    for form, found in fits.items():
        if found.one_regime:
            notes.append(
                f"one regime: the two hazards of {form} came out alike, so its share is not "
                "identified"
            )
        if found.at_bound and (best is None or found.aic < fits[best].aic):
            notes.append(
                f"{form} has an AIC of {found.aic:.1f} at the edge of its search "
                f"({', '.join(found.at_bound)}) and is not ranked"
            )
    own = fits[MODEL_FORM]
    gap = own.aic - fits[best].aic if best else 0.0
    if gap > 2:
        notes.append(
            f"the simulator's own form has an AIC {gap:.1f} above that of {best}: these spells do "
            "not show the two regimes that the book entry assumes"
        )
    if own.at_bound:
        notes.append(
            "the record does not fix " + ", ".join(own.at_bound) + "; the entry's range comes "
            "from half an event added to each regime"
        )
    return notes


def _on_ranges(forms: Mapping[str, Mapping[str, Any]], resampled: Replicates) -> list[str]:
    """Why a value may lie outside its own range: they are not of the same thing."""
    notes = []
    outside = [f"{form} {', '.join(of['outside'])}" for form, of in forms.items() if of["outside"]]
    if outside:
        notes.append(
            f"fitted outside the range of its resamples: {'; '.join(outside)}. The record does not "
            "fix such a value: the fit is to the spells as they are, and the half events and half "
            "spells that are added to each resample already move it so far. The book draws "
            "resamples"
        )
    total = len(resampled.values)
    if resampled.failed > FEW_LEFT_OUT * total:
        notes.append(
            f"{resampled.failed:,} of {total:,} resamples hold no failure and cannot be fitted: "
            "they are left out, so the ranges of hazards and failing shares lie too high"
        )
    return notes
