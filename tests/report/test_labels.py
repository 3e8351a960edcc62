"""Labels keep their distance and stay as near as they can to where they belong."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from simulator.report.canvas import spread

places = st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=12)


@given(places, st.floats(0.1, 20.0))
def test_neighbours_keep_the_gap_in_the_order_of_what_was_wanted(
    wanted: list[float], gap: float
) -> None:
    found = spread(wanted, gap)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [found[i] for i in order]
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(placed))


@given(places, st.floats(0.1, 20.0))
def test_all_stay_within_bounds_and_where_there_is_room_the_gap_is_kept(
    wanted: list[float], gap: float
) -> None:
    found = spread(wanted, gap, -60.0, 60.0)
    assert all(-60.0 - 1e-9 <= p <= 60.0 + 1e-9 for p in found)
    kept = min(gap, 120.0 / max(1, len(wanted) - 1))
    assert all(b - a >= kept - 1e-9 for a, b in pairwise(sorted(found)))


@settings(max_examples=25)
@given(st.lists(st.floats(0.0, 10.0), min_size=2, max_size=6), st.floats(0.5, 4.0))
def test_no_other_placing_is_nearer(wanted: list[float], gap: float) -> None:
    """Against a general solver of the same least-squares problem."""
    wanted = sorted(wanted)
    found = spread(wanted, gap)
    constraints = [
        {"type": "ineq", "fun": lambda p, i=i: p[i + 1] - p[i] - gap}
        for i in range(len(wanted) - 1)
    ]
    start = [wanted[0] + i * (gap + 0.1) for i in range(len(wanted))]
    best = minimize(
        lambda p: sum((a - b) ** 2 for a, b in zip(p, wanted, strict=True)),
        start,
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    ours = sum((a - b) ** 2 for a, b in zip(found, wanted, strict=True))
    # The solver stops where a step gains less than 1e-12; ours may only be better than that.
    assert ours <= best.fun + 1e-6


def test_room_for_nobody_is_shared_evenly() -> None:
    assert spread([5.0, 5.0, 5.0], 10.0, 0.0, 4.0) == pytest.approx([0.0, 2.0, 4.0])
