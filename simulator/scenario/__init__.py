"""Levers: what a planner chooses, read from scenario files and catalogues and resolved once."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.scenario.articles import cited
    from simulator.scenario.catalogue import (
        AirBase,
        Catalogues,
        Condition,
        Contributor,
        Station,
        load_catalogues,
    )
    from simulator.scenario.conditions import Terms, terms
    from simulator.scenario.json_schema import scenario_json_schema
    from simulator.scenario.load import (
        Draft,
        load_scenario,
        load_tolerantly,
        read_scenario,
        resolve_scenario,
        resolve_tolerantly,
    )
    from simulator.scenario.resolve import Base, Scenario

__all__ = [
    "AirBase",
    "Base",
    "Catalogues",
    "Condition",
    "Contributor",
    "Draft",
    "Scenario",
    "Station",
    "Terms",
    "cited",
    "load_catalogues",
    "load_scenario",
    "load_tolerantly",
    "read_scenario",
    "resolve_scenario",
    "resolve_tolerantly",
    "scenario_json_schema",
    "terms",
]

# Imported on first use, so that importing this package does not cost the import of pydantic.
_MODULES = {
    "articles": ("cited",),
    "catalogue": (
        "AirBase",
        "Catalogues",
        "Condition",
        "Contributor",
        "Station",
        "load_catalogues",
    ),
    "conditions": ("Terms", "terms"),
    "json_schema": ("scenario_json_schema",),
    "load": (
        "Draft",
        "load_scenario",
        "load_tolerantly",
        "read_scenario",
        "resolve_scenario",
        "resolve_tolerantly",
    ),
    "resolve": ("Base", "Scenario"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
