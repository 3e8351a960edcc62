"""Spells of forces: how long states stay in a mission, how long missions last, how they grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from research.studies import (
    GROWTH,
    MISSIONS,
    STAYS,
    read_rows,
    spells_from,
)
from simulator.evidence.spells import Spells, clusters

# One state under several names would look like one leaving and another arriving.
_SAME_STATE = {
    "Britain": "United Kingdom",
    "UK": "United Kingdom",
    "Korea": "South Korea",
    "Us": "USA",
}
_NOT_A_STATE = frozenset({"", "TCC name unknown", "Multinational", "CARICOM", "Un"})

EUROPEAN = frozenset(
    {
        "Austria", "Belgium", "Croatia", "Czech Republic", "Denmark", "Estonia", "Finland",
        "France", "Germany", "Greece", "Hungary", "Ireland", "Italy", "Lithuania", "Netherlands",
        "Norway", "Poland", "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden",
        "United Kingdom",
    }
)  # fmt: skip
"""European members of the European Union or NATO (and of neither: none) found among the stays."""


class Stay(NamedTuple):
    """One state in one mission, first to last calendar year (both included)."""

    mission: str
    first: int
    last: int
    left: bool
    truncated: bool


def _stays(folder: Path, states: frozenset[str] | None) -> Iterator[Stay]:
    """Stays of named states, each state under one name.

    A stay that continues within two years, under the same or the other name of the state, is one:
    being absent for two years or more is what counts as leaving.
    """
    found: dict[tuple[str, str], list[Stay]] = {}
    for row in read_rows(folder, STAYS):
        name = row["contributor"]
        state = _SAME_STATE.get(name, name)
        if name in _NOT_A_STATE or (states is not None and state not in states):
            continue
        found.setdefault((row["mission"], state), []).append(
            Stay(
                row["mission"],
                int(row["first_year"]),
                int(row["last_year"]),
                row["event"] == "1",
                row["left_truncated_1994"] == "1",
            )
        )
    for stays in found.values():
        current, *later = sorted(stays, key=lambda stay: stay.first)
        for stay in later:
            if stay.first <= current.last + 2:
                current = current._replace(last=max(current.last, stay.last), left=stay.left)
            else:
                yield current
                current = stay
        yield current


def contributor_stays(folder: Path, states: frozenset[str] | None = None) -> Spells:
    """Stays of states in missions, in whole years, until they left a mission that went on.

    Rows that name no state are left out, and so are stays already under way when the record begins
    (1994), as their age is unknown. Clusters are missions.

    Parameters
    ----------
    folder : Path
        Where the study files are.
    states : frozenset of str or None
        Which states; all if None.
    """
    stays = [stay for stay in _stays(folder, states) if not stay.truncated]
    return Spells(
        np.array([stay.last - stay.first + 1.0 for stay in stays]),
        np.array([stay.left for stay in stays]),
        cluster=clusters(stay.mission for stay in stays),
    )


def exit_clustering(folder: Path) -> tuple[int, int]:
    """Mission-years in which a state left: how many, and in how many of them two or more did."""
    exits = Counter((stay.mission, stay.last) for stay in _stays(folder, None) if stay.left)
    return len(exits), sum(count >= 2 for count in exits.values())


def mission_lives(folder: Path, at_least: float = 0.0) -> Spells:
    """Peacekeeping missions from deployment to withdrawal, by peak uniformed strength."""
    rows = [
        row
        for row in read_rows(folder, MISSIONS)
        if at_least == 0.0
        or (row["max_uniformed_personnel"] and float(row["max_uniformed_personnel"]) >= at_least)
    ]
    return spells_from(rows, "duration_years", "event", "state")


def growth_ratios(folder: Path) -> list[float]:
    """Peak over first-year troops of each mission, sorted."""
    return sorted(float(row["growth"]) for row in read_rows(folder, GROWTH))
