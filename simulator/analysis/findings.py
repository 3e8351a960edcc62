"""What was found and why, in a few sentences, each on its line: what a reader sees first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.limits import MOST_DRAWS
from simulator.number_format import (
    percent,
    percent_span,
    significant,
    span,
    value_and_error,
    with_error,
)
from simulator.quantities import QUANTITIES
from simulator.vocabulary import CAUSES

if TYPE_CHECKING:
    from simulator.estimates.compare import Comparison, Difference
    from simulator.estimates.estimate import Estimate

    Estimates = Mapping[str, Estimate]

MOST_NAMED: Final = 3  # plans, each in a sentence of its own; of more only the ends


def distinct(titles: Mapping[str, str]) -> dict[str, str]:
    """What plans are called in front of readers: their titles, or their names if these repeat."""
    found = {name: title or name for name, title in titles.items()}
    return found if len(set(found.values())) == len(found) else {name: name for name in found}


def of_run(
    estimates: Estimates, causes: Estimates, waterfall: Estimates, draws: int, horizon: float
) -> str:
    """How long the ceasefire of a plan holds, why it ends, and how many soldiers come."""
    parts = (_claim(estimates, draws, horizon), _ending(causes, horizon), _force(waterfall))
    return "\n".join(filter(None, parts))


def _claim(estimates: Estimates, draws: int, horizon: float) -> str:
    early, late = estimates["p_collapse_within_2y"], estimates["p_holds_20y"]
    if early.value is None:
        of = estimates["rmst_years"]
        return f"The ceasefire lasts {_value(of)} of {horizon:g} years."
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
    return f"Of the collapses within {horizon:g} years {100 * share:.0f} % are {CAUSES[first]}."


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
    found: Comparison,
    titles: Mapping[str, str],
    planned: Mapping[str, float],
    offered: Mapping[str, float],
) -> str:
    """What each plan, by its title, adds to the reference, and with how many soldiers.

    ``planned`` and ``offered`` are what each asks for, and what its contributors offer in all;
    nothing of their numbers is said where they are missing.
    """
    quantity = found.ranking.quantity
    by_plan = {one.first: one for one in found.differences if one.quantity == quantity}
    soldiers = {one.first: one for one in found.differences if one.quantity == "peak_troops"}
    if len(by_plan) > MOST_NAMED:
        return "\n".join(_overview(found, titles))
    said: list[str] = []
    for plan, one in by_plan.items():
        what = titles[plan] if said else f"Against {titles[found.reference]}, {titles[plan]}"
        more = planned.get(plan, 0.0) - planned.get(found.reference, 0.0)
        why = _soldiers(soldiers.get(plan), more, offered.get(plan, 0.0))
        said.append(f"{what} {_difference(one, found.draws)}{why}.")
    return "\n".join(said)


def of_sweep(
    points: Sequence[tuple[str, Estimate]], levers: Sequence[tuple[str, float]], quantity: str
) -> str:
    """Between which points a quantity lies, and which lever moves it most.

    ``levers`` have how far each moves it between its levels, in its unit; the most first.
    """
    of = QUANTITIES[quantity]
    known = sorted((e.value, name, e) for name, e in points if e.value is not None)
    if not known:
        return f"No point has a value of {of.phrase}."
    (low, lowest, _), (high, highest, _) = known[0], known[-1]
    ends = [_value(e.scaled(of.factor)) for e in (known[0][2], known[-1][2])]
    if high == low:
        return f"None of the {len(known):,} points differs from another in {of.phrase}."
    said = (
        f"Over {len(known):,} points {of.phrase} lies between {ends[0]} {of.unit} ({lowest}) and "
        f"{ends[1]} {of.unit} ({highest})."
    )
    if wide := _width(e.scaled(of.factor) for _, _, e in known):
        said += f"\nAssumptions move each point by {wide} {of.points}."
    if len(levers) > 1:
        name, moved = levers[0]
        said += f"\nThe lever that moves it most is {name}: {significant(moved, 2)} {of.points}."
    return said


def _difference(one: Difference, draws: int) -> str:
    of = QUANTITIES[one.quantity]
    if one.same:
        return f"does not change {of.phrase} in any draw"
    e = one.estimate.scaled(of.factor)
    value, error = value_and_error(e.value, e.mcse)
    if one.significant:
        verb = "raises" if (e.value or 0.0) > 0.0 else "lowers"
        by = f"{value.lstrip('-')} {of.points}"
        return f"{verb} {of.phrase} by {by}{_spread(e, draws)}"
    return (
        f"makes no significant difference to {of.phrase}: {value} ± {error} {of.points}"
        f"{_resolving(one, draws)}"
    )


def _spread(e: Estimate, draws: int) -> str:
    shown = span(e.p05, e.p95, draws, most=1)
    return f" ({shown} over assumptions)" if shown else ""


def _resolving(one: Difference, draws: int) -> str:
    """How many draws would make a difference of this size significant.

    Its error falls at least as that of independent draws does, with the root of their number.
    """
    e = one.estimate
    if not e.value or not e.mcse:
        return ""
    from simulator.estimates.compare import errors_needed

    needed = draws * max(1.0, errors_needed(draws) * e.mcse / abs(e.value)) ** 2
    if needed > MOST_DRAWS:
        return ""
    return f" (about {significant(needed, 1)} draws would resolve it)"


def _soldiers(peak: Difference | None, more: float, offered: float) -> str:
    """What a change of the force brings: the reason of most differences, and of most surprises."""
    if peak is None or peak.estimate.value is None:
        return ""
    brought = peak.estimate.value
    shown = significant(abs(brought), 2 if abs(brought) >= 10 else 1)
    fewer = "fewer" if brought < 0.0 else "more"
    if more:
        asked = f"{abs(more):,.0f} {'more' if more > 0.0 else 'fewer'} soldiers asked for"
        if not peak.same:
            return f": {asked} bring {shown} {fewer} at the peak"
        why = f", since contributors offer {significant(offered, 2)} in all" if offered else ""
        return f": {asked} bring none{why}"
    if peak.same or not peak.significant:
        return ""
    return f"; it has {shown} {fewer} soldiers at the peak"


def _overview(found: Comparison, titles: Mapping[str, str]) -> Iterator[str]:
    """Of many plans: the first, how far they lie apart, and what assumptions do to each."""
    ranked = found.ranking
    of = QUANTITIES[ranked.quantity]
    estimates = [one.estimate.scaled(of.factor) for one in ranked.places]
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
        yield (
            f"{names} have the {most} {of.phrase.removeprefix('the ')}; their order is not "
            "significant."
        )
    else:
        value = f"{_value(estimates[0])} {of.unit}"
        yield f"{ahead[0]} has the {most} {of.phrase.removeprefix('the ')}: {value}."
    values = [e.value for e in estimates if e.value is not None]
    wide = _width(estimates)
    if values and wide:
        yield (
            f"All {len(ranked.order)} plans lie within {significant(max(values) - min(values), 2)} "
            f"{of.points} of each other; assumptions move each by {wide}."
        )


def _width(estimates: Iterable[Estimate]) -> str:
    """The median width of ranges over assumptions; nothing where there are none."""
    widths = sorted(e.p95 - e.p05 for e in estimates if e.p05 is not None and e.p95 is not None)
    return significant(widths[len(widths) // 2], 2) if widths else ""


def _value(e: Estimate) -> str:
    return with_error(e.value, e.mcse)
