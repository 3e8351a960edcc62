"""Where the likelihood of a form is highest: for a record, and for each of its resamples.

The likelihood of a mixture has many maxima: a few spells that end together make one. The search
for a record starts from every combination of the values that its form lists. Many small searches
run side by side, by damped Newton steps in a box.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import numpy as np

from simulator.evidence.forms import Form, to_working
from simulator.evidence.kernels import Value
from simulator.evidence.spells import Flags, Floats, Indices

_GRADIENT_TOLERANCE = 1e-7  # log-likelihood per unit of a working parameter
_LONGEST_STEP = 2.0  # working units: a factor of e^2 in a rate
_LEAST_GAIN = 1e-11  # relative: below this a step only moves rounding error
_DAMPING_LIMIT = 1e12

_CHUNK = 60_000  # replicate x term cells per pass: what the processor's cache holds
_FIRST_STEPS, _STEPS = 8, 200  # of every climb, and of those that go on
_KEPT = 24  # climbs that go on
_POLISHED = 3  # maxima found on a grid of ages that are climbed on all ages
_SEARCH_RATIO, _RESAMPLE_RATIO = 1.15, 1.05  # of the ages at which a large record is read
_SAME_HEIGHT = 1e-6  # of the log-likelihood

Objective = Callable[[Floats, Indices], Value]
"""``objective(working parameters (r, p), numbers of the replicates (r,)) -> Value``."""


class Content(Protocol):
    """What of a record its likelihood is evaluated at."""

    def own(self) -> Floats:
        """Counts of the record itself, one replicate."""

    def counts(self, weights: Floats) -> Floats:
        """Counts for each replicate."""

    def objective(self, form: Form, counts: Floats) -> Objective:
        """Return the log-likelihood of a form for counts."""


class Record(Protocol):
    """What forms are fitted to: rows, or a table made of them."""

    def __len__(self) -> int: ...
    @property
    def failures(self) -> int:
        """Number of failures."""

    @property
    def years_at_risk(self) -> float:
        """Spell-years watched."""

    def ages_at_failure(self) -> Floats:
        """Ages of the failures, years."""

    def failed(self, weights: Floats) -> Floats:
        """Return the failures of each weighting, shape (replicates,)."""

    def resample(self, replicates: int, rng: np.random.Generator) -> Floats:
        """Draw bootstrap weights, shape (replicates, len)."""

    def terms(self, ratio: float = 1.0) -> Content:
        """Gather what the likelihood needs, at ages that lie this ratio apart."""


class Maximum(NamedTuple):
    """Where r searches ended."""

    point: Floats  # shape (r, p)
    value: Floats  # shape (r,)
    converged: Flags
    at_bound: Flags  # shape (r, p)


def _step(gradient: Floats, hessian: Floats, damping: Floats) -> Floats:
    """Uphill Newton step; directions of positive curvature are followed by their absolute value."""
    values, vectors = np.linalg.eigh(-hessian)
    along = np.einsum("rji,rj->ri", vectors, gradient) / (np.abs(values) + damping[:, None])
    step: Floats = np.einsum("rij,rj->ri", vectors, along)
    longest = np.abs(step).max(axis=1, keepdims=True)
    curb: Floats = np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))
    return step * curb


def maximise(
    objective: Objective, start: Floats, lower: Floats, upper: Floats, iterations: int = _STEPS
) -> Maximum:
    """Climb `objective` from starting points (r, p) inside the closed box `lower`, `upper`, (p,).

    A coordinate on its bound whose gradient points outward is held there. A step that does not
    gain raises that replicate's damping tenfold, one that does lowers it; a replicate is done when
    its free gradient is flat or no step gains more than rounding error.
    """
    point = np.clip(start, lower, upper)
    value, gradient, hessian = objective(point, np.arange(len(point)))
    damping = np.full(len(point), 1e-3)
    converged = np.zeros(len(point), dtype=bool)
    for _ in range(iterations):
        held = ((point <= lower) & (gradient < 0)) | ((point >= upper) & (gradient > 0))
        free = np.where(held, 0.0, gradient)
        converged |= np.abs(free).max(axis=1) < _GRADIENT_TOLERANCE
        rest = np.flatnonzero(~converged)
        if not len(rest):
            break
        curb = held[rest]
        reduced = np.where(curb[:, :, None] | curb[:, None, :], 0.0, hessian[rest])
        reduced -= curb[:, :, None] * np.eye(point.shape[1])  # held coordinates stand alone
        step = _step(free[rest], reduced, damping[rest])
        trial = np.clip(point[rest] + step, lower, upper)
        v, g, h = objective(trial, rest)
        gain = v - value[rest]
        better = np.isfinite(v) & (gain > 0)
        up, down = rest[better], rest[~better]
        point[up], value[up] = trial[better], v[better]
        gradient[up], hessian[up] = g[better], h[better]
        damping[up] = np.maximum(damping[up] * 0.2, 1e-9)
        damping[down] *= 10.0
        converged[rest[np.abs(gain) <= _LEAST_GAIN * (1.0 + np.abs(value[rest]))]] = True
        converged[down[damping[down] > _DAMPING_LIMIT]] = True
    return Maximum(point, value, converged, (point <= lower) | (point >= upper))


def with_half_events(form: Form, objective: Objective) -> Objective:
    """Add half an event to every hazard and half a spell to both sides of every share.

    This is the Jeffreys prior of the complete data (log h: h^(1/2); w: (w (1 - w))^(1/2) on the
    logit scale), for an exponential life the correction of Firth (1993). It keeps a regime that no
    failure fixes away from the edge of the box, where a logarithm or a quantile means nothing.
    """
    rates = 0.5 * np.array(form.hazards)
    shares = np.array(form.shares)

    def penalised(working: Floats, which: Indices) -> Value:
        value, gradient, hessian = objective(working, which)
        share = 1.0 / (1.0 + np.exp(-working))
        room = np.where(shares, share * (1.0 - share), 1.0)
        value = value + working @ rates + 0.5 * np.log(room).sum(axis=1)
        gradient = gradient + rates + np.where(shares, 0.5 - share, 0.0)
        curve = np.where(shares, room, 0.0)
        return value, gradient, hessian - curve[:, :, None] * np.eye(len(shares))

    return penalised


def _starts(form: Form, record: Record) -> Floats:
    """Put the form's starting points on the clock of the record: working, (starts, parameters)."""
    ages = record.ages_at_failure()
    tried = []
    for name, values in zip(form.parameters, map(np.array, form.starts), strict=True):
        if name == "scale_years":
            tried.append(np.quantile(ages, values))
        elif name == "failing_hazard":
            tried.append(1.0 / np.quantile(ages, values))
        elif name.endswith("hazard"):
            tried.append(values * record.failures / record.years_at_risk)
        else:
            tried.append(values)
    points = np.stack(np.meshgrid(*tried, indexing="ij"), axis=-1).reshape(-1, len(tried))
    return to_working(form, np.clip(points, form.lower, form.upper))


def highest(form: Form, record: Record) -> Maximum:
    """Climb from every start; the highest point found comes first."""
    content = record.terms(_SEARCH_RATIO)

    def climb(points: Floats, steps: int) -> Maximum:
        own = content.own()
        counts = np.broadcast_to(own, (len(points), own.shape[1]))
        found = _climb(form, content, counts, points, steps)
        return _picked(found, np.argsort(-found.value, kind="stable"))

    rough = climb(_starts(form, record), _FIRST_STEPS)
    found = climb(rough.point[:_KEPT], _STEPS)
    every = record.terms()
    if every.own().shape != content.own().shape:
        content = every
        # one of each height: where one regime fits as well as two, a ridge of points has the same
        kept = [0]
        for i, value in enumerate(found.value):
            if found.value[kept[-1]] - value > _SAME_HEIGHT:
                kept.append(i)
        found = climb(found.point[kept[:_POLISHED]], _STEPS)
    return found


def highest_of_each(
    form: Form, record: Record, weights: Floats, half: bool, own: Floats
) -> Maximum:
    """Find the highest point of each of many reweighted records, each with a failure at least.

    Each is climbed from the record's own maximum, `own` (natural), and from the form's central
    starts, not from everywhere: half an event more in each regime (`half`) makes a summit of its
    own where next to no spell fails at the fastest hazard of the box, and that one says nothing of
    the record.
    """
    content = record.terms(_RESAMPLE_RATIO)
    counts = content.counts(weights)
    clock = record.years_at_risk / record.failures
    power = {"years": 1.0, "hazard": -1.0}
    scale = [clock ** power.get(name.rpartition("_")[2], 0.0) for name in form.parameters]
    starts = np.clip(np.vstack([own, np.array(form.central) * scale]), form.lower, form.upper)
    climbed = [
        _climb(form, content, counts, np.tile(start, (len(counts), 1)), half=half)
        for start in to_working(form, starts)
    ]
    heights = np.nan_to_num([found.value for found in climbed], nan=-np.inf)
    top = heights.argmax(axis=0) * len(counts) + np.arange(len(counts))
    return _picked(_joined(climbed), top)


def _climb(
    form: Form,
    content: Content,
    counts: Floats,
    points: Floats,
    steps: int = _STEPS,
    half: bool = False,
) -> Maximum:
    """Climb from each point, (r, p), under its own counts, some of them at a time."""
    lower, upper = to_working(form, np.array([form.lower, form.upper]))
    size, blocks = max(1, _CHUNK // counts.shape[1]), []
    for part in (slice(first, first + size) for first in range(0, len(points), size)):
        objective = content.objective(form, counts[part])
        objective = with_half_events(form, objective) if half else objective
        blocks.append(maximise(objective, points[part], lower, upper, steps))
    return _joined(blocks)


def _joined(parts: Iterable[Maximum]) -> Maximum:
    return Maximum(*map(np.concatenate, zip(*parts, strict=True)))


def _picked(found: Maximum, rows: Indices) -> Maximum:
    point, value, converged, at_bound = found
    return Maximum(point[rows], value[rows], converged[rows], at_bound[rows])
