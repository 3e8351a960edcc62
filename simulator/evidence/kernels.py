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
from typing import NamedTuple

import numpy as np

from simulator.evidence.spells import Floats

__all__ = [
    "ESTABLISHING_RATE",
    "SWITCHING_RATE",
    "Kernel",
    "LogTerm",
    "exponential",
    "mixture",
    "phase_process",
    "weibull",
]

ESTABLISHING_RATE = 6.0
"""Rate per year at which a young ceasefire turns out to hold or to fail, if no other is given."""

SWITCHING_RATE = 0.008
"""Rate per year of later changes between holding and failing, where it is not fitted."""

_LEAST_AGE = 1e-300  # years; stands for age 0 under a logarithm, where every H is still 0
_DIFFERENCE = 1e-3  # working units; central differences err by about its square


class LogTerm(NamedTuple):
    """A log density or log survival and its derivatives in the working parameters.

    Every array has shape (replicates, ages): ``gradient`` one per parameter, ``hessian`` one per
    pair (a, b) with a <= b; absent pairs are zero.
    """

    value: Floats
    gradient: list[Floats]
    hessian: dict[tuple[int, int], Floats]


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


def _phase_value(working: Floats, age: Floats, event: Floats, establishing: float) -> Floats:
    """Log density or log survival of the phase process, shape (replicates, ages).

    After the establishing phase the two phases and their switching give
    y(t) = A exp(-r_1 t) + B exp(-r_2 t), with A + B = 1 and A r_1 + B r_2 = the mean hazard m at
    that moment. Establishing ends at rate k_0 and kills at rate m, so with a = m + k_0

        S(t) = exp(-a t) + k_0 (A g_1 + B g_2),    g_i = (exp(-r_i t) - exp(-a t)) / (a - r_i),
        f(t) = m exp(-a t) + k_0 (A r_1 g_1 + B r_2 g_2).
    """
    share = 1.0 / (1.0 + np.exp(-working[:, 0, None]))
    failing, holding = np.exp(working[:, 1, None]), np.exp(working[:, 2, None])
    mend, relapse = SWITCHING_RATE * (1.0 - share), SWITCHING_RATE * share
    mean = share * failing + (1.0 - share) * holding
    half = (failing + mend + holding + relapse) / 2.0
    product = failing * holding + failing * relapse + mend * holding
    root = np.sqrt(((failing + mend - holding - relapse) / 2.0) ** 2 + mend * relapse)
    fast = half + root
    slow = product / fast  # not half - root, which cancels when holding is tiny
    weight = (mean - slow) / (2.0 * root)
    leave = mean + establishing
    tail = np.exp(-leave * age)

    def passed(rate: Floats) -> Floats:
        gap = np.abs(leave - rate) * age
        near = gap < 1e-8
        ratio = np.where(near, 1.0, -np.expm1(-gap) / np.where(near, 1.0, gap))
        return np.exp(-np.minimum(rate, leave) * age) * age * ratio

    one, two = weight * passed(fast), (1.0 - weight) * passed(slow)
    alive = tail + establishing * (one + two)
    dying = mean * tail + establishing * (fast * one + slow * two)
    return np.log(np.where(event > 0, dying, alive))


def phase_process(
    working: Floats, age: Floats, event: Floats, establishing: float = ESTABLISHING_RATE
) -> LogTerm:
    """Establishing, then holding or failing: the simulator's process with no force and no chance.

    Working parameters logit of the failing share, log failing hazard, log holding hazard; the
    switching rate is the constant of this module. Derivatives are central differences.
    """
    p, step = working.shape[1], _DIFFERENCE
    moves = np.eye(p) * step

    def at(shift: Floats) -> Floats:
        return _phase_value(working + shift, age, event, establishing)

    centre = at(np.zeros(p))
    up, down = [at(m) for m in moves], [at(-m) for m in moves]
    hessian = {(j, j): (up[j] - 2.0 * centre + down[j]) / step**2 for j in range(p)}
    for a in range(p):
        for b in range(a + 1, p):
            both = at(moves[a] + moves[b]) + at(-moves[a] - moves[b])
            hessian[a, b] = (both - up[a] - down[a] - up[b] - down[b] + 2.0 * centre) / (
                2.0 * step**2
            )
    return LogTerm(centre, [(u - d) / (2.0 * step) for u, d in zip(up, down, strict=True)], hessian)
