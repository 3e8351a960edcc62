"""Values at which another plan becomes best, where they are known."""

import numpy as np
import pytest

from simulator.decide.information import belief, terms

from .conftest import draws_of


def one_switch(seed: int, size: int = 2_000):
    """A line in a skewed assumption: p1 is better above 1.5."""
    rng = np.random.default_rng([1, seed])
    x = np.exp(0.5 * rng.standard_normal(size))
    gain = x - 1.5 + rng.standard_normal(size)
    draws = draws_of(np.stack([0.0 * x, gain]), {"x": x})
    return draws, belief(draws, draws.outcomes["worth"], "x", *terms(draws)["x"])


def test_a_switch_its_stretches_and_its_error() -> None:
    """200 runs: 95 % of two-error intervals, within 3.5 standard deviations of their number."""
    inside, points, errors = 0, [], []
    for seed in range(200):
        _, found = one_switch(seed)
        near = min(found.switches, key=lambda switch: abs(switch.at.value - 1.5))
        assert (near.below, near.above) == ("p0", "p1")
        points.append(near.at.value)
        errors.append(near.at.mcse)
        inside += abs(near.at.value - 1.5) <= 1.96 * near.at.mcse
        assert sum(one.share for one in found.stretches) == pytest.approx(1.0)
        assert len(found.stretches) == len(found.switches) + 1
    assert np.mean(points) == pytest.approx(1.5, abs=0.02)
    assert abs(inside - 190) <= 3.5 * (200 * 0.95 * 0.05) ** 0.5
    assert np.median(errors) == pytest.approx(np.std(points), rel=0.3)


def test_gain_is_what_the_other_plan_is_worth_more_there() -> None:
    draws, found = one_switch(1, size=20_000)
    low, high = found.stretches[0], found.stretches[-1]
    assert (low.plan, high.plan) == ("p0", "p1")
    assert low.gain.value == 0.0
    x = draws.values[:, 0]
    expected = (x[x >= high.low] - 1.5).mean()
    assert abs(high.gain.value - expected) <= 3.0 * high.gain.mcse


def test_three_plans_in_turn() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-2.0, 2.0, 8_000)
    worth = np.stack([-x, 0.5 + 0.0 * x, x]) + 0.3 * rng.standard_normal((3, x.size))
    draws = draws_of(worth, {"x": x})
    found = belief(draws, worth, "x", *terms(draws)["x"])
    assert [one.plan for one in found.stretches] == ["p0", "p1", "p2"]
    for switch, expected in zip(found.switches, (-0.5, 0.5), strict=True):
        assert abs(switch.at.value - expected) <= 3.0 * switch.at.mcse
        assert switch.at.mcse < 0.05


def test_nothing_to_believe_and_options() -> None:
    rng = np.random.default_rng(3)
    x, option = rng.random(1_000), np.array(["a", "b"], object)[rng.integers(0, 2, 1_000)]
    worth = np.stack([np.ones(x.size), np.where(option == "b", 1.5, 0.0)])
    draws = draws_of(worth, {"x": x}, {"c": option})
    known = terms(draws)
    by_value = belief(draws, worth, "x", *known["x"])
    assert [one.plan for one in by_value.stretches] == ["p0"]
    assert by_value.switches == ()
    by_option = belief(draws, worth, "c", *known["c"])
    assert [(one.option, one.plan, one.gain.value) for one in by_option.stretches] == [
        ("a", "p0", 0.0),
        ("b", "p1", 0.5),
    ]
