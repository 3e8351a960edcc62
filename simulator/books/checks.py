"""What must be true of the assumptions in a file, beyond their types: names, units, ranges.

They skip what is not well formed, so that their problems are reported with those of the types.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from simulator.books import names
from simulator.books.layers import ContradictionError, cholesky, groups
from simulator.books.mixtures import SUM_TOLERANCE
from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, SHARES, Range, describe
from simulator.books.schema import WRITTEN, BookFile, CorrelationFile, Form, OverrideFile
from simulator.inputs import Document, Problem, closest, did_you_mean, dotted, listed
from simulator.inputs.problems import KeyPath
from simulator.limits import LARGEST, MOST_PER_YEAR, SMALLEST

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True)
class Reading:
    """A book's document, and the file that it is if its types are valid."""

    document: Document
    file: BookFile | None

    def part(self, path: KeyPath, model: type[ModelT]) -> ModelT | None:
        """Return the part of the file at a path, None if it is not well formed."""
        if self.file is None:
            node = self.document.at(path)
            try:
                plain = json.dumps(node.plain() if node else None)
                return model.model_validate_json(plain, strict=True)
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
    first, *rest = name.split(".")
    if first != "contributors" or len(rest) != 2:
        known = [*ASSUMPTIONS, *SHARES]
        message = "no assumption of the model has this name"
        hint = did_you_mean(name, known)
        if hint is None:
            starts = sorted({key.split(".")[0] for key in known} | {"contributors.ID.FIELD"})
            message += f"; names start with {', '.join(starts)}"
    elif rest[1] in CONTRIBUTOR_FIELDS:
        message, hint = f"'{rest[0]}' is no contributor id, such as united-kingdom", None
    else:
        message = f"'{rest[1]}' is no assumption about a contributor, allowed: "
        message += listed(CONTRIBUTOR_FIELDS)
        hint = did_you_mean(rest[1], CONTRIBUTOR_FIELDS)
    yield document.problem(path, message, hint, key=True)


def check_distribution(
    document: Document, path: KeyPath, name: str, form: Form
) -> Iterator[Problem]:
    """Yield what is wrong with a well-formed distribution as one of the assumption `name`."""
    if name in SHARES:
        yield from _check_shares(document, path, name, form)
    elif fault := _fault(name, form):
        yield document.problem(path, *fault)


def _fault(name: str, form: Form) -> tuple[str, str | None] | None:
    """Return what is wrong with the distribution of a number, if anything is, and a hint."""
    assumption = describe(name)
    if assumption is None:
        return None
    if form.is_shares:
        return f"'{name}' is one number, not shares of a whole", None
    support, within = form.law.support, assumption.within
    widest = max(-support.low, support.high)
    if math.isfinite(widest) and not support.within(within):
        ends = f"but draws can lie between {support.low:.3g} and {support.high:.3g}"
        got = ends if form.known is None else f"got {form.known:g}"
        return f"must be {within} ({assumption.unit}), {got}", _better_scale(within, form)
    if not widest <= LARGEST:
        wide = "so wide that its draws overflow"
        what = wide if form.known is None else f"{form.known:g} overflows"
        return f"{what}; the largest number is {LARGEST:g}", None
    if not within.includes_low and support.high > 0.0 and support.low < SMALLEST:
        return f"underflows; the smallest number is {SMALLEST:g}", None
    # Refused is what recurs so fast that no run would end, except in one draw of a million.
    fast = float(form.law.ppf(np.array([1.0 - 1e-6]))[0]) if name in names.RECURRING else 0.0
    if fast > MOST_PER_YEAR:
        message = f"recurs up to {fast:.3g} times a year; at most {MOST_PER_YEAR:g} are simulated, "
        return message + "and a run by default then takes minutes", None
    return None


def _better_scale(within: Range, form: Form) -> str | None:
    """Return the scale on which an elicited distribution would stay in range, as a hint."""
    if not WRITTEN[form.kind].scaled or form.scale == "logit":
        return None
    if within.high == 1.0 and within.low == 0.0:
        return "did you mean 'scale: logit'?"
    return "did you mean 'scale: log'?" if form.scale == "natural" else None


def _check_shares(document: Document, path: KeyPath, name: str, form: Form) -> Iterator[Problem]:
    parts = SHARES[name]
    if not form.is_shares:
        message = f"'{name}' needs 'dirichlet' or 'shares', over {', '.join(parts)}"
        yield document.problem(path, message)
        return
    for part in form.value:
        if part not in parts:
            inner, what = (*path, form.kind, part), f"unknown part of {name}"
            yield document.unknown(inner, what, part, parts, key=True)
    meant = {closest(part, parts) for part in form.value}
    absent = [part for part in parts if part not in form.value and part not in meant]
    if absent:
        message = f"lacks {', '.join(absent)}; all parts of {name} must be given"
        yield document.problem(path, message)


def check_entries(reading: Reading, path: KeyPath) -> Iterator[Problem]:
    """Yield what is wrong with the names, units and ranges of the entries under `path`."""
    document, entries = reading.document, reading.document.block(*path)
    stored: dict[str, int] = {}
    for name in entries:
        here = (*path, name)
        yield from check_name(document, here, name)
        entry = reading.part(here, OverrideFile)
        if entry is None:
            continue
        assumption = describe(name)
        unit = "share" if name in SHARES else assumption.unit if assumption else None
        if unit and entry.unit is not None and entry.unit != unit:
            yield document.problem((*here, "unit"), f"must be '{unit}', got '{entry.unit}'")
        yield from check_distribution(document, (*here, "distribution"), name, entry.distribution)
        if entry.distribution.kind == "resamples":
            stored[name] = len(entry.distribution.value)
    for whole, parts in SHARES.items():
        given = [part for part in parts if f"{whole}.{part}" in entries]
        if given and (message := _wrong_parts(reading, path, whole, given)):
            yield document.problem((*path, f"{whole}.{given[0]}"), message, key=True)
    # Entries that are drawn together have as many resamples each, and are not correlated too.
    if len(set(stored.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in stored.items())
        message = "resamples of one block are drawn together, row by row, so each entry needs as "
        yield document.problem(path, f"{message}many as the others: {counts}")
    for place, correlation in _correlations(reading) if stored else ():
        for name in (name for name in dict.fromkeys(correlation.between) if name in stored):
            message = f"'{name}' has resamples ({dotted((*path, name))}), which decide what it "
            yield document.problem(place, f"{message}goes with; it cannot be correlated as well")


def _wrong_parts(reading: Reading, path: KeyPath, whole: str, given: list[str]) -> str | None:
    """Return what is wrong with a whole given part by part: all known parts must sum to one."""
    parts = SHARES[whole]
    if reading.document.at((*path, whole)) is not None:
        return f"given twice: '{whole}' gives all its parts"
    if len(given) < len(parts):
        absent = ", ".join(part for part in parts if part not in given)
        return f"lacks its other parts ({absent}), or give '{whole}'"
    entries = [reading.part((*path, f"{whole}.{part}"), OverrideFile) for part in parts]
    if not all(entries):
        return None
    known = [entry.distribution.known for entry in entries if entry]
    if None in known:
        return f"uncertain parts of a whole need one entry '{whole}' with 'dirichlet'"
    total = math.fsum(share for share in known if share)
    return (
        f"the parts of '{whole}' sum to {total:g}, must sum to 1"
        if abs(total - 1.0) > SUM_TOLERANCE
        else None
    )


def check_complete(reading: Reading) -> Iterator[Problem]:
    """Yield the problem that a book lacks names that the model needs."""
    entries = reading.document.value.get("entries", {})
    if not isinstance(entries, dict):
        return
    whole = {f"{name}.{part}" for name in set(entries) & set(SHARES) for part in SHARES[name]}
    family = {name: re.sub(r"\..*", ".*", name) for name in ASSUMPTIONS}
    absent = [name for name in ASSUMPTIONS if name not in entries and name not in whole]
    present = {family[name] for name in ASSUMPTIONS if name not in absent}
    if absent:
        items = dict.fromkeys(n if family[n] in present else family[n] for n in absent)
        lacking = "an assumption" if len(absent) == 1 else f"{len(absent)} assumptions"
        message = f"lacks {lacking} that the model needs: {', '.join(items)}"
        hint = "start from a complete book with 'extends: evidence'"
        yield reading.document.problem(("entries",), message, hint)


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
                yield document.problem(inner, message)
            elif describe(name) is None:
                hint = did_you_mean(name, ASSUMPTIONS)
                yield document.problem(inner, f"'{name}' is no assumption of the model", hint)
        pair = frozenset(correlation.between)
        if len(pair) == 1:
            yield document.problem(here, "correlates a name with itself")
        elif pair in seen:
            yield document.problem(here, "this pair is listed twice")
        seen.add(pair)
    pairs = pairs_of(correlation for _, correlation in correlations)
    for group in groups(pairs):
        try:
            cholesky(group, pairs)
        except ContradictionError as error:
            yield document.problem(("correlations",), str(error))


def pairs_of(correlations: Iterable[CorrelationFile]) -> dict[tuple[str, str], float]:
    """Return correlations by ordered pair of names, sorted."""
    found = {(min(one.between), max(one.between)): one.rho for one in correlations}
    return {pair: found[pair] for pair in sorted(found) if pair[0] != pair[1]}


def _correlations(reading: Reading) -> Iterator[tuple[KeyPath, CorrelationFile]]:
    items = reading.document.value.get("correlations")
    for index in range(len(items) if isinstance(items, list) else 0):
        if correlation := reading.part(("correlations", index), CorrelationFile):
            yield ("correlations", index), correlation
