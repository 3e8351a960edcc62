"""Where the fast engine's bookkeeping could go wrong: the horizon, ties, certainties, silence.

Worlds in which nothing is left to chance have one outcome, and the exact engine knows it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.engines import exact, reference, worlds
from simulator.model.clocks import row_names
from simulator.model.compiled import STEPS
from simulator.verification import against_worlds
from tests.models import CONTRIBUTORS, Base, Contributor, build, eventful

YEARS = np.array([0.1, 1.0, 5.0, 12.0])
CERTAIN = {"horizon": 12.0, "kappa_0": 1e9, "clamp": (1e-9, 1e9), "failing": 0.4, "kappa": 0.0}
SOME = (
    Contributor("alpha", 3000, aircraft=3, arrival=1.0),
    Contributor("bravo", 2000, ships=2, arrival=2.5, cost_factor=1.4),
)
CERTAINTIES = {
    "nobody": {},
    "a force that comes in two parts": {"contributors": SOME},
    "a ceiling that cuts offers": {"contributors": SOME, "target_troops": 3333.0},
    "as many as needed": {
        "contributors": SOME, "target_troops": 30_000.0, "as_needed": True,
    },
    "a plan of no soldiers": {"contributors": SOME, "target_troops": 0.0, "as_needed": True},
    "a certain refusal": {"contributors": SOME, "consent": 0.0},
    "a refusal that blocks": {"contributors": SOME, "consent": 0.0, "refusal_blocks": 1.0},
    "late forces that rescue": {"contributors": SOME, "rescues": True},
    "rescues under a hazard that ages": {
        "contributors": SOME, "rescues": True, "holding_slope": 0.15,
    },
    "a hazard that fades away": {"holding": 0.5, "holding_slope": -0.3, "w0": 0.1},
    "certain failure": {"w0": 1.0 - 1e-12, "contributors": SOME, "rescues": True},
    "a backstop for good": {"promised": True, "on_at_start": 1.0, "surveillance": True,
                            "watched_km": 500.0},
    "open bases": {"contributors": SOME, "hosts": {"poland": 1.0}, "bases": [Base()]},
    "steps of both sides": {"army_restored": 4.0, "reconstituted": 8.0, "contributors": SOME},
    "reinforced": {
        "contributors": SOME, "reinforcement_ceiling": 9000.0, "reinforcement_rate": 0.7,
        "growth": 2.0, "w0": 0.9,
    },
    "reinforced at once": {
        "contributors": SOME, "reinforcement_ceiling": 9000.0, "reinforcement_rate": 500.0,
        "growth": 2.0, "rescues": True,
    },
    "reinforced to no more than there are": {
        "contributors": SOME, "reinforcement_ceiling": 100.0, "reinforcement_rate": 2.0,
        "growth": 2.0,
    },
    "one cause alone": {"cause_shares": (0.0, 0.0, 1.0), "contributors": SOME},
    "arrivals of one day": {"contributors": [replace(c, arrival=1.0) for c in SOME]},
    "arrivals on the first day": {"contributors": [replace(c, arrival=0.0) for c in SOME]},
    "arrivals on the day of a step": {
        "contributors": [replace(c, arrival=1.5) for c in SOME], "army_restored": 12.0,
        "reconstituted": 12.0,
    },
    "arrivals that rescue on the day of a step": {
        "contributors": [replace(c, arrival=1.5) for c in SOME], "reconstituted": 12.0,
        "rescues": True,
    },
    "steps on the first day": {"army_restored": 0.0, "reconstituted": 0.0},
    "arrivals at the horizon": {"contributors": [replace(c, arrival=12.0) for c in SOME]},
    "arrivals just before the horizon": {
        "contributors": [replace(c, arrival=np.nextafter(12.0, 0.0)) for c in SOME],
    },
}  # fmt: skip


@pytest.mark.parametrize("exponents", [(0.5, 0.5), (2.0, 0.0), (0.0, 2.0), (1.0, 1.0)])
@pytest.mark.parametrize("name", CERTAINTIES)
def test_one_certain_world_is_solved(name, exponents):
    """Up to a first phase of 1e-9 years, and to what is rounded off dates: 1e-12 of the horizon."""
    odds, hazard = exponents
    model = build(**(CERTAIN | CERTAINTIES[name]), odds_exponent=odds, hazard_exponent=hazard)
    found, solved = worlds.simulate(model, 1, YEARS), exact.expectations(model, YEARS)
    for what, estimate in solved.estimates().items():
        scale = np.maximum(1.0, np.abs(estimate.value).max())
        apart = np.abs(getattr(found, what) - estimate.value) - estimate.numerical_error
        assert np.all(apart <= 1e-8 * scale), what


def test_what_is_dated_at_the_horizon_does_not_happen():
    # 33.3 is no round number in binary: a date rounded down would come before it.
    last = 33.3 * STEPS / (STEPS - 0.5)  # of the last step
    model = build(horizon=33.3, army_restored=last, reconstituted=12.0, failing=0.0, holding=0.0,
                  contributors=[Contributor(arrival=33.3)])  # fmt: skip
    log, (records, slow) = worlds.world_log(model, 5), reference.simulate(model, 5)
    assert np.array_equal(log.row, slow.row)
    assert np.count_nonzero(log.row == row_names(model).index("army_restored")) in (15, 20)
    assert (log.time < 33.3).all()
    assert (records.end_time == 33.3).all()
    assert worlds.simulate(model, 5, np.array([33.3])).troop_years[0] < 1e-9


def test_no_event_at_all():
    model = build(failing=0.0, holding=0.0, kappa_0=1e-12)
    assert worlds.world_log(model, 4).path.size == 0
    found = worlds.simulate(model, 4, np.array([30.0]))
    assert found.survival[0, 0] == 1.0
    assert found.rmst[0] == pytest.approx(30.0, rel=1e-15)
    assert not found.events.any()


def test_contributors_that_never_come_move_nothing_by_a_bit():
    # Three more, or seven more: with four at first, their events fit into the same number of bits.
    base = eventful(draws=2, contributors=(*CONTRIBUTORS, Contributor("delta", 900)))
    for number in (3, 7):
        more = [Contributor(f"zulu-{i}", 0, commitment=0.0) for i in range(number)]
        four = (*CONTRIBUTORS, Contributor("delta", 900))
        extended = eventful(draws=2, contributors=(*four, *more))
        a, b = (worlds.simulate(m, 100, np.array([2.0, 20.0])) for m in (base, extended))
        for name in ("survival", "incidence", "soldier_years", "cost", "rmst"):
            assert np.array_equal(getattr(a, name), getattr(b, name)), name


@pytest.mark.slow
@pytest.mark.parametrize("number", [20, 60])
def test_many_contributors(number):
    many = [
        Contributor(
            f"c{i:03}", 500.0 * (1 + i % 5), arrival=i % 3 / 4, exit_rate=0.4 * i / number,
            aircraft=i % 3, commitment=0.3 + 0.6 * i / number, needs_backstop=i % 7 == 0,
            cost_factor=0.8 + 0.4 * i / number,
        )
        for i in range(number)
    ]  # fmt: skip
    model = eventful(draws=2, contributors=many, target_troops=12_000.0)
    for check in against_worlds.same_worlds(model, 8):
        assert check.agrees, check
    for check in against_worlds.given_worlds(model, 8, np.array([2.0, 20.0])):
        assert check.agrees, check
