"""Meanings of estimates (`simulator.quantities`), words of reports, and columns of tables."""

from typing import Final

WORDS: Final = {
    "assumption": "What nobody chooses and nobody knows: a number with a distribution in a book.",
    "backstop": "What the United States promise: air defence, intelligence, surveillance and "
    "logistics, no soldiers. A promise may be kept or not, and lost and restored.",
    "book": "A file of assumptions with their distributions and sources. A pool takes one of "
    "several books in every draw.",
    "cause": "Why a ceasefire ends: a deliberate offensive, an escalation of incidents, or an "
    "unravelling of the arrangements.",
    "common random numbers": "Plans of one seed share all random numbers that they have in common, "
    "so that their difference is known far better than either side.",
    "competing risks": "Several causes of which the first to occur ends the ceasefire.",
    "cumulative incidence": "Probability that it has ended by an age for one of several causes.",
    "dose": "How much of a factor is there: 0 for nothing, 1 for all that can be had.",
    "draw": "One joint value of all assumptions, with one option of every structural choice.",
    "fill rate": "Largest force deployed over the force planned. Pledges, refusals, delays and "
    "early collapses keep it below one.",
    "finding": "What a result says in a sentence, with its reason.",
    "hazard": "Rate at which a ceasefire that still holds collapses, per year.",
    "hazard ratio": "Hazard with a factor at full dose over the hazard without it; below one is "
    "protection.",
    "horizon": "Years simulated; what happens later is not counted.",
    "lever": "What a planner chooses: a field of a plan.",
    "MCSE": "Monte Carlo standard error: the error of a value that more draws would reduce. It "
    "is no error of the model.",
    "path": "One whole simulated ceasefire, event by event, as `simulator trace` prints it.",
    "P(best)": "Share of the draws in which a plan is the best of all compared.",
    "P(better)": "Share of the draws in which a plan is better than the reference; equal draws "
    "count half.",
    "paired difference": "Difference between two plans taken draw by draw, with the error of the "
    "difference itself.",
    "plan": "A file of levers: troops, contributors, air bases, backstop, monitoring, support.",
    "range over assumptions": "5th to 95th percentile over draws: what the assumptions alone do. "
    "No computing narrows it.",
    "reference class": "The past ceasefires that this one is taken to be like. It moves results "
    "more than any lever.",
    "regret": "What a plan loses against the best plan of the same draw.",
    "RMST": "Restricted mean survival time: mean duration up to the horizon.",
    "significant": "A difference larger than about four of its Monte Carlo errors: more draws "
    "would hardly turn its sign. It says nothing on the assumptions.",
    "structural choice": "A question about the form of the model with several answers, its "
    "options, each with a weight in a book.",
    "sweep": "Many plans or books from one file, as combinations of factors; resumable.",
    "trial": "One simulated world of a draw.",
    "value of information": "What knowing an assumption before one chooses would be worth.",
    "variance gain": "Variance of a difference between independent runs over that of the paired "
    "difference.",
    "world": "What happens around the ceasefire in one trial: who commits, arrives and leaves, and "
    "whether the backstop holds. When the ceasefire ends in it is computed.",
    "worth": "What a plan is worth in a draw, as an expression of its estimates.",
}

_OF_A_VALUE: Final = {
    "value": "Mean over draws.",
    "mcse": "Its Monte Carlo standard error.",
    "p05": "5th percentile over draws: lower end of the range over assumptions.",
    "p95": "95th percentile over draws: upper end of the range over assumptions.",
    "p05_mcse": "Monte Carlo standard error of the lower end.",
    "p95_mcse": "Monte Carlo standard error of the upper end.",
    "interval": "95 % confidence interval of the value: more draws would narrow it.",
    "note": "Why a number is missing, or what limits it.",
}
COLUMNS: Final = {
    **_OF_A_VALUE,
    "scenario": "Id of the plan.",
    "plan": "Name of the plan.",
    "reference": "Plan that is subtracted.",
    "book": "Assumption book.",
    "seed": "Of all random numbers; runs of one seed share them.",
    "draws": "Draws of the assumptions.",
    "trials": "Worlds simulated of each draw.",
    "draw": "Number of the draw, from 0.",
    "replicate": "Which of the 16 independent replicates the draw belongs to.",
    "curve": "`survival`, `incidence:CAUSE` or `deployed`.",
    "years": "Age of the ceasefire; of `deployed` the end of the year.",
    "point": "Number of a point of a sweep, from 0.",
    "kind": "`estimate`, or `cause` for a probability by cause.",
    "estimate": "Name of the estimate or of the cause.",
    "p_better": "Share of the draws in which the plan is better than the reference.",
    "p_better_mcse": "Its Monte Carlo standard error.",
    "significant": "Whether more draws would hardly turn the sign of the difference.",
    "variance_gain": "Variance of an unpaired difference over that of the paired one.",
    "cause:offensive": "Probability of a collapse by a deliberate offensive before the horizon.",
    "cause:escalation": "Probability of a collapse by an escalation before the horizon.",
    "cause:unravelling": "Probability of a collapse by an unravelling before the horizon.",
    "troop_years_first": "Soldier-years of the first year.",
    "backstop_off_years": "Years in which the promised backstop is off.",
    "q50_years": "Age by which half have collapsed.",
    "p_holds_1y": "Probability that it still holds at 1 year.",
    "p_holds_5y": "Probability that it still holds at 5 years.",
    "p_holds_10y": "Probability that it still holds at 10 years.",
}

ESTIMATES: Final = {
    "p_collapse_within_2y": "it collapses at an age of at most 2 years",
    "p_collapse_within_30d": "it collapses at an age of at most 30 days",
    "p_collapse_within_91d": "it collapses at an age of at most 91 days",
    "p_between_2y_20y": "it collapses at an age in (2, 20] years",
    "p_holds_20y": "it still holds at 20 years",
    "p_holds_30y": "it still holds at 30 years",
    "q05_years": "age by which 5 % have collapsed",
    "q25_years": "age by which 25 % have collapsed",
    "median_years": "age by which half have collapsed",
    "q75_years": "age by which 75 % have collapsed",
    "q95_years": "age by which 95 % have collapsed",
    "rmst_years": "mean duration up to the horizon (restricted mean survival time)",
    "fill_rate": "largest number of soldiers deployed at one time, over the target; the peaks of "
    "several ceasefires come at different times",
    "peak_troops": "largest number of soldiers deployed at one time, mean over ceasefires",
    "mean_deployed_troops_year_1": "soldier-years of the first year; a ceasefire that has "
    "collapsed counts as none",
    "mean_deployed_troops_while_holding": "soldier-years over years of ceasefire",
    "troop_years": "soldier-years up to collapse or horizon",
    "soldiers_held": "peak deployed times `rotation_ratio`: what armies must keep to "
    "rotate those deployed, so more than are deployed",
    "backstop_off_share": "years in which the promised backstop is off, over years of ceasefire",
    "cost_gbp": "deploying and keeping the soldiers, in pounds of 2025; no aircraft, ships or arms",
    "cost_gbp_per_year_while_holding": "`cost_gbp` over years of ceasefire",
}
