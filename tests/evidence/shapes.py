"""Records of many shapes: public ones where lifelines is there, and simulated ones everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.evidence.spells import Floats, Spells
from simulator.evidence.usercsv import Named, read_spells

# Public records as they lie in lifelines' package: the file, and what its columns are called.
PUBLIC = {
    "lung": ("lung.csv", Named("time", "days", "status")),
    "rossi": ("rossi.csv", Named("week", "weeks", "arrest")),
    "waltons": ("waltons_dataset.csv", Named("T", "days", "E")),
    "larynx": ("larynx.csv", Named("time", "years", "death")),
    "g3": ("g3.csv", Named("time", "months")),
    "lymphoma": ("lymphoma.csv", Named("Time", "days", "Censor")),
    "psychiatric": ("psychiatric_patients.csv", Named("T", "years", "C")),
    "anderson": ("anderson.csv", Named("t", "weeks", "status")),
    "heart": ("stanford_heart.csv", Named("stop", "days", entry="start", cluster="id")),
    "kidney": ("kidney_transplant.csv", Named("time", "days", "death")),
    "regimes": ("dd.csv", Named("duration", "years", "observed", cluster="ctryname")),
}


def public_file(name: str) -> Path | None:
    """Where a public record lies, None without lifelines."""
    try:
        from lifelines import datasets
    except ImportError:
        return None
    return Path(datasets.__file__).parent / PUBLIC[name][0]


def _lives(shape: int, n: int, rng: np.random.Generator) -> Floats:
    few = rng.random(n)
    match shape:
        case 0:
            return rng.weibull(0.5, n) * 3
        case 1:
            return rng.weibull(3.0, n) * 5
        case 2:
            return np.where(few < 0.5, rng.exponential(0.5, n), rng.exponential(40, n))
        case 3:  # next to all in one regime, a few gone within days
            return np.where(few < 0.05, rng.exponential(0.05, n), rng.exponential(20, n))
        case 4:  # a hump, late
            return np.where(few < 0.3, 5 * rng.weibull(4, n), rng.exponential(10, n))
        case 5:
            return rng.lognormal(1, 1.2, n)
        case 6:  # four in ten never end
            return np.where(few < 0.4, np.inf, rng.weibull(1.5, n) * 2)
        case _:
            return rng.exponential(4, n)


def records() -> Iterator[tuple[str, Spells]]:
    """Yield 24 simulated records of eight shapes, and up to six public ones."""
    rng = np.random.default_rng(5)
    for number in range(24):
        n, shape = (8, 20, 80)[number // 8], number % 8
        life, end = _lives(shape, n, rng), rng.uniform(1, 30, n)
        entry = rng.uniform(0, 3, n) * (rng.random(n) < 0.5) * (number % 3 == 0)
        exit_ = np.minimum(life, end)
        if number % 4 == 0:
            exit_ = np.ceil(exit_ * 12) / 12  # whole months: ties
        seen = exit_ > entry
        spells = Spells(exit_[seen], (life <= end)[seen], entry[seen])
        if spells.failures:
            yield f"shape {shape}, {n} spells", spells
    short = [2.1, 3.4, 4.2, 2.8, 5.1, 3.9, 1.6, 6.0, 4.7, 3.1, 2.4, 5.5]
    yield "short", Spells(np.array(short), np.array([d not in (6.0, 5.5) for d in short]))
    for name in ("lung", "rossi", "waltons", "larynx", "g3", "heart"):
        if (path := public_file(name)) is not None:
            yield name, read_spells(path, PUBLIC[name][1]).spells
