"""What the fast engine writes down as paths go by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.engines import tags
from simulator.engines.lanes import INTEGERS, RARE, Lanes, Workspace, absent, raw
from simulator.engines.prepared import Prepared
from simulator.engines.records import EVENT_KINDS, EventLog, PathRecords, TroopChanges
from simulator.engines.tables import ARMY_IS_RESTORED, BACKSTOP_IS_ON, RUSSIA_IS_READY
from simulator.engines.tags import DONE
from simulator.model.compiled import BoolArray, FloatArray, IntArray

# Rows of an event log between the contributors and the causes, in its order.
_LOGGED: Final = (
    tags.MISSION_END,
    tags.BACKSTOP,
    tags.ARMY_RESTORED,
    tags.RECONSTITUTED,
    tags.REINFORCEMENT,
    tags.PHASE,
)

# Of a lane, what is kept when its path ends.
_KEPT: Final = (
    "path",
    "time",
    "peak_troops",
    "troop_years",
    "troop_years_first",
    "cost_years",
    "set_up",
    "pending",
    "switches",
)


class Ledger:
    """Collects the records of paths while they are simulated."""

    def __init__(self, prep: Prepared, paths: int, log: bool) -> None:
        self._prep, self._log = prep, log
        # Ended paths, one after another. Each in its own place would miss the cache (100 ns a
        # path); `close` puts them in order, column by column.
        self._ended = 0
        block = np.zeros((len(_KEPT), paths))
        self._kept: dict[str, NDArray[Any]] = {
            name: row.view(np.int64) if name in INTEGERS else row
            for name, row in zip(_KEPT, block, strict=True)
        }
        unneeded = absent(prep)
        self._filled = [name for name in _KEPT if name not in unneeded]
        self._cause = np.empty(paths, np.int8)
        self._mission_end = np.empty(paths, np.int64)
        self._rare = np.empty(paths, RARE)
        self._make_room(8 * paths)
        self._changes = 0
        self._events: list[tuple[IntArray, FloatArray, IntArray]] = []

    def event(self, lane: Lanes, lanes: IntArray, event: int, at: IntArray | None = None) -> None:
        """Log an event at the present time, of the contributors in slots ``at`` if given."""
        if self._log:
            rows = (
                np.full(lanes.size, self._prep.contributors + _LOGGED.index(event))
                if at is None
                else self._prep.slots.who[at]
            )
            self._events.append((lane.path[lanes], lane.time[lanes], rows))

    def troops(self, lane: Lanes, lanes: IntArray, change: FloatArray) -> None:
        """Note changes of the soldiers deployed, at the present time."""
        if self._prep.has_unarmed or self._prep.has_ceiling:
            some = (change != 0.0).nonzero()[0]
            lanes, change = lanes[some], change[some]
        end = self._changes + lanes.size
        if end > self._change.size:
            full = self._path, self._time, self._change
            self._make_room(2 * end)
            for new, old in zip((self._path, self._time, self._change), full, strict=True):
                new[: old.size] = old
        part = slice(self._changes, end)
        lane.path.take(lanes, None, self._path[part], "clip")
        lane.time.take(lanes, None, self._time[part], "clip")
        self._change[part] = change
        self._changes = end

    def _make_room(self, changes: int) -> None:
        # One block: from 4 MB on numpy asks for huge pages, which come 100 times as fast.
        path, self._time, self._change = np.empty((3, changes))
        self._path = path.view(np.int64)

    def end(self, lane: Lanes, work: Workspace, lanes: IntArray) -> None:
        """Close the paths on ``lanes``, which are sorted by event: collapsed ones come first."""
        part = slice(self._ended, self._ended + lanes.size)
        self._ended = part.stop
        for name in self._filled:
            getattr(lane, name).take(lanes, None, self._kept[name][part], "clip")
        lane.fires[tags.MISSION_END].take(lanes, None, self._mission_end[part], "clip")
        raw(lane.rare).take(lanes, None, raw(self._rare)[part], "clip")
        collapsed = lanes[: np.count_nonzero(work.event[lanes] == tags.COLLAPSE)]
        cause = self._cause[part]
        cause[: collapsed.size] = work.cause[collapsed]
        cause[collapsed.size :] = -1
        self._kept["time"][part][collapsed.size :] = self._prep.model.horizon
        if self._log:
            rows = self._prep.contributors + len(_LOGGED) + work.cause[collapsed].astype(np.int64)
            self._events.append((lane.path[collapsed], lane.time[collapsed], rows))
        deployed = collapsed[(lane.troops[collapsed] > 0.0).nonzero()[0]]
        self.troops(lane, deployed, -lane.troops[deployed])

    def close(
        self, first: int, begin: int, paths_per_draw: int, committed: NDArray[np.uint8]
    ) -> PathRecords | tuple[PathRecords, EventLog]:
        """Turn the notes into records in path order.

        Parameters
        ----------
        first, begin : int
            Number of the first path, counted from that of the model and of ``prep``.
        paths_per_draw : int
        committed : uint8 array, shape (P,)
            Contributors that committed.
        """
        kept, money, path = self._kept, self._prep.model.money, self._kept["path"]
        off_years = self._rare["backstop_off"] + kept["time"] * self._lacks(BACKSTOP_IS_ON)
        draw = (begin + path) // paths_per_draw
        cost = money.setup_per_soldier[draw] * kept["set_up"]
        years = "cost_years" if self._prep.has_cost_factors else "troop_years"
        cost += money.per_soldier_year[draw] * kept[years]
        place = np.empty_like(path)
        place[path] = np.arange(path.size)
        ended = {
            "end_time": kept["time"],
            "peak_troops": kept["peak_troops"],
            "troop_years": kept["troop_years"],
            "troop_years_first": kept["troop_years_first"],
            "backstop_off_years": off_years,
            "cost": cost,
        }
        ordered = dict(zip(ended, np.empty((len(ended), path.size)), strict=True))  # one block
        for name, row in ordered.items():
            ended[name].take(place, None, row, "clip")
        records = PathRecords(
            first=first,
            cause=self._cause.take(place, mode="clip"),
            **ordered,
            events=self._counts(committed, place),
            troop_changes=TroopChanges(
                path=self._path[: self._changes],
                time=self._time[: self._changes],
                change=self._change[: self._changes],
            ),
        )
        return (records, self._event_log(first)) if self._log else records

    def _lacks(self, switch: int) -> BoolArray:
        return np.asarray(self._kept["switches"] & switch == 0)

    def _counts(self, committed: NDArray[np.uint8], place: IntArray) -> NDArray[np.int32]:
        """Events by kind: what the state at the end tells need not be counted on the way.

        Counting takes 2 ns an event.
        """
        kept, rare = self._kept, self._rare
        numbers: dict[str, NDArray[Any]] = {
            "arrival": committed[kept["path"]] - np.bitwise_count(kept["pending"]),
            "exit": rare["exited"],
            "mission_end": self._mission_end == DONE,
            "backstop": rare["backstop_sojourns"],
            "army_restored": ~self._lacks(ARMY_IS_RESTORED),
            "reconstituted": ~self._lacks(RUSSIA_IS_READY),
            "reinforcement": rare["reinforced"],
            "phase": rare["phase_sojourns"],
        }
        counts = np.empty((len(EVENT_KINDS), place.size), np.int32)  # read by kind, not by path
        for kind, row in zip(EVENT_KINDS, counts, strict=True):
            numbers[kind].astype(np.int32).take(place, None, row, "clip")
        return counts.T

    def _event_log(self, first: int) -> EventLog:
        nothing = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        parts = [nothing, *self._events]
        path = np.concatenate([part[0] for part in parts])
        time = np.concatenate([part[1] for part in parts])
        row = np.concatenate([part[2] for part in parts])
        order = np.argsort(path, kind="stable")  # turns of the loop are already in time order
        return EventLog(path=first + path[order], time=time[order], row=row[order])
