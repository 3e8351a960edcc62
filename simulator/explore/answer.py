"""What the draws answer at one setting of the page. `explore.js` works out the same.

Everything is a question to `simulator.decide`, put to the draws in which the beliefs hold.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.books.book import POOL_CHOICE
from simulator.decide.draws import FEWEST, Draws, Floats, held, mean
from simulator.decide.frontier import COST, PEACE, best_in, best_plans
from simulator.estimates.estimate import known, spread, with_error
from simulator.estimates.outcome import TRIALS_FOR_RANGE
from simulator.explore.explored import AGES, Control, Explored

# What a control must move the difference by, in standard errors, to be named as its reason: with
# fourteen controls, chance alone names one in some 1 of 100 pages.
CLEAR: Final = 5.0

COMPARED: Final = ("p_collapse_within_2y", PEACE, "p_holds_30y", "peak_troops", COST)

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the controls stand: the ``worth`` of twenty years of peace is in GBP billion.

    Beliefs are as `simulator.decide.draws` reads them.
    """

    plan: str
    reference: str
    worth: float
    beliefs: tuple[str, ...] = ()


def answer(explored: Explored, setting: Setting) -> Tree:
    """Everything that the page shows; of fewer than `FEWEST` draws only how many there are."""
    rows, _ = held(explored.draws, setting.beliefs)
    effective = kish(rows.astype(np.float64))
    books = book_shares(explored.draws, setting.beliefs)
    if effective < FEWEST:
        return {"effective": effective, "books": books, "enough": False}
    inside = explored.draws.take(rows)
    of = {plan: i for i, plan in enumerate(inside.plans)}
    plan, reference = of[setting.plan], of[setting.reference]
    difference = {
        name: _estimate(values[plan] - values[reference], inside, inside.trials >= TRIALS_FOR_RANGE)
        for name, values in inside.outcomes.items()
        if name in COMPARED
    }
    ahead = inside.outcomes[PEACE][plan] - inside.outcomes[PEACE][reference]
    return {
        "effective": effective,
        "books": books,
        "enough": True,
        "plan": _plan(inside, plan),
        "reference": _plan(inside, reference),
        "difference": difference,
        "reason": _reason(explored.controls, rows, inside, ahead),
        "best": _best(inside, setting.worth),
    }


def kish(weights: Floats) -> float:
    """Effective number of draws with these weights, shape (D,): as many equal ones err as much.

    >>> kish(np.array([1.0, 1.0, 0.0])), kish(np.array([3.0, 1.0]))
    (2.0, 1.6)
    """
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def book_shares(draws: Draws, beliefs: Sequence[str]) -> dict[str, float]:
    """Share of each book once beliefs hold, as if these were independent within a book.

    To believe what one book draws more often than another is to believe that book more; a run that
    sets a belief must set these shares too.
    """
    if POOL_CHOICE not in draws.choices():
        return {}
    kept = [held(draws, [belief])[0] for belief in beliefs]
    found = {}
    for book in sorted(set(draws.book)):
        of = draws.book == book
        found[str(book)] = float(of.mean()) * math.prod(float(rows[of].mean()) for rows in kept)
    total = sum(found.values())
    return {book: share / total if total else 0.0 for book, share in found.items()}


def survival(draws: Draws, plan: int) -> dict[str, Floats]:
    """Probability that each draw of a plan still holds, by the outcome at that age."""
    return {
        name: 1.0 - draws.outcomes[name][plan] if "collapse" in name else draws.outcomes[name][plan]
        for name in AGES
        if name in draws.outcomes
    }


def _plan(draws: Draws, plan: int) -> Tree:
    of = {name: values[plan] for name, values in draws.outcomes.items()}
    ranged = draws.trials >= TRIALS_FOR_RANGE
    top, bottom = of["troop_years"], of["rmst_years"]
    deployed = with_error(lambda r: top[r].sum() / bottom[r].sum(), draws.replicate)
    return {
        "survival": [_estimate(values, draws) for values in survival(draws, plan).values()],
        **{n: _estimate(of[n], draws) for n in COMPARED if n in AGES and n in of},
        **{n: _estimate(of[n], draws, ranged) for n in ("peak_troops", COST)},
        "deployed": _tree(*map(known, deployed)),
    }


def _tree(
    value: float | None, mcse: float | None, low: float | None = None, high: float | None = None
) -> Tree:
    return {"value": value, "mcse": mcse, "low": low, "high": high}


def _estimate(values: Floats, draws: Draws, ranged: bool = True) -> Tree:
    """Mean over draws, its error, and its 5-95 % range."""
    found = mean(values, draws.replicate)
    low, high = map(known, spread(values, draws.replicate)[:2])
    ends = (low, high) if ranged or low == high else (None, None)
    return _tree(found.value, found.mcse, *ends)


def _reason(
    controls: tuple[Control, ...], rows: np.ndarray[Any, Any], draws: Draws, ahead: Floats
) -> Tree | None:
    """The control with which most of the variance of a difference, shape (D,), goes.

    Only one between whose ends the difference changes clearly:
    ends are the lowest and the highest fifth of an assumption, and the options of a choice.
    """
    found: list[Tree] = []
    for number, control in enumerate(controls):
        parts: list[Tree] = []
        for end in control.ends:
            here = control.holds(end)[rows]
            if np.count_nonzero(here) >= FEWEST:
                parts.append({"stop": end, **asdict(mean(ahead[here], draws.replicate[here]))})
        if len(parts) < 2:
            continue
        low = min(parts, key=lambda part: part["value"])
        high = max(parts, key=lambda part: part["value"])
        moved, error = high["value"] - low["value"], math.hypot(high["mcse"], low["mcse"])
        if moved > CLEAR * error:
            explained = {"value": share(ahead, control.codes[rows]), "mcse": None}
            found.append({"control": number, "share": explained, "low": low, "high": high})
    return max(found, key=lambda one: one["share"]["value"], default=None)


def share(values: Floats, codes: NDArray[np.uint8]) -> float:
    """Share of the variance of values that goes with their codes, less what chance would explain.

    Hays's omega squared, of values and codes of shape (D,).

    >>> share(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0, 0, 7, 7], np.uint8))
    1.0
    """
    groups, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    own = np.bincount(place, values) / counts
    whole = float(np.square(values - values.mean()).sum())
    within = float(np.square(values - own[place]).sum())
    if whole == 0.0 or groups.size == values.size:
        return 0.0
    return (whole - within - (groups.size - 1) * within / (values.size - groups.size)) / whole


def _best(draws: Draws, worth: float) -> Tree:
    """Which plan is worth most where peace is worth this, and where it changes."""
    worths = 1e9 * worth * draws.outcomes[PEACE] - draws.outcomes[COST]
    order = np.argsort(-worths.mean(axis=1), kind="stable")
    best, second = int(order[0]), int(order[1])
    ahead = mean(worths[best] - worths[second], draws.replicate)
    share = mean(best_in(worths)[best], draws.replicate)
    on, changes = best_plans(draws)
    steps: list[tuple[int, Tree | None]] = [(on[0], None)]
    for above, one in zip(on[1:], changes, strict=True):
        steps.append((above, _tree(one.worth.value, one.worth.mcse, one.low, one.high)))
    return {
        "plan": best,
        "second": second,
        "margin": _tree(ahead.value, ahead.mcse),
        "share": _tree(share.value, share.mcse),
        "steps": steps,
    }
