"""Draws made from arrays, and the published examples, which are not part of the project."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.special import stdtrit
from scipy.stats import norm, qmc

from simulator.decide.draws import Draws, Value

ROWS = Path(__file__).resolve().parents[3] / "shared" / "data"
REPLICATES = 16


@pytest.fixture(scope="session")
def study() -> Callable[[str], dict[str, np.ndarray]]:
    """Columns of a study file."""

    def read(name: str) -> dict[str, np.ndarray]:
        path = ROWS / name
        if not path.is_file():
            pytest.skip(f"needs {name}, which is not part of the project (../shared/data)")
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        rows = list(csv.DictReader(text.decode().splitlines()))
        return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}

    return read


def draws_of(
    outcomes: dict[str, np.ndarray] | np.ndarray,
    numbers: dict[str, np.ndarray] | None = None,
    choices: dict[str, np.ndarray] | None = None,
    book: np.ndarray | None = None,
) -> Draws:
    """Draws of plans p0, p1, ... from outcomes of shape (P, D); of ``worth`` if there is one."""
    by_name = outcomes if isinstance(outcomes, dict) else {"worth": outcomes}
    plans, size = next(iter(by_name.values())).shape
    numbers = numbers or {}
    return Draws(
        plans=tuple(f"p{i}" for i in range(plans)),
        names=tuple(numbers),
        values=np.stack(list(numbers.values()), axis=1) if numbers else np.empty((size, 0)),
        options={name: np.asarray(taken, object) for name, taken in (choices or {}).items()},
        outcomes=by_name,
        book=np.full(size, "one", object) if book is None else np.asarray(book, object),
        replicate=np.arange(size) % REPLICATES,
        trials=16,
    )


def normals(dimensions: int, power: int, seed: int) -> np.ndarray:
    """Evenly spread standard normal numbers, shape (dimensions, 16 x 2**power).

    Sixteen independent scrambled nets, as a run has them.
    """
    nets = [
        qmc.Sobol(dimensions, seed=np.random.default_rng([seed, net])).random_base2(power)
        for net in range(REPLICATES)
    ]
    return norm.ppf(np.stack(nets, axis=1).reshape(-1, dimensions).T)


def interval(value: Value, level: float) -> tuple[float, float]:
    """Where infinitely many draws would lie with this confidence: t of the replicates."""
    assert value.value is not None and value.mcse is not None
    away = float(stdtrit(REPLICATES - 1, 0.5 + level / 2.0)) * value.mcse
    return value.value - away, value.value + away
