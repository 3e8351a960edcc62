"""A user's own spells: fit every form, compare them, and hand back a book that carries the result.

The columns of the CSV file: ``duration_years`` or ``duration_days`` from the start of the spell,
``event`` (1 if it ended then, 0 if it was still going on) and, if wanted, ``entry_years`` or
``entry_days`` (age at which watching began), ``group`` (two to six are compared, pair by pair, with
the log-rank test) and ``cluster`` (rows that share it are resampled together; without it each row
stands alone, and ranges are too narrow if rows are not independent). Others go by
`simulator.evidence.columns.Named`; the rest are left alone and listed in the result.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from simulator.evidence.fits import Fit, Replicates, bootstrap_forms, fit
from simulator.evidence.forms import FORMS, log_survival
from simulator.evidence.reference import MODEL_FORM, entries, model_ranges
from simulator.evidence.spells import Floats, Spells, kaplan_meier, landmark, logrank, watched_from
from simulator.evidence.usercsv import Named, UserSpells, read_spells
from simulator.evidence.writing import as_yaml, range_of, rounded, rounded_share
from simulator.inputs import InputError, Problem, read_document, shipped
from simulator.number_format import counted
from simulator.storage.files import atomic_file


def book_text(name: str, summary: Mapping[str, Any], found: Replicates) -> str:
    """Return a book that extends `evidence` and takes this record for its only reference class."""
    parent = read_document(shipped("configs/assumptions") / "evidence.yaml")
    others = parent.value["structure"]["reference_class"]["options"]
    # names of files may hold what no YAML file may
    name = re.sub(r"[^\w .,()+-]", "_", name)
    source = {
        "kind": "data",
        "citation": name,
        "note": (
            f"{counted(summary['spells'], 'spell')}, {counted(summary['failures'], 'failure')}; "
            f"resamples of the {MODEL_FORM} fit, with half an event added, each drawn whole."
        ),
    }
    option = {
        "weight": 1.0,
        "description": f"The spells of {name}.",
        "source": source,
        **entries(found, source),
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


def write_book(path: Path, text: str) -> None:
    """Write a book, once it has been read and drawn from as ``simulator run`` would."""
    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job, compile_job

    with atomic_file(path.resolve().parent, path.name) as stream:
        stream.write(text.encode())
        stream.flush()
        try:
            [(scenario, loaded)] = load_plans(["no-force"], stream.name)
            compile_job(Job(scenario, loaded, seed=1, draws=1_000, trials=1))
        except InputError as error:
            hint = "the fits above hold; no book was written"
            raise InputError(
                Problem(None, "book", f"run would refuse it: {p.path}: {p.message}", hint)
                for p in error.problems
            ) from None


SURVIVAL_AGES: Floats = np.array([1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0])  # years, of the report
MOST_GROUPS = 6  # of more no pair is compared


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
    inside = [form for form in fits if not fits[form].at_bound]
    best = min(inside, key=lambda form: fits[form].aic, default=None)
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
            *_notes(spells, since, fits, best, forms, own),
            *on_groups,
        ],
    }
    return Calibration(summary, book_text(name, summary, own))


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


def _notes(
    spells: Spells,
    since: float,
    fits: Mapping[str, Fit],
    best: str | None,
    forms: Mapping[str, Mapping[str, Any]],
    resampled: Replicates,
) -> list[str]:
    """What is to be known of the record, the fits and the ranges, one note each."""
    from simulator.templates import rendered

    text = rendered(
        "simulator.evidence",
        "notes.txt",
        counted=counted,
        spells=spells,
        since=since,
        first_entry=float(spells.entry.min()),
        fits=fits,
        own=fits[MODEL_FORM],
        best=None if best is None else fits[best],
        outside=[f"{form} {', '.join(x['outside'])}" for form, x in forms.items() if x["outside"]],
        resampled=resampled,
    )
    return [line for line in text.splitlines() if line]
