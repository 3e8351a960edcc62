"""Which distribution holds for an assumption in which draw.

Assumptions are overridden in layers, from the contributor catalogue over the book's entries and the
options of its structural choices to what the scenario says. A layer that belongs to an option holds
in the draws that take this option. `Cases` lists what competes for one assumption, the strongest
last.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from simulator.books.book import Book, Choice, Weights, layer_order, resampled
from simulator.books.distributions import Distribution, Fixed, Floats
from simulator.books.mixtures import Resamples, SharesDistribution
from simulator.books.names import ASSUMPTIONS

# Correlations by pair of names, the lesser name first.
Pairs = Mapping[tuple[str, str], float]

SMALLEST_EIGENVALUE: Final = 1e-9  # below it the correlations are contradictory or redundant
_ORDER: Final = {name: index for index, name in enumerate(ASSUMPTIONS)}


class ContradictionError(ValueError):
    """Correlations that no joint distribution has."""

    def __init__(self, names: Sequence[str], eigenvalue: float) -> None:
        super().__init__(
            f"the correlations between {', '.join(names)} contradict each other: no joint "
            f"distribution has them all (smallest eigenvalue {eigenvalue:.3g}, must be positive); "
            f"pairs that are not listed count as 0, so list them or move the others towards 0"
        )


def groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the groups of names that are correlated, directly or through others."""

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


T = TypeVar("T")

Mask: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]
# Where a distribution holds: in the draws of a mask, or (None) in all.
Cases: TypeAlias = list[tuple[Mask | None, T]]
# Disjoint places of draws, or all, with what holds there.
Settled: TypeAlias = list[tuple[Places | slice, T]]
# Uniforms of a name: one per draw.
UniformOf: TypeAlias = Callable[[str], Floats]
# Options taken, by choice: names of the options, and which of them each draw takes.
Options: TypeAlias = dict[str, tuple[tuple[str, ...], npt.NDArray[np.int64]]]


def draw_options(
    choices: Mapping[str, Choice], pinned: Mapping[str, Weights], uniform: UniformOf, count: int
) -> Options:
    """Draw the option of every structural choice in every draw."""
    reweighted_by: dict[str, set[str]] = {name: set() for name in choices}
    for name, choice in choices.items():
        for option in choice.options.values():
            for other in option.reweights:
                reweighted_by[other].add(name)
    taken: Options = {}
    for name in TopologicalSorter(reweighted_by).static_order():
        names = tuple(choices[name].options)
        codes = np.zeros(count, np.int64)
        if name in pinned:
            cases: Cases[Weights] = [(None, pinned[name])]
        else:
            cases = [(None, choices[name].weights)]
            for source in reweighted_by[name]:
                for word, content in choices[source].options.items():
                    if name in content.reweights:
                        cases.append((chose(taken, source, word), content.reweights[name]))
        for here, weights in settle(cases, count):
            codes[here] = pick(names, weights, uniform(name)[here])
        taken[name] = (names, codes)
    return taken


def pick(names: Sequence[str], weights: Weights, u: Floats) -> npt.NDArray[np.int64]:
    """Return which of `names` each uniform takes, in proportion to the weights."""
    # Options without weight are left out, so that rounding of the sum cannot reach them.
    kept = np.array([i for i, name in enumerate(names) if weights.get(name, 0.0) > 0.0])
    steps = np.cumsum([weights[names[i]] for i in kept])
    return np.asarray(kept[np.searchsorted(steps[:-1] / steps[-1], u, side="left")])


def chose(taken: Options, choice: str, option: str) -> Mask:
    """Return the draws that take an option."""
    names, codes = taken[choice]
    return np.asarray(codes == names.index(option))


def number(settled: Settled[Distribution], uniform: Callable[[], Floats], count: int) -> Floats:
    """Return the quantiles of the distribution that holds in each draw."""
    values = np.empty(count)
    known = all(isinstance(law, Fixed) for _, law in settled)
    u = values if known else uniform()
    if len(settled) == 1:
        return settled[0][1].ppf(u)
    for here, law in settled:
        values[here] = law.ppf(u[here])
    return values


def shares(cases: Cases[SharesDistribution], uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the shares of the strongest distribution in each draw, by part, as the uniforms."""
    values = {part: np.empty_like(u) for part, u in uniforms.items()}
    for here, distribution in settle(cases, next(iter(uniforms.values())).size):
        drawn = distribution.shares({part: u[here] for part, u in uniforms.items()})
        for part, value in values.items():
            value[here] = drawn[part]
    return values


def settle(cases: Cases[T], count: int) -> Settled[T]:
    """Return disjoint sets of draws with what holds in them, all draws together."""
    everywhere = max((i for i, (mask, _) in enumerate(cases) if mask is None), default=0)
    if everywhere:
        cases = cases[everywhere:]
    things = [cases[0][1]]
    codes = np.zeros(0, np.uint8)
    for mask, thing in cases[1:]:
        if thing not in things:
            things.append(thing)
        if len(things) > 1:
            codes = codes if codes.size else np.zeros(count, np.min_scalar_type(len(cases)))
            codes[mask] = things.index(thing)
    if len(things) == 1:
        return [(slice(None), things[0])]
    # Quicker than masks to read and write at.
    places = [(codes == code).nonzero()[0] for code in range(len(things))]
    return [(here, thing) for here, thing in zip(places, things, strict=True) if here.size]


def correlate_into(
    found: dict[str, Floats], book: Book, uniform: UniformOf, where: Mask | None
) -> None:
    """Put in the uniforms of all correlated assumptions, by name, in the draws of a mask."""
    here = slice(None) if where is None else np.flatnonzero(where)
    pairs = book.correlations
    for names in groups(pairs):
        for name in names:
            if name not in found:
                found[name] = uniform(name).copy()
        mixed = correlate([found[name][here] for name in names], cholesky(names, pairs))
        for name, values in zip(names, mixed, strict=True):
            found[name][here] = values


def resample_into(
    found: dict[str, Floats],
    book: Book,
    uniform: UniformOf,
    where: Mask | None,
    chose: Callable[[str, str], Mask],
) -> None:
    """Put in the uniforms of all assumptions that have stored resamples, by name.

    One uniform per choice, called resamples.CHOICE (the book's own is called resamples), decides
    which resample a draw takes whole.
    """

    def put(laws: Mapping[str, Resamples], rows: str, here: Places | slice) -> None:
        chosen = uniform(rows)[here]
        for name, law in laws.items():
            if name not in found:
                found[name] = uniform(name).copy()
            found[name][here] = law.uniforms_of_rows(chosen)

    if laws := resampled(book.entries):
        put(laws, "resamples", slice(None) if where is None else where.nonzero()[0])
    for choice in layer_order(book.choices):
        for option, content in book.choices[choice].options.items():
            if laws := resampled(content.entries):
                put(laws, f"resamples.{choice}", chose(choice, option).nonzero()[0])
