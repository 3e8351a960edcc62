"""Any part of the draws, in blocks of any size: the same outcomes, bit by bit."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

from simulator.engines import worlds
from simulator.engines.records import Outcomes
from simulator.model.compiled import restricted
from tests.models import eventful, unlike

YEARS = np.array([0.1, 1.0, 2.0, 20.0, 30.0])
FIELDS = [f.name for f in fields(Outcomes) if f.name != "years"]
SPREAD = eventful(
    draws=40,
    response=["saturating", "tripwire", "doubling", "none"] * 10,
    rescues=[False, False, True, True] * 10,
    stays=[False, True] * 20,
    holding_slope=np.linspace(-0.1, 0.2, 40),
    failing=np.linspace(0.1, 2.0, 40),
    kappa=np.linspace(0.0, 0.4, 40),
)


def differing(one, two):
    return [name for name in FIELDS if not np.array_equal(getattr(one, name), getattr(two, name))]


def rows(outcomes, kept):
    return Outcomes(outcomes.years, **{name: getattr(outcomes, name)[kept] for name in FIELDS})


@pytest.mark.parametrize("trials", [1, 3, 16])
@pytest.mark.parametrize("cuts", [(0, 1, 40), (0, 7, 8, 23, 40), (5, 6), (30, 40)])
def test_any_part_of_the_draws_has_the_same_bits(cuts, trials):
    whole = worlds.simulate(SPREAD, trials, YEARS)
    for first, last in pairwise(cuts):
        part = worlds.simulate(restricted(SPREAD, np.arange(first, last)), trials, YEARS)
        assert differing(part, rows(whole, slice(first, last))) == []


def test_draws_in_any_order_have_the_same_bits():
    order = np.random.default_rng(1).permutation(40)
    whole = worlds.simulate(SPREAD, 4, YEARS)
    assert differing(worlds.simulate(restricted(SPREAD, order), 4, YEARS), rows(whole, order)) == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 10, 57, 100_000])
def test_blocks_of_any_size_have_the_same_bits(size, monkeypatch):
    usual = [worlds.simulate(SPREAD, 5, YEARS), worlds.simulate_worlds(SPREAD, 5, YEARS)]
    monkeypatch.setattr(import_module("simulator.engines.worlds.simulate"), "WORLDS", size)
    found = [worlds.simulate(SPREAD, 5, YEARS), worlds.simulate_worlds(SPREAD, 5, YEARS)]
    assert [differing(a, b) for a, b in zip(found, usual, strict=True)] == [[], []]


def test_worlds_and_logs_of_fewer_trials_are_a_part_of_those_of_more():
    many, log = worlds.simulate_worlds(SPREAD, 9, YEARS), worlds.world_log(SPREAD, 9)
    few, short = worlds.simulate_worlds(SPREAD, 4, YEARS), worlds.world_log(SPREAD, 4)
    kept = np.flatnonzero(np.arange(40 * 9) % 9 < 4)
    assert differing(few, rows(many, kept)) == []
    some = log.path % 9 < 4
    assert np.array_equal(short.path, log.path[some] // 9 * 4 + log.path[some] % 9)
    assert np.array_equal(short.time, log.time[some])
    assert np.array_equal(short.row, log.row[some])


def test_ages_change_no_outcome_and_no_other_age():
    model = unlike()
    more = worlds.simulate(model, 6, YEARS)
    fewer = worlds.simulate(model, 6, YEARS[[1, 3]])
    for name in FIELDS:
        a, b = getattr(fewer, name), getattr(more, name)
        assert np.array_equal(a, b[..., [1, 3]] if b.shape[-1] == YEARS.size else b), name


def test_a_draw_is_the_mean_of_its_worlds():
    mean = worlds.simulate(SPREAD, 6, YEARS)
    each = worlds.simulate_worlds(SPREAD, 6, YEARS)
    for name in FIELDS:
        values = getattr(each, name)
        by_draw = values.reshape(40, 6, *values.shape[1:]).mean(axis=1)
        assert getattr(mean, name) == pytest.approx(by_draw, rel=1e-13), name


@pytest.mark.parametrize(
    ("trials", "years", "message"),
    [
        (0, [1.0], "1 draws of 0 trials: at least 1 each"),
        (1, [0.0, 1.0], r"ages must increase within \(0, 30\]"),
        (1, [2.0, 1.0], r"ages must increase within \(0, 30\]"),
        (1, [1.0, 31.0], r"ages must increase within \(0, 30\]"),
    ],
)
def test_what_cannot_be_simulated_is_refused(trials, years, message):
    with pytest.raises(ValueError, match=message):
        worlds.simulate(eventful(), trials, np.array(years))
