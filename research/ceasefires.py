"""Spells of peace: the ceasefires of civil wars and the peace between states, from their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from research.studies import (
    FORTNA_SEGMENTS,
    FORTNA_SPELLS,
    GML,
    RIVALRY,
    Keep,
    Row,
    read_rows,
    spells_from,
)
from simulator.evidence.spells import DAYS_PER_YEAR, Spells, clusters


def no_victory(row: Row) -> bool:
    """Whether a civil war ended in a truce or a settlement, not in one side's victory."""
    return row["outcome"] in ("truce", "settlement")


def after_1989(row: Row) -> bool:
    """Whether a civil war ended without victory in 1989 or later."""
    return no_victory(row) and row["post_cold_war"] == "1"


def fortna_spells(folder: Path, keep: Keep = lambda _: True) -> Spells:
    """Civil-war ceasefires from their start to renewed war; day level, censored at end of 2004."""
    rows = [row for row in read_rows(folder, FORTNA_SPELLS) if keep(row)]
    return spells_from(rows, "duration_years", "event", "ccode")


class _Segment(NamedTuple):
    spell: str
    country: str
    begin: float
    end: float
    failed: bool
    force: bool


def _segments(folder: Path, keep: Keep) -> list[_Segment]:
    """Stretches of each ceasefire with or without peacekeepers, in order of age, in years.

    The file leaves one day open between a segment and the next; a segment here begins where the
    one before it ended, so that no day is lost.
    """
    rows = [row for row in read_rows(folder, FORTNA_SEGMENTS) if keep(row)]
    rows.sort(key=lambda row: (int(row["spell_id"]), int(row["t_start_days"])))
    found: list[_Segment] = []
    for row in rows:
        same = bool(found) and found[-1].spell == row["spell_id"]
        begin = found[-1].end if same else int(row["t_start_days"]) / DAYS_PER_YEAR
        end = int(row["t_stop_days"]) / DAYS_PER_YEAR
        event, force = row["event"] == "1", row["pk"] == "1"
        found.append(_Segment(row["spell_id"], row["ccode"], begin, end, event, force))
    return found


def _from_segments(segments: list[_Segment], entries: Iterable[float]) -> Spells:
    return Spells(
        np.array([s.end for s in segments]),
        np.array([s.failed for s in segments]),
        np.array(list(entries)),
        clusters(s.country for s in segments),
    )


def fortna_force(folder: Path, state: str, keep: Keep = no_victory) -> Spells:
    """Watched time with or without peacekeepers, as they came and went.

    Parameters
    ----------
    folder : Path
        Where the study files are.
    state : str
        ``not_yet``: from the start until a force first arrives, then censored. ``present``: only
        while one is there; a spell whose force arrived at age a enters at a, and leaves the sample
        when the force does. ``absent``: all other time, after a force has left too.
        ``since``: from the first arrival on, whether or not it stayed.
    keep : callable
        Which ceasefires.

    Notes
    -----
    Nobody is counted as protected before protection came, so a ceasefire that died early cannot
    lengthen the lives of the protected (immortal time). What remains is selection: who got a force.
    """
    chosen: list[_Segment] = []
    arrived: set[str] = set()
    for segment in _segments(folder, keep):
        if segment.force:
            arrived.add(segment.spell)
        since = segment.spell in arrived
        wanted = {
            "not_yet": not since,
            "present": segment.force,
            "absent": not segment.force,
            "since": since,
        }
        if wanted[state]:
            chosen.append(segment)
    return _from_segments(chosen, (s.begin for s in chosen))


def fortna_landmark(folder: Path, days: float, force: bool, keep: Keep = no_victory) -> Spells:
    """Ceasefires alive at a landmark, by whether peacekeepers were there on that day.

    Returns
    -------
    Spells
        With entry at the landmark; what follows is conditional on survival to it.
    """
    age = days / DAYS_PER_YEAR
    last: dict[str, _Segment] = {}
    chosen: list[str] = []
    for segment in _segments(folder, keep):
        last[segment.spell] = segment
        if segment.begin <= age < segment.end and segment.force is force:
            chosen.append(segment.spell)
    return _from_segments([last[spell] for spell in chosen], [age] * len(chosen))


def since_1946(row: Row) -> bool:
    """Whether the war ended after 1945 (the file's last world war ended then)."""
    return int(row["war_end"][:4]) >= 1946


def _war(row: Row) -> tuple[str, ...]:
    """Name a pair of states and the end of their war, in either file."""
    return row["ccode1"], row["ccode2"], row["dispnum"], row["war_end"]


def gml_spells(
    folder: Path, measure: str, keep: Keep = since_1946, rivals: bool | None = None
) -> Spells:
    """Peace between the principal sides of an interstate war, world wars left out.

    Parameters
    ----------
    folder : Path
        Where the study files are.
    measure : str
        ``newwar`` (until they fight a new war) or ``war_or_fatal26`` (or a dispute with more than
        25 deaths).
    keep : callable
        Which wars.
    rivals : bool, optional
        Only pairs that were (True), or were not (False), strategic rivals when the war ended.
    """
    rows = [
        row
        for row in read_rows(folder, GML)
        if row["principal"] == "1" and row["world_war"] == "0" and keep(row)
    ]
    if rivals is not None:
        coded = {_war(row): row["rivals_at_war_end"] == "1" for row in read_rows(folder, RIVALRY)}
        rows = [row for row in rows if coded[_war(row)] is rivals]
    return spells_from(rows, f"{measure}_years", f"{measure}_event", "ccode1", "ccode2")
