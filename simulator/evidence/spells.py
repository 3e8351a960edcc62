"""Spells: how long something lasted, whether it was seen to end, and since when it was watched.

A spell is a time line that starts at age 0. It is watched over the half-open stretch
``(entry, exit]`` of its age and either ends there (``event``) or is still alive when the watching
stops (right censoring). ``entry > 0`` is left truncation: had it ended earlier, it would not be in
the record. Rows of one ``cluster`` belong together (stretches of one life, ceasefires of one
country, stays in one mission); everything that resamples draws clusters, not rows, because the
second failure in a country is not independent news.

All ages are in years of 365.25 days.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["DAYS_PER_YEAR", "Floats", "Spells", "clusters", "landmark"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Spells:
    """Stretches of life, one row each, sorted as given.

    Attributes
    ----------
    exit : ndarray of float, shape (n,)
        Age at which the watching stops, years, ``exit > entry``.
    event : ndarray of bool, shape (n,)
        True where the spell ended at `exit`, False where it was censored there.
    entry : ndarray of float, shape (n,)
        Age at which the watching began, years; zeros unless left-truncated.
    cluster : ndarray of int, shape (n,)
        Number of the cluster that a row belongs to, 0 .. clusters - 1; each row its own by default.

    Raises
    ------
    ValueError
        If there is no row, the lengths differ, or an age is not finite or out of order: the
        message names the first bad index.
    """

    exit: Floats
    event: Flags
    entry: Floats = field(default_factory=lambda: np.empty(0))
    cluster: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        exit_ = np.array(self.exit, dtype=np.float64)
        n = len(exit_)
        if n == 0:
            raise ValueError("a set of spells needs at least one spell")
        entry = np.array(self.entry, dtype=np.float64) if len(self.entry) else np.zeros(n)
        cluster = (
            np.unique(self.cluster, return_inverse=True)[1].astype(np.int64)
            if len(self.cluster)
            else np.arange(n, dtype=np.int64)
        )
        event = np.array(self.event, dtype=np.bool_)
        if not len(entry) == len(cluster) == len(event) == n:
            raise ValueError(
                f"exit has {n} values, event {len(event)}, entry {len(entry)}, "
                f"cluster {len(cluster)}; give one of each per spell"
            )
        bad = np.flatnonzero(~(np.isfinite(exit_) & (entry >= 0) & (exit_ > entry)))
        if len(bad):
            i = int(bad[0])
            raise ValueError(
                f"spell {i}: needs 0 <= entry < exit < infinity, got entry {entry[i]} and "
                f"exit {exit_[i]}"
            )
        for name, values in (
            ("exit", exit_), ("event", event), ("entry", entry), ("cluster", cluster),
        ):  # fmt: skip
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
        """Return the rows where `keep` is true; shape of `keep` (n,)."""
        return Spells(self.exit[keep], self.event[keep], self.entry[keep], self.cluster[keep])

    def censored_at(self, age: float | Floats) -> Spells:
        """Return what had been seen by `age` (years; one number or one per row).

        Rows that had not begun to be watched by then are left out.
        """
        limit = np.broadcast_to(np.asarray(age, dtype=np.float64), self.exit.shape)
        seen = limit > self.entry
        exit_ = np.minimum(self.exit, limit)
        event = self.event & (self.exit <= limit)
        return Spells(exit_[seen], event[seen], self.entry[seen], self.cluster[seen])


def landmark(spells: Spells, age: float) -> Spells:
    """Return the spells still alive and watched at `age` years, from that age on.

    What follows is conditional on survival to `age`; a state known at `age` may then be used as a
    grouping without looking ahead (Anderson, Cain & Gelber 1983).
    """
    alive = spells.exit > age
    return Spells(
        spells.exit[alive],
        spells.event[alive],
        np.maximum(spells.entry[alive], age),
        spells.cluster[alive],
    )


def clusters(keys: Iterable[Hashable]) -> npt.NDArray[np.int64]:
    """Number the distinct keys in order of appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
