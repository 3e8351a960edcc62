"""``simulator trace``: one path, event by event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click

from simulator.cli.options import model_inputs
from simulator.limits import MOST_DRAWS, MOST_TRIALS

if TYPE_CHECKING:
    from simulator.analysis.trace import PathTrace

# As in `simulator.analysis.trace`, which is not imported for --help; a test compares them.
SELECTORS: Final = (
    "collapse-early",
    "collapse-late",
    "longest",
    "typical",
    "eventful",
    "exodus",
    "backstop",
    "reinforced",
)
DAYS_PER_YEAR: Final = 365.25
FIRST_DAYS: Final = 1.0 / 12.0  # years within which a date is given in days


def _renamed(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    old = param.opts[0]
    if value is not None:
        raise click.UsageError(
            f"there is no {old}: a path is one trial of a draw; "
            f"write {old.replace('path', 'trial')} {value}"
        )


@click.command("trace")
@click.argument("scenario")
@model_inputs
@click.option(
    "--draw", type=click.IntRange(0, MOST_DRAWS - 1), help="Number of the draw [default: 0]."
)
@click.option(
    "--trial", type=click.IntRange(0, MOST_TRIALS - 1), help="Number of the trial [default: 0]."
)
@click.option("--pick", type=click.Choice(SELECTORS), help="Find a path worth reading instead.")
@click.option(
    "--draws",
    type=click.IntRange(1, MOST_DRAWS),
    default=100,
    show_default=True,
    help="Draws to search with --pick; with --draw, that one alone is searched.",
)
@click.option(
    "--trials",
    type=click.IntRange(1, MOST_TRIALS),
    default=2,
    show_default=True,
    help="Trials of each draw to search with --pick.",
)
@click.option("--path", hidden=True, expose_value=False, callback=_renamed)
@click.option("--paths", hidden=True, expose_value=False, callback=_renamed)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def trace_command(
    scenario: str,
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draw: int | None,
    trial: int | None,
    pick: str | None,
    draws: int,
    trials: int,
    as_json: bool,
) -> None:
    """Print one simulated ceasefire under SCENARIO (a shipped name or a file), event by event.

    Draws and trials have the numbers that they have in ``simulator run`` with the same seed: a
    trial is the world of that run, and one collapse that is possible in it.
    """
    if pick is not None and trial is not None:
        raise click.UsageError("--pick finds a trial, --trial names one: give one of the two")
    from simulator.analysis.inputs import load_plans

    ((plan, loaded),) = load_plans([scenario], book, sets)
    from simulator.analysis.run import Job, compile_job
    from simulator.analysis.trace import SELECTORS as WHICH
    from simulator.analysis.trace import NoSuchPathError, find, trace_path

    one = draw if draw is not None or pick is not None else 0
    first, last = (0, draws) if one is None else (one, one + 1)
    job = Job(plan, loaded, seed, last, trials)
    model, _ = compile_job(job, first, last)
    row, number = 0, trial or 0
    if pick is not None:
        try:
            row, number = find(model, trials, pick)
        except NoSuchPathError as error:
            raise click.UsageError(f"{error}; search more with --draws and --trials") from None
    names = {key: member.name for key, member in plan.contributors.items()}
    trace = trace_path(model, row, number, names)
    if as_json:
        about = {
            "scenario": plan.name,
            "book": loaded.name,
            "seed": seed,
            "pick": pick,
            "digest": job.digest,
        }
        click.echo(json.dumps(about | trace.as_json(), allow_nan=False))
        return
    from simulator.cli.tables import called, console, say

    out = console()
    say(out, f"{called(plan.title, plan.name)}, book {loaded.name}, seed {seed}")
    if pick is not None:
        say(out, f"of {(last - first) * trials:,} paths, the one that {WHICH[pick][0]}:")
    _print(trace, model.horizon)


def _print(trace: PathTrace, horizon: float) -> None:
    click.echo(f"draw {trace.draw}, trial {trace.trial}\n")
    for line in trace.beginning:
        _print_line("at the start", line)
    for step in trace.steps:
        _print_line(date(step.years), step.text)
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


def _print_line(when: str, what: str) -> None:
    from simulator.cli.tables import terminal_width

    margin = 20 * " "
    wrapped = click.wrap_text(f"{what}.", terminal_width() or 10**6, margin, margin)
    click.echo(f"{when:>18}  {wrapped[len(margin) :]}")


def date(years: float) -> str:
    """Write an age of the ceasefire: its day within the first month, later what is completed.

    Examples
    --------
    >>> date(0.0), date(0.02), date(0.5), date(12.96)
    ('day 1', 'day 8', '6 months', '12 years 11 months')
    """
    if years < FIRST_DAYS:
        return f"day {int(years * DAYS_PER_YEAR) + 1}"
    whole, months = divmod(int(years * 12.0), 12)
    parts = ((whole, "year"), (months, "month"))
    return " ".join(f"{number} {unit}{'s' * (number > 1)}" for number, unit in parts if number)
