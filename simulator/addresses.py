"""Addressed random numbers: each one is a pure function of where it is used.

A random number is never "the next one". It has an address, (seed, draw, path, name,
occurrence), and its value is a hash of that address. Block size, number of workers, the order
of events and the presence of other clocks cannot change it, and two scenarios run with the same
seed share the numbers of every clock they have in common (common random numbers).

The hash is built from published parts:

- a *name* (of a clock or an assumption) becomes 256 bits by SHA-256, and with the seed 64 bits
  by numpy's ``SeedSequence`` (O'Neill's entropy-mixing pool);
- integers (draw, path, occurrence) are counted along the golden-ratio Weyl sequence and mixed by
  ``mix64``, the SplitMix64 finaliser (Steele, Lea & Flood 2014, "Fast splittable pseudorandom
  number generators"; constants: Stafford's variant 13);
- draw and path are mixed separately before they meet and again afterwards, so no pair
  (draw, path) runs into another by addition, and the occurrence is mixed into the key of the
  name before that meets the path. One last ``mix64`` makes the word.

The word becomes a uniform on the odd multiples of 2**-53: 52 bits, symmetric about 1/2, never 0
and never 1, so logarithms and quantile functions need no guard.

Numbers in an address are non-negative integers below 2**63; a seed may have up to 128 bits.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = [
    "assumption_uniform",
    "exponentials",
    "mix64",
    "occurrence_key",
    "path_base",
    "stream_key",
    "uniforms",
]

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Integers = int | npt.NDArray[np.integer]

SEED_BITS = 128

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: the Weyl increment
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)

_SIGN_AND_EXPONENT = np.uint64(12)  # bits of a float64 that are not its fraction
_EXPONENT_OF_ONE = np.uint64(0x3FF0000000000000)  # or-ed to a fraction: a float in [1, 2)
_TO_OPEN_UNIT = 1.0 - 2.0**-53  # [1, 2) in steps of 2**-52 -> odd multiples of 2**-53


def stream_key(seed: int, name: str) -> np.uint64:
    """Return the 64-bit key of a clock called `name` under `seed`.

    Parameters
    ----------
    seed : int
        ``0 <= seed < 2**128``.
    name : str
        Any text; all of it counts.

    Raises
    ------
    ValueError
        If the seed is outside its range.
    """
    return _named_key(seed, "clock", name)


def occurrence_key(key: np.uint64 | Words, occurrence: Integers) -> Words:
    """Return the keys of occurrences 0, 1, ... of the clock with stream key `key`.

    Parameters
    ----------
    key : uint64, scalar or array
        From `stream_key`.
    occurrence : int or integer array, each >= 0
        Broadcasts against `key`.

    Returns
    -------
    uint64 array of the broadcast shape.
    """
    words = _weyl(occurrence, "occurrence")
    words = np.asarray(np.add(words, key, dtype=np.uint64))
    return mix64(words, out=words)


def path_base(seed: int, draw: Integers, path: Integers) -> Words:
    """Return the base words of paths: what all random numbers of one path share.

    Parameters
    ----------
    seed : int
        ``0 <= seed < 2**128``.
    draw, path : int or integer array, each >= 0
        Index of the draw of the assumptions, and of the path within that draw; they broadcast.

    Returns
    -------
    uint64 array of the broadcast shape.
    """
    draw_words = _weyl(draw, "draw")
    np.add(draw_words, _named_key(seed, "path base", "draw"), out=draw_words)
    path_words = _weyl(path, "path")
    np.add(path_words, _named_key(seed, "path base", "path"), out=path_words)
    mix64(draw_words, out=draw_words)
    mix64(path_words, out=path_words)
    words = np.asarray(np.add(draw_words, path_words))
    return mix64(words, out=words)


def uniforms(
    base: Words | np.uint64,
    key: Words | np.uint64,
    out: Floats | None = None,
    scratch: Words | None = None,
) -> Floats:
    """Return the uniforms in the open interval (0, 1) at the addresses (base, key).

    Parameters
    ----------
    base : uint64
        From `path_base`.
    key : uint64
        From `occurrence_key`; broadcasts against `base`.
    out : float64 array of the broadcast shape, optional
        Where to put the result. Without it an array is allocated.
    scratch : uint64 array of the broadcast shape, optional
        Working space; its contents are destroyed.

    Returns
    -------
    float64 array of the broadcast shape (`out` if given): odd multiples of 2**-53.
    """
    if out is None:  # working out the broadcast shape beforehand would take as long as all the rest
        words = np.asarray(np.add(base, key, dtype=np.uint64))
        out = words.view(np.float64)
    else:
        words = np.add(base, key, out=out.view(np.uint64))
    mix64(words, out=words, scratch=scratch)
    np.right_shift(words, _SIGN_AND_EXPONENT, out=words)
    np.bitwise_or(words, _EXPONENT_OF_ONE, out=words)
    return np.subtract(out, _TO_OPEN_UNIT, out=out)


def exponentials(
    base: Words | np.uint64,
    key: Words | np.uint64,
    out: Floats | None = None,
    scratch: Words | None = None,
) -> Floats:
    """Return unit exponentials, -log(u) of the `uniforms` at the same addresses.

    Values lie between 2**-53 and 53 log 2 (about 36.7). Arguments as for `uniforms`.
    """
    out = uniforms(base, key, out=out, scratch=scratch)
    np.log(out, out=out)
    return np.negative(out, out=out)


def assumption_uniform(seed: int, name: str, draws: Integers) -> Floats:
    """Return the uniform that decides assumption `name` in each of the given draws.

    Parameters
    ----------
    seed : int
        ``0 <= seed < 2**128``.
    name : str
        Name of the assumption. Assumptions and clocks of one name are unrelated.
    draws : int or integer array, each >= 0

    Returns
    -------
    float64 array of the shape of `draws`, strictly inside (0, 1).
    """
    words = _weyl(draws, "draw")
    np.add(words, _named_key(seed, "assumption base", "draw"), out=words)
    mix64(words, out=words)
    return uniforms(words, _named_key(seed, "assumption", name))


def mix64(words: Words, out: Words | None = None, scratch: Words | None = None) -> Words:
    """Apply the SplitMix64 finaliser, a bijection of 64-bit words, elementwise.

    Parameters
    ----------
    words : uint64 array
    out, scratch : uint64 arrays of the same shape, optional
        `out` may be `words` itself; `scratch` is working space and must be neither.
    """
    if out is None:
        out = np.empty_like(words)
    if scratch is None:
        scratch = np.empty_like(out)
    np.right_shift(words, _SHIFT_1, out=scratch)
    np.bitwise_xor(words, scratch, out=out)
    np.multiply(out, _MULTIPLIER_1, out=out)
    np.right_shift(out, _SHIFT_2, out=scratch)
    np.bitwise_xor(out, scratch, out=out)
    np.multiply(out, _MULTIPLIER_2, out=out)
    np.right_shift(out, _SHIFT_3, out=scratch)
    return np.bitwise_xor(out, scratch, out=out)


def _weyl(numbers: Integers, what: str) -> Words:
    """Return (number + 1) * golden ratio, mod 2**64, as a new array of at least 0 dimensions."""
    values = np.asarray(numbers)
    if values.dtype.kind not in "iu":
        raise TypeError(f"{what}: integers expected, got {values.dtype}")
    if values.size and (values.min() < 0 or values.max() >= 2**63):
        raise ValueError(f"{what}: must be at least 0 and below 2**63")
    words = values.astype(np.uint64)
    # Counting from 1 keeps the all-zero word, a fixed point of mix64, out of reach of a zero key.
    np.add(words, np.uint64(1), out=words)
    return np.multiply(words, _GOLDEN, out=words)


@lru_cache(maxsize=65_536)
def _named_key(seed: int, domain: str, name: str) -> np.uint64:
    if not 0 <= seed < 2**SEED_BITS:
        raise ValueError(f"seed {seed}: must be at least 0 and below 2**{SEED_BITS}")
    digest = hashlib.sha256(f"{domain}\0{name}".encode()).digest()
    # As a spawn key the digest starts at a fixed word of the pool whatever the size of the seed,
    # so (seed, name) cannot be cut in two ways.
    spawn_key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4))
    sequence = np.random.SeedSequence(int(seed), spawn_key=spawn_key)
    return np.uint64(sequence.generate_state(1, np.uint64)[0])
