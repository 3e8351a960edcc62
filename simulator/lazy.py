"""Packages that import a name's module when the name is first used."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazily(package: str, modules: tuple[str, ...]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package: its modules in the order in which to look."""

    def find(name: str) -> Any:
        if name in modules:
            return import_module(f"{package}.{name}")
        for module in () if name.startswith("__") else modules:
            found = vars(import_module(f"{package}.{module}"))
            if name in found:
                return found[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
