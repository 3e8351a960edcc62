"""What the page is made of: plans under the same draws, and the controls that select draws."""

import json
import math
import shlex
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.books.book import POOL_CHOICE
from simulator.books.names import describe
from simulator.decide.draws import ADVISED, FEWEST, Draws, Floats, Labels, Mask, held, options_of
from simulator.decide.frontier import COST, PEACE, Frontier, frontier
from simulator.decide.information import information, terms
from simulator.decide.regret import decides
from simulator.inputs import InputError, Problem, did_you_mean, listed
from simulator.quantities import ALSO_HELD, COLLAPSED_BY, HELD_FOR
from simulator.report.prose.names import assumption, choice, words

AGES: Final = dict(sorted((COLLAPSED_BY | HELD_FOR | ALSO_HELD).items(), key=lambda item: item[1]))
DOZEN: Final = 12
FIRST: Final = (POOL_CHOICE, "view")  # controls of every page whose draws differ in them
CUTS: Final = (0.05, *np.arange(0.1, 0.95, 0.1).round(1).tolist(), 0.95)
NEAR: Final = 0.005  # of the draws, by which a cut may miss its share for the sake of fewer digits
FIFTHS: Final = (0.2, 0.8)
LADDER: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
BILLION: Final = 1e9
UNASKED: Final = 255  # code of a draw in which an assumption or a choice has no part


@dataclass(frozen=True, slots=True)
class Stop:
    """A place at which a control can stand; draws of the codes ``first`` to ``last`` are kept.

    ``given`` is the belief as `simulator.decide.draws` reads it, empty where nothing is believed;
    ``anew`` is the ``PATH=VALUE`` that simulates it, empty of a book, whose share is set apart.
    """

    label: str
    first: int
    last: int
    given: str = ""
    anew: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Control:
    """A control for one assumption, from its lowest draws to its highest, or for one choice.

    At the stop ``start`` all is as it was drawn; the stops ``ends`` are compared to say what the
    control moves. ``codes`` are of the draws, shape (D,).
    """

    name: str
    title: str
    unit: str
    kind: str
    stops: tuple[Stop, ...]
    start: int
    ends: tuple[int, ...]
    codes: NDArray[np.uint8]

    def holds(self, stop: int) -> Mask:
        """Draws that are kept at a stop."""
        if stop == self.start:
            return np.ones(self.codes.size, bool)
        one = self.stops[stop]
        return (self.codes >= one.first) & (self.codes <= one.last)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of which the page fills in the worth of peace and what is believed.

    ``head`` holds ``{worth}`` where the worth of peace stands, in GBP billion; ``books`` follow
    unless the books that are left follow. ``before``, ``between`` and ``tail`` are around beliefs.
    """

    head: str
    books: str
    before: str
    between: str
    tail: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan as the page names it; ``planned`` soldiers."""

    name: str
    title: str
    levers: Mapping[str, str]
    planned: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where the draws come from, as the page says it; ``plans`` in the order of the draws.

    ``again`` answers from the same draws what the page answers, ``anew`` simulates under what is
    believed; ``belief`` and ``setting`` say how a belief stands in the one, and a setting by path
    in the other. ``weigh`` stands in ``anew`` before and after the shares of the books of a pool;
    None where several books are simulated, of which those are named that are left.
    """

    title: str
    about: str
    plans: tuple[Shown, ...]
    again: Command
    anew: Command
    belief: Callable[[str], str]
    setting: Callable[[str], str]
    weigh: tuple[str, str] | None


@dataclass(frozen=True, eq=False, slots=True)
class Explored:
    """Plans, their draws and the controls; ``worths`` of peace in GBP billion, increasing."""

    draws: Draws
    source: Source
    controls: tuple[Control, ...]
    worths: tuple[float, ...]
    reference: str


def explored(draws: Draws, source: Source, reference: str | None = None) -> Explored:
    """Choose the controls for plans under the same draws.

    InputError of fewer than two plans, no such reference, or a horizon below 20 years.
    """
    problems = []
    if len(draws.plans) < 2:
        message = "a plan alone has nothing to be held against"
        problems.append(Problem(None, draws.plans[0], message, "name two plans, or a sweep"))
    if reference is not None and reference not in draws.plans:
        message = f"no plan of this name, known: {listed(draws.plans)}"
        problems.append(Problem(None, reference, message, did_you_mean(reference, draws.plans)))
    if not {PEACE, COST} <= set(draws.outcomes) or np.isnan(draws.outcomes[PEACE]).any():
        message = "plans are explored by whether they hold 20 years; this horizon ends before"
        problems.append(Problem(None, "horizon_years", message, "set it to 20 or more"))
    if draws.size < FEWEST:
        message = f"{draws.size} draws; fewer than {FEWEST} answer nothing"
        problems.append(Problem(None, "draws", message, f"simulate {ADVISED:,}"))
    if problems:
        raise InputError(problems)
    reached = {n: v for n, v in draws.outcomes.items() if np.isfinite(v).all()}
    whole = replace(draws, outcomes=reached)
    lines, choices, numbers = frontier(whole), whole.choices(), whole.numbers()
    # A dozen controls besides `FIRST`; none that only says in other words what another one says.
    controls: list[Control] = []
    for name in _deciding(whole, lines):
        if len(controls) == DOZEN + sum(one.name in FIRST for one in controls):
            break
        control = (
            _of_choice(name, choices[name])
            if name in choices
            else _of_number(whole, name, numbers[name])
        )
        if not any(_same(control, other) for other in controls):
            controls.append(control)
    worths = _ladder(lines.worths[0] / BILLION, lines.worths[-1] / BILLION)
    return Explored(whole, source, tuple(controls), worths, reference or draws.plans[0])


def _deciding(draws: Draws, lines: Frontier) -> list[str]:
    """Books and views, then the assumptions and choices that decide between plans, by how much.

    That is their value of information where the best plan changes, in parts of the largest there,
    then their share of the variance of the differences between plans that are best somewhere.
    """
    known = terms(draws)
    value, share = defaultdict[str, float](float), defaultdict[str, float](float)
    peace, cost = draws.outcomes[PEACE], draws.outcomes[COST]
    for change in lines.changes:
        worths = information(draws, (change.worth.value or 0.0) * peace - cost, known, {})
        most = worths[0].value.value or 1.0
        for one in worths:
            if one.shows:
                value[one.name] = max(value[one.name], (one.value.value or 0.0) / most)
    best = pairwise(map(draws.plans.index, lines.plans))
    for below, above in list(best) or ((0, i) for i in range(1, min(3, len(draws.plans)))):
        for found in decides(draws, peace[above] - peace[below], known):
            if found.clear or value.get(found.name):
                share[found.name] = max(share[found.name], found.share.value or 0.0)
    first = [name for name in FIRST if name in known]
    rest = sorted({*value, *share}.difference(first))
    return [*first, *sorted(rest, key=lambda name: (-value[name], -share[name]))]


def _same(one: Control, other: Control) -> bool:
    pairs = set(zip(one.codes.tolist(), other.codes.tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _of_choice(name: str, taken: Labels) -> Control:
    codes = np.full(taken.size, UNASKED, np.uint8)
    stops = [Stop("as the books weigh them", 0, UNASKED)]
    for i, option in enumerate(options_of(taken)):
        codes[taken == option] = i
        anew = "" if name == POOL_CHOICE else f"structure.{name}={option}"
        stops.append(Stop(words(str(option)), i, i, f"{name}={option}", anew))
    ends = tuple(range(1, len(stops)))
    return Control(name, choice(name), "", "choice", tuple(stops), 0, ends, codes)


def _of_number(draws: Draws, name: str, values: Floats) -> Control:
    absent = np.isnan(values)
    cuts = cuts_of(values)
    places = np.searchsorted([cut for _, cut in cuts], values).astype(np.uint8)
    last = len(cuts)

    def stop(given: str, label: str, share: float, first: int, last: int) -> Stop:
        _, (setting,) = held(draws, [f"{name}={given}"])
        label = f"{label} {100.0 * share:.0f} %)"
        return Stop(label, first, last, f"{name}={given}", shlex.split(setting)[1])

    low, high = [], []
    for i, (text, cut) in enumerate(cuts):
        share = float(np.mean(values[~absent] <= cut))
        low.append(stop(f"..{text}", f"at most {text} (lowest", share, 0, i))
        high.append(stop(f"{text}..", f"at least {text} (highest", 1.0 - share, i + 1, last))
    first, fifth = (
        min(range(last), key=lambda i: abs(np.mean(values <= cuts[i][1]) - q)) for q in FIFTHS
    )
    found = describe(name)
    return Control(
        name,
        assumption(name),
        found.unit if found else "",
        "assumption",
        (*low, Stop("as drawn", 0, UNASKED), *high),
        last,
        (first, last + 1 + fifth),
        np.where(absent, np.uint8(UNASKED), places),
    )


def cuts_of(values: Floats) -> list[tuple[str, float]]:
    """Numbers of few digits near `CUTS` of the values, none equal to one of them, increasing.

    >>> cuts_of(np.array([1.0, 1.0, 2.0]))
    [('1.5', 1.5)]
    """
    ordered = np.sort(values[~np.isnan(values)])
    found: dict[int, tuple[str, float]] = {}  # by how many values lie below
    for share in CUTS:
        near = np.quantile(ordered, (share - NEAR, share, share + NEAR))
        place = int(np.searchsorted(ordered, near[1], side="right"))
        if place == ordered.size:
            continue
        # With few distinct values, halfway to the next.
        ends = float(ordered[place - 1]), float(ordered[place])
        middle = sum(ends) / 2.0
        for wanted, low, high in ((near[1], near[0], near[2]), (middle, *ends)):
            texts = (f"{wanted:.{digits}g}" for digits in range(2, 18))
            cut = next((text for text in texts if low < float(text) < high), None)
            if cut is not None and not np.any(ordered == float(cut)):
                found.setdefault(int(np.searchsorted(ordered, float(cut))), (cut, float(cut)))
                break
    return [found[count] for count in sorted(found)]


def _ladder(low: float, high: float) -> tuple[float, ...]:
    """Round numbers from one to another."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = [float(f"{step * 10.0**decade:.2g}") for decade in decades for step in LADDER]
    return tuple(step for step in steps if low <= step <= high)


def shell_source(
    title: str,
    about: str,
    plans: Sequence[Shown],
    again: Sequence[str],
    anew: Sequence[str],
    books: Sequence[str],
    sizes: Sequence[str],
) -> Source:
    """A source whose commands are typed into a shell.

    ``again`` are the words after ``simulator decide`` that answer from the same draws; ``anew``
    (plans and settings), ``books`` and ``sizes`` (with the seed) those that simulate.
    """
    decide, worth = "simulator decide", f' --worth "{{worth}}e9 * {PEACE} - {COST}"'
    named = "".join(f" --book {shlex.quote(book)}" for book in books)
    return Source(
        title,
        about,
        tuple(plans),
        Command(f"{decide} {shlex.join(again)}{worth}", "", " --given ", "", ""),
        Command(f"{decide} {shlex.join(anew)}", named, " ", "", f" {shlex.join(sizes)}{worth}"),
        shlex.quote,
        lambda text: shlex.join(["--set", text]),
        None if len(books) > 1 else (f"--set 'structure.{POOL_CHOICE}={{", "}'"),
    )


def python_source(
    title: str, about: str, plans: Sequence[Shown], arguments: Mapping[str, Any]
) -> Source:
    """A source whose commands are Python, of a run called ``found``, made with these arguments."""
    sizes = "".join(f", {name}={value!r}" for name, value in arguments.items())
    worth = f'.decide("{{worth}}e9 * {PEACE} - {COST}"'
    names = json.dumps([one.name for one in plans])

    def setting(text: str) -> str:
        path, _, value = text.partition("=")
        value = value.replace("{uniform:", '{"uniform":') if "{" in value else json.dumps(value)
        return f"{json.dumps(path)}: {value}"

    run = f"}}) for one in {names}]{sizes}){worth})"
    return Source(
        title,
        about,
        tuple(plans),
        Command(f"found{worth}, given=[", "", "", ", ", "])"),
        Command("sim.run([sim.plan(one, {", "", "", ", ", run),
        json.dumps,
        setting,
        (f'"structure.{POOL_CHOICE}": {{', "}"),
    )
