"""What a comparison of engines says."""

from dataclasses import dataclass
from typing import Final

SAME_WORLDS: Final = "the same worlds"
GIVEN_WORLDS: Final = "whole paths, given their worlds"
AGAINST_EXACT: Final = "against exact"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the comparison.

    Attributes
    ----------
    method : str
        `SAME_WORLDS`, `GIVEN_WORLDS` or `AGAINST_EXACT`.
    what : str
        What was compared.
    compared : int
        How many numbers.
    deviation : float
        Of the same worlds, the share of paths whose events differ, or the largest deviation of a
        time, relative to it and a small part of the horizon; otherwise the smallest bound on the
        probability that right engines deviate as much.
    allowed : float
        Of the same worlds, the deviation must be at most this; otherwise the probability at least.
    agrees : bool
    worst : str
        Where the largest deviation is, in words.
    """

    method: str
    what: str
    compared: int
    deviation: float
    allowed: float
    agrees: bool
    worst: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything compared, and the verdict.

    Attributes
    ----------
    checks : tuple of Check
    notes : tuple of str
        What a reader must know of how it was compared.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every check agrees."""
        return all(check.agrees for check in self.checks)
