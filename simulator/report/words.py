"""A result in plain sentences, with no more digits and no more certainty than the run has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from simulator import number_format as digits
from simulator.analysis.influence import FEWEST_DRAWS
from simulator.outcomes.spread import DRAWS_FOR_RANGE, Estimate
from simulator.report import vocabulary
from simulator.report.exhibits.behind import clear_influences
from simulator.report.exhibits.run import masses
from simulator.report.results import Run

BRACKETS: Final = " In brackets: the range over assumptions."
ERRORS_APART: Final = 3.0  # standard errors between two numbers that are called different


def sentences(run: Run) -> list[str]:
    """A run of one scenario, told.

    Returns
    -------
    list of str
        Paragraphs: what happens, why, who is there, what it rests on, how sure it is.
    """
    told = [
        _what(run),
        _median(run),
        _why(run),
        _force(run),
        *_notes(run),
        _rests_on(run),
        _how_sure(run),
    ]
    return [paragraph for paragraph in told if paragraph]


def _notes(run: Run) -> list[str]:
    """What the run found of its plan; what the plan says by itself stands beside its levers."""
    return [f"Note: {note}." for note in run.notes if note not in run.plan.get("notes", ())]


def _what(run: Run) -> str:
    subject = f"Of 100 ceasefires under this plan and book {run.book}"
    subject += ", in one set of assumptions" if run.draws == 1 else ""
    if run.horizon < 2.0:
        last = _of_100(run, Estimate(*_last(run)))
        return f"{subject}, {last} still hold after {run.horizon:g} years."
    one = masses(run, min(run.horizon, 20.0))
    counts = [digits.of_100(s, e, units(run)) for s, e in zip(one.shares, one.mcse, strict=True)]
    names = ("p_collapse_within_2y", "p_between_2y_20y", "p_holds_20y")
    early, *later = (
        count + bracketed(run, run.estimates[name])
        for count, name in zip(counts, names[: len(counts)], strict=True)
    )
    whole = [int(count) for count in counts if count.isdigit()]
    rounded = " Numbers are rounded." if len(whole) == 3 and sum(whole) != 100 else ""
    if run.horizon < 20.0:
        told = f"{subject}, {early} collapse within two years and {later[0]} hold longer."
        return told + (BRACKETS if "(" in early else "")
    text = (
        f"{subject}, {early} collapse within two years, {later[0]} between the second year and the "
        f"twentieth, and {later[1]} hold for twenty years or longer"
    )
    longest = run.estimates["p_holds_30y"]
    if longest.value is not None:
        text += f"; {_of_100(run, longest)}{bracketed(run, longest)} for thirty or longer"
    return f"{text}.{rounded}" + (BRACKETS if "(" in early else "")


def bracketed(run: Run, share: Estimate) -> str:
    """The range of a share over assumptions in per cent, in brackets; empty where unknown."""
    spread = digits.percent_span(share.p05, share.p95, run.draws)
    return f" ({spread})" if spread else ""


def brief(run: Run) -> str:
    """A run in half a sentence."""
    early, late = run.estimates["p_collapse_within_2y"], run.estimates["p_holds_20y"]
    if early.value is None or late.value is None:
        return (
            f"{_of_100(run, Estimate(*_last(run)))} of 100 still hold after {run.horizon:g} years."
        )
    return (
        f"{_of_100(run, early)}{bracketed(run, early)} of 100 collapse within two years, "
        f"{_of_100(run, late)}{bracketed(run, late)} hold for twenty years or longer."
    )


def _last(run: Run) -> tuple[float, float | None, None, None]:
    mcse = float(run.survival.mcse[-1])
    return float(run.survival.value[-1]), mcse if math.isfinite(mcse) else None, None, None


def _of_100(run: Run, e: Estimate) -> str:
    return digits.of_100(e.value, e.mcse, units(run))


def units(run: Run) -> int:
    """Independent units behind an estimate: its draws, or the trials of a single one."""
    return run.draws if run.draws > 1 else run.trials


def _median(run: Run) -> str:
    e = run.estimates["median_years"]
    spread = digits.span(e.p05, e.p95, run.draws, f"beyond {run.horizon:g}", 1)
    spread = f" ({spread} years)" if spread else ""
    if e.value is None:
        value, mcse, *_ = _last(run)
        doubt = 3.0 / units(run) if mcse is None or mcse == 0.0 else 2.0 * mcse
        if value - doubt <= 0.5:
            return (
                f"Whether more than half of them still hold after {run.horizon:g} years this run "
                "does not tell."
            )
        half = f" Over assumptions half are over after {spread[2:-1]}." if spread else ""
        return f"More than half of them still hold after {run.horizon:g} years.{half}"
    if e.mcse is None:
        shown = digits.significant(e.value, 1)
        shown += " year" if shown == "1" else " years"
        return f"Half of them are over after roughly {shown}{spread}."
    if e.value < 1.0:
        months = digits.with_error(12 * e.value, 12 * e.mcse, 1)
        return f"Half of them are over after {months} months{spread}."
    return f"Half of them are over after {digits.with_error(e.value, e.mcse, 1)} years{spread}."


def _why(run: Run) -> str:
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    (first, most), (second, next_most), *_ = ranked
    if not most.value:
        return "None of the simulated ceasefires collapsed."
    counts = ", ".join(
        f"{vocabulary.CAUSES.get(name, name)} {_of_100(run, e)}" for name, e in ranked
    )
    within = f"Of 100, within {run.horizon:g} years: {counts}."
    if _apart(most, next_most):
        return f"What ends it most often is {vocabulary.CAUSES.get(first, first)}. {within}"
    names = " and ".join(vocabulary.CAUSES.get(name, name) for name in (first, second))
    return (
        f"What ends it most often are {names}, whose difference is not significant in this run. "
        f"{within}"
    )


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether shares of one whole differ, however much one grows where the other shrinks."""
    if a.mcse is None or b.mcse is None or a.value is None or b.value is None:
        return False
    return a.value - b.value > ERRORS_APART * (a.mcse + b.mcse)


def _force(run: Run) -> str:
    target = run.plan.get("force", {}).get("target_troops", 0)
    cost, fill = run.estimates["cost_gbp"], run.estimates["fill_rate"]
    parts = []
    if target and fill.value is not None:
        share = digits.percent(fill.value, fill.mcse, 0)
        spread = digits.percent_span(fill.p05, fill.p95, run.draws)
        over = f" ({spread} over assumptions)" if spread else ""
        parts.append(
            f"The peak of a ceasefire is on average {share} %{over} of the {target:,} soldiers "
            "planned. Peaks come at different times, so fewer are there at any one time."
        )
    if cost.value:
        error = None if cost.mcse is None else 1e-9 * cost.mcse
        shown = digits.with_error(1e-9 * cost.value, error, 1)
        spread = digits.span(_billions(cost.p05), _billions(cost.p95), run.draws)
        over = f" ({spread} over assumptions)" if spread else ""
        parts.append(
            f"The soldiers alone, without aircraft, ships or arms, cost GBP {shown} billion on "
            f"average{over}."
        )
    return " ".join(parts)


def _billions(value: float | None) -> float | None:
    return None if value is None else 1e-9 * value


def _rests_on(run: Run) -> str:
    if not run.background.get("influence"):
        return ""
    of = run.background["influence"]["quantity"]
    clear = clear_influences(run)
    if not clear and not run.background["influence"]["ranked"]:
        return (
            "So few draws of the assumptions cannot tell which of them moves this most."
            if run.draws < FEWEST_DRAWS
            else ""
        )
    if not clear:
        return (
            "No single assumption stands out from Monte Carlo error in this run; more draws of the "
            "assumptions would tell more."
        )
    one = clear[0]
    meaning = vocabulary.assumption(one["name"])
    if one["choice"]:
        meaning = vocabulary.choice(one["name"])
    low, high = (_group(run, one["groups"][i], of) for i in (0, -1))
    unit = "of 100 hold for twenty years" if of == "p_holds_20y" else "years is the mean duration"
    return (
        f"The assumption that moves this most is “{meaning}” ({one['name']}): {low[0]}, {low[1]} "
        f"{unit}; {high[0]}, {high[1]}."
    )


def _group(run: Run, group: Mapping[str, Any], of: str) -> tuple[str, str]:
    e = Estimate(float(group["value"]), float(group["mcse"]), None, None)
    shown = (
        digits.of_100(e.value, e.mcse, int(group["draws"]))
        if of == "p_holds_20y"
        else digits.with_error(e.value, e.mcse, 1)
    )
    if group["middle"] is None:
        return f"with “{vocabulary.words(group['label'])}”", shown
    return (
        f"in the {group['label']} of the draws (about {digits.significant(group['middle'], 2)})",
        shown,
    )


def _how_sure(run: Run) -> str:
    name = "p_holds_20y" if run.estimates["p_holds_20y"].value is not None else "rmst_years"
    e, of = run.estimates[name], vocabulary.quantity(name)
    parts = []
    if e.mcse is None:
        parts.append("One draw gives no Monte Carlo error.")
    else:
        error = digits.error(of.factor * e.mcse)
        unit = "percentage points" if of.unit == "%" else of.unit
        moved = f"move “{of.title}” by about {error} {unit} (the Monte Carlo standard error)"
        parts.append(
            f"Two kinds of doubt are kept apart. More computing would {moved}."
            if run.draws > 1
            else f"More trials under this one set of assumptions would {moved}; under other sets "
            "it may be far from here."
        )
    spread = digits.span(
        None if e.p05 is None else of.factor * e.p05,
        None if e.p95 is None else of.factor * e.p95,
        run.draws,
        most=0 if of.unit == "%" else 4,
    )
    if spread:
        many = run.draws >= DRAWS_FOR_RANGE
        told = "nine in ten sets of assumptions give a number in that range, and " if many else ""
        parts.append(
            f"What nobody knows moves it from {spread} {of.unit}: {told}no computing narrows it."
        )
    if 1 < run.draws < DRAWS_FOR_RANGE:
        parts.append(
            f"Only {run.draws} sets of assumptions were drawn: read every range, and every error, "
            "as rough."
        )
    return " ".join(parts)
