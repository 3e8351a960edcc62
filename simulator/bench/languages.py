"""The scalar model in two languages: plain Python, and Python compiled by numba."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from statistics import NormalDist
from typing import Any, Final, TypeAlias

import numpy as np

from simulator.bench.scalar import Run, build

_MASK: Final = 2**64 - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MULTIPLIERS: Final = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB

Jit: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


@lru_cache(maxsize=1)
def python_run() -> Run:
    """The scalar model, run by Python."""

    def mix64(word: int) -> int:
        word = ((word ^ (word >> 30)) * _MULTIPLIERS[0]) & _MASK
        word = ((word ^ (word >> 27)) * _MULTIPLIERS[1]) & _MASK
        return word ^ (word >> 31)

    def uniform(base: int, key: int) -> float:
        return ((mix64((base + key) & _MASK) >> 12) + 0.5) * 2.0**-52

    def occurrence_key(stream: int, occurrence: int) -> int:
        return mix64(((occurrence + 1) * _GOLDEN + stream) & _MASK)

    def room(size: int) -> tuple[list[int], list[float]]:
        return [0] * size, [0.0] * size

    return build(lambda f: f, uniform, occurrence_key, NormalDist().inv_cdf, room)


@lru_cache(maxsize=1)
def compiled_run() -> Run:
    """The scalar model, compiled by numba.

    Raises
    ------
    ModuleNotFoundError
        If numba is not installed.
    """
    numba = import_module("numba")
    # Division by zero gives inf, as in numpy; no fast-math: the arms must agree.
    jit: Jit = numba.njit(error_model="numpy")
    golden, first, second = (np.uint64(n) for n in (_GOLDEN, *_MULTIPLIERS))

    @jit
    def mix64(word: Any) -> Any:
        word = (word ^ (word >> np.uint64(30))) * first
        word = (word ^ (word >> np.uint64(27))) * second
        return word ^ (word >> np.uint64(31))

    @jit
    def uniform(base: Any, key: Any) -> Any:
        return (float(np.int64(mix64(base + key) >> np.uint64(12))) + 0.5) * 2.0**-52

    @jit
    def occurrence_key(stream: Any, occurrence: Any) -> Any:
        return mix64(np.uint64(occurrence + 1) * golden + stream)

    @jit
    def room(size: int) -> Any:
        return np.zeros(size, np.int64), np.zeros(size)

    return build(jit, uniform, occurrence_key, _compiled_quantile(jit), room)


def _compiled_quantile(jit: Jit) -> Callable[[float], float]:
    """Quantile function of the normal distribution: Wichura (1988), algorithm AS 241."""

    @jit
    def horner(r: float, top: Any, bottom: Any) -> Any:
        above, below = 0.0, 0.0
        for k in range(8):
            above = above * r + top[k]
            below = below * r + bottom[k]
        return above / below

    @jit
    def quantile(u: float) -> Any:
        q = u - 0.5
        if abs(q) <= 0.425:
            return q * horner(0.180625 - q * q, _AS241[0], _AS241[1])
        r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
        if r <= 5.0:
            x = horner(r - 1.6, _AS241[2], _AS241[3])
        else:
            x = horner(r - 5.0, _AS241[4], _AS241[5])
        return -x if q < 0.0 else x

    return quantile


_AS241: Final = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
     4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
     1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
     2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
     4.2313330701600911252e1, 1.0),
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
     4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
     2.05319162663775882187e0, 1.0),
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
     5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0),
)  # fmt: skip
