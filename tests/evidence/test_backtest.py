from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from research.backtest import MODELS, backtest, score_split
from research.splits import SPLITS, Split
from simulator.evidence.spells import Spells
from simulator.evidence.writing import load_evidence
from simulator.inputs import InputError


def test_before_1993_foretells_later_ceasefires(rows: Path) -> None:
    found = backtest("civil_1993", rows, replicates=50)
    assert found["train"] == {"spells": 38, "failures": 26}
    predicted = found["models"]["two_regime"]["predicted"]
    assert [round(row["value"], 2) for row in predicted.values()] == [0.69, 0.55, 0.44, 0.39]
    # printed .63 .55 .41 .36; the last is 0.365 before rounding
    observed = [row["value"] for row in found["observed"].values()]
    assert observed == pytest.approx([0.63, 0.55, 0.41, 0.36], abs=0.0051)


def test_a_time_split_as_known_sees_nothing_later(rows: Path) -> None:
    split = SPLITS["civil_1993_as_known"](rows)
    full = SPLITS["civil_1993"](rows)
    assert len(split.train) == len(full.train)
    assert split.train.failures < full.train.failures
    assert split.train.years_at_risk < full.train.years_at_risk
    assert len(split.test) == len(full.test)


def test_eras_of_interstate_wars_do_not_pool(rows: Path) -> None:
    """Trained on 1816-1945 every form misses the early failures after 1945."""
    found = backtest("interstate_1946", rows, replicates=200)
    for model in MODELS:
        for age in ("1", "2"):
            assert found["models"][model]["gap"][age]["p05"] > 0, (model, age)


def test_without_the_rows_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        backtest("civil_1993", tmp_path)
    text = caught.value.render()
    assert "fortna2008_spells.csv" in text
    assert "shipped tables" in text


def test_a_right_model_is_calibrated_and_beats_a_wrong_one(
    two_regimes: Callable[..., Spells],
) -> None:
    """Training and test from the same two regimes, 400 each: two regimes against one Weibull."""
    rng = np.random.default_rng(11)
    split = Split("simulated", two_regimes(rng, n=400), two_regimes(rng, n=400))
    found = score_split(split, 100, rng)
    right = found["models"]["two_regime_exponential"]
    for row in right["gap"].values():
        # 90 % ranges: each holds 0 with probability 0.9; the seed is fixed
        assert row["p05"] < 0 < row["p95"]
    assert right["integrated_brier_minus"]["weibull"]["p95"] < 0
    assert right["observed_over_expected"]["p05"] < 1 < right["observed_over_expected"]["p95"]


def test_a_split_that_does_not_hold_is_called_out(two_regimes: Callable[..., Spells]) -> None:
    rng = np.random.default_rng(12)
    split = Split("another world", two_regimes(rng, share=0.2), two_regimes(rng, share=0.8))
    found = score_split(split, 200, rng)["models"]["two_regime_exponential"]
    assert all(row["p05"] > 0 for row in found["gap"].values())
    assert found["observed_over_expected"]["p05"] > 1


def test_shipped_results_cover_every_split() -> None:
    shipped = load_evidence("backtest")
    assert tuple(shipped) == tuple(SPLITS)
    for content in shipped.values():
        assert set(content["models"]) == set(MODELS)
