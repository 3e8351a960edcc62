"""Estimates drawn from a tally."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.estimates.curves import TRIALS_FOR_RANGE, Curves, curves, mean_curves
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


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What is known of a plan after a run.

    Attributes
    ----------
    estimates : dict of str to Estimate
        By the names of `ESTIMATES`.
    causes : dict of str to Estimate
        Probability that the ceasefire has collapsed by each cause before the horizon.
    curves : Curves
        Survival, cumulative incidence and deployment over the years.
    """

    estimates: dict[str, Estimate]
    causes: dict[str, Estimate]
    curves: Curves


def outcome(tally: Tally, model: CompiledModel) -> Outcome:
    """Estimate everything that a tally holds; arguments as for `numbers`."""
    return Outcome(*numbers(tally, model), curves(tally))


def numbers(tally: Tally, model: CompiledModel) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """The estimates of an outcome and its causes, without its curves.

    Parameters
    ----------
    tally : Tally
        Of at least one draw.
    model : CompiledModel
        Of the same plan, in any draws.
    """
    estimates = {name: estimate_of(tally, model, name) for name in ESTIMATES}
    causes = {
        cause: estimate(column(tally, name), tally.draws)
        for cause, name in zip(CAUSES, BY_CAUSE, strict=True)
    }
    return estimates, causes


def estimate_of(tally: Tally, model: CompiledModel, name: str) -> Estimate:
    """One of `ESTIMATES`; arguments as for `outcome`."""
    return ESTIMATES[name](tally, model)


def _at(name: str) -> Callable[[Tally, CompiledModel], Estimate]:
    years = AT_AGE[name]
    return lambda tally, _: _beyond(tally, years) or estimate(column(tally, name), tally.draws)


def _beyond(tally: Tally, years: float) -> Estimate | None:
    if years <= tally.horizon:
        return None
    age = f"{years:g} years lie" if years >= 1.0 else f"{years * 365.25:.0f} days lie"
    return unknown(f"{age} beyond the horizon of {tally.horizon:g} years")


def _between(tally: Tally, _: CompiledModel) -> Estimate:
    early, late = column(tally, "p_collapse_within_2y"), column(tally, "p_holds_20y")
    return _beyond(tally, 20.0) or estimate(1.0 - late - early, tally.draws)


def _age(name: str) -> Callable[[Tally, CompiledModel], Estimate]:
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
        several, end = tally.draws.size > 1, f"{tally.horizon:g} years"
        notes = {
            f"it lies beyond {end}": one.value is None,
            f"part of the range over draws lies beyond {end}": several
            and None in (one.p05, one.p95),
            f"the Monte Carlo error of that range reaches {end}": several
            and any(
                end_mcse is None and an_end is not None
                for an_end, end_mcse in ((one.p05, one.p05_mcse), (one.p95, one.p95_mcse))
            ),
        }
        said = (note for note, holds in notes.items() if holds)
        return replace(one, note="; ".join(filter(None, (*said, one.note))))

    return found


def _mean_in_world(tally: Tally, values: FloatArray) -> Estimate:
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
    note = f"a range over assumptions needs --trials {TRIALS_FOR_RANGE}"
    return replace(found, p05=None, p95=None, p05_mcse=None, p95_mcse=None, note=note)


def _fill_rate(tally: Tally, model: CompiledModel) -> Estimate:
    target = model.mission.target_troops
    if target == 0:
        return unknown("no troops are planned")
    return _mean_in_world(tally, column(tally, "peak_troops") / target)


def _first_year(tally: Tally, _: CompiledModel) -> Estimate:
    if tally.horizon < 1.0:
        return unknown(f"the horizon of {tally.horizon:g} years ends within the first year")
    return _mean_in_world(tally, column(tally, "troop_years_first"))


def _backstop_off_share(tally: Tally, model: CompiledModel) -> Estimate:
    if not model.backstop.promised:
        return unknown("no component of the backstop is promised")
    return _ratio(tally, "backstop_off_years")


def _in_world_column(name: str) -> Callable[[Tally, CompiledModel], Estimate]:
    return lambda tally, _: _mean_in_world(tally, column(tally, name))


Formula = Callable[[Tally, CompiledModel], Estimate]


def _formula(row: Quantity) -> Formula:
    if row.share is not None:
        return _age(row.name)
    return _at(row.name) if row.name in AT_AGE else _FORMULAS[row.name]


AT_AGE: Final = COLLAPSED_BY | HELD_FOR
_FORMULAS: Final[dict[str, Formula]] = {
    "p_between_2y_20y": _between,
    "rmst_years": lambda tally, _: estimate(column(tally, "rmst_years"), tally.draws),
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
