"""What a contributor's conditions leave of its offer under a mandate and a posture."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from simulator.scenario.catalogue import Condition, Contributor
from simulator.scenario.parts import Approval


@dataclass(frozen=True)
class Terms:
    """The terms on which a contributor takes part in one plan, all conditions together.

    ``roles`` less those that a condition removes; ``approval`` is government or parliament.
    """

    roles: frozenset[str]
    commitment_odds: float
    offer_factor: float
    delay_months: float
    approval: Approval
    requires_backstop: bool


def terms(
    contributor: Contributor, conditions: Mapping[str, Condition], mandate: str, posture: str
) -> Terms:
    """Combine the conditions of a contributor that apply: factors multiply, delays add.

    Examples
    --------
    >>> from simulator.scenario import load_catalogues
    >>> known = load_catalogues()
    >>> sorted(terms(known.contributors["poland"], known.conditions, "coalition", "rear").roles)
    ['basing', 'logistics']
    """
    own = (conditions[name] for name in contributor.conditions)
    biting = [condition for condition in own if condition.applies(mandate, posture)]
    removed = {role for condition in biting for role in condition.removes_roles}
    asked = [condition.approval for condition in biting if condition.approval is not None]
    # Parliament is the slower of the two, so it decides where conditions differ.
    approval: Approval = "parliament" if "parliament" in asked else contributor.approval
    return Terms(
        roles=frozenset(contributor.roles) - removed,
        commitment_odds=prod(condition.commitment_odds for condition in biting),
        offer_factor=prod(condition.offer_factor for condition in biting),
        delay_months=sum(condition.delay_months for condition in biting),
        approval=approval,
        requires_backstop=any(condition.requires_backstop for condition in biting),
    )
