"""From simulated plans to the draws that decide between them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.addresses import REPLICATES
from simulator.analysis.run import Job
from simulator.books.book import POOL_CHOICE
from simulator.books.draws import NOT_ASKED, draw_assumptions
from simulator.decide.draws import Draws, is_choice
from simulator.estimates.paired import Rows, comparable, shared, values
from simulator.inputs import read_document
from simulator.model.compiled import IntArray


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
    like = next(iter(rows.values()))
    drawn: dict[str, Mapping[str, NDArray[Any]]] = {}
    apart: set[str] = set()
    for book in books:
        drawn[book], differing = _assumptions([table[p, book].job for p in plans], like.draws)
        apart |= differing

    def joined(name: str) -> NDArray[Any]:
        of = next(columns[name] for columns in drawn.values() if name in columns)
        lacking = np.full(of.size, NOT_ASKED if is_choice(of) else np.nan, of.dtype)
        return np.concatenate([columns.get(name, lacking) for columns in drawn.values()])

    names = sorted({name for columns in drawn.values() for name in columns} - apart)
    columns = {name: joined(name) for name in names}
    numbers = {name: of for name, of in columns.items() if not is_choice(of)}
    options = {name: taken for name, taken in columns.items() if name not in numbers}
    named = np.repeat(np.array(books, object), like.draws.size)
    taken = options.pop(POOL_CHOICE, np.full(named.size, NOT_ASKED, object))
    return Draws(
        plans=plans,
        names=tuple(numbers),
        values=np.stack(list(numbers.values()), axis=1),
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


def _assumptions(jobs: Sequence[Job], draws: IntArray) -> tuple[dict[str, NDArray[Any]], set[str]]:
    """Assumptions and choices of plans under one book, and the names of those that differ."""
    columns: dict[str, NDArray[Any]] = {}
    apart: set[str] = set()
    for job in jobs:
        one = draw_assumptions(job.book, job.scenario, job.seed, 0, int(draws[-1]) + 1)
        labels = {name: np.array(taken, object) for name, taken in one.labels.items()}
        for name, found in {**one.values, **labels}.items():
            first, other = columns.setdefault(name, found[draws]), found[draws]
            if not np.array_equal(first, other, equal_nan=name in one.values):
                apart.add(name)
    return columns, apart
