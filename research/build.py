"""Compute everything that is shipped under ``configs/evidence`` from the rows of the studies.

    python -m research.build DATA_FOLDER OUTPUT_FOLDER

Writes life tables, joint fits, targets, mission rates and the results of the backtest. No row of a
study is written: a life table holds counts and years by age band, the rest parameters and ranges.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from research.computed import (
    FEWEST,
    REPLICATES,
    SEED,
    backtests,
    life_tables,
    missions,
    reference_classes,
    resamples,
    targets,
)
from simulator.evidence.reference import ROWS
from simulator.evidence.writing import as_yaml
from simulator.storage import digest, write_text


@dataclass(frozen=True)
class Part:
    """One shipped file: what it says of itself, what computes its content, and its form.

    A sealed file carries the digest of its content; a book's part is plain, as books are read.
    """

    what: str
    make: Callable[[Path], dict[str, Any]]
    sealed: bool = True


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "life_tables": Part(
            "Events and spell-years at risk by age band (edges[k], edges[k + 1]]; "
            f"watched_to_years, past which fewer than {FEWEST} spells are watched; Kaplan-Meier "
            "curve of the rows [S, low, high; 90 % pointwise]; their maximum-likelihood fits. "
            "grouping_error is the largest change of S at 1 to 30 years if the form is fitted to "
            "the table alone.",
            life_tables,
        ),
        "reference_classes": Part(
            "Failing share, two-year failure, durable hazard of each class from one fit: ranges "
            "and the survival they imply; the other two-regime forms; and the test of the claim "
            "that a failing ceasefire is gone within two years and a durable one "
            f"passes 20 or 30. Ranges by cluster bootstrap, {REPLICATES} resamples.",
            reference_classes,
        ),
        "resamples": Part(
            "The part of configs/assumptions/evidence.yaml that is computed: for each reference "
            f"class {ROWS} resamples of its fit, neighbours alike in survival to 2 and to 20 "
            "years.",
            resamples,
            sealed=False,
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
    """Compute one of `PARTS` and return its file."""
    content = PARTS[name].make(folder)
    if not PARTS[name].sealed:
        head = textwrap.wrap(f"{PARTS[name].what} Made by research.build.", 98)
        return "".join(f"# {line}\n" for line in head) + as_yaml(content)
    return as_yaml(
        {
            "what": PARTS[name].what,
            "made_by": "research.build",
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
        sys.exit("usage: python -m research.build DATA_FOLDER OUTPUT_FOLDER")
    build(Path(sys.argv[1]), Path(sys.argv[2]))
