"""``simulator``: the entry point. Commands are imported when they are called, not before."""

import sys
from importlib import import_module
from typing import Final

import click

import simulator
from simulator.cli.streams import abandon, prepare, went_away
from simulator.inputs.problems import InputError
from simulator.storage.problems import StorageError, explained

# name -> (module, line in --help); the module holds a click command of the same name.
COMMANDS: Final = {
    "run": ("simulator.cli.run", "How long the ceasefire of a plan lasts, and why it ends."),
    "validate": ("simulator.cli.validate", "Check plans, sweeps and books; report every mistake."),
    "list": ("simulator.cli.list", "Name plans, books, contributors, assumptions, estimates ..."),
    "explain": ("simulator.cli.explain", "What a name means: assumption, estimate, lever, word."),
    "new": ("simulator.cli.new", "Write a commented plan, book or sweep to start from."),
    "completion": ("simulator.cli.completion", "Print what makes a shell complete names."),
    "schema": ("simulator.cli.schema", "Print the JSON Schema of plans, books or sweeps."),
    "compare": ("simulator.cli.compare", "Compare plans under common random numbers."),
    "decide": (
        "simulator.cli.decide",
        "Which plan, what decides it, what is worth finding out.",
    ),
    "explore": ("simulator.cli.explore", "Write one offline page to move plans and beliefs on."),
    "sweep": ("simulator.cli.sweep", "Run every point of a sweep file; the same command resumes."),
    "gather": ("simulator.cli.gather", "Join the shards of a sweep run in parts."),
    "verify": ("simulator.cli.verify", "Check that the engines agree on a scenario."),
    "bench": ("simulator.cli.bench", "How fast the engine is here, against other ways."),
    "trace": ("simulator.cli.trace", "One simulated ceasefire, event by event."),
    "calibrate": ("simulator.cli.calibrate", "Fit past ceasefires; write an assumption entry."),
    "backtest": ("simulator.cli.backtest", "Test predictions on ceasefires left out of the fit."),
    "experts": ("simulator.cli.experts", "Who says what, and what the record says of it."),
    "plot": ("simulator.cli.plot", "Draw one figure from results."),
    "report": ("simulator.cli.report", "Write results as one self-contained HTML page."),
}

OK, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command where a name is unknown."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from simulator.inputs.problems import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            allowed = "commands: " + ", ".join(COMMANDS)
            raise click.UsageError(
                f"no command '{args[0]}'; {hint + ' ' if hint else ''}({allowed})", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(simulator.__version__, prog_name="simulator")
def cli() -> None:
    """How long a ceasefire lasts under a force plan, why it ends, and how sure that is.

    Start with: simulator run reassurance-force
    """


def main() -> None:
    """Run the command line; exit 0, 1 (failure), 2 (usage or input) or 130 (interrupted)."""
    prepare()
    code = _exit_code()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _stopped(error)
    sys.exit(code)


def _exit_code() -> int:
    try:
        code = cli.main(standalone_mode=False)
    except SystemExit as stop:
        # click ends the process where a pipe breaks, with a code of its own.
        if not went_away(stop.__context__):
            raise
        abandon()
        return OK
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        if "unexpected extra argument" in error.message and "=" in error.message:
            click.echo("values are given with --set PATH=VALUE", err=True)
        return BAD_INPUT
    except InputError as error:
        click.echo(error.render(), err=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        return _interrupted()
    except StorageError as error:
        click.echo(f"simulator: {error}", err=True)
        return FAILURE
    except ChildProcessError as error:
        click.echo(f"simulator: {error}", err=True)
        return FAILURE
    except OSError as error:
        return _stopped(error)
    except MemoryError:
        click.echo("simulator: not enough memory; ask for fewer draws or trials", err=True)
        return FAILURE
    return code if isinstance(code, int) else OK


def _stopped(error: OSError) -> int:
    """Say what the system refused; a reader that went away is no failure, and gets nothing more."""
    gone = went_away(error)
    if not gone:
        click.echo(f"simulator: {_explained(error)}", err=True)
    abandon()
    return OK if gone else FAILURE


def _explained(error: OSError) -> str:
    """The system's error with advice; on a full disk it does not always name the file."""
    if error.filename is None:
        from pathlib import Path

        return str(explained(Path("output"), error))
    return f"{error.filename}: {error.strerror or error}"


def _interrupted() -> int:
    click.echo("interrupted", err=True)
    return INTERRUPTED
