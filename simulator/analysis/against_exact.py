"""Paths of a sampling engine against solved expectations.

Here bad luck is possible, and its probability is bounded without any approximation: for the mean
of n independent values in [0, b], each draw with a distribution of its own, the probability of
lying as far from its expectation as observed is at most 2 exp(-n KL), with KL the relative entropy
between observed and expected mean over b (Hoeffding 1963, J. Am. Stat. Assoc. 58:13, Theorem 1).
The false-alarm rate of the whole comparison is shared equally by everything compared.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from simulator.analysis.checks import AGAINST_EXACT, Check
from simulator.engines import core, exact
from simulator.engines.expectations import Expectations, Sampler, sampled
from simulator.engines.records import EVENT_KINDS, Request
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray

FALSE_ALARM_RATE: Final = 1e-6  # of one call of `against_exact`
BEYOND_CAP: Final = 0.1  # share of it that pays for counts without an upper bound
CURVE_YEARS: Final = (0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
BLOCK: Final = 65_536


def against_exact(
    model: CompiledModel,
    paths_per_draw: int,
    *,
    fast: Sampler = core.simulate,
    false_alarm_rate: float = FALSE_ALARM_RATE,
) -> tuple[Check, ...]:
    """Compare expectations over the paths of every draw with solved ones, averaged over draws.

    Raises
    ------
    ModelTooLargeError
        If the exact engine cannot take the model.
    """
    years = np.array([y for y in CURVE_YEARS if y < model.horizon] + [model.horizon])
    solved = exact.expectations(model, years)
    lived = sampled(fast, model, Request(paths_per_draw, BLOCK), years)
    n = paths_per_draw * model.draws.size
    caps = _caps(model, solved, n, BEYOND_CAP * false_alarm_rate)
    compared = sum(cap.size for cap in caps.values())
    allowed = (1.0 - BEYOND_CAP) * false_alarm_rate / compared
    checks = []
    for what, cap in caps.items():
        truth, mean = solved.estimates()[what], lived.estimates()[what].value.mean(axis=0)
        expected, error = truth.value.mean(axis=0), truth.numerical_error.mean(axis=0)
        chance = np.array(
            [
                chance_of_deviation(m, e, b, n, near)
                for m, e, b, near in zip(
                    np.ravel(mean), np.ravel(expected), np.ravel(cap), np.ravel(error), strict=True
                )
            ]
        )
        worst = int(np.argmin(chance))
        checks.append(
            Check(
                method=AGAINST_EXACT,
                what=what.replace("_", " "),
                compared=chance.size,
                deviation=float(chance[worst]),
                allowed=allowed,
                agrees=bool(chance[worst] >= allowed),
                worst=f"{_place(what, worst, years)}: {np.ravel(mean)[worst]:.6g} "
                f"against {np.ravel(expected)[worst]:.6g}",
            )
        )
    return tuple(checks)


def chance_of_deviation(
    mean: float, expected: float, cap: float, n: int, numerical_error: float = 0.0
) -> float:
    """Return a bound on the probability that a mean lies as far from its expectation as this.

    Parameters
    ----------
    mean : float
        Of n independent values in [0, cap].
    expected : float
        Of that mean, known up to ``numerical_error``.
    cap : float
        Greater than 0, or 0 where nothing but 0 is possible.

    Examples
    --------
    >>> round(chance_of_deviation(0.50, 0.52, 1.0, 10_000), 6)
    0.000669
    """
    if abs(mean - expected) <= numerical_error:
        return 1.0
    nearest = expected + math.copysign(numerical_error, mean - expected)
    p, q = min(1.0, mean / cap), min(1.0, max(0.0, nearest / cap))
    if q in (0.0, 1.0):
        return 1.0 if p == q else 0.0
    # rel_entr would overflow nowhere here, but scipy is not needed for two terms.
    entropy = sum(a * math.log(a / b) for a, b in ((p, q), (1.0 - p, 1.0 - q)) if a > 0.0)
    return min(1.0, 2.0 * math.exp(-n * entropy))


def _caps(
    model: CompiledModel, solved: Expectations, n: int, false_alarm_rate: float
) -> dict[str, FloatArray]:
    """Return the largest value that each compared quantity can take on one path.

    Flips of the backstop and of the phase have none. They come no faster than a Poisson process
    of the highest rate, so their cap is one that n of those pass with a probability below
    ``false_alarm_rate`` altogether.
    """
    force, mission, horizon = model.contributors, model.mission, model.horizon
    troops = min(mission.target_troops, float(force.troops.sum(axis=1).max(initial=0.0)))
    if mission.reinforcement_ceiling is not None:
        troops = max(troops, min(mission.reinforcement_ceiling, troops * mission.growth.max()))
    dearest = troops * float(force.cost_factor.max(initial=0.0))
    comings = 2 * len(force.names) + 1  # each arrival, each exit, reinforcement
    flips = max(model.backstop.loss_rate.max(), model.backstop.regain_rate.max())
    each = false_alarm_rate / 2.0 / n
    events = dict.fromkeys(EVENT_KINDS, 1.0)
    events |= {"arrival": float(len(force.names)), "exit": float(len(force.names))}
    events["backstop"] = _poisson_cap(horizon * flips if model.backstop.promised else 0.0, each)
    events["phase"] = 1.0 + _poisson_cap(horizon * float(model.hazards.kappa.max()), each)
    money = model.money
    cost = float(money.setup_per_soldier.max()) * dearest * comings
    cost += float(money.per_soldier_year.max()) * dearest * horizon
    return {
        "survival": np.ones(solved.years.size),
        "incidence": np.ones((len(CAUSES), solved.years.size)),
        "rmst": np.array([horizon]),
        "events": np.array([events[kind] for kind in EVENT_KINDS]),
        "troop_years": np.array([troops * horizon]),
        "troop_years_first": np.array([troops * min(1.0, horizon)]),
        "backstop_off_years": np.array([horizon]),
        "cost": np.array([cost]),
    }


def _poisson_cap(mean: float, probability: float) -> float:
    """Return a count that a Poisson variable passes with at most this probability (Chernoff)."""
    count = math.ceil(mean)
    while count == 0 or count * math.log(count / max(mean, 1e-300)) - count + mean < -math.log(
        probability
    ):
        if mean == 0.0:
            return 0.0
        count += 1
    return float(count)


def _place(what: str, index: int, years: FloatArray) -> str:
    """Name the number at a flat index of a quantity."""
    if what == "survival":
        return f"at {years[index]:g} y"
    if what == "incidence":
        cause, year = divmod(index, years.size)
        return f"{CAUSES[cause]} by {years[year]:g} y"
    return EVENT_KINDS[index] if what == "events" else "mean"
