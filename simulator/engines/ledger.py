"""What the fast engine writes down as paths go by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.engines import tags
from simulator.engines.lanes import RARE, Lanes, Workspace, raw
from simulator.engines.prepared import Prepared
from simulator.engines.records import EVENT_KINDS, EventLog, PathRecords, TroopChanges
from simulator.engines.tables import ARMY_IS_RESTORED, BACKSTOP_IS_ON, RUSSIA_IS_READY, SWITCHES
from simulator.engines.tags import DONE
from simulator.model.compiled import FloatArray, IntArray

# Rows of an event log between the contributors and the causes, in its order.
_LOGGED: Final = (
    tags.MISSION_END,
    tags.BACKSTOP,
    tags.ARMY_RESTORED,
    tags.RECONSTITUTED,
    tags.REINFORCEMENT,
    tags.PHASE,
)

# One row a path, written in one go when it ends: columns would miss the cache once for each (150 ns
# a path, rows take 100).
_LIFE: Final = np.dtype(
    [
        ("end_time", np.float64),
        ("peak_troops", np.float64),
        ("troop_years", np.float64),
        ("troop_years_first", np.float64),
        ("cost_years", np.float64),
        ("set_up", np.float64),
        ("pending", np.int64),
        ("switches", np.int32),
        ("mission_ended", np.int8),
        ("cause", np.int8),
    ],
    align=True,
)


class Ledger:
    """Collects the records of paths while they are simulated."""

    def __init__(self, prep: Prepared, paths: int, log: bool) -> None:
        self._prep, self._log = prep, log
        self._lives = np.empty(paths, _LIFE)
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
        """Close the paths on ``lanes``."""
        collapsed = work.event[lanes] == tags.COLLAPSE
        path = lane.path[lanes]
        lives = np.empty(lanes.size, _LIFE)
        lives["end_time"] = np.where(collapsed, lane.time[lanes], self._prep.model.horizon)
        lives["peak_troops"] = lane.peak_troops[lanes]
        lives["troop_years"] = lane.troop_years[lanes]
        lives["troop_years_first"] = lane.troop_years_first[lanes]
        years = lane.cost_years if self._prep.has_cost_factors else lane.troop_years
        lives["cost_years"] = years[lanes]
        lives["set_up"] = lane.set_up[lanes]
        lives["pending"] = lane.pending[lanes]
        lives["switches"] = lane.switches[lanes] & (SWITCHES - 1)
        lives["mission_ended"] = lane.fires[tags.MISSION_END][lanes] == DONE
        lives["cause"] = np.where(collapsed, work.cause[lanes], -1)
        raw(self._lives)[path] = raw(lives)
        raw(self._rare)[path] = raw(lane.rare)[lanes]

        some = lanes[collapsed]
        some = some[lane.troops[some] > 0.0]
        self.troops(lane, some, -lane.troops[some])
        if self._log:
            rows = self._prep.contributors + len(_LOGGED) + lives["cause"][collapsed]
            self._events.append((path[collapsed], lane.time[lanes[collapsed]], rows))

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
        lives, rare, model = self._lives, self._rare, self._prep.model
        paths = lives.size
        block = np.empty((6, paths))  # one, as above
        end_time, peak_troops, troop_years, troop_years_first, off_years, cost = block
        end_time[:] = lives["end_time"]
        peak_troops[:] = lives["peak_troops"]
        troop_years[:] = lives["troop_years"]
        troop_years_first[:] = lives["troop_years_first"]
        off = lives["switches"] & BACKSTOP_IS_ON == 0
        np.multiply(off, end_time, out=off_years)
        off_years += rare["backstop_off"]
        draw = np.arange(begin, begin + paths) // paths_per_draw
        np.multiply(model.money.setup_per_soldier[draw], lives["set_up"], out=cost)
        cost += model.money.per_soldier_year[draw] * lives["cost_years"]
        records = PathRecords(
            first=first,
            end_time=end_time,
            cause=lives["cause"].copy(),
            peak_troops=peak_troops,
            troop_years=troop_years,
            troop_years_first=troop_years_first,
            backstop_off_years=off_years,
            cost=cost,
            events=self._counts(committed),
            troop_changes=TroopChanges(
                path=self._path[: self._changes],
                time=self._time[: self._changes],
                change=self._change[: self._changes],
            ),
        )
        return (records, self._event_log(first)) if self._log else records

    def _counts(self, committed: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Events by kind: what the state at the end tells need not be counted on the way.

        Counting takes 2 ns an event.
        """
        lives, rare = self._lives, self._rare
        numbers: dict[str, NDArray[Any]] = {
            "arrival": committed - np.bitwise_count(lives["pending"]),
            "exit": rare["exited"],
            "mission_end": lives["mission_ended"],
            "backstop": rare["backstop_sojourns"],
            "army_restored": lives["switches"] & ARMY_IS_RESTORED != 0,
            "reconstituted": lives["switches"] & RUSSIA_IS_READY != 0,
            "reinforcement": rare["reinforced"],
            "phase": rare["phase_sojourns"],
        }
        counts = np.empty((len(EVENT_KINDS), lives.size), np.int32)  # read by kind, not by path
        for kind, row in zip(EVENT_KINDS, counts, strict=True):
            row[:] = numbers[kind]
        return counts.T

    def _event_log(self, first: int) -> EventLog:
        nothing = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        parts = [nothing, *self._events]
        path = np.concatenate([part[0] for part in parts])
        time = np.concatenate([part[1] for part in parts])
        row = np.concatenate([part[2] for part in parts])
        order = np.argsort(path, kind="stable")  # turns of the loop are already in time order
        return EventLog(path=first + path[order], time=time[order], row=row[order])
