"""A compiled model cut down to some of its contributors."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from simulator.engines.exact import size_bound
from simulator.model.compiled import CompiledModel, Contributors

# Arrays by contributor.
BY_CONTRIBUTOR: Final = ("needs_backstop", "aircraft", "ships", "cost_factor")
BY_DRAW_AND_CONTRIBUTOR: Final = ("commitment", "troops", "arrival", "exit_rate")


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
    """Return the model with as many of its largest contributors as the exact engine can take.

    Contributors are ranked by the soldiers they send on average over draws (offer times
    probability), then by aircraft and ships, then by name.
    """
    force = model.contributors
    mean_troops = (force.commitment * force.troops).mean(axis=0)
    ranked = sorted(
        range(len(force.names)),
        key=lambda i: (-mean_troops[i], -force.aircraft[i] - force.ships[i], force.names[i]),
    )
    for count in range(len(ranked), 0, -1):
        smaller = some_contributors(model, sorted(ranked[:count]))
        if size_bound(smaller) <= max_states:
            return smaller
    return some_contributors(model, [])
