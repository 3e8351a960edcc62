"""Reading what users write: strict YAML with positions, inheritance, overrides, checked types.

    document = read_document("plan.yaml", library=shipped("scenarios"))
    document = apply_sets(document, ["force.target_troops=20000"])
    plan = check(document, Plan)  # or InputError with every problem at once

Names are imported on first use: catching `InputError` must not cost the import of pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.inputs.checking import (
        FieldError,
        StrictModel,
        check,
        check_tolerantly,
        in_source_order,
    )
    from simulator.inputs.fields import Meaning
    from simulator.inputs.inheritance import Reading, merge, read_document, read_tolerantly
    from simulator.inputs.locations import find_input, names_in, shipped
    from simulator.inputs.nodes import Document, Entry, Node
    from simulator.inputs.overrides import apply_sets, apply_sets_tolerantly
    from simulator.inputs.problems import (
        InputError,
        Position,
        Problem,
        closest,
        did_you_mean,
        dotted,
        listed,
    )
    from simulator.inputs.scalars import resolve_plain

__all__ = [
    "Document",
    "Entry",
    "FieldError",
    "InputError",
    "Meaning",
    "Node",
    "Position",
    "Problem",
    "Reading",
    "StrictModel",
    "apply_sets",
    "apply_sets_tolerantly",
    "check",
    "check_tolerantly",
    "closest",
    "did_you_mean",
    "dotted",
    "find_input",
    "in_source_order",
    "listed",
    "merge",
    "names_in",
    "read_document",
    "read_tolerantly",
    "resolve_plain",
    "shipped",
]

_MODULES = {
    "checking": ("FieldError", "StrictModel", "check", "check_tolerantly", "in_source_order"),
    "fields": ("Meaning",),
    "inheritance": ("Reading", "merge", "read_document", "read_tolerantly"),
    "nodes": ("Document", "Entry", "Node"),
    "overrides": ("apply_sets", "apply_sets_tolerantly"),
    "problems": (
        "InputError",
        "Position",
        "Problem",
        "closest",
        "did_you_mean",
        "dotted",
        "listed",
    ),
    "scalars": ("resolve_plain",),
    "locations": ("find_input", "names_in", "shipped"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
