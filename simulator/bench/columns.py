"""Numbers of the columns that the scalar model reads and writes."""

from __future__ import annotations

from typing import Final

# Events of a path. Equal times are left to chance here: they have probability zero, and dates
# that coincide are no part of the models that are timed.
ARRIVAL, EXIT, MISSION_END, BACKSTOP, RESTORED, RECONSTITUTED, RESOLVE = range(7)
REINFORCEMENT, PHASE, HORIZON, COLLAPSE = range(7, 11)
ESTABLISHING, HOLDING, FAILING = range(3)

# What a path leaves behind: these, then its counts of events.
END_TIME, CAUSE, PEAK, TROOP_YEARS, TROOP_YEARS_FIRST, OFF_YEARS, COST = range(7)
COUNTS: Final = 7
COLUMNS: Final = 15

# Numbers of a draw.
(
    CONSENT,
    REFUSAL_BLOCKS,
    ON_AT_START,
    LOSS,
    REGAIN,
    MISSION_RATE,
    RESTORED_AT,
    RECONSTITUTED_AT,
    KAPPA_0,
    KAPPA,
    BASE_HAZARD,  # and two more: by phase
    _,
    _,
    SLOPE,
    SHARE,  # and two more: by cause
    _,
    _,
    ODDS,  # and two more: by cause
    _,
    _,
    PRESENCE,  # and two more: by cause
    _,
    _,
    AIR_LOST,  # and two more: by cause
    _,
    _,
    LOW,
    HIGH,
    LOGIT_W0,
    RHO,
    HALF_TROOPS,
    DOUBLING,
    CONTAGION,
    CALL_RATE,
    GROWTH,
    SETUP_PRICE,
    YEAR_PRICE,
    LOADING,
) = range(38)
NUMBERS: Final = 38

# Keys of the clocks, before those of the hosts.
(
    SHOCK_KEY,
    CONSENT_KEY,
    REFUSAL_KEY,
    START_KEY,
    MISSION_KEY,
    REINFORCEMENT_KEY,
    RESOLVE_KEY,
    DIRECTION_KEY,
    CAUSE_KEY,  # and two more: by cause
    _,
    _,
    BACKSTOP_STREAM,
    PHASE_STREAM,
    HOST_KEY,
) = range(14)

# Phi on a grid: bounds decide most commitments, which saves scalar code most of its calls of erfc.
CELLS: Final = 64.0
MIDDLE: Final = 512.0
LAST_CELL: Final = 1024
