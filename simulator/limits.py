"""What may be asked for at most, and what a run takes by default: one number each, whoever asks.

`docs/limits.md` says what each stands for; a test compares the two.
"""

from typing import Final

# Of a run
MAX_SEED: Final = 2**63 - 1
MOST_DRAWS: Final = 10**7  # 3.1 GB; the machine's memory may allow fewer (`analysis.memory`)
MOST_TRIALS: Final = 2**16
DEFAULT_MAX_DRAWS: Final = 2**20
DEFAULT_DRAWS: Final = 4_096
DEFAULT_TRIALS: Final = 8  # leave 2 % of the variance between draws to chance, 4 leave 5
MOST_PER_YEAR: Final = 100.0  # of what recurs: 4,096 draws x 4 trials then take some two minutes
LARGEST: Final = 1e30  # of a draw: its square, times a cost and a number of soldiers, is finite
SMALLEST: Final = 1e-12  # of what must be above 0: its share of any other number is not 0

# Of a sweep
MOST_POINTS: Final = 1_000_000  # a millisecond each before the first is simulated
MOST_STEPS: Final = 100_000  # of one range

# Of a file: a value takes some 10 microseconds to read and 300 bytes. The largest shipped file
# has 6,000.
MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 30_000
MAX_ANCESTORS: Final = 16
MAX_CSV_BYTES: Final = 20 * 1024 * 1024
MAX_CSV_ROWS: Final = 200_000
