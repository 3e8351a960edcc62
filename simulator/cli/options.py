"""How commands are declared: options that several of them share, and what these were given."""

import tomllib
from collections import UserDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from simulator.limits import MOST_DRAWS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the options that commands share were given; ``written`` are those on the command line.

    A command that lacks one of these options has its default.
    """

    written: frozenset[str]
    scenarios: tuple[str, ...] = ()
    book: str | None = None
    books: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    seed: int = 1
    draws: int = 1
    trials: int = 1
    precision: float | None = None
    precision_of: str = ""
    max_draws: int = 1
    folder: Path | None = None
    points: str | None = None
    checked: bool = True
    workers: int = 1
    out: Path | None = None
    report: Path | None = None
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is said of progress."""
        return self.quiet or self.as_json


_HELP: Final = tomllib.loads(Path(__file__).with_name("help.toml").read_text("utf-8"))
_SHARED: Final = {field.name for field in fields(Given)} - {"written"}


class Declared(UserDict[str, Any]):
    """Parameters of commands, and defaults of these, by name: of which each is made when needed."""

    def __getitem__(self, name: str) -> click.Command:
        """The command, whose body, ``NAME_command``, is imported when it is called.

        The body takes `Given`, and by name what no other command has.
        """
        parameters, defaults = self.data[name]
        said = _HELP[name]

        def body(ctx: click.Context, /, **values: Any) -> object:
            of_command_line = click.core.ParameterSource.COMMANDLINE
            written = frozenset(
                flag
                for parameter in ctx.command.params
                if ctx.get_parameter_source(parameter.name or "") is of_command_line
                for flag in parameter.opts
            )
            shared = {key: values.pop(key) for key in _SHARED & values.keys()}
            module = import_module(f"simulator.cli.{said.get('module', name)}")
            return getattr(module, f"{name}_command")(Given(written=written, **shared), **values)

        made: Callable[..., Any] = click.pass_context(body)
        for decorate in reversed(parameters):
            made = decorate(made)
        settings = {"default_map": defaults}
        command = click.command(name, help=said["text"], context_settings=settings)(made)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                written = parameter.opts[-1]
                parameter.help = said.get(written, _HELP["options"].get(written)) or None
        return command


class Commands(click.Group):
    """Commands in the order in which they are declared; of an unknown one the nearest is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Not sorted."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what each does, without making it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _HELP[name]["line"]) for name in self.commands])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest what an unknown name may stand for."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from simulator.inputs.problems import did_you_mean

            hint = did_you_mean(args[0], self.commands)
            allowed = "commands: " + ", ".join(self.commands)
            raise click.UsageError(
                f"no command '{args[0]}'; {hint + ' ' if hint else ''}({allowed})", ctx
            )
        return super().resolve_command(ctx, args)


def number(
    *names: str, low: int = 1, high: int = MOST_DRAWS, default: int | None = None, **more: Any
) -> Decorator:
    """An option that takes a whole number."""
    kind = click.IntRange(low, high)
    return click.option(
        *names, type=kind, default=default, show_default=default is not None, **more
    )


def file(*names: str, **more: Any) -> Decorator:
    """An option that takes the name of a file to write."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(*names, type=kind, show_default="default" in more, **more)


class NewFolder(click.Path):
    """The folder of results. An empty name would be the working folder, full of other things."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a folder that has a name."""
        if value == "":
            self.fail("is empty; name a folder, or '.' for this one", param, ctx)
        return super().convert(value, param, ctx)


flag: Final = partial(click.option, is_flag=True)
many: Final = partial(click.option, multiple=True)
existing: Final = partial(click.Path, exists=True, path_type=Path)


def check_precision(given: Given) -> None:
    """Refuse options that contradict ``--precision``, or that do nothing without it."""
    if "--precision" in given.written:
        if "--draws" in given.written:
            raise click.UsageError(
                "--precision decides how many draws there are: leave --draws out, and write "
                "--max-draws to cap them"
            )
        return
    for name in ("--precision-of", "--max-draws"):
        if name in given.written:
            raise click.UsageError(f"{name} needs --precision")
