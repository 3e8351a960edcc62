"""What does not fit the machine's memory is refused before it runs."""

from typing import Final

from simulator.estimates.tally import COLUMNS, SHAPED, SHAPES, ages
from simulator.pool import machine_memory

# Measured: the interpreter with its libraries, one block of draws and its model, and the
# assumptions of the draws that are read again.
FIXED_BYTES: Final = 250_000_000
COPIES: Final = 1.5  # of a row: while tallies are joined, and while ranges are read


class TooLargeError(ValueError):
    """A run that cannot fit the machine's memory."""


def bytes_needed(draws: int, horizon: float) -> float:
    """Memory that the tally of a run takes, apart from `FIXED_BYTES`."""
    shape = len(SHAPED) * ages(horizon).size * 4
    return COPIES * (draws * len(COLUMNS) * 8 + min(draws, SHAPES) * shape)


def check_memory(draws: int, horizon: float, plans: int = 1) -> None:
    """Refuse tallies, of so many plans at once, that are larger than the machine's memory."""
    memory = machine_memory()
    needed = FIXED_BYTES + plans * bytes_needed(draws, horizon)
    if memory is None or needed <= memory:
        return
    fixed = FIXED_BYTES + plans * bytes_needed(SHAPES, horizon)
    fitting = int(SHAPES + max(0.0, memory - fixed) / (plans * COPIES * len(COLUMNS) * 8))
    raise TooLargeError(
        f"{draws:,} draws need about {needed / 1e9:.1f} GB ({needed / draws / plans:,.0f} bytes a "
        f"draw), and this machine has {memory / 1e9:.1f} GB: at most about "
        f"{min(fitting, draws - 1):,} draws fit"
    )
