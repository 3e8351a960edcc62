"""What must be true of the assumptions in a file, beyond their types: names, units, ranges.

The checks work on the document as read and skip what is not well formed, so that their problems
are reported together with those of the types.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from simulator.books.layers import ContradictionError, cholesky, groups
from simulator.books.mixtures import SUM_TOLERANCE
from simulator.books.names import (
    ASSUMPTIONS,
    CONTRIBUTOR_FIELDS,
    RECURRING,
    SHARES,
    Assumption,
    describe,
)
from simulator.books.schema import WRITTEN, BookFile, CorrelationFile, Form, OverrideFile
from simulator.inputs import Document, Problem, closest, did_you_mean, dotted, listed
from simulator.inputs.problems import KeyPath
from simulator.limits import LARGEST, MOST_PER_YEAR, SMALLEST

ModelT = TypeVar("ModelT", bound=BaseModel)


def wrong(
    document: Document, path: KeyPath, message: str, hint: str | None = None, *, key: bool = False
) -> Problem:
    """Return a problem with the value at a path, or with its key."""
    place = document.where_key(path) if key else document.where(path)
    return Problem(place, dotted(path), message, hint)


@dataclass(frozen=True)
class Reading:
    """A book's document, and the file that it is if its types are valid."""

    document: Document
    file: BookFile | None

    def plain(self, path: KeyPath, default: Any = None) -> Any:
        """Return the value at a path as plain data."""
        node = self.document.at(path)
        return default if node is None else node.plain()

    def part(self, path: KeyPath, model: type[ModelT]) -> ModelT | None:
        """Return the part of the file at a path, None if it is not well formed."""
        if self.file is None:
            try:
                return model.model_validate_json(json.dumps(self.plain(path)), strict=True)
            except ValidationError:
                return None
        found: Any = self.file  # reading it once more would take time
        for key in path:
            found = getattr(found, str(key)) if isinstance(found, BaseModel) else found[key]
        return found if isinstance(found, model) else None


def share_of(name: str) -> tuple[str, str] | None:
    """Return (whole, part) if `name` is one of several shares, such as ``cause_shares.x``."""
    whole, _, part = name.rpartition(".")
    return (whole, part) if part in SHARES.get(whole, ()) else None


def check_name(document: Document, path: KeyPath, name: str) -> Iterator[Problem]:
    """Yield the problem that `name`, the key at `path`, is no assumption."""
    if describe(name) is not None or name in SHARES:
        return
    parts = name.split(".")
    if parts[0] == "contributors" and len(parts) == 3:
        fields = listed(CONTRIBUTOR_FIELDS)
        message = f"'{parts[2]}' is no assumption about a contributor, allowed: {fields}"
        hint = did_you_mean(parts[2], CONTRIBUTOR_FIELDS)
        if parts[2] in CONTRIBUTOR_FIELDS:
            message, hint = f"'{parts[1]}' is no contributor id, such as united-kingdom", None
        yield wrong(document, path, message, hint, key=True)
        return
    known = [*ASSUMPTIONS, *SHARES]
    message = "no assumption of the model has this name"
    hint = did_you_mean(name, known)
    if hint is None:
        starts = sorted({key.split(".")[0] for key in known} | {"contributors.ID.FIELD"})
        message += f"; names start with {', '.join(starts)}"
    yield wrong(document, path, message, hint, key=True)


def check_distribution(
    document: Document, path: KeyPath, name: str, form: Form
) -> Iterator[Problem]:
    """Yield what is wrong with a well-formed distribution as one of the assumption `name`."""
    if name in SHARES:
        yield from _check_shares(document, path, name, form)
        return
    assumption = describe(name)
    if assumption is None:
        return
    if form.is_shares:
        yield wrong(document, path, f"'{name}' is one number, not shares of a whole")
        return
    support = form.law.support
    widest = max(-support.low, support.high)
    if math.isfinite(widest) and not support.within(assumption.within):
        message = f"must be {assumption.within} ({assumption.unit}), "
        ends = f"but draws can lie between {support.low:.3g} and {support.high:.3g}"
        message += ends if form.known is None else f"got {form.known:g}"
        yield wrong(document, path, message, _better_scale(assumption, form))
    elif not widest <= LARGEST:
        wide = "so wide that its draws overflow"
        what = wide if form.known is None else f"{form.known:g} overflows"
        yield wrong(document, path, f"{what}; the largest number is {LARGEST:g}")
    elif not assumption.within.includes_low and support.high > 0.0 and support.low < SMALLEST:
        yield wrong(document, path, f"underflows; the smallest number is {SMALLEST:g}")
    elif name in RECURRING:
        # Refused is what recurs so fast that no run would end, except in one draw of a million.
        fast = float(form.law.ppf(np.array([1.0 - 1e-6]))[0])
        if fast > MOST_PER_YEAR:
            message = f"recurs up to {fast:.3g} times a year; at most {MOST_PER_YEAR:g} are "
            message += "simulated, and a run by default then takes minutes"
            yield wrong(document, path, message)


def _better_scale(assumption: Assumption, form: Form) -> str | None:
    """Return the scale on which an elicited distribution would stay in range, as a hint."""
    if not WRITTEN[form.kind].scaled or form.scale == "logit":
        return None
    if assumption.within.high == 1.0 and assumption.within.low == 0.0:
        return "did you mean 'scale: logit'?"
    return "did you mean 'scale: log'?" if form.scale == "natural" else None


def _check_shares(document: Document, path: KeyPath, name: str, form: Form) -> Iterator[Problem]:
    if not form.is_shares:
        message = f"'{name}' needs 'dirichlet' or 'shares', over {', '.join(SHARES[name])}"
        yield wrong(document, path, message)
        return
    for part in form.value:
        if part not in SHARES[name]:
            inner = (*path, "distribution", form.kind, part)
            inner = inner if document.at(inner) is not None else (*path, form.kind, part)
            message = f"unknown part of {name}, known: {', '.join(SHARES[name])}"
            yield wrong(document, inner, message, did_you_mean(part, SHARES[name]), key=True)
    meant = {closest(part, SHARES[name]) for part in form.value}
    absent = [part for part in SHARES[name] if part not in form.value and part not in meant]
    if absent:
        message = f"lacks {', '.join(absent)}; all parts of {name} must be given"
        yield wrong(document, path, message)


def check_entries(reading: Reading, path: KeyPath) -> Iterator[Problem]:
    """Yield what is wrong with the names, units and ranges of the entries under `path`."""
    document, entries = reading.document, reading.plain(path)
    if not isinstance(entries, dict):
        return
    stored: dict[str, int] = {}
    for name in entries:
        here = (*path, name)
        yield from check_name(document, here, str(name))
        entry = reading.part(here, OverrideFile)
        if entry is None:
            continue
        assumption = describe(name)
        unit = "share" if name in SHARES else assumption.unit if assumption else None
        if unit and entry.unit is not None and entry.unit != unit:
            yield wrong(document, (*here, "unit"), f"must be '{unit}', got '{entry.unit}'")
        yield from check_distribution(document, (*here, "distribution"), name, entry.distribution)
        if entry.distribution.kind == "resamples":
            stored[name] = len(entry.distribution.value)
    for whole, parts in SHARES.items():
        given = [part for part in parts if f"{whole}.{part}" in entries]
        message = _parts_problem(reading, path, whole, given, whole in entries) if given else None
        if message:
            yield wrong(document, (*path, f"{whole}.{given[0]}"), message, key=True)
    yield from _check_resamples(reading, path, stored)


def _check_resamples(
    reading: Reading, path: KeyPath, stored: Mapping[str, int]
) -> Iterator[Problem]:
    """Check entries that are drawn together: as many resamples of each, and not correlated too."""
    if len(set(stored.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in stored.items())
        message = "resamples of one block are drawn together, row by row, so each entry needs as "
        yield wrong(reading.document, path, f"{message}many as the others: {counts}")
    for here, correlation in _correlations(reading) if stored else ():
        for name in set(correlation.between) & set(stored):
            message = f"'{name}' has resamples ({dotted((*path, name))}), which decide what it "
            message += "goes with; it cannot be correlated as well"
            yield wrong(reading.document, here, message)


def _parts_problem(
    reading: Reading, path: KeyPath, whole: str, given: list[str], twice: bool
) -> str | None:
    """Return what is wrong with a whole given part by part: all known parts must sum to one."""
    parts = SHARES[whole]
    if twice:
        return f"given twice: '{whole}' gives all its parts"
    if len(given) < len(parts):
        absent = ", ".join(part for part in parts if part not in given)
        return f"lacks its other parts ({absent}), or give '{whole}'"
    entries = [reading.part((*path, f"{whole}.{part}"), OverrideFile) for part in parts]
    forms = [entry.distribution for entry in entries if entry is not None]
    if len(forms) < len(parts):
        return None
    known = [form.known for form in forms if form.known is not None]
    if len(known) < len(parts):
        return f"uncertain parts of a whole need one entry '{whole}' with 'dirichlet'"
    if abs(math.fsum(known) - 1.0) > SUM_TOLERANCE:
        return f"the parts of '{whole}' sum to {math.fsum(known):g}, must sum to 1"
    return None


def check_complete(reading: Reading) -> Iterator[Problem]:
    """Yield the problem that a book lacks names that the model needs."""
    entries = reading.plain(("entries",), {})
    if not isinstance(entries, dict):
        return
    whole = {f"{name}.{part}" for name in set(entries) & set(SHARES) for part in SHARES[name]}
    family = {name: f"{name.split('.')[0]}.*" if "." in name else name for name in ASSUMPTIONS}
    absent = [name for name in ASSUMPTIONS if name not in entries and name not in whole]
    present = {family[name] for name in ASSUMPTIONS if name not in absent}
    if absent:
        items = dict.fromkeys(n if family[n] in present else family[n] for n in absent)
        names = "an assumption" if len(absent) == 1 else f"{len(absent)} assumptions"
        message = f"lacks {names} that the model needs: {', '.join(items)}"
        hint = "start from a complete book with 'extends: evidence'"
        yield wrong(reading.document, ("entries",), message, hint)


def check_correlations(reading: Reading) -> Iterator[Problem]:
    """Yield what is wrong with the correlations of a book."""
    document = reading.document
    seen: set[frozenset[str]] = set()
    correlations = list(_correlations(reading))
    for here, correlation in correlations:
        for position, name in enumerate(correlation.between):
            inner = (*here, "between", position)
            if name in SHARES or share_of(name):
                message = f"'{name}' has parts that sum to one and cannot be correlated"
                yield wrong(document, inner, message)
            elif describe(name) is None:
                hint = did_you_mean(name, ASSUMPTIONS)
                yield wrong(document, inner, f"'{name}' is no assumption of the model", hint)
        pair = frozenset(correlation.between)
        if len(pair) == 1:
            yield wrong(document, here, "correlates a name with itself")
        elif pair in seen:
            yield wrong(document, here, "this pair is listed twice")
        seen.add(pair)
    pairs = pairs_of(correlation for _, correlation in correlations)
    for names in groups(pairs):
        try:
            cholesky(names, pairs)
        except ContradictionError as error:
            yield wrong(document, ("correlations",), str(error))


def pairs_of(correlations: Iterable[CorrelationFile]) -> dict[tuple[str, str], float]:
    """Return correlations by ordered pair of names, sorted."""
    found = {}
    for correlation in correlations:
        first, second = sorted(correlation.between)
        if first != second:
            found[first, second] = correlation.rho
    return dict(sorted(found.items()))


def _correlations(reading: Reading) -> Iterator[tuple[KeyPath, CorrelationFile]]:
    items = reading.plain(("correlations",))
    for index in range(len(items) if isinstance(items, list) else 0):
        correlation = reading.part(("correlations", index), CorrelationFile)
        if correlation is not None:
            yield ("correlations", index), correlation
