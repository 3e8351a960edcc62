"""Which dimension of the Sobol sequence belongs to which name: a register that only grows.

A dimension, once given, belongs to its name for ever: it is never handed on, not even when the
name goes out of use. Two names on one dimension would move together through every draw, which
makes averages worse than random numbers do; a name that moved would change every result. New
names are therefore added at the end, as a new version. Names that are not here, such as those of
contributors, need no dimension (see `simulator.addresses`).

A clock of the world has two dimensions, one for the draws, like any assumption, and one for the
numbers that trials add. Lower dimensions are more even for few points: between any two of the
lowest hundred the 256 points that a replicate has at the default size show no trace of a grid in
their leading bits, of the others one pair in two hundred does. So the draws have the lower ones,
in order of their weight in results, and names that every shipped book fixes come late.

The direction numbers are those of Joe & Kuo (2008), "Constructing Sobol sequences with better
two-dimensional projections", SIAM J. Sci. Comput. 30, 2635-2654, as scipy ships them:
`direction_numbers.npy` holds column j of dimension d, 32 bits each, leading bit first.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

BITS: Final = 32
DRAW_DIMENSIONS: Final = 384  # those of trials begin here

# Version 1: the names of `dimensions.txt`, and clocks of the world that come late.
_DRAWS_1: Final = Path(__file__).with_suffix(".txt").read_text("ascii").split()
_LATER_CLOCKS_1: Final = tuple(
    f"world:{clock}:{k}" for k in range(4, 32) for clock in ("backstop", "phase", "direction")
)
_TRIALS_1: Final = (
    *(name for name in _DRAWS_1 if name.startswith("world:")),
    *_LATER_CLOCKS_1,
)

# Append the names of a new version at the end of either; never insert, reorder or take out.
DRAWS: Final = (*_DRAWS_1, *_LATER_CLOCKS_1)
TRIALS: Final = _TRIALS_1

_DIMENSIONS: Final = {
    "draw": {name: dimension for dimension, name in enumerate(DRAWS)},
    "trial": {name: dimension for dimension, name in enumerate(TRIALS, DRAW_DIMENSIONS)},
}


def dimension_of(part: str, name: str) -> int | None:
    """Return the dimension of a name among those of ``draw`` or ``trial``, None if it has none."""
    return _DIMENSIONS[part].get(name)


@cache
def direction_numbers() -> npt.NDArray[np.uint32]:
    """Return the direction numbers, shape (dimensions, `BITS`)."""
    path = Path(__file__).with_name("direction_numbers.npy")
    return np.asarray(np.load(path, allow_pickle=False), np.uint32)
