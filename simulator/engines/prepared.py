"""What the fast engine works out by draw, before any path is started."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from simulator.engines import tables
from simulator.engines.tables import Effects, Keys, Slots
from simulator.engines.tags import ARMY_RESTORED, MOST_CONTRIBUTORS, RECONSTITUTED, tag
from simulator.model import hazards
from simulator.model.compiled import FORCE_RESPONSES, CompiledModel, FloatArray, IntArray

_CERTAIN: Final = 1e12  # stands for the infinite threshold of those who surely commit, or never

# Fields of the compiled model that are arrays without an axis of draws.
_OF_ALL_DRAWS: Final = {
    "needs_backstop",
    "aircraft",
    "ships",
    "cost_factor",
    "base_host",
    "base_capacity",
    "base_distance_km",
}

# Rows of `Prepared.parameters`.
SHARES, ODDS_SHARES = slice(0, 3), slice(3, 6)
HAZARD_BY_PHASE = slice(6, 9)
LOW, HIGH, LOGIT_W0, RHO, HALF_TROOPS, KAPPA, SLOPE, CONTAGION, REINFORCEMENT, GROWTH = range(9, 19)


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """Tables of a model, laid out so that lanes are filled by taking columns.

    What a model does not have, the engine does not compute: see the last attributes (a sixth of
    a run without a force).

    Attributes
    ----------
    model : CompiledModel
        Restricted to the draws that are needed.
    commit_threshold : float64 array, shape (N, D)
        ndtri(commitment) / sqrt(1 - r): the copula's threshold.
    commit_loading : float64 array, shape (D,)
        sqrt(r / (1 - r)): what the common shock takes off it.
    offer : float64 array, shape (N, D)
    rank_bit : float64 array, shape (N, D)
        ``2 ** slot`` of each contributor.
    milestones : int64 array, shape (2, D)
        Tagged times of the army restored and of Russia reconstituted.
    parameters : float64 array, shape (P, D)
        Rows named by this module's slices and indices. Bounds on effects are, as the effects
        themselves, times 1 - rho (see `Effects`), and `ODDS_SHARES` makes up for it.
    clamps_low, clamps_high : bool
        Whether any effect can reach the clamp.
    """

    model: CompiledModel
    contributors: int
    keys: Keys
    slots: Slots
    effects: Effects
    commit_threshold: FloatArray
    commit_loading: FloatArray
    offer: FloatArray
    rank_bit: FloatArray
    milestones: IntArray
    parameters: FloatArray
    clamps_low: bool
    clamps_high: bool
    has_ageing: bool
    has_ceiling: bool
    has_cost_factors: bool
    has_doubling: bool
    has_refusal: bool
    has_switching: bool
    has_troops: bool
    has_unarmed: bool


def prepare(model: CompiledModel, first_row: int, last_row: int) -> Prepared:
    """Work out the tables for the draws ``[first_row, last_row)`` of a model.

    The cost is linear in these draws and independent of the paths.

    Raises
    ------
    ValueError
        If the model has more contributors than a tag can tell apart.
    """
    number = len(model.contributors.names)
    if number > MOST_CONTRIBUTORS:
        raise ValueError(f"{number} contributors; at most {MOST_CONTRIBUTORS} can be simulated")
    model = _restrict(model, slice(first_row, last_row))
    force, h = model.contributors, model.hazards
    r = force.political_correlation
    threshold = ndtri(force.commitment) / np.sqrt(1.0 - r)[:, None]
    order = np.argsort(force.arrival, axis=1, kind="stable")
    scale = tables.share_in_hazards(h)
    effects = tables.effects(model, scale)
    parameters = _parameters(model, scale)
    least, most = tables.range_of(effects, model)
    has_troops = bool(np.any(force.troops > 0.0))
    return Prepared(
        model=model,
        contributors=number,
        keys=tables.keys(model),
        slots=tables.slots(model, order),
        effects=effects,
        commit_threshold=np.ascontiguousarray(np.clip(threshold, -_CERTAIN, _CERTAIN).T),
        commit_loading=np.sqrt(r / (1.0 - r)),
        offer=np.ascontiguousarray(force.troops.T),
        rank_bit=np.ascontiguousarray(np.exp2(np.argsort(order, axis=1)).T),
        milestones=np.stack(
            [
                tag(model.milestones.army_restored, ARMY_RESTORED),
                tag(model.milestones.reconstituted, RECONSTITUTED),
            ]
        ),
        parameters=parameters,
        clamps_low=bool(np.any(least < parameters[LOW])),
        clamps_high=bool(np.any(most > parameters[HIGH])),
        has_ageing=bool(np.any(h.holding_slope != 0.0)),
        has_ceiling=model.mission.reinforcement_ceiling is not None,
        has_cost_factors=has_troops and bool(np.any(force.cost_factor != 1.0)),
        has_doubling=has_troops and bool(np.any(effects.doubling)),
        has_refusal=number > 0 and bool(np.any(model.mission.consent < 1.0)),
        has_switching=bool(np.any(h.kappa > 0.0)),
        has_troops=has_troops,
        has_unarmed=bool(np.any(force.troops == 0.0)),
    )


def _restrict(model: CompiledModel, rows: slice) -> CompiledModel:
    """Views of the given draws: a block of paths pays for its own draws only."""

    def restrict(part: Any) -> Any:
        values = {f.name: getattr(part, f.name) for f in fields(part)}
        return replace(
            part,
            **{
                name: value[rows]
                for name, value in values.items()
                if isinstance(value, np.ndarray) and name not in _OF_ALL_DRAWS
            },
        )

    parts = {f.name: getattr(model, f.name) for f in fields(model)}
    simple = {name: parts.pop(name) for name in ("seed", "draws", "horizon")}
    simple["draws"] = simple["draws"][rows]
    return replace(model, **simple, **{name: restrict(part) for name, part in parts.items()})


def _parameters(model: CompiledModel, scale: FloatArray) -> FloatArray:
    h, presence = model.hazards, model.presence
    with np.errstate(divide="ignore"):  # a posture without any effect halves it at no number
        half = presence.half_effect * presence.front_km / presence.posture_factor
    # Any presence trips the wire: t / (t + tiny) is 0 without troops and 1 with any.
    trips = presence.response == FORCE_RESPONSES.index("tripwire")
    half = np.maximum(np.where(trips, 0.0, half), np.finfo(np.float64).tiny)
    rows: list[FloatArray] = [
        *h.cause_shares.T,
        *(h.cause_shares.T / scale),
        hazards.establishing_hazard(h),
        h.holding,
        h.failing,
        scale * h.log_clamp_low,
        scale * h.log_clamp_high,
        h.logit_w0,
        h.rho,
        half,
        h.kappa,
        h.holding_slope,
        model.contributors.exit_contagion,
        model.mission.reinforcement_rate,
        model.mission.growth,
    ]
    return np.stack(rows)
