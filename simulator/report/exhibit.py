"""An exhibit: one figure, what it shows in words, and its numbers; the register of all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.estimates.outcome import TRIALS_FOR_RANGE
from simulator.number_format import counted
from simulator.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.report.frame import Frame

MOST_NAMED: Final = 9  # plans in the line under a figure
SUBJECTS: Final = ("run", "runs", "compare", "decide", "sweep", "trace")  # of how many plans, ...


@dataclass(frozen=True)
class Exhibit:
    """Something to look at; its description is for those who see it and for those who do not."""

    title: str
    description: str
    draw: Callable[[Frame], Figure]
    table: Table
    kind: str = ""
    source: str = ""  # which plans, which book, which run: the line under a figure

    def figure(self, narrow: bool = False) -> Figure:
        """The figure as it stands by itself, under its title and above its source."""
        from simulator.report.canvas import NARROW, WIDE
        from simulator.report.frame import Frame

        return self.draw(Frame(NARROW if narrow else WIDE, self.title, self.source))


def exhibit(text: str, draw: Callable[[Frame], Figure], numbers: Table, **facts: Any) -> Exhibit:
    """An exhibit with what ``templates/figures`` says of it: its title, and its description."""
    from simulator.report.prose import names
    from simulator.templates import paragraphs

    known = {"names": names, "least": TRIALS_FOR_RANGE, **facts}
    title, *described = paragraphs("simulator.report", f"figures/{text}", **known)
    return Exhibit(title, " ".join(described), draw, numbers)


Make = Callable[[Any], Exhibit | None]


class Kind(NamedTuple):
    """A kind of figure: what it shows, of which results, and where it stands among theirs."""

    name: str
    shows: str
    of: str
    place: int
    make: Make

    @property
    def command(self) -> str:
        """Whose results show it."""
        return "run" if self.of == "runs" else self.of


_KINDS: Final[list[Kind]] = []


def kind(name: str, shows: str, of: str, place: int) -> Callable[[Make], Make]:
    """Register a function that makes an exhibit of one of `SUBJECTS`, or None if there is none."""

    def register(make: Make) -> Make:
        _KINDS.append(Kind(name, shows, of, place, make))
        return make

    return register


def kinds() -> dict[str, Kind]:
    """Every kind of figure by name, in the order of reports."""
    found: dict[str, Kind] = {}
    for one in _registered():  # some are made of one plan and of several
        found.setdefault(one.name, one)
    return found


def _registered() -> list[Kind]:
    """What the modules of `simulator.report.figures` register, in the order of reports."""
    from simulator.report import figures

    for module in iter_modules(figures.__path__):
        import_module(f"{figures.__name__}.{module.name}")
    return sorted(_KINDS, key=lambda one: (SUBJECTS.index(one.of), one.place))


def exhibits(of: str, subject: object, source: str) -> Iterator[Exhibit]:
    """Everything that can be shown of a result, in the order of a report."""
    for one in _registered():
        if one.of == of and (made := one.make(subject)) is not None:
            yield replace(made, kind=one.name, source=source)


def source_line(
    plans: Sequence[str], books: Sequence[str], seed: int, size: str, digest: str = ""
) -> str:
    """What a figure must say when it is taken out of its page.

    >>> source_line(["no-force"], ["blend"], 1, "1 draw x 100 trials")
    'no-force, book blend; seed 1, 1 draw x 100 trials'
    """
    more = f" and {len(plans) - MOST_NAMED} more" if len(plans) > MOST_NAMED else ""
    words = [", ".join(plans[:MOST_NAMED]) + more]
    words += [f"book {' and '.join(books)}"] if books else []
    return f"{', '.join(words)}; seed {seed}, {size}" + (f", {digest}" if digest else "")


def size_line(draws: int, trials: int) -> str:
    """How large a run is.

    >>> size_line(1, 1000)
    '1 draw x 1,000 trials'
    """
    return f"{counted(draws, 'draw')} x {counted(trials, 'trial')}"


def gap_of(trials: int) -> str:
    """Why a figure has no bar; empty of a run with trials enough for every range."""
    return "" if trials >= TRIALS_FOR_RANGE else f"no bar: it needs --trials {TRIALS_FOR_RANGE}"
