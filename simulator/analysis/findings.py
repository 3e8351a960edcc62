"""What was found and why, in a few sentences, each on its line: what a reader sees first.

The sentences stand in `templates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from simulator.limits import MOST_DRAWS
from simulator.number_format import significant
from simulator.quantities import QUANTITIES
from simulator.templates import paragraphs
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


def _said(template: str, **values: Any) -> str:
    return "\n".join(paragraphs("simulator.analysis", f"{template}.txt", **values))


def of_run(
    estimates: Estimates, causes: Estimates, waterfall: Estimates, draws: int, horizon: float
) -> str:
    """How long the ceasefire of a plan holds, why it ends, and how many soldiers come."""
    return _said(
        "run",
        estimates=estimates,
        causes=causes,
        waterfall=waterfall,
        draws=draws,
        horizon=horizon,
        called=CAUSES,
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
    ranked = found.ranking
    by_plan = {one.first: one for one in found.differences if one.quantity == ranked.quantity}
    if len(by_plan) <= MOST_NAMED:
        return _said(
            "comparison",
            found=found,
            by_plan=by_plan,
            soldiers={d.first: d for d in found.differences if d.quantity == "peak_troops"},
            titles=titles,
            planned=planned,
            offered=offered,
            draws_needed=_draws_needed,
        )
    of = QUANTITIES[ranked.quantity]
    estimates = [e.scaled(of.factor) for e in ranked.estimates]
    close = takewhile(lambda step: not step.significant, ranked.steps)
    ahead = [titles[ranked.order[0]], *(titles[step.second] for step in close)]
    return _said("overview", of=of, estimates=estimates, ahead=ahead, wide=_width(estimates))


def of_sweep(
    points: Sequence[tuple[str, Estimate]], levers: Sequence[tuple[str, float]], quantity: str
) -> str:
    """Between which points a quantity lies, and which lever moves it most.

    ``levers`` have how far each moves it between its levels, in its unit; the most first.
    """
    of = QUANTITIES[quantity]
    numbers = [(e.value, name, e) for name, e in points if e.value is not None]
    known = [(name, e.scaled(of.factor)) for _, name, e in sorted(numbers, key=lambda one: one[:2])]
    return _said("sweep", of=of, known=known, levers=levers, wide=_width(e for _, e in known))


def _draws_needed(one: Difference, draws: int) -> float | None:
    """How many draws would make a difference of this size significant; None of too many.

    Its error falls at least as that of independent draws does, with the root of their number.
    """
    e = one.estimate
    if not e.value or not e.mcse:
        return None
    from simulator.estimates.compare import errors_needed

    needed = draws * max(1.0, errors_needed(draws) * e.mcse / abs(e.value)) ** 2
    return needed if needed <= MOST_DRAWS else None


def _width(estimates: Iterable[Estimate]) -> str:
    """The median width of ranges over assumptions; nothing where there are none."""
    widths = sorted(e.p95 - e.p05 for e in estimates if e.p05 is not None and e.p95 is not None)
    return significant(widths[len(widths) // 2], 2) if widths else ""
