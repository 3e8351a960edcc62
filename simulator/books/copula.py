"""Dependence between named assumptions: a Gaussian copula.

The normal scores z = ndtri(u) of correlated assumptions are mixed by the Cholesky factor of their
correlation matrix, u' = ndtr(L z). Marginal distributions stay what they are, and so does every
number that is not correlated with anything. Within a group of correlated assumptions the order is
fixed by name (model order first), so the first of a group keeps its own numbers too.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from simulator.books.distributions import Floats
from simulator.books.names import ASSUMPTIONS

# Correlations by pair of names, the lesser name first.
Pairs = Mapping[tuple[str, str], float]

SMALLEST_EIGENVALUE: Final = 1e-9  # below it the correlations are contradictory or redundant
_ORDER: Final = {name: index for index, name in enumerate(ASSUMPTIONS)}


class ContradictionError(ValueError):
    """Correlations that no joint distribution has."""

    def __init__(self, names: Sequence[str], eigenvalue: float) -> None:
        self.names = tuple(names)
        super().__init__(
            f"the correlations between {', '.join(names)} contradict each other: no joint "
            f"distribution has them all (smallest eigenvalue {eigenvalue:.3g}, must be positive); "
            f"pairs that are not listed count as 0, so list them or move the others towards 0"
        )


def groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the groups of names that are correlated, directly or through others.

    >>> groups([("b", "c"), ("a", "b"), ("x", "y")])
    [('a', 'b', 'c'), ('x', 'y')]
    """

    def rank(name: str) -> tuple[int, str]:
        return _ORDER.get(name, len(_ORDER)), name

    members: dict[str, set[str]] = {}
    for first, second in pairs:
        joined = members.get(first, {first}) | members.get(second, {second})
        members.update(dict.fromkeys(joined, joined))
    distinct = {id(group): group for group in members.values()}
    return sorted(tuple(sorted(group, key=rank)) for group in distinct.values())


def cholesky(names: Sequence[str], pairs: Pairs) -> Floats:
    """Return the lower Cholesky factor of the correlation matrix of `names`."""
    inner = frozenset((*pair, rho) for pair, rho in pairs.items() if pair[0] in names)
    return _cholesky(tuple(names), inner)


@lru_cache(maxsize=256)
def _cholesky(names: tuple[str, ...], pairs: frozenset[tuple[str, str, float]]) -> Floats:
    index = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    for first, second, rho in pairs:
        matrix[index[first], index[second]] = matrix[index[second], index[first]] = rho
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < SMALLEST_EIGENVALUE:
        raise ContradictionError(names, smallest)
    lower = np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    lower.setflags(write=False)
    return lower


def correlate(uniforms: Sequence[Floats], lower: Floats) -> list[Floats]:
    """Return N uniforms with the dependence of a Gaussian copula, from N independent ones.

    Each has shape (D,); `lower` is a factor from `cholesky`, shape (N, N).
    """
    from scipy.special import ndtr, ndtri

    scores = [ndtri(u) for u in uniforms]
    mixed = [uniforms[0]]
    for row in range(1, len(uniforms)):
        # Term by term: a matrix product may round differently for another number of draws.
        total = lower[row, 0] * scores[0]
        for column in range(1, row + 1):
            total = total + lower[row, column] * scores[column]
        # As far from 0 and 1 as any uniform there is, lest a quantile be infinite.
        mixed.append(np.clip(ndtr(total), 2.0**-53, 1.0 - 2.0**-53))
    return mixed
