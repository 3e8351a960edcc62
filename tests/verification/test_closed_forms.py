"""The fast engine against formulas, and in the tail where careless sampling breaks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import addresses
from simulator.analysis.against_exact import chance_of_deviation
from simulator.engines import core
from tests.models import Contributor, build

READINGS = {
    "memoryless": (math.log(2) / 25, 0.0),
    "quartiles": (0.00215, 0.1535),
    "record": (0.015, 0.0),
}
YEARS = np.array([0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 29.9])


def two_regimes(reading, paths):
    """Return simulated and closed survival at `YEARS`: no force, no milestones, no switching."""
    a, b = READINGS[reading]
    w0, failing = 0.58, 0.857
    model = build(
        w0=w0, failing=failing, holding=a, holding_slope=b, kappa_0=1e9, reconstituted=0.0
    )
    lives = core.simulate(model, paths, 0, paths).end_time
    cumulative = a * YEARS if b == 0.0 else a * np.expm1(b * YEARS) / b
    closed = w0 * np.exp(-failing * YEARS) + (1 - w0) * np.exp(-cumulative)
    return (lives[:, None] > YEARS).mean(axis=0), closed


@pytest.mark.parametrize("reading", READINGS)
def test_two_regimes(reading):
    n = 100_000
    seen, closed = two_regimes(reading, n)
    # Three readings share 1e-6; the first phase is worth less than 1e-9.
    for mean, expected in zip(seen, closed, strict=True):
        chance = chance_of_deviation(mean, expected, 1.0, n, numerical_error=1e-9)
        assert chance > 1e-6 / (3 * YEARS.size)


@pytest.mark.long
@pytest.mark.parametrize("reading", READINGS)
def test_two_regimes_within_four_standard_errors(reading):
    n = 1_000_000
    seen, closed = two_regimes(reading, n)
    assert np.all(np.abs(seen - closed) < 4.0 * np.sqrt(closed * (1 - closed) / n))


def exponential(model, name, paths):
    """Return the unit exponentials of a clock, straight from their addresses."""
    base = addresses.path_base(model.seed, model.draws[0], np.arange(paths))
    key = addresses.occurrence_key(addresses.stream_key(model.seed, name), 0)
    return addresses.exponentials(base, key)


def test_ageing_inverts_the_cumulative_hazard_in_the_far_tail():
    # The cumulative hazard passes 37, where 1 - exp(-H) is 1 in doubles, long before the horizon:
    # what is left must still be resolved. t = log(1 + b E / a) / b, path by path.
    a, b = 1e-12, 2.0
    model = build(
        w0=1e-15,
        holding=a,
        holding_slope=b,
        failing=1.0,
        kappa_0=1e15,
        reconstituted=0.0,
        cause_shares=(1.0, 0.0, 0.0),
    )
    n = 2000
    budget = exponential(model, "cause:offensive", n)
    lives = core.simulate(model, n, 0, n).end_time
    assert a * math.expm1(b * model.horizon) / b > 37.0
    assert lives == pytest.approx(np.log1p(b * budget / a) / b, rel=1e-12)


def test_a_late_arrival_with_a_fast_exit():
    # Rate times time is 400 on arrival. Had the clock run since the ceasefire, or been sampled
    # through 1 - exp(-H), everybody would leave at once.
    model = build(
        contributors=[Contributor(arrival=20.0, exit_rate=20.0)], failing=0.0, holding=0.0
    )
    n = 2000
    records, log = core.simulate(model, n, 0, n, log=True)
    leaves = log.time[log.row == 0][1::2]
    assert leaves == pytest.approx(20.0 + exponential(model, "exit:alpha", n) / 20.0, rel=1e-12)
    assert np.array_equal(records.events[:, 1], np.ones(n))


@pytest.mark.parametrize("rate", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_any_rate_gives_its_exponential(rate):
    model = build(
        w0=0.5, failing=rate, holding=rate, kappa_0=0.0, reconstituted=0.0, horizon=100.0,
        cause_shares=(0.0, 1.0, 0.0),
    )  # fmt: skip
    n = 500
    lives = core.simulate(model, n, 0, n).end_time
    expected = np.minimum(exponential(model, "cause:escalation", n) / rate, 100.0)
    assert lives == pytest.approx(expected, rel=1e-12)
