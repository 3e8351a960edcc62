"""Drawing assumptions: from a book, a scenario and a seed to one number per name and draw.

Every draw is a pure function of book, scenario, seed and its own number. The uniform behind an
assumption is addressed by its name: other assumptions, contributors and draws cannot change it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.addresses import assumption_uniforms
from simulator.books import layers, names
from simulator.books.book import POOL_CHOICE, Book, Weights
from simulator.books.checks import share_of
from simulator.books.distributions import Distribution, Fixed, Floats, Triangular
from simulator.books.layers import Cases, Mask, Options, Settled, UniformOf
from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, SHARES
from simulator.books.normals import from_quantiles
from simulator.books.overrides import Overrides, read_overrides
from simulator.inputs import InputError, Problem, did_you_mean, listed
from simulator.scenario import Contributor, Scenario, load_catalogues, terms
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.schema import Probability

NOT_ASKED: Final = "-"  # label of a choice in the draws of a pool whose book lacks the choice

DrawNumbers: TypeAlias = npt.NDArray[np.int64]
# Uniforms of a name in the draws of these numbers. Structural choices are called structure.CHOICE.
Uniforms: TypeAlias = Callable[[str, DrawNumbers], Floats]


@dataclass(frozen=True, eq=False)
class Draws:
    """Assumptions drawn D times; arrays have shape (D,) and are read-only."""

    seed: int
    numbers: DrawNumbers  # part of the address of every random number of their paths
    values: Mapping[str, Floats]  # every name of the model, and those of the contributors
    labels: Mapping[str, tuple[str, ...]]  # options by choice; `book` is that of a pool


def draw_assumptions(book: Book, scenario: Scenario, seed: int, first: int, last: int) -> Draws:
    """Draw the assumptions in [first, last); `InputError` if a pin of the scenario is wrong."""
    if not 0 <= first <= last:
        raise ValueError(f"draws {first} to {last}: needs 0 <= first <= last")
    numbers = np.arange(first, last)
    uniform = assumption_uniforms(seed, numbers)
    return draw_with(book, scenario, seed, numbers, lambda name, _: uniform(name))


def deciding(scenario: Scenario) -> tuple[object, ...]:
    """Return what of a scenario decides draws: scenarios that are equal in it share them."""
    force, contributors = scenario.force, tuple(scenario.contributors.items())
    pins = (scenario.assumptions, scenario.structure)
    return (contributors, scenario.conditions, force.mandate, force.posture, *pins)


def draw_with(
    book: Book, scenario: Scenario, seed: int, numbers: DrawNumbers, uniforms: Uniforms
) -> Draws:
    """Draw assumptions from uniforms of any design, such as a Latin hypercube."""
    overrides = read_overrides(book, scenario)
    uniform = cache(lambda name: uniforms(name, numbers))
    parts, labels = _parts(book, overrides, uniform, numbers.size)
    values = _values(scenario, overrides, numbers.size, uniform, parts)
    for array in (numbers, *values.values()):
        array.setflags(write=False)
    labelled = {choice: tuple(labels[choice].tolist()) for choice in sorted(labels)}
    return Draws(seed, numbers, FrozenMap(values), FrozenMap(labelled))


class _Part:
    """A plain book, the draws that take it (None for all), and the options that it would take."""

    def __init__(self, book: Book, here: Mask | None, taken: Options) -> None:
        self.book, self.here, self.taken = book, here, taken
        self.chose = cache(self._chose)

    def _chose(self, choice: str, option: str) -> Mask:
        """Return the draws that take the book and one of its options."""
        found = layers.chose(self.taken, choice, option)
        return found if self.here is None else found & self.here

    def cases(self, name: str) -> Cases[Any]:
        """Return what competes for a number or for shares, the strongest last."""
        own = self.book.entries.get(name)
        cases: Cases[Any] = [] if own is None else [(self.here, own.distribution)]
        for choice, option in self.book.overrides.get(name, ()):
            entry = self.book.choices[choice].options[option].entries[name]
            cases.append((self.chose(choice, option), entry.distribution))
        return cases


def _parts(
    book: Book, overrides: Overrides, uniform: UniformOf, count: int
) -> tuple[list[_Part], dict[str, npt.NDArray[np.object_]]]:
    """Return the book or, of a pool, its members with the draws that take each; and labels."""

    def of_choice(choice: str) -> Floats:
        return uniform(f"structure.{choice}")

    def options(plain: Book) -> Options:
        return layers.draw_options(plain.choices, overrides.structure, of_choice, count)

    labels = {choice: np.full(count, NOT_ASKED, dtype=object) for choice in book.choice_options}
    parts = [_Part(book, None, options(book))]
    if book.pool:
        weights: Weights = overrides.structure.get(POOL_CHOICE, book.pool_weights)
        codes = layers.pick(tuple(book.pool), weights, of_choice(POOL_CHOICE))
        labels[POOL_CHOICE] = np.array(tuple(book.pool), object)[codes]
        members = enumerate(book.pool.values())
        parts = [_Part(member, codes == code, options(member)) for code, member in members]
    for part in parts:
        for choice, (words, taken) in part.taken.items():
            here = slice(None) if part.here is None else part.here
            labels[choice][here] = np.array(words, object)[taken[here]]
    return parts, labels


def _values(
    scenario: Scenario,
    overrides: Overrides,
    count: int,
    independent: UniformOf,
    parts: Sequence[_Part],
) -> dict[str, Floats]:
    """Return values by name; `independent` gives uniforms by name, before any dependence."""
    dependent: dict[str, Floats] = {}  # of assumptions that others decide too
    for part in parts:
        layers.correlate_into(dependent, part.book, independent, part.here)
        layers.resample_into(dependent, part.book, independent, part.here, part.chose)

    def uniform(name: str) -> Floats:
        return dependent[name] if name in dependent else independent(name)

    def cases(name: str) -> Cases[Any]:
        """Return what competes for a name, the strongest last."""
        if name in overrides.laws:
            return [(None, overrides.laws[name])]
        return [case for part in parts for case in part.cases(name)]

    settled = cache(lambda name: layers.settle(cases(name), count))

    def number(name: str, found: Settled[Distribution]) -> Floats:
        return layers.number(found, partial(uniform, name), count)

    values = {name: number(name, settled(name)) for name in ASSUMPTIONS if not share_of(name)}
    for whole, known in SHARES.items():
        drawn = layers.shares(cases(whole), {part: uniform(f"{whole}.{part}") for part in known})
        shares = _with_parts(whole, drawn, overrides.parts.get(whole, {}))
        values |= {f"{whole}.{part}": share for part, share in shares.items()}
    for contributor, entry in scenario.contributors.items():
        own, others = from_catalogue(entry), default_for(entry, scenario)
        for field in CONTRIBUTOR_FIELDS:
            name = names.contributor_name(contributor, field)
            if stronger := cases(name):
                below = [(None, own[field])] if field in own else cases(others[field])
                found = layers.settle([*below, *stronger], count)
            else:
                found = [(slice(None), own[field])] if field in own else settled(others[field])
            values[name] = number(name, found)
    return values


def _with_parts(
    whole: str, drawn: dict[str, Floats], fixed: Mapping[str, float]
) -> dict[str, Floats]:
    """Return shares with some of them fixed; the others keep their proportions."""
    free = [part for part in drawn if part not in fixed]
    result = {part: np.full_like(drawn[part], share) for part, share in fixed.items()}
    if not fixed or not free:
        return result or drawn
    rest = max(0.0, 1.0 - math.fsum(fixed.values()))
    total = np.sum([drawn[part] for part in free], axis=0)
    if rest > 0.0 and not np.all(total > 0.0):
        message = "the other parts are all 0 and cannot make up the rest; set them as well"
        raise InputError([Problem(None, f"{whole}: {', '.join(fixed)}", message)])
    total[total == 0.0] = 1.0
    return result | {part: drawn[part] / total * rest for part in free}


def from_catalogue(contributor: Contributor) -> dict[str, Distribution]:
    """Return the distributions that a catalogue entry states, by field."""
    low, mode, high = map(float, dict(contributor.troops).values())
    found: dict[str, Distribution] = {
        "commitment": _probability(contributor.commitment),
        "troops": Fixed(low) if low == high else Triangular(low, mode, high),
        "basing": _probability(contributor.basing or 0.0),  # whoever has no base opens none
    }
    if rate := contributor.exit_hazard:
        found["exit_annual"] = from_quantiles(rate.p05, rate.p50, rate.p95, "log")
    return found


def default_for(contributor: Contributor, scenario: Scenario) -> dict[str, str]:
    """Return the assumptions whose distribution a contributor's field has by default, by field."""
    force = scenario.force
    approval = terms(contributor, scenario.conditions, force.mandate, force.posture).approval
    found = {"exit_annual": "contributor_exit_annual", "deploy_months": "deploy_months"}
    return found | {"approval_delay_months": f"approval_delay_months.{approval}"}


def contributor_problems(book: Book, scenario: Scenario) -> list[Problem]:
    """Return every contributor of a book that is neither one of the plan nor of the catalogue."""
    known = {*load_catalogues().contributors, *scenario.contributors}
    unknown: dict[str, str] = {}
    for plain in book.plain_books:
        for name in chain(*plain.layers):
            contributor = names.split_contributor(name)
            if contributor and contributor[0] not in known:
                unknown[contributor[0]] = plain.name
    message = f"known: {listed(sorted(known))}"
    return [
        Problem(None, f"book '{owner}'", f"no contributor has the id '{name}', {message}", hint)
        for name, owner in unknown.items()
        for hint in [did_you_mean(name, known)]
    ]


def _probability(given: Probability) -> Distribution:
    if isinstance(given, float | int):
        return Fixed(float(given))
    return from_quantiles(given.p05, given.p50, given.p95, "logit")
