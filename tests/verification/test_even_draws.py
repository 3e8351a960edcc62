"""The even numbers are uniform, names and replicates are independent, and errors are honest.

Seeds are the sample: each fixed address is looked at under many seeds, since the numbers of one
seed are spread evenly by design. Thresholds come from p-values of the exact or the normal law, at
a false-alarm rate over all of a test's comparisons that is stated with it; the seeds are fixed, so
a test passes or fails for good. That the battery can fail is shown on wrong generators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from scipy.special import chdtrc, stdtrit

from simulator import addresses
from simulator.addresses import (
    REPLICATES,
    assumption_uniform,
    independent_assumption_uniform,
    world_uniforms,
)
from simulator.dimensions import DRAWS, dimension_of

FALSE_ALARM = 1e-6  # of each check below, over all that it compares
SEEDS = 1_024
REGISTERED = ("w0", "hr.presence", "kappa_0", "structure.view")
PADDED = ("contributors.france.troops", "contributors.poland.troops", "hr.unheard_of")
CLOCKS = ("resolve", "mission_end", "exit:france", "commit:poland")


# --- the battery ------------------------------------------------------------------------------


@cache
def at_addresses() -> dict[tuple[object, ...], np.ndarray]:
    """Numbers at fixed addresses, one for each seed: no two of a name in one replicate."""
    draws, trials = np.arange(REPLICATES), np.array([0, 3])
    found: dict[tuple[object, ...], list[np.ndarray]] = {}
    for seed in range(SEEDS):
        for name in (REGISTERED[0], PADDED[0]):
            found.setdefault((name,), []).append(assumption_uniform(seed, name, draws))
        for name in (REGISTERED[1], PADDED[1]):
            found.setdefault((name,), []).append(assumption_uniform(seed, name, draws[3:5] + 160))
        for clock in CLOCKS:
            numbers = world_uniforms(seed, clock, draws[7:9] + 16 * 5_000, trials)
            # Both trials of one draw are even by design: of each draw, one.
            found.setdefault(("world", clock), []).append(numbers[[0, 1], [0, 1]])
    return {
        (*key, column): row
        for key, rows in found.items()
        for column, row in enumerate(np.array(rows).T)
    }


def chi_square_p(cells: np.ndarray, count: int) -> float:
    """Two-sided p of equal probabilities of the cells."""
    expected = cells.size / count
    statistic = float(((np.bincount(cells, minlength=count) - expected) ** 2).sum() / expected)
    upper = float(chdtrc(count - 1, statistic))
    return 2.0 * min(upper, 1.0 - upper)


def is_uniform() -> bool:
    """Leading and trailing digits of each number, under many seeds; chi-square, Bonferroni."""
    values = [
        chi_square_p((digits * 64).astype(np.int64), 64)
        for row in at_addresses().values()
        for digits in (row, row * 2.0**20 % 1.0)
    ]
    return min(values) > FALSE_ALARM / len(values)


def is_independent() -> bool:
    """Every pair of addresses of other names, or other replicates: chi-square, Bonferroni."""
    rows = [(row * 8).astype(np.int64) for row in at_addresses().values()]
    values = [chi_square_p(a * 8 + b, 64) for a, b in combinations(rows, 2)]
    return min(values) > FALSE_ALARM / len(values)


def worst_product(numbers: np.ndarray) -> float:
    """The largest, over pairs of names, mean square of a mean of products, times its size.

    It is 1 for independent numbers. `numbers` has shape (seeds, names, size).
    """
    centred = np.sqrt(12.0) * (numbers - 0.5)
    means = np.einsum("sin,sjn->sij", centred, centred, optimize=False) / numbers.shape[2]
    squares = (means**2).mean(axis=0) * numbers.shape[2]
    return float(max(squares[i, j] for i, j in combinations(range(numbers.shape[1]), 2)))


# Independent numbers have mean squares of 1 with a standard deviation of .18 over 64 seeds, names
# with dimensions less. Nets of other names are drawn at random and agree now and then in their
# leading bits, in one replicate or one set of trials, which makes a square of 40 at most every
# thirty seeds: measured 1.5 with a standard deviation of .6. Reaching 10 takes 15 such agreements
# where 2 are expected, which has a probability below 1e-8 a pair; in step, names make 100 or more.
WORST_PRODUCT = 10.0


def names_are_apart() -> bool:
    """Means of products of two names are about as small as with independent numbers."""
    draws, names = np.arange(4_096), (*REGISTERED, *PADDED)
    numbers = [[assumption_uniform(seed, name, draws) for name in names] for seed in range(64)]
    return worst_product(np.array(numbers)) < WORST_PRODUCT


def trials_of_names_are_apart() -> bool:
    """The same over 64 trials of 16 draws, where the random nets have 6 bits."""
    draws, trials = np.arange(16), np.arange(64)
    numbers = [
        [world_uniforms(seed, clock, draws, trials).ravel() for clock in CLOCKS]
        for seed in range(64)
    ]
    return worst_product(np.array(numbers)) < WORST_PRODUCT


def worlds_are_distinct() -> bool:
    """No number of a clock comes twice in 4 trials of 4,096 draws of a seed, by replicate.

    The numbers of a replicate are a linear space of 2**10 points of 32 bits, shifted. A random one
    has two equal points with probability 2**-22; over 4 clocks and 2 seeds: 2e-6.
    """
    draws, trials = np.arange(4_096), np.arange(4)
    for seed in (1, 2):
        for clock in CLOCKS:
            numbers = world_uniforms(seed, clock, draws, trials).reshape(-1, REPLICATES, 4)
            if any(np.unique(numbers[:, r]).size < 1_024 for r in range(REPLICATES)):
                return False
    return True


def is_pure() -> bool:
    """The numbers of a plan are the same whatever other plan was run before; exact."""
    draws = np.arange(64)
    of_plans = []
    for plan in ((*REGISTERED, *PADDED), (*PADDED[::-1], "hr.air", *REGISTERED[::-1])):
        addresses._net.cache_clear()
        of_plans.append({name: assumption_uniform(5, name, draws) for name in plan})
    return all(
        np.array_equal(of_plans[0][n], of_plans[1][n])
        for n in (set(of_plans[0]) & set(of_plans[1]))
    )


CHECKS: list[Callable[[], bool]] = [
    is_uniform,
    is_independent,
    names_are_apart,
    trials_of_names_are_apart,
    worlds_are_distinct,
    is_pure,
]


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_even_numbers_pass(check):
    assert check()


# --- wrong generators -------------------------------------------------------------------------

Keys = Callable[[int, str, str, int], np.ndarray]
right_keys, right_dimension = addresses._key_words, dimension_of
FIRST, SECOND = REGISTERED[0], REGISTERED[1]
SCRAMBLE, SHIFTS = slice(0, 32), slice(32, 48)  # the rest is for names without a dimension


def one_dimension(part, name):
    """Two names on one dimension, each with a scramble of its own."""
    return right_dimension(part, FIRST if name == SECOND else name)


def reused_net(seed, part, name, count):
    """A second name takes the whole matrix of the first, index for index, with its own shift."""
    keys = right_keys(seed, part, name, count).copy()
    if name == SECOND:
        keys[SCRAMBLE] = right_keys(seed, part, FIRST, count)[SCRAMBLE]
    return keys


def replicate_twice(seed, part, name, count):
    """The last replicate is the first once more."""
    keys = right_keys(seed, part, name, count).copy()
    if part == "draw":
        keys[SHIFTS][-1] = keys[SHIFTS][0]
    return keys


def unshifted(seed, part, name, count):
    """Matrices alone: every replicate begins at 0."""
    keys = right_keys(seed, part, name, count).copy()
    keys[SHIFTS] = 0
    return keys


def unshuffled(seed, part, name, count):
    """Names without a dimension all count as van der Corput does: scrambled, but in step."""
    keys = right_keys(seed, part, name, count).copy()
    keys[SHIFTS.stop if part == "draw" else 33 :] = 0
    return keys


def drawn_trials(seed, part, name, count):
    """Trials use the net of the draws: they lead to the numbers of other draws."""
    return right_keys(seed, "draw", name, count)


def drawn_trial_dimension(part, name):
    """The dimension that goes with `drawn_trials`."""
    return right_dimension("draw", name)


def one_trial_net(seed, part, name, count):
    """All clocks share the net of the trials."""
    return right_keys(seed, part, name if part == "draw" else "", count)


def no_trial_dimension(part, name):
    """The dimensions that go with `one_trial_net`."""
    return right_dimension(part, name) if part == "draw" else None


class BySerialNumber:
    """Keys of the n-th name asked for: two plans share nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, seed, part, name, count):
        self.asked += 1
        return right_keys(seed, part, f"{name}{self.asked}", count)


@contextmanager
def replaced(
    keys: Keys | None, dimension: Callable[[str, str], int | None] | None
) -> Iterator[None]:
    """Run with other keys or dimensions."""
    for cached in (addresses._net, at_addresses):
        cached.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_key_words", keys or right_keys)
        patch.setattr(addresses, "dimension_of", dimension or right_dimension)
        yield
    for cached in (addresses._net, at_addresses):
        cached.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "dimension", "check"),
    [
        (None, one_dimension, names_are_apart),
        (reused_net, one_dimension, names_are_apart),
        (replicate_twice, None, is_independent),
        (unshifted, None, is_uniform),
        (unshuffled, None, names_are_apart),
        (drawn_trials, drawn_trial_dimension, worlds_are_distinct),
        (one_trial_net, no_trial_dimension, trials_of_names_are_apart),
        (BySerialNumber(), None, is_pure),
    ],
)
def test_a_wrong_generator_is_caught(keys, dimension, check):
    with replaced(keys, dimension):
        assert not check()


# --- what it is for ---------------------------------------------------------------------------

INTEGRANDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sum": lambda z: z.sum(axis=0),
    "product": lambda z: np.exp(0.1 * z.sum(axis=0)),
    "probability": lambda z: 1.0 / (1.0 + np.exp(2.0 - 0.5 * z[:15].sum(axis=0))),
    "event": lambda z: (z[:10].sum(axis=0) > 1.0).astype(np.float64),
}
# Variance of the mean over that of independent numbers: at most this.
MOST_VARIANCE = {"sum": 0.001, "product": 0.02, "probability": 0.01, "event": 0.6}
MANY_NAMES = (*DRAWS[:18], *(f"contributors.c{i}.troops" for i in range(6)))


def replicate_means(generator: Callable[..., np.ndarray], seeds: int) -> dict[str, np.ndarray]:
    """Means of the integrands in each replicate, by seed: shape (seeds, replicates)."""
    draws = np.arange(4_096)
    found: dict[str, list[np.ndarray]] = {name: [] for name in INTEGRANDS}
    for seed in range(seeds):
        numbers = np.array([generator(seed, name, draws) for name in MANY_NAMES])
        numbers -= 0.5
        for name, integrand in INTEGRANDS.items():
            found[name].append(integrand(numbers).reshape(-1, REPLICATES).mean(axis=0))
    return {name: np.array(rows) for name, rows in found.items()}


@pytest.mark.slow
def test_means_are_much_better_and_their_errors_honest():
    """Two dozen names, the default size, 1,000 seeds.

    The error of a plain sum is some 300 times smaller than with independent numbers and far from
    normal: under most seeds it is next to nothing, so its variance says little. Intervals cover.

    The ratio of the root mean square of the printed error to the true standard deviation has a
    standard error of .023 under normality: outside .9-1.1 by chance with probability 1e-5. Of
    1,000 intervals, 92 to 98 % cover: 2e-5. The variance that independent numbers would have is
    known to 4 %, and the bounds on what is left of it are 1.5 times what was measured, or more.
    """
    even = replicate_means(assumption_uniform, 1_000)
    independent = replicate_means(independent_assumption_uniform, 100)
    for name, by_replicate in even.items():
        means = by_replicate.mean(axis=1)
        variance = means.var(ddof=1)
        usual = independent[name].var(axis=1, ddof=1).mean() / REPLICATES
        assert variance < MOST_VARIANCE[name] * usual, name
        errors = by_replicate.std(axis=1, ddof=1) / np.sqrt(REPLICATES)
        if name != "sum":
            assert 0.9 < np.sqrt((errors**2).mean() / variance) < 1.1, name
        centre = 0.0 if name == "sum" else means.mean()  # within 3 % of an error of the truth
        covered = np.abs(means - centre) <= stdtrit(REPLICATES - 1, 0.975) * errors
        assert 0.92 < covered.mean() < 0.98, name
