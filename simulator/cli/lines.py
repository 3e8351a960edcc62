"""What the estimates of a run are called in the terminal."""

from __future__ import annotations

from typing import Final

from simulator.terms.estimates import ESTIMATES

# estimate -> (line of the table, factor on the number, line is left out where there is no value)
LINES: Final[dict[str, tuple[str, float, bool]]] = {
    name: (one.label, one.factor, one.optional) for name, one in ESTIMATES.items() if not one.more
}
# The same, shown by ``-v`` only.
MORE_LINES: Final[dict[str, tuple[str, float, bool]]] = {
    name: (one.label, one.factor, one.optional) for name, one in ESTIMATES.items() if one.more
}
# Where a range over assumptions would hold the scatter of few worlds, this stands in its place.
MORE_TRIALS: Final = "--trials 16"
