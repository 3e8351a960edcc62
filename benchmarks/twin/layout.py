"""What the arrays of the twin hold: rows, words, and the fields of a draw and of a path."""

from __future__ import annotations

import numpy as np

from simulator.model.compiled import STEPS as STEPS

SATURATING, TRIPWIRE, DOUBLING = range(3)  # FORCE_RESPONSES
# FACTORS
PRESENCE, AIR, MONITORING, BACKSTOP, UKRAINE, RUSSIA_UNREADY, NO_CONSENT, NAVAL = range(8)
ESTABLISHING, HOLDING, FAILING = range(3)
# EVENT_KINDS, and the other end of a path
ARRIVES, LEAVES, MISSION_ENDS, FLIPS, RESTORED, RECONSTITUTED, ENLARGED, DRAWN = range(8)
CENSORED = 8
# Words of `DRAW.clock`
SHOCK, ANGLE, CONSENT, REFUSAL, START, MISSION, SOJOURN, RESOLVE = range(8)
REDRAW, DIRECTION, REINFORCEMENT, COLLAPSE, CAUSE, PATH, RESCUE = range(8, 15)
# Rows of ``c``, whose columns are the contributors in the order of arrival, and of ``w``
ARRIVAL, THRESHOLD, OFFER, EXIT_RATE, COST_FACTOR, AIRCRAFT, SHIPS, NEEDS_BACKSTOP = range(8)
COMMITS, EXITS = range(2)
# Rows of ``force``, whose columns are those that committed, in the order of arrival
COLUMN, SOLDIERS, EXIT_AT = range(3)
# Rows of the bases and the hosts
HOST, ROOM, PLAIN, TANKED = range(4)

CAUSES, FACTORS, CLOCKS = 3, 8, 15


def _fields(kind, names, shape=()):
    return [(name, kind, shape) for name in names.split()]


DRAW = np.dtype(
    _fields(np.uint64, "number")
    + _fields(np.uint64, "clock", (CLOCKS,))
    + _fields(np.float64, "effect", (FACTORS, CAUSES))
    + _fields(np.float64, "shares", (CAUSES,))
    + _fields(np.float64, "watched tanked", (2,))  # with the backstop off and on
    + _fields(
        np.float64,
        "target as_needed ceiling horizon promised response stays troops_at_half dose_scale "
        "doublings_scale most_dose shock consent refusal_blocks "
        "on_at_start loss_rate regain_rate weight on_station_required ships_required army_restored "
        "reconstituted reinforcement_rate growth mission_end_rate exit_contagion logit_w0 "
        "establishing failing holding slope kappa_0 kappa odds_exponent "
        "hazard_exponent rescues low high",
    )
)
STATE = np.dtype(
    _fields(np.uint64, "path")
    + _fields(
        np.float64,
        "time next_arrival next_exit mission_end flip drawn restored_at reconstituted_at call "
        "budget pace own_clock troops own_troops cost own_cost aircraft ships room plain gain "
        "own_come come "
        "scale hazard log_odds peak troop_years off_years cost_years arrivals",
    )
    + _fields(
        np.int64,
        "refused on phase army russia rescues enlarged leaver committed arrived gone flips "
        "draws changed age",
    )
)
