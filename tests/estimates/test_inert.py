"""Levers that cannot act are said, and only those."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from simulator.analysis.run import Job, compile_job, run
from simulator.books.load import load_book
from simulator.estimates.force import most_offered, notes_on_force
from simulator.estimates.no_effect import Inert, inert_values
from simulator.scenario import load_scenario

SIZE, BASES = "force.target_troops", "air_support.bases"


def simulated(target, name="reassurance-force", sets=(), draws=30):
    scenario = load_scenario(name, [f"{SIZE}={target}", *sets])
    return run(Job(scenario, load_book("blend"), 1, draws, 4))


def test_from_the_number_that_the_note_names_on_size_changes_nothing():
    (note,) = notes_on_force(simulated(60_000).model)
    start = int(re.search(r"at most ([\d,]+): from there on", note)[1].replace(",", ""))
    at_start, beyond, below = (simulated(t).tally for t in (start, 60_000, start // 2))
    for field in ("rows", "sums", "shapes"):
        assert np.array_equal(getattr(at_start, field), getattr(beyond, field), equal_nan=True)
    assert not np.array_equal(below.rows, beyond.rows, equal_nan=True)


def test_where_size_acts_in_some_draws_the_note_says_in_which_share():
    reach = most_offered(compile_job(simulated(1).job)[0])
    target = int(np.quantile(reach, 0.95))
    (note,) = notes_on_force(simulated(target).model)
    assert f"in {np.count_nonzero(reach < target)} of 30 draws" in note
    assert f"from {reach.max():,.0f} on in all of them" in note
    assert notes_on_force(simulated(int(np.quantile(reach, 0.5))).model) == []
    assert notes_on_force(simulated(0).model) == []


def test_a_reinforcement_beyond_what_a_force_grows_to_changes_nothing():
    plan = {"name": "small-trainers", "target": 900}
    most = "force.reinforcement=1000000"
    (note,) = notes_on_force(simulated(sets=[most], **plan).model)
    start = int(re.search(r"at most ([\d,]+): from there on", note)[1].replace(",", ""))
    at_start, beyond, below = (
        simulated(sets=[f"force.reinforcement={n}"], draws=60, **plan).tally
        for n in (start, 1_000_000, 1_000)
    )
    assert np.array_equal(at_start.rows, beyond.rows, equal_nan=True)
    assert not np.array_equal(below.rows, beyond.rows, equal_nan=True)


def test_an_offer_that_can_never_be_made_does_not_count():
    model, _ = compile_job(simulated(1).job)
    first = np.arange(len(model.contributors.names)) == 0
    tied = replace(
        model,
        contributors=replace(model.contributors, needs_backstop=first),
        backstop=replace(model.backstop, promised=False),
    )
    shy = replace(
        model,
        contributors=replace(
            model.contributors, commitment=np.where(first, 0.0, model.contributors.commitment)
        ),
    )
    rest = model.contributors.troops[:, 1:].sum(axis=1)
    assert (most_offered(model) > rest).all()
    assert np.array_equal(most_offered(tied), rest)
    assert np.array_equal(most_offered(shy), rest)


def grid(results):
    """Points over size and bases; ``results[bases]`` are those of sizes 0, 10, 20, 30, shuffled."""
    points = [
        ({SIZE: size, BASES: bases}, result)
        for bases, row in results.items()
        for size, result in zip((0, 10, 20, 30), row, strict=True)
        if result is not None
    ]
    return points[::2] + points[1::2]


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ({"a": "pqrr", "b": "stuu"}, [Inert(SIZE, (20, 30), False, True)]),
        ({"a": "pqrr", "b": "stuv"}, []),
        ({"a": "pprr"}, [Inert(SIZE, (0, 10), True, False), Inert(SIZE, (20, 30), False, True)]),
        ({"a": "pqqr"}, [Inert(SIZE, (10, 20), False, False)]),
        ({"a": "pqrp"}, []),  # not neighbours: chance, or there and back
        ({"a": "pppp"}, [Inert(SIZE, (0, 10, 20, 30), True, True)]),
        # what was not tried says nothing, and 10 does not make 0 and 20 the same
        (
            {"a": ["p", "p", None, "r"], "b": [None, "t", "t", "v"]},
            [Inert(SIZE, (0, 10), True, False)],
        ),
        (
            {"a": "pqrs", "b": "tuvw", "c": "pqrs"},
            [Inert(BASES, ("a", "c"), False, False)],
        ),
        ({"a": "pqrs", "c": "pqrs"}, [Inert(BASES, ("a", "c"), True, True)]),
    ],
)
def test_values_that_give_the_same_results_are_found(results, found):
    assert list(inert_values([SIZE, BASES], grid(results))) == found


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ({None: "p", 30: "r", 10: "p", 20: "q"}, [Inert(SIZE, (10, None), False, False)]),
        ({None: "p", 30: "p", 10: "p", 20: "q"}, [Inert(SIZE, (10, None), False, False)]),
        ({None: "p", 30: "r", 20: "r", 10: "q"}, [Inert(SIZE, (20, 30), False, False)]),
    ],
)
def test_beside_a_lever_that_is_not_set_numbers_stay_in_a_row(results, found):
    points = [({SIZE: size}, result) for size, result in results.items()]
    assert list(inert_values([SIZE], points)) == found
