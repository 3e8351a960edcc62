"""Spells: how long something lasted, whether it was seen to end, and since when it was watched.

A spell is a time line that starts at age 0. It is watched over the half-open stretch
``(entry, exit]`` of its age and either ends there (``event``) or still goes on when the watching
stops (right censoring). ``entry > 0`` is left truncation: had it ended earlier, it would not be in
the record. Rows of one ``cluster`` belong together (stretches of one spell, ceasefires of one
country, stays in one mission); everything that resamples draws clusters, not rows, because the
second failure in a country is not independent news.

All ages are in years of 365.25 days.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from simulator.evidence.forms import Form
    from simulator.evidence.kernels import Value
    from simulator.evidence.search import Objective

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

DAYS_PER_YEAR = 365.25
MOST_TERMS = 600  # a record with more distinct ages than this may be read off a grid of them


@dataclass(frozen=True)
class Spells:
    """Stretches of watching, one row each; arrays of shape (n,), read-only."""

    exit: Floats  # age at which the watching stops, years, > entry
    event: Flags  # whether the spell ended there, or was censored
    entry: Floats = field(default_factory=lambda: np.empty(0))  # zeros unless left-truncated
    # Number of the cluster, 0 .. clusters - 1; each row its own by default.
    cluster: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        n = len(self.exit)
        if n == 0:
            raise ValueError("a set of spells needs at least one spell")
        entry = np.array(self.entry, np.float64) if len(self.entry) else np.zeros(n)
        own = self.cluster if len(self.cluster) else np.arange(n)
        columns: dict[str, npt.NDArray[Any]] = {
            "exit": np.array(self.exit, np.float64),
            "event": np.array(self.event, np.bool_),
            "entry": entry,
            "cluster": np.unique(own, return_inverse=True)[1].astype(np.int64),
        }
        if {len(values) for values in columns.values()} != {n}:
            lengths = ", ".join(f"{name} {len(values)}" for name, values in columns.items())
            raise ValueError(f"{lengths} values; give one of each per spell")
        exit_ = columns["exit"]
        bad = np.flatnonzero(~(np.isfinite(exit_) & (entry >= 0) & (exit_ > entry)))
        if len(bad):
            got = f"got entry {entry[bad[0]]} and exit {exit_[bad[0]]}"
            raise ValueError(f"spell {bad[0]}: needs 0 <= entry < exit < infinity, {got}")
        for name, values in columns.items():
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.exit)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def failures(self) -> int:
        """Number of rows that end in the event."""
        return int(self.event.sum())

    @property
    def years_at_risk(self) -> float:
        """Total watched time, spell-years."""
        return float((self.exit - self.entry).sum())

    @property
    def truncated(self) -> bool:
        """Whether any row is left-truncated."""
        return bool((self.entry > 0).any())

    def subset(self, keep: Flags) -> Spells:
        """Return the rows where `keep`, shape (n,), is true."""
        return Spells(self.exit[keep], self.event[keep], self.entry[keep], self.cluster[keep])

    def ages_at_failure(self) -> Floats:
        """Ages of the failures."""
        return self.exit[self.event]

    def failed(self, weights: Floats) -> Floats:
        """Return the failures of each weighting, shape (replicates,)."""
        return np.asarray(weights @ self.event)

    def resample(self, replicates: int, rng: np.random.Generator) -> Floats:
        """Draw clusters with replacement; return how often each row counts, (replicates, n)."""
        n = self.clusters
        drawn = rng.multinomial(n, np.full(n, 1.0 / n), size=replicates)
        return drawn[:, self.cluster].astype(np.float64)

    def terms(self, ratio: float = 1.0) -> Terms:
        """Gather the terms of the log-likelihood of rows, one for each distinct age and kind.

        With a ratio above 1, of a record with more than `MOST_TERMS`, those on a grid of its ages
        alone, each at least this many times the last; a row's term is shared between the neighbours
        of its age, linearly. An exponential life is then still fitted exactly. What others lose is
        below ((ratio - 1) t)^2 / 8 times the curvature of log h or log S at t: at a ratio of 1.05
        some 3e-4 of the shape of a Weibull, a thirtieth of its error with 10,000 failures.
        """
        late = np.flatnonzero(self.entry > 0)
        row = np.concatenate([np.arange(len(self)), late])
        share = np.concatenate([np.ones(len(self)), -np.ones(len(late))])
        age = np.concatenate([self.exit, self.entry[late]])
        ended = np.concatenate([self.event, np.zeros(len(late), dtype=bool)])
        distinct = [np.unique(age[ended == kind]) for kind in (False, True)]
        if ratio > 1.0 and sum(map(len, distinct)) > MOST_TERMS:
            distinct = [_grid(ages, ratio) for ages in distinct]
        parts = []
        for kind, ages in enumerate(distinct):
            here = np.flatnonzero(ended == bool(kind))
            term, above = _places(ages, age[here])
            term += kind * len(distinct[0])
            parts.append((row[here], term, share[here] * (1.0 - above)))
            between = above > 0
            parts.append((row[here][between], term[between] + 1, (share[here] * above)[between]))
        event = np.repeat([0.0, 1.0], [len(ages) for ages in distinct])
        columns = map(np.concatenate, zip(*parts, strict=True))
        return Terms(np.concatenate(distinct), event, *columns)


@dataclass(frozen=True)
class Terms:
    """The terms of the log-likelihood of rows: log density or log survival at an age.

    It is the sum over rows of d log h(exit) + log S(exit) - log S(entry): right censoring and left
    truncation. Rows that share an age share a term.
    """

    age: Floats  # shape (m,), years
    event: Floats  # 1 for a log density, 0 for a log survival
    # A row counts `share` times in a term, shape (k,); an entry age counts -1 times.
    row: Indices
    term: Indices
    share: Floats

    def counts(self, weights: Floats) -> Floats:
        """How often each term counts, (replicates, m), for weights (replicates, n)."""
        size = len(self.age)
        return np.stack(
            [np.bincount(self.term, self.share * each[self.row], size) for each in weights]
        )

    def own(self) -> Floats:
        """Counts of the record itself, one replicate."""
        return self.counts(np.ones((1, int(self.row.max()) + 1)))

    def objective(self, form: Form, counts: Floats) -> Objective:
        """Return the log-likelihood of `form` with terms counted `counts` times."""

        def objective(working: Floats, which: Indices) -> Value:
            return form.kernel(working, self.age, self.event).weighted(counts[which])

        return objective


def _grid(ages: Floats, ratio: float) -> Floats:
    """Those of increasing ages that lie a ratio above the last one taken, and the greatest."""
    taken, at = [], 0
    while at < len(ages) - 1:
        taken.append(at)
        at = min(int(np.searchsorted(ages, ages[at] * ratio)), len(ages) - 1)
    return ages[[*taken, len(ages) - 1]] if len(ages) else ages


def _places(grid: Floats, ages: Floats) -> tuple[Indices, Floats]:
    """Number of the last age on the grid that is not above each age, and how far it is passed."""
    place = np.searchsorted(grid, ages, side="right") - 1
    following = grid[np.minimum(place + 1, len(grid) - 1)]
    width = following - grid[place]
    return place, np.where(width > 0, (ages - grid[place]) / np.where(width > 0, width, 1.0), 0.0)


def landmark(spells: Spells, age: float) -> Spells:
    """Return the spells that still go on and are watched at `age` years, from that age on.

    What follows is conditional on survival to `age`; a state known at `age` may then be used as a
    grouping without looking ahead (Anderson, Cain & Gelber 1983).
    """
    later = spells.subset(spells.exit > age)
    return Spells(later.exit, later.event, np.maximum(later.entry, age), later.cluster)


def clusters(keys: Iterable[Hashable]) -> Indices:
    """Number the distinct keys in order of appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


@dataclass(frozen=True)
class Curve:
    """A survival curve: right-continuous steps, S = 1 before the first."""

    ages: Floats  # of the observed failures, years, increasing, shape (m,)
    survival: Floats  # S from that age on
    low: Floats  # ... and its pointwise interval
    high: Floats
    last: float  # greatest age watched; beyond it the curve says nothing

    def at(self, ages: Floats) -> tuple[Floats, Floats, Floats]:
        """S, low and high at `ages`; NaN beyond the last age watched."""
        ages = np.asarray(ages, dtype=np.float64)
        step = np.searchsorted(self.ages, ages, side="right")
        return tuple(  # type: ignore[return-value]  # three columns in, three out
            np.where(ages <= self.last, np.concatenate([[1.0], column])[step], np.nan)
            for column in (self.survival, self.low, self.high)
        )


def risk_sets(spells: Spells, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Failure ages (m,), weighted failures and numbers at risk (replicates, m)."""
    ages = np.unique(spells.exit[spells.event])

    def before(of: Floats, counted: Floats) -> Floats:
        """Weight (replicates, m) of the rows whose age `of` lies below each failure age."""
        order = np.argsort(of, kind="stable")
        total = np.zeros((len(counted), len(of) + 1))
        np.cumsum(counted[:, order], axis=1, out=total[:, 1:])
        return total[:, np.searchsorted(of[order], ages, side="left")]

    ended = spells.exit[spells.event]
    failing = before(ended, weights[:, spells.event])
    failed = np.diff(failing, axis=1, append=weights[:, spells.event].sum(axis=1, keepdims=True))
    return ages, failed, before(spells.entry, weights) - before(spells.exit, weights)


def watched_from(spells: Spells) -> float:
    """Age from which on somebody was at risk all the time, years; a curve can start there.

    Before it lies an age at which nobody was watched, or at which all who were failed at once: a
    product over earlier failures is 0 ever after, or steps over years that nobody saw.
    """
    order = np.argsort(spells.entry, kind="stable")
    entry = spells.entry[order]
    # whoever failed at an age did not survive it
    survived = np.where(spells.event, np.nextafter(spells.exit, 0.0), spells.exit)[order]
    broken = entry[1:] > np.maximum.accumulate(survived)[:-1]
    return float(entry[np.append(True, broken)][-1])


def _log_log(survival: Floats, greenwood: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval for S on the scale log(-log S); Kalbfleisch & Prentice."""
    inside = (survival > 0) & (survival < 1)
    log_s = np.log(np.where(inside, survival, 0.5))
    normal = NormalDist().inv_cdf(0.5 + level / 2)
    reach = normal * np.sqrt(np.where(inside, greenwood, 0.0)) / log_s
    low, high = (np.exp(log_s * np.exp(side)) for side in (-reach, reach))
    return np.where(inside, low, survival), np.where(inside, high, survival)


def kaplan_meier(spells: Spells, level: float = 0.90) -> Curve:
    """Kaplan-Meier curve with a pointwise log-log interval (Greenwood's variance).

    Delayed entry counts a row from its entry on (risk set: entry < age <= exit). Where S has
    reached 0 no variance exists; the interval there runs from 0 to the last upper bound before.
    """
    ages, failed, watched = risk_sets(spells, np.ones((1, len(spells))))
    d, n = failed[0], watched[0]
    survival = np.cumprod(1.0 - d / n)
    greenwood = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0))
    low, high = _log_log(survival, greenwood, level)
    if len(survival) and survival[-1] == 0.0:
        low[-1], high[-1] = 0.0, high[-2] if len(high) > 1 else 1.0
    return Curve(ages, survival, low, high, float(spells.exit.max()))


def logrank(one: Spells, other: Spells) -> float:
    """Two-sided p of the log-rank test of untruncated spells; NaN without a common failure age."""
    from scipy import stats

    first, second = (stats.CensoredData.right_censored(x.exit, ~x.event) for x in (one, other))
    with np.errstate(invalid="ignore"):  # without a common age the variance is 0
        return float(stats.logrank(first, second).pvalue)
