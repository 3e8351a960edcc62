"""A finished run as JSON and as tables: the forms that other programs read."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from simulator.addresses import REPLICATES
from simulator.analysis import findings
from simulator.analysis.run import Result
from simulator.books.choices import notes_on_weights
from simulator.estimates.curves import Band
from simulator.estimates.estimate import Estimate, rough
from simulator.estimates.options import by_option
from simulator.estimates.waterfall import notes_on_force, waterfall

# Of an estimate, and of every point of a curve.
ESTIMATE_FIELDS: Final = ("value", "mcse", "p05", "p95", "p05_mcse", "p95_mcse")


def summary(result: Result) -> dict[str, Any]:
    """The run as a JSON object: inputs by name, estimates, causes, survival curve.

    Returns
    -------
    dict
        Keys ``scenario``, ``book``, ``seed``, ``draws``, ``trials``, ``replicates`` (their means
        give every Monte Carlo error), ``digest``, ``estimates`` (name -> `ESTIMATE_FIELDS`,
        ``interval`` that holds the value with 95 % confidence, and a ``note`` where something is
        null), ``finding`` (what a reader should see first), ``waterfall`` (steps from a planned
        force to one that is there, as estimates: `simulator.estimates.waterfall.STEPS`),
        ``causes`` (cause -> probability by the horizon), ``causes_detail``, ``curve``
        (years, survival, and the fields of a band), ``by_option`` (structural choice -> option ->
        ``draws`` that took it, of the first `READ_DRAWS`, and their ``estimates``),
        ``precision`` (only of a run to one), ``notes``.
    """
    job, found = result.job, result.outcome
    survival, steps = found.curves.survival, waterfall(result.model)
    return {
        "scenario": job.scenario.name,
        "title": job.scenario.title,
        "book": job.book.name,
        "seed": job.seed,
        "draws": job.draws,
        "trials": job.trials,
        "replicates": min(REPLICATES, job.draws),
        "digest": job.digest,
        "finding": findings.of_run(found.estimates, found.causes, steps, job.draws, job.horizon),
        "estimates": estimates_json(found.estimates),
        "waterfall": estimates_json(steps),
        "causes": {name: e.value for name, e in found.causes.items()},
        "causes_detail": estimates_json(found.causes),
        "curve": {
            "years": found.curves.years.tolist(),
            "survival": _list(survival.value),
            **_band(survival),
        },
        "deployed_by_year": {
            "year": list(range(1, found.curves.deployed.value.size + 1)),
            "mean_troops": _list(found.curves.deployed.value),
            **_band(found.curves.deployed),
            "fill_rate": _fill_by_year(result),
        },
        "by_option": {
            choice: {
                name: {"draws": option.draws, "estimates": estimates_json(option.estimates)}
                for name, option in options.items()
            }
            for choice, options in by_option(result.tally, result.draws.labels).items()
        },
        **({"precision": asdict(result.precision)} if result.precision else {}),
        "notes": [
            *job.scenario.notes,
            *notes_on_weights(job.book, job.scenario.structure),
            *notes_on_force(result.model),
            *_notes_on_size(result),
        ],
    }


def _notes_on_size(result: Result) -> Iterator[str]:
    """Say what so few draws leave open."""
    job, asked = result.job, result.precision
    if found := rough(job.draws):
        yield found
    if asked is not None and not asked.met:
        error = "is not known" if asked.error is None else f"is at most {asked.error:.2g}"
        yield (
            f"the precision of {asked.target:g} was not reached in {job.draws:,} draws: the error "
            f"of {asked.estimate} {error}; a larger --max-draws may reach it"
        )


def estimates_json(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    """Estimates as JSON objects; ``interval`` is that of 95 %, ``note`` only where there is one."""
    return {
        name: {field: getattr(e, field) for field in ESTIMATE_FIELDS}
        | {"interval": e.interval()}
        | ({"note": e.note} if e.note else {})
        for name, e in estimates.items()
    }


def curve_columns(result: Result) -> dict[str, np.ndarray[Any, Any]]:
    """Curves in tidy form: one row per curve and year.

    Returns
    -------
    dict of str to array, shape (rows,)
        ``curve`` ("survival", "incidence:CAUSE", "deployed"), ``years`` (end of the year for
        ``deployed``), and `ESTIMATE_FIELDS` (NaN where it cannot be known).
    """
    curves = result.outcome.curves
    parts: list[tuple[str, np.ndarray[Any, Any], Band]] = [
        ("survival", curves.years, curves.survival)
    ]
    for c, cause in enumerate(result.outcome.causes):
        i = curves.incidence
        band = Band(*(getattr(i, field)[c] for field in ESTIMATE_FIELDS))
        parts.append((f"incidence:{cause}", curves.years, band))
    horizon = result.tally.horizon
    ends = np.minimum(np.arange(1.0, curves.deployed.value.size + 1.0), horizon)
    parts.append(("deployed", ends, curves.deployed))
    return {
        "curve": np.concatenate([np.full(years.size, name, object) for name, years, _ in parts]),
        "years": np.concatenate([years for _, years, _ in parts]),
        **{
            field: np.concatenate([getattr(band, field) for _, _, band in parts])
            for field in ESTIMATE_FIELDS
        },
    }


def _band(band: Band) -> dict[str, list[float | None]]:
    return {field: _list(getattr(band, field)) for field in ESTIMATE_FIELDS[1:]}


def _fill_by_year(result: Result) -> list[float | None] | None:
    target = result.job.scenario.force.target_troops
    if target == 0:
        return None
    return [v / target for v in result.outcome.curves.deployed.value.tolist()]


def _list(values: np.ndarray[Any, Any]) -> list[float | None]:
    return [v if math.isfinite(v) else None for v in values.tolist()]
