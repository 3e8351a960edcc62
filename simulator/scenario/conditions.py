"""What a contributor's conditions come to under a plan's mandate and posture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.scenario.catalogue import Condition, Contributor
from simulator.scenario.parts import Approval


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a contributor takes part.

    Attributes
    ----------
    roles : frozenset of str
        The contributor's roles less those that a condition removes.
    commitment_odds, offer_factor : float
        Factors on the odds of committing and on the soldiers offered; factors multiply.
    delay_months : float
        Months before approval begins; delays add.
    approval : {"government", "parliament"}
        Parliament if the contributor or any condition asks for it.
    requires_backstop : bool
        Commits only if the American backstop is there at the start.
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
    """Join the conditions of a contributor that bite under ``mandate`` and ``posture``."""
    biting = [
        conditions[name]
        for name in contributor.conditions
        if conditions[name].applies(mandate, posture)
    ]
    odds = offer = 1.0
    for condition in biting:
        odds *= condition.commitment_odds
        offer *= condition.offer_factor
    removed = {role for condition in biting for role in condition.removes_roles}
    by_parliament = "parliament" in (contributor.approval, *(c.approval for c in biting))
    return Terms(
        roles=frozenset(contributor.roles) - removed,
        commitment_odds=odds,
        offer_factor=offer,
        delay_months=sum(c.delay_months for c in biting),
        approval="parliament" if by_parliament else "government",
        requires_backstop=any(c.requires_backstop for c in biting),
    )
