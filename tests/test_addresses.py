"""The addressed random numbers: exact values, shapes, limits, and that every name is a net.

What is random about them is tested in `tests/verification/test_even_draws.py`.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from simulator import addresses, dimensions
from simulator.addresses import (
    REPLICATES,
    assumption_uniform,
    independent_assumption_uniform,
    independent_world_uniforms,
    mix64,
    world_uniforms,
)
from simulator.dimensions import dimension_of, direction_numbers

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
LAST_DRAW, LAST_TRIAL, LAST_SEED = 2**36 - 1, 2**32 - 1, 2**128 - 1

# With and without a dimension.
NAMES = ["rho", "structure.book", "contributors.france.troops", "Türkiye"]
CLOCKS = ["resolve", "phase:31", "commit:france", "phase:32"]


# --- exact values -----------------------------------------------------------------------------


def scalar_word(seed: int, part: str, name: str, index: int, replicate: int | None) -> int:
    """The 32 bits of a point in Python's integers, from the text of the module's docstring."""
    replicates = 1 if replicate is None else 16
    count = 32 + 33 * replicates
    digest = hashlib.shake_256(f"{seed}\0{part}\0{name}".encode()).digest(4 * count)
    keys = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 4 * count, 4)]
    scramble, shifts = keys[:32], keys[32 : 32 + replicates]
    first = 32 + replicates + 32 * (replicate or 0)
    generator = keys[first : first + 32]
    dimension = dimension_of(part, name)
    point = 0 if replicate is None else shifts[replicate]
    for j in range(32):
        if not index >> j & 1:
            continue
        if dimension is None:
            column = generator[j] >> (32 - j) << (32 - j) | 1 << (31 - j)
        else:
            column = int(direction_numbers()[dimension, j])
        for row in range(32):
            if column >> (31 - row) & 1:
                point ^= 1 << (31 - row) | scramble[row] & ((1 << (31 - row)) - 1)
    return point


def scalar_uniform(seed: int, name: str, draw: int, trial: int | None = None) -> float:
    word = scalar_word(seed, "draw", name, draw // 16, draw % 16)
    if trial is not None:
        word ^= scalar_word(seed, "trial", name, trial, None)
    return (word + 0.5) * 2.0**-32


@pytest.mark.parametrize("seed", [0, 1, LAST_SEED])
@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_assumptions_equal_those_of_a_scalar_twin(seed, name):
    draws = [0, 1, 15, 16, 4095, 4096, 123_456_789, LAST_DRAW]
    expected = [scalar_uniform(seed, name, draw) for draw in draws]
    assert assumption_uniform(seed, name, np.array(draws)).tolist() == expected


@pytest.mark.parametrize("seed", [0, LAST_SEED])
@pytest.mark.parametrize("name", CLOCKS)
def test_numbers_of_clocks_equal_those_of_a_scalar_twin(seed, name):
    draws, trials = [0, 17, 70_000, LAST_DRAW], [0, 1, 2, 255, 256, LAST_TRIAL]
    expected = [[scalar_uniform(seed, f"world:{name}", d, k) for k in trials] for d in draws]
    assert world_uniforms(seed, name, np.array(draws), np.array(trials)).tolist() == expected


def test_numbers_stay_what_they_were():
    # Results of earlier versions can be reproduced only as long as these bits stay.
    def words(numbers: np.ndarray) -> list[str]:
        return [f"{int(word):08x}" for word in (numbers * 2.0**32 - 0.5).ravel()]

    draws, trials = np.array([0, 1, 16, 4096]), np.arange(3)
    assert words(assumption_uniform(7, "rho", draws)) == [
        "0bbc31c1",
        "bcd57558",
        "a35e03be",
        "d0ff525b",
    ]
    assert words(assumption_uniform(7, "contributors.france.troops", draws)) == [
        "f9fa6998",
        "3254b588",
        "13947eb5",
        "0e847937",
    ]
    assert words(world_uniforms(7, "phase:0", draws[:2], trials)) == [
        "69972c2e",
        "ed9f3aca",
        "398f6fad",
        "606a3488",
        "e462226c",
        "3072770b",
    ]
    assert words(world_uniforms(7, "exit:france", draws[:2], trials)) == [
        "d54a7f91",
        "2f947db2",
        "98597d72",
        "bc39ab9c",
        "46e7a9bf",
        "f12aa97f",
    ]


def test_mix64_reproduces_the_published_output_of_splitmix64():
    # First outputs of the generator started at 0 and at 1234567 (its state steps by GOLDEN).
    for start, outputs in {
        0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F],
        1234567: [6457827717110365317, 3203168211198807973, 9817491932198370423],
    }.items():
        states = [(start + (i + 1) * GOLDEN) & MASK for i in range(3)]
        assert mix64(np.array(states, np.uint64)).tolist() == outputs


# --- shapes, limits, purity -------------------------------------------------------------------

GENERATORS = [
    (assumption_uniform, world_uniforms),
    (independent_assumption_uniform, independent_world_uniforms),
]


@pytest.mark.parametrize(("of_draws", "of_worlds"), GENERATORS)
def test_any_part_in_any_order_has_the_same_numbers(of_draws, of_worlds):
    draws = np.arange(10_000)
    order = np.random.default_rng(1).permutation(draws)
    for name in NAMES:
        whole = of_draws(3, name, draws)
        assert np.array_equal(of_draws(3, name, order), whole[order])
        assert np.array_equal(of_draws(3, name, draws[4000:4200]), whole[4000:4200])
        assert np.array_equal(of_draws(3, name, draws[whole > 0.5]), whole[whole > 0.5])
        assert [float(of_draws(3, name, d)) for d in (0, 4097)] == whole[[0, 4097]].tolist()
        assert of_draws(3, name, draws[:0]).shape == (0,)
    worlds = of_worlds(3, "resolve", draws, np.arange(300))
    assert worlds.shape == (10_000, 300)
    part = of_worlds(3, "resolve", order[:50], np.array([299, 3]))
    assert np.array_equal(part, worlds[order[:50]][:, [299, 3]])
    assert of_worlds(3, "resolve", draws, np.arange(0)).shape == (10_000, 0)


@pytest.mark.parametrize(("of_draws", "of_worlds"), GENERATORS)
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_any_integer_type_is_the_same_address(of_draws, of_worlds, dtype):
    numbers = np.arange(5)
    as_type = numbers.astype(dtype)
    assert np.array_equal(of_draws(1, "rho", as_type), of_draws(1, "rho", numbers))
    assert np.array_equal(
        of_worlds(1, "resolve", as_type, as_type), of_worlds(1, "resolve", numbers, numbers)
    )


def test_numbers_outside_the_address_space_are_refused():
    few = np.arange(3)
    for bad in (-1, LAST_DRAW + 1, 2**62):
        for draws in ([bad], [3, bad], [bad, 3]):
            with pytest.raises(ValueError, match=r"draw: .* at least 0 and below 2\*\*36"):
                assumption_uniform(1, "rho", np.array(draws))
    with pytest.raises(ValueError, match=r"trial: .* at least 0 and below 2\*\*32"):
        world_uniforms(1, "resolve", few, np.array([LAST_TRIAL + 1]))
    with pytest.raises(ValueError, match=r"draw: must be below 2\*\*63"):
        assumption_uniform(1, "rho", np.array([2**64 - 1], np.uint64))
    with pytest.raises(TypeError, match="draw: integers expected, got float64"):
        assumption_uniform(1, "rho", np.array([1.0]))
    for seed in (-1, LAST_SEED + 1):
        with pytest.raises(ValueError, match="must be at least 0 and below"):
            assumption_uniform(seed, "rho", few)


def test_results_can_be_changed_without_changing_the_numbers():
    draws = np.arange(100)
    kept = assumption_uniform(1, "rho", draws).copy()
    assumption_uniform(1, "rho", draws)[:] = 0.0
    world_uniforms(1, "resolve", draws, np.arange(1))[:] = 0.0
    assert np.array_equal(assumption_uniform(1, "rho", draws), kept)


def test_a_name_with_a_dimension_leaves_all_others_alone(monkeypatch):
    """A later version of the register changes the numbers of the names that it adds, only."""
    draws, trials = np.arange(100), np.arange(64)

    def numbers() -> dict[str, np.ndarray]:
        addresses._net.cache_clear()
        found = {name: assumption_uniform(1, name, draws) for name in NAMES}
        return found | {name: world_uniforms(1, name, draws, trials) for name in CLOCKS}

    before = numbers()
    monkeypatch.setitem(dimensions._DIMENSIONS["draw"], "contributors.france.troops", 383)
    monkeypatch.setitem(dimensions._DIMENSIONS["trial"], "world:phase:32", 639)
    after = numbers()
    addresses._net.cache_clear()
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"contributors.france.troops", "phase:32"}


# --- nets -------------------------------------------------------------------------------------


def one_in_each_interval(numbers: np.ndarray) -> bool:
    return sorted((numbers * numbers.size).astype(np.int64)) == list(range(numbers.size))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_a_net_in_every_replicate(name):
    for replicate in range(REPLICATES):
        numbers = assumption_uniform(11, name, np.arange(4096) * REPLICATES + replicate)
        for m in range(13):
            for block in np.split(numbers, 2 ** min(12 - m, 3)):
                assert one_in_each_interval(block[: 2**m]), (replicate, m)


@pytest.mark.parametrize("name", [*NAMES, *dimensions.DRAWS[::40]])
def test_blocks_far_out_are_nets_too(name):
    for m in (0, 1, 5, 8, 11):
        for place in (3, 2**20 - 1, 2 ** (32 - m) - 1):
            points = (place << m) + np.arange(2**m)
            assert one_in_each_interval(assumption_uniform(2, name, points * REPLICATES + 5))


@pytest.mark.parametrize("name", [*CLOCKS, *(n.removeprefix("world:") for n in dimensions.TRIALS)])
def test_trials_of_one_draw_are_a_net(name):
    for row in world_uniforms(11, name, np.array([0, 1, 16, 50_000, LAST_DRAW]), np.arange(256)):
        for m in range(9):
            assert one_in_each_interval(row[: 2**m]), m


def test_the_first_trial_is_the_draw_s_own_number():
    draws = np.arange(50)
    for name in CLOCKS:
        first = world_uniforms(1, name, draws, np.arange(1))[:, 0]
        assert np.array_equal(first, assumption_uniform(1, f"world:{name}", draws))
