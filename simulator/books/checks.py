"""What must be true of the assumptions in a file, beyond their types: names, units, ranges.

The checks work on the document as read and skip what is not well formed, so that their problems
are reported together with those of the types.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from simulator.books.copula import ContradictionError, factor, groups
from simulator.books.forms import SUM_TOLERANCE, Form, build
from simulator.books.names import (
    ASSUMPTIONS,
    CONTRIBUTOR_FIELDS,
    RECURRING,
    SHARES,
    Assumption,
    describe,
)
from simulator.books.schema import CorrelationFile, OverrideFile
from simulator.inputs import Document, Position, Problem, closest, did_you_mean, dotted, listed
from simulator.inputs.problems import KeyPath
from simulator.limits import LARGEST, MOST_PER_YEAR, SMALLEST

__all__ = [
    "check_correlations",
    "check_distribution",
    "check_entries",
    "check_name",
    "missing_names",
    "pairs_of",
    "readable",
    "share_of",
]

ModelT = TypeVar("ModelT", bound=BaseModel)


def readable(value: Any, model: type[ModelT]) -> ModelT | None:
    """Return a plain value as an instance of a model, None if it is none."""
    try:
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return None


def share_of(name: str) -> tuple[str, str] | None:
    """Return (whole, part) if `name` is one of several shares, such as ``cause_shares.x``."""
    whole, _, part = name.rpartition(".")
    return (whole, part) if part in SHARES.get(whole, ()) else None


def check_name(document: Document, path: KeyPath, name: str) -> Iterator[Problem]:
    """Yield the problem that `name`, the key at `path`, is no assumption."""
    if describe(name) is not None or name in SHARES:
        return
    place, label = document.where_key(path), dotted(path)
    parts = name.split(".")
    if parts[0] == "contributors" and len(parts) == 3:
        fields = listed(CONTRIBUTOR_FIELDS)
        message = f"'{parts[2]}' is no assumption about a contributor, allowed: {fields}"
        hint = did_you_mean(parts[2], CONTRIBUTOR_FIELDS)
        if parts[2] in CONTRIBUTOR_FIELDS:
            message, hint = f"'{parts[1]}' is no contributor id, such as united-kingdom", None
        yield Problem(place, label, message, hint)
        return
    known = [*ASSUMPTIONS, *SHARES]
    message = "no assumption of the model has this name"
    hint = did_you_mean(name, known)
    if hint is None:
        starts = sorted({key.split(".")[0] for key in known} | {"contributors.ID.FIELD"})
        message += f"; names start with {', '.join(starts)}"
    yield Problem(place, label, message, hint)


def check_distribution(
    document: Document, path: KeyPath, name: str, form: Form
) -> Iterator[Problem]:
    """Yield what is wrong with a well-formed distribution as one of the assumption `name`."""
    place, label = document.where(path), dotted(path)
    if name in SHARES:
        yield from _check_shares(document, path, name, form)
        return
    assumption = describe(name)
    if assumption is None:
        return
    if form.is_shares:
        yield Problem(place, label, f"'{name}' is one number, not shares of a whole")
        return
    support = build(form).support
    widest = max(-support.low, support.high)
    if math.isfinite(widest) and not support.within(assumption.within):
        yield Problem(place, label, _out_of_range(assumption, form), _mend(assumption, form))
    elif not widest <= LARGEST:
        one = form.fixed is not None
        what = f"{form.fixed:g} overflows" if one else "so wide that its draws overflow"
        yield Problem(place, label, f"{what}; the largest number is {LARGEST:g}")
    elif not assumption.within.includes_low and support.high > 0.0 and support.low < SMALLEST:
        yield Problem(place, label, f"underflows; the smallest number is {SMALLEST:g}")
    elif name in RECURRING:
        yield from _check_recurring(place, label, form)


def _check_recurring(place: Position | None, label: str, form: Form) -> Iterator[Problem]:
    """Refuse what recurs so fast that no run would end, except in one draw of a million."""
    fast = float(build(form).ppf(np.array([1.0 - 1e-6]))[0])
    if fast > MOST_PER_YEAR:
        message = f"recurs up to {fast:.3g} times a year; at most {MOST_PER_YEAR:g} are simulated, "
        yield Problem(place, label, f"{message}and a run by default then takes minutes")


def _out_of_range(assumption: Assumption, form: Form) -> str:
    support = build(form).support
    message = f"must be {assumption.within} ({assumption.unit})"
    if form.fixed is not None:
        return f"{message}, got {form.fixed:g}"
    return f"{message}, but draws can lie between {support.low:.3g} and {support.high:.3g}"


def _mend(assumption: Assumption, form: Form) -> str | None:
    """Return the scale on which an elicited distribution would stay in range, as a hint."""
    elicited = form.quantiles is not None or form.between is not None
    if not elicited or form.scale == "logit":
        return None
    if assumption.within.high == 1.0 and assumption.within.low == 0.0:
        return "did you mean 'scale: logit'?"
    return "did you mean 'scale: log'?" if form.scale == "natural" else None


def _check_shares(document: Document, path: KeyPath, name: str, form: Form) -> Iterator[Problem]:
    parts = form.shares if form.shares is not None else form.dirichlet
    if parts is None:
        message = f"'{name}' needs 'dirichlet' or 'shares', over {', '.join(SHARES[name])}"
        yield Problem(document.where(path), dotted(path), message)
        return
    kind = "shares" if form.shares is not None else "dirichlet"
    for part in parts:
        if part not in SHARES[name]:
            inner = (*path, "distribution", kind, part)
            inner = inner if document.at(inner) is not None else (*path, kind, part)
            message = f"unknown part of {name}, known: {', '.join(SHARES[name])}"
            hint = did_you_mean(part, SHARES[name])
            yield Problem(document.where_key(inner), dotted(inner), message, hint)
    meant = {closest(part, SHARES[name]) for part in parts}
    absent = [part for part in SHARES[name] if part not in parts and part not in meant]
    if absent:
        message = f"lacks {', '.join(absent)}; all parts of {name} must be given"
        yield Problem(document.where(path), dotted(path), message)


def check_entries(
    document: Document, path: KeyPath, valid: Mapping[str, OverrideFile] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong with the names, units and ranges of the entries under `path`.

    `valid` are these entries where the whole file is valid: reading them once more takes time.
    """
    node = document.at(path)
    entries = node.plain() if node is not None else None
    if not isinstance(entries, dict):
        return
    stored: dict[str, int] = {}
    for name, value in entries.items():
        here = (*path, name)
        yield from check_name(document, here, str(name))
        entry = valid[name] if valid is not None else readable(value, OverrideFile)
        if entry is None:
            continue
        assumption = describe(name)
        unit = "share" if name in SHARES else assumption.unit if assumption else None
        if unit and entry.unit is not None and entry.unit != unit:
            where = (*here, "unit")
            message = f"must be '{unit}', got '{entry.unit}'"
            yield Problem(document.where(where), dotted(where), message)
        yield from check_distribution(document, (*here, "distribution"), name, entry.distribution)
        if entry.distribution.resamples is not None:
            stored[name] = len(entry.distribution.resamples)
    yield from _check_parts(document, path, entries)
    yield from _check_resamples(document, path, stored)


def _check_resamples(
    document: Document, path: KeyPath, stored: Mapping[str, int]
) -> Iterator[Problem]:
    """Check entries that are drawn together: as many resamples of each, and not correlated too."""
    if not stored:
        return
    if len(set(stored.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in stored.items())
        message = "resamples of one block are drawn together, row by row, so each entry needs as "
        message += f"many as the others: {counts}"
        yield Problem(document.where(path), dotted(path), message)
    for index, correlation in _correlations(document):
        for name in set(correlation.between) & set(stored):
            here: KeyPath = ("correlations", index)
            message = f"'{name}' has resamples ({dotted((*path, name))}), which decide what it "
            message += "goes with; it cannot be correlated as well"
            yield Problem(document.where(here), dotted(here), message)


def _check_parts(
    document: Document, path: KeyPath, entries: Mapping[str, Any]
) -> Iterator[Problem]:
    """Check wholes that are given part by part: all parts, each known, summing to one."""
    for whole, parts in SHARES.items():
        given = [part for part in parts if f"{whole}.{part}" in entries]
        if not given:
            continue
        here = (*path, f"{whole}.{given[0]}")
        place, label = document.where_key(here), dotted(here)
        if whole in entries:
            yield Problem(place, label, f"given twice: '{whole}' gives all its parts")
            continue
        if len(given) < len(parts):
            absent = ", ".join(part for part in parts if part not in given)
            yield Problem(place, label, f"lacks its other parts ({absent}), or give '{whole}'")
            continue
        read = [readable(entries[f"{whole}.{part}"], OverrideFile) for part in parts]
        fixed = [entry.distribution.fixed for entry in read if entry is not None]
        if len(fixed) < len(parts):
            continue
        known = [value for value in fixed if value is not None]
        if len(known) < len(parts):
            message = f"uncertain parts of a whole need one entry '{whole}' with 'dirichlet'"
            yield Problem(place, label, message)
        elif abs(math.fsum(known) - 1.0) > SUM_TOLERANCE:
            message = f"the parts of '{whole}' sum to {math.fsum(known):g}, must sum to 1"
            yield Problem(place, label, message)


def missing_names(entries: Iterable[str]) -> tuple[int, list[str]]:
    """Return how many names the model needs that a book with these entries lacks, and which.

    A family of which every name is lacking is one item, such as ``hr.*``.
    """
    given = set(entries)
    given |= {f"{whole}.{part}" for whole in given & set(SHARES) for part in SHARES[whole]}
    absent = [name for name in ASSUMPTIONS if name not in given]
    present = {_family(name) for name in ASSUMPTIONS if name in given}
    items = [name if _family(name) in present else _family(name) for name in absent]
    return len(absent), list(dict.fromkeys(items))


def _family(name: str) -> str:
    head, dot, _ = name.partition(".")
    return f"{head}.*" if dot else name


def check_correlations(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the correlations of a book."""
    seen: set[frozenset[str]] = set()
    for index, correlation in _correlations(document):
        here: KeyPath = ("correlations", index)
        for position, name in enumerate(correlation.between):
            inner = (*here, "between", position)
            if name in SHARES or share_of(name):
                message = f"'{name}' has parts that sum to one and cannot be correlated"
                yield Problem(document.where(inner), dotted(inner), message)
            elif describe(name) is None:
                message = f"'{name}' is no assumption of the model"
                hint = did_you_mean(name, ASSUMPTIONS)
                yield Problem(document.where(inner), dotted(inner), message, hint)
        pair = frozenset(correlation.between)
        if len(pair) == 1:
            yield Problem(document.where(here), dotted(here), "correlates a name with itself")
        elif pair in seen:
            yield Problem(document.where(here), dotted(here), "this pair is listed twice")
        seen.add(pair)
    pairs = pairs_of(correlation for _, correlation in _correlations(document))
    for names in groups(pairs):
        try:
            factor(names, pairs)
        except ContradictionError as error:
            yield Problem(document.where(("correlations",)), "correlations", str(error))


def pairs_of(correlations: Iterable[CorrelationFile]) -> dict[tuple[str, str], float]:
    """Return correlations by ordered pair of names."""
    found = {}
    for correlation in correlations:
        first, second = sorted(correlation.between)
        if first != second:
            found[first, second] = correlation.rho
    return found


def _correlations(document: Document) -> Iterator[tuple[int, CorrelationFile]]:
    node = document.at(("correlations",))
    items = node.plain() if node is not None else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        correlation = readable(item, CorrelationFile)
        if correlation is not None:
            yield index, correlation
