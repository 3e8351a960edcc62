"""A run in plain sentences, with no more digits and no more certainty than it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from simulator import number_format as numbers
from simulator.analysis.influence import FEWEST_DRAWS
from simulator.outcomes.spread import DRAWS_FOR_RANGE, Estimate
from simulator.report.figures.claim import masses
from simulator.report.figures.influence import clear_influences
from simulator.report.prose import names
from simulator.report.results import Run

ERRORS_APART: Final = 3.0  # standard errors between two numbers that are called different
EARLY, BETWEEN, LONG = "p_collapse_within_2y", "p_between_2y_20y", "p_holds_20y"


def sentences(run: Run) -> list[str]:
    """Paragraphs: what happens, why, who is there, what it rests on, how sure it is."""
    # What the plan says by itself stands beside its levers.
    notes = [f"Note: {note}." for note in run.notes if note not in run.plan.get("notes", ())]
    said = [_what(run), _median(run), _why(run), _force(run), *notes, _rests_on(run)]
    return [paragraph for paragraph in [*said, _how_sure(run)] if paragraph]


def brief(run: Run) -> str:
    """A run in half a sentence."""
    early, late = run.estimates[EARLY], run.estimates[LONG]
    if early.value is None or late.value is None:
        last = run.survival.at(-1)
        return f"{_of_100(run, last)} of 100 still hold after {run.horizon:g} years."
    return (
        f"{_of_100(run, early)}{_bracketed(run, early)} of 100 collapse within two years, "
        f"{_of_100(run, late)}{_bracketed(run, late)} hold for twenty years or longer."
    )


def _what(run: Run) -> str:
    subject = f"Of 100 ceasefires under this plan and book {run.book}"
    subject += ", in one set of assumptions" if run.draws == 1 else ""
    if run.horizon < 2.0:
        last = _of_100(run, run.survival.at(-1))
        return f"{subject}, {last} still hold after {run.horizon:g} years."
    one = masses(run, min(run.horizon, 20.0))
    counts = [numbers.of_100(*pair, units(run)) for pair in zip(one.shares, one.mcse, strict=True)]
    ranges = [_bracketed(run, run.estimates[name]) for name in (EARLY, BETWEEN, LONG)]
    early, *later = map("".join, zip(counts, ranges, strict=False))
    brackets = " In brackets: the range over assumptions." if ranges[0] else ""
    if run.horizon < 20.0:
        return f"{subject}, {early} collapse within two years and {later[0]} hold longer.{brackets}"
    text = (
        f"{subject}, {early} collapse within two years, {later[0]} between the second year and the "
        f"twentieth, and {later[1]} hold for twenty years or longer"
    )
    longest = run.estimates["p_holds_30y"]
    if longest.value is not None:
        text += f"; {_of_100(run, longest)}{_bracketed(run, longest)} for thirty or longer"
    whole = [int(count) for count in counts if count.isdigit()]
    rounded = " Numbers are rounded." if len(whole) == 3 and sum(whole) != 100 else ""
    return f"{text}.{rounded}{brackets}"


def _bracketed(run: Run, share: Estimate) -> str:
    """The range of a share over assumptions in per cent, in brackets; empty where unknown."""
    spread = numbers.percent_span(share.p05, share.p95, run.draws)
    return f" ({spread})" if spread else ""


def _of_100(run: Run, e: Estimate) -> str:
    return numbers.of_100(e.value, e.mcse, units(run))


def units(run: Run) -> int:
    """Independent units behind an estimate: its draws, or the trials of a single one."""
    return run.draws if run.draws > 1 else run.trials


def _median(run: Run) -> str:
    e = run.estimates["median_years"]
    spread = numbers.span(e.p05, e.p95, run.draws, f"beyond {run.horizon:g}", 1)
    if e.value is None:
        last = run.survival.at(-1)
        doubt = 2.0 * last.mcse if last.mcse else 3.0 / units(run)
        if (last.value or 0.0) - doubt <= 0.5:
            return (
                f"Whether more than half of them still hold after {run.horizon:g} years is not "
                "clear from so few simulations."
            )
        over = f" Over assumptions the median duration is {spread} years." if spread else ""
        return f"More than half of them still hold after {run.horizon:g} years.{over}"
    brackets = f" ({spread} years)" if spread else ""
    if e.mcse is None:
        shown = numbers.significant(e.value, 1)
        unit = "year" if shown == "1" else "years"
        return f"The median duration is roughly {shown} {unit}{brackets}."
    months = e.value < 1.0
    one = e.scaled(12.0) if months else e
    shown = numbers.with_error(one.value, one.mcse, 1)
    return f"The median duration is {shown} {'months' if months else 'years'}{brackets}."


def _why(run: Run) -> str:
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    labels = [names.CAUSES.get(name, name) for name, _ in ranked]
    first, second = (e for _, e in ranked[:2])
    if not first.value:
        return "None of the simulated ceasefires collapsed."
    counts = ", ".join(
        f"{label} {_of_100(run, e)}" for label, (_, e) in zip(labels, ranked, strict=True)
    )
    within = f"Of 100, within {run.horizon:g} years: {counts}."
    if _apart(first, second):
        return f"The most frequent cause of collapse is {labels[0]}. {within}"
    return (
        f"The most frequent causes of collapse are {labels[0]} and {labels[1]}, whose difference "
        f"is not significant in this run. {within}"
    )


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether shares of one whole differ, however much one grows where the other shrinks."""
    if a.mcse is None or b.mcse is None or a.value is None or b.value is None:
        return False
    return a.value - b.value > ERRORS_APART * (a.mcse + b.mcse)


def _force(run: Run) -> str:
    target = run.plan.get("force", {}).get("target_troops", 0)
    fill, parts = run.estimates["fill_rate"], []
    cost = run.estimates["cost_gbp"].scaled(names.quantity("cost_gbp").factor)
    if target and fill.value is not None:
        spread = numbers.percent_span(fill.p05, fill.p95, run.draws)
        parts.append(
            f"The peak of a ceasefire is on average {numbers.percent(fill.value, fill.mcse, 0)} %"
            f"{_over(spread)} of the {target:,} soldiers planned. Peaks come at different times, "
            "so fewer are there at any one time."
        )
    if cost.value:
        shown = numbers.with_error(cost.value, cost.mcse, 1)
        parts.append(
            f"The soldiers alone, without aircraft, ships or arms, cost GBP {shown} billion on "
            f"average{_over(numbers.span(cost.p05, cost.p95, run.draws))}."
        )
    return " ".join(parts)


def _over(spread: str) -> str:
    return f" ({spread} over assumptions)" if spread else ""


def _rests_on(run: Run) -> str:
    influence = run.background.get("influence")
    if not influence:
        return ""
    clear, of = clear_influences(run), influence["quantity"]
    if not clear and not influence["ranked"]:
        few = "So few draws of the assumptions cannot tell which of them moves this most."
        return few if run.draws < FEWEST_DRAWS else ""
    if not clear:
        return (
            "No single assumption stands out from Monte Carlo error in this run; more draws of the "
            "assumptions would show more."
        )
    one = clear[0]
    low, high = (_group(one["groups"][i], of) for i in (0, -1))
    unit = "of 100 hold for twenty years" if of == LONG else "years is the mean duration"
    return (
        f"The assumption that moves this most is “{names.meaning(one)}” ({one['name']}): {low} "
        f"{unit}; {high}."
    )


def _group(group: Mapping[str, Any], of: str) -> str:
    value, mcse, middle = float(group["value"]), float(group["mcse"]), group["middle"]
    shown = (
        numbers.of_100(value, mcse, int(group["draws"]))
        if of == LONG
        else numbers.with_error(value, mcse, 1)
    )
    if middle is None:
        return f"with “{names.words(group['label'])}”, {shown}"
    about = numbers.significant(middle, 2)
    return f"in the {group['label']} of the draws (about {about}), {shown}"


def _how_sure(run: Run) -> str:
    name = LONG if run.estimates[LONG].value is not None else "rmst_years"
    of = names.quantity(name)
    e = run.estimates[name].scaled(of.factor)
    error = f"about {numbers.error(e.mcse)} {names.difference_unit(of)}"
    if e.mcse is None:
        parts = ["One draw gives no Monte Carlo error."]
    elif run.draws > 1:
        parts = [
            f"Two uncertainties are kept apart. The Monte Carlo standard error of “{of.title}”, "
            f"which more draws would reduce, is {error}."
        ]
    else:
        parts = [
            f"The Monte Carlo standard error of “{of.title}” is {error}; more trials under this "
            "one set of assumptions would reduce it, but under other sets it may be far from here."
        ]
    spread = numbers.span(e.p05, e.p95, run.draws, most=0 if of.unit == "%" else 4)
    if spread:
        ends = "5–95 % range" if run.draws >= DRAWS_FOR_RANGE else "range"
        parts.append(
            f"Its {ends} over assumptions is {spread} {of.unit}; more simulation does not narrow "
            "it."
        )
    if 1 < run.draws < DRAWS_FOR_RANGE:
        parts.append(
            f"Only {run.draws} sets of assumptions were drawn: read every range, and every error, "
            "as rough."
        )
    return " ".join(parts)
