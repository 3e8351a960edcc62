"""A decision in sentences: these are in ``templates/said``, how numbers are written is here."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from simulator.decide.boxes import Quality
from simulator.decide.decision import Choice, Decision
from simulator.decide.draws import Value
from simulator.decide.frontier import Change, Frontier
from simulator.decide.information import Information
from simulator.number_format import significant, value_and_error
from simulator.templates import paragraphs

POOLED: Final = "pooled"
MOST_NAMED: Final = 3
_SCALES: Final = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))


def amount(one: Value) -> str:
    """A value with its error in words.

    >>> amount(Value(3.8731e9, 0.189e9)), amount(Value(-2.5, None))
    ('3.87 ± 0.19 billion', '-2.5')
    """
    value, mcse = one.value, one.mcse
    if value is None:
        return "unknown"
    scale, word = scale_of([max(abs(value), mcse or 0.0)])
    shown, error = value_and_error(value / scale, None if mcse is None else mcse / scale)
    return f"{shown} ± {error}{word}" if mcse else f"{shown}{word}"


def scale_of(values: Iterable[float]) -> tuple[float, str]:
    """The unit in which the largest of some values is written, and its word.

    >>> scale_of([2e6, 3e9]), scale_of([0.2])
    ((1000000000.0, ' billion'), (1.0, ''))
    """
    size = max(map(abs, values), default=0.0)
    return next(((s, w) for s, w in _SCALES if size >= s), (1.0, ""))


def worth_at(change: Change) -> str:
    """Where the best plan changes, with its interval.

    >>> worth_at(Change(Value(17.84e9, 0.4e9), 17.02e9, None, "a", "b"))
    '17.8 billion (17.0 to ?)'
    """
    scale, word = scale_of([change.worth.value or 0.0])
    at, low, high = (
        "?" if v is None else _three_digits(v / scale)
        for v in (change.worth.value, change.low, change.high)
    )
    return f"{at}{word} ({low} to {high})"


def _three_digits(value: float) -> str:
    """Zeros kept: ends of an interval stand side by side."""
    return f"{value:.1f}" if 10.0 <= abs(value) < 1_000.0 else f"{value:.3g}"


def _said(template: str, **context: Any) -> list[str]:
    words = {"amount": amount, "worth_at": worth_at, "pooled": POOLED}
    return paragraphs("simulator.report", f"said/{template}", **words, **context)


def answer(found: Decision) -> list[str]:
    """The answer: which plan, by how much, and what would change it."""
    worth = worth_knowing(found.choice) if found.choice else []
    named = listed_most([f"{one.name} ({amount(one.value)})" for one in worth])
    return _said("answer", found=found, named=named)


def frontier_sentence(frontier: Frontier) -> str:
    """Which plan is best for which worth of peace."""
    return _said("frontier", frontier=frontier)[0]


def details(found: Decision) -> list[str]:
    """What one would have to believe, where it fails, and who is never far wrong."""
    reached = found.enough.reached if found.enough else {}
    nearest = max(reached, key=lambda plan: reached[plan].value or 0.0, default="")
    return _said("details", found=found, nearest=nearest, shares=box_shares)


def box_shares(found: Quality) -> tuple[str, ...]:
    """Per cent: of the cases that are in a box, of draws in it that are cases, of all draws."""
    shares = found.coverage or 0.0, found.density or 0.0, found.cases / found.draws
    return tuple(significant(100.0 * share, 2) for share in shares)


def worth_knowing(choice: Choice) -> list[Information]:
    """Single assumptions and choices whose value exceeds its error, and is not nothing."""
    return [one for one in choice.information if one.kind != "group" and one.shows]


def listed_most(words: Sequence[str]) -> str:
    """The first of some words, and how many more there are."""
    more = len(words) - MOST_NAMED
    return ", ".join(words[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
