"""What stands on the page, from a run, a comparison or a sweep."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from simulator.analysis.findings import distinct
from simulator.estimates.compare import Difference, comparison
from simulator.estimates.compare import Plan as Compared
from simulator.estimates.estimate import Estimate
from simulator.estimates.force import STEPS
from simulator.inputs import InputError, Problem
from simulator.number_format import percent, significant, with_error
from simulator.quantities import QUANTITIES
from simulator.report.findings import lever_spans, point_name, runs_finding, sweep_finding
from simulator.report.prose import names as vocabulary
from simulator.report.sweep_view import paired_rows
from simulator.results.comparison import Comparison
from simulator.results.load import Result
from simulator.results.runs import Run, Runs
from simulator.results.sweep import Sweep

BY: Final = "p_holds_20y"
EARLY: Final = "p_collapse_within_2y"
MOST_PLANS: Final = 9
MOST_DECIDING: Final = 5
MOST_DIGESTS: Final = 2
T = TypeVar("T")


# A title, and numbers of soldiers, each under its name and with its text.
Soldiers = tuple[str, tuple[tuple[str, float, str], ...]]
# By plan where its probability lies, but for what collapses in between: within 2 years, not in 20.
Bars = Mapping[str, tuple[Estimate, Estimate]]


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything on the page."""

    finding: tuple[str, ...]  # sentences; the first is the title of the page
    subtitle: str
    bars: Bars
    reference: str = ""
    differences: tuple[Difference, ...] = ()  # of each plan from the reference, in P(holds 20 y)
    draws: int
    soldiers: Soldiers | None
    decides_title: str = "What decides it"
    decides: tuple[tuple[str, str], ...]  # name and effect
    unknown: tuple[str, ...] = ()  # what no simulation can know, of this result
    provenance: Mapping[str, Any]

    @property
    def reproduce(self) -> list[tuple[str, str]]:
        """What it takes to get the same numbers again."""
        of = self.provenance.get
        words, digests = of("command") or (), list((of("digests") or {}).items())
        return [
            *([("command", shlex.join(map(str, words)))] if words else []),
            ("version", f"ceasefire-simulator {of('simulator', '?')}"),
            *((f"SHA-256, {name}", f"{one[:16]}...") for name, one in digests[:MOST_DIGESTS]),
        ]


def brief_of(found: Result, path: Path) -> Brief:
    """Put together the brief of a result, which was read from ``path``.

    Raises InputError if there is no brief of this kind of result, or its draws cannot be read.
    """
    match found:
        case Comparison():
            return _of_comparison(found)
        case Sweep():
            return _of_sweep(found)
        case Runs():
            return _of_run(found) if len(found.runs) == 1 else _of_runs(found)
    message = "has no brief: it is one of a run, a comparison or a sweep"
    raise InputError([Problem(None, str(path), message)])


def _of_run(found: Runs) -> Brief:
    run = found.runs[0]
    return Brief(
        finding=tuple(run.finding.splitlines()),
        subtitle=f"{run.title}. {_made(run.book, run.seed, run.draws, run.trials)}",
        bars=_bars({run.title: run.estimates}),
        draws=run.draws,
        soldiers=_steps(run),
        decides=tuple(_influences(run)),
        unknown=tuple(_books(run)),
        provenance=found.provenance,
    )


def _of_runs(found: Runs) -> Brief:
    runs = {run.name: run for run in found.runs}
    compared = found.compared(found.runs[0].name, BY)
    titles = distinct({run.name: run.title for run in found.runs})
    differences = [replace(one, first=titles[one.first]) for one in compared.differences]
    order = {titles[name]: runs[name] for name in compared.ranking.order}
    title, best = next(iter(order.items()))
    return Brief(
        finding=tuple(runs_finding(compared, found.runs).splitlines()),
        subtitle=f"{len(runs)} plans. {_made(best.book, best.seed, best.draws, best.trials)}",
        bars=_bars({name: run.estimates for name, run in order.items()}),
        reference=titles[compared.reference],
        differences=_of_headline(differences, list(order)),
        draws=compared.draws,
        soldiers=_peaks({n: (_planned(run.plan), run.estimates) for n, run in order.items()}),
        decides_title=f"What decides how long {title} holds",
        decides=tuple(_influences(best)),
        unknown=tuple(_books(best)),
        provenance=found.provenance,
    )


def _of_comparison(found: Comparison) -> Brief:
    order = found.ranking.order
    planned = {name: _planned(one["scenario"]) for name, one in found.plans.items()}
    shown = _some(order, found.reference)
    plan, decides = _decides(found)
    first, unknown = found.ranking.places[0], list[str]()
    if first.p_best is not None:
        share = f"{100.0 * first.p_best:.0f} %"
        known = f"Which assumptions hold: {first.plan} is the best plan in {share} of the draws."
        unknown.append(known)
    made = _made(", ".join(found.book_names), found.seed, found.draws, found.trials)
    return Brief(
        finding=tuple(found.finding.splitlines()),
        subtitle=f"{len(order)} plans. {made}",
        bars=_bars({name: found.estimates[name] for name in shown}),
        reference=found.reference,
        differences=_of_headline([d for d in found.differences if d.first in shown], shown),
        draws=found.draws,
        soldiers=_peaks({name: (planned.get(name), found.estimates[name]) for name in shown}),
        decides=tuple(decides),
        unknown=tuple(unknown),
        provenance=found.provenance,
        **({"decides_title": f"What decides how much {plan} differs"} if plan else {}),
    )


def _of_sweep(found: Sweep) -> Brief:
    ranked = sorted(found.points, key=lambda point: -(point.estimates[BY].value or 0.0))
    reference = found.points[0]
    shown = {point_name(point): point for point in _some(ranked, reference)}
    rows = paired_rows(found, BY)
    differences: tuple[Difference, ...] = ()
    if all(point.number in rows for point in shown.values()):
        order = sorted(shown.items(), key=lambda item: item[1] is not reference)
        plans = [Compared(name, rows[point.number]) for name, point in order]
        differences = _of_headline(comparison(plans, BY).differences, list(shown))
    made = _made("", found.plan.seed, found.draws, found.plan.trials)
    return Brief(
        finding=tuple(sweep_finding(found, BY).splitlines()),
        subtitle=f"{found.plan.title}: {len(found.points):,} points. {made}",
        bars=_bars({name: point.estimates for name, point in shown.items()}),
        reference=point_name(reference),
        differences=differences,
        draws=found.draws,
        soldiers=_peaks({name: (None, point.estimates) for name, point in shown.items()}),
        decides=tuple(
            (name, f"{significant(moved, 2)} points between its levels, on average")
            for name, moved in lever_spans(found, BY)[:MOST_DECIDING]
        ),
        provenance=(found.provenance.get("runs") or [{}])[-1],
    )


def _some(order: Sequence[T], reference: T) -> list[T]:
    """At most so many as fit: the first, the last and the reference, in order."""
    if len(order) <= MOST_PLANS:
        return list(order)
    ends = [*order[: MOST_PLANS // 2], *order[-(MOST_PLANS // 2) :], reference]
    return [one for one in order if one in ends]


def _made(books: str, seed: int, draws: int, trials: int) -> str:
    book = f"Book {books}, seed" if books else "Seed"
    return f"{book} {seed}, {draws:,} draws of the assumptions x {trials:,} trials."


def _bars(estimates: Mapping[str, Mapping[str, Estimate]]) -> Bars:
    known = {name: (of[EARLY], of[BY]) for name, of in estimates.items()}
    return {name: pair for name, pair in known.items() if all(e.value is not None for e in pair)}


def _of_headline(differences: Sequence[Difference], order: Sequence[str]) -> tuple[Difference, ...]:
    """Differences in the headline, in the order of their plans."""
    found = (one for one in differences if one.quantity == BY)
    return tuple(sorted(found, key=lambda one: order.index(one.first)))


def _steps(run: Run) -> Soldiers | None:
    rows = tuple(
        (STEPS[step], e.value, with_error(e.value, e.mcse, 0))
        for step, e in run.waterfall.items()
        if e.value is not None
    )
    return ("Soldiers, from plan to presence (mean)", rows) if rows else None


def _peaks(plans: Mapping[str, tuple[float | None, Mapping[str, Estimate]]]) -> Soldiers | None:
    """Of several plans: who comes, beside what was planned where that is known."""
    rows = tuple(
        (name, e.value, with_error(e.value, e.mcse, 0) + (f" of {planned:,.0f}" if planned else ""))
        for name, (planned, estimates) in plans.items()
        if (e := estimates["peak_troops"]).value is not None
    )
    several = any(value for _, value, _ in rows)
    return ("Soldiers deployed at the peak (mean)", rows) if several else None


def _planned(plan: Mapping[str, Any]) -> float:
    return float(plan["force"]["target_troops"])


def _influences(run: Run) -> Iterator[tuple[str, str]]:
    """The assumptions and choices that move the headline most, each with its two ends."""
    if run.background is None:
        return
    found = run.background.influence
    of = QUANTITIES[found.quantity]
    for one in found.clear[:MOST_DECIDING]:
        ends = sorted((one.groups[0], one.groups[-1]), key=lambda group: group.value)
        low, high = (
            f"{with_error(of.factor * g.value, of.factor * g.mcse, 0)} {of.unit} "
            f"({vocabulary.words(g.label)})"
            for g in ends
        )
        yield vocabulary.meaning(one), f"from {low} to {high}"


def _decides(found: Comparison) -> tuple[str, list[tuple[str, str]]]:
    """The plan that differs most from the reference, and what decides by how much."""
    by_plan = {d.first: d for d in found.differences if d.quantity == found.ranking.quantity}
    known = [name for name in found.decided_by if name in by_plan]
    plan = max(known, key=lambda name: abs(by_plan[name].estimate.value or 0.0), default="")
    return plan, [
        (
            vocabulary.assumption(one.name),
            f"{100.0 * (one.share.value or 0.0):.0f} % of the variance of the difference",
        )
        for one in found.decided_by.get(plan, ())[:MOST_DECIDING]
    ]


def _books(run: Run) -> Iterator[str]:
    """Where the books of a pool disagree."""
    options = run.by_option.get("book", {})
    parts = [
        f"{percent(o.estimates[BY].value, o.estimates[BY].mcse, 0)} % under {name}"
        for name, o in options.items()
        if BY in o.estimates and o.estimates[BY].value is not None
    ]
    if len(parts) > 1:
        yield f"Which book to believe: {QUANTITIES[BY].phrase} is {' and '.join(parts)}."
