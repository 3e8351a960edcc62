"""All arms live the same lives, and an arm that does not is found out."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import addresses
from simulator.analysis.inputs import load_plans
from simulator.analysis.path_by_path import RECORDED
from simulator.analysis.run import Job, compile_job
from simulator.bench import columns, languages, layout, twins
from simulator.bench.arms import (
    ARMS,
    DisagreementError,
    Lives,
    _numbers_a_path,
    check_agreement,
    installed,
)
from simulator.engines import core
from tests.models import eventful

PLANS = [
    ("coalition-of-the-willing", "blend"),
    ("reassurance-force", "evidence"),
    ("presence-force", "experts"),
    ("line-peacekeepers", "blend"),
    ("air-only", "blend"),
    ("no-force", "evidence"),
]


def arm(name):
    missing = pytest.mark.skipif(not installed(name), reason=f"{name} is not installed")
    return pytest.param(name, marks=missing)


def plan(scenario, book, draws=20):
    ((read, loaded),) = load_plans([scenario], book)
    return compile_job(Job(read, loaded, 3, draws, 10))[0]


def one_by_one(records):
    return np.column_stack([getattr(records, name) for name in RECORDED])


@pytest.mark.parametrize("name", [arm("numba"), arm("python"), arm("simpy"), arm("ema")])
@pytest.mark.parametrize(("scenario", "book"), PLANS)
def test_arms_agree(scenario, book, name):
    model = plan(scenario, book)
    paths = 2 if name == "simpy" else 10
    arms = [ARMS[each](model, paths) for each in (name, "core")]
    check_agreement(name, *arms, paths * model.draws.size)


@pytest.mark.parametrize("language", [arm("numba"), "python"])
@pytest.mark.parametrize("model", [*(plan(*of) for of in PLANS), eventful(draws=20)])
def test_twins_agree_in_all_that_is_recorded(model, language):
    tables = layout.tables(model)
    if language == "python":
        run, tables = languages.python_run(), layout.as_lists(tables)
    else:
        run = languages.compiled_run()
    first, last = 30, 200  # ranges need not begin with the model
    got = twins.live(run, tables, model, 10, first, last)
    true = core.simulate(model, 10, first, last)
    # Sums of some ten terms that may cancel: 1e-6 of a soldier-year is nothing.
    np.testing.assert_allclose(one_by_one(got), one_by_one(true), rtol=1e-9, atol=1e-6)
    changes = [
        np.bincount(r.troop_changes.path, r.troop_changes.change, last - first) for r in (got, true)
    ]
    np.testing.assert_array_equal(*changes)


# Numbers of a draw that change no end of any path of `eventful`: what was spent, and choices
# between forms that it does not make.
HARMLESS = {columns.SETUP_PRICE, columns.YEAR_PRICE, columns.DOUBLING}


@pytest.mark.parametrize("column", sorted(set(range(columns.NUMBERS)) - HARMLESS))
def test_an_arm_with_one_wrong_number_is_found_out(column):
    # Twenty draws of 100 paths; every number acts on one path in ten at least.
    model = eventful(draws=20, holding_slope=0.05, clamp=(0.5, 1.1))
    tables = layout.tables(model)
    numbers = tables[0].copy()
    numbers[:, column] = 1.02 * numbers[:, column] + 0.02
    right, wrong = (twin(model, layout.as_lists(of)) for of in (tables, (numbers, *tables[1:])))
    check_agreement("right", right, ARMS["core"](model, 100), 2000)
    with pytest.raises(DisagreementError, match="of 2000 paths differ"):
        check_agreement("wrong", wrong, ARMS["core"](model, 100), 2000)


def twin(model, tables):
    def live(first, last):
        records = twins.live(languages.python_run(), tables, model, 100, first, last)
        return Lives(records.end_time, records.cause)

    return live


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lives: Lives(lives.end_time * (1 + 1e-8), lives.cause),
        lambda lives: Lives(np.roll(lives.end_time, 1), np.roll(lives.cause, 1)),
        lambda lives: Lives(lives.end_time, (lives.cause + 1) % 3),
        lambda lives: Lives(np.full_like(lives.end_time, np.nan), lives.cause),
        lambda lives: Lives(lives.end_time[:-1], lives.cause[:-1]),
    ],
    ids=["ends late", "other paths", "other causes", "no numbers", "a path is missing"],
)
def test_spoiled_lives_are_found_out(spoil):
    model = eventful(draws=2)
    true = ARMS["core"](model, 100)
    with pytest.raises(DisagreementError):
        check_agreement("spoiled", lambda *paths: spoil(true(*paths)), true, 200)


@pytest.mark.parametrize(("scenario", "book"), PLANS)
def test_the_floor_makes_as_many_random_numbers_as_the_core(scenario, book, monkeypatch):
    model = plan(scenario, book)
    events = core.simulate(model, 100, 0, 2000).events
    made = 0
    original = addresses.uniforms

    def counted(*arguments, **options):
        nonlocal made
        numbers = original(*arguments, **options)
        made += numbers.size
        return numbers

    monkeypatch.setattr(addresses, "uniforms", counted)  # exponentials are made of them
    core.simulate(model, 100, 0, 2000)
    assert sum(_numbers_a_path(model, events)) == pytest.approx(made / 2000, rel=0.02)


def test_the_floor_simulates_nothing():
    assert ARMS["floor"](eventful(draws=2), 100)(0, 200).end_time.size == 0
