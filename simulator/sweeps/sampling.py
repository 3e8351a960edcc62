"""Samples in the unit cube: scrambled Sobol sequences and Latin hypercubes."""

from __future__ import annotations

import numpy as np

from simulator import addresses
from simulator.model.compiled import FloatArray


def unit_sample(method: str, size: int, names: tuple[str, ...], seed: int) -> FloatArray:
    """Spread points evenly over the unit cube.

    Parameters
    ----------
    method : str
        ``sobol``: the first ``size`` points of a sequence, so that a larger sample holds the
        smaller one (Sobol 1967; scrambled after Matoušek 1998). ``latin_hypercube``: each of
        ``size`` equal slices of every axis holds one point (McKay, Beckman & Conover 1979).
    size : int
    names : tuple of str
        Of the axes, sorted or not: the columns come in this order.
    seed : int

    Returns
    -------
    float64 array, shape (size, len(names))
        In [0, 1).
    """
    if method == "latin_hypercube":
        return np.stack([_latin(size, name, seed) for name in names], axis=1)
    return _sobol(size, len(names), seed)


def _latin(size: int, name: str, seed: int) -> FloatArray:
    """One axis: a random permutation of the slices, and a random place in each."""
    point = np.arange(size)
    order = np.argsort(
        addresses.independent_assumption_uniform(seed, f"sample:{name}:slice", point)
    )
    within = addresses.independent_assumption_uniform(seed, f"sample:{name}:place", point)
    slices = np.empty(size, np.int64)
    slices[order] = point
    return np.asarray((slices + within) / size)


def _sobol(size: int, dimensions: int, seed: int) -> FloatArray:
    from scipy.stats import qmc  # slow to import, and needed by few

    # Only a power of two is balanced; of the next larger one the first points are taken.
    power = max(0, (size - 1).bit_length())
    sampler = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(power)[:size], np.float64)
