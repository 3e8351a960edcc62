"""What a contributor's conditions leave of its offer under a mandate and a posture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from simulator.scenario.catalogue import Condition, Contributor
from simulator.scenario.parts import Approval


@dataclass(frozen=True)
class Terms:
    """The terms on which a contributor takes part in one plan, all conditions together.

    Attributes
    ----------
    roles : frozenset of str
        Its roles, less those that a condition removes.
    commitment_odds : float
        Factor on the odds that it commits.
    offer_factor : float
        Factor on the soldiers it offers.
    delay_months : float
        Months by which every step starts later.
    approval : str
        ``government`` or ``parliament``; a condition can ask for parliament.
    requires_backstop : bool
        Whether it takes part only if the American backstop stands at the start.
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

    Parameters
    ----------
    contributor : Contributor
    conditions : mapping of name to Condition
        At least those that the contributor names.
    mandate, posture : str
        Of the force; a condition applies only under those that it lists.

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
