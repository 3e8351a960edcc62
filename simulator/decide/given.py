"""Believing otherwise without running again: the draws in which what is given holds.

``hr.presence=..0.4`` gives an assumption a highest value, ``hr.presence=0.3..0.4`` a range, and
``reference_class=interstate_new_war`` a structural choice its option. Several hold together.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulator.books.book import POOL_CHOICE
from simulator.decide.draws import FEWEST, Draws, Floats, Mask, options_of
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
        read = _read(draws, text, Position(source, number, 1, text))
        if isinstance(read, Problem):
            problems.append(read)
        else:
            rows &= read[0]
            instead.append(read[1])
    if problems:
        raise InputError(problems)
    return rows, instead


def _read(draws: Draws, text: str, place: Position) -> tuple[Mask, str] | Problem:
    """Rows in which one belief holds and how to simulate it, or what is wrong with it."""
    name, equals, value = (part.strip() for part in text.partition("="))
    options = {**draws.options, POOL_CHOICE: draws.book}
    if not equals:
        message = f"'{text}' gives nothing; allowed are NAME=LOW..HIGH and CHOICE=OPTION"
        return Problem(place, "", message)
    if name in options:
        known = options_of(options[name])
        if value not in known:
            message = f"{name} has no option '{value}'; there are {listed(known)}"
            return Problem(place, "", message, did_you_mean(value, known))
        setting = f"--book {value}" if name == POOL_CHOICE else f"--set structure.{name}={value}"
        return options[name] == value, setting
    if name not in draws.names:
        hint = did_you_mean(name, [*draws.names, *options])
        return Problem(place, "", f"nothing is called '{name}'", hint)
    return _range(name, value, draws.values[:, draws.names.index(name)], place)


def _range(name: str, text: str, values: Floats, place: Position) -> tuple[Mask, str] | Problem:
    low, dots, high = (part.strip() for part in text.partition(".."))
    drawn = f"{np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
    hint = f"write {name}=LOW..HIGH, within {drawn}"
    if not dots:
        return Problem(place, "", f"{name}={text} is no range", hint)
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        return Problem(place, "", f"'{text}' is no range of numbers", hint)
    if not ends[0] < ends[1] or ends == (-math.inf, math.inf):
        message = f"{name}={text} needs a lower end below its upper one, and at least one of them"
        return Problem(place, "", message)
    inside = (values >= ends[0]) & (values <= ends[1])
    if not inside.any():
        return Problem(place, "", f"{name} is never in {text}; it is drawn from {drawn}")
    shown = max(ends[0], float(np.nanmin(values))), min(ends[1], float(np.nanmax(values)))
    return inside, f'--set "assumptions.{name}={{uniform: [{shown[0]:.4g}, {shown[1]:.4g}]}}"'
