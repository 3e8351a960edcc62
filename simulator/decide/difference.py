"""What decides how much better one plan is than another, from their difference in each draw.

The share of the variance of the paired difference that goes with an assumption is that of a smooth
fit, less what chance alone would fit: the first-order index of Sobol'. It is association over the
draws: assumptions that are drawn together share the credit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.decide.draws import Draws, Floats, Value, is_choice, mean, options_of
from simulator.decide.information import terms
from simulator.decide.splines import FALSE_ALARM, Basis, fit, shows

FEWEST_IN_GROUP: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The difference in some of the draws."""

    label: str  # the option taken, or ``lowest fifth`` or ``highest fifth``
    low: float | None  # ends of the assumption in these draws; None of an option
    high: float | None
    draws: int
    value: Value


@dataclass(frozen=True, slots=True)
class Decides:
    """What one assumption or choice has to do with the difference."""

    name: str
    kind: str
    share: Value  # of the variance of the difference between draws; can be slightly below 0
    clear: bool  # chance would hardly show as much (`FALSE_ALARM` over all that are asked)
    parts: tuple[Part, ...]  # lowest and highest fifth, or options by the difference, ascending


def decides(
    draws: Draws, difference: Floats, known: Mapping[str, tuple[str, Basis]]
) -> tuple[Decides, ...]:
    """What decides a difference, shape (D,), the largest share first.

    It may be of any quantity between two plans, or a quantity of one plan. Nothing decides a
    difference that is the same in all draws. `known` is from `information.terms`.
    """
    if float(np.ptp(difference)) == 0.0:
        return ()
    columns = draws.columns()
    found = []
    for name, (kind, term) in known.items():
        share, clear = explained(term, difference, draws, len(known))
        found.append(Decides(name, kind, share, clear, _parts(draws, difference, columns[name])))
    return tuple(sorted(found, key=lambda one: (-(one.share.value or 0.0), one.name)))


def decided(draws: Draws, quantity: str) -> dict[str, tuple[Decides, ...]]:
    """What clearly decides how much more of a quantity each plan has than the first."""
    known, first = terms(draws), draws.outcomes[quantity][0]
    return {
        plan: tuple(one for one in decides(draws, outcome - first, known) if one.clear)
        for plan, outcome in zip(draws.plans[1:], draws.outcomes[quantity][1:], strict=True)
    }


def explained(term: Basis, outcome: Floats, draws: Draws, tests: int) -> tuple[Value, bool]:
    """Share of the variance of an outcome, shape (D,), that goes with a term; if it is clear."""
    fitted = fit([term], outcome[:, None])
    whole = np.square(outcome - outcome.mean())
    left = np.square(outcome - fitted.values[:, 0])
    variance = float(whole.sum()) / (outcome.size - 1)
    share = 1.0 - float(fitted.noise[0]) / variance
    error = mean((left - (1.0 - share) * whole) / variance, draws.replicate).mcse
    return Value(share, error), bool(shows(term, outcome[:, None], FALSE_ALARM / tests)[0])


def _parts(draws: Draws, difference: Floats, values: NDArray[Any]) -> tuple[Part, ...]:
    """The difference by option, ascending, or in the lowest and the highest fifth."""
    chosen = is_choice(values)
    if chosen:
        rows = {option: values == option for option in options_of(values)}
        rows = {o: here for o, here in rows.items() if here.sum() >= FEWEST_IN_GROUP}
    else:
        low, high = np.nanquantile(values, [0.2, 0.8])
        rows = {"lowest fifth": values <= low, "highest fifth": values >= high}
    parts = [
        Part(
            label,
            None if chosen else float(values[here].min()),
            None if chosen else float(values[here].max()),
            int(np.count_nonzero(here)),
            mean(difference[here], draws.replicate[here]),
        )
        for label, here in rows.items()
    ]
    return tuple(sorted(parts, key=lambda part: part.value.value or 0.0) if chosen else parts)
