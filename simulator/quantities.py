"""What is estimated of a plan: read by all who compute, compare or show it.

`quantities.toml` has a table for each and says what its fields mean.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FACTORS: Final = {"%": 100.0, "GBP billion": 1e-9}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity, as `quantities.toml` describes it."""

    name: str
    label: str
    title: str
    unit: str = ""
    brief: str = ""
    meaning: str = ""
    age: float | None = None
    share: float | None = None
    better: int | None = None
    spent: bool = False
    shown: str = "always"

    @property
    def factor(self) -> float:
        """From a number to one in ``unit``. Tables of the terminal keep probabilities as shares."""
        return _FACTORS.get(self.unit, 1.0)

    @property
    def titled(self) -> str:
        """Title with unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def phrase(self) -> str:
        """What it is in the middle of a sentence.

        >>> QUANTITIES["p_holds_20y"].phrase, QUANTITIES["cost_gbp"].phrase
        ('the probability of holding 20 years or longer', 'the cost of the soldiers alone')
        """
        of = self.title.replace("hold ", "holding ")
        return f"the probability of {of}" if self.name.startswith("p_") else f"the {of}"

    @property
    def points(self) -> str:
        """Unit of a difference."""
        return "points" if self.unit == "%" else self.unit

    @property
    def is_worth(self) -> bool:
        """Whether having more, or less, of it speaks for a plan."""
        return bool(self.better) and not self.spent

    @property
    def terminal_factor(self) -> float:
        """From a number to what a table of the terminal shows."""
        return 1.0 if self.unit == "%" else self.factor


def _quantity(name: str, days: float | None = None, **fields: Any) -> Quantity:
    return Quantity(name, **fields if days is None else {**fields, "age": days / 365.25})


_TEXT: Final = Path(__file__).with_suffix(".toml").read_text("utf-8")
_ROWS: Final = tuple(_quantity(name, **fields) for name, fields in tomllib.loads(_TEXT).items())
QUANTITIES: Final = {row.name: row for row in _ROWS}

# The claim under test: a failing force collapses within 2 years, a successful one lasts 20 or 30.
CLAIM: Final = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
HEADLINES: Final = (*CLAIM, "rmst_years")

# Survival, or what is missing from it, at one age: name -> years.
COLLAPSED_BY: Final = {r.name: r.age for r in _ROWS if r.age is not None and r.better == -1}
HELD_FOR: Final = {r.name: r.age for r in _ROWS if r.age is not None and r.better == 1}
# Survival at ages that no estimate is of, kept of every draw for `explore`: name -> years.
ALSO_HELD: Final = {"p_holds_1y": 1.0, "p_holds_5y": 5.0, "p_holds_10y": 10.0}
# Ages by which a share has collapsed: name -> share.
AGES: Final = {r.name: r.share for r in _ROWS if r.share is not None}
# What plans are compared in, and what they are ranked by.
COMPARED: Final = tuple(r.name for r in _ROWS if r.better is not None)
# What is kept of every draw of a plan.
KEPT: Final = (*COMPARED, *ALSO_HELD)
RANKED: Final = tuple(r.name for r in _ROWS if r.better)


def in_table(verbose: bool = False) -> list[Quantity]:
    """Quantities in the table of a run, in its order; those only for ``verbose`` come last."""
    usual = [row for row in _ROWS if "verbose" not in row.shown]
    return usual + ([row for row in _ROWS if row not in usual] if verbose else [])
