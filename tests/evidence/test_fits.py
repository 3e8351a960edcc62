"""Maximum-likelihood fits against scipy and lifelines, and on records made from known values."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from research.fitting import bootstrap
from research.lifetables import life_table
from simulator.evidence.fits import fit, refit
from simulator.evidence.forms import FORMS
from simulator.evidence.reference import hilbert_order
from simulator.evidence.spells import Spells


def _weibull(seed: int, n: int = 150, late: bool = False) -> Spells:
    rng = np.random.default_rng(seed)
    life, end = rng.weibull(0.7, n) * 6.0, rng.uniform(1, 20, n)
    entry = rng.uniform(0, 2, n) if late else np.zeros(n)
    exit_ = np.minimum(life, end)
    seen = exit_ > entry
    return Spells(exit_[seen], (life <= end)[seen], entry[seen])


def test_an_exponential_life_is_failures_over_years() -> None:
    spells = _weibull(1, late=True)
    found = fit("exponential", spells)
    assert found.values[0] == pytest.approx(spells.failures / spells.years_at_risk, rel=1e-9)
    assert found.aic == pytest.approx(2 - 2 * found.log_likelihood)


def test_weibull_matches_scipy_for_right_censoring() -> None:
    spells = _weibull(2)
    data = stats.CensoredData.right_censored(spells.exit, ~spells.event)
    shape, _, scale = stats.weibull_min.fit(data, floc=0)
    # scipy's simplex stops at relative changes of 1e-4
    assert fit("weibull", spells).values == pytest.approx((shape, scale), rel=1e-3)


@pytest.mark.parametrize("late", [False, True], ids=["from the start", "left-truncated"])
def test_weibull_matches_lifelines(late: bool) -> None:
    lifelines = pytest.importorskip("lifelines")
    spells = _weibull(3, late=late)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifelines.WeibullFitter().fit(spells.exit, spells.event, entry=spells.entry)
    ours = fit("weibull", spells)
    assert ours.values == pytest.approx((theirs.rho_, theirs.lambda_), rel=1e-4)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-4)


def test_a_durable_share_that_never_fails_is_lifelines_cure_fraction() -> None:
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(8)
    life = np.where(rng.random(300) < 0.6, rng.weibull(1.2, 300) * 1.5, np.inf)
    spells = Spells(np.minimum(life, 15.0), life <= 15.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifelines.MixtureCureFitter(base_fitter=lifelines.WeibullFitter()).fit(
            spells.exit, spells.event
        )
    ours = fit("two_regime", spells)
    assert ours.at_bound == ("durable_hazard",)
    assert 1 - ours.parameters["failing_share"] == pytest.approx(theirs.cured_fraction_, abs=1e-3)
    # the bound of one failure in a million years costs this much: 120 spells of 15 years
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=5e-3)


def test_regimes_are_named_by_their_hazard(two_regimes: Callable[..., Spells]) -> None:
    found = fit("two_regime_exponential", two_regimes(np.random.default_rng(4), n=2000))
    p = found.parameters
    assert p["failing_hazard"] > p["durable_hazard"]
    # standard errors with 2000 spells: 0.013, 0.05, 0.001; four of them
    assert p["failing_share"] == pytest.approx(0.5, abs=0.052)
    assert p["failing_hazard"] == pytest.approx(0.9, abs=0.2)
    assert p["durable_hazard"] == pytest.approx(0.02, abs=0.004)


def test_the_larger_family_never_fits_worse(two_regimes: Callable[..., Spells]) -> None:
    for seed in range(5):
        spells = two_regimes(np.random.default_rng(seed), late=True)
        fits = {form: fit(form, spells) for form in FORMS}
        assert fits["weibull"].log_likelihood >= fits["exponential"].log_likelihood - 1e-6
        assert (
            fits["two_regime"].log_likelihood
            >= fits["two_regime_exponential"].log_likelihood - 1e-6
        )


@pytest.mark.parametrize("form", FORMS)
def test_a_fine_life_table_gives_the_fit_of_the_rows(
    form: str, two_regimes: Callable[..., Spells]
) -> None:
    spells = two_regimes(np.random.default_rng(6), n=400, late=True)
    fine = life_table(spells, np.concatenate([np.arange(0, 5, 0.01), np.arange(5, 41, 0.1)]))
    rows, table = fit(form, spells), fit(form, fine)
    ages = np.array([0.5, 1, 2, 5, 10, 20])
    # bands a hundredth of a year wide: grouping moves S by less than this
    np.testing.assert_allclose(table.survival(ages), rows.survival(ages), atol=2e-3)


def test_a_record_without_failures_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="no failure"):
        fit("weibull", Spells(np.array([1.0, 2.0]), np.array([False, False])))


def test_clusters_are_drawn_whole() -> None:
    spells = Spells(
        np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, dtype=bool), cluster=np.array([7, 7, 9, 9])
    )
    weights = spells.resample(50, np.random.default_rng(1))
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 2] == weights[:, 3]).all()
    assert (weights.sum(axis=1) == 4).all()


def test_a_bootstrap_is_a_function_of_its_generator(two_regimes: Callable[..., Spells]) -> None:
    spells = two_regimes(np.random.default_rng(7))
    one, other = (
        bootstrap("weibull", spells, 20, np.random.default_rng(3)).values for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_a_replicate_is_the_fit_of_its_resample(two_regimes: Callable[..., Spells]) -> None:
    spells = two_regimes(np.random.default_rng(9))
    weights = spells.resample(3, np.random.default_rng(2))
    together = refit("two_regime_exponential", spells, weights, half_events=False)
    for row, values in zip(weights, together.values, strict=True):
        chosen = np.repeat(np.arange(len(spells)), row.astype(int))
        alone = fit("two_regime_exponential", Spells(spells.exit[chosen], spells.event[chosen]))
        # two searches to the same maximum: agreement to the tolerance of the search, and the
        # likelihood is flat to second order there
        assert values == pytest.approx(alone.values, rel=1e-3)


def test_resamples_without_a_failure_are_counted_not_guessed() -> None:
    spells = Spells(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, False, False]))
    found = bootstrap("exponential", spells, 200, np.random.default_rng(1))
    assert found.failed == int(np.isnan(found.values[:, 0]).sum())
    assert 30 < found.failed < 100  # (3/4)^4 = 0.32 of 200; 5 standard deviations are 33


def test_the_curve_passes_from_each_cell_to_a_neighbour() -> None:
    """Along 64 points, one in each column and each row of a grid, neighbours lie close."""
    rng = np.random.default_rng(3)
    points = np.stack([rng.permutation(64), rng.permutation(64)], axis=1).astype(float)
    order = hilbert_order(points)
    assert sorted(order) == list(range(64))
    steps = np.abs(np.diff(points[order], axis=0)).max(axis=1)
    # A curve through all 64 x 64 cells passes 64 between two points, on average, and so 8 in width.
    assert steps.mean() < 10.0
    assert np.abs(np.diff(points, axis=0)).max(axis=1).mean() > 20.0
    assert (hilbert_order(np.exp(points)) == order).all()
