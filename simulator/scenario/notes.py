"""What a planner would want to know about a plan that is valid all the same."""

from collections.abc import Iterator, Mapping

from simulator.scenario.catalogue import Terms, terms
from simulator.scenario.resolve import Scenario


def notes_on(scenario: Scenario) -> tuple[str, ...]:
    """Return sentences on parts of the plan that cannot have the effect they seem to have."""
    force = scenario.force
    weighed = {
        name: terms(entry, scenario.conditions, force.mandate, force.posture)
        for name, entry in scenario.contributors.items()
    }
    return (
        *_on_offers(scenario, weighed),
        *_on_bases(scenario),
        *_on_aircraft(scenario, weighed),
        *_on_backstop(scenario, weighed),
    )


def _on_offers(scenario: Scenario, weighed: Mapping[str, Terms]) -> Iterator[str]:
    target = scenario.force.target_troops
    if not target:
        if scenario.force.reinforcement:
            yield "a reinforcement is planned for a force of nobody: there is nothing to grow"
        return
    most = sum(
        int(scenario.contributors[name].troops.high * own.offer_factor)
        for name, own in weighed.items()
        if "land" in own.roles
    )
    if most == 0:
        yield f"nobody offers soldiers on these terms: the target of {target:,} stays empty"
    elif most < target:
        yield (
            f"all contributors together offer at most {most:,} soldiers of the {target:,} "
            "planned, each at the top of its range: the force cannot fill"
        )


def _on_bases(scenario: Scenario) -> Iterator[str]:
    for name, base in scenario.bases.items():
        host = scenario.contributors.get(base.country)
        if host is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' does not take part"
        elif host.basing is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' offers no bases"


def _on_aircraft(scenario: Scenario, weighed: Mapping[str, Terms]) -> Iterator[str]:
    capacity = sum(base.aircraft for base in scenario.bases.values())
    offered = sum(
        scenario.contributors[name].aircraft for name, own in weighed.items() if "air" in own.roles
    )
    if capacity and not offered:
        yield "air bases are planned, but no contributor offers aircraft"
    if scenario.air_support.tankers and not capacity:
        yield "tankers are planned, but no air base that takes aircraft"


def _on_backstop(scenario: Scenario, weighed: Mapping[str, Terms]) -> Iterator[str]:
    if any(dict(scenario.us_backstop).values()):
        return
    for name, own in weighed.items():
        if own.requires_backstop:
            yield f"'{name}' takes part only with an American backstop, and none is promised"
