"""Names of the model that several packages go by, and what readers call them."""

from collections.abc import Mapping
from typing import Final

# Causes of collapse -> what they are.
CAUSES: Final[Mapping[str, str]] = {
    "offensive": "a deliberate offensive",
    "escalation": "an escalation of incidents",
    "unravelling": "an unravelling of the arrangements",
}
PHASES: Final = ("establishing", "holding", "failing")
POSTURES: Final = ("rear", "sites", "cities", "line")
MANDATES: Final = ("coalition", "bilateral", "nato", "un")
COMPONENTS: Final = ("air_defence", "intelligence", "surveillance", "logistics")  # of the backstop
