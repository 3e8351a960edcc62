"""The bounds on chance that everything statistical here rests on: valid, and able to fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from simulator.verification.against_exact import chance_of_deviation, poisson_cap
from tests.verification.bounds import (
    Residual,
    chance_of_residual,
    chance_of_shape,
    chance_of_total,
)

RUNS = 400
# Of RUNS right samples, a valid bound is below 0.05 in 0.05 of them or fewer; more than this many
# happen with probability 1e-6 if it is exactly valid.
MOST = int(binom.isf(1e-6, RUNS, 0.05))


@pytest.fixture
def rng():
    return np.random.default_rng(20251122)


@pytest.mark.parametrize("p", [0.003, 0.3, 0.999])
def test_bound_for_probabilities_is_valid(rng, p):
    means = rng.binomial(2000, p, RUNS) / 2000
    chances = [chance_of_deviation(m, p, 1.0, 2000, variance=m * (1 - m)) for m in means]
    assert sum(chance < 0.05 for chance in chances) <= MOST


def test_bound_for_skewed_values_is_valid(rng):
    # Exponentials cut at 20: far from their cap, skewed.
    values = np.minimum(rng.exponential(size=(RUNS, 500)), 20.0)
    expected = -np.expm1(-20.0)
    chances = [
        chance_of_deviation(v.mean(), expected, 20.0, v.size, variance=v.var(ddof=1))
        for v in values
    ]
    assert sum(chance < 0.05 for chance in chances) <= MOST


def test_bound_is_not_idle():
    # Six standard errors of a proportion; the normal approximation says 2e-9.
    assert chance_of_deviation(0.5 + 6 * 0.5 / 300, 0.5, 1.0, 90_000) < 1e-6
    # Ten standard errors where the cap is a hundred standard deviations away.
    assert chance_of_deviation(1.0 + 1e-2, 1.0, 100.0, 10**6, variance=1.0) < 1e-6


def test_numerical_error_is_allowed_for():
    assert chance_of_deviation(0.51, 0.50, 1.0, 10**6, numerical_error=0.01) == 1.0
    assert chance_of_deviation(0.52, 0.50, 1.0, 10**6, numerical_error=0.01) < 1e-6


@pytest.mark.parametrize(("mean", "expected"), [(1e-6, 0.0), (1 - 1e-6, 1.0)])
def test_what_is_certain_allows_no_deviation(mean, expected):
    assert chance_of_deviation(mean, expected, 1.0, 10**6) == 0.0
    assert chance_of_deviation(expected, expected, 1.0, 10**6) == 1.0


def test_poisson_cap_is_not_passed(rng):
    assert poisson_cap(0.0, 1e-9) == 0.0
    assert rng.poisson(3.0, 10**6).max() < poisson_cap(3.0, 1e-6 / 10**6)


def test_right_gaps_pass_and_wrong_ones_fail(rng):
    good = rng.exponential(size=(RUNS, 300)).tolist()
    assert sum(chance_of_total(gaps) < 0.05 for gaps in good) <= MOST
    assert sum(chance_of_shape(gaps) < 0.05 for gaps in good) <= MOST
    assert chance_of_total((1.05 * rng.exponential(size=20_000)).tolist()) < 1e-8
    erlang = (rng.gamma(2.0, 0.5, size=5000)).tolist()  # the mean is right, the shape is not
    assert chance_of_shape(erlang) < 1e-20


def test_right_residuals_pass_and_wrong_ones_fail(rng):
    def residual(bias):
        p = rng.uniform(0.0, 0.4, 2000)
        seen = rng.uniform(size=p.size) < p * bias
        return Residual(float(seen.sum()), float(p.sum()), float((p * (1 - p)).sum()))

    assert sum(chance_of_residual(residual(1.0)) < 0.05 for _ in range(RUNS)) <= MOST
    assert chance_of_residual(residual(1.6)) < 1e-8


def test_normal_limit_of_the_bound():
    # Far into the tail the bound is within a factor of a few hundred of the normal one: it costs
    # about one standard error.
    n, z = 10**6, 6.0
    chance = chance_of_deviation(0.5 + z * 0.5 / np.sqrt(n), 0.5, 1.0, n)
    assert norm.sf(z) * 2 < chance < norm.sf(z - 1.0) * 2
