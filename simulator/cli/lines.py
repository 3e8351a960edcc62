"""What the estimates of a run are called in the terminal."""

from __future__ import annotations

from typing import Final

# estimate -> (line of the table, factor on the number, line is left out where there is no value)
LINES: Final[dict[str, tuple[str, float, bool]]] = {
    "p_collapse_within_2y": ("P(collapse within 2 years)", 1.0, False),
    "p_between_2y_20y": ("P(collapse between 2 and 20 years)", 1.0, False),
    "p_holds_20y": ("P(holds >= 20 years) *", 1.0, False),
    "p_holds_30y": ("P(holds >= 30 years) *", 1.0, False),
    "median_years": ("median time to collapse, years", 1.0, False),
    "rmst_years": ("mean time up to the horizon, years (RMST)", 1.0, False),
    "fill_rate": ("fill rate: peak deployed / target", 1.0, True),
    "mean_deployed_troops_year_1": ("troops deployed, mean over year 1", 1.0, False),
    "soldiers_held": ("soldiers held at the peak, rotation included", 1.0, False),
    "backstop_off_share": ("share of its time without the backstop", 1.0, True),
    "cost_gbp": ("cost of the soldiers alone, GBP billion", 1e-9, False),
}
# The same, shown by ``-v`` only.
MORE_LINES: Final[dict[str, tuple[str, float, bool]]] = {
    "p_collapse_within_30d": ("P(collapse within 30 days)", 1.0, False),
    "p_collapse_within_91d": ("P(collapse within 91 days)", 1.0, False),
    "q05_years": ("5 % have collapsed after, years", 1.0, False),
    "q25_years": ("25 % have collapsed after, years", 1.0, False),
    "q75_years": ("75 % have collapsed after, years", 1.0, False),
    "q95_years": ("95 % have collapsed after, years", 1.0, False),
    "mean_deployed_troops_while_holding": ("troops deployed while it holds, mean", 1.0, True),
    "troop_years": ("soldier-years deployed", 1.0, False),
    "cost_gbp_per_year_while_holding": ("cost a year while it holds, GBP billion", 1e-9, True),
}
# Where a range over assumptions would hold the scatter of few worlds, this stands in its place.
MORE_TRIALS: Final = "--trials 16"
