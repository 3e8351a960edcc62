"""A run in plain sentences, with no more digits and no more certainty than it has."""

from typing import Final

from simulator import number_format as numbers
from simulator.analysis.influence import FEWEST_DRAWS, Group
from simulator.outcomes.spread import DRAWS_FOR_RANGE, Estimate
from simulator.report.prose import names
from simulator.results.runs import Run
from simulator.vocabulary import CAUSES

ERRORS_APART: Final = 3.0  # standard errors between two numbers that are called different
LONG: Final = "p_holds_20y"


def sentences(run: Run) -> list[str]:
    """Paragraphs: what was found, how long it lasts, what it rests on, how sure it is."""
    # What the plan says by itself stands beside its levers.
    notes = [f"Note: {note}." for note in run.notes if note not in run.plan["notes"]]
    said = [*run.finding.splitlines(), _median(run), _causes(run), *notes, _rests_on(run)]
    return [paragraph for paragraph in [*said, _how_sure(run)] if paragraph]


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
                f"Whether more than half of the ceasefires hold after {run.horizon:g} years is not "
                "clear from so few simulations."
            )
        over = f" Over assumptions the median duration is {spread} years." if spread else ""
        return f"More than half of the ceasefires hold after {run.horizon:g} years.{over}"
    brackets = f" ({spread} years)" if spread else ""
    if e.mcse is None:
        shown = numbers.significant(e.value, 1)
        unit = "year" if shown == "1" else "years"
        return f"The median duration is roughly {shown} {unit}{brackets}."
    months = e.value < 1.0
    one = e.scaled(12.0) if months else e
    shown = numbers.with_error(one.value, one.mcse, 1)
    return f"The median duration is {shown} {'months' if months else 'years'}{brackets}."


def _causes(run: Run) -> str:
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    (_, first), (_, second), *_ = ranked
    if not first.value:
        return "None of the simulated ceasefires collapsed."
    counts = ", ".join(
        f"{CAUSES.get(name, name)} {numbers.of_100(e.value, e.mcse, units(run))}"
        for name, e in ranked
    )
    order = "" if _apart(first, second) else " The order of the first two is not significant."
    return f"Of 100 ceasefires, within {run.horizon:g} years: {counts}.{order}"


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether shares of one whole differ, however much one grows where the other shrinks."""
    if a.mcse is None or b.mcse is None or a.value is None or b.value is None:
        return False
    return a.value - b.value > ERRORS_APART * (a.mcse + b.mcse)


def _rests_on(run: Run) -> str:
    if run.background is None:
        return ""
    influence = run.background.influence
    clear, of = influence.clear, influence.quantity
    if not influence.ranked:
        few = "So few draws of the assumptions cannot tell which of them moves this most."
        return few if run.draws < FEWEST_DRAWS else ""
    if not clear:
        return (
            "No single assumption stands out from Monte Carlo error in this run; more draws of the "
            "assumptions would show more."
        )
    one = clear[0]
    low, high = (_group(one.groups[i], of) for i in (0, -1))
    unit = "of 100 hold for twenty years" if of == LONG else "years is the mean duration"
    return (
        f"The assumption that moves this most is “{names.meaning(one)}” ({one.name}): {low} "
        f"{unit}; {high}."
    )


def _group(group: Group, of: str) -> str:
    shown = (
        numbers.of_100(group.value, group.mcse, group.draws)
        if of == LONG
        else numbers.with_error(group.value, group.mcse, 1)
    )
    if group.middle is None:
        return f"with “{names.words(group.label)}”, {shown}"
    about = numbers.significant(group.middle, 2)
    return f"in the {group.label} of the draws (about {about}), {shown}"


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
