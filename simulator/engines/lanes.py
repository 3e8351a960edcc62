"""The lanes of the fast engine: the state of many paths, one column each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.engines import tags
from simulator.engines.prepared import Prepared
from simulator.engines.tags import NEVER, ROWS
from simulator.model.compiled import BoolArray, FloatArray, IntArray

ESTABLISHING, HOLDING, FAILING = range(3)
NO_PATH: Final = -1  # in `Lanes.path`: a lane that no path is left for

# What few events touch lies side by side: starting a path copies it in one go (10 ns, where eight
# columns take 50), and the event finds it in one cache line.
RARE: Final = np.dtype(
    [
        ("phase", np.int64),
        ("phase_sojourns", np.int64),
        ("phase_budget", np.float64),  # what is left of the unit exponential
        ("backstop_sojourns", np.int64),
        # Minus the start of every spell without the backstop plus the end of every past one.
        ("backstop_off", np.float64),
        ("exited", np.int64),
        ("contagion_step", np.float64),
        ("reinforced", np.bool_),
    ],
    align=True,
)


@dataclass(slots=True, eq=False)
class Lanes:
    """State of the lanes; the last axis of every array runs over them.

    Attributes
    ----------
    path : int64 array, shape (lanes,)
        Counted from the first path that was asked for; `NO_PATH` where none is left.
    base : uint64 array, shape (lanes,)
        What all random numbers of the path share.
    fires : int64 array, shape (ROWS, lanes)
        When each clock with an absolute time fires, tagged (`simulator.engines.tags`).
    exits : array of N int64 as plain bytes, shape (lanes,)
        Contagion time at which the contributor of each slot leaves, tagged; see `exit_clocks`.
    next_exit : int64 array, shape (lanes,)
        The first of them, or never once the mission has ended. A minimum over 15 clocks in every
        turn would take 3 ns a lane.
    contagion_time, contagion : float64 arrays, shape (lanes,)
        Exit clocks run on a time of their own, which passes ``contagion`` times as fast as the
        years: an exit changes its pace and sets no other clock (150 ns for 15 of them).
    pending : int64 array, shape (lanes,)
        Set of slots still to arrive, as bits.
    scale : float64 array, shape (lanes,)
        Share of an offer that the ceiling lets in.
    switches, at_sea : int64 arrays, shape (lanes,)
        Indices into `Effects.by_switch` (FORCE_IS_UNWELCOME apart) and `Effects.at_sea`.
    unwelcome : uint8 array, shape (lanes,)
        FORCE_IS_UNWELCOME where consent was refused, else 0.
    switching : bool array, shape (lanes,)
        Whether the phase can still change before the horizon.
    budgets : float64 array, shape (3 or 4, lanes)
        What is left of the unit exponentials of the causes, over their shares, and of the
        reinforcement.
    own_troops, own_cost : float64 arrays, shape (lanes,)
        Soldiers deployed without reinforcement, plain and weighted by cost factors.
    troops, cost : float64 arrays, shape (lanes,)
        The same with reinforcement.
    rare : array of `RARE`, shape (lanes,)
    """

    path: IntArray
    draw: IntArray
    base: NDArray[np.uint64]
    time: FloatArray
    fires: IntArray
    exits: NDArray[np.void]
    next_exit: IntArray
    contagion_time: FloatArray
    contagion: FloatArray
    pending: IntArray
    scale: FloatArray
    switches: IntArray
    at_sea: IntArray
    unwelcome: NDArray[np.uint8]
    switching: BoolArray
    ageing: BoolArray
    base_hazard: FloatArray
    budgets: FloatArray
    reinforcement_rate: FloatArray
    presence: FloatArray
    half_troops: FloatArray
    doubling: BoolArray
    air_lost: FloatArray
    air_capacity: FloatArray
    air_decay: FloatArray
    air_decay_tanked: FloatArray
    tanked_aircraft: FloatArray
    low: FloatArray
    high: FloatArray
    aircraft: FloatArray
    own_troops: FloatArray
    troops: FloatArray
    own_cost: FloatArray
    cost: FloatArray
    peak_troops: FloatArray
    troop_years: FloatArray
    troop_years_first: FloatArray
    cost_years: FloatArray
    set_up: FloatArray
    rare: NDArray[Any]

    @property
    def size(self) -> int:
        """Number of lanes."""
        return self.time.size

    @property
    def exit_clocks(self) -> IntArray:
        """View of the exits, shape (lanes, N)."""
        return self.exits.view(np.int64).reshape(self.size, -1)


class Workspace:
    """Arrays that a turn fills anew: nothing of the size of the lanes is allocated in the loop."""

    def __init__(self, lane: Lanes) -> None:
        n = lane.size

        def floats(*shape: int) -> FloatArray:
            return np.empty((*shape, n))

        self.event = np.empty(n, np.int8)  # what happens next, a code of `simulator.engines.tags`
        self.slot = np.empty(n, np.int64)  # and whose it is, if it is an arrival or exit
        self.cause = np.zeros(n, np.int8)  # of a collapse
        self.now = floats()  # when
        self.elapsed = floats()  # years from the last event to this one
        self.effect = floats(3)  # of all factors on the causes
        self.rates = floats(len(lane.budgets))  # at which budgets are used, causes per base hazard
        self.left = floats(len(lane.budgets))  # of the budgets, if nothing uses one up before
        self.wait = floats()  # years to the next switch of the phase, where it can switch
        self.x, self.y = floats(), floats()
        self.effects = floats(len(lane.presence))
        self.index = np.empty(n, np.int64)
        self.flag = np.empty(n, np.bool_)


INTEGERS: Final = frozenset({"path", "draw", "fires", "next_exit", "pending", "switches", "at_sea"})
_BOOLEANS: Final = frozenset({"switching", "ageing", "doubling"})
_RECORDS: Final = ("exits", "rare")
_STARTS_AT: Final = {"contagion": 1.0, "next_exit": NEVER} | dict.fromkeys(
    (
        "time",
        "contagion_time",
        "switching",
        "ageing",
        "reinforcement_rate",
        "aircraft",
        "own_troops",
        "troops",
        "own_cost",
        "cost",
        "peak_troops",
        "troop_years",
        "troop_years_first",
        "cost_years",
        "set_up",
    ),
    0.0,
)


def allocate(prep: Prepared, size: int) -> Lanes:
    """Make room for ``size`` lanes, without any path."""
    rows = {
        "fires": (ROWS,),
        "budgets": (4 if prep.has_ceiling else 3,),
        "presence": (len(prep.effects.presence),),
        "air_lost": (len(prep.effects.air_causes),),
    }
    clocks = np.dtype(f"V{8 * max(1, prep.contributors)}")
    kinds: dict[str, Any] = {
        "base": np.uint64,
        "unwelcome": np.uint8,
        "rare": RARE,
        "exits": clocks,
    }
    kinds |= dict.fromkeys(INTEGERS, np.int64) | dict.fromkeys(_BOOLEANS, np.bool_)
    lane = Lanes(
        **{
            f.name: np.zeros((*rows.get(f.name, ()), size), kinds.get(f.name, np.float64))
            for f in fields(Lanes)
        }
    )
    lane.fires.fill(NEVER)
    lane.fires[tags.HORIZON] = tags.tag(np.array([prep.model.horizon]), tags.HORIZON)
    lane.exit_clocks.fill(NEVER)
    lane.path.fill(NO_PATH)
    for name, value in _STARTS_AT.items():
        getattr(lane, name).fill(value)
    return lane


class Filler:
    """Copies staged paths into lanes, and of their state only what the model has."""

    def __init__(self, staged: Lanes, prep: Prepared) -> None:
        unneeded = absent(prep)
        self.constants = {n: value for n, value in _STARTS_AT.items() if n not in unneeded}
        self.records = [
            (name, raw(getattr(staged, name))) for name in _RECORDS if name not in unneeded
        ]
        self.copied: list[tuple[str, int | None, NDArray[Any]]] = []
        for f in fields(Lanes):
            if f.name in unneeded or f.name in (*_STARTS_AT, *_RECORDS):
                continue
            values = getattr(staged, f.name)
            if values.ndim == 1:
                self.copied.append((f.name, None, values))
            else:  # row by row: one assignment in two dimensions takes twice as long
                self.copied += [(f.name, i, row) for i, row in enumerate(values)]
        unset = {tags.HORIZON, tags.EXIT}  # the same on all lanes, and worked out every turn
        if not prep.model.backstop.promised:
            unset.add(tags.BACKSTOP)
        if not prep.contributors:
            unset |= {tags.ARRIVAL, tags.MISSION_END}
        self.copied = [c for c in self.copied if c[0] != "fires" or c[1] not in unset]

    def fill(self, lane: Lanes, lanes: IntArray, first: int) -> None:
        """Put the staged paths from number ``first`` on into ``lanes``."""
        part = slice(first, first + lanes.size)
        for name, value in self.constants.items():
            getattr(lane, name)[lanes] = value
        for name, rows in self.records:
            raw(getattr(lane, name))[lanes] = rows[part]
        for name, i, source in self.copied:
            target = getattr(lane, name)
            if i is not None:
                target = target[i]
            target[lanes] = source[part]


def park(lane: Lanes, lanes: IntArray) -> None:
    """Take ``lanes`` out of use: of all clocks only the horizon is left, turn after turn."""
    lane.path[lanes] = NO_PATH
    lane.switching[lanes] = False
    for row in (*lane.fires[tags.ARRIVAL :], lane.next_exit):
        row[lanes] = NEVER
    for row in lane.budgets:
        row[lanes] = 1e300  # nothing uses them up


def compact(lane: Lanes) -> Lanes:
    """Drop the lanes that no path is left for."""
    keep = np.flatnonzero(lane.path != NO_PATH)
    return Lanes(**{f.name: np.take(getattr(lane, f.name), keep, axis=-1) for f in fields(Lanes)})


def raw(records: NDArray[Any]) -> NDArray[Any]:
    """Records as plain bytes, which are copied 15 times as fast as field by field."""
    return records.view(f"V{records.dtype.itemsize}")


def absent(prep: Prepared) -> set[str]:
    """Names of the arrays that a model does not need."""
    names: set[str] = set()
    if not prep.contributors:
        names |= {"contagion", "contagion_time", "exits", "next_exit", "pending", "scale"}
    if not prep.has_troops:
        names |= {"own_troops", "troops", "own_cost", "cost", "cost_years", "set_up"}
        names |= {"peak_troops", "troop_years", "troop_years_first", "presence", "half_troops"}
    if not prep.effects.air_causes:
        names |= {"air_capacity", "air_decay", "air_decay_tanked", "tanked_aircraft", "aircraft"}
    if not prep.effects.naval_causes:
        names.add("at_sea")
    if not prep.has_doubling:
        names.add("doubling")
    if not prep.has_ageing:
        names.add("ageing")
    if not prep.has_switching:
        names.add("switching")
    if not prep.has_refusal:
        names.add("unwelcome")
    if not prep.has_ceiling:
        names |= {"own_troops", "own_cost", "reinforcement_rate"}
    if not prep.has_cost_factors:
        names |= {"own_cost", "cost", "cost_years"}
    if not prep.clamps_low:
        names.add("low")
    if not prep.clamps_high:
        names.add("high")
    return names
