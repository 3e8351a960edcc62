"""What one scenario of a run can show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from simulator.number_format import of_100, percent, percent_span
from simulator.report import vocabulary
from simulator.report.exhibits.behind import clear_influences, influence_exhibit, troops_exhibit
from simulator.report.exhibits.exhibit import Exhibit, size_line, source_line, sourced
from simulator.report.exhibits.options import choices_exhibit, options_exhibit
from simulator.report.figures.causes import incidence
from simulator.report.figures.claim import (
    EARLY,
    LONG,
    LONG_OPEN,
    LONGEST,
    MIDDLE,
    NOT_EARLY,
    Masses,
    Part,
    claim,
)
from simulator.report.figures.survival import Curve, survival
from simulator.report.results import Run
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Table,
    band_rows,
    estimate_cells,
    rows_of,
    text,
)

READ_BANDS: Final = (
    "The dark band is the Monte Carlo error, which more computing narrows; the light one is the "
    "range over assumptions, which no computing narrows."
)

# Headlines whose ranges stand under a bar: estimate, the horizon it needs in years, in few words.
RANGED: Final = (
    ("p_collapse_within_2y", 2.0, "within 2 years"),
    ("p_between_2y_20y", 20.0, "2 to 20 years"),
    ("p_holds_20y", 20.0, "20 or longer"),
    ("p_holds_30y", 30.0, "30 or longer"),
)


def exhibits(run: Run) -> Iterator[Exhibit]:
    """Everything that can be shown of a scenario, in the order of a report."""
    plan = f"{run.title} [{run.name}]"  # a title names what was changed
    size, digest = size_line(run.draws, run.trials), f"run {run.digest[:12]}"
    return sourced(_shown(run), source_line([plan], [run.book], run.seed, size, digest))


def _shown(run: Run) -> Iterator[Exhibit]:
    yield survival_exhibit(run)
    if run.horizon >= 2.0:
        yield claim_exhibit(run)
    yield causes_exhibit(run)
    if run.plan.get("force", {}).get("target_troops", 0) or run.deployed.value.max() > 0.0:
        yield troops_exhibit(run)
    if clear_influences(run):
        yield influence_exhibit(run)
    if run.horizon >= 2.0 and any(run.by_option.values()):
        yield options_exhibit(run)
    one = choices_exhibit(run)
    if one is not None:
        yield one


def survival_exhibit(run: Run) -> Exhibit:
    """How long it holds."""
    curve = Curve(run.name, run.years, run.survival)
    last = run.survival
    description = (
        "Share of ceasefires that still hold, year by year. "
        f"After {run.horizon:g} years {percent(last.value[-1], last.mcse[-1])} % do, "
        f"{percent_span(last.p05[-1], last.p95[-1], run.draws) or '?'} % over assumptions. "
        f"{READ_BANDS}"
    )
    columns = ("years since the ceasefire", *(f"still hold, %: {c}" for c in ESTIMATE_COLUMNS))
    return Exhibit(
        "survival",
        "How long the ceasefire holds",
        description,
        lambda width, heading: survival(curve, width=width, heading=heading),
        Table(columns, rows_of(band_rows(run.years, run.survival, run.draws, 100.0))),
    )


def claim_parts(horizon: float) -> tuple[Part, ...]:
    """The spans of time that a horizon of at least 2 years can tell apart."""
    if horizon >= 30.0:
        return (EARLY, MIDDLE, LONG, LONGEST)
    return (EARLY, MIDDLE, LONG_OPEN) if horizon >= 20.0 else (EARLY, NOT_EARLY)


def masses(run: Run, horizon: float) -> Masses:
    """Shares of the parts under a horizon that is not beyond the run's own."""
    cuts = [year for year in (2.0, 20.0, 30.0) if year <= horizon]
    at = [int(np.flatnonzero(run.years == year)[0]) for year in cuts]
    alive = [1.0, *(float(run.survival.value[i]) for i in at), 0.0]
    shares = tuple(early - late for early, late in pairwise(alive))
    names: tuple[str | None, ...] = (
        "p_collapse_within_2y",
        "p_between_2y_20y",
        None,
        "p_holds_30y",
    )
    if horizon < 30.0:
        names = ("p_collapse_within_2y", "p_between_2y_20y", "p_holds_20y", None)
    # Parts that the run has no estimate of are written to whole per cent.
    known = [run.estimates[name].mcse if name else None for name in names[: len(shares)]]
    fallback = max((e for e in known if e is not None), default=None)
    errors = tuple(fallback if e is None else e for e in known)
    return Masses(run.name, shares, errors, tuple(_ranges(run, horizon)))


def _ranges(run: Run, horizon: float) -> Iterator[str]:
    """Ranges of the headlines: that of 20 to 30 years alone is not kept."""
    for name, least, title in RANGED:
        e = run.estimates[name]
        spread = percent_span(e.p05, e.p95, run.draws) if least <= horizon else ""
        if spread:
            yield f"{title} {spread}"


def claim_exhibit(run: Run) -> Exhibit:
    """Where the probability lies, held against the claim under test."""
    parts, one = claim_parts(run.horizon), masses(run, run.horizon)
    described = ", ".join(
        f"{name}: {percent(share, mcse, 0)} %"
        for (name, _), share, mcse in zip(parts, one.shares, one.mcse, strict=True)
    )
    spreads = f" Over assumptions, per cent: {'; '.join(one.ranges)}." if one.ranges else ""
    names = ("p_collapse_within_2y", "p_between_2y_20y", "p_holds_20y", "p_holds_30y")
    rows = [
        (
            text(vocabulary.quantity(name).title),
            *estimate_cells(run.estimates[name], run.draws, 100.0),
        )
        for name in names
    ]
    return Exhibit(
        "claim",
        "Where the probability lies",
        "The claim under test (Michael Clarke, February 2025): a force that fails means war "
        "within two years, one that succeeds could last 20 or 30. It leaves the middle empty. "
        f"In this run, {described}.{spreads}",
        lambda width, heading: claim(parts, [one], width=width, heading=heading),
        Table(("ceasefires that …", *(f"%: {c}" for c in ESTIMATE_COLUMNS)), rows_of(rows)),
    )


def causes_exhibit(run: Run) -> Exhibit:
    """Why it ends."""
    names, bands = list(run.incidence), list(run.incidence.values())
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    units = run.draws if run.draws > 1 else run.trials
    described = "; ".join(f"{name}: {of_100(e.value, e.mcse, units)} of 100" for name, e in ranked)
    rows = [
        (text(cause), *row)
        for cause, band in run.incidence.items()
        for row in band_rows(run.years, band, run.draws, 100.0)
    ]
    return Exhibit(
        "causes",
        "Why it ends",
        f"Share of ceasefires that have collapsed by each cause, stacked; what is left above "
        f"still holds. Within {run.horizon:g} years, {described}. In brackets: 5–95 % over "
        "assumptions.",
        lambda width, heading: incidence(
            run.years, names, bands, run.draws, width=width, heading=heading
        ),
        Table(
            (
                "cause",
                "years since the ceasefire",
                *(f"collapsed, %: {c}" for c in ESTIMATE_COLUMNS),
            ),
            rows_of(rows),
        ),
    )
