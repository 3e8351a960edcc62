"""Log densities and log survival functions of lifetime distributions, with their derivatives.

A component with hazard h and cumulative hazard H contributes

    c(t, d) = d log h(t) - H(t),     d = 1 for a failure at t, 0 for survival to t,

so that exp(c) is its density or its survival function. A mixture of two is
log sum_j w_j exp(c_j); with the responsibilities p_j = w_j exp(c_j) / sum its derivatives are
sum_j p_j g_j and sum_j p_j (G_j + g_j g_j') - g g', where g_j and G_j are the gradient and Hessian
of log w_j + c_j.

All parameters here are *working* parameters: logarithms of positive ones, logits of shares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.evidence.spells import Floats

# Medians of the assumptions kappa_0 and kappa, per year: how soon a young ceasefire turns out to
# hold or to fail, and how often it changes between the two later. Tests hold them to the book.
ESTABLISHING_RATE = 6.0
SWITCHING_RATE = 0.008

_LEAST_AGE = 1e-300  # years; stands for age 0 under a logarithm, where every H is still 0


Value = tuple[Floats, Floats, Floats]
"""Log-likelihood (r,), gradient (r, p) and Hessian (r, p, p) of r replicates."""


class LogTerm(NamedTuple):
    """A log density or log survival and its derivatives in the working parameters.

    Every array has shape (replicates, ages): ``gradient`` one per parameter, ``hessian`` one per
    pair (a, b) with a <= b; absent pairs are zero.
    """

    value: Floats
    gradient: list[Floats]
    hessian: dict[tuple[int, int], Floats]

    def weighted(self, weights: Floats) -> Value:
        """Sum over ages with weights (r, ages)."""
        p = len(self.gradient)
        hessian = np.zeros((len(weights), p, p))
        for (a, b), values in self.hessian.items():
            hessian[:, a, b] = hessian[:, b, a] = np.einsum("ri,ri->r", weights, values)
        gradient = np.stack([np.einsum("ri,ri->r", weights, g) for g in self.gradient], axis=1)
        return np.einsum("ri,ri->r", weights, self.value), gradient, hessian


Kernel = Callable[[Floats, Floats, Floats], LogTerm]
"""``kernel(working (replicates, parameters), age (ages,), event (ages,)) -> LogTerm``.

Ages are years, >= 0 (> 0 where `event` is 1); `event` is 1 for a failure at that age and 0 for
survival to it.
"""


def exponential(working: Floats, age: Floats, event: Floats) -> LogTerm:
    """Constant hazard h; working parameter log h."""
    log_h = working[:, 0, None]
    spent = np.exp(log_h) * age
    return LogTerm(event * log_h - spent, [event - spent], {(0, 0): -spent})


def weibull(working: Floats, age: Floats, event: Floats) -> LogTerm:
    """H(t) = (t / scale)^shape; working parameters log shape, log scale."""
    log_k, log_s = working[:, 0, None], working[:, 1, None]
    k = np.exp(log_k)
    z = np.log(np.maximum(age, _LEAST_AGE)) - log_s
    kz = k * z
    u = np.exp(kz)
    excess = event - u
    return LogTerm(
        event * (log_k - log_s + kz - z) - u,
        [event + kz * excess, -k * excess],
        {
            (0, 0): kz * (excess - kz * u),
            (0, 1): k * (kz * u - excess),
            (1, 1): -(k * k) * u,
        },
    )


def _placed(term: LogTerm, weight_slope: Floats, offset: int, parameters: int) -> LogTerm:
    """Renumber a component's parameters to the mixture's; parameter 0 is the share."""
    gradient = [np.zeros_like(term.value)] * parameters
    gradient[0] = np.broadcast_to(weight_slope, term.value.shape)
    gradient[offset : offset + len(term.gradient)] = term.gradient
    hessian = {(a + offset, b + offset): value for (a, b), value in term.hessian.items()}
    return LogTerm(term.value, gradient, hessian)


def mixture(first: Kernel, first_parameters: int, second: Kernel) -> Kernel:
    """Return the kernel of w S_1 + (1 - w) S_2; parameters logit w, those of 1, those of 2."""

    def kernel(working: Floats, age: Floats, event: Floats) -> LogTerm:
        split, p = 1 + first_parameters, working.shape[1]
        x = working[:, 0, None]
        share = 1.0 / (1.0 + np.exp(-x))
        one = _placed(first(working[:, 1:split], age, event), 1.0 - share, 1, p)
        two = _placed(second(working[:, split:], age, event), -share, split, p)
        odds = two.value - one.value - x  # log odds of regime 2 given the datum
        p_two = 1.0 / (1.0 + np.exp(-np.clip(odds, -700, 700)))
        p_one = 1.0 - p_two
        value = np.logaddexp(one.value - np.logaddexp(0, -x), two.value - np.logaddexp(0, x))
        gradient = [p_one * a + p_two * b for a, b in zip(one.gradient, two.gradient, strict=True)]
        gap = [a - b for a, b in zip(one.gradient, two.gradient, strict=True)]
        hessian = {}
        for a in range(p):
            for b in range(a, p):
                # sum_j p_j g_j g_j' - g g' = p_1 p_2 (g_1 - g_2)(g_1 - g_2)'
                total = p_one * p_two * gap[a] * gap[b]
                if (a, b) in one.hessian:
                    total = total + p_one * one.hessian[a, b]
                if (a, b) in two.hessian:
                    total = total + p_two * two.hessian[a, b]
                hessian[a, b] = total
        hessian[0, 0] = hessian[0, 0] - share * (1.0 - share)
        return LogTerm(value, gradient, hessian)

    return kernel


@dataclass(frozen=True)
class _Jet:
    """A function of the working parameters with its first two derivatives, one per replicate.

    ``value`` (r,), ``slope`` (r, p), ``bend`` (r, p, p).
    """

    value: Floats
    slope: Floats
    bend: Floats

    def through(self, value: Floats, first: Floats, second: Floats) -> _Jet:
        """Chain rule: a function with these value and derivatives, of this jet."""
        square = self.slope[:, :, None] * self.slope[:, None, :]
        return _Jet(
            value,
            first[:, None] * self.slope,
            first[:, None, None] * self.bend + second[:, None, None] * square,
        )

    def power(self, exponent: float) -> _Jet:
        v, n = self.value, exponent
        return self.through(v**n, n * v ** (n - 1), n * (n - 1) * v ** (n - 2))

    def __add__(self, other: _Jet | float) -> _Jet:
        if not isinstance(other, _Jet):
            return _Jet(self.value + other, self.slope, self.bend)
        return _Jet(self.value + other.value, self.slope + other.slope, self.bend + other.bend)

    def __mul__(self, other: _Jet | float) -> _Jet:
        if not isinstance(other, _Jet):
            return _Jet(self.value * other, self.slope * other, self.bend * other)
        v, w = self.value[:, None], other.value[:, None]
        cross = self.slope[:, :, None] * other.slope[:, None, :]
        return _Jet(
            self.value * other.value,
            self.slope * w + other.slope * v,
            self.bend * w[:, None] + other.bend * v[:, None] + cross + cross.swapaxes(1, 2),
        )

    def __sub__(self, other: _Jet) -> _Jet:
        return self + other * -1.0


def _variable(working: Floats, j: int) -> _Jet:
    r, p = working.shape
    return _Jet(working[:, j], np.broadcast_to(np.eye(p)[j], (r, p)), np.zeros((r, p, p)))


_NEAREST_RATES = 1e-6  # relative: closer, two exponentials are taken to be this far apart


def _phase_exponentials(working: Floats, establishing: float) -> tuple[tuple[_Jet, _Jet], ...]:
    """The phase process as a sum of exponentials: S(t) = sum_j c_j exp(-r_j t); slowest first.

    After the establishing phase the two phases and their switching give
    y(t) = A exp(-r_1 t) + B exp(-r_2 t), with A + B = 1 and A r_1 + B r_2 = the mean hazard m at
    that moment. Establishing ends at rate k_0 and kills at rate m, so with a = m + k_0

        S(t) = exp(-a t) + k_0 (A g_1 + B g_2),    g_i = (exp(-r_i t) - exp(-a t)) / (a - r_i).
    """
    x = _variable(working, 0)
    w = 1.0 / (1.0 + np.exp(-x.value))
    share = x.through(w, w * (1.0 - w), w * (1.0 - w) * (1.0 - 2.0 * w))
    rest = share * -1.0 + 1.0
    failing, holding = (
        rate.through(*[np.exp(rate.value)] * 3) for rate in (_variable(working, j) for j in (1, 2))
    )
    recovery, relapse = rest * SWITCHING_RATE, share * SWITCHING_RATE
    mean = share * failing + rest * holding
    half = (failing + recovery + holding + relapse) * 0.5
    gap = (failing + recovery - holding - relapse) * 0.5
    root = (gap * gap + recovery * relapse).power(0.5)
    fast = half + root
    # not half - root, which cancels when holding is tiny
    slow = (failing * holding + failing * relapse + recovery * holding) * fast.power(-1.0)
    weight = (mean - slow) * (root * 2.0).power(-1.0)
    leave = mean + establishing
    apart = leave - fast
    least = _NEAREST_RATES * leave.value
    near = np.abs(apart.value) < least
    apart = apart + np.where(near, np.copysign(least, apart.value) - apart.value, 0.0)
    c_fast = weight * establishing * apart.power(-1.0)
    c_slow = (weight * -1.0 + 1.0) * establishing * (leave - slow).power(-1.0)
    c_leave = (c_fast + c_slow) * -1.0 + 1.0
    return (c_slow, slow), (c_fast, leave - apart), (c_leave, leave)


def _log_of_sum(terms: tuple[tuple[_Jet, _Jet], ...], age: Floats) -> LogTerm:
    """Log of sum_j c_j exp(-r_j t) at `age`, the slowest exponential taken out of the sum."""
    (first, slowest), *others = terms
    replicates, p = first.slope.shape
    upper = np.triu_indices(p)
    pairs = list(zip(*(index.tolist() for index in upper), strict=True))
    # value, slopes and bends of each addend are polynomials in t times an exponential
    bends = first.bend[:, upper[0], upper[1]]
    total = np.concatenate([first.value[:, None], first.slope, bends], axis=1)[:, :, None]
    powers = np.stack([np.ones_like(age), age, age * age])
    for c, rate in others:
        q = rate - slowest
        at = np.zeros((replicates, 1 + p + len(pairs), 3))
        at[:, 0, 0] = c.value
        at[:, 1 : p + 1, 0], at[:, 1 : p + 1, 1] = c.slope, -c.value[:, None] * q.slope
        for row, (a, b) in enumerate(pairs, start=p + 1):
            at[:, row, 0] = c.bend[:, a, b]
            at[:, row, 1] = -(
                c.slope[:, a] * q.slope[:, b] + c.slope[:, b] * q.slope[:, a]
                + c.value * q.bend[:, a, b]
            )  # fmt: skip
            at[:, row, 2] = c.value * q.slope[:, a] * q.slope[:, b]
        total = total + (at @ powers) * np.exp(-q.value[:, None] * age)[:, None, :]
    value = total[:, 0]
    slope = [total[:, 1 + a] / value for a in range(p)]
    hessian = {
        (a, b): total[:, row] / value - slope[a] * slope[b] - slowest.bend[:, a, b, None] * age
        for row, (a, b) in enumerate(pairs, start=p + 1)
    }
    gradient = [slope[a] - slowest.slope[:, a, None] * age for a in range(p)]
    return LogTerm(np.log(value) - slowest.value[:, None] * age, gradient, hessian)


def phase_process(
    working: Floats, age: Floats, event: Floats, establishing: float = ESTABLISHING_RATE
) -> LogTerm:
    """Establishing, then holding or failing: the simulator's process with no force and no chance.

    Working parameters logit of the failing share, log failing hazard, log holding hazard; the
    switching rate is the constant of this module.
    """
    survival = _phase_exponentials(working, establishing)
    density = tuple((c * rate, rate) for c, rate in survival)
    ended = event > 0
    one, other = _log_of_sum(survival, age[~ended]), _log_of_sum(density, age[ended])
    order = np.argsort(np.argsort(ended, kind="stable"))

    def joined(*parts: Floats) -> Floats:
        return np.asarray(np.concatenate(parts, axis=1)[:, order])

    return LogTerm(
        joined(one.value, other.value),
        list(map(joined, one.gradient, other.gradient)),
        {pair: joined(one.hessian[pair], other.hessian[pair]) for pair in one.hessian},
    )
