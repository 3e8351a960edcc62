"""Clocks as whole numbers: when something fires, what and whose, in the 64 bits of one integer.

The bits of a positive float64, read as an int64, are ordered as the numbers are. With what fires in
the lowest bits, one minimum over clocks gives the time and the clock together (2 ns for 15 clocks,
an argmin takes 15 ns), and of equal times the lower tag wins. A tag is ``event << SLOT_WIDTH |
slot``. It is as wide for every model, so that one contributor more shifts nobody's time. Times are
rounded down by less than 2**-43 of themselves.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.model.compiled import FloatArray, IntArray

# Events in the order that breaks ties; those from HORIZON to RESOLVE have a row of `Lanes.fires`.
COLLAPSE: Final = -1
HORIZON, ARRIVAL, EXIT, MISSION_END, BACKSTOP, ARMY_RESTORED, RECONSTITUTED, RESOLVE = range(8)
REINFORCEMENT, PHASE = 8, 9
ROWS: Final = 8

SLOT_WIDTH: Final = np.int64(6)
SLOT_BITS: Final = np.int64((1 << 6) - 1)
ROW_BITS: Final = np.int64(ROWS - 1)
TIME_BITS: Final = ~np.int64((ROWS << 6) - 1)
# Sets of slots are bits of a float64 for a moment: 52 of them are exact.
MOST_CONTRIBUTORS: Final = 52

_LATEST: Final = 1e300
# No clock reaches it. A clock that has fired and never fires again may be set to DONE instead.
NEVER: Final = np.float64(_LATEST).view(np.int64) & TIME_BITS
DONE: Final = NEVER + np.int64(ROWS << 6)


def tag(times: FloatArray, event: int, slot: IntArray | int = 0) -> IntArray:
    """Write a tag into the lowest bits of times, which are not negative."""
    words: IntArray = np.minimum(times, _LATEST).view(np.int64)
    words &= TIME_BITS
    words |= (event << 6) + np.asarray(slot)
    return words
