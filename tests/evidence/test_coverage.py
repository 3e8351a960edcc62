"""90 % ranges cover what made the data in 85 to 95 % of 200 simulated records.

If the true coverage is 90 %, a count out of 200 leaves 85-95 % with probability 0.018; at 89 %,
which is what 400 further records of two regimes gave on average, with 0.04. The seeds are fixed, so
a failure means that the ranges changed. A range made half as wide covers about 59 % (normal
errors), so the test can fail. Left truncation throws away a fifth of the rows, all from the failing
regime; there 400 records are drawn, which halves the noise.
"""

from collections.abc import Callable

import numpy as np
import pytest

from research.fitting import bootstrap
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.spells import Floats, Spells

SETS = 200
AGES = np.array([2.0, 10.0, 20.0])


def _covered(
    form: str, truth: tuple[float, ...], draw: Callable[[np.random.Generator], Spells],
    replicates: int, shrink: float = 1.0, sets: int = SETS,
) -> Floats:  # fmt: skip
    """Share of the sets whose range holds the truth: each parameter, then S at AGES."""
    expected = np.concatenate([truth, survival(FORMS[form], np.array([truth]), AGES)[0]])
    hits = np.zeros(len(expected))
    for number in range(sets):
        rng = np.random.default_rng([20, number])
        values = bootstrap(form, draw(rng), replicates, rng).values
        found = np.concatenate([values, survival(FORMS[form], values, AGES)], axis=1)
        low, middle, high = np.nanquantile(found, [0.05, 0.5, 0.95], axis=0)
        hits += (middle - shrink * (middle - low) <= expected) & (
            expected <= middle + shrink * (high - middle)
        )
    return hits / sets


def _one_weibull(rng: np.random.Generator) -> Spells:
    life, end = rng.weibull(0.6, 80) * 8.0, rng.uniform(2, 40, 80)
    return Spells(np.minimum(life, end), life <= end)


@pytest.mark.slow
def test_ranges_of_a_weibull_cover() -> None:
    covered = _covered("weibull", (0.6, 8.0), _one_weibull, 200)
    assert ((covered >= 0.85) & (covered <= 0.95)).all(), covered


@pytest.mark.slow
def test_ranges_half_as_wide_do_not() -> None:
    covered = _covered("weibull", (0.6, 8.0), _one_weibull, 100, shrink=0.5)
    assert (covered < 0.75).all(), covered


@pytest.mark.long
@pytest.mark.parametrize("late", [False, True], ids=["from the start", "left-truncated"])
def test_ranges_of_two_regimes_cover(late: bool, two_regimes: Callable[..., Spells]) -> None:
    covered = _covered(
        "two_regime_exponential", (0.5, 0.9, 0.02), lambda rng: two_regimes(rng, late=late), 200,
        sets=2 * SETS if late else SETS,
    )  # fmt: skip
    assert ((covered >= 0.85) & (covered <= 0.95)).all(), covered


@pytest.mark.long
def test_ranges_of_the_simulators_own_form_cover() -> None:
    share, failing, holding = 0.5, 0.9, 0.02

    def draw(rng: np.random.Generator) -> Spells:
        """Play the phases out one spell at a time."""
        life = np.array([_play(rng, share, failing, holding) for _ in range(120)])
        end = rng.uniform(5, 40, 120)
        return Spells(np.minimum(life, end), life <= end)

    covered = _covered("phase_process", (share, failing, holding), draw, 100)
    assert ((covered >= 0.85) & (covered <= 0.95)).all(), covered


def _play(rng: np.random.Generator, share: float, failing: float, holding: float) -> float:
    """One life: establishing at rate 6, then failing or holding, switching at rate 0.008."""
    mean = share * failing + (1 - share) * holding
    age = rng.exponential(1 / (6.0 + mean))
    if rng.random() < mean / (6.0 + mean):
        return float(age)
    fails = rng.random() < share
    while True:
        dies, turns = (failing, 0.008 * (1 - share)) if fails else (holding, 0.008 * share)
        age += rng.exponential(1 / (dies + turns))
        if rng.random() < dies / (dies + turns):
            return float(age)
        fails = not fails
