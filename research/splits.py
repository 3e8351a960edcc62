"""The hold-outs: which spells a prediction may see and which it has to foretell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np

from research.ceasefires import fortna_spells, gml_spells, no_victory, since_1946
from research.studies import FORTNA_SPELLS, GML, Keep, Row, read_rows
from simulator.evidence.spells import DAYS_PER_YEAR, Floats, Spells


@dataclass(frozen=True)
class Split:
    """A hold-out: spells to fit and spells to foretell."""

    title: str
    train: Spells
    test: Spells


def _before(column: str, day: str, keep: Keep) -> Keep:
    return lambda row: keep(row) and row[column] < day


def _from(column: str, day: str, keep: Keep) -> Keep:
    return lambda row: keep(row) and row[column] >= day


def censored_at(spells: Spells, age: float | Floats) -> Spells:
    """Return what had been seen by `age` (years; one number or one per row).

    Rows that had not begun to be watched by then are left out.
    """
    limit = np.broadcast_to(np.asarray(age, dtype=np.float64), spells.exit.shape)
    seen = limit > spells.entry
    exit_ = np.minimum(spells.exit, limit)
    event = spells.event & (spells.exit <= limit)
    return Spells(exit_[seen], event[seen], spells.entry[seen], spells.cluster[seen])


def _known_by(spells: Spells, starts: list[str], day: str) -> Spells:
    """What had been seen of the spells by a day: everything later is censored."""
    limit = date.fromisoformat(day)
    ages = [(limit - date.fromisoformat(start)).days / DAYS_PER_YEAR for start in starts]
    return censored_at(spells, np.array(ages))


def _any(_: Row) -> bool:
    return True


def _civil(folder: Path, day: str, keep: Keep, known: bool, title: str) -> Split:
    early = _before("start", day, keep)
    train = fortna_spells(folder, early)
    if known:
        starts = [row["start"] for row in read_rows(folder, FORTNA_SPELLS) if early(row)]
        train = _known_by(train, starts, day)
    return Split(title, train, fortna_spells(folder, _from("start", day, keep)))


def _interstate(folder: Path, day: str, measure: str, keep: Keep, title: str) -> Split:
    early = _before("war_end", day, keep)
    ends = [
        row["war_end"]
        for row in read_rows(folder, GML)
        if row["principal"] == "1" and row["world_war"] == "0" and early(row)
    ]
    train = _known_by(gml_spells(folder, measure, early), ends, day)
    return Split(title, train, gml_spells(folder, measure, _from("war_end", day, keep)))


def _victory(row: Row) -> bool:
    return not no_victory(row)


SPLITS: Mapping[str, Callable[[Path], Split]] = MappingProxyType(
    {
        "civil_1993": lambda folder: _civil(
            folder, "1993-01-01", no_victory, False,
            "Civil wars without victory: begun before 1993 (followed to 2004), later ones foretold",
        ),
        "civil_1993_as_known": lambda folder: _civil(
            folder, "1993-01-01", no_victory, True,
            "Civil wars without victory: as known on 1 January 1993, later ones foretold",
        ),
        "civil_all_1989_as_known": lambda folder: _civil(
            folder, "1989-01-01", _any, True,
            "Civil wars, however ended: as known on 1 January 1989, later ones foretold",
        ),
        "interstate_1946": lambda folder: _interstate(
            folder, "1946-01-01", "war_or_fatal26", _any,
            "Wars between states, to war or deadly dispute: 1816-1945 foretell 1946-2010",
        ),
        "interstate_1972_as_known": lambda folder: _interstate(
            folder, "1972-01-01", "war_or_fatal26", since_1946,
            "Wars between states, to war or deadly dispute: known in 1972, the rest foretold",
        ),
        "victory_to_no_victory": lambda folder: Split(
            "Civil wars that ended in victory foretell those that did not",
            fortna_spells(folder, _victory), fortna_spells(folder, no_victory),
        ),
        "civil_to_interstate": lambda folder: Split(
            "Civil wars without victory foretell wars between states (to war or deadly dispute)",
            fortna_spells(folder, no_victory), gml_spells(folder, "war_or_fatal26"),
        ),
        "interstate_to_civil": lambda folder: Split(
            "Wars between states (to war or deadly dispute) foretell civil wars without victory",
            gml_spells(folder, "war_or_fatal26"), fortna_spells(folder, no_victory),
        ),
        "civil_to_rivals": lambda folder: Split(
            "Civil wars without victory foretell wars between rivals (to war or deadly dispute)",
            fortna_spells(folder, no_victory), gml_spells(folder, "war_or_fatal26", rivals=True),
        ),
        "rivals_to_civil": lambda folder: Split(
            "Wars between rivals (to war or deadly dispute) foretell civil wars without victory",
            gml_spells(folder, "war_or_fatal26", rivals=True), fortna_spells(folder, no_victory),
        ),
        "others_to_rivals": lambda folder: Split(
            "Wars between states that were no rivals foretell those between rivals",
            gml_spells(folder, "war_or_fatal26", rivals=False),
            gml_spells(folder, "war_or_fatal26", rivals=True),
        ),
    }
)  # fmt: skip
"""The splits by name: folder of the rows to training and test spells."""
