"""Engines that are wrong on purpose: what a battery is worth is what it catches.

A mutant is the fast engine with one mistake, made either in the model that the engine believes it
was given, or in a function of its modules. All other random numbers stay the same. Mistakes in the
random numbers themselves are in `tests.verification.test_even_draws`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from simulator.engines.worlds import integrals, masses, starts, states, timeline
from simulator.model import formulas
from simulator.model.compiled import CAUSES, CompiledModel
from tests.verification.battery import Engine

blocks = import_module("simulator.engines.worlds.simulate")  # the package has a function so named


def _part(name: str, **changes: Callable[[Any], Any]) -> Engine:
    """Return an engine for which one part of the model has other values."""

    @contextmanager
    def engine(model: CompiledModel) -> Iterator[CompiledModel]:
        part = getattr(model, name)
        new = {field: alter(getattr(part, field)) for field, alter in changes.items()}
        yield replace(model, **{name: replace(part, **new)})

    return engine


def _calling(target: Any, name: str, wrong: Callable[..., Any]) -> Engine:
    """Return an engine that calls another function, which gets the right one first."""

    @contextmanager
    def engine(model: CompiledModel) -> Iterator[CompiledModel]:
        right = getattr(target, name)

        def called(*args: Any, **options: Any) -> Any:
            return wrong(right, *args, **options)

        with patch.object(target, name, called):
            yield model

    return engine


def _without(cause: str) -> Callable[[np.ndarray], np.ndarray]:
    others = np.array([name != cause for name in CAUSES], float)
    return lambda shares: shares * others


# --- random numbers and clocks ----------------------------------------------------------------


def _biased(right, *args):
    return 1.05 * right(*args)


def _repeated(right, self, name):
    """Two sojourns of the backstop, or waits for the phase, take one number."""
    clock, _, number = name.partition(":")
    if clock in ("backstop", "phase") and number.isdigit():
        name = f"{clock}:{int(number) // 2 * 2}"
    return right(self, name)


def _all_at_once(right, date):
    return np.repeat(date[:, None], right(date).shape[1], axis=1)


# --- masses -----------------------------------------------------------------------------------


def _shares_swapped(right, *args):
    moved = right(*args)
    return masses.Transfers(moved.of_failing, moved.of_holding)


def _dropped(right, model, line, state, of):
    """At a draw of the phase, what was failing and should hold is forgotten."""
    moved = right(model, line, state, of)
    drawn = masses.drawn_anew(line)
    moved.of_failing[drawn] = 0.0
    return moved


def _of_the_first_day(right, model, line, state, of):
    first = np.concatenate([np.arange(width) for width in line.width])
    return right(model, line, state, replace(of, log_m=of.log_m.take(first, axis=1)))


def _aged_from_the_draw(right, model, tables, line, state, of):
    """The age of the segment in the place of that of the ceasefire."""
    return right(model, tables, replace(line, start=np.zeros_like(line.start)), state, of)


def _aged_to_the_end(right, model, tables, line, state, of):
    return right(model, tables, replace(line, start=line.start + line.length), state, of)


def _rescued_by_a_rise(right, model, line, state, of):
    h = model.hazards
    upside_down = replace(h, odds_exponent=-h.odds_exponent)
    return right(replace(model, hazards=upside_down), line, state, of)


def _rescued_in_full(right, model, line, state, of):
    return (right(model, line, state, of) > 0.0).astype(np.float64)


# --- reinforcement ----------------------------------------------------------------------------


def _inflow_lost(right, *args):
    inflow, left, spent = right(*args)
    return inflow, np.zeros_like(left), spent


def _enlarged_without_effect(right, model, state, troops):
    return troops if troops is state.come else right(model, state, troops)


def _peak_forgotten(right, *args):
    h, f, peak = right(*args)
    return h, f, np.zeros_like(peak)


# --- what is read off -------------------------------------------------------------------------


def _split_before(right, model, line, state, parts, *args):
    """Causes share a collapse as in the segment before."""
    late = []
    for part in parts:
        split = part.split.copy()
        for before, here in line.steps():
            split[:, here] = part.split[:, before]
        late.append(replace(part, split=split))
    return right(model, line, state, late, *args)


def _read_before(right, line, *args):
    at = right(line, *args)
    offset = np.asarray(line.offset)
    rank = np.searchsorted(offset, at, side="right") - 1
    return np.where(rank > 0, at - offset[rank] + offset[np.maximum(rank - 1, 0)], at)


def _cut_at_the_end_of_a_segment(right, line, amounts):
    """Soldier-years until an age include those of its whole segment."""
    found = right(line, amounts)
    found[0] += amounts[0]
    return found


def _paid_on_leaving(right, line, amount):
    return right(line, -amount)


def _refused_in_full(right, tables, draw, troops):
    return np.ones_like(troops)


MUTANTS: Final[dict[str, Engine]] = {
    # in the model
    "a cause dropped": _part("hazards", cause_shares=_without("unravelling")),
    "clamp ignored": _part(
        "hazards",
        log_clamp_low=lambda low: low - 50.0,
        log_clamp_high=lambda high: high + 50.0,
    ),
    "exit rate halved": _part("contributors", exit_rate=lambda rate: rate / 2.0),
    "backstop never regained": _part("backstop", regain_rate=np.zeros_like),
    "exit clocks not rescaled": _part("contributors", exit_contagion=np.zeros_like),
    "ageing ignored": _part("hazards", holding_slope=np.zeros_like),
    "reinforcement without ceiling": _part("mission", reinforcement_ceiling=lambda _: 1e9),
    "refusal ignored": _part("mission", consent=np.ones_like),
    "common shock ignored": _part("contributors", political_correlation=np.zeros_like),
    "arrivals a month late": _part("contributors", arrival=lambda years: years + 1.0 / 12.0),
    "whole effect on the odds": _part("hazards", odds_exponent=np.ones_like),
    "no effect on the hazards": _part("hazards", hazard_exponent=np.zeros_like),
    "phase redrawn twice as often": _part("hazards", kappa=lambda rate: 2.0 * rate),
    "departures forgotten": _part("presence", stays=np.ones_like),
    "effects that leave with the force": _part("presence", stays=np.zeros_like),
    "too late to rescue": _part("hazards", rescues=np.zeros_like),
    "dose without limit": _part("presence", most_dose=lambda most: 9.0 * most),
    "offers as needed": _part("mission", as_needed=lambda _: True),
    # in its functions
    "establishing as dangerous as failing": _calling(
        formulas, "establishing_hazard", lambda right, h: h.failing
    ),
    "biased exponential": _calling(starts.Numbers, "exponential", _biased),
    "a clock that repeats its numbers": _calling(starts.Numbers, "uniform", _repeated),
    "armies in one step": _calling(timeline, "step_times", _all_at_once),
    "a mass dropped at a redraw": _calling(masses, "transfers", _dropped),
    "redrawn by the phase before": _calling(masses, "transfers", _shares_swapped),
    "w of the first day": _calling(masses, "transfers", _of_the_first_day),
    "age of the segment": _calling(masses, "holding_decay", _aged_from_the_draw),
    "age at the end of the segment": _calling(masses, "holding_decay", _aged_to_the_end),
    "rescued by a rise": _calling(masses, "_rescued", _rescued_by_a_rise),
    "rescued in full": _calling(masses, "_rescued", _rescued_in_full),
    "reinforced inflow lost": _calling(masses, "flow", _inflow_lost),
    "largest force without reinforcement": _calling(masses, "follow_enlarged", _peak_forgotten),
    "split of the segment before": _calling(blocks, "outcomes", _split_before),
    "curves read in the segment before": _calling(integrals, "_held_at", _read_before),
    "first year cut at the wrong place": _calling(
        integrals, "_earlier", _cut_at_the_end_of_a_segment
    ),
    "paid on leaving": _calling(integrals, "rise", _paid_on_leaving),
    "refusal in full from the first soldier": _calling(states, "_refusal", _refused_in_full),
}
