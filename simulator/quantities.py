"""What is estimated of a plan: one row a quantity, read by all who compute, compare or show it."""

from dataclasses import dataclass
from typing import Final

_DAYS: Final = 365.25  # of a year


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity.

    Attributes
    ----------
    name : str
        As in files and on the command line.
    label, title, brief : str
        In a table of the terminal, in figures and sentences, and as the head of a column.
    unit : str
        Of ``title``; empty of a pure number.
    factor : float
        Numbers times this are in ``unit``. Tables of the terminal keep probabilities as shares.
    age : float or None
        Years that the horizon must reach, where it is survival at that age or what is missing.
    share : float or None
        It is the age by which this share has collapsed.
    better : int or None
        +1 where more is better, -1 where less is, 0 where neither; None if plans are not compared
        in it.
    spent : bool
        A plan takes it. It ranks plans, but says nothing of their worth: one that fails at once
        takes nothing more.
    shown : str
        In the table of a run: ``always``, ``known`` (only with a value), ``verbose`` or
        ``verbose known``.
    """

    name: str
    label: str
    title: str
    unit: str = ""
    factor: float = 1.0
    brief: str = ""
    age: float | None = None
    share: float | None = None
    better: int | None = None
    spent: bool = False
    shown: str = "always"

    @property
    def titled(self) -> str:
        """Title with unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def phrase(self) -> str:
        """What it is in the middle of a sentence.

        Examples
        --------
        >>> QUANTITIES["p_holds_20y"].phrase
        'the probability of holding 20 years or longer'
        >>> QUANTITIES["cost_gbp"].phrase
        'the cost of the soldiers alone'
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


def _probability(name: str, label: str, title: str, **more: object) -> Quantity:
    return Quantity(name, label, title, "%", 100.0, **more)  # type: ignore[arg-type]


def _age(name: str, percent: int, **more: object) -> Quantity:
    words = f"{percent} % have collapsed after"
    given = {"label": f"{words}, years", "title": words, "shown": "verbose"} | more
    return Quantity(name, unit="years", share=percent / 100.0, **given)  # type: ignore[arg-type]


_ROWS: Final = (
    _probability(
        "p_collapse_within_2y",
        "P(collapse within 2 years)",
        "collapse within 2 years",
        brief="P(<= 2 y)",
        age=2.0,
        better=-1,
    ),
    _probability(
        "p_collapse_within_30d",
        "P(collapse within 30 days)",
        "collapse within 30 days",
        age=30.0 / _DAYS,
        better=-1,
        shown="verbose",
    ),
    _probability(
        "p_collapse_within_91d",
        "P(collapse within 91 days)",
        "collapse within 91 days",
        age=91.0 / _DAYS,
        better=-1,
        shown="verbose",
    ),
    _probability(
        "p_between_2y_20y",
        "P(collapse between 2 and 20 years)",
        "collapse between 2 and 20 years",
        age=20.0,
    ),
    _probability(
        "p_holds_20y",
        "P(holds >= 20 years)",
        "hold 20 years or longer",
        brief="P(>= 20 y)",
        age=20.0,
        better=1,
    ),
    _probability(
        "p_holds_30y",
        "P(holds >= 30 years)",
        "hold 30 years or longer",
        brief="P(>= 30 y)",
        age=30.0,
        better=1,
    ),
    _age("q05_years", 5),
    _age("q25_years", 25),
    _age(
        "median_years",
        50,
        label="median time to collapse, years",
        title="median duration",
        shown="always",
    ),
    _age("q75_years", 75),
    _age("q95_years", 95),
    Quantity(
        "rmst_years",
        "mean time up to the horizon, years (RMST)",
        "mean duration up to the horizon (RMST)",
        "years",
        brief="RMST, years",
        better=1,
    ),
    _probability(
        "fill_rate",
        "fill rate: peak deployed / target",
        "peak of a ceasefire over planned soldiers, mean",
        shown="known",
    ),
    Quantity(
        "peak_troops",
        "soldiers deployed at the peak, mean",
        "soldiers deployed at the peak, mean",
        "soldiers",
        brief="soldiers, peak",
        better=0,
    ),
    Quantity(
        "mean_deployed_troops_year_1",
        "troops deployed, mean over year 1",
        "soldiers deployed, mean of year 1",
        "soldiers",
    ),
    Quantity(
        "mean_deployed_troops_while_holding",
        "troops deployed while it holds, mean",
        "soldiers deployed while it holds, mean",
        "soldiers",
        shown="verbose known",
    ),
    Quantity(
        "troop_years",
        "soldier-years deployed",
        "soldiers deployed, summed over the years",
        "soldier-years",
        better=-1,
        spent=True,
        shown="verbose",
    ),
    Quantity(
        "soldiers_held",
        "soldiers held at the peak, rotation included",
        "soldiers held at the peak, rotation included",
        "soldiers",
    ),
    _probability(
        "backstop_off_share",
        "share of its time without the backstop",
        "share of its time without the American backstop",
        shown="known",
    ),
    Quantity(
        "cost_gbp",
        "cost of the soldiers alone, GBP billion",
        "cost of the soldiers alone",
        "GBP billion",
        1e-9,
        better=-1,
        spent=True,
    ),
    Quantity(
        "cost_gbp_per_year_while_holding",
        "cost a year while it holds, GBP billion",
        "cost a year while it holds",
        "GBP billion",
        1e-9,
        shown="verbose known",
    ),
)
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
