"""A finished run as JSON and as tables: the forms that other programs read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.analysis.offers import notes_on_force
from simulator.analysis.run import Result
from simulator.assumptions.choices import notes_on_weights
from simulator.outcomes.curves import Band
from simulator.outcomes.options import by_option
from simulator.outcomes.spread import Estimate


def summary(result: Result) -> dict[str, Any]:
    """The run as a JSON object: inputs by name, estimates, causes, survival curve.

    Returns
    -------
    dict
        Keys ``scenario``, ``book``, ``seed``, ``draws``, ``paths``, ``digest``, ``estimates``
        (name -> value, mcse, p05, p95, and a note where something is null), ``causes`` (cause ->
        probability by the horizon), ``causes_detail``, ``curve`` (years, survival, mcse, p05,
        p95), ``by_option`` (structural choice -> option -> ``draws`` that took it, and their
        ``estimates``), ``notes``.
    """
    job, found = result.job, result.outcome
    survival = found.curves.survival
    return {
        "scenario": job.scenario.name,
        "title": job.scenario.title,
        "book": job.book.name,
        "seed": job.seed,
        "draws": job.draws,
        "paths": job.paths,
        "digest": job.digest,
        "estimates": estimates_json(found.estimates),
        "causes": {name: e.value for name, e in found.causes.items()},
        "causes_detail": estimates_json(found.causes),
        "curve": {
            "years": found.curves.years.tolist(),
            "survival": _list(survival.value),
            "mcse": _list(survival.mcse),
            "p05": _list(survival.p05),
            "p95": _list(survival.p95),
        },
        "deployed_by_year": {
            "year": list(range(1, found.curves.deployed.value.size + 1)),
            "mean_troops": _list(found.curves.deployed.value),
            "mcse": _list(found.curves.deployed.mcse),
            "p05": _list(found.curves.deployed.p05),
            "p95": _list(found.curves.deployed.p95),
            "fill_rate": _fill_by_year(result),
        },
        "by_option": {
            choice: {
                name: {"draws": option.draws, "estimates": estimates_json(option.estimates)}
                for name, option in options.items()
            }
            for choice, options in by_option(result.tally, result.draws.labels).items()
        },
        "notes": [
            *job.scenario.notes,
            *notes_on_weights(job.book, job.scenario.structure),
            *notes_on_force(result),
        ],
    }


def estimates_json(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    """Estimates as JSON objects; ``note`` only where there is one."""
    return {
        name: {
            "value": e.value,
            "mcse": e.mcse,
            "p05": e.p05,
            "p95": e.p95,
            **({"note": e.note} if e.note else {}),
        }
        for name, e in estimates.items()
    }


def curve_columns(result: Result) -> dict[str, np.ndarray[Any, Any]]:
    """Curves in tidy form: one row per curve and year.

    Returns
    -------
    dict of str to array, shape (rows,)
        ``curve`` ("survival", "incidence:CAUSE", "deployed"), ``years`` (end of the year for
        ``deployed``), ``value``, ``mcse``, ``p05``, ``p95`` (NaN where it cannot be told).
    """
    curves = result.outcome.curves
    parts: list[tuple[str, np.ndarray[Any, Any], Band]] = [
        ("survival", curves.years, curves.survival)
    ]
    for c, cause in enumerate(result.outcome.causes):
        i = curves.incidence
        parts.append(
            (f"incidence:{cause}", curves.years, Band(i.value[c], i.mcse[c], i.p05[c], i.p95[c]))
        )
    horizon = result.tally.horizon
    ends = np.minimum(np.arange(1.0, curves.deployed.value.size + 1.0), horizon)
    parts.append(("deployed", ends, curves.deployed))
    return {
        "curve": np.concatenate([np.full(years.size, name, object) for name, years, _ in parts]),
        "years": np.concatenate([years for _, years, _ in parts]),
        **{
            field: np.concatenate([getattr(band, field) for _, _, band in parts])
            for field in ("value", "mcse", "p05", "p95")
        },
    }


def _fill_by_year(result: Result) -> list[float | None] | None:
    target = result.job.scenario.force.target_troops
    if target == 0:
        return None
    return [v / target for v in result.outcome.curves.deployed.value.tolist()]


def _list(values: np.ndarray[Any, Any]) -> list[float | None]:
    return [v if math.isfinite(v) else None for v in values.tolist()]
