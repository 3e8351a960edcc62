"""A comparison in plain sentences: who is first, by how much, and how stable the order is."""

from collections.abc import Sequence
from typing import Final

from simulator import number_format as numbers
from simulator.analysis.compare import Difference, errors_needed
from simulator.outcomes.curves import TRIALS_FOR_RANGE
from simulator.outcomes.spread import Estimate
from simulator.report.prose.names import quantity
from simulator.report.prose.no_effect import inert_sentences
from simulator.results.comparison import Comparison

MOST_NAMED: Final = 5
MORE_TRIALS: Final = f"it needs --trials {TRIALS_FOR_RANGE}"


def comparison_sentences(found: Comparison) -> list[str]:
    """Paragraphs: what was found, and whether computing or assumptions may change the order."""
    said = [
        *found.finding.splitlines(),
        _order(found),
        _computing(found),
        *inert_sentences(found.inert, found.draws * found.trials),
        _robust(found),
        _shares(found),
    ]
    return [text for text in said if text]


def _order(found: Comparison) -> str:
    of, (first, *_, last) = quantity(found.ranking.quantity), found.ranking.places
    return (
        f"{first.plan} comes first in “{of.title}” ({_level(first.estimate, found)}) and "
        f"{last.plan} last ({_level(last.estimate, found)})."
    )


def _level(estimate: Estimate, found: Comparison) -> str:
    of = quantity(found.ranking.quantity)
    e = estimate.scaled(of.factor)
    spread = numbers.span(e.p05, e.p95, found.draws, most=0 if of.unit == "%" else 2)
    over = f", {spread} over assumptions" if spread else ""
    return f"{numbers.with_error(e.value, e.mcse, 1)} {of.unit}{over}"


def _stays(step: Difference) -> bool | None:
    """Whether zero lies outside the range over assumptions; None where that is hidden."""
    e = step.estimate.scaled(quantity(step.quantity).factor)
    if e.p05 is None or e.p95 is None:
        return None
    return not round(e.p05, 1) <= 0.0 <= round(e.p95, 1)  # as far as digits show


def _computing(found: Comparison) -> str:
    same = [step for step in found.ranking.steps if step.same]
    close = [step for step in found.ranking.steps if not step.significant and not step.same]
    said = [f"Equal in every set of assumptions: {_pairs(same)}."] if same else []
    if close:
        said.append(f"Not significant with this many draws: {_pairs(close)}.")
    elif len(same) < len(found.ranking.steps):
        said.append(
            f"More computing would not change this order: every {'other ' if same else ''}step of "
            f"it is larger than {errors_needed(found.draws):.1f} of its own Monte Carlo errors."
        )
    return " ".join(said)


def _robust(found: Comparison) -> str:
    """Between which neighbours the order stands whatever is assumed, and where it does not."""
    if found.draws < 2:
        return ""
    steps = [step for step in found.ranking.steps if not step.same]
    said = []
    includes = ": the range of their difference includes zero"
    for stays, before, after in (
        (False, "Assumptions may reverse the order of", includes),
        (True, "The order is robust, zero not in that range, between", ""),
        (None, "That range is not given between", f" ({MORE_TRIALS})"),
    ):
        if those := [step for step in steps if _stays(step) is stays]:
            said.append(f"{before} {_pairs(those)}{after}.")
    return " ".join(said)


def _pairs(steps: Sequence[Difference]) -> str:
    named = "; ".join(f"{step.first} and {step.second}" for step in steps[:MOST_NAMED])
    return named + (f" and {len(steps) - MOST_NAMED} more" if len(steps) > MOST_NAMED else "")


def _shares(found: Comparison) -> str:
    if all(step.same for step in found.ranking.steps):
        return ""  # no order, and no best: all are equal
    if found.draws < 2:
        return "One set of assumptions was drawn: under others the order may differ."
    said = (
        "In how many sets of assumptions all plans stand in exactly this order is not given "
        f"({MORE_TRIALS})."
    )
    if found.ranking.p_order is not None:
        share = numbers.of_100(found.ranking.p_order, found.ranking.p_order_mcse, found.draws)
        said = f"Of 100 sets of assumptions {share} put all plans in exactly this order."
    best = found.ranking.places[0]
    if best.p_best is not None:
        share = numbers.of_100(best.p_best, best.p_best_mcse, found.draws)
        said += f" {best.plan} is the best of all under {share} of 100."
    return said
