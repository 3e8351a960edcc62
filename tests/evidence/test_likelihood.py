"""Values against plain formulas from scipy, derivatives against differences."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import linalg, stats

from research.lifetables import life_table
from simulator.evidence.forms import FORMS, Form, survival, to_natural, to_working
from simulator.evidence.kernels import ESTABLISHING_RATE, SWITCHING_RATE
from simulator.evidence.search import Objective, with_half_events
from simulator.evidence.spells import Floats, Spells

NATURAL = {
    "exponential": (0.2,),
    "weibull": (0.6, 4.0),
    "two_regime": (0.45, 0.9, 1.3, 0.03),
    "two_regime_exponential": (0.45, 1.1, 0.03),
    "phase_process": (0.45, 1.1, 0.03),
}
AGES = np.array([0.01, 0.2, 1.0, 3.0, 12.0, 40.0])


def _phase_by_matrix(share: float, failing: float, holding: float, age: float) -> float:
    """S from the generator of the chain: establishing, failing, holding; collapse absorbs."""
    mean = share * failing + (1 - share) * holding
    recovery, relapse = SWITCHING_RATE * (1 - share), SWITCHING_RATE * share
    generator = np.array(
        [
            [-mean - ESTABLISHING_RATE, ESTABLISHING_RATE * share, ESTABLISHING_RATE * (1 - share)],
            [0.0, -failing - recovery, recovery],
            [0.0, relapse, -holding - relapse],
        ]
    )
    return float(linalg.expm(generator * age)[0].sum())


def _plain_survival(form: str, age: Floats) -> Floats:
    p = NATURAL[form]
    match form:
        case "exponential":
            return stats.expon.sf(age, scale=1 / p[0])
        case "weibull":
            return stats.weibull_min.sf(age, p[0], scale=p[1])
        case "two_regime":
            failing = stats.weibull_min.sf(age, p[1], scale=p[2])
            return p[0] * failing + (1 - p[0]) * stats.expon.sf(age, scale=1 / p[3])
        case "two_regime_exponential":
            failing = stats.expon.sf(age, scale=1 / p[1])
            return p[0] * failing + (1 - p[0]) * stats.expon.sf(age, scale=1 / p[2])
        case _:
            return np.array([_phase_by_matrix(*p, float(a)) for a in age])


@pytest.mark.parametrize("form", FORMS)
def test_survival_is_that_of_the_textbook(form: str) -> None:
    natural = np.array([NATURAL[form]])
    np.testing.assert_allclose(
        survival(FORMS[form], natural, AGES)[0], _plain_survival(form, AGES), rtol=1e-10
    )
    assert survival(FORMS[form], natural, np.zeros(1))[0, 0] == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("form", FORMS)
def test_log_density_is_minus_the_slope_of_survival(form: str) -> None:
    kernel, step = FORMS[form].kernel, 1e-5
    working = to_working(FORMS[form], np.array([NATURAL[form]]))
    around = survival(
        FORMS[form], np.array([NATURAL[form]]), np.concatenate([AGES - step, AGES + step])
    )[0]
    slope = (around[: len(AGES)] - around[len(AGES) :]) / (2 * step)
    density = np.exp(kernel(working, AGES, np.ones(len(AGES))).value[0])
    # central differences of a density this curved err by step^2 f''/6, at age 0.01 the most
    np.testing.assert_allclose(density, slope, rtol=2e-6)


@pytest.mark.parametrize("form", FORMS)
def test_working_and_natural_parameters_are_inverse(form: str) -> None:
    natural = np.array([NATURAL[form]])
    family = FORMS[form]
    np.testing.assert_allclose(to_natural(family, to_working(family, natural)), natural, rtol=1e-14)


def _of_rows(form: Form, spells: Spells, weights: Floats | None = None) -> Objective:
    terms = spells.terms()
    return terms.objective(form, terms.own() if weights is None else terms.counts(weights))


def _record() -> Spells:
    return Spells(
        np.array([0.02, 0.3, 0.9, 2.0, 5.5, 11.0, 30.0]),
        np.array([True, True, False, True, True, False, False]),
        np.array([0.0, 0.1, 0.0, 0.0, 1.5, 0.0, 0.0]),
    )


def _row_sum(form: str, spells: Spells) -> float:
    """Sum of log f(exit) or log S(exit), less log S(entry), from the plain survival functions."""
    total, step = 0.0, 1e-6
    for exit_, event, entry in zip(spells.exit, spells.event, spells.entry, strict=True):
        if event:
            pair = _plain_survival(form, np.array([exit_ - step, exit_ + step]))
            total += float(np.log((pair[0] - pair[1]) / (2 * step)))
        else:
            total += float(np.log(_plain_survival(form, np.array([exit_]))[0]))
        total -= float(np.log(_plain_survival(form, np.array([entry]))[0]))
    return total


@pytest.mark.parametrize("form", FORMS)
def test_rows_give_the_sum_that_the_definition_says(form: str) -> None:
    spells = _record()
    objective = _of_rows(FORMS[form], spells)
    working = to_working(FORMS[form], np.array([NATURAL[form]]))
    value, _, _ = objective(working, np.array([0]))
    assert value[0] == pytest.approx(_row_sum(form, spells), rel=1e-7)


def test_a_weight_of_two_is_the_row_twice() -> None:
    spells = _record()
    twice = Spells(*(np.concatenate([v, v[:1]]) for v in (spells.exit, spells.event, spells.entry)))
    family = FORMS["two_regime"]
    working = to_working(family, np.array([NATURAL["two_regime"]]))
    weights = np.ones((1, len(spells)))
    weights[0, 0] = 2.0
    one = _of_rows(family, spells, weights)(working, np.array([0]))
    other = _of_rows(family, twice)(working, np.array([0]))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_life_table_holds_all_there_is_to_know_of_a_constant_hazard() -> None:
    spells, family = _record(), FORMS["exponential"]
    table = life_table(spells)
    working = to_working(family, np.array([[0.3]]))
    by_row = _of_rows(family, spells)(working, np.array([0]))
    by_band = table.objective(family, table.own())(working, np.array([0]))
    for a, b in zip(by_row, by_band, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def _objectives(form: str) -> list[Callable[[], Objective]]:
    spells, family = _record(), FORMS[form]
    table = life_table(spells)
    plain = _of_rows(family, spells)
    grouped = table.objective(family, table.own())
    return [lambda: plain, lambda: grouped, lambda: with_half_events(family, plain)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("which", [0, 1, 2], ids=["rows", "table", "half events"])
def test_derivatives_are_those_of_the_value(form: str, which: int) -> None:
    objective = _objectives(form)[which]()
    point = to_working(FORMS[form], np.array([NATURAL[form]]))
    p, step, first = point.shape[1], 1e-4, np.array([0])
    _, gradient, hessian = objective(point, first)
    for a in range(p):
        move = np.eye(p)[a] * step
        up, down = objective(point + move, first), objective(point - move, first)
        slope = (up[0][0] - down[0][0]) / (2 * step)
        bend = (up[1][0] - down[1][0]) / (2 * step)
        # differences of step 1e-4 err by about 1e-8 times third derivatives of order 10; the
        # phase process takes its own derivatives by differences of step 1e-3, hence 1e-5
        scale = 1e-5 * (1 + np.abs(hessian).max())
        assert gradient[0, a] == pytest.approx(slope, abs=scale)
        np.testing.assert_allclose(hessian[0, a], bend, atol=scale)


def test_half_an_event_is_the_mean_correction_of_an_exponential_life() -> None:
    """With d failures in T years the maximum moves from d / T to (d + 1/2) / T."""
    spells, family = _record(), FORMS["exponential"]
    objective = with_half_events(family, _of_rows(family, spells))
    rate = (spells.failures + 0.5) / spells.years_at_risk
    _, gradient, _ = objective(np.log([[rate]]), np.array([0]))
    assert gradient[0, 0] == pytest.approx(0.0, abs=1e-12)
