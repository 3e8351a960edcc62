"""Fits are at the maximum: against random starts, against lifelines, and off a grid of ages."""

from __future__ import annotations

import time
import tracemalloc
import warnings

import numpy as np
import pytest

from research.fitting import bootstrap
from simulator.evidence.calibrate import calibrate
from simulator.evidence.fits import fit, refit
from simulator.evidence.forms import FORMS, Form, to_working
from simulator.evidence.search import maximise
from simulator.evidence.spells import MOST_TERMS, Floats, Spells, kaplan_meier
from simulator.evidence.usercsv import UserSpells
from tests.evidence.shapes import records

RECORDS = dict(records())
GAP = 1e-5  # of the log-likelihood: what searches to a tolerance of 1e-7 may differ by, and more


def _random_starts(form: Form, spells: Spells, number: int, rng: np.random.Generator) -> Floats:
    """Points over the whole box, as far as ages and rates of the record can matter."""
    lower, upper = to_working(form, np.array([form.lower, form.upper]))
    low, high = np.log(spells.exit.min() / 5), np.log(spells.exit.max() * 5)
    for j, name in enumerate(form.parameters):
        if name.endswith("_years"):
            near = np.clip([low, high], lower[j], upper[j])
        elif name.endswith("hazard"):
            near = np.clip([-high - 3, -low + 1], lower[j], upper[j])
        else:
            near = np.array([lower[j], upper[j]])
        if near[0] < near[1]:
            lower[j], upper[j] = near
    return rng.uniform(lower, upper, (number, len(lower)))


def _climb(form: Form, spells: Spells, starts: Floats) -> float:
    """Highest log-likelihood that is reached from any of the starts."""
    box = to_working(form, np.array([form.lower, form.upper]))
    best, block = -np.inf, max(1, 20_000 // len(spells))
    for first in range(0, len(starts), block):
        some = starts[first : first + block]
        objective = spells.terms().objective(
            form, np.repeat(spells.terms().own(), len(some), axis=0)
        )
        best = max(best, float(maximise(objective, some, *box).value.max()))
    return best


def _gaps(form: str, number: int) -> dict[str, float]:
    rng = np.random.default_rng(11)
    return {
        name: _climb(FORMS[form], spells, _random_starts(FORMS[form], spells, number, rng))
        - fit(form, spells).log_likelihood
        for name, spells in RECORDS.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("form", ["weibull", "two_regime_exponential", "phase_process"])
def test_no_random_start_leads_higher(form: str) -> None:
    assert len(RECORDS) >= 20
    gaps = _gaps(form, 40)
    assert max(gaps.values()) < GAP, gaps


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
def test_no_one_of_many_random_starts_leads_higher(form: str) -> None:
    gaps = _gaps(form, 400)
    assert max(gaps.values()) < GAP, gaps


@pytest.mark.slow
def test_no_random_start_leads_higher_with_a_weibull_regime() -> None:
    """Four parameters and many maxima: fewer records here, all of them in the long test."""
    form, rng = FORMS["two_regime"], np.random.default_rng(12)
    small = [name for name in RECORDS if len(RECORDS[name]) <= 20]
    assert len(small) > 10
    for name in small:
        starts = _random_starts(form, RECORDS[name], 60, rng)
        reached = _climb(form, RECORDS[name], starts)
        assert reached - fit("two_regime", RECORDS[name]).log_likelihood < GAP, name


@pytest.mark.slow
def test_the_comparison_catches_a_search_from_the_middle_alone() -> None:
    """From four central starts, two_regime stays below the maximum on several of the records."""
    form = FORMS["two_regime"]
    central = [(0.5, 0.9, 0.1, 0.2), (0.3, 0.9, 0.05, 0.5), (0.7, 0.8, 0.3, 0.05), (0.5, 2, 0.1, 2)]
    below = 0
    for spells in RECORDS.values():
        years = spells.years_at_risk / spells.failures
        starts = np.array(central) * [1, 1, years, 1 / years]
        inside = to_working(form, np.clip(starts, form.lower, form.upper))
        reached = _climb(form, spells, inside)
        below += fit("two_regime", spells).log_likelihood - reached > 0.01
    assert below >= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDS)
def test_one_regime_matches_lifelines(name: str) -> None:
    lifelines = pytest.importorskip("lifelines")
    spells = RECORDS[name]
    if spells.failures < 3:
        pytest.skip("lifelines does not converge on so few failures")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        late = {"entry": spells.entry} if spells.truncated else {}
        weibull = lifelines.WeibullFitter().fit(spells.exit, spells.event, **late)
        exponential = lifelines.ExponentialFitter().fit(spells.exit, spells.event, **late)
    ours = fit("exponential", spells)
    assert 1 / ours.values[0] == pytest.approx(exponential.lambda_, rel=1e-4)
    # lifelines sums log f - S(entry) likewise, and stops at a gradient of about 1e-4
    assert ours.log_likelihood == pytest.approx(exponential.log_likelihood_, abs=1e-3)
    ours = fit("weibull", spells)
    if ours.at_bound:  # a shape above 5, where the box ends and theirs does not
        assert ours.log_likelihood <= weibull.log_likelihood_ + 1e-3
        return
    assert ours.log_likelihood == pytest.approx(weibull.log_likelihood_, abs=1e-3)
    assert ours.values == pytest.approx((weibull.rho_, weibull.lambda_), rel=1e-2)


@pytest.mark.slow
def test_equal_hazards_are_one_regime() -> None:
    found = {form: fit(form, RECORDS["short"]) for form in FORMS}
    assert found["phase_process"].one_regime
    assert found["two_regime_exponential"].one_regime
    assert not found["two_regime"].one_regime
    assert not found["weibull"].one_regime
    assert not fit("phase_process", RECORDS["shape 2, 80 spells"]).one_regime
    summary = calibrate(UserSpells(RECORDS["short"], ("",) * 12, ()), "short", 50).summary
    assert summary["forms"]["phase_process"]["one_regime"]
    assert any("phase_process came out alike" in note for note in summary["notes"])


def test_edges_go_with_their_parameters_when_regimes_are_named() -> None:
    """Nobody fails in the durable regime, whichever of the two the search had found first."""
    spells = Spells(np.array([0.3, 0.8, 1.5, 4, 12, 20, 30.0]), np.arange(7) < 4)
    for form in ("two_regime_exponential", "phase_process"):
        assert fit(form, spells).at_bound == ("durable_hazard",)


def _many(n: int) -> Spells:
    rng = np.random.default_rng(0)
    entry = rng.uniform(0, 10, n)
    return Spells(entry + rng.weibull(0.8, n) * 3, rng.random(n) < 0.7, entry)


def test_rows_that_share_an_age_share_a_term() -> None:
    spells = Spells(np.array([1.0, 1, 2, 2, 2]), np.array([1, 1, 0, 1, 0], bool))
    assert len(spells.terms().age) == 3
    counts = spells.terms().counts(np.array([[1.0, 2, 3, 4, 5]]))
    assert sorted(counts[0].tolist()) == [3, 4, 8]


def test_a_grid_of_ages_keeps_sums_and_greatest_age() -> None:
    spells = _many(3000)
    every, grid = spells.terms(), spells.terms(1.05)
    assert len(every.age) > 5 * len(grid.age)
    weights = np.random.default_rng(1).poisson(1.0, (3, 3000)).astype(float)
    one, other = every.counts(weights), grid.counts(weights)
    for kind in (0.0, 1.0):
        # the number and the sum of ages of each kind: all that an exponential life needs
        a, b = every.event == kind, grid.event == kind
        np.testing.assert_allclose(one[:, a].sum(axis=1), other[:, b].sum(axis=1), rtol=1e-9)
        np.testing.assert_allclose(one[:, a] @ every.age[a], other[:, b] @ grid.age[b], rtol=1e-9)
        assert every.age[a].max() == grid.age[b].max()


@pytest.mark.parametrize("form", ["exponential", "weibull"])
def test_resamples_off_the_grid_are_those_of_the_rows(form: str) -> None:
    """Within a tenth of a standard error; the docstring of `Spells.terms` says how it scales."""
    spells = _many(2000)
    assert len(spells.terms().age) > MOST_TERMS
    weights = spells.resample(5, np.random.default_rng(2))
    error = bootstrap(form, spells, 60, np.random.default_rng(3)).values.std(axis=0)
    for row, values in zip(weights, refit(form, spells, weights, False).values, strict=True):
        chosen = np.repeat(np.arange(len(spells)), row.astype(int))
        alone = fit(form, Spells(spells.exit[chosen], spells.event[chosen], spells.entry[chosen]))
        assert (np.abs(values - np.array(alone.values)) < 0.1 * error).all()


@pytest.mark.slow
def test_the_cost_of_entry_ages_grows_with_n_log_n() -> None:
    """12,000 rows of distinct entry ages; each row against each age would be 1.1 GB of flags."""
    spells = _many(12_000)
    read = UserSpells(spells, ("",) * 12_000, ())
    tracemalloc.start()
    kaplan_meier(spells)
    spells.terms(1.05).counts(np.ones((50, 12_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6
    begun = time.process_time()
    assert calibrate(read, "many", 50).summary["spells"] == 12_000
    # 2 s on a quiet machine, and three times that on a crowded one; 60 with rows against ages
    assert time.process_time() - begun < 15


def test_many_rows_are_fitted_on_their_own_ages() -> None:
    lifelines = pytest.importorskip("lifelines")
    spells = _many(3000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifelines.WeibullFitter().fit(spells.exit, spells.event, entry=spells.entry)
    ours = fit("weibull", spells)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-3)
    assert ours.values == pytest.approx((theirs.rho_, theirs.lambda_), rel=1e-3)
