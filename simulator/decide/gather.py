"""From simulated plans to the draws that decide between them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.addresses import REPLICATES
from simulator.analysis.run import Job, tally_draws
from simulator.books.book import POOL_CHOICE
from simulator.books.draws import NOT_ASKED, draw_assumptions
from simulator.decide.decision import Decision, decide
from simulator.decide.draws import Draws, Floats, Labels
from simulator.estimates.paired import Rows, comparable, rows_of, shared, values
from simulator.inputs import read_document


@dataclass(frozen=True, eq=False, slots=True)
class Simulated:
    """A plan under one book, and what came of it."""

    plan: str
    job: Job
    rows: Rows


@cache
def groups() -> dict[str, list[str]]:
    """Return patterns of the names that are asked for together."""
    read: dict[str, list[str]] = read_document(Path(__file__).with_name("groups.yaml")).value
    return read


def groups_of(names: Collection[str]) -> dict[str, list[str]]:
    """Return the names that belong to each of `groups`; `book` and `view` belong to none."""
    found: dict[str, list[str]] = {group: [] for group in groups()}
    for name in names:
        for group, patterns in groups().items():
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                found[group].append(name)
                break
    return {group: members for group, members in found.items() if members}


def gather(simulated: Sequence[Simulated], more: Iterable[str] = ()) -> Draws:
    """Put plans side by side under the same draws of their assumptions.

    What only some plans have, such as a contributor, is kept. What differs between plans in any
    draw, since a plan sets it, is part of what the plan is: it is left out, and named in `apart`.
    Several books stand for as many world views of equal weight: their draws follow one another.
    ``more`` names outcomes of `simulator.quantities.ALSO_HELD` to have besides.

    Raises `ValueError` if plans have different seeds, draws, trials or horizons, or not all were
    simulated under the same books.
    """
    plans = tuple(dict.fromkeys(one.plan for one in simulated))
    books = tuple(dict.fromkeys(one.job.book.name for one in simulated))
    table = {(one.plan, one.job.book.name): one for one in simulated}
    if len(table) < len(simulated) or len(table) < len(plans) * len(books):
        raise ValueError("every plan is needed once under every book")
    if len({(one.job.seed, one.rows.horizon) for one in simulated}) > 1:
        raise ValueError("only plans with one seed and one horizon can be decided between")
    # Each plan once under each book, with the draws that all have.
    rows = dict(zip(table, shared([one.rows for one in table.values()]), strict=True))
    drawn = {}
    apart: set[str] = set()
    for book in books:
        drawn[book], differing = _assumptions([table[plan, book].job for plan in plans], rows)
        apart |= differing
    names = sorted({name for values, _ in drawn.values() for name in values} - apart)
    choices = sorted({name for _, options in drawn.values() for name in options} - apart)
    like = next(iter(rows.values()))
    size = like.draws.size
    unknown, lacking = np.full(size, np.nan), np.full(size, NOT_ASKED, object)
    options = {
        choice: np.concatenate([drawn[book][1].get(choice, lacking) for book in books])
        for choice in choices
    }
    numbers = [
        np.concatenate([drawn[book][0].get(name, unknown) for book in books]) for name in names
    ]
    named = np.repeat(np.array(books, object), size)
    taken = options.pop(POOL_CHOICE, np.full(named.size, NOT_ASKED, object))
    return Draws(
        plans=plans,
        names=tuple(names),
        values=np.stack(numbers, axis=1),
        options=options,
        outcomes={
            name: np.array(
                [np.concatenate([values(rows[p, b], name) for b in books]) for p in plans]
            )
            for name in (*comparable([like.horizon]), *more)
        },
        book=np.where(taken == NOT_ASKED, named, taken),
        replicate=np.tile(like.draws % REPLICATES, len(books)),
        trials=like.trials,
        apart=tuple(sorted(apart)),
    )


def _assumptions(
    jobs: Sequence[Job], rows: Mapping[Any, Rows]
) -> tuple[tuple[dict[str, Floats], dict[str, Labels]], set[str]]:
    """Assumptions and choices of plans under one book, and the names of those that differ."""
    numbers: dict[str, Floats] = {}
    options: dict[str, Labels] = {}
    apart: set[str] = set()
    draws = next(iter(rows.values())).draws
    for job in jobs:
        one = draw_assumptions(job.book, job.scenario, job.seed, 0, int(draws[-1]) + 1)
        for name, found in one.values.items():
            taken = found[draws]
            if not np.array_equal(numbers.setdefault(name, taken), taken, equal_nan=True):
                apart.add(name)
        for name, labels in one.labels.items():
            option = np.array(labels, object)[draws]
            if not np.array_equal(options.setdefault(name, option), option):
                apart.add(name)
    return (numbers, options), apart


def decide_plans(
    jobs: Mapping[str, Job],
    worth: str | None = None,
    beliefs: Sequence[str] = (),
    on_progress: Callable[[int], None] | None = None,
) -> Decision:
    """Simulate plans, by name, in this process and decide between them; see `decide`, `gather`."""
    draws = gather(
        [
            Simulated(plan, job, rows_of(tally_draws(job, 0, job.draws, on_progress)))
            for plan, job in jobs.items()
        ]
    )
    return decide(draws, worth, groups=groups_of([*draws.names, *draws.options]), beliefs=beliefs)
