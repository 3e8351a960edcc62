"""The register of dimensions grows at its end only, and its direction numbers are the published."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.stats import qmc

from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, CHOICES
from simulator.dimensions import (
    BITS,
    DRAW_DIMENSIONS,
    DRAWS,
    TRIALS,
    dimension_of,
    direction_numbers,
)
from simulator.model import clocks
from simulator.model.compiled import CAUSES


@pytest.mark.parametrize(
    ("names", "count", "digest"),
    [
        (DRAWS, 222, "a19cb2040c26adb2"),
        (TRIALS, 106, "ddbd6ae983d0af73"),
    ],
)
def test_version_1_stays_what_it_was(names, count, digest):
    # If this fails, a name was inserted, moved or taken out: add names at the end instead.
    assert hashlib.sha256("\n".join(names[:count]).encode()).hexdigest()[:16] == digest


def test_one_dimension_one_name():
    numbers = [dimension_of("draw", name) for name in DRAWS]
    numbers += [dimension_of("trial", name) for name in TRIALS]
    assert len(set(numbers)) == len(DRAWS) + len(TRIALS)
    assert len(DRAWS) <= DRAW_DIMENSIONS
    assert DRAW_DIMENSIONS + len(TRIALS) <= len(direction_numbers())
    assert dimension_of("trial", "rho") is None
    assert dimension_of("draw", "contributors.france.troops") is None


def test_the_model_s_own_names_have_dimensions():
    books = [load_book(name) for name in ("blend", "evidence", "experts")]
    choices = {choice for book in books for choice in book.choice_options} | set(CHOICES)
    assert {f"structure.{choice}" for choice in choices} <= set(DRAWS)
    assert set(ASSUMPTIONS) <= set(DRAWS)
    once = [clocks.COMMON_SHOCK, clocks.CONSENT, clocks.REFUSAL_BLOCKS, clocks.BACKSTOP_START]
    once += [clocks.MISSION_END, clocks.RESOLVE, clocks.REINFORCEMENT]
    once += [clocks.CAUSE.format(cause) for cause in CAUSES]
    repeated = [clocks.BACKSTOP, clocks.PHASE, clocks.DIRECTION]
    names = {*once, *(clock.format(k) for clock in repeated for k in range(32))}
    assert {f"world:{name}" for name in names} == set(TRIALS)
    assert set(TRIALS) <= set(DRAWS)


def test_direction_numbers_are_those_of_joe_and_kuo():
    """Point 2**j of scipy's sequence, in the order of Gray's code, is column j XOR column j - 1."""
    ours = direction_numbers()
    dimensions, columns = len(ours), 20  # scipy would need hours to reach the last ones
    sampler = qmc.Sobol(dimensions, scramble=False, bits=BITS)
    reached, column = 1, np.zeros(dimensions, np.uint32)
    sampler.fast_forward(1)
    for j in range(columns):
        sampler.fast_forward(2**j - reached)
        column ^= (sampler.random(1)[0] * 2.0**BITS).astype(np.uint32)
        reached = 2**j + 1
        assert np.array_equal(ours[:, j], column), j


def test_direction_numbers_stay_what_they_were():
    numbers = direction_numbers()
    diagonal = 1 << np.arange(BITS - 1, -1, -1)
    assert np.all(numbers & (2 * diagonal - 1) == diagonal), "a one on the diagonal, none below"
    # The last columns too, which the test above does not reach.
    digest = hashlib.sha256(numbers.astype("<u4").tobytes()).hexdigest()
    assert digest[:16] == "08d9987485c2fabe"
