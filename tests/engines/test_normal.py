"""Comparisons with the normal distribution function."""

import numpy as np
from scipy.special import ndtr

from simulator.engines import normal
from simulator.engines.normal import below_ndtr

SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53  # uniforms that addresses can give


def on_both_sides() -> tuple[np.ndarray, np.ndarray]:
    """Numbers at, just beside and about the distribution function, over all that x can be."""
    x = np.concatenate([np.linspace(-9.0, 9.0, 20_001), [-1e12, -40.0, 40.0, 1e12]])
    p = ndtr(x)
    beside = [p, np.nextafter(p, 0.0), np.nextafter(p, 1.0)]
    beside += [p + shift for shift in (-3e-4, -2e-4, -1.4e-4, -1e-6, 1e-6, 1.4e-4, 2e-4, 3e-4)]
    beside += [np.full_like(p, u) for u in (SMALLEST, 1e-5, 0.5, 1.0 - 1e-5, LARGEST)]
    u = np.clip(np.array(beside), SMALLEST, LARGEST)
    return u, np.broadcast_to(x, u.shape)


def test_every_comparison_is_exact():
    u, x = on_both_sides()
    np.testing.assert_array_equal(below_ndtr(u, x), u < ndtr(x))


def test_less_doubt_would_be_noticed(monkeypatch):
    monkeypatch.setattr(normal, "DOUBT", np.float32(1.3e-4))
    u, x = on_both_sides()
    assert np.any(below_ndtr(u, x) != (u < ndtr(x)))


def test_nearly_all_are_decided_without_the_distribution_function(monkeypatch):
    asked = []

    def counted(x):
        asked.append(x.size)
        return ndtr(x)

    monkeypatch.setattr(normal, "ndtr", counted)
    u, x = (np.random.default_rng(0).random((12, 4096)) for _ in range(2))
    below_ndtr(u, x)
    # |u - p| < 2e-4 happens to 4e-4 of them: 20 of 49,152; twice as many are 4 SE away.
    assert sum(asked) <= 40
