"""Paths of a sampling engine against solved expectations.

Here bad luck is possible, and its probability is bounded without any approximation, for the mean
of n independent values in [0, b], each draw with a distribution of its own. The smaller of two
bounds is taken, and doubled for the choice:

- 2 exp(-n KL), with KL the relative entropy between observed and expected mean over b (Hoeffding
  1963, J. Am. Stat. Assoc. 58:13, Theorem 1): sharp for probabilities;
- the empirical Bernstein bound (Maurer & Pontil 2009, COLT, Theorem 4), which uses the variance
  observed: sharp for values that rarely come near b. Its proof needs independence only; where
  draws differ, the variance between them makes it safer.

The false-alarm rate of the whole comparison is shared equally by everything compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from simulator.analysis.checks import AGAINST_EXACT, Check
from simulator.engines import core, exact
from simulator.engines.expectations import Estimate, Expectations, Sampler, sampled
from simulator.engines.records import EVENT_KINDS, Request
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray

FALSE_ALARM_RATE: Final = 1e-6  # of one call of `against_exact`
BEYOND_CAP: Final = 0.1  # share of it that pays for counts without an upper bound
CURVE_YEARS: Final = (0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

Solver: TypeAlias = Callable[[CompiledModel, FloatArray], Expectations]


def against_exact(
    model: CompiledModel,
    paths_per_draw: int,
    *,
    fast: Sampler = core.simulate,
    solve: Solver = exact.expectations,
    false_alarm_rate: float = FALSE_ALARM_RATE,
) -> tuple[Check, ...]:
    """Compare expectations over the paths of every draw with solved ones, averaged over draws.

    Raises
    ------
    ModelTooLargeError
        If the exact engine cannot take the model.
    """
    years = np.array([y for y in CURVE_YEARS if y < model.horizon] + [model.horizon])
    solved = solve(model, years)
    lived = sampled(fast, model, Request(paths_per_draw), years)
    n = paths_per_draw * model.draws.size
    caps = _caps(model, solved, n, BEYOND_CAP * false_alarm_rate)
    compared = sum(cap.size for cap in caps.values())
    allowed = (1.0 - BEYOND_CAP) * false_alarm_rate / compared
    checks = []
    for what, cap in caps.items():
        truth, seen = solved.estimates()[what], lived.estimates()[what]
        mean = seen.value.mean(axis=0)
        variance = _pooled_variance(seen, paths_per_draw)
        expected = truth.value.mean(axis=0)
        error = (truth.numerical_error + seen.numerical_error).mean(axis=0)
        each = (np.ravel(a) for a in (mean, expected, cap, variance, error))
        chance = np.array(
            [
                chance_of_deviation(m, e, b, n, variance=v, numerical_error=near)
                for m, e, b, v, near in zip(*each, strict=True)
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
    mean: float,
    expected: float,
    cap: float,
    n: int,
    *,
    variance: float | None = None,
    numerical_error: float = 0.0,
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
    n : int
        At least 2.
    variance : float, optional
        Sample variance of the values (denominator n - 1); cap**2 / 4 without it.

    Examples
    --------
    >>> chance_of_deviation(0.50, 0.52, 1.0, 10_000) < 0.002
    True
    >>> chance_of_deviation(0.50, 0.52, 10.0, 100_000, variance=0.01) < 1e-6
    True
    """
    apart = abs(mean - expected) - numerical_error
    if apart <= 0.0:
        return 1.0
    nearest = expected + math.copysign(numerical_error, mean - expected)
    if cap == 0.0 or not 0.0 < nearest < cap:
        return 0.0  # what cannot be otherwise is otherwise
    p, q = min(1.0, mean / cap), nearest / cap
    entropy = sum(a * math.log(a / b) for a, b in ((p, q), (1.0 - p, 1.0 - q)) if a > 0.0)
    hoeffding = 2.0 * math.exp(-n * entropy)

    # apart = a * sqrt(L) + b * L with L = log(2 / delta) on either side; solved for L.
    a = math.sqrt(2.0 * (cap**2 / 4.0 if variance is None else variance) / n)
    b = 7.0 * cap / (3.0 * (n - 1))
    root = (math.sqrt(a**2 + 4.0 * b * apart) - a) / (2.0 * b)
    bernstein = 4.0 * math.exp(-(root**2))
    return min(1.0, 2.0 * min(hoeffding, bernstein))


def _pooled_variance(seen: Estimate, paths: int) -> FloatArray:
    """Return the sample variance of all paths together, from means and errors by draw."""
    draws = seen.value.shape[0]
    within = (seen.mcse**2).sum(axis=0) * paths * (paths - 1)
    between = paths * np.square(seen.value - seen.value.mean(axis=0)).sum(axis=0)
    return np.asarray((within + between) / (paths * draws - 1))


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
