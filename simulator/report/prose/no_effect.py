"""Values of a lever that change nothing, in words."""

from collections.abc import Sequence
from typing import Final

from simulator.estimates.estimate import Estimate
from simulator.estimates.no_effect import Inert, Label, inert_values, nothing_of
from simulator.results.sweep import Sweep, shown
from simulator.templates import paragraphs

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
    rows = [(one, [_shown(label) for label in one.labels], nothing_of(one.lever)) for one in found]
    return paragraphs("simulator.report", "said/inert", found=rows, worlds=worlds)


def _shown(label: Label) -> str:
    return shown(float(label) if isinstance(label, int) and not isinstance(label, bool) else label)
