"""Reading what users write: strict YAML with positions, inheritance, overrides, checked types.

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
