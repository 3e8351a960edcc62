"""Whether the engines agree on a model: world by world, given the worlds, and exactly."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

import numpy as np

from simulator import addresses
from simulator.engines import worlds
from simulator.engines.exact import size_bound
from simulator.engines.records import Expectations
from simulator.model.compiled import CompiledModel, Contributors, FloatArray, restricted
from simulator.templates import rendered
from simulator.verification import against_exact, against_worlds
from simulator.verification.against_exact import AGAINST_EXACT, GIVEN_WORLDS, Agreement

# Arrays by contributor.
BY_CONTRIBUTOR: Final = ("needs_backstop", "aircraft", "ships", "cost_factor")
BY_DRAW_AND_CONTRIBUTOR: Final = ("commitment", "troops", "arrival", "exit_rate")
EXACT_STATES: Final = 10_000  # about a second a draw
AGES: Final = (0.25, 1.0, 2.0, 5.0, 10.0, 20.0)  # and the horizon


def verify(model: CompiledModel, trials: int, exact_draws: int, exact_trials: int) -> Agreement:
    """Compare the engines on a model, simulated as whole paths and as worlds.

    ``exact_draws`` of its draws, spread evenly, are solved too, and held against ``exact_trials``
    worlds of each.
    """
    years = ages(model.horizon)
    rows = np.unique(np.linspace(0, model.draws.size - 1, exact_draws).round().astype(np.int64))
    smaller = largest_solvable(restricted(model, rows), EXACT_STATES)
    checks = (
        *against_worlds.same_worlds(model, trials),
        *against_worlds.given_worlds(model, trials, years),
        *against_exact.against_exact(smaller, sample(smaller, exact_trials, years), years),
    )
    least = {check.method: check.allowed for check in checks}
    notes = rendered(
        "simulator.verification",
        "notes.txt",
        tolerance=against_worlds.TIME_TOLERANCE,
        floor=against_worlds.TIME_FLOOR,
        given_worlds=least[GIVEN_WORLDS],
        exact=least[AGAINST_EXACT],
        false_alarm=against_worlds.FALSE_ALARM_RATE + against_exact.FALSE_ALARM_RATE,
        model=model,
        smaller=smaller,
        trials=trials,
        exact_trials=exact_trials,
    )
    return Agreement(checks, tuple(notes.splitlines()))


def ages(horizon: float) -> FloatArray:
    """Ages at which engines are compared: increasing, up to the horizon."""
    return np.append([age for age in AGES if age < horizon], horizon)


def sample(model: CompiledModel, trials: int, years: FloatArray) -> dict[str, FloatArray]:
    """Outcomes of independent worlds, one value for every draw and trial, by field."""
    found = worlds.simulate_worlds(model, trials, years, addresses.independent_world_uniforms)
    values = {f.name: getattr(found, f.name) for f in fields(Expectations) if f.name != "years"}
    return {name: v.reshape(model.draws.size, trials, *v.shape[1:]) for name, v in values.items()}


def some_contributors(model: CompiledModel, kept: Sequence[int]) -> CompiledModel:
    """Return the model with only these contributors; nobody else's random numbers change."""
    who, force = np.asarray(kept, np.int64), model.contributors
    cut: Contributors = replace(
        force,
        names=tuple(force.names[i] for i in kept),
        **{name: getattr(force, name)[who] for name in BY_CONTRIBUTOR},
        **{name: getattr(force, name)[:, who] for name in BY_DRAW_AND_CONTRIBUTOR},
    )
    return replace(model, contributors=cut)


def largest_solvable(model: CompiledModel, max_states: int) -> CompiledModel:
    """Return the model with as many of its largest contributors as the exact engine can take."""
    force = model.contributors
    mean_troops = (force.commitment * force.troops).mean(axis=0)
    ranked = sorted(
        range(len(force.names)),
        key=lambda i: (-mean_troops[i], -force.aircraft[i] - force.ships[i], force.names[i]),
    )
    cuts = (some_contributors(model, sorted(ranked[:n])) for n in range(len(ranked), 0, -1))
    fitting = (cut for cut in cuts if size_bound(cut) <= max_states)
    return next(fitting, some_contributors(model, []))
