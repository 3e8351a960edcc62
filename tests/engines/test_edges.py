"""Where the fast engine's bookkeeping could go wrong: the horizon, silence, one clock more."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engines import core, reference
from tests.models import CONTRIBUTORS, Contributor, build, eventful


def test_what_is_dated_at_the_horizon_does_not_happen():
    # 33.3 is no round number in binary: a date rounded down by its tag would come before it.
    model = build(horizon=33.3, army_restored=33.3, reconstituted=12.0, failing=0.0, holding=0.0)
    (lives, fast), (_, slow) = (e.simulate(model, 5, 0, 5, log=True) for e in (core, reference))
    assert np.array_equal(fast.row, slow.row)
    assert (fast.time < 33.3).all()
    assert (lives.end_time == 33.3).all()


def test_no_event_at_all():
    model = build(failing=0.0, holding=0.0, kappa_0=1e-12)
    records, log = core.simulate(model, 4, 0, 4, log=True)
    assert log.path.size == 0
    assert (records.cause == -1).all()


def test_one_contributor_more_moves_no_other_clock_by_a_bit():
    # Fifteen contributors that never come: more rows, the same lives.
    more = [Contributor(f"zulu-{i}", 0, commitment=0.0) for i in range(15)]
    base = eventful(draws=2)
    extended = eventful(draws=2, contributors=(*CONTRIBUTORS, *more))
    a, b = (core.simulate(m, 200, 0, 400) for m in (base, extended))
    assert np.array_equal(a.end_time, b.end_time)
    assert np.array_equal(a.cost, b.cost)


def test_too_many_contributors_are_refused_by_number():
    model = build(contributors=[Contributor(f"c{i}", 1) for i in range(252)])
    with pytest.raises(ValueError, match="252 contributors; at most 52"):
        core.simulate(model, 1, 0, 1)
