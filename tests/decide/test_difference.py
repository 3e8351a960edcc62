"""Shares of the variance of a difference, against closed forms and repeated runs."""

import numpy as np
import pytest
from scipy.stats import norm

from simulator.decide.information import terms
from simulator.decide.regret import decides

from .conftest import draws_of, interval, normals


def test_ishigami() -> None:
    """First-order shares of the Ishigami function (7, .1): .3139, .4424, 0."""
    x = np.pi * (2.0 * norm.cdf(normals(3, 10, seed=1)) - 1.0)
    y = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    draws = draws_of(np.stack([y, 0.0 * y]), {"a": x[0], "b": x[1], "c": x[2]})
    found = {one.name: one for one in decides(draws, y, terms(draws))}
    for name, expected in {"a": 0.3139, "b": 0.4424, "c": 0.0}.items():
        share = found[name].share
        assert abs(share.value - expected) <= max(3.0 * share.mcse, 1e-3)
        assert abs(share.value - expected) <= 0.01
    assert [one.name for one in found.values() if one.clear] == ["b", "a"]


@pytest.mark.slow
def test_noise_is_taken_off_and_errors_cover() -> None:
    """300 runs of x, of a curve of y, and of a null; .9 intervals.

    Of intervals that cover 90 %, one test in 1,000 would find fewer than 253 or more than 286.
    """
    runs, size = 300, 640
    expected = {"x": 1.0 / 3.0, "y": 1.0 / 6.0, "null": 0.0}
    hits = dict.fromkeys(expected, 0)
    clear = dict.fromkeys(expected, 0)
    shares = {name: [] for name in expected}
    for number in range(runs):
        x, y, null, noise = np.random.default_rng([2, number]).standard_normal((4, size))
        difference = x + (y * y - 1.0) / 2.0 + np.sqrt(1.5) * noise
        draws = draws_of(np.stack([difference, 0.0 * x]), {"x": x, "y": y, "null": null})
        for one in decides(draws, difference, terms(draws)):
            low, high = interval(one.share, 0.9)
            hits[one.name] += low <= expected[one.name] <= high
            clear[one.name] += one.clear
            shares[one.name].append(one.share.value)
    for name in expected:
        assert np.mean(shares[name]) == pytest.approx(expected[name], abs=0.02)
    for name in ("x", "y"):
        assert 253 <= hits[name] <= 286
        assert clear[name] >= 295
    assert clear["null"] <= 3  # .1 expected at a false alarm of 1e-3 over three


def test_parts_show_the_ends_and_the_options() -> None:
    rng = np.random.default_rng(3)
    x = rng.random(5_000)
    option = np.array(["low", "high", "-"], object)[rng.integers(0, 3, x.size)]
    difference = x + 2.0 * (option == "high")
    draws = draws_of(np.stack([difference, 0.0 * x]), {"x": x}, {"c": option})
    first, second = decides(draws, difference, terms(draws))
    assert [(part.label, part.low) for part in first.parts] == [("low", None), ("high", None)]
    assert first.parts[1].value.value - first.parts[0].value.value == pytest.approx(2.0, abs=0.05)
    lowest, highest = second.parts
    assert (lowest.label, highest.label) == ("lowest fifth", "highest fifth")
    assert lowest.high == np.quantile(x, 0.2) or lowest.high < np.quantile(x, 0.2)
    assert lowest.draws == highest.draws == 1_000
    assert highest.value.value == pytest.approx(difference[x >= np.quantile(x, 0.8)].mean())


def test_the_same_difference_everywhere_is_decided_by_nothing() -> None:
    x = np.random.default_rng(4).random(100)
    draws = draws_of(np.stack([x, x]), {"x": x})
    assert decides(draws, np.full(100, 0.3), terms(draws)) == ()
