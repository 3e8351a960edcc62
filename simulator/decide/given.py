"""Believing otherwise without running again: the draws in which what is given holds.

``hr.presence=..0.4`` gives an assumption a highest value, ``hr.presence=0.3..0.4`` a range, and
``reference_class=interstate_new_war`` a structural choice its option. Several hold together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulator.decide.draws import BOOK, FEWEST, Draws, Floats, Mask, options_of
from simulator.inputs import InputError, Position, Problem, did_you_mean, listed

SOURCE: Final = "--given"
# Draws that are simulated anew where so few are left: enough for all that is asked of them.
ADVISED: Final = 4_096


def given(draws: Draws, beliefs: Sequence[str], source: str = SOURCE) -> Draws:
    """Keep the draws in which all beliefs hold.

    Raises `InputError` with everything that is wrong with the beliefs; or if fewer than `FEWEST`
    draws are left, with what to run instead.
    """
    rows, instead = held(draws, beliefs, source)
    left = int(np.count_nonzero(rows))
    if left < FEWEST:
        message = f"{left} of {draws.size:,} draws are left; fewer than {FEWEST} answer nothing"
        more = f"give {math.ceil(draws.size * FEWEST / left):,} draws, or " if left else ""
        even = ", evenly within a range" if any("uniform" in one for one in instead) else ""
        hint = f"{more}simulate it{even}: {' '.join(instead)} --draws {ADVISED}"
        raise InputError([Problem(None, f"{source} {' '.join(beliefs)}", message, hint)])
    return draws.take(rows)


def held(draws: Draws, beliefs: Sequence[str], source: str = SOURCE) -> tuple[Mask, list[str]]:
    """Draws in which all beliefs hold, and how to simulate each; InputError with all faults."""
    problems: list[Problem] = []
    rows = np.ones(draws.size, bool)
    instead = []
    for number, text in enumerate(beliefs, 1):
        read = _read(draws, text)
        if isinstance(read, str):
            message, _, hint = read.partition("; hint: ")
            problems.append(Problem(Position(source, number, 1, text), "", message, hint or None))
            continue
        rows &= read[0]
        instead.append(read[1])
    if problems:
        raise InputError(problems)
    return rows, instead


def _read(draws: Draws, text: str) -> tuple[Mask, str] | str:
    """Rows in which one belief holds and how to simulate it, or what is wrong with it."""
    name, equals, value = (part.strip() for part in text.partition("="))
    options = {**draws.options, BOOK: draws.book}
    if not equals:
        return f"'{text}' gives nothing; allowed are NAME=LOW..HIGH and CHOICE=OPTION"
    if name in options:
        known = options_of(options[name])
        if value not in known:
            return _hinted(
                f"{name} has no option '{value}'; there are {listed(known)}", value, known
            )
        setting = f"--book {value}" if name == BOOK else f"--set structure.{name}={value}"
        return options[name] == value, setting
    if name not in draws.names:
        known = [*draws.names, *options]
        return _hinted(f"nothing is called '{name}'", name, known)
    return _range(name, value, draws.values[:, draws.names.index(name)])


def _hinted(message: str, word: str, known: Sequence[str]) -> str:
    hint = did_you_mean(word, known)
    return f"{message}; hint: {hint}" if hint else message


def _range(name: str, text: str, values: Floats) -> tuple[Mask, str] | str:
    low, dots, high = (part.strip() for part in text.partition(".."))
    drawn = f"{np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
    if not dots:
        return f"{name}={text} is no range; hint: write {name}=LOW..HIGH, within {drawn}"
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        return f"'{text}' is no range of numbers; hint: write {name}=LOW..HIGH, within {drawn}"
    if not ends[0] < ends[1] or ends == (-math.inf, math.inf):
        return f"{name}={text} needs a lower end below its upper one, and at least one of them"
    inside = (values >= ends[0]) & (values <= ends[1])
    if not inside.any():
        return f"{name} is never in {text}; it is drawn from {drawn}"
    shown = max(ends[0], float(np.nanmin(values))), min(ends[1], float(np.nanmax(values)))
    return inside, f'--set "assumptions.{name}={{uniform: [{shown[0]:.4g}, {shown[1]:.4g}]}}"'
