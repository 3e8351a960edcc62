"""Smooth fits of outcomes on assumptions: the mean outcome given the value of an assumption.

A term is a straight line in an assumption and a penalised cubic B-spline in its normal scores, or
the means by option of a structural choice. Costs are straight lines in what they depend on, however
skewed it is, and a spline alone would flatten them in the tail, where plans change; scores keep a
skewed assumption from resting on its few highest draws. How smooth a term is, and whether it is
there at all, is chosen by generalised cross-validation with degrees of freedom counted `STRICT`
times, which fits less noise (Kim and Gu 2004). In the orthonormal basis of Demmler and Reinsch the
penalty is diagonal, and so are all fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.special import betaincinv, ndtri
from scipy.stats import rankdata

from simulator.decide.draws import Floats, Labels

FALSE_ALARM: Final = 1e-3  # that any of all that is called clear is chance
KNOTS: Final = 12
FEW_VALUES: Final = 12  # an assumption with no more of them is fitted by its means
STRICT: Final = 1.2
SWEEPS: Final = 20  # of backfitting; the amount of smoothing is chosen in the first few
CHOOSING: Final = 5
# Weights of the penalty that are tried; the last drops the term.
_PENALTIES: Final = np.append(np.logspace(-5.0, 8.0, 40), np.inf)


@dataclass(frozen=True, eq=False, slots=True)
class Basis:
    """A term: orthonormal columns, each orthogonal to the constant."""

    columns: Floats  # shape (D, m)
    rough: Floats  # penalty of each column, shape (m,); 0 of those that are never smoothed


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """A fit of q outcomes on one or more terms."""

    values: Floats  # shape (D, q)
    noise: Floats  # variance of the residuals, shape (q,)
    # What the fit would say of each draw had it not seen that draw, shape (D, q): exact for one
    # term at a given smoothness, nearly so for several.
    without: Floats
    kept: Floats  # of the last term, the share of each coefficient that smoothing left, (m, q)


def of_option(taken: Labels) -> Basis:
    """Return the term of a structural choice, shape (D,): one level an option."""
    codes = np.unique(taken.astype(str), return_inverse=True)[1]
    return _orthonormal(np.eye(codes.max() + 1)[codes], None)


def of_number(values: Floats) -> Basis:
    """Return the term of an assumption, shape (D,); where it does not apply is a level apart."""
    applies = ~np.isnan(values)
    distinct, codes = np.unique(values[applies], return_inverse=True)
    if distinct.size <= FEW_VALUES:
        columns = np.zeros((values.size, distinct.size))
        columns[applies, codes] = 1.0
        return _orthonormal(columns, None)
    ranks = rankdata(values[applies])
    spline = np.zeros((values.size, KNOTS + 2))
    if distinct.size == ranks.size:  # no ties: the scores of any other, in this order
        spline[applies] = _in_order(ranks.size)[ranks.astype(np.int64) - 1]
    else:
        made = _spline(ndtri((ranks - 0.5) / ranks.size))
        spline = spline[:, : made.shape[1]]
        spline[applies] = made
    line = np.zeros((values.size, 1))
    line[applies, 0] = (values[applies] - distinct[0]) / (distinct[-1] - distinct[0])
    bends = np.diff(np.eye(spline.shape[1] + 1), 2, axis=0)[:-1]
    bends[:, -1] = 0.0  # the line is free
    return _orthonormal(np.hstack([spline, line]), bends)


@lru_cache(maxsize=4)
def _in_order(draws: int) -> Floats:
    """Return the spline of an assumption that increases from draw to draw."""
    return _spline(ndtri((np.arange(draws) + 0.5) / draws))


def _spline(scores: Floats) -> Floats:
    """Return the B-splines at normal scores, shape (n, at most KNOTS + 2)."""
    knots = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, KNOTS)))
    padded = np.concatenate([[knots[0]] * 3, knots, [knots[-1]] * 3])
    return np.asarray(BSpline.design_matrix(scores, padded, 3).toarray())


def _orthonormal(columns: Floats, differences: Floats | None) -> Basis:
    centred = columns - columns.mean(axis=0)
    sizes, vectors = np.linalg.eigh(centred.T @ centred)
    real = sizes > 1e-9 * max(sizes[-1], 1.0)
    turn = vectors[:, real] / np.sqrt(sizes[real])
    if differences is None:
        return Basis(centred @ turn, np.zeros(turn.shape[1]))
    bent = differences @ turn
    rough, rotation = np.linalg.eigh(bent.T @ bent)
    rough[rough < 1e-9 * rough[-1]] = 0.0
    return Basis(centred @ turn @ rotation, rough / np.median(rough[rough > 0.0]))


def fit(terms: Sequence[Basis], outcomes: Floats) -> Fit:
    """Fit the sum of one or more terms to outcomes, shape (D, q), by backfitting."""
    draws, columns = outcomes.shape
    centre = outcomes.mean(axis=0)
    left = outcomes - centre
    found = [np.zeros((term.rough.size, columns)) for term in terms]
    kept = [np.zeros((term.rough.size, columns)) for term in terms]
    freedom = np.zeros((len(terms), columns))
    for sweep in range(1 if len(terms) == 1 else SWEEPS):
        for j, term in enumerate(terms):
            raw = term.columns.T @ left + found[j]
            if sweep < CHOOSING:
                spent = freedom.sum(axis=0) - freedom[j]
                whole = np.square(left).sum(axis=0) + np.square(raw).sum(axis=0)
                whole -= np.square(raw - found[j]).sum(axis=0)
                kept[j] = _smoothing(term.rough, raw, whole, draws - 1.0 - STRICT * spent)
                freedom[j] = kept[j].sum(axis=0)
            new = kept[j] * raw
            left -= term.columns @ (new - found[j])
            found[j] = new
    free = draws - 1.0 - freedom.sum(axis=0)
    noise = np.square(left).sum(axis=0) / free
    own = 1.0 / draws + sum(np.square(t.columns) @ k for t, k in zip(terms, kept, strict=True))
    without = outcomes - left / np.maximum(1.0 - own, 1.0 / draws)
    return Fit(outcomes - left, noise, without, kept[-1])


def shows(term: Basis, outcomes: Floats, false_alarm: float) -> NDArray[np.bool_]:
    """Return of which outcomes, shape (D, q), a term explains more than chance would.

    Without any influence the share of the variance that all its columns explain, unsmoothed, has a
    beta distribution; ``false_alarm`` is the probability that chance alone exceeds the limit in
    one outcome.
    """
    whole = outcomes - outcomes.mean(axis=0)
    explained = np.square(term.columns.T @ whole).sum(axis=0)
    columns = term.rough.size
    free = len(outcomes) - 1 - columns
    limit = float(betaincinv(columns / 2.0, free / 2.0, 1.0 - false_alarm))
    return np.asarray(explained > limit * np.square(whole).sum(axis=0))


def _smoothing(rough: Floats, raw: Floats, whole: Floats, free: Floats) -> Floats:
    """Return the share of each coefficient to keep, shape (m, q), by cross-validation.

    `raw`, (m, q), are the coefficients without smoothing, `whole` the sums of squares that the term
    is fitted to and `free` the degrees of freedom before it is, both (q,).
    """
    with np.errstate(invalid="ignore"):  # infinite weight of no penalty
        shares = 1.0 / (1.0 + np.multiply.outer(_PENALTIES, rough))
    shares[-1] = 0.0
    rest = whole - (2.0 * shares - np.square(shares)) @ np.square(raw)
    used = free - STRICT * shares.sum(axis=1)[:, None]
    score = np.where(used > 0.0, rest / np.square(np.where(used > 0.0, used, 1.0)), np.inf)
    return np.asarray(shares[score.argmin(axis=0)].T)
