"""``simulator trace``: one path as a dated story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from simulator.cli.options import model_inputs

if TYPE_CHECKING:
    from simulator.analysis.trace import Story

# Also in simulator.analysis.trace, which is not imported to print the help.
PICKS = (
    "collapse-early",
    "collapse-late",
    "longest",
    "typical",
    "eventful",
    "exodus",
    "backstop",
    "reinforced",
)
DAYS_PER_YEAR = 365.25
FIRST_DAYS = 1.0 / 12.0  # years within which a date is given in days


@click.command("trace")
@click.argument("scenario")
@model_inputs
@click.option("--draw", type=click.IntRange(0, 10**7), help="Number of the draw [default: 0].")
@click.option("--path", type=click.IntRange(0, 10**9), help="Number of the path [default: 0].")
@click.option("--pick", type=click.Choice(PICKS), help="Find a path worth telling instead.")
@click.option(
    "--draws",
    type=click.IntRange(1, 10**6),
    default=100,
    show_default=True,
    help="Draws to search with --pick; with --draw, that one alone is searched.",
)
@click.option(
    "--paths",
    type=click.IntRange(1, 10**7),
    default=100,
    show_default=True,
    help="Paths of each draw to search with --pick.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def trace_command(
    scenario: str,
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draw: int | None,
    path: int | None,
    pick: str | None,
    draws: int,
    paths: int,
    as_json: bool,
) -> None:
    """Tell one simulated ceasefire under SCENARIO (a shipped name or a file), event by event.

    Numbers of draws and paths are those of ``simulator run`` with the same seed.
    """
    if pick is not None and path is not None:
        raise click.UsageError("--pick finds a path; --path names one: give one of the two")
    from simulator.analysis.inputs import load_plans

    ((plan, loaded),) = load_plans([scenario], book, sets)
    from simulator.analysis.run import Job, compile_job
    from simulator.analysis.trace import PICKS as WHAT
    from simulator.analysis.trace import NoSuchPathError, find, tell

    one = draw if draw is not None or pick is not None else 0
    first, last = (0, draws) if one is None else (one, one + 1)
    model, _ = compile_job(Job(plan, loaded, seed, last, paths), first, last)
    row, number = 0, path or 0
    if pick is not None:
        try:
            row, number = find(model, paths, pick)
        except NoSuchPathError as error:
            raise click.UsageError(f"{error}; search more with --draws and --paths") from None
    names = {key: member.name for key, member in plan.contributors.items()}
    story = tell(model, row, number, names)
    if as_json:
        about = {"scenario": plan.name, "book": loaded.name, "seed": seed, "pick": pick}
        click.echo(json.dumps(about | story.as_json(), ensure_ascii=False, allow_nan=False))
        return
    click.echo(f"{plan.title} [{plan.name}], book {loaded.name}, seed {seed}")
    if pick is not None:
        click.echo(f"of {(last - first) * paths:,} paths the one that {WHAT[pick][0]}:")
    _print(story, model.horizon)


def _print(story: Story, horizon: float) -> None:
    click.echo(f"draw {story.draw}, path {story.path}\n")
    for line in story.beginning:
        click.echo(f"{'first day':>12}  {line}.")
    for step in story.steps:
        click.echo(f"{date(step.years):>12}  {step.text}.")
    click.echo()
    if story.cause is None:
        click.echo(f"After {horizon:g} years the ceasefire still holds.")
        return
    last = story.steps[-1]
    total = sum(last.hazards.values())
    click.echo(f"It lasted {story.years:.3g} years. At that moment the hazard of collapse was")
    click.echo(f"{total:.3g} a year, in the phase '{last.phase}':")
    for cause, hazard in last.hazards.items():
        click.echo(f"  {cause:<12} {hazard:.3g} a year ({hazard / total:.0%})")


def date(years: float) -> str:
    """Write a time since the ceasefire for people.

    Examples
    --------
    >>> date(0.02), date(0.5), date(12.96)
    ('day 7', '6 months', '12 y 11 m')
    """
    if years < FIRST_DAYS:
        return f"day {int(years * DAYS_PER_YEAR)}"
    whole, months = divmod(int(years * 12.0), 12)
    return f"{whole} y {months} m" if whole else f"{months} months"
