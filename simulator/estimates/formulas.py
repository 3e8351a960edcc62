"""Estimates drawn from a tally."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.estimates.curves import TOO_FEW_TRIALS, TRIALS_FOR_RANGE, Curves, curves, mean_curves
from simulator.estimates.estimate import (
    Estimate,
    estimate,
    mean_error,
    ranged,
    replicate_error,
    unknown,
    with_error,
)
from simulator.estimates.quantiles import ages_by_which
from simulator.estimates.tally import BY_CAUSE, Tally, column
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray
from simulator.quantities import AGES, COLLAPSED_BY, HELD_FOR, QUANTITIES, Quantity

Formula = Callable[[Tally, CompiledModel], Estimate]


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What is known of a plan after a run."""

    estimates: dict[str, Estimate]  # by the names of `ESTIMATES`
    causes: dict[str, Estimate]  # probability of collapse by each cause before the horizon
    curves: Curves


def outcome(tally: Tally, model: CompiledModel) -> Outcome:
    """Estimate everything that a tally holds; arguments as for `numbers`."""
    return Outcome(*numbers(tally, model), curves(tally))


def numbers(tally: Tally, model: CompiledModel) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """The estimates of an outcome and its causes; the model is of the same plan, in any draws."""
    estimates = {name: estimate_of(tally, model, name) for name in ESTIMATES}
    named = zip(CAUSES, BY_CAUSE, strict=True)
    return estimates, {cause: _mean(name)(tally, model) for cause, name in named}


def estimate_of(tally: Tally, model: CompiledModel, name: str) -> Estimate:
    """One of `ESTIMATES`."""
    return ESTIMATES[name](tally, model)


def _mean(name: str) -> Formula:
    return lambda tally, _: estimate(column(tally, name), tally.draws)


def _at(name: str) -> Formula:
    return lambda tally, model: _beyond(tally, AT_AGE[name]) or _mean(name)(tally, model)


def _beyond(tally: Tally, years: float) -> Estimate | None:
    if years <= tally.horizon:
        return None
    age = f"{years:g} years lie" if years >= 1.0 else f"{years * 365.25:.0f} days lie"
    return unknown(f"{age} beyond the horizon of {tally.horizon:g} years")


def _between(tally: Tally, _: CompiledModel) -> Estimate:
    early, late = column(tally, "p_collapse_within_2y"), column(tally, "p_holds_20y")
    return _beyond(tally, 20.0) or estimate(1.0 - late - early, tally.draws)


def _age(name: str) -> Formula:
    """Age by which a share of all worlds has collapsed; the range is that of the draws' ages.

    Its error is that of the mean survival at this age, over its slope there.
    """

    def found(tally: Tally, _: CompiledModel) -> Estimate:
        held, rate = (mean_curves(tally, curve) for curve in ("survival", "ending_rate"))
        age = ages_by_which(np.array([AGES[name]]), tally.years, held[:1], rate[:1])[0, 0]
        error = np.interp(
            age,
            np.append(0.0, tally.years),
            np.append(0.0, replicate_error(held[1:], tally.counts)),
        )
        with np.errstate(divide="ignore", invalid="ignore"):  # no slope, no error
            mcse = error / np.interp(age, tally.years, rate[0])
        one = ranged(age, mcse if np.isfinite(age) else np.nan, column(tally, name), tally.draws)
        end, notes = f"{tally.horizon:g} years", []
        if one.value is None:
            notes.append(f"it lies beyond {end}")
        if tally.draws.size > 1:
            ends = (one.p05, one.p05_mcse), (one.p95, one.p95_mcse)
            if any(value is None for value, _ in ends):
                notes.append(f"part of the range over draws lies beyond {end}")
            if any(value is not None and error is None for value, error in ends):
                notes.append(f"the Monte Carlo error of that range reaches {end}")
        return replace(one, note="; ".join(filter(None, (*notes, one.note))))

    return found


def _in_world_mean(tally: Tally, values: FloatArray) -> Estimate:
    return _in_world(tally, values.mean(), mean_error(values, tally.draws), values)


def _ratio(tally: Tally, amount: str) -> Estimate:
    """An amount for each year that the ceasefire holds: a ratio of means."""
    total, years = column(tally, amount), column(tally, "rmst_years")
    if not (years > 0.0).all():
        return unknown("in some draws no ceasefire holds long enough to be measured")
    value, error = with_error(lambda rows: total[rows].sum() / years[rows].sum(), tally.draws)
    return _in_world(tally, value, error, total / years)


def _in_world(
    tally: Tally, value: FloatArray | float, error: FloatArray, by_draw: FloatArray
) -> Estimate:
    """What happens in the world has a range over draws only where a draw has many worlds."""
    found = ranged(value, error, by_draw, tally.draws)
    if tally.trials >= TRIALS_FOR_RANGE or tally.draws.size == 1 or not np.ptp(by_draw):
        return found
    return found.without_range(TOO_FEW_TRIALS)


def _fill_rate(tally: Tally, model: CompiledModel) -> Estimate:
    target = model.mission.target_troops
    if target == 0:
        return unknown("no troops are planned")
    return _in_world_mean(tally, column(tally, "peak_troops") / target)


def _first_year(tally: Tally, _: CompiledModel) -> Estimate:
    if tally.horizon < 1.0:
        return unknown(f"the horizon of {tally.horizon:g} years ends within the first year")
    return _in_world_mean(tally, column(tally, "troop_years_first"))


def _backstop_off_share(tally: Tally, model: CompiledModel) -> Estimate:
    if not model.backstop.promised:
        return unknown("no component of the backstop is promised")
    return _ratio(tally, "backstop_off_years")


def _in_world_column(name: str) -> Formula:
    return lambda tally, _: _in_world_mean(tally, column(tally, name))


def _formula(row: Quantity) -> Formula:
    if row.share is not None:
        return _age(row.name)
    return _at(row.name) if row.name in AT_AGE else _FORMULAS[row.name]


AT_AGE: Final = COLLAPSED_BY | HELD_FOR
_FORMULAS: Final[dict[str, Formula]] = {
    "p_between_2y_20y": _between,
    "rmst_years": _mean("rmst_years"),
    "fill_rate": _fill_rate,
    "mean_deployed_troops_year_1": _first_year,
    "mean_deployed_troops_while_holding": lambda tally, _: _ratio(tally, "troop_years"),
    "troop_years": _in_world_column("troop_years"),
    "peak_troops": _in_world_column("peak_troops"),
    "soldiers_held": _in_world_column("soldiers_held"),
    "backstop_off_share": _backstop_off_share,
    "cost_gbp": _in_world_column("cost_gbp"),
    "cost_gbp_per_year_while_holding": lambda tally, _: _ratio(tally, "cost_gbp"),
}
ESTIMATES: Final = {name: _formula(row) for name, row in QUANTITIES.items()}
