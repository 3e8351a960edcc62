"""E-values: the published example, what they mean, and the figures that the documentation gives."""

import math

import pytest

from research.confounding import e_value, risk_ratio


def test_the_example_of_the_paper() -> None:
    """VanderWeele & Ding (2017): risk ratio 3.9 [1.8, 8.7] has E-values 7.26 and 3.0."""
    assert e_value(3.9, 1.8) == pytest.approx(3.0, abs=0.005)
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)


@pytest.mark.parametrize("ratio", [0.2, 0.66, 0.95, 1.4, 4.0])
def test_a_hidden_cause_of_that_strength_just_explains_the_estimate(ratio: float) -> None:
    """The bias of a cause with strength u on both sides is at most u u / (2 u - 1)."""
    u = e_value(ratio)
    assert u * u / (2 * u - 1) == pytest.approx(max(ratio, 1 / ratio), rel=1e-12)


def test_protection_and_harm_are_told_alike() -> None:
    assert e_value(0.5) == pytest.approx(e_value(2.0), rel=1e-12)
    assert risk_ratio(0.5) == pytest.approx(1 / risk_ratio(2.0), rel=1e-12)


def test_an_interval_that_reaches_1_needs_no_hidden_cause() -> None:
    assert e_value(0.66, 1.02) == 1.0
    assert e_value(1.5, 0.9) == 1.0
    assert e_value(0.66, 0.9) > 1.0


@pytest.mark.parametrize(
    ("hazard_ratio", "high", "values"),
    [
        (0.40, 0.76, (3.2, 1.7)),
        (0.55, 1.04, (2.4, 1.0)),
        (0.58, 1.17, (2.3, 1.0)),
        (0.57, 1.13, (2.3, 1.0)),
    ],
)
def test_the_figures_of_the_documentation(
    hazard_ratio: float, high: float, values: tuple[float, float]
) -> None:
    found = risk_ratio(hazard_ratio), risk_ratio(high)
    assert (e_value(found[0]), e_value(*found)) == pytest.approx(values, abs=0.051)
    assert math.isclose(risk_ratio(0.55), 0.66, abs_tol=0.005)
