"""The whole reader against random inputs: it accepts or raises `InputError`, with a place, soon.

A few hundred inputs in every run, 100,000 with ``-m long``. Each is made by its chunk's seed alone:
the message of a failure gives the chunk and the number, and the input.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from simulator.analysis.inputs import plan_problems
from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.evidence.usercsv import Named, read_spells
from simulator.inputs import InputError, read_document, shipped
from simulator.scenario import load_tolerantly, resolve_tolerantly
from simulator.sweeps import planning
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan
from tests.fuzz.inputs import columns_named, file_of, option, spells_of, texts_of
from tests.inputs.applying import apply_sets

# Of this process's own time, which the load of the machine does not change much.
SECONDS = 1.0
SECONDS_OF_GRID = 4.0  # the longest range that is allowed, 100,000 steps, takes one to two
MEGABYTES = 200
# A valid sweep is planned in full if it is small: planning 10,000 points is no reading.
MOST_POINTS = 200

SEED = 20250220


@pytest.fixture(autouse=True)
def _shipped_books_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take half a second, the same for every sweep."""
    _warm_up()
    monkeypatch.setattr(planning, "load_book", _loaded)


@cache
def _loaded(name: str | Path) -> Book:
    return load_book(name)


@cache
def _warm_up() -> None:
    """Import what a first sample needs, so that no input pays for it."""
    import scipy.stats.qmc  # noqa: F401


@cache
def _texts(kind: str) -> list[str]:
    return texts_of(kind)


def _read_plan(path: Path) -> None:
    draft = load_tolerantly(path)
    problems = plan_problems(draft, _loaded("blend"))
    if problems:
        raise InputError(problems)


def _read_sweep(path: Path) -> None:
    sweep = load_sweep(path)
    if sweep.problems or sweep.design.size <= MOST_POINTS:
        make_plan(sweep)


def _files(kind: str, read: Callable[[Path], object]) -> Callable[..., tuple[object, object]]:
    def one(chance: random.Random, folder: Path) -> tuple[bytes, Callable[[], object]]:
        data = file_of(kind, _texts(kind), chance)
        path = folder / "input.yaml"
        path.write_bytes(data)
        return data, lambda: read(path)

    return one


def _set(chance: random.Random, folder: Path) -> tuple[list[str], Callable[[], object]]:
    sets = [option(chance) for _ in range(chance.choice([1, 1, 2, 3]))]

    def read() -> None:
        library = shipped("scenarios")
        document = apply_sets(read_document(library / "no-force.yaml", library), sets)
        problems = plan_problems(resolve_tolerantly("no-force", document), _loaded("blend"))
        if problems:
            raise InputError(problems)

    return sets, read


def _grid(chance: random.Random, folder: Path) -> tuple[object, Callable[[], object]]:
    sets, grids = ([option(chance) for _ in range(chance.randint(0, 2))] for _ in range(2))

    def read() -> None:
        sweep = load_sweep("backstop-components", sets, grids)
        if sweep.problems or sweep.design.size <= MOST_POINTS:
            make_plan(sweep)

    return (sets, grids), read


def _spells(chance: random.Random, folder: Path) -> tuple[object, Callable[[], object]]:
    data = spells_of(chance)
    named = columns_named(chance) if chance.random() < 0.2 else {}
    path = folder / "spells.csv"
    path.write_bytes(data)
    return (data, named), lambda: read_spells(path, Named(**named))


KINDS = {
    "plan": _files("scenario", _read_plan),
    "sweep": _files("sweep", _read_sweep),
    "book": _files("book", load_book),
    "set": _set,
    "grid": _grid,
    "spells": _spells,
}


def _largest() -> float:
    """Return the most memory that this process has used, in MB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)


def check(kind: str, chunk: int, count: int, folder: Path) -> tuple[int, int]:
    """Read `count` inputs of a chunk; return how many were accepted and refused."""
    chance = random.Random(f"{SEED} {kind} {chunk}")
    accepted = refused = 0
    _loaded("blend")
    for number in range(count):
        shown, read = KINDS[kind](chance, folder)
        before, began = _largest(), time.process_time()
        try:
            read()
            accepted += 1
        except InputError as error:
            refused += 1
            _check_problems(error)
        except BaseException as error:
            raise AssertionError(f"{kind} {chunk}:{number}: {error!r}\n{shown!r}") from error
        took, grew = time.process_time() - began, _largest() - before
        assert took < (SECONDS_OF_GRID if kind == "grid" else SECONDS), (
            f"{kind} {chunk}:{number} took {took:.2f} s\n{shown!r}"
        )
        assert grew < MEGABYTES, f"{kind} {chunk}:{number} took {grew:.0f} MB\n{shown!r}"
    return accepted, refused


def _check_problems(error: InputError) -> None:
    assert error.problems
    assert "\x1b" not in error.render()
    for problem in error.problems:
        place = problem.position
        assert problem.message
        if place is None:  # a file that cannot be read at all, or a name of nothing
            assert problem.path
            continue
        assert place.file
        assert place.line >= 1
        assert 1 <= place.column <= len(place.text) + 1


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
def test_a_few_hundred_inputs(kind: str, tmp_path: Path) -> None:
    accepted, refused = check(kind, 0, 60 if kind == "book" else 120, tmp_path)
    # Neither all noise nor all well: both sides of the reader are reached.
    assert accepted > 0
    assert refused > accepted / 10


# Sweeps cost ten times what a plan does.
CHUNKS = 20
IN_A_CHUNK = {
    "plan": 1_400, "set": 1_400, "book": 800, "sweep": 400, "grid": 400, "spells": 600,
}  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("chunk", range(1, CHUNKS + 1))
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_inputs(kind: str, chunk: int, tmp_path: Path) -> None:
    assert CHUNKS * sum(IN_A_CHUNK.values()) == 100_000
    check(kind, chunk, IN_A_CHUNK[kind], tmp_path)
