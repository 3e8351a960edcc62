"""What the record says a simulated ceasefire should do, without a force and with one.

The with-force figures are free of immortal-time bias: a ceasefire counts as protected only from the
day on which the force was there (time-varying), or if it was alive and protected on day 90
(landmark). They are still those of the ceasefires that got a force, which nobody assigned by lot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from research.ceasefires import (
    after_1989,
    fortna_force,
    fortna_landmark,
    fortna_spells,
    gml_spells,
    no_victory,
)
from research.classes import LANDMARK_DAYS
from research.scores import kaplan_meier_replicates
from research.studies import Keep
from simulator.evidence.spells import DAYS_PER_YEAR, Floats, Spells
from simulator.evidence.writing import rounded

TARGET_NAMES = ("P_fail_2y", "P_hold_10y", "P_hold_20y")
_AGES: Floats = np.array([2.0, 10.0, 20.0])


def _curves(spells: Spells, replicates: int, rng: np.random.Generator, ages: Floats) -> Floats:
    """Kaplan-Meier S at `ages`: row 0 of the record itself, the others of resampled records."""
    weights = np.concatenate([np.ones((1, len(spells))), spells.resample(replicates, rng)])
    return kaplan_meier_replicates(spells, weights, ages)


def _described(curves: Floats, last: float) -> dict[str, Any]:
    """Estimate and 90 % range of the targets; those beyond the last age watched are left out."""
    found: dict[str, Any] = {}
    for j, (name, age) in enumerate(zip(TARGET_NAMES, _AGES, strict=True)):
        if age > last:
            continue
        values = 1.0 - curves[:, j] if name.startswith("P_fail") else curves[:, j]
        low, high = np.quantile(values[1:], [0.05, 0.95])
        found[name] = {
            "estimate": rounded(float(values[0]), 3),
            "p05": rounded(float(low), 3),
            "p95": rounded(float(high), 3),
        }
    return found


def _direct(spells: Spells, replicates: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "rows": len(spells),
        "failures": spells.failures,
        **_described(_curves(spells, replicates, rng, _AGES), float(spells.exit.max())),
    }


def _composed(
    start: Spells, later: Spells, replicates: int, rng: np.random.Generator
) -> dict[str, Any]:
    """S(90 d) of everyone times S(t | alive on day 90) of the protected; resampled apart."""
    day = np.array([LANDMARK_DAYS / DAYS_PER_YEAR])
    young = _curves(start, replicates, rng, day)
    curves = young * _curves(later, replicates, rng, _AGES)
    return _described(curves, float(later.exit.max()))


def _aim(*sources: dict[str, Any]) -> dict[str, Any]:
    """Middle of the estimates, and a range that holds the ranges of all of them."""
    return {
        name: {
            "estimate": rounded(float(np.mean([s[name]["estimate"] for s in sources])), 3),
            "p05": min(s[name]["p05"] for s in sources),
            "p95": max(s[name]["p95"] for s in sources),
        }
        for name in TARGET_NAMES
        if all(name in source for source in sources)
    }


def _civil(folder: Path, keep: Keep, replicates: int, rng: np.random.Generator) -> dict[str, Any]:
    none = fortna_landmark(folder, LANDMARK_DAYS, force=False, keep=keep)
    force = fortna_landmark(folder, LANDMARK_DAYS, force=True, keep=keep)
    everyone = fortna_spells(folder, keep)
    present = _direct(fortna_force(folder, "present", keep), replicates, rng)
    composed = _composed(everyone, force, replicates, rng)
    return {
        "no_force": _direct(fortna_force(folder, "not_yet", keep), replicates, rng),
        "with_force": _aim(present, composed),
        "with_force_by_method": {
            "time_varying": present,
            "since_arrival": _direct(fortna_force(folder, "since", keep), replicates, rng),
            "landmark_given_alive_on_day_90": _direct(force, replicates, rng),
            "landmark_after_everyones_first_90_days": composed,
        },
        "no_force_given_alive_on_day_90": _direct(none, replicates, rng),
    }


def compute_targets(folder: Path, replicates: int, rng: np.random.Generator) -> dict[str, Any]:
    """Compute the targets from the rows in `folder`, with 90 % ranges by cluster bootstrap.

    Returns
    -------
    dict
        ``civil_no_victory``, ``civil_no_victory_after_1989`` (each with ``no_force`` and
        ``with_force``), and the classes of wars between states, all and rivals. ``with_force`` is
        what to aim at: between the time-varying estimate, which believes that the force was there
        from day 0 where the file says so, and the landmark estimate, which gives the first 90 days
        no credit at all.
    """
    return {
        "civil_no_victory": _civil(folder, no_victory, replicates, rng),
        "civil_no_victory_after_1989": _civil(folder, after_1989, replicates, rng),
        "interstate_war_or_fatal": _direct(gml_spells(folder, "war_or_fatal26"), replicates, rng),
        "interstate_new_war": _direct(gml_spells(folder, "newwar"), replicates, rng),
        "interstate_rivals_war_or_fatal": _direct(
            gml_spells(folder, "war_or_fatal26", rivals=True), replicates, rng
        ),
        "interstate_rivals_new_war": _direct(
            gml_spells(folder, "newwar", rivals=True), replicates, rng
        ),
    }
