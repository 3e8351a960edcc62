"""Reading what users write: strict YAML with positions, inheritance, overrides, checked types.

    document = read_document("plan.yaml", library=shipped("scenarios"))
    document = apply_sets(document, ["force.target_troops=20000"])
    plan = check(document, Plan)  # or InputError with every problem at once

Names are imported on first use: catching `InputError` must not cost the import of pydantic.
"""

from typing import TYPE_CHECKING

from simulator.lazy import lazily

if TYPE_CHECKING:
    from simulator.inputs.checking import *  # noqa: F403
    from simulator.inputs.fields import *  # noqa: F403
    from simulator.inputs.inheritance import *  # noqa: F403
    from simulator.inputs.locations import *  # noqa: F403
    from simulator.inputs.nodes import *  # noqa: F403
    from simulator.inputs.problems import *  # noqa: F403

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(
    __name__,
    ("problems", "locations", "scalars", "nodes", "inheritance", "fields", "checking"),
)
