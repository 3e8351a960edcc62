"""Simulated trials against solved expectations.

Here a right engine can look wrong by chance, and the probability of that is bounded without any
approximation, for the mean of n independent values in [0, b], each draw with a distribution of its
own. The smaller of two bounds is taken, and doubled for the choice:

- 2 exp(-n KL), with KL the relative entropy between observed and expected mean over b (Hoeffding
  1963, J. Am. Stat. Assoc. 58:13, Theorem 1): sharp for probabilities;
- the empirical Bernstein bound (Maurer & Pontil 2009, COLT, Theorem 4), which uses the variance
  observed: sharp for values that rarely come near b. Its proof needs independence only; where
  draws differ, the variance between them makes it safer.

A value may be what happened on a whole path, or what is expected of a world: the same bounds hold
for both. The trials must have independent random numbers (`independent_world_uniforms` of
`simulator.addresses`). The false-alarm rate of the whole comparison is shared equally by everything
compared.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.engines import exact
from simulator.engines.records import EVENT_KINDS, Expectations, PathRecords
from simulator.model.compiled import CAUSES, STEPS, CompiledModel, FloatArray
from simulator.model.formulas import establishing_hazard

SAME_WORLDS: Final = "the same worlds"
GIVEN_WORLDS: Final = "whole paths, given their worlds"
AGAINST_EXACT: Final = "against exact"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the comparison."""

    method: str
    what: str
    compared: int  # numbers
    # Of the same worlds: share of paths whose events differ, or the largest difference of a time,
    # relative to it and a small part of the horizon; otherwise the smallest bound on the
    # probability that right engines deviate as much.
    deviation: float
    allowed: float  # at most, of the same worlds; otherwise at least
    agrees: bool
    worst: str  # where the largest deviation is, in words


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything compared, and what a reader must know of how it was."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every check agrees."""
        return all(check.agrees for check in self.checks)


FALSE_ALARM_RATE: Final = 1e-6  # of one call of `against_exact`
TINY: Final = 1e-250  # an engine may keep its logarithms finite with less than this
BEYOND_CAP: Final = 0.1  # share of it that pays for counts without an upper bound


def against_exact(
    model: CompiledModel,
    samples: Mapping[str, FloatArray],
    years: FloatArray,
    *,
    solve: Callable[[CompiledModel, FloatArray], Expectations] = exact.expectations,
    false_alarm_rate: float = FALSE_ALARM_RATE,
) -> tuple[Check, ...]:
    """Compare means over all trials of all draws with solved ones; may raise ModelTooLargeError.

    Of each field of `Expectations` the samples are independent values, one for every trial, that it
    is the expectation of: shape (D, K, ...). ``years`` are the ages of curves.
    """
    solved = solve(model, years).estimates()
    most, allowed = shared_out(model, samples, years, false_alarm_rate)
    checks = []
    for what, sampled in samples.items():
        truth, values = solved[what], sampled.reshape(-1, math.prod(sampled.shape[2:]))
        n, mean = len(values), values.mean(axis=0)
        expected = truth.value.mean(axis=0).ravel()
        rounding = np.finfo(np.float64).eps * n * np.abs(mean) + TINY
        error = truth.numerical_error.mean(axis=0).ravel() + rounding
        variance = values.var(axis=0, ddof=1)
        chance = [
            chance_of_deviation(m, e, cap, n, variance=v, numerical_error=near)
            for m, e, cap, v, near in zip(mean, expected, most[what], variance, error, strict=True)
        ]
        checks.append(least_likely(AGAINST_EXACT, what, chance, allowed, mean, expected, years))
    return tuple(checks)


def shared_out(
    model: CompiledModel, samples: Mapping[str, FloatArray], years: FloatArray, rate: float
) -> tuple[dict[str, FloatArray], float]:
    """Share a rate of false alarms by flat `caps` and all numbers of samples, (D, K, ...).

    Returns the caps, and the least chance that may pass for one number.
    """
    trials = math.prod(next(iter(samples.values())).shape[:2])
    compared = sum(math.prod(values.shape[2:]) for values in samples.values())
    most = caps(model, years, trials, BEYOND_CAP * rate)
    return {what: np.ravel(most[what]) for what in samples}, (1.0 - BEYOND_CAP) * rate / compared


def least_likely(
    method: str,
    what: str,
    chance: Sequence[float],
    allowed: float,
    mean: FloatArray,
    expected: FloatArray,
    years: FloatArray,
) -> Check:
    """Judge numbers of one quantity by the chance of their deviations."""
    worst = int(np.argmin(chance))
    return Check(
        method=method,
        what=what.replace("_", " "),
        compared=len(chance),
        deviation=float(chance[worst]),
        allowed=allowed,
        agrees=bool(chance[worst] >= allowed),
        worst=f"{_place(what, worst, years)}: {mean[worst]:.6g} against {expected[worst]:.6g}",
    )


def of_paths(records: PathRecords, draws: int, years: FloatArray) -> dict[str, FloatArray]:
    """Return what can be compared of whole paths, by the field that is its expectation."""
    ended = (records.end_time[:, None] <= years) & (records.cause >= 0)[:, None]
    by_cause = ended[:, None] & (records.cause[:, None] == np.arange(len(CAUSES)))[..., None]
    values = {
        "survival": ~ended,
        "incidence": by_cause,
        "rmst": records.end_time,
    }
    for name in ("events", "troop_years", "backstop_off_years", "peak_troops", "cost"):
        values[name] = getattr(records, name)
    return {
        name: value.astype(np.float64).reshape(draws, -1, *value.shape[1:])
        for name, value in values.items()
    }


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

    The mean is of n >= 2 independent values in [0, cap] with this sample variance (denominator
    n - 1; cap**2 / 4 without it); a cap of 0 says that nothing but 0 is possible. The expectation
    is known up to ``numerical_error``.
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


def caps(
    model: CompiledModel, years: FloatArray, n: int, false_alarm_rate: float
) -> dict[str, FloatArray]:
    """Return the largest value that each compared quantity can take in one trial.

    Flips of the backstop and draws of the phase have none. They come no faster than a Poisson
    process of the highest rate, so their cap is one that n of those pass with a probability below
    ``false_alarm_rate`` altogether.
    """
    force, mission, horizon = model.contributors, model.mission, model.horizon
    troops = mission.target_troops
    if not mission.as_needed:
        troops = min(troops, float(force.troops.sum(axis=1).max(initial=0.0)))
    if mission.reinforcement_ceiling is not None:
        troops = max(troops, min(mission.reinforcement_ceiling, troops * mission.growth.max()))
    each = false_alarm_rate / 2.0 / n
    flips = horizon * max(model.backstop.loss_rate.max(), model.backstop.regain_rate.max())
    come = float(len(force.names))
    events = dict.fromkeys(EVENT_KINDS, 1.0) | {
        "arrival": come,
        "exit": come,
        "army_restored": float(STEPS),
        "reconstituted": float(STEPS),
        "backstop": poisson_cap(flips if model.backstop.promised else 0.0, each),
        "phase": 1.0 + poisson_cap(horizon * float(model.hazards.kappa.max()), each),
    }
    dearest = troops * float(force.cost_factor.max(initial=0.0))
    comings = 2 * len(force.names) + 1  # each arrival, each exit, reinforcement
    cost = float(model.money.setup_per_soldier.max()) * dearest * comings
    cost += float(model.money.per_soldier_year.max()) * dearest * horizon
    return {
        "survival": np.ones(years.size),
        "incidence": np.ones((len(CAUSES), years.size)),
        "ending_rate": _highest_hazard(model, years),
        "soldier_years": troops * years,
        "rmst": np.array([horizon]),
        "events": np.array([events[kind] for kind in EVENT_KINDS]),
        "troop_years": np.array([troops * horizon]),
        "peak_troops": np.array([troops]),
        "backstop_off_years": np.array([horizon]),
        "cost": np.array([cost]),
    }


def _highest_hazard(model: CompiledModel, years: FloatArray) -> FloatArray:
    """Return a bound on the hazard of collapse at every age, over phases and draws."""
    h = model.hazards
    holding = h.holding[:, None] * np.exp(h.holding_slope[:, None] * years)
    other = np.maximum(h.failing, establishing_hazard(h))[:, None]
    highest = np.exp(h.hazard_exponent * h.log_clamp_high)[:, None]
    return np.asarray((np.maximum(holding, other) * highest).max(axis=0))


def poisson_cap(mean: float, probability: float) -> float:
    """Return a count that a Poisson variable passes with at most this probability (Chernoff)."""
    if mean == 0.0:
        return 0.0
    count, needed = max(1, math.ceil(mean)), -math.log(probability)
    while count * math.log(count / max(mean, 1e-300)) - count + mean < needed:
        count += 1
    return float(count)


def _place(what: str, index: int, years: FloatArray) -> str:
    """Name the number at a flat index of a quantity."""
    if what in ("survival", "ending_rate", "soldier_years"):
        return f"at {years[index]:g} y"
    if what == "incidence":
        cause, year = divmod(index, years.size)
        return f"{CAUSES[cause]} by {years[year]:g} y"
    return EVENT_KINDS[index] if what == "events" else "mean"
