"""Options that several commands share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click

DEFAULT_SEED: Final = 1
MAX_SEED: Final = 2**63 - 1
# kind of result -> the file that every folder of that kind holds
RESULTS: Final = {"run": "summary.json", "sweep": "plan.json", "comparison": "comparison.json"}

F = TypeVar("F", bound=Callable[..., Any])


def model_inputs(command: F) -> F:
    """``--book``, ``--set`` and ``--seed``."""
    command = click.option(
        "--seed",
        type=click.IntRange(0, MAX_SEED),
        default=DEFAULT_SEED,
        show_default=True,
        help="Plans run with the same seed meet the same luck.",
    )(command)
    command = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        help="Override a lever, an assumption (assumptions.NAME) or a choice (structure.CHOICE).",
    )(command)
    return click.option(
        "--book",
        help="Assumption book, a shipped name or a file [default: the scenario's, else blend].",
    )(command)


def draws_and_paths(command: F) -> F:
    """``--draws`` and ``--paths``."""
    command = click.option(
        "--paths",
        type=click.IntRange(1, 10**9),
        default=200,
        show_default=True,
        help="Paths of each draw.",
    )(command)
    return click.option(
        "--draws",
        type=click.IntRange(1, 10**7),
        default=1_000,
        show_default=True,
        help="Draws of the assumptions.",
    )(command)


@contextlib.contextmanager
def results_folder(out: Path | None, kind: str) -> Iterator[None]:
    """Make a folder for the results of the block; refuse one that holds results of another kind.

    It is made before hours of work, not after; if the block fails, what was made is taken away.
    """
    if out is None:
        yield
        return
    from simulator.storage.atomic import make_folder

    refuse_other_results(out, kind)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    make_folder(out)
    try:
        yield
    except BaseException:
        for folder in missing:
            with contextlib.suppress(OSError):  # somebody else's files are in it by now
                folder.rmdir()
        raise


def refuse_other_results(out: Path, kind: str) -> None:
    """Refuse a folder that holds results of another kind."""
    for other, file in RESULTS.items():
        if other != kind and (out / file).exists():
            raise click.BadParameter(
                f"{out} holds a {other}; choose another folder for a {kind}", param_hint="--out"
            )
