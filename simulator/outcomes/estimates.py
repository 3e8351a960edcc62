"""Estimates drawn from a tally."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.model.compiled import CAUSES, CompiledModel, FloatArray
from simulator.outcomes.curves import Curves, curves
from simulator.outcomes.median import median_lifetime
from simulator.outcomes.spread import Estimate, estimate, unknown
from simulator.outcomes.tally import SUMS, Tally, by_draw, group_means

# The claim under test: a failing force collapses within 2 years, a successful one lasts 20 or 30.
HEADLINES: Final = {
    "p_collapse_within_2y": (2.0, False),
    "p_holds_20y": (20.0, True),
    "p_holds_30y": (30.0, True),
}


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What is known of a plan after a run.

    Attributes
    ----------
    estimates : dict of str to Estimate
        The headline probabilities, life times, deployment and cost.
    causes : dict of str to Estimate
        Probability that the ceasefire has collapsed by each cause before the horizon.
    curves : Curves
        Survival, cumulative incidence and deployment over the years.
    """

    estimates: dict[str, Estimate]
    causes: dict[str, Estimate]
    curves: Curves


def outcome(tally: Tally, model: CompiledModel) -> Outcome:
    """Estimate everything that a tally can tell.

    Parameters
    ----------
    tally : Tally
        Of all draws of ``model``, the same number of paths each.
    model : CompiledModel

    Raises
    ------
    ValueError
        If the draws do not hold equally many paths: their means could not be pooled.
    """
    paths = tally.paths.sum(axis=1)
    if paths.min() != paths.max() or paths[0] == 0:
        raise ValueError("the draws of a tally must hold equally many paths, and at least one")
    estimates = {
        "p_collapse_within_2y": _headline(tally, "p_collapse_within_2y"),
        "p_between_2y_20y": _collapse_between(tally, 2.0, 20.0),
        "p_holds_20y": _headline(tally, "p_holds_20y"),
        "p_holds_30y": _headline(tally, "p_holds_30y"),
        "median_years": median_lifetime(tally),
        "rmst_years": estimate(*by_draw(tally, "lifetime")),
        "fill_rate": _fill_rate(tally, model),
        "mean_deployed_troops_year_1": _first_year(tally),
        "troop_years": estimate(*by_draw(tally, "troop_years")),
        "soldiers_held": _soldiers_held(tally, model),
        "backstop_off_share": _backstop_off_share(tally, model),
        "cost_gbp": estimate(*by_draw(tally, "cost")),
    }
    shape = curves(tally)
    by_cause = tally.collapses.sum(axis=2)
    causes = {
        cause: probability(*proportion(by_cause[:, c], paths), paths)
        for c, cause in enumerate(CAUSES)
    }
    return Outcome(estimates, causes, shape)


def proportion(counts: FloatArray, paths: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of the paths of each draw, and the variance of that share from path noise.

    ``p (1 - p) / (n - 1)`` estimates the variance of a share of ``n`` paths without bias.
    """
    p = counts / paths
    few = paths < 2
    return p, np.where(few, np.nan, p * (1.0 - p) / np.where(few, 1, paths - 1))


def probability(means: FloatArray, noise: FloatArray, paths: FloatArray) -> Estimate:
    """Pool shares of draws; where no path or every path counts, say what that still leaves open.

    If no path of D draws counts, fewer than 3 / D of all draws' probability does, with 95 %
    confidence: draws are the independent units (rule of three; (1 - 3/D)^D is about 0.05, and a
    draw with probability x shows nothing with a chance of at least 1 - x per path). With one draw
    the bound is that of its own paths.
    """
    share = float(means.mean())
    note = ""
    if share in (0.0, 1.0):
        which = "no path counts" if share == 0.0 else "every path counts"
        units = means.size if means.size > 1 else int(paths.sum())
        of = "draws" if means.size > 1 else "paths of this one draw"
        if units > 3:
            bound = _rounded_up(3.0 / units)
            side = f"below {bound:g}" if share == 0.0 else f"above {1.0 - bound:g}"
            note = f"{which}; with 95 % confidence {side} ({units:,} {of})"
        else:
            note = f"{which}; {units} {of} bound nothing"
    return estimate(means, noise, note=note)


def _rounded_up(x: float) -> float:
    """To two significant digits: a bound may be printed too wide, not too narrow."""
    unit = 10.0 ** (math.floor(math.log10(x)) - 1)
    return math.ceil(x / unit * (1.0 - 1e-12)) * unit


def proportion_at(tally: Tally, years: float) -> tuple[FloatArray, FloatArray] | None:
    """Share of each draw that has collapsed by ``years``, or None beyond the horizon."""
    at = np.flatnonzero(tally.years == years)
    if at.size == 0:
        return None
    collapsed = tally.collapses[:, :, : at[0] + 1].sum(axis=(1, 2))
    return proportion(collapsed, tally.paths.sum(axis=1))


def _beyond(tally: Tally, years: float) -> Estimate:
    return unknown(f"{years:g} years lie beyond the horizon of {tally.horizon:g}")


def _headline(tally: Tally, name: str) -> Estimate:
    years, holds = HEADLINES[name]
    found = proportion_at(tally, years)
    if found is None:
        return _beyond(tally, years)
    means = 1.0 - found[0] if holds else found[0]
    return probability(means, found[1], tally.paths.sum(axis=1))


def _collapse_between(tally: Tally, start: float, stop: float) -> Estimate:
    early, late = proportion_at(tally, start), proportion_at(tally, stop)
    if early is None or late is None:
        return _beyond(tally, stop)
    paths = tally.paths.sum(axis=1)
    return probability(*proportion(np.rint((late[0] - early[0]) * paths), paths), paths)


def _first_year(tally: Tally) -> Estimate:
    if tally.horizon < 1.0:
        return unknown(f"the horizon of {tally.horizon:g} years ends within the first year")
    return estimate(*by_draw(tally, "troop_years_first"))


def _fill_rate(tally: Tally, model: CompiledModel) -> Estimate:
    target = model.mission.target_troops
    if target == 0:
        return unknown("no troops are planned")
    mean, noise = by_draw(tally, "peak_troops")
    return estimate(mean / target, noise / target**2)


def _soldiers_held(tally: Tally, model: CompiledModel) -> Estimate:
    mean, noise = by_draw(tally, "peak_troops")
    ratio = model.money.rotation_ratio
    return estimate(mean * ratio, noise * ratio**2)


def _backstop_off_share(tally: Tally, model: CompiledModel) -> Estimate:
    """Share of the ceasefire's life without the backstop: a ratio of sums, linearised."""
    if not model.backstop.promised:
        return unknown("no component of the backstop is promised")
    names = list(SUMS)
    off, life = (
        tally.sums[:, :, names.index(name)] / SUMS[name]
        for name in ("backstop_off_years", "lifetime")
    )
    if (life.sum(axis=1) == 0.0).any():
        return unknown("in some draws no ceasefire lives long enough to be measured")
    share = off.sum() / life.sum()
    by_draw_share = off.sum(axis=1) / life.sum(axis=1)
    _, noise = group_means(off - by_draw_share[:, None] * life, tally.paths.astype(np.float64))
    mean_life = life.sum(axis=1) / tally.paths.sum(axis=1)
    spread = estimate(by_draw_share, noise / mean_life**2)
    residual = (off.sum(axis=1) - share * life.sum(axis=1)) / life.sum(axis=1).mean()
    mcse = (
        float(residual.std(ddof=1) / np.sqrt(residual.size)) if residual.size > 1 else spread.mcse
    )
    return Estimate(float(share), mcse, spread.p05, spread.p95, note=spread.note)
