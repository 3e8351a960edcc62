"""Levers: what a planner chooses, read from scenario files and catalogues and resolved once."""

from typing import TYPE_CHECKING

from simulator.lazy import lazily

if TYPE_CHECKING:
    from simulator.scenario.catalogue import *  # noqa: F403
    from simulator.scenario.json_schema import *  # noqa: F403
    from simulator.scenario.load import *  # noqa: F403
    from simulator.scenario.resolve import *  # noqa: F403

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(__name__, ("schema", "catalogue", "json_schema", "resolve", "load"))
