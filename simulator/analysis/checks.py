"""What a comparison of engines says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PATH_BY_PATH: Final = "path by path"
AGAINST_EXACT: Final = "against exact"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the comparison.

    Attributes
    ----------
    method : str
        ``path by path`` or ``against exact``.
    what : str
        What was compared.
    compared : int
        How many numbers.
    deviation : float
        The largest deviation: of relative size path by path, and otherwise the smallest bound on
        the probability of such a deviation by bad luck.
    allowed : float
        The deviation must be at most this path by path, the probability at least this otherwise.
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
