"""An exhibit: one figure, what it shows in words, and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from simulator.outcomes.curves import TRIALS_FOR_RANGE
from simulator.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.report.frame import Heading

MOST_NAMED: Final = 9  # plans in the line under a figure

# From a width in pixels and what stands around it (None: nothing) to a figure.
Draw = Callable[[float, "Heading | None"], "Figure"]


@dataclass(frozen=True)
class Exhibit:
    """Something to look at.

    Attributes
    ----------
    kind : str
        As ``simulator plot`` calls it.
    title : str
    description : str
        What is drawn and how to read it, for those who see it and for those who do not.
    draw : callable
    table : Table
        The numbers drawn.
    source : str
        Which plans, which book, which run: the line under a figure.
    """

    kind: str
    title: str
    description: str
    draw: Draw
    table: Table
    source: str = ""

    def figure(self, narrow: bool = False) -> Figure:
        """The figure as it stands by itself, under its title and above its source."""
        from simulator.report.canvas import NARROW, WIDE
        from simulator.report.frame import Heading

        return self.draw(NARROW if narrow else WIDE, Heading(self.title, self.source))


def sourced(exhibits: Iterable[Exhibit], source: str) -> Iterator[Exhibit]:
    """The exhibits, each with where it comes from."""
    return (replace(one, source=source) for one in exhibits)


def source_line(
    plans: Sequence[str], books: Sequence[str], seed: int, size: str, digest: str = ""
) -> str:
    """What a figure must say when it is taken out of its page.

    Examples
    --------
    >>> source_line(["no-force"], ["blend"], 1, "1 draw x 100 trials")
    'no-force, book blend; seed 1, 1 draw x 100 trials'
    """
    more = f" and {len(plans) - MOST_NAMED} more" if len(plans) > MOST_NAMED else ""
    words = [", ".join(plans[:MOST_NAMED]) + more]
    words += [f"book {' and '.join(books)}"] if books else []
    return f"{', '.join(words)}; seed {seed}, {size}" + (f", {digest}" if digest else "")


def gap_of(trials: int) -> str:
    """Why a figure has no bar; empty of a run with trials enough for every range.

    Examples
    --------
    >>> gap_of(4), gap_of(16)
    ('no bar: it needs --trials 16', '')
    """
    return "" if trials >= TRIALS_FOR_RANGE else f"no bar: it needs --trials {TRIALS_FOR_RANGE}"


def of_few_trials(trials: int) -> str:
    """What stands under an exhibit of paired differences whose draws have too few trials."""
    if trials >= TRIALS_FOR_RANGE:
        return ""
    return (
        " Ranges over assumptions and shares of draws are left out: with fewer than "
        f"{TRIALS_FOR_RANGE} trials a draw they would hold the scatter of the trials too."
    )


def size_line(draws: int, trials: int) -> str:
    """How large a run is.

    Examples
    --------
    >>> size_line(1, 1000)
    '1 draw x 1,000 trials'
    """
    sizes = ((draws, "draw"), (trials, "trial"))
    return " x ".join(f"{n:,} {what}{'s' if n != 1 else ''}" for n, what in sizes)
