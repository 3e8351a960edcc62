"""Cost where soldiers change hands under a ceiling."""

from __future__ import annotations

import pytest

from simulator.engines import core, reference
from tests.models import Contributor, build

PATHS = 200


def test_cost_moves_while_troops_stay_at_the_reinforced_ceiling():
    # Growth to a binding ceiling: an exit or arrival changes who is there, not how many.
    model = build(
        contributors=(
            Contributor("cheap", 3000, arrival=0.05, exit_rate=0.5, cost_factor=0.1),
            Contributor("dear", 2500, arrival=0.1, exit_rate=0.3, cost_factor=5.0),
            Contributor("late", 2000, arrival=0.4, exit_rate=0.2),
        ),
        reinforcement_ceiling=4000.0,
        reinforcement_rate=20.0,
        growth=10.0,
        w0=0.95,
        failing=0.2,
    )
    fast = core.simulate(model, PATHS, 0, PATHS)
    slow = reference.simulate(model, PATHS, 0, PATHS)
    assert fast.cost == pytest.approx(slow.cost, rel=1e-9)
    assert (fast.cost > 0).all()
