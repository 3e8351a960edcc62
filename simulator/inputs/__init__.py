"""Reading what users write: strict YAML with positions, inheritance, overrides, checked types.

    document = read_document("plan.yaml", library=shipped("scenarios"))
    document = apply_sets(document, ["force.target_troops=20000"])
    plan = check(document, Plan)  # or InputError with every problem at once

Names are imported on first use: catching `InputError` must not cost the import of pydantic.
"""

from typing import TYPE_CHECKING

from simulator.lazy import lazily

if TYPE_CHECKING:
    from simulator.inputs.checking import FieldError as FieldError
    from simulator.inputs.checking import StrictModel as StrictModel
    from simulator.inputs.checking import check as check
    from simulator.inputs.checking import check_tolerantly as check_tolerantly
    from simulator.inputs.checking import in_source_order as in_source_order
    from simulator.inputs.fields import Meaning as Meaning
    from simulator.inputs.inheritance import Reading as Reading
    from simulator.inputs.inheritance import merge as merge
    from simulator.inputs.inheritance import read_document as read_document
    from simulator.inputs.inheritance import read_tolerantly as read_tolerantly
    from simulator.inputs.locations import find_input as find_input
    from simulator.inputs.locations import names_in as names_in
    from simulator.inputs.locations import shipped as shipped
    from simulator.inputs.nodes import Document as Document
    from simulator.inputs.nodes import Entry as Entry
    from simulator.inputs.nodes import Node as Node
    from simulator.inputs.overrides import apply_sets as apply_sets
    from simulator.inputs.overrides import apply_sets_tolerantly as apply_sets_tolerantly
    from simulator.inputs.problems import InputError as InputError
    from simulator.inputs.problems import Position as Position
    from simulator.inputs.problems import Problem as Problem
    from simulator.inputs.problems import closest as closest
    from simulator.inputs.problems import did_you_mean as did_you_mean
    from simulator.inputs.problems import dotted as dotted
    from simulator.inputs.problems import listed as listed

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(
    __name__,
    ("problems", "locations", "scalars", "nodes", "inheritance", "overrides", "fields", "checking"),
)
