"""Values of a lever that change nothing, in words."""

from collections.abc import Sequence
from typing import Final

from simulator.estimates.estimate import Estimate
from simulator.estimates.no_effect import Inert, Label, inert_values, nothing_of
from simulator.results.sweep import Sweep, shown

FILL_RATE: Final = "fill_rate"  # over what was planned: moves with the plan where nothing else does


def inert_in_sweep(sweep: Sweep) -> tuple[Inert, ...]:
    """The values of the levers of a sweep among which every estimate but the fill rate is equal."""
    points = [
        (p.settings, tuple(_numbers(n, e) for n, e in (*p.estimates.items(), *p.causes.items())))
        for p in sweep.points
    ]
    return inert_values([lever.name for lever in sweep.levers], points)


def _numbers(name: str, e: Estimate) -> tuple[object, ...]:
    return () if name == FILL_RATE else (name, e.value, e.mcse, e.p05, e.p95)


def inert_sentences(found: Sequence[Inert], worlds: int) -> list[str]:
    """One sentence for each; others may do what none of so many worlds of each plan did."""
    return [_sentence(one, worlds) for one in found]


def _sentence(one: Inert, worlds: int) -> str:
    names = [_shown(label) for label in one.labels]
    changes = f"{one.lever} changes {nothing_of(one.lever)}"
    seen = f"in {'one world' if worlds == 1 else f'{worlds:,} worlds'} of each"
    if one.is_first and one.is_last:
        return f"{changes} at any value tried, {seen}."
    if not all(isinstance(label, int | float) for label in one.labels):
        return (
            f"{one.lever}: no difference between {', '.join(names[:-1])} and {names[-1]}, {seen}."
        )
    where = f"Between {names[0]} and {names[-1]}"
    where = f"From {names[0]} to {names[-1]}, the highest tried" if one.is_last else where
    where = f"Up to {names[-1]}, from {names[0]}, the lowest tried" if one.is_first else where
    return f"{where}, {changes}, {seen}."


def _shown(label: Label) -> str:
    return shown(float(label) if isinstance(label, int) and not isinstance(label, bool) else label)
