"""``simulator trace``: one path, event by event."""

import json
from typing import Final

import click

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.analysis.trace import SELECTORS, NoSuchPathError, PathTrace, find, trace_path
from simulator.cli.options import Given
from simulator.cli.tables import called, console, counted, say, terminal_width

DAYS_PER_YEAR: Final = 365.25
FIRST_DAYS: Final = 1.0 / 12.0  # years within which a date is given in days


def command(
    given: Given, scenario: str, draw: int | None, trial: int | None, pick: str | None
) -> None:
    """Trace the path and print it."""
    if pick is not None and trial is not None:
        raise click.UsageError("--pick finds a trial, --trial names one: give one of the two")
    ((plan, loaded),) = load_plans([scenario], given.book, given.sets)
    one = draw if draw is not None or pick is not None else 0
    first, last = (0, given.draws) if one is None else (one, one + 1)
    job = Job(plan, loaded, given.seed, last, given.trials)
    model, _ = compile_job(job, first, last)
    row, number = 0, trial or 0
    if pick is not None:
        try:
            row, number = find(model, given.trials, pick)
        except NoSuchPathError as error:
            raise click.UsageError(f"{error}; search more with --draws and --trials") from None
    names = {key: member.name for key, member in plan.contributors.items()}
    trace = trace_path(model, row, number, names)
    if given.as_json:
        about = {"scenario": plan.name, "book": loaded.name, "seed": given.seed}
        tree = about | {"pick": pick, "digest": job.digest} | trace.as_json()
        click.echo(json.dumps(tree, allow_nan=False))
        return
    out = console()
    say(out, f"{called(plan.title, plan.name)}, book {loaded.name}, seed {given.seed}")
    if pick is not None:
        searched = (last - first) * given.trials
        say(out, f"of {searched:,} paths, the one that {SELECTORS[pick][0]}:")
    _print(trace, model.horizon)


def _print(trace: PathTrace, horizon: float) -> None:
    click.echo(f"draw {trace.draw}, trial {trace.trial}\n")
    events = [("at the start", line) for line in trace.beginning]
    events += [(date(step.years), step.text) for step in trace.steps]
    margin = 20 * " "
    for when, what in events:
        wrapped = click.wrap_text(f"{what}.", terminal_width() or 10**6, margin, margin)
        click.echo(f"{when:>18}  {wrapped[len(margin) :]}")
    click.echo()
    if trace.cause is None:
        click.echo(f"After {horizon:g} years the ceasefire still holds.")
        return
    last = trace.steps[-1]
    total = sum(last.hazards.values())
    click.echo(
        f"It lasted {trace.years:.3g} years. At that moment, in the phase '{last.phase}',\n"
        f"the hazard of collapse was {total:.3g} a year:"
    )
    for cause, hazard in last.hazards.items():
        click.echo(f"  {cause:<12} {hazard:.3g} a year ({hazard / total:.0%})")


def date(years: float) -> str:
    """An age of the ceasefire: its day within the first month, later what is completed.

    >>> date(0.0), date(0.02), date(0.5), date(12.96)
    ('day 1', 'day 8', '6 months', '12 years 11 months')
    """
    if years < FIRST_DAYS:
        return f"day {int(years * DAYS_PER_YEAR) + 1}"
    whole, months = divmod(int(years * 12.0), 12)
    return " ".join(counted(n, unit) for n, unit in ((whole, "year"), (months, "month")) if n)
