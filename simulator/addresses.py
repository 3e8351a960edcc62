"""Addressed random numbers: each one is a pure function of where it is used.

A random number is never "the next one". It has an address, (seed, name, draw) for an assumption
and (seed, name, draw, trial) for a clock of the world. Block size, number of workers, the order
of events and the presence of other names cannot change it, and two plans run with the same seed
share the numbers of every name they have in common (common random numbers).

Over the draws the numbers are spread evenly, not independently:

- Draw d is point d // 16 of *replicate* d % 16. In a replicate every name is a scrambled net in
  base 2: of the points that an aligned block of 2**m holds, one lies in each of 2**m intervals.
- A name of the register (`simulator.dimensions`) takes the generator matrix of its own dimension
  of the Sobol sequence. Any other name takes a random one, unit upper triangular, keyed by seed,
  name and replicate: a van der Corput sequence whose index is shuffled within every aligned block.
- The matrix is scrambled from the left by a random unit lower triangular one, keyed by seed and
  name (Matoušek 1998), and the points are shifted bit by bit (XOR) by a word keyed by seed, name
  and replicate. Every single number is uniform, and replicates are independent given the scramble,
  so the spread of their means measures the error of the mean.
- Trial k XORs point k of a second net of the name, with a dimension and keys of its own, onto the
  number of the draw. This net is the same in all draws.

Keys are output of SHAKE-256 (FIPS 202) from the text of seed, part and name. A number has 32
bits, x, and is (x + 1/2) 2**-32: symmetric about 1/2, never 0 and never 1, so logarithms and
quantile functions need no guard.

`independent_assumption_uniform` and `independent_world_uniforms` have the same signatures but no
structure: their numbers are hashes of their addresses, by `mix64`, the SplitMix64 finaliser
(Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"; constants: Stafford's
variant 13).
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.dimensions import BITS, dimension_of, direction_numbers

Bits = npt.NDArray[np.uint32]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Integers = int | npt.NDArray[np.integer]

SEED_BITS: Final = 128
REPLICATES: Final = 16

_TABLE_COLUMNS: Final = 8  # of a matrix, whose combinations are looked up in a table
# Bits of a column of a matrix on, below and above the diagonal.
_UNIT: Final = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)
_BELOW: Final = _UNIT - np.uint32(1)
_ABOVE: Final = ~(_UNIT | _BELOW)

_TO_FRACTION: Final = np.uint64(52 - BITS)  # places a number at the top of a float's fraction
_ONE_AND_HALF_A_STEP: Final = np.uint64(0x3FF << 52 | 1 << (51 - BITS))

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: the Weyl increment
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)


def assumption_uniform(seed: int, name: str, draws: Integers) -> Floats:
    """Uniforms in (0, 1) that decide assumption `name` in the given draws, each below 2**36.

    Assumptions and clocks of one name are unrelated.
    """
    return assumption_uniforms(seed, draws)(name)


def assumption_uniforms(seed: int, draws: Integers) -> Callable[[str], Floats]:
    """Return `assumption_uniform` as a function of the name: for many names, in less time."""
    places = _places("draw", draws)
    return lambda name: _uniforms(places.words(seed, name))


def world_uniforms(seed: int, name: str, draws: Integers, trials: Integers) -> Floats:
    """Uniforms in (0, 1) of clock `name` in these trials of these draws, shape (D, K).

    Draws are below 2**36, trials below 2**32.
    """
    clock = f"world:{name}"
    of_draws = _places("draw", draws).words(seed, clock)
    of_trials = _places("trial", trials).words(seed, clock)
    return _uniforms(of_draws[:, None] ^ of_trials)


def _uniforms(words: Words) -> Floats:
    """Return uniforms from floats in (1, 2), given as words."""
    return np.asarray(words.view(np.float64) - 1.0)


class _Places:
    """Where the numbers of draws or trials stand, in the tables of nets and beyond."""

    def __init__(self, part: str, values: npt.NDArray[np.int64]) -> None:
        self.part, self.values = part, values
        replicates = REPLICATES if part == "draw" else 1
        size = replicates << _TABLE_COLUMNS
        first = values.item(0) if values.size else 0
        # The draws of a block mostly differ in those bits alone that a table knows.
        self.low = values ^ (first & -size)
        self.within = not values.size or np.maximum.reduce(self.low.view(np.uint64), None) < size
        self.high = np.array([first // size])
        if not self.within:
            self.low = values & (size - 1)
            each = (values // size) * replicates + self.low % replicates
            keys, self.where = np.unique(each, return_inverse=True)
            self.high, self.replicate = keys // replicates, keys % replicates
        if self.high[0] < 0 or self.high[-1] >> (BITS - _TABLE_COLUMNS):
            limit = "2**36" if part == "draw" else "2**32"
            raise ValueError(f"{part}: numbers must be at least 0 and below {limit}")
        self.bits = range(int(self.high[-1]).bit_length())

    def words(self, seed: int, name: str) -> Words:
        """Return the bits of a name in draws, as floats in (1, 2); in trials, what they XOR on."""
        table, columns = _net(seed, self.part, name)
        if self.within:
            chosen = [bit for bit in self.bits if self.high[0] >> bit & 1]
            if chosen:
                table = table ^ np.bitwise_xor.reduce(columns[chosen], axis=0)
            return np.asarray(table.ravel()[self.low])
        offsets = np.zeros(self.high.size, np.uint64)
        for bit in self.bits:
            own = columns[bit][self.replicate % columns.shape[1]]
            offsets ^= np.where(self.high >> bit & 1, own, np.uint64(0))
        return np.asarray(table.ravel()[self.low] ^ offsets[self.where])


_recent: Final[dict[str, _Places]] = {}


def _places(part: str, numbers: Integers) -> _Places:
    """Places of these numbers: found once for all names of a block."""
    values, places = _integers(numbers, part), _recent.get(part)
    if places is None or not np.array_equal(places.values, values):
        places = _recent[part] = _Places(part, values.copy())
    return places


@lru_cache(maxsize=2048)
def _net(seed: int, part: str, name: str) -> tuple[Words, Words]:
    """Words of the first points of a net, and the columns that lead to all others.

    Shapes (2**8, replicates) and (24, replicates), or (24, 1) if all replicates have the same.
    """
    replicates = REPLICATES if part == "draw" else 1
    scramble, shifts = BITS, BITS + replicates  # where these keys end; the others are for
    keys = _key_words(seed, part, name, shifts + replicates * BITS)
    lower = (keys[:scramble] & _BELOW) | _UNIT
    dimension = dimension_of(part, name)
    if dimension is None:
        generator = (keys[shifts:].reshape(replicates, BITS) & _ABOVE) | _UNIT
    else:
        generator = direction_numbers()[[dimension]]
    chosen = (generator.T & _UNIT[:, None, None]) != 0
    product = np.where(chosen, lower[:, None, None], 0)
    columns = np.bitwise_xor.reduce(product, axis=0).astype(np.uint64) << _TO_FRACTION
    table = np.empty((2**_TABLE_COLUMNS, replicates), np.uint64)
    if part == "draw":
        table[0] = (keys[scramble:shifts].astype(np.uint64) << _TO_FRACTION) | _ONE_AND_HALF_A_STEP
    else:
        table[0] = 0
    for bit in range(_TABLE_COLUMNS):
        np.bitwise_xor(table[: 1 << bit], columns[bit], out=table[1 << bit : 2 << bit])
    table.setflags(write=False)
    return table, columns[_TABLE_COLUMNS:]


def _key_words(seed: int, part: str, name: str, count: int) -> Bits:
    """Return `count` random words for a name."""
    if not 0 <= seed < 2**SEED_BITS:
        raise ValueError(f"seed {seed}: must be at least 0 and below 2**{SEED_BITS}")
    # The seed is digits and the part is one of ours, so the text cannot be cut in two ways.
    digest = hashlib.shake_256(f"{seed}\0{part}\0{name}".encode()).digest(4 * count)
    return np.frombuffer(digest, "<u4").astype(np.uint32)


def _integers(numbers: Integers, what: str) -> npt.NDArray[np.int64]:
    values = np.asarray(numbers)
    if values.dtype == np.int64:
        return values
    if values.dtype.kind not in "iu":
        raise TypeError(f"{what}: integers expected, got {values.dtype}")
    if values.dtype == np.uint64 and values.size and values.max() >= 2**63:
        raise ValueError(f"{what}: must be below 2**63")
    return values.astype(np.int64)


def independent_assumption_uniform(seed: int, name: str, draws: Integers) -> Floats:
    """Return independent uniforms; arguments as for `assumption_uniform`."""
    return _hash_uniforms(_hashed(seed, "independent draw", name, draws))


def independent_world_uniforms(seed: int, name: str, draws: Integers, trials: Integers) -> Floats:
    """Return independent uniforms; arguments as for `world_uniforms`."""
    clock = f"world:{name}"
    of_draws = _hashed(seed, "independent draw", clock, draws)
    of_trials = _hashed(seed, "independent trial", clock, trials)
    return _hash_uniforms(mix64(np.add.outer(of_draws, of_trials)))


def _hashed(seed: int, part: str, name: str, numbers: Integers) -> Words:
    low, high = _key_words(int(seed), part, name, 2).astype(np.uint64)
    values = _integers(numbers, part)
    if values.size and values.min() < 0:
        raise ValueError(f"{part}: must be at least 0 and below 2**63")
    words = values.astype(np.uint64)
    # Counting from 1 keeps the all-zero word, a fixed point of mix64, out of reach of a zero key.
    words += np.uint64(1)
    words *= _GOLDEN
    words += low | (high << np.uint64(32))
    return mix64(words)


def _hash_uniforms(words: Words) -> Floats:
    words >>= np.uint64(64 - BITS)
    words <<= _TO_FRACTION
    words |= _ONE_AND_HALF_A_STEP
    return _uniforms(words)


def mix64(words: Words) -> Words:
    """Apply the SplitMix64 finaliser, a bijection of 64-bit words, elementwise."""
    mixed = words.copy()
    for shift, multiplier in _ROUNDS:
        mixed ^= mixed >> shift
        mixed *= multiplier
    mixed ^= mixed >> _LAST_SHIFT
    return mixed
