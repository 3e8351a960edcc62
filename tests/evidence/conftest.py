"""The rows of the record, where they are, and records simulated from known parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator.evidence.spells import Spells

ROWS = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def rows() -> Path:
    """Folder of the study files, which are not part of the project."""
    if not (ROWS / "fortna2008_spells.csv").is_file():
        pytest.skip(
            "needs the rows of the record, which are not part of the project (../shared/data)"
        )
    return ROWS


@pytest.fixture(scope="session")
def two_regimes() -> Callable[..., Spells]:
    """Simulated spells: a failing share, two constant hazards, uniform censoring ages."""

    def draw(
        rng: np.random.Generator,
        n: int = 120,
        share: float = 0.5,
        failing: float = 0.9,
        durable: float = 0.02,
        censoring: tuple[float, float] = (5.0, 40.0),
        late: bool = False,
    ) -> Spells:
        hazard = np.where(rng.random(n) < share, failing, durable)
        life = rng.exponential(1.0 / hazard)
        end = rng.uniform(*censoring, n)
        entry = rng.uniform(0.0, 1.0, n) if late else np.zeros(n)
        exit_ = np.minimum(life, end)
        seen = exit_ > entry
        return Spells(exit_[seen], (life <= end)[seen], entry[seen])

    return draw
