"""Compute everything that is shipped under ``configs/evidence`` from the rows of the studies.

    python -m simulator.evidence.build DATA_FOLDER OUTPUT_FOLDER

Writes life tables, joint fits, targets, mission rates and the results of the backtest. No row of a
study is written: a life table holds counts and years by age band, the rest parameters and ranges.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.evidence.backtest import run_backtests
from simulator.evidence.classes import CLASSES, REFERENCE_CLASSES, RecordClass
from simulator.evidence.experts import claim_test
from simulator.evidence.fits import bootstrap, fit
from simulator.evidence.lifetables import LifeTable, life_table
from simulator.evidence.missions import exit_clustering, growth_ratios
from simulator.evidence.nonparametric import kaplan_meier
from simulator.evidence.reference import MODEL_FORM, TWO_REGIME_FORMS, entries, fit_every_form
from simulator.evidence.spells import Floats, Spells
from simulator.evidence.studies import GROWTH, STAYS, STUDIES, file_digest
from simulator.evidence.targets import compute_targets
from simulator.evidence.writing import as_yaml, digest, range_of, rounded, rounded_share
from simulator.storage import write_text

__all__ = ["PARTS", "REPLICATES", "SEED", "build", "part_text"]

SEED = 20250220
"""Of every bootstrap here; each class adds its own number."""

REPLICATES = 2000
"""Bootstrap resamples per fit."""

FEWEST = 3
"""Rows in the last band of a shipped life table, at least."""

_AGES: Floats = np.array([1, 2, 3, 5, 10, 20, 30], dtype=np.float64)


def _generator(purpose: str, item: str) -> np.random.Generator:
    """Return a generator of its own for every purpose and item, whatever the order of the work."""
    words = np.frombuffer(f"{purpose}/{item}".encode(), dtype=np.uint8)
    return np.random.default_rng([SEED, *words.tolist()])


def _origin(folder: Path, item: RecordClass) -> dict[str, Any]:
    return {
        "title": item.title,
        "definition": item.definition,
        "study": STUDIES[item.study].citation,
        "source_file": item.file,
        "source_sha256": file_digest(folder, item.file),
    }


def _table(table: LifeTable) -> dict[str, Any]:
    return {
        "edges_years": [rounded(float(edge), 6) for edge in table.edges],
        "entering": table.entering.tolist(),
        "events": table.events.tolist(),
        "years_at_risk": [round(float(years), 3) for years in table.years_at_risk],
    }


def _fits(spells: Spells, table: LifeTable, forms: tuple[str, ...]) -> dict[str, Any]:
    """The forms fitted to the rows, and how far their curves from the table alone are off."""
    ages = _AGES[spells.exit.max() >= _AGES]
    return {
        form: {
            "parameters": {name: rounded(value, 5) for name, value in found.parameters.items()},
            "log_likelihood": round(found.log_likelihood, 3),
            "aic": round(found.aic, 2),
            "at_bound": list(found.at_bound),
            "grouping_error": round(
                float(np.abs(found.survival(ages) - grouped.survival(ages)).max()), 4
            ),
        }
        for form in forms
        for found, grouped in [(fit(form, spells), fit(form, table))]
    }


def _curve(spells: Spells) -> dict[str, Any]:
    s, low, high = kaplan_meier(spells).at(_AGES)
    return {
        f"{age:g}": [rounded_share(float(value), 3) for value in (a, b, c)]
        for age, a, b, c in zip(_AGES, s, low, high, strict=True)
        if np.isfinite(a)
    }


def life_tables(folder: Path) -> dict[str, Any]:
    """Life table, Kaplan-Meier curve and fits of every class."""
    classes = {}
    for name, item in CLASSES.items():
        spells = item.spells(folder)
        table = life_table(spells, item.edges, FEWEST)
        classes[name] = {
            **_origin(folder, item),
            "rows": len(spells),
            "clusters": spells.clusters,
            "failures": spells.failures,
            "table": _table(table),
            "kaplan_meier": _curve(spells),
            "fits": _fits(spells, table, item.forms),
        }
    return classes


def reference_classes(folder: Path) -> dict[str, Any]:
    """Joint fits in the form that the structural choice ``reference_class`` of a book takes."""
    classes = {}
    for name in REFERENCE_CLASSES:
        item = CLASSES[name]
        spells = item.spells(folder)
        joints = fit_every_form(spells, REPLICATES, _generator("joint", name))
        used = joints[MODEL_FORM]
        source = {
            "kind": "data",
            "citation": STUDIES[item.study].citation,
            "note": f"{item.title}: {MODEL_FORM} fit, cluster bootstrap of {REPLICATES}.",
        }
        classes[name] = {
            **_origin(folder, item),
            "rows": len(spells),
            "failures": spells.failures,
            "form": MODEL_FORM,
            "not_fitted": used.replicates.failed,
            **entries(used, source),
            "rank_correlations": [
                {"between": pair["between"], "rank": pair["rank"]}
                for pair in used.rank_correlations()
            ],
            "survival": used.survival_ranges(_AGES),
            "other_forms": {
                form: joints[form].ranges() for form in TWO_REGIME_FORMS if form != MODEL_FORM
            },
            "claim": claim_test(spells, joints),
        }
    return classes


def targets(folder: Path) -> dict[str, Any]:
    """Targets for simulated record-like scenarios."""
    return compute_targets(folder, REPLICATES, _generator("targets", "all"))


def _rate(folder: Path, name: str) -> dict[str, Any]:
    item = CLASSES[name]
    spells = item.spells(folder)
    found = bootstrap("exponential", spells, REPLICATES, _generator("rate", name))
    shape = bootstrap("weibull", spells, REPLICATES, _generator("shape", name))
    return {
        **_origin(folder, item),
        "rows": len(spells),
        "failures": spells.failures,
        "hazard_per_year": range_of(found.column("hazard")),
        "weibull_shape": range_of(shape.column("shape")),
    }


def missions(folder: Path) -> dict[str, Any]:
    """Rates of contributor exit and mission end, and growth, as entries of a book take them."""
    rates = [name for name, item in CLASSES.items() if item.study in ("geopko", "tppm")]
    ratios = growth_ratios(folder)
    years, shared = exit_clustering(folder)
    study = STUDIES["geopko"].citation
    return {
        "rates": {name: _rate(folder, name) for name in rates},
        "growth": {
            "study": study,
            "source_file": GROWTH,
            "source_sha256": file_digest(folder, GROWTH),
            "missions": len(ratios),
            "peak_over_first_year": {
                f"p{round(100 * q):02d}": rounded(float(np.quantile(ratios, q)), 3)
                for q in (0.05, 0.25, 0.5, 0.75, 0.95)
            },
            "largest": rounded(ratios[-1], 3),
        },
        "exits_in_company": {
            "study": study,
            "source_file": STAYS,
            "source_sha256": file_digest(folder, STAYS),
            "mission_years_with_an_exit": years,
            "of_those_with_two_or_more": shared,
            "share": rounded(shared / years, 3),
        },
    }


def backtests(folder: Path) -> dict[str, Any]:
    """Results of every split of the backtest."""
    return dict(run_backtests(folder, REPLICATES, SEED))


@dataclass(frozen=True)
class Part:
    """One shipped file: what it says of itself, and what computes its content."""

    what: str
    make: Callable[[Path], dict[str, Any]]


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "life_tables": Part(
            "Events and spell-years at risk by age band (edges[k], edges[k + 1]]; Kaplan-Meier "
            "curve of the rows [S, low, high; 90 % pointwise]; their maximum-likelihood fits. "
            "grouping_error is the largest change of S at 1 to 30 years if the form is fitted to "
            "the table alone.",
            life_tables,
        ),
        "reference_classes": Part(
            "Failing share, two-year failure, durable hazard of each class, jointly: entries and "
            "correlations as an option of the choice reference_class takes them; the survival they "
            "imply; the other two-regime forms; and the test of the claim that a failing ceasefire "
            "is gone within two years and a durable one passes 20 or 30. Ranges by cluster "
            f"bootstrap, {REPLICATES} resamples.",
            reference_classes,
        ),
        "targets": Part(
            "What the record says a simulated ceasefire should do, with 90 % ranges by cluster "
            "bootstrap; with_force is free of immortal-time bias. From the two studies of "
            "reference_classes.yaml.",
            targets,
        ),
        "missions": Part(
            "How fast contributors leave and missions end (constant hazard; the Weibull shape "
            "checks it, 1 is constant), how far forces grow, and how often exits come in company. "
            "Ranges by bootstrap over missions or countries.",
            missions,
        ),
        "backtest": Part(
            "Hold-outs: forms fitted to the training spells and scored on the test spells; value "
            "is the record's own, p05 and p95 a cluster bootstrap over both.",
            backtests,
        ),
    }
)
"""What is shipped under ``configs/evidence``, by the name of its file."""


def part_text(name: str, folder: Path) -> str:
    """Compute one of `PARTS` and return its file, sealed with the digest of its content."""
    content = PARTS[name].make(folder)
    return as_yaml(
        {
            "what": PARTS[name].what,
            "made_by": "simulator.evidence.build",
            "seed": SEED,
            "digest": digest(content),
            "content": content,
        }
    )


def build(folder: Path, output: Path) -> list[Path]:
    """Compute and write every file.

    Parameters
    ----------
    folder : Path
        Where the study files are.
    output : Path
        An existing folder; files of the same name are replaced, each as a whole.

    Raises
    ------
    InputError
        If a study file is missing.
    """
    return [write_text(output, f"{name}.yaml", part_text(name, folder)) for name in PARTS]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m simulator.evidence.build DATA_FOLDER OUTPUT_FOLDER")
    build(Path(sys.argv[1]), Path(sys.argv[2]))
