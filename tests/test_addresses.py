"""The addressed random numbers: exact values, shapes, and statistical independence.

Each statistical test below is one assertion over many p-values with a Bonferroni correction; its
false-alarm rate over all seeds is at most 1e-6 (the seeds are fixed, so it passes or fails for
good). That the battery can fail is shown on four weak schemes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy.special import chdtrc, ndtr

from simulator import addresses
from simulator.addresses import (
    assumption_uniform,
    exponentials,
    mix64,
    occurrence_key,
    path_base,
    stream_key,
    uniforms,
)

FALSE_ALARM = 1e-6
MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def uniform(seed: int, draw: object, path: object, name: str, occurrence: object) -> np.ndarray:
    """The uniform at an address, in the library's own terms."""
    key = occurrence_key(stream_key(seed, name), occurrence)
    return uniforms(path_base(seed, draw, path), key)


# --- exact values -----------------------------------------------------------------------------


def test_mix64_reproduces_the_published_output_of_splitmix64():
    # First outputs of the generator started at 0 and at 1234567 (its state steps by GOLDEN).
    for start, outputs in {
        0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F],
        1234567: [6457827717110365317, 3203168211198807973, 9817491932198370423],
    }.items():
        states = [(start + (i + 1) * GOLDEN) & MASK for i in range(3)]
        assert mix64(np.array(states, np.uint64)).tolist() == outputs


def scalar_mix(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def scalar_key(seed: int, domain: str, name: str) -> int:
    digest = hashlib.sha256(domain.encode() + b"\0" + name.encode()).digest()
    words = np.frombuffer(digest, "<u4").tolist()
    return int(np.random.SeedSequence(seed, spawn_key=words).generate_state(2).view(np.uint64)[0])


def scalar_uniform(seed: int, draw: int, path: int, name: str, occurrence: int) -> float:
    """The whole address in Python's integers, from the text of the module's docstring."""
    mixed_draw = scalar_mix((scalar_key(seed, "path base", "draw") + (draw + 1) * GOLDEN) & MASK)
    mixed_path = scalar_mix((scalar_key(seed, "path base", "path") + (path + 1) * GOLDEN) & MASK)
    base = scalar_mix((mixed_draw + mixed_path) & MASK)
    key = scalar_mix((scalar_key(seed, "clock", name) + (occurrence + 1) * GOLDEN) & MASK)
    word = scalar_mix((base + key) & MASK)
    return (2 * (word >> 12) + 1) * 2.0**-53


@pytest.mark.parametrize(
    "address",
    [
        (0, 0, 0, "phase", 0),
        (1, 0, 0, "phase", 0),
        (0, 1, 2, "exit:united-kingdom", 3),
        (2**128 - 1, 2**40, 2**63 - 1, "Türkiye", 2**63 - 1),
    ],
)
def test_numbers_equal_those_of_a_scalar_twin(address):
    assert float(uniform(*address)) == scalar_uniform(*address)


def test_numbers_stay_what_they_were():
    # Results of earlier versions can be reproduced only as long as these bits stay.
    assert stream_key(1, "phase") == 17437028110687422298
    assert path_base(1, 2, np.arange(3)).tolist() == [
        4555601034395498792,
        10598941442786456642,
        3201384789594781638,
    ]
    assert assumption_uniform(7, "rho", np.arange(3)).tolist() == [
        0.2745125967884382,
        0.0554010633453591,
        0.5709932126473839,
    ]


def test_uniforms_are_the_odd_multiples_of_two_to_the_minus_53():
    def unmix(word: int) -> int:
        word ^= (word >> 31) ^ (word >> 62)
        word = word * pow(0x94D049BB133111EB, -1, 2**64) & MASK
        word ^= (word >> 27) ^ (word >> 54)
        word = word * pow(0xBF58476D1CE4E5B9, -1, 2**64) & MASK
        return word ^ (word >> 30) ^ (word >> 60)

    words = [0, 2**12 - 1, 2**12, 2**63 - 1, 2**63, MASK]
    base = np.array([unmix(word) for word in words], np.uint64)
    expected = [2.0**-53, 2.0**-53, 3 * 2.0**-53, 0.5 - 2.0**-53, 0.5 + 2.0**-53, 1 - 2.0**-53]
    zero = np.uint64(0)
    assert uniforms(base, zero).tolist() == expected
    assert exponentials(base, zero)[-1] == 2.0**-53
    assert exponentials(base, zero)[0] == pytest.approx(53 * np.log(2), rel=1e-15)
    sample = uniform(3, 0, np.arange(10_000), "any", 0)
    assert np.all((sample * 2.0**53) % 2 == 1)


# --- shapes, buffers, domains -----------------------------------------------------------------


def test_blocks_scalars_and_buffers_give_the_same_bits():
    paths = np.arange(1000)
    whole = uniform(5, 3, paths, "phase", 1)
    key = occurrence_key(stream_key(5, "phase"), 1)
    assert [float(uniforms(path_base(5, 3, p), key)) for p in range(20)] == whole[:20].tolist()
    assert np.array_equal(
        uniforms(path_base(5, np.full(7, 3), np.arange(400, 407)), key), whole[400:407]
    )
    out, scratch = np.empty(1000), np.empty(1000, np.uint64)
    base = path_base(5, 3, paths)
    kept = base.copy()
    assert uniforms(base, key, out=out, scratch=scratch) is out
    assert np.array_equal(out, whole)
    assert np.array_equal(base, kept), "the base words must survive"
    assert np.array_equal(exponentials(base, key, out=out), -np.log(whole))


def test_addresses_broadcast():
    base = path_base(5, np.arange(3)[:, None], np.arange(4))
    assert base.shape == (3, 4)
    assert base[2, 1] == path_base(5, 2, 1)
    keys = occurrence_key(stream_key(5, "phase"), np.arange(2)[:, None, None])
    numbers = uniforms(base, keys)
    assert numbers.shape == (2, 3, 4)
    assert numbers[1, 2, 3] == uniform(5, 2, 3, "phase", 1)
    keys = np.array([stream_key(5, "a"), stream_key(5, "b")])
    assert occurrence_key(keys, np.array([0, 1]))[1] == occurrence_key(keys[1], 1)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_any_integer_type_is_the_same_address(dtype):
    expected = np.array([path_base(1, 0, i) for i in range(5)])
    assert np.array_equal(path_base(1, 0, np.arange(5, dtype=dtype)), expected)


def test_numbers_outside_the_address_space_are_refused():
    with pytest.raises(ValueError, match="path: must be at least 0"):
        path_base(1, 0, np.array([3, -1]))
    with pytest.raises(ValueError, match="draw: must be at least 0 and below"):
        assumption_uniform(1, "rho", np.array([2**63], np.uint64))
    with pytest.raises(TypeError, match="occurrence: integers expected, got float64"):
        occurrence_key(stream_key(1, "a"), 1.0)
    for seed in (-1, 2**128):
        with pytest.raises(ValueError, match="must be at least 0 and below"):
            stream_key(seed, "a")
    assert path_base(1, 0, np.arange(0)).shape == (0,)


def test_a_clock_and_an_assumption_of_one_name_differ():
    assert stream_key(1, "rho") != addresses._named_key(1, "assumption", "rho")


# --- statistics -------------------------------------------------------------------------------

ROWS = 8
COLUMNS = 2**15
CELLS = 16
LAGS = (-2, -1, 0, 1, 2)

# A family is a matrix of uniforms: neighbours along one coordinate of the address by rows, another
# coordinate along the columns.
Scheme = Callable[[object, object, object, object, object], np.ndarray]


def library(seed, draw, path, name, occurrence):
    if np.ndim(seed):
        rows = [library(int(s), draw, path, name, occurrence) for s in np.ravel(seed)]
        return np.stack(rows).reshape(len(rows), -1)
    if np.ndim(name):
        rows = [library(seed, draw, path, f"clock {n}", occurrence) for n in np.ravel(name)]
        return np.stack(rows).reshape(len(rows), -1)
    return uniform(seed, draw, path, f"clock {name}", occurrence)


def families(scheme: Scheme) -> Iterator[tuple[str, np.ndarray]]:
    rows, many = np.arange(ROWS)[:, None], np.arange(COLUMNS)
    yield "seeds, along paths", scheme(rows, 0, many, 0, 0)
    yield "seeds, along draws", scheme(rows, many, 0, 0, 0)
    yield "seeds with one bit set, along paths", scheme(2 ** (8 * rows), 0, many, 0, 0)
    yield "draws, along paths", scheme(1, rows, many, 0, 0)
    yield "draws, along occurrences", scheme(1, rows, 0, 0, many)
    yield "paths, along draws", scheme(1, many, rows, 0, 0)
    yield "paths, along occurrences", scheme(1, 0, rows, 0, many)
    yield "names, along paths", scheme(1, 0, many, rows, 0)
    yield "names, along draws", scheme(1, many, 0, rows, 0)
    yield "occurrences, along paths", scheme(1, 0, many, 0, rows)
    yield "occurrences, along draws", scheme(1, many, 0, 0, rows)
    yield "diagonals of draw and path", scheme(1, many, many + rows, 0, 0)
    yield "strides of paths", scheme(1, 0, many * (rows + 1) * 1024, 0, 0)


def correlation_p(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p of no correlation; the product of two uniforms is bounded, so the sum of
    32,768 of them is normal far into the tail that the budget needs."""
    # No np.dot: on a busy machine the threads of its library wait for each other.
    z = float(((a - 0.5) * (b - 0.5)).sum()) * 12.0 / np.sqrt(a.size)
    return float(2.0 * ndtr(-abs(z)))


def chi_square_p(cells: np.ndarray, count: int) -> float:
    """Two-sided p of equal cell probabilities: too even is as wrong as too uneven."""
    expected = cells.size / count
    statistic = float(((np.bincount(cells, minlength=count) - expected) ** 2).sum() / expected)
    upper = float(chdtrc(count - 1, statistic))
    return 2.0 * min(upper, 1.0 - upper)


def battery(matrix: np.ndarray) -> list[float]:
    """P-values of uniformity, pairwise correlation at several lags, and pairs in the square."""
    assert matrix.shape == (ROWS, COLUMNS)
    values = []
    for bits in (matrix, (matrix * 2.0**26) % 1.0):  # the leading and the trailing half
        cells = (bits * CELLS).astype(np.int64)
        values += [chi_square_p((row * 256).astype(np.int64), 256) for row in bits]
        for i in range(ROWS):
            for j in range(i, ROWS):
                for lag in LAGS:
                    if i == j and lag <= 0:
                        continue
                    left = slice(max(lag, 0), COLUMNS + min(lag, 0))
                    right = slice(max(-lag, 0), COLUMNS - max(lag, 0))
                    values.append(correlation_p(bits[i, left], bits[j, right]))
                    if abs(lag) < 2:
                        pairs = cells[i, left] * CELLS + cells[j, right]
                        values.append(chi_square_p(pairs, CELLS * CELLS))
    return values


def verdicts(scheme: Scheme) -> tuple[dict[str, float], float]:
    """The smallest p of each family, and the level that spends the budget on all p-values."""
    smallest, tests = {}, 0
    for name, matrix in families(scheme):
        values = battery(matrix)
        smallest[name] = min(values)
        tests += len(values)
    return smallest, FALSE_ALARM / tests


def test_neighbouring_addresses_are_independent():
    smallest, level = verdicts(library)
    assert {name: p for name, p in smallest.items() if p < level} == {}


def to_uniform(words: np.ndarray) -> np.ndarray:
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def as_words(number: object) -> np.ndarray:
    return np.asarray(number).astype(np.uint64)


def additive(seed, draw, path, name, occurrence):
    """Coordinates added before one good hash: neighbours overlap with a lag."""
    total = sum(as_words(part) for part in (seed, draw, path, name, occurrence))
    return to_uniform(mix64(np.array(total * np.uint64(GOLDEN))))


def unhashed_occurrence(seed, draw, path, name, occurrence):
    """Only the occurrence is added to a hashed rest by the step of the Weyl sequence of paths."""
    weyl = (as_words(path) + as_words(occurrence)) * np.uint64(GOLDEN)
    rest = [
        mix64(np.array(as_words(x) * np.uint64(GOLDEN) + np.uint64(s)))
        for s, x in enumerate((seed, draw, name), start=1)
    ]
    return to_uniform(mix64(np.array(weyl + rest[0] + rest[1] + rest[2])))


def unmixed(seed, draw, path, name, occurrence):
    """A Weyl sequence with hashed starts but no final hash: evenly spread, not random."""
    start = sum(
        mix64(np.array(as_words(x) * np.uint64(GOLDEN) + np.uint64(s)))
        for s, x in enumerate((seed, draw, name, occurrence), start=1)
    )
    return to_uniform(np.array(as_words(path) * np.uint64(GOLDEN) + start))


def faintly_correlated(seed, draw, path, name, occurrence):
    """The library's numbers, but one in 16 is shared by neighbours along every coordinate."""
    good = np.array(library(seed, draw, path, name, occurrence))
    good[:, ::16] = good[:1, ::16]
    return good


@pytest.mark.parametrize("scheme", [additive, unhashed_occurrence, unmixed, faintly_correlated])
def test_the_battery_catches_a_weak_scheme(scheme):
    smallest, level = verdicts(scheme)
    assert any(p < level for p in smallest.values())


def test_assumptions_are_independent_of_each_other():
    draws = np.arange(COLUMNS)
    names = np.stack([assumption_uniform(1, f"hr.{i}", draws) for i in range(ROWS)])
    seeds = np.stack([assumption_uniform(s, "hr.presence", draws) for s in range(ROWS)])
    clock = library(1, draws, 0, 0, np.arange(ROWS)[:, None])
    clock[0] = names[0]  # an assumption among clocks of the same draws
    values = battery(names) + battery(seeds) + battery(clock)
    assert min(values) > FALSE_ALARM / len(values)


def test_no_two_paths_share_a_base_word():
    # 2**20 words of 64 bits collide by chance with probability 3e-8, within the budget.
    base = path_base(1, np.arange(1024)[:, None], np.arange(1024))
    assert np.unique(base).size == base.size


def test_every_input_bit_moves_every_output_bit_half_of_the_time():
    n = 2**13
    numbers = np.arange(n)
    changes = []
    for bit in range(41):
        step = 1 << bit
        for other in (
            path_base(1, 0, numbers) ^ path_base(1, 0, numbers ^ step),
            path_base(1, numbers, 0) ^ path_base(1, numbers ^ step, 0),
            occurrence_key(stream_key(1, "a"), numbers)
            ^ occurrence_key(stream_key(1, "a"), numbers ^ step),
        ):
            # numbers and numbers ^ step are both in the range for low bits: keep one of each pair
            once = other[(numbers & step) == 0]
            bits = np.unpackbits(once[:, None].view(np.uint8), axis=1)
            z = (bits.mean(axis=0) - 0.5) * 2.0 * np.sqrt(once.size)
            changes.append(2.0 * ndtr(-np.abs(z)))
    p = np.concatenate(changes)
    assert p.min() > FALSE_ALARM / p.size


def test_exponentials_have_the_moments_of_the_exponential():
    n = 2**20
    numbers = exponentials(path_base(9, 0, np.arange(n)), occurrence_key(stream_key(9, "a"), 0))
    # Mean 1 (variance 1) and mean square 2 (variance 20), two-sided at half the budget each.
    for mean, expected, variance in ((numbers.mean(), 1, 1), ((numbers**2).mean(), 2, 20)):
        z = (mean - expected) / np.sqrt(variance / n)
        assert 2.0 * ndtr(-abs(z)) > FALSE_ALARM / 2
