"""Estimates and curves drawn from a tally: survival, incidence by cause, deployed troops."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.estimates.estimate import (
    Estimate,
    estimate,
    known,
    mean,
    mean_error,
    ranged,
    replicate_error,
    spread,
    unknown,
    with_error,
)
from simulator.estimates.tally import (
    BY_CAUSE,
    SHAPED,
    SUMS,
    Tally,
    ages_by_which,
    column,
    grid_years,
)
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray
from simulator.quantities import AGES, COLLAPSED_BY, HELD_FOR, QUANTITIES

# What depends on the world (troops, cost, the backstop) scatters within a draw as it does between
# draws: with fewer trials a range over draws would hold the scatter of its worlds too.
TRIALS_FOR_RANGE: Final = 16
MORE_TRIALS: Final = f"--trials {TRIALS_FOR_RANGE}"  # what to ask for, where that is so
TOO_FEW_TRIALS: Final = f"a range over assumptions needs {MORE_TRIALS}"


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """A curve, (K,), with its error and its range over draws; NaN where it cannot be known."""

    value: FloatArray
    mcse: FloatArray
    p05: FloatArray
    p95: FloatArray
    p05_mcse: FloatArray | None = None
    p95_mcse: FloatArray | None = None

    def at(self, i: int) -> Estimate:
        """The curve at one of its places."""
        return Estimate(*(known(of[i]) for of in (self.value, self.mcse, self.p05, self.p95)))


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Curves of an outcome."""

    years: FloatArray  # (G + 1,) from 0 to the horizon
    survival: Band  # (G + 1,) share that still holds after each of the years
    incidence: dict[str, Band]  # (G + 1,) share collapsed by each cause until each of the years
    # (Y,) soldiers deployed, averaged over each year of the plan and over all worlds; a ceasefire
    # that has collapsed counts as 0
    deployed: Band


def curves(tally: Tally) -> Curves:
    """Pool the draws of a tally into curves."""
    ends = np.minimum(np.arange(1.0, np.ceil(tally.horizon) + 1.0), tally.horizon)
    at_ends = np.searchsorted(tally.years, ends)

    def by_year(curve: FloatArray) -> FloatArray:
        return np.diff(curve[..., at_ends], prepend=0.0, axis=-1) / np.diff(ends, prepend=0.0)

    collapsed = partial(_on_grid, tally, 0.0)
    return Curves(
        years=np.append(0.0, grid_years(tally.horizon)),
        survival=_band(tally, "survival", partial(_on_grid, tally, 1.0)),
        incidence={
            cause: _band(tally, name, collapsed)
            for cause, name in zip(CAUSES, BY_CAUSE, strict=True)
        },
        deployed=_band(tally, "soldier_years", by_year, ranged=tally.trials >= TRIALS_FOR_RANGE),
    )


def _on_grid(tally: Tally, start: float, curve: FloatArray) -> FloatArray:
    """A curve on the grid, from its value at 0 on."""
    first = np.full_like(curve[..., :1], start)
    kept = np.searchsorted(tally.years, grid_years(tally.horizon))
    return np.concatenate([first, curve[..., kept]], axis=-1)


def mean_curves(tally: Tally, name: str) -> FloatArray:
    """Mean curve of all draws, then those of the replicates (NaN without draws): (1 + R, G)."""
    sums = tally.sums[:, list(SUMS).index(name)]
    whole, counts = sums.sum(axis=0, dtype=np.float64), tally.counts.astype(np.float64)
    with np.errstate(invalid="ignore"):
        parts = sums / counts[:, None]
    return np.concatenate([whole[None] / counts.sum(), parts]) / SUMS[name]


def _shapes(tally: Tally, name: str) -> FloatArray:
    """Curves of the draws that keep them, shape (d, G)."""
    return tally.shapes[:, SHAPED.index(name)].astype(np.float64)


def survival_of(tally: Tally, rows: NDArray[np.intp]) -> Band:
    """Survival on the grid, 0 included, of some of the draws that keep their curves."""
    held, draws = _on_grid(tally, 1.0, _shapes(tally, "survival")[rows]), tally.draws[rows]
    return Band(mean(held), mean_error(held, draws), *spread(held, draws))


def _band(
    tally: Tally, name: str, shape: Callable[[FloatArray], FloatArray], ranged: bool = True
) -> Band:
    """Pool one curve of all draws; its range is that of the draws that keep their curves."""
    means = shape(mean_curves(tally, name))
    value, error = means[0], replicate_error(means[1:], tally.counts)
    if not ranged or not len(tally.shapes):
        return Band(value, error, *[np.full_like(value, np.nan)] * 4)
    return Band(
        value, error, *spread(shape(_shapes(tally, name)), tally.draws[: len(tally.shapes)])
    )


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What is known of a plan after a run."""

    estimates: dict[str, Estimate]  # by the names of `QUANTITIES`
    causes: dict[str, Estimate]  # probability of collapse by each cause before the horizon
    curves: Curves


def outcome(tally: Tally, model: CompiledModel) -> Outcome:
    """Estimate everything that a tally holds; arguments as for `numbers`."""
    return Outcome(*numbers(tally, model), curves(tally))


def numbers(tally: Tally, model: CompiledModel) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """The estimates of an outcome and its causes; the model is of the same plan, in any draws."""
    estimates = {name: estimate_of(tally, model, name) for name in QUANTITIES}
    named = zip(CAUSES, BY_CAUSE, strict=True)
    return estimates, {cause: _mean(tally, model, name) for cause, name in named}


def estimate_of(tally: Tally, model: CompiledModel, name: str) -> Estimate:
    """One of `QUANTITIES`."""
    if name in AGES:
        return _age(tally, name)
    if name in _AT_AGE:
        return _beyond(tally, _AT_AGE[name]) or _mean(tally, model, name)
    return _FORMULAS[name](tally, model, name)


def _mean(tally: Tally, _: CompiledModel, name: str) -> Estimate:
    return estimate(column(tally, name), tally.draws)


def _beyond(tally: Tally, years: float) -> Estimate | None:
    if years <= tally.horizon:
        return None
    age = f"{years:g} years lie" if years >= 1.0 else f"{years * 365.25:.0f} days lie"
    return unknown(f"{age} beyond the horizon of {tally.horizon:g} years")


def _between(tally: Tally, *_: object) -> Estimate:
    early, late = column(tally, "p_collapse_within_2y"), column(tally, "p_holds_20y")
    return _beyond(tally, 20.0) or estimate(1.0 - late - early, tally.draws)


def _age(tally: Tally, name: str) -> Estimate:
    """Age by which a share of all worlds has collapsed; the range is that of the draws' ages.

    Its error is that of the mean survival at this age, over its slope there.
    """
    held, rate = (mean_curves(tally, curve) for curve in ("survival", "ending_rate"))
    age = ages_by_which(np.array([AGES[name]]), tally.years, held[:1], rate[:1])[0, 0]
    errors = np.append(0.0, replicate_error(held[1:], tally.counts))
    with np.errstate(divide="ignore", invalid="ignore"):  # no slope, no error
        mcse = np.interp(age, np.append(0.0, tally.years), errors) / np.interp(
            age, tally.years, rate[0]
        )
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


def _in_world(tally: Tally, by_draw: FloatArray, found: Estimate | None = None) -> Estimate:
    """What was found, or the mean over draws: its range holds only where a draw has many worlds."""
    found = found or estimate(by_draw, tally.draws)
    if tally.trials >= TRIALS_FOR_RANGE or tally.draws.size == 1 or not np.ptp(by_draw):
        return found
    return found.without_range(TOO_FEW_TRIALS)


def _in_world_mean(tally: Tally, _: CompiledModel, name: str) -> Estimate:
    return _in_world(tally, column(tally, name))


def _while_holding(amount: str, tally: Tally, *_: object) -> Estimate:
    """An amount for each year that the ceasefire holds: a ratio of means."""
    total, years = column(tally, amount), column(tally, "rmst_years")
    if not (years > 0.0).all():
        return unknown("in some draws no ceasefire holds long enough to be measured")
    value, error = with_error(lambda rows: total[rows].sum() / years[rows].sum(), tally.draws)
    by_draw = total / years
    return _in_world(tally, by_draw, ranged(value, error, by_draw, tally.draws))


def _fill_rate(tally: Tally, model: CompiledModel, _: str) -> Estimate:
    target = model.mission.target_troops
    if target == 0:
        return unknown("no troops are planned")
    return _in_world(tally, column(tally, "peak_troops") / target)


def _first_year(tally: Tally, *_: object) -> Estimate:
    if tally.horizon < 1.0:
        return unknown(f"the horizon of {tally.horizon:g} years ends within the first year")
    return _in_world(tally, column(tally, "troop_years_first"))


def _backstop_off_share(tally: Tally, model: CompiledModel, _: str) -> Estimate:
    if not model.backstop.promised:
        return unknown("no component of the backstop is promised")
    return _while_holding("backstop_off_years", tally)


_AT_AGE: Final = COLLAPSED_BY | HELD_FOR
_FORMULAS: Final[dict[str, Callable[[Tally, CompiledModel, str], Estimate]]] = {
    "p_between_2y_20y": _between,
    "rmst_years": _mean,
    "fill_rate": _fill_rate,
    "mean_deployed_troops_year_1": _first_year,
    "mean_deployed_troops_while_holding": partial(_while_holding, "troop_years"),
    **dict.fromkeys(("troop_years", "peak_troops", "soldiers_held", "cost_gbp"), _in_world_mean),
    "backstop_off_share": _backstop_off_share,
    "cost_gbp_per_year_while_holding": partial(_while_holding, "cost_gbp"),
}
