"""Text of several lines from the templates of this package."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Where templates are found: lines of statements leave no line behind."""
    return Environment(
        loader=PackageLoader("simulator.cli"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )


def rendered(template: str, /, **values: Any) -> str:
    """A template with its values filled in, without the newline at its end."""
    return environment().get_template(f"{template}.j2").render(values).removesuffix("\n")
