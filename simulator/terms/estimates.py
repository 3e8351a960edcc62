"""The estimates of a run: what each is called, its unit, and what it means. No import is slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Named:
    """An estimate in front of readers.

    `label` is its line in the terminal, `factor` that on the number there. Lines of `more` are
    shown by ``-v`` only; `optional` ones are left out where there is no value.
    """

    label: str
    unit: str
    meaning: str
    factor: float = 1.0
    optional: bool = False
    more: bool = False
    paired: bool = False  # compared draw by draw between plans


_P: Final = "probability"
ESTIMATES: Final[dict[str, Named]] = {
    "p_collapse_within_2y": Named(
        "P(collapse within 2 years)", _P, "it collapses at an age of at most 2 years", paired=True
    ),
    "p_collapse_within_30d": Named(
        "P(collapse within 30 days)", _P, "it collapses at an age of at most 30 days",
        more=True, paired=True,
    ),
    "p_collapse_within_91d": Named(
        "P(collapse within 91 days)", _P, "it collapses at an age of at most 91 days",
        more=True, paired=True,
    ),
    "p_between_2y_20y": Named(
        "P(collapse between 2 and 20 years)", _P, "it collapses at an age in (2, 20] years"
    ),
    "p_holds_20y": Named("P(holds >= 20 years) *", _P, "it still holds at 20 years", paired=True),
    "p_holds_30y": Named("P(holds >= 30 years) *", _P, "it still holds at 30 years", paired=True),
    "q05_years": Named(
        "5 % have collapsed after, years", "year", "age by which 5 % have collapsed", more=True
    ),
    "q25_years": Named(
        "25 % have collapsed after, years", "year", "age by which 25 % have collapsed", more=True
    ),
    "median_years": Named(
        "median time to collapse, years", "year", "age by which half have collapsed"
    ),
    "q75_years": Named(
        "75 % have collapsed after, years", "year", "age by which 75 % have collapsed", more=True
    ),
    "q95_years": Named(
        "95 % have collapsed after, years", "year", "age by which 95 % have collapsed", more=True
    ),
    "rmst_years": Named(
        "mean time up to the horizon, years (RMST)", "year",
        "mean duration up to the horizon (restricted mean survival time)", paired=True,
    ),
    "fill_rate": Named(
        "fill rate: peak deployed / target", "share",
        "largest number of soldiers deployed at one time, over the target; the peaks of several "
        "ceasefires come at different times",
        optional=True,
    ),
    "mean_deployed_troops_year_1": Named(
        "troops deployed, mean over year 1", "soldiers",
        "soldier-years of the first year; a ceasefire that has collapsed counts as none",
    ),
    "mean_deployed_troops_while_holding": Named(
        "troops deployed while it holds, mean", "soldiers",
        "soldier-years over years of ceasefire", optional=True, more=True,
    ),
    "troop_years": Named(
        "soldier-years deployed", "soldier-year", "soldier-years up to collapse or horizon",
        more=True, paired=True,
    ),
    "soldiers_held": Named(
        "soldiers held at the peak, rotation included", "soldiers",
        "peak deployed times `rotation_ratio`: what armies must keep to rotate those deployed, so "
        "more than are deployed",
    ),
    "backstop_off_share": Named(
        "share of its time without the backstop", "share",
        "years in which the promised backstop is off, over years of ceasefire", optional=True,
    ),
    "cost_gbp": Named(
        "cost of the soldiers alone, GBP billion", "GBP",
        "deploying and keeping the soldiers, in pounds of 2025; no aircraft, ships or arms",
        factor=1e-9, paired=True,
    ),
    "cost_gbp_per_year_while_holding": Named(
        "cost a year while it holds, GBP billion", "GBP", "`cost_gbp` over years of ceasefire",
        factor=1e-9, optional=True, more=True,
    ),
}  # fmt: skip
PAIRED: Final = tuple(name for name, one in ESTIMATES.items() if one.paired)
