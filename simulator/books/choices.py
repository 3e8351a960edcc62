"""What must be true of the structural choices in a book, beyond their types."""

import math
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from simulator.books.book import FIRST_LAYER, LAST_LAYER, POOL_CHOICE, Book, Weights
from simulator.books.checks import Reading, check_entries, wrong
from simulator.books.names import CHOICES
from simulator.books.schema import ChoiceFile
from simulator.books.shares import SUM_TOLERANCE
from simulator.inputs import Document, Problem, did_you_mean, listed
from simulator.inputs.problems import KeyPath


def weights_of(value: str | Weights) -> dict[str, float]:
    """Return weights of options, written as weights or as the name of one option."""
    return {value: 1.0} if isinstance(value, str) else dict(value)


def notes_on_weights(book: Book, pinned: Mapping[str, Any]) -> Iterator[str]:
    """Yield what becomes of weights that look like probabilities and do not sum to 1."""
    weights = {choice: value for choice, value in pinned.items() if not isinstance(value, str)}
    if POOL_CHOICE not in pinned:
        weights[POOL_CHOICE] = book.pool_weights
    for name, choice in (item for plain in book.plain_books for item in plain.choices.items()):
        if name not in pinned:
            weights[name] = choice.weights
    for name, shares in weights.items():
        total = math.fsum(shares.values())
        if shares and max(shares.values()) <= 1.0 and abs(total - 1.0) > SUM_TOLERANCE:
            first = sorted(shares, key=lambda option: -shares[option])[:3]
            parts = [f"'{option}' in {100 * shares[option] / total:.3g} %" for option in first]
            yield (
                f"the weights of '{name}' sum to {total:.6g}, not 1: they are taken as relative, "
                f"{', '.join(parts)} of the draws"
            )


def check_choices(reading: Reading) -> Iterator[Problem]:
    """Yield every problem of the block ``structure``."""
    document, block = reading.document, reading.plain(("structure",), {})
    if not isinstance(block, dict):
        return
    absent = [name for name in CHOICES if name not in block]
    if absent:
        message = f"lacks the structural choices {', '.join(absent)}"
        yield wrong(document, ("structure",), message)
    for name, value in block.items():
        yield from _check_options(reading, name, value)
    read = {name: reading.part(("structure", name), ChoiceFile) for name in block}
    known = {name: choice for name, choice in read.items() if choice is not None}
    for name, choice in known.items():
        if not any(option.weight > 0 for option in choice.options.values()):
            message = "every option has weight 0; at least one weight must be above 0"
            yield wrong(document, ("structure", name, "options"), message)
        yield from _check_reweights(document, name, choice, known)
    yield from _check_order(document, known)
    yield from _check_overlaps(document, known)


def _check_options(reading: Reading, name: str, value: Any) -> Iterator[Problem]:
    document, path = reading.document, ("structure", name)
    if name == POOL_CHOICE:
        message = f"'{POOL_CHOICE}' is the choice between pooled books; take another name"
        yield wrong(document, path, message, key=True)
    options = value.get("options") if isinstance(value, dict) else None
    if not isinstance(options, dict):
        return
    needed = CHOICES.get(name)
    if needed is not None:
        for option in options:
            if option not in needed:
                message = f"no option that the model knows, known: {', '.join(needed)}"
                here = (*path, "options", option)
                yield wrong(document, here, message, did_you_mean(option, needed), key=True)
        absent = [option for option in needed if option not in options]
        if absent:
            message = f"lacks the options {', '.join(absent)}; give weight 0 to what is ruled out"
            yield wrong(document, (*path, "options"), message)
    for option in options:
        yield from check_entries(reading, (*path, "options", option, "entries"))


def _check_reweights(
    document: Document, name: str, choice: ChoiceFile, known: Mapping[str, ChoiceFile]
) -> Iterator[Problem]:
    for option, content in choice.options.items():
        for other, value in content.structure.items():
            path: KeyPath = ("structure", name, "options", option, "structure", other)
            others = [key for key in known if key != name]
            if other not in others:
                message = f"no other choice of this book, known: {listed(others)}"
                yield wrong(document, path, message, did_you_mean(other, others), key=True)
                continue
            weights = weights_of(value)
            if not sum(weights.values()) > 0:
                yield wrong(document, path, "at least one weight must be above 0", key=True)
            options = known[other].options
            for word in weights:
                if word not in options:
                    inner = path if isinstance(value, str) else (*path, word)
                    message = f"no option of '{other}', known: {listed(options)}"
                    yield wrong(document, inner, message, did_you_mean(word, options))


def _check_order(document: Document, known: Mapping[str, ChoiceFile]) -> Iterator[Problem]:
    """Every choice may be reweighted by one other, and not in a circle."""
    reweighted_by: dict[str, set[str]] = {name: set() for name in known}
    for name, choice in known.items():
        for option in choice.options.values():
            for other in option.structure:
                if other in known and other != name:
                    reweighted_by[other].add(name)
    for name, sources in reweighted_by.items():
        if len(sources) > 1:
            message = f"reweighted by options of {' and '.join(sorted(sources))}; which one holds?"
            yield wrong(document, ("structure", name), message, key=True)
    try:
        TopologicalSorter(reweighted_by).prepare()
    except CycleError as error:
        message = "choices reweight each other in a circle: " + " -> ".join(error.args[1][::-1])
        yield wrong(document, ("structure",), message)


def _check_overlaps(document: Document, known: Mapping[str, ChoiceFile]) -> Iterator[Problem]:
    """An entry may be overridden by one choice between the first layer and the last."""
    setters: dict[str, dict[str, KeyPath]] = {}
    for name, choice in known.items():
        if name in (FIRST_LAYER, LAST_LAYER):
            continue
        for option, content in choice.options.items():
            for entry in content.entries:
                path: KeyPath = ("structure", name, "options", option, "entries", entry)
                setters.setdefault(entry, {}).setdefault(name, path)
    for paths in setters.values():
        if len(paths) > 1:
            message = f"set by options of {' and '.join(paths)}; which one holds?"
            yield wrong(document, list(paths.values())[-1], message, key=True)
