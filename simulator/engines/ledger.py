"""What the fast engine writes down as paths go by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lanes import Lanes
from simulator.engines.prepared import BACKSTOP_ON
from simulator.engines.records import EVENT_KINDS, EventLog, PathRecords, TroopChanges
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, IntArray


class Ledger:
    """Collects the records of the paths ``[first, last)`` while they are simulated."""

    def __init__(self, model: CompiledModel, first: int, last: int, log: bool) -> None:
        paths = last - first
        self.model, self.first, self.log = model, first, log
        self.end_time = np.zeros(paths)
        self.cause = np.full(paths, -1, np.int8)
        self.peak_troops = np.zeros(paths)
        self.off_years = np.zeros(paths)
        self.draw = np.zeros(paths, np.int64)
        self.events = np.zeros((paths, len(EVENT_KINDS)), np.int32)
        self.changes: list[tuple[IntArray, FloatArray, FloatArray, FloatArray]] = []
        self.logged: list[tuple[IntArray, FloatArray, IntArray]] = []
        names = row_names(model)
        self.row = {kind: i for i, kind in enumerate(names)}
        self.causes = len(names) - 3  # rows of the causes come last

    def event(
        self, lane: Lanes, lanes: IntArray, kind: str, row: NDArray[np.int64] | None = None
    ) -> None:
        """Count an event on ``lanes``, at their present time."""
        if lanes.size == 0:
            return
        path = lane.path[lanes] - self.first
        self.events[path, EVENT_KINDS.index(kind)] += 1
        if self.log:
            rows = np.full(path.size, self.row[kind]) if row is None else row
            self.logged.append((path, lane.time[lanes], rows))

    def troops(
        self, lane: Lanes, lanes: IntArray, change: FloatArray, cost_change: FloatArray
    ) -> None:
        """Note a change of deployed soldiers."""
        if lanes.size:
            self.changes.append(
                (lane.path[lanes] - self.first, lane.time[lanes], change, cost_change)
            )

    def end(self, lane: Lanes, lanes: IntArray, cause: IntArray) -> None:
        """Close the paths on ``lanes``: collapsed by ``cause``, or censored where it is -1."""
        path = lane.path[lanes] - self.first
        time = lane.time[lanes]
        self.end_time[path] = time
        self.cause[path] = cause
        self.peak_troops[path] = lane.peak_troops[lanes]
        self.draw[path] = lane.draw[lanes]
        off = (lane.switches[lanes] & BACKSTOP_ON) == 0
        self.off_years[path] = lane.backstop_off[lanes] + np.where(off, time, 0.0)
        collapsed = cause >= 0
        gone = lanes[collapsed]
        self.troops(lane, gone, -lane.troops[gone], -lane.cost_deployed[gone])
        if self.log and gone.size:
            self.logged.append((path[collapsed], time[collapsed], self.causes + cause[collapsed]))

    def close(self) -> PathRecords | tuple[PathRecords, EventLog]:
        """Turn the notes into records in path order."""
        nothing = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))
        parts = [nothing, *self.changes]
        path = np.concatenate([part[0] for part in parts])
        time, change, cost_change = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
        # Sums by path run in the order of its events, which no lane or block can change.
        left = self.end_time[path] - time
        first_year = np.maximum(0.0, np.minimum(1.0, self.end_time[path]) - time)
        money = self.model.money
        cost_years = self._by_path(path, cost_change * left)
        arriving = self._by_path(path, np.maximum(cost_change, 0.0))
        records = PathRecords(
            first=self.first,
            end_time=self.end_time,
            cause=self.cause,
            peak_troops=self.peak_troops,
            troop_years=self._by_path(path, change * left),
            troop_years_first=self._by_path(path, change * first_year),
            backstop_off_years=self.off_years,
            cost=money.setup_per_soldier[self.draw] * arriving
            + money.per_soldier_year[self.draw] * cost_years,
            events=self.events,
            troop_changes=TroopChanges(path=path, time=time, change=change),
        )
        if not self.log:
            return records
        return records, self._event_log()

    def _by_path(self, path: IntArray, amount: FloatArray) -> FloatArray:
        total = np.bincount(path, weights=amount, minlength=self.end_time.size)
        return total.astype(np.float64)  # without any change numpy counts in integers

    def _event_log(self) -> EventLog:
        nothing = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        parts = [nothing, *self.logged]
        path = np.concatenate([part[0] for part in parts])
        time = np.concatenate([part[1] for part in parts])
        row = np.concatenate([part[2] for part in parts])
        order = np.argsort(path, kind="stable")  # turns of the loop are already in time order
        return EventLog(
            path=self.first + path[order],
            time=time[order],
            row=row[order],
        )
