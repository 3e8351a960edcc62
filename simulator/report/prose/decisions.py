"""A decision in plain sentences."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from simulator.decide.boxes import Limit, Quality
from simulator.decide.decision import Choice, Decision
from simulator.decide.draws import Value
from simulator.decide.frontier import Change, Frontier
from simulator.decide.information import Information
from simulator.number_format import share_of_draws, significant, value_and_error

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
        None if v is None else significant_decimal(v / scale)
        for v in (change.worth.value, change.low, change.high)
    )
    return f"{at}{word} ({low or '?'} to {high or '?'})"


def significant_decimal(value: float) -> str:
    """Text with three digits, zeros kept: ends of an interval side by side."""
    return f"{value:.1f}" if 10.0 <= abs(value) < 1_000.0 else f"{value:.3g}"


def answer(found: Decision) -> list[str]:
    """The answer: which plan, by how much, and what would change it."""
    said = []
    if (choice := found.choice) is not None:
        sure, ahead = choice.probability_best[choice.best], choice.margin
        share = share_of_draws(sure.value, sure.mcse, found.draws, 100.0)
        tied = abs(ahead.value or 0.0) < 2.0 * (ahead.mcse or 0.0)
        named = [f"{one.name} ({amount(one.value)})" for one in worth_knowing(choice)]
        knowing = (
            f"What could change the choice, and is worth finding out: {listed_most(named)}; "
            f"knowing everything, {amount(choice.evpi)}."
            if named
            else "No single assumption is worth finding out: none would change the choice by more "
            "than an error."
        )
        said.append(
            f"{choice.best} is worth most on average: {amount(ahead)} more than "
            f"{choice.second}{', which so few draws do not separate' if tied else ''}. It is "
            f"the best of all in {share} % of the draws. {knowing}"
        )
    if POOLED in found.frontier:
        said.append(frontier_sentence(found.frontier[POOLED]))
    return said


def frontier_sentence(frontier: Frontier) -> str:
    """Which plan is best for which worth of peace."""
    plans, upper = frontier.plans, upper_worths(frontier)
    if not upper:
        return f"{plans[0]} is the best plan on average whatever twenty years of peace are worth."
    return (
        "By what twenty years of peace are worth, the best plan on average is "
        f"{', '.join(upper)}, {plans[-1]} above."
    )


def upper_worths(frontier: Frontier) -> list[str]:
    """Up to which worth of peace each plan but the last is the best."""
    pairs = zip(frontier.plans, frontier.changes, strict=False)
    return [f"{plan} up to GBP {worth_at(change)}" for plan, change in pairs]


def details(found: Decision) -> list[str]:
    """What one would have to believe, where it fails, and who is never far wrong."""
    if (choice := found.choice) is None:
        return _enough(found)
    regret = choice.regret
    said = [*beliefs(choice), *_box(choice)]
    if regret.minimax is not None:
        worst = regret.worst[regret.minimax]
        most = "it is best under every book and option"
        if worst.choice:
            most = f"at most {amount(worst.regret)}, under {worst.choice} {worst.option}"
        said.append(f"Least regret whoever is right: {regret.minimax}; {most}.")
    nothing = sum(one.nothing for one in singles(choice))
    said.append(
        f"{nothing} of {len(singles(choice))} assumptions and choices are worth nothing to find "
        "out: less than 1 % of the first."
    )
    return said + _enough(found)


def beliefs(choice: Choice) -> list[str]:
    """At which value of an assumption another plan is the better one."""
    said = []
    for belief in choice.beliefs:
        neighbours = pairwise(belief.stretches) if belief.kind == "assumption" else ()
        for switch, (below, above) in zip(belief.switches, neighbours, strict=True):
            rising = switch.below == choice.best
            other, where = (switch.above, above) if rising else (switch.below, below)
            if not clear(where.gain):
                continue
            side = "above" if rising else "below"
            said.append(
                f"One would have to believe {belief.name} {side} {amount(switch.at)} for "
                f"{other} to be the better plan ({significant(100 * where.share, 2)} % of the "
                "draws)."
            )
        away = [s for s in belief.stretches if s.option and clear(s.gain)]
        said += [f"Under {belief.name} {s.option}: {s.plan}." for s in away]
    return said


def clear(gain: Value) -> bool:
    """Whether a gain exceeds two of its errors."""
    return (gain.value or 0.0) > 2.0 * (gain.mcse or 0.0)


def _box(choice: Choice) -> list[str]:
    if (box := choice.worse) is None:
        return []
    where = " and ".join(limit_text(limit) for limit in box.limits)
    cover, dense, base = box_shares(box.judged)
    return [
        f"{choice.best} is worth less than {choice.second} in {base} % of the draws; where "
        f"{where}, in {dense} %, and that is {cover} % of all such draws."
    ]


def box_shares(found: Quality) -> tuple[str, str, str]:
    """Per cent: of the cases that are in a box, of draws in it that are cases, of all draws."""
    shares = found.coverage or 0.0, found.density or 0.0, found.cases / found.draws
    cover, dense, base = (significant(100.0 * share, 2) for share in shares)
    return cover, dense, base


def limit_text(limit: Limit) -> str:
    """One restriction of a box."""
    name, low, high = limit.name, limit.low, limit.high
    if limit.options:
        return f"{name} is {' or '.join(limit.options)}"
    ends = [None if v is None else significant(v, 3) for v in (low, high)]
    if None not in ends:
        return f"{name} is from {ends[0]} to {ends[1]}"
    return f"{name} is above {ends[0]}" if high is None else f"{name} is below {ends[1]}"


def _enough(found: Decision) -> list[str]:
    if (enough := found.enough) is None:
        return []
    reached = enough.reached
    nearest = max(reached, key=lambda plan: reached[plan].value or 0.0)
    good = ", ".join(enough.plans) or f"none; nearest {nearest}"
    share = significant(100.0 * (reached[nearest].value or 0.0), 2)
    return [
        f"Good enough (holds twenty years with at least {enough.least:g} in "
        f"{100 * enough.share:g} % of the draws): {good}, in {share} %."
    ]


def singles(choice: Choice) -> list[Information]:
    """Values of information of single assumptions and choices, the largest first."""
    return [one for one in choice.information if one.kind != "group"]


def worth_knowing(choice: Choice) -> list[Information]:
    """Those single assumptions and choices whose value exceeds its error, and is not nothing."""
    return [one for one in singles(choice) if one.shows]


def listed_most(words: Sequence[str]) -> str:
    """The first of some words, and how many more there are."""
    more = len(words) - MOST_NAMED
    return ", ".join(words[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
