"""What a planner would want to know about a plan that is valid all the same."""

from collections.abc import Iterator

from simulator.scenario.catalogue import terms
from simulator.scenario.resolve import Scenario


def notes_on(scenario: Scenario) -> Iterator[str]:
    """Yield sentences on parts of the plan that cannot have the effect they seem to have."""
    force, target = scenario.force, scenario.force.target_troops
    takes_part = [
        (name, entry, terms(entry, scenario.conditions, force.mandate, force.posture))
        for name, entry in scenario.contributors.items()
    ]
    offers = (
        int(e.troops.high * own.offer_factor) for _, e, own in takes_part if "land" in own.roles
    )
    most = sum(offers)
    if not target:
        if force.reinforcement:
            yield "a reinforcement is planned for a force of nobody: there is nothing to grow"
    elif most == 0:
        yield f"nobody offers soldiers on these terms: the target of {target:,} stays empty"
    elif most < target:
        yield (
            f"all contributors together offer at most {most:,} soldiers of the {target:,} "
            "planned, each at the top of its range: the force cannot fill"
        )
    for name, base in scenario.bases.items():
        host = scenario.contributors.get(base.country)
        if host is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' does not take part"
        elif host.basing is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' offers no bases"
    capacity = sum(base.aircraft for base in scenario.bases.values())
    if capacity and not any(e.aircraft for _, e, own in takes_part if "air" in own.roles):
        yield "air bases are planned, but no contributor offers aircraft"
    if scenario.air_support.tankers and not capacity:
        yield "tankers are planned, but no air base that takes aircraft"
    if not any(dict(scenario.us_backstop).values()):
        for name, _, own in takes_part:
            if own.requires_backstop:
                yield f"'{name}' takes part only with an American backstop, and none is promised"
