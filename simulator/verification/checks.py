"""What a comparison of engines says."""

from dataclasses import dataclass
from typing import Final

SAME_WORLDS: Final = "the same worlds"
GIVEN_WORLDS: Final = "whole paths, given their worlds"
AGAINST_EXACT: Final = "against exact"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the comparison.

    Of the same worlds, ``deviation`` is the share of paths whose events differ, or the largest of a
    time, relative to it and a small part of the horizon, and at most what is ``allowed``; otherwise
    it is the smallest bound on the probability that right engines deviate as much, and at least
    that.
    """

    method: str
    what: str
    compared: int  # numbers
    deviation: float
    allowed: float
    agrees: bool
    worst: str  # where the largest deviation is, in words


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything compared, and what a reader must know of how it was."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every check agrees."""
        return all(check.agrees for check in self.checks)
