"""Cost where soldiers change hands under a ceiling."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from simulator.addresses import independent_world_uniforms
from simulator.engines import reference, worlds
from simulator.verification.against_exact import against_exact
from tests.engines.test_reference import scripted
from tests.models import Contributor, build

# Growth to a binding ceiling: an exit or arrival changes who is there, not how many.
MODEL = build(
    contributors=(
        Contributor("cheap", 3000, arrival=0.05, exit_rate=0.5, cost_factor=0.1),
        Contributor("dear", 2500, arrival=0.1, exit_rate=0.3, cost_factor=5.0),
        Contributor("late", 2000, arrival=0.4, exit_rate=0.2),
    ),
    reinforcement_ceiling=6000.0,
    reinforcement_rate=20.0,
    growth=10.0,
    w0=0.95,
    failing=0.2,
)


def test_cost_moves_while_troops_stay_at_the_reinforced_ceiling():
    # Failing from 0.2 on and reinforced at 0.3; "cheap" leaves at 1.05, the horizon is 30.
    numbers = {"resolve": 1.2, "direction:0": 0.1, "reinforcement": 2.0, "exit:cheap": 0.5}
    path = reference.simulate_path(MODEL, 0, 0, scripted(numbers))
    after = [(event.name.split(":")[-1], event.troops, event.cost_troops) for event in path.events]
    assert after == [
        ("cheap", 3000, pytest.approx(300.0)),
        ("dear", 5500, pytest.approx(300.0 + 12_500.0)),
        ("phase", 5500, pytest.approx(12_800.0)),
        ("reinforcement", 6000, pytest.approx(12_800.0 * 6000 / 5500)),
        ("late", 7500, pytest.approx(14_800.0)),
        ("cheap", 6000, pytest.approx(14_500.0 * 6000 / 4500)),
    ]
    records, _ = reference.simulate(MODEL, 1, scripted(numbers))
    steps = [0.05, 0.1, 0.3, 0.4, 1.05, 30.0]
    force = [300.0, 12_800.0, 12_800.0 * 6000 / 5500, 14_800.0, 14_500.0 * 6000 / 4500]
    set_up = sum(max(0.0, b - a) for a, b in zip([0.0, *force], force, strict=False))
    years = math.fsum(f * (b - a) for f, (a, b) in zip(force, pairwise(steps), strict=True))
    assert records.cost == pytest.approx([25_000.0 * set_up + 180_000.0 * years], rel=1e-12)


def test_cost_of_worlds_is_the_exact_one():
    # A false alarm has a probability of at most 1e-6; an error of 3 % is seen.
    years, trials = np.array([30.0]), 100_000
    outcomes = worlds.simulate_worlds(MODEL, trials, years, independent_world_uniforms)
    (check,) = against_exact(MODEL, {"cost": outcomes.cost.reshape(1, trials)}, years)
    assert check.agrees
