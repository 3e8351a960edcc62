"""How long a ceasefire lasts under a given force plan, why it ends, and how sure that is.

The names in `__all__` are the public interface (docs/python.md); everything else is private.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.api.others import SweepResult, assumptions, calibrate, sweep, trace, verify
    from simulator.api.plans import Plan, plan
    from simulator.api.runs import RunResult, load, run
    from simulator.api.tables import Table
    from simulator.inputs.problems import InputError
    from simulator.storage.files import StorageError

__version__ = "0.1.0"

__all__ = [
    "InputError",
    "Plan",
    "RunResult",
    "StorageError",
    "SweepResult",
    "Table",
    "assumptions",
    "calibrate",
    "load",
    "plan",
    "run",
    "sweep",
    "trace",
    "verify",
]

_MODULES = {
    "api.others": ("SweepResult", "assumptions", "calibrate", "sweep", "trace", "verify"),
    "api.plans": ("Plan", "plan"),
    "api.runs": ("RunResult", "load", "run"),
    "api.tables": ("Table",),
    "inputs.problems": ("InputError",),
    "storage.files": ("StorageError",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
