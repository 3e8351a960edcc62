"""Tallies join to the same bits however the draws are cut, and hold what they say they hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.addresses import REPLICATES
from simulator.estimates import tally as tallies
from simulator.estimates.outcome import curves, mean_curves
from simulator.estimates.tally import (
    COLUMNS,
    SHAPED,
    SUMS,
    ages,
    column,
    empty,
    grid_years,
    merge,
    tally_of,
)
from tests.estimates.made import POUNDS, SHARES, SOLDIERS, exponential, model_of, tallied

FIELDS = ("draws", "years", "rows", "counts", "sums", "shapes")
RATES = np.random.default_rng(5).gamma(2.0, 0.1, 1000)


def same(a, b):
    return all(np.array_equal(getattr(a, f), getattr(b, f), equal_nan=True) for f in FIELDS)


def part(first, last):
    return tallied(RATES[first:last], draws=np.arange(first, last))


def test_parts_in_any_order_join_to_the_bits_of_the_whole():
    whole = tallied(RATES)
    parts = [part(0, 1), part(1, 17), part(17, 640), part(640, 1000)]
    assert same(merge(parts), whole)
    assert same(merge([parts[i] for i in (2, 0, 3, 1)]), whole)
    assert same(merge([merge(parts[2:]), merge(parts[:2])]), whole)


def test_the_curves_of_the_first_draws_alone_are_kept_whole(monkeypatch):
    monkeypatch.setattr(tallies, "SHAPES", 20)
    whole = merge([part(500, 1000), part(0, 15), part(15, 500)])
    assert len(whole.shapes) == 20
    np.testing.assert_array_equal(whole.shapes, merge([part(0, 20), part(20, 1000)]).shapes)
    held = whole.shapes[:, SHAPED.index("survival")]
    np.testing.assert_allclose(held, np.exp(-RATES[:20, None] * whole.years), rtol=1e-6)
    # Ranges of curves are read from these draws, their values from all.
    band = curves(whole).survival
    assert band.value[-1] == pytest.approx(np.exp(-30.0 * RATES).mean(), abs=1e-12)
    assert band.p95[-1] == pytest.approx(np.quantile(np.exp(-30.0 * RATES[:20]), 0.95), rel=1e-6)


def test_rows_hold_the_outcomes_of_their_draw():
    tally = tallied(RATES)

    def row(name):
        return column(tally, name)

    held = -np.expm1(-30.0 * RATES) / RATES
    expected = {
        "p_collapse_within_30d": -np.expm1(-RATES * 30.0 / 365.25),
        "p_collapse_within_91d": -np.expm1(-RATES * 91.0 / 365.25),
        "p_collapse_within_2y": -np.expm1(-RATES * 2.0),
        "p_holds_20y": np.exp(-RATES * 20.0),
        "p_holds_30y": np.exp(-RATES * 30.0),
        "cause:escalation": SHARES[1] * -np.expm1(-RATES * 30.0),
        "rmst_years": held,
        "troop_years_first": SOLDIERS * -np.expm1(-RATES) / RATES,
        "troop_years": SOLDIERS * held,
        "peak_troops": np.full(1000, SOLDIERS),
        "cost_gbp": POUNDS * SOLDIERS * held,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(row(name), values, rtol=1e-12, atol=1e-15, err_msg=name)
    # A parabola over the first month, cubics after it: a day at most where curves are this steep.
    median = np.log(2.0) / RATES
    inside = median < 30.0
    assert np.abs(row("median_years") - median)[inside].max() < 1e-4
    assert np.isinf(row("median_years")[~inside]).all()
    assert (row("q05_years") < row("q25_years")).all()


def test_what_lies_beyond_the_horizon_is_nan():
    tally = tallied(RATES, horizon=0.5)
    beyond = {
        "p_collapse_within_2y",
        "p_holds_1y",
        "p_holds_5y",
        "p_holds_10y",
        "p_holds_20y",
        "p_holds_30y",
        "troop_years_first",
    }
    for name in COLUMNS:
        assert np.isnan(column(tally, name)).all() == (name in beyond), name


def test_mean_curves_are_those_of_the_rows_up_to_fixed_point():
    tally = tallied(RATES)
    survival = np.exp(-RATES[:, None] * tally.years)
    found = mean_curves(tally, "survival")
    # Each draw is rounded to 2**-42.
    np.testing.assert_allclose(found[0], survival.mean(axis=0), rtol=0, atol=2.0**-42)
    for r in range(REPLICATES):
        expected = survival[r::REPLICATES].mean(axis=0)
        np.testing.assert_allclose(found[1 + r], expected, rtol=0, atol=2.0**-42)
    assert tally.counts.tolist() == [63] * 8 + [62] * 8


def test_what_cannot_be_summed_exactly_is_refused(monkeypatch):
    found = exponential(RATES[:4])
    for curve in ("ending_rate", "soldier_years"):
        most = 2.0**43 / SUMS[curve]
        large = replace(found, **{curve: np.full_like(found.survival, most)})
        with pytest.raises(ValueError, match="too large"):
            tally_of(large, model_of(range(4)), 4)
        just = replace(found, **{curve: np.full_like(found.survival, 0.999 * most)})
        tally_of(just, model_of(range(4)), 4)
    monkeypatch.setattr(tallies, "MOST_DRAWS", 3)
    with pytest.raises(ValueError, match="4 draws; at most 3"):
        empty(np.arange(4), 1, 30.0)


def test_the_most_draws_cannot_overflow_a_sum():
    # Of one replicate, each below 2**43.
    most = tallies.MOST_DRAWS // REPLICATES
    assert most * (2**43 - 1) < 2**63


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (tallied(RATES[:2], horizon=20.0, draws=np.array([7, 8])), "one horizon"),
        (tallied(RATES[:2], trials=5, draws=np.array([7, 8])), "as many trials"),
        (tallied(RATES[:2], draws=np.array([4, 9])), "two of the tallies"),
    ],
)
def test_what_does_not_belong_together_is_not_joined(other, words):
    with pytest.raises(ValueError, match=words):
        merge([part(0, 5), other])


def test_nothing_is_not_joined():
    with pytest.raises(ValueError, match="at least one"):
        merge([])


def test_outcomes_at_other_ages_are_refused():
    found = exponential(RATES[:4], horizon=20.0)
    with pytest.raises(ValueError, match="ages of this horizon"):
        tally_of(found, model_of(range(4)), 4)


@pytest.mark.parametrize("horizon", [0.05, 0.1, 30.0 / 365.25, 1.0, 2.0, 20.0, 30.0, 33.3])
def test_ages_end_at_the_horizon_and_hold_every_age_that_is_asked_for(horizon):
    years, grid = ages(horizon), grid_years(horizon)
    assert years[-1] == grid[-1] == horizon
    assert (np.diff(years) > 0.0).all()
    assert (years > 0.0).all()
    assert set(grid) <= set(years)
    asked = {30.0 / 365.25, 91.0 / 365.25, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0}
    assert {y for y in asked if y <= horizon} <= set(years)
