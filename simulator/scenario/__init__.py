"""Levers: what a planner chooses, read from scenario files and catalogues and resolved once."""

from typing import TYPE_CHECKING

from simulator.lazy import lazily

if TYPE_CHECKING:
    from simulator.scenario.catalogue import Catalogues as Catalogues
    from simulator.scenario.catalogue import Condition as Condition
    from simulator.scenario.catalogue import Contributor as Contributor
    from simulator.scenario.catalogue import cited as cited
    from simulator.scenario.catalogue import load_catalogues as load_catalogues
    from simulator.scenario.catalogue import terms as terms
    from simulator.scenario.json_schema import scenario_json_schema as scenario_json_schema
    from simulator.scenario.load import Draft as Draft
    from simulator.scenario.load import load_scenario as load_scenario
    from simulator.scenario.load import load_tolerantly as load_tolerantly
    from simulator.scenario.load import read_scenario as read_scenario
    from simulator.scenario.load import resolve_tolerantly as resolve_tolerantly
    from simulator.scenario.resolve import Base as Base
    from simulator.scenario.resolve import Scenario as Scenario

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(__name__, ("catalogue", "json_schema", "resolve", "load"))
