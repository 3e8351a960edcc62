"""The fast engine against formulas, and in the tail where careless arithmetic breaks.

Nothing here is sampled: within a world survival is a formula. Tolerances are those of the
arithmetic.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from simulator import addresses
from simulator.engines import worlds
from simulator.model.clocks import row_names
from simulator.model.compiled import FACTORS
from tests.models import Contributor, build, eventful

READINGS = {
    "memoryless": (math.log(2) / 25, 0.0),
    "quartiles": (0.00215, 0.1535),
    "record": (0.015, 0.0),
}
YEARS = np.array([0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 29.9])
AT_ONCE = 1e12  # a first phase that takes 1e-12 years
FLAT = dict.fromkeys(FACTORS, 1.0)


def exponential(model, name, trials):
    """Return the unit exponentials of a clock of the first draw, straight from their addresses."""
    return -np.log(
        addresses.world_uniforms(model.seed, name, model.draws[:1], np.arange(trials))[0]
    )


@pytest.mark.parametrize("reading", READINGS)
def test_two_regimes(reading):
    """No force, no steps, no later draws: the mixture of docs/model.md, eq. 23."""
    a, b = READINGS[reading]
    w0, failing = 0.58, 0.857
    model = build(
        w0=w0, failing=failing, holding=a, holding_slope=b, kappa_0=AT_ONCE, reconstituted=0.0
    )
    found = worlds.simulate(model, 1, YEARS)

    def holding(t):
        return np.exp(-a * t if b == 0.0 else -a * np.expm1(b * t) / b)

    closed = w0 * np.exp(-failing * YEARS) + (1 - w0) * holding(YEARS)
    assert found.survival[0] == pytest.approx(closed, abs=1e-10)
    shares = np.array([0.5, 0.35, 0.15])[:, None]
    assert found.incidence[0] == pytest.approx(shares * (1 - closed), abs=1e-10)
    ending = w0 * failing * np.exp(-failing * YEARS)
    ending += (1 - w0) * a * np.exp(b * YEARS) * holding(YEARS)
    assert found.ending_rate[0] == pytest.approx(ending, abs=1e-10)
    area, _ = quad(holding, 0.0, 30.0, epsabs=1e-13)
    years = w0 * -math.expm1(-failing * 30.0) / failing + (1 - w0) * area
    assert found.rmst[0] == pytest.approx(years, abs=1e-9)


@pytest.mark.parametrize("horizon", [0.5, 5.0, 20.0, 30.0, 60.0, 100.0])
@pytest.mark.parametrize(
    ("a", "b"),
    [(0.00215, 0.1535), (0.0086, 0.1535), (0.1, 0.1535), (1e-6, 0.5), (1e-12, 2.0), (0.5, -0.3)],
)
def test_mean_years_under_ageing_in_one_segment(a, b, horizon):
    model = build(
        w0=1e-15, holding=a, holding_slope=b, failing=1.0, kappa_0=AT_ONCE, reconstituted=0.0,
        horizon=horizon,
    )  # fmt: skip
    found = worlds.simulate(model, 1, np.array([horizon])).rmst[0]
    cuts = np.linspace(0.0, horizon, 101)
    pieces = [
        quad(lambda t: np.exp(-a * np.expm1(b * t) / b), *cut, epsabs=1e-14)[0]
        for cut in pairwise(cuts)
    ]
    assert found == pytest.approx(sum(pieces), abs=2e-10 * horizon)


def test_ageing_in_the_far_tail():
    # The cumulative hazard passes 37, where 1 - exp(-H) is 1 in doubles, long before the horizon.
    a, b = 1e-12, 2.0
    years = np.array([5.0, 10.0, 12.0, 14.0, 16.0, 30.0])
    for horizon in (30.0, 300.0):
        model = build(
            w0=1e-15, holding=a, holding_slope=b, failing=1.0, kappa_0=AT_ONCE, reconstituted=0.0,
            horizon=horizon, cause_shares=(1.0, 0.0, 0.0),
        )  # fmt: skip
        found = worlds.simulate(model, 1, np.append(years, horizon) if horizon > 30.0 else years)
        closed = np.exp(-a * np.expm1(b * years) / b)
        assert found.survival[0, : years.size] == pytest.approx(closed, abs=1e-13)
        assert found.incidence[0, 0, : years.size] == pytest.approx(1.0 - closed, abs=1e-13)
        assert np.all(np.isfinite(found.ending_rate))


def test_a_late_arrival_with_a_fast_exit():
    # Rate times time is 400 on arrival. Had the clock run since the ceasefire, or been sampled
    # through 1 - exp(-H), everybody would leave at once.
    model = build(
        contributors=[Contributor(arrival=20.0, exit_rate=20.0)], failing=0.0, holding=0.0
    )
    n = 2_000
    log = worlds.world_log(model, n)
    leaves = log.time[log.row == 0][1::2]
    stay = exponential(model, "exit:alpha", n) / 20.0
    assert leaves == pytest.approx(20.0 + stay, rel=1e-11)
    found = worlds.simulate_worlds(model, n, np.array([30.0]))
    assert found.troop_years == pytest.approx(1000.0 * stay, abs=1e-7)
    assert found.events[:, 1] == pytest.approx(np.ones(n))


@pytest.mark.parametrize("rate", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_any_hazard_gives_its_exponential(rate):
    model = build(
        w0=0.5, failing=rate, holding=rate, kappa_0=0.0, reconstituted=0.0, horizon=100.0,
        cause_shares=(0.0, 1.0, 0.0),
    )  # fmt: skip
    years = np.array([1e-13, 1e-3, 1.0, 100.0])
    found = worlds.simulate(model, 1, years)
    assert found.survival[0] == pytest.approx(np.exp(-rate * years), rel=1e-12, abs=1e-15)
    assert found.incidence[0, 1] == pytest.approx(-np.expm1(-rate * years), rel=1e-12)
    lasting = 100.0 if rate < 1e-200 else -math.expm1(-100.0 * rate) / rate
    assert found.rmst[0] == pytest.approx(lasting, rel=1e-12)


@pytest.mark.parametrize("rate", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_any_rate_of_an_event_gives_its_exponential(rate):
    model = build(kappa_0=rate, horizon=100.0)
    n = 500
    log = worlds.world_log(model, n)
    waits = exponential(model, "resolve", n) / rate
    kept = log.row == row_names(model).index("phase")
    assert np.array_equal(log.path[kept], np.flatnonzero(waits < 100.0))
    # Times are rounded to some 2**-40 of the horizon.
    assert log.time[kept] == pytest.approx(waits[waits < 100.0], abs=1e-9)


def test_masses_follow_the_draws_of_the_phase():
    """Without effects, by hand along the draws of the log: eqs. 17, 18 and 20."""
    w0, failing, holding, slope = 0.4, 0.3, 0.02, 0.1
    model = build(
        w0=w0, failing=failing, holding=holding, holding_slope=slope, kappa=0.4, kappa_0=2.0,
        hr=FLAT, reconstituted=0.0,
    )  # fmt: skip
    n = 200
    log = worlds.world_log(model, n)
    drawn = defaultdict(list)
    kept = log.row == row_names(model).index("phase")
    for world, time in zip(log.path[kept], log.time[kept], strict=True):
        drawn[world].append(float(time))
    found = worlds.simulate_worlds(model, n, np.array([30.0])).survival[:, 0]
    first = w0 * failing + (1 - w0) * holding
    assert max(len(times) for times in drawn.values()) > 12
    for world in range(n):
        times = [*drawn[world], 30.0]
        alive = math.exp(-first * times[0])
        for begin, end in pairwise(times):
            used = holding * (math.exp(slope * end) - math.exp(slope * begin)) / slope
            alive *= w0 * math.exp(-failing * (end - begin)) + (1 - w0) * math.exp(-used)
        assert found[world] == pytest.approx(alive, rel=1e-9, abs=1e-12)


@pytest.mark.slow
def test_drawing_the_phase_anew_is_a_renewal():
    # Between two draws it lasts B = w / (h_f + kappa) + (1 - w) / (h_h + kappa) years, and is
    # drawn anew with probability kappa B. The mean over 20,000 worlds, whose standard deviation is
    # below that of the exponential life; 5 standard errors are passed with probability 6e-7.
    w, failing, holding, kappa, n = 0.3, 0.8, 0.1, 0.4, 20_000
    model = build(
        w0=w, failing=failing, holding=holding, kappa=kappa, kappa_0=AT_ONCE, hr=FLAT,
        horizon=200.0,
    )  # fmt: skip
    found = worlds.simulate_worlds(
        model, n, np.array([200.0]), addresses.independent_world_uniforms
    ).rmst
    between = w / (failing + kappa) + (1 - w) / (holding + kappa)
    renewed = between / (1 - kappa * between)
    assert abs(found.mean() - renewed) < 5.0 * found.std() / math.sqrt(n)
    assert found.std() < renewed


@pytest.mark.parametrize("rate", [1e-12, 1e-6, 0.3, 1.0, 1e3])
def test_reinforcement_that_changes_nothing_changes_nothing(rate):
    # With the same force the two pairs of masses have equal rates, but for that of reinforcement;
    # for the smallest of them the difference of exponentials is the limit of equal rates.
    settings = {"draws": 2, "kappa": 0.3, "growth": 1.0, "rescues": True, "stays": True}
    plain = worlds.simulate(eventful(**settings, reinforcement_ceiling=None), 50, YEARS)
    split = worlds.simulate(
        eventful(**settings, reinforcement_ceiling=1e9, reinforcement_rate=rate), 50, YEARS
    )
    for name in ("survival", "incidence", "ending_rate", "soldier_years"):
        assert getattr(split, name) == pytest.approx(getattr(plain, name), rel=1e-9), name
    for name in ("rmst", "troop_years", "peak_troops", "cost", "backstop_off_years"):
        assert getattr(split, name) == pytest.approx(getattr(plain, name), rel=1e-9), name
    assert np.all(split.events[:, 6] > 0.0)


def test_reinforcement_by_its_formula():
    """One failing ceasefire, a force there from day 0: eq. 22, also where its rates meet."""
    failing, ratio, years = 0.4, 1.7, np.array([1.0, 3.0, 10.0])
    for r in (0.05, 0.28 - 1e-9, 0.28, 0.28 + 1e-9, 2.0):
        model = build(
            contributors=[Contributor(troops=1000, arrival=0.0)],
            reinforcement_ceiling=1e6,
            reinforcement_rate=r,
            growth=3.0,
            response="doubling",  # log2(1 + 3) - log2(1 + 1) = 1 doubling more
            hr_per_doubling=ratio,
            hr=FLAT,
            odds_exponent=0.0,
            hazard_exponent=1.0,
            clamp=(1e-9, 1e9),
            w0=1.0 - 1e-13,
            failing=failing / ratio,
            kappa_0=AT_ONCE,
            horizon=10.0,
        )
        own, more = failing, failing * ratio  # one doubling, and two; own + r = more at 0.28
        found = worlds.simulate(model, 1, years)
        a, apart = own + r, more - own - r
        lost = np.exp(-a * years) * -np.expm1(-apart * years)
        enlarged = r * (years * np.exp(-a * years) if abs(apart) < 1e-8 else lost / apart)
        assert found.survival[0] == pytest.approx(np.exp(-a * years) + enlarged, rel=1e-7)
        inflow = r * -math.expm1(-a * 10.0) / a
        assert found.events[0, 6] == pytest.approx(inflow, rel=1e-9)
        assert found.peak_troops[0] == pytest.approx(1000.0 + 2000.0 * inflow, rel=1e-9)
