"""What was found, in a few sentences with their reason: what a reader should see first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from simulator.limits import MOST_DRAWS
from simulator.number_format import percent, percent_span, significant, span, value_and_error
from simulator.quantities import QUANTITIES

if TYPE_CHECKING:
    from simulator.analysis.compare import Comparison, Difference
    from simulator.outcomes.spread import Estimate

    Estimates = Mapping[str, Estimate]

MOST_NAMED: Final = 3  # plans, each in a sentence of its own; of more only the ends
_ENDINGS: Final = {
    "offensive": "a deliberate offensive",
    "escalation": "an escalation of incidents",
    "unravelling": "an unravelling of the arrangements",
}


def of_run(
    estimates: Estimates, causes: Estimates, waterfall: Estimates, draws: int, horizon: float
) -> str:
    """How long the ceasefire of a plan holds, why it ends, and how many soldiers come."""
    parts = (_claim(estimates, draws, horizon), _ending(causes, horizon), _force(waterfall))
    return " ".join(filter(None, parts))


def _claim(estimates: Estimates, draws: int, horizon: float) -> str:
    early, late = estimates["p_collapse_within_2y"], estimates["p_holds_20y"]
    if early.value is None:
        of = estimates["rmst_years"]
        return f"The ceasefire lasts {value_and_error(of.value, of.mcse)[0]} of {horizon:g} years."
    first = _chance(early, draws, "5-95 % over assumptions: ")
    said = f"The ceasefire collapses within 2 years with a probability of {first}"
    if late.value is not None:
        said += f" and holds for 20 years with one of {_chance(late, draws)}"
    return f"{said}."


def _chance(e: Estimate, draws: int, what: str = "") -> str:
    spread = percent_span(e.p05, e.p95, draws)
    return f"{percent(e.value, e.mcse)} %" + (f" ({what}{spread} %)" if spread else "")


def _ending(causes: Estimates, horizon: float) -> str:
    known = {name: e.value for name, e in causes.items() if e.value}
    if not known:
        return ""
    first = max(known, key=lambda name: known[name])
    share = known[first] / sum(known.values())
    return f"Of the collapses within {horizon:g} years {100 * share:.0f} % are {_ENDINGS[first]}."


def _force(waterfall: Estimates) -> str:
    if not waterfall:
        return ""
    steps = {name: significant(e.value or 0.0, 2) for name, e in waterfall.items()}
    there = f" and {steps['year_2']} are there after 2 years" if "year_2" in steps else ""
    planned = f"{waterfall['planned'].value:,.0f}"
    return (
        f"Of {planned} soldiers planned {steps['committed']} are committed, "
        f"{steps['arrived']} arrive while the ceasefire holds{there}, on average."
    )


def of_comparison(
    found: Comparison, titles: Mapping[str, str], planned: Mapping[str, float]
) -> str:
    """What each plan adds to the reference, and with how many soldiers.

    Parameters
    ----------
    found : Comparison
    titles : mapping of plan to str
        What plans are called in sentences.
    planned : mapping of plan to float
        Soldiers that each plan asks for.
    """
    quantity = found.ranking.quantity
    by_plan = {one.first: one for one in found.differences if one.quantity == quantity}
    soldiers = {one.first: one for one in found.differences if one.quantity == "peak_troops"}
    if len(by_plan) > MOST_NAMED:
        return " ".join(_overview(found, titles))
    return " ".join(
        _difference(one, titles, found.draws)
        + _soldiers(soldiers.get(plan), planned[plan] - planned[found.reference])
        + "."
        for plan, one in by_plan.items()
    )


def _difference(one: Difference, titles: Mapping[str, str], draws: int) -> str:
    of, e = QUANTITIES[one.quantity], one.estimate
    first, second = titles[one.first], titles[one.second]
    if one.same:
        return f"{first} changes nothing in {of.phrase} against {second}, in any draw"
    value, error = value_and_error(_times(e.value, of.factor), _times(e.mcse, of.factor))
    if one.significant:
        verb = "raises" if (e.value or 0.0) > 0.0 else "lowers"
        spread = _spread(e, of.factor, draws)
        by = f"{value.lstrip('-')} {of.points}"
        return f"{first} {verb} {of.phrase} by {by} against {second}{spread}"
    return (
        f"{first} does not differ significantly from {second} in {of.phrase}: "
        f"{value} ± {error} {of.points}{_resolving(one, draws)}"
    )


def _spread(e: Estimate, factor: float, draws: int) -> str:
    shown = span(_times(e.p05, factor), _times(e.p95, factor), draws, most=1)
    return f" ({shown} over assumptions)" if shown else ""


def _resolving(one: Difference, draws: int) -> str:
    """How many draws would make a difference of this size significant; its error falls as 1/N."""
    e = one.estimate
    if not e.value or not e.mcse:
        return ""
    from simulator.analysis.compare import errors_needed

    needed = draws * max(1.0, errors_needed(draws) * e.mcse / abs(e.value))
    if needed > MOST_DRAWS:
        return ""
    return f"; about {significant(needed, 1)} draws would resolve it"


def _soldiers(peak: Difference | None, more: float) -> str:
    """What a change of the force brings: the reason of most differences, and of most surprises."""
    if peak is None or peak.estimate.value is None:
        return ""
    brought = peak.estimate.value
    shown = significant(abs(brought), 2 if abs(brought) >= 10 else 1)
    fewer = "fewer" if brought < 0.0 else "more"
    if more:
        asked = f"{abs(more):,.0f} {'more' if more > 0.0 else 'fewer'} soldiers asked for"
        return f": {asked} are {'none more' if peak.same else f'{shown} {fewer}'} at the peak"
    if peak.same or not peak.significant:
        return ""
    return f": it has {shown} {fewer} soldiers at the peak"


def _overview(found: Comparison, titles: Mapping[str, str]) -> Iterator[str]:
    """Of many plans: the first, how far they lie apart, and what assumptions do to each."""
    ranked = found.ranking
    of = QUANTITIES[ranked.quantity]
    ahead = [titles[ranked.order[0]]]
    for step in ranked.steps:
        if step.significant:
            break
        ahead.append(titles[step.second])
    most = "highest" if (of.better or 0) > 0 else "lowest"
    if len(ahead) == len(ranked.order):
        yield f"No plan is significantly ahead of the next in {of.phrase}."
    elif len(ahead) > 1:
        names = f"{', '.join(ahead[:-1])} and {ahead[-1]}"
        yield f"{names} have the {most} value of {of.phrase}; their order is not significant."
    else:
        e = ranked.estimates[0]
        value, _ = value_and_error(_times(e.value, of.factor), _times(e.mcse, of.factor))
        yield f"{ahead[0]} has the {most} value of {of.phrase}: {value} {of.unit}."
    values = [e.value * of.factor for e in ranked.estimates if e.value is not None]
    widths = [
        (e.p95 - e.p05) * of.factor
        for e in ranked.estimates
        if e.p05 is not None and e.p95 is not None
    ]
    if values and widths:
        yield (
            f"All {len(ranked.order)} plans lie within {significant(max(values) - min(values), 2)} "
            f"{of.points} of each other; assumptions move each by "
            f"{significant(sorted(widths)[len(widths) // 2], 2)}."
        )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
