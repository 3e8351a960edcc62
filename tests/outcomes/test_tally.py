"""Tallies add to the same bits however the paths are cut, and count what they say they count."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simulator.engines.core import simulate
from simulator.outcomes.estimates import outcome
from simulator.outcomes.tally import (
    MAX_BLOCK,
    SUMS,
    TROOP_UNITS,
    Tally,
    add,
    by_draw,
    empty,
    grid_years,
    group_means,
    merge,
)
from tests.models import build, eventful

PATHS = 150
FIELDS = ("paths", "collapses", "sums", "troops", "events", "lifetimes")


def tallied(model, cuts, order=None):
    """Tally the paths of a model in blocks that end at the cuts."""
    tally = empty(model.draws, model.horizon)
    blocks = list(itertools.pairwise(cuts))
    for first, last in [blocks[i] for i in order] if order is not None else blocks:
        add(tally, simulate(model, PATHS, first, last), PATHS)
    return tally


def same(a: Tally, b: Tally) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in FIELDS)


@pytest.fixture(scope="module")
def model():
    return eventful(draws=6, horizon=12.5)


@pytest.fixture(scope="module")
def whole(model):
    return tallied(model, [0, 6 * PATHS])


def test_blocks_and_their_order_change_no_bit(model, whole):
    cuts = [0, 1, 2, 149, 150, 400, 401, 733, 900]
    assert same(tallied(model, cuts), whole)
    assert same(tallied(model, cuts, order=[5, 0, 7, 2, 1, 6, 3, 4]), whole)


def test_merging_parts_is_the_whole(model, whole):
    parts = [tallied(model, [0, 333]), tallied(model, [333, 600]), tallied(model, [600, 900])]
    assert same(merge(parts), whole)
    assert same(merge(parts[::-1]), whole)
    assert same(merge([empty(model.draws, model.horizon), whole]), whole)


def test_sums_are_those_of_the_records_within_rounding(model, whole):
    records = simulate(model, PATHS, 0, 6 * PATHS)
    for name, units in SUMS.items():
        amount = records.end_time if name == "lifetime" else getattr(records, name)
        means, _ = by_draw(whole, name)
        # Each path is rounded to the nearest unit, so a mean is off by at most half a unit.
        expected = amount.reshape(6, PATHS).mean(axis=1)
        assert np.abs(means - expected).max() <= 0.5 / units + 1e-9 * np.abs(expected).max()


def test_deployment_by_year_adds_up_to_the_soldier_years(model, whole):
    deployed = outcome(whole, model).curves.deployed.value
    lengths = np.append(np.ones(12), 0.5)
    records = simulate(model, PATHS, 0, 6 * PATHS)
    changes = records.troop_changes.time.size
    error = changes / TROOP_UNITS / (6 * PATHS)
    assert (deployed * lengths).sum() == pytest.approx(records.troop_years.mean(), abs=error)
    assert deployed[0] == pytest.approx(records.troop_years_first.mean(), abs=error)


def test_collapse_at_a_grid_year_counts_as_collapsed_by_then():
    model = build(horizon=3.0)
    records = simulate(model, 4, 0, 4)
    records.end_time[:] = [0.25, np.nextafter(0.25, 1.0), 3.0, 3.0]
    records.cause[:] = [0, 1, 2, -1]
    tally = empty(model.draws, model.horizon)
    add(tally, records, 4)
    assert tally.collapses[0, 0, 0] == 1
    assert tally.collapses[0, 1, 1] == 1
    assert tally.collapses[0, 2, -1] == 1
    assert tally.collapses.sum() == 3


def test_too_large_a_block_is_refused():
    class Records:
        end_time = np.broadcast_to(1.0, MAX_BLOCK + 1)

    with pytest.raises(ValueError, match="summed exactly"):
        add(empty(np.arange(1), 30.0), Records(), 1)


def test_tallies_of_different_horizons_do_not_merge():
    with pytest.raises(ValueError, match="one horizon"):
        merge([empty(np.arange(1), 30.0), empty(np.arange(1), 20.0)])
    with pytest.raises(ValueError, match="at least one"):
        merge([])


@pytest.mark.parametrize("horizon", [0.1, 1.0, 2.0, 20.0, 30.0, 33.3])
def test_grid_ends_at_the_horizon_and_holds_the_headline_years(horizon):
    years = grid_years(horizon)
    assert years[-1] == horizon
    assert (np.diff(years) > 0).all()
    assert {y for y in (1, 2, 3, 5, 10, 20, 30) if y <= horizon} <= set(years)


def test_group_means_estimate_the_noise_without_bias():
    # 4,000 draws of 16 groups of 5 normal paths: noise estimates average var / n = 1 / 80.
    # Their mean has relative sd sqrt(2 / 15 / 4000) = 0.58 %; 5 sd is a false alarm of 6e-7.
    paths = np.random.default_rng(11).standard_normal((4000, 16, 5))
    _, noise = group_means(paths.sum(axis=2), np.full((4000, 16), 5.0))
    assert noise.mean() == pytest.approx(1 / 80, rel=5 * 0.0058)


def test_unequal_draws_are_not_pooled(model):
    tally = empty(model.draws, model.horizon)
    add(tally, simulate(model, PATHS, 0, 100), PATHS)
    with pytest.raises(ValueError, match="equally many"):
        outcome(tally, model)
