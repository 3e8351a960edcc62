"""Assumptions about contributors, as the contributor catalogue states them."""

from functools import cache

from simulator.books.book import Book
from simulator.books.distributions import Distribution, Fixed, Triangular
from simulator.books.names import split_contributor
from simulator.books.normals import from_quantiles
from simulator.inputs import Problem, did_you_mean, listed
from simulator.scenario import Contributor, Scenario, load_catalogues, terms
from simulator.scenario.parts import Probability


def from_catalogue(contributor: Contributor) -> dict[str, Distribution]:
    """Return the distributions that a catalogue entry states, by field.

    Probabilities are two-piece normal on the logit scale, rates on the log scale, troops
    triangular. ``exit_annual`` is absent where the contributor has no rate of its own.
    """
    troops = contributor.troops
    found: dict[str, Distribution] = {
        "commitment": _probability(contributor.commitment),
        "troops": Fixed(float(troops.low))
        if troops.low == troops.high
        else Triangular(float(troops.low), float(troops.mode), float(troops.high)),
        # Whoever has no base to open opens none.
        "basing": Fixed(0.0) if contributor.basing is None else _probability(contributor.basing),
    }
    rate = contributor.exit_hazard
    if rate is not None:
        found["exit_annual"] = from_quantiles(rate.p05, rate.p50, rate.p95, "log")
    return found


def default_for(contributor: Contributor, scenario: Scenario) -> dict[str, str]:
    """Return the assumptions whose distribution a contributor's field has by default, by field.

    The field has its own random numbers: two contributors are alike, not equal. Who approves
    depends on the contributor's conditions under the plan's mandate and posture.
    """
    force = scenario.force
    approval = terms(contributor, scenario.conditions, force.mandate, force.posture).approval
    return {
        "exit_annual": "contributor_exit_annual",
        "approval_delay_months": f"approval_delay_months.{approval}",
        "deploy_months": "deploy_months",
    }


def contributor_problems(book: Book, scenario: Scenario) -> list[Problem]:
    """Return every contributor of a book that is neither one of the plan nor of the catalogue."""
    named: dict[str, str] = {}
    for plain in book.plain_books:
        for name in (name for layer in plain.layers for name in layer):
            contributor = split_contributor(name)
            if contributor is not None and contributor[0] not in scenario.contributors:
                named[contributor[0]] = plain.name
    known = _catalogued() | set(scenario.contributors)
    return [
        Problem(
            None,
            f"book '{owner}'",
            f"no contributor has the id '{name}', known: {listed(sorted(known))}",
            did_you_mean(name, known),
        )
        for name, owner in named.items()
        if name not in known
    ]


def _probability(given: Probability) -> Distribution:
    if isinstance(given, float | int):
        return Fixed(float(given))
    return from_quantiles(given.p05, given.p50, given.p95, "logit")


@cache
def _catalogued() -> frozenset[str]:
    return frozenset(load_catalogues().contributors)
