"""The studies behind the shipped tables: how to cite them and how their files are read.

The rows are not part of the project. Every function here takes the folder that holds the files.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from simulator.evidence.spells import Spells, clusters
from simulator.inputs import InputError, Problem
from simulator.storage import sha256

Row = Mapping[str, str]
Keep = Callable[[Row], bool]


@dataclass(frozen=True)
class Study:
    """A published record: how to cite it, and the files made from it."""

    citation: str
    files: tuple[str, ...]


FORTNA_SPELLS = "fortna2008_spells.csv"
FORTNA_SEGMENTS = "fortna2008_segments.csv"
GML = "gml_interstate_war_dyad_peace_spells_1816_2010.csv"
STAYS = "geopko_contributor_spells.csv"
GROWTH = "geopko_mission_growth.csv"
RIVALRY = "gml_interstate_rivalry.csv"
MISSIONS = "tppm_missions_1946_2016.csv"

STUDIES: Mapping[str, Study] = MappingProxyType(
    {
        "fortna2008": Study(
            "Fortna (2008), Does Peacekeeping Work?, Princeton University Press",
            (FORTNA_SPELLS, FORTNA_SEGMENTS),
        ),
        "gml2016": Study(
            "Gibler, Miller & Little (2016), militarised interstate disputes 1816-2010, "
            "International Studies Quarterly",
            (GML,),
        ),
        "rivalry": Study(
            "Gibler, Miller & Little (2016), militarised interstate disputes 1816-2010, "
            "International Studies Quarterly; strategic rivals by Thompson & Dreyer (2012), "
            "Handbook of International Rivalries",
            (GML, RIVALRY),
        ),
        "geopko": Study(
            "Cil, Fjelde, Hultman & Nilsson (2020), Geo-PKO v2.3, Journal of Peace Research",
            (STAYS, GROWTH),
        ),
        "tppm": Study("Mullenbach (2013), Third-Party Peacekeeping Missions", (MISSIONS,)),
    }
)


def read_rows(folder: Path, file: str) -> list[dict[str, str]]:
    """Read one of the study files.

    Raises
    ------
    InputError
        If the folder or the file is not there: which files are missing, and what can be done
        without them.
    """
    path = folder / file
    if not path.is_file():
        files = {name for study in STUDIES.values() for name in study.files}
        missing = sorted(name for name in files if not (folder / name).is_file())
        raise InputError(
            [
                Problem(
                    None,
                    str(folder),
                    f"the rows of the record are not here; missing: {', '.join(missing)}",
                    "the project ships life tables and fits but no rows: give the folder that "
                    "holds the study files, or use what is computed from the shipped tables",
                )
            ]
        )
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def file_digest(folder: Path, file: str) -> str:
    """SHA-256 of a study file, hexadecimal."""
    return sha256((folder / file).read_bytes())


def spells_from(rows: list[dict[str, str]], years: str, event: str, *cluster: str) -> Spells:
    """Make spells of rows: the columns of length and event, and those that name the cluster."""
    return Spells(
        np.array([float(row[years]) for row in rows]),
        np.array([row[event] == "1" for row in rows]),
        cluster=clusters(tuple(row[name] for name in cluster) for row in rows),
    )
