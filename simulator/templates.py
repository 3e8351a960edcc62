"""Plain text from the Jinja templates of a package, in its folder ``templates``."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from simulator import number_format
from simulator.quantities import QUANTITIES


@cache
def environment(package: str) -> Environment:
    """Where a package's templates are found: lines of statements leave no line behind."""
    found = Environment(
        loader=PackageLoader(package),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    found.globals |= {"n": number_format, "quantities": QUANTITIES}
    return found


def rendered(package: str, template: str, /, **values: Any) -> str:
    """A template with its values filled in, without the newline at its end."""
    return environment(package).get_template(f"{template}.j2").render(values).removesuffix("\n")


def paragraphs(package: str, template: str, /, **values: Any) -> list[str]:
    """What a template says, each paragraph on one line; in the template each is ended by ¶."""
    said = (" ".join(one.split()) for one in rendered(package, template, **values).split("¶"))
    return [paragraph for paragraph in said if paragraph]
