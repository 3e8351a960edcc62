"""``simulator``: the entry point, and what becomes of errors."""

import sys
from pathlib import Path
from typing import Final

import click

from simulator.cli.commands import cli
from simulator.cli.streams import abandon, prepare, went_away
from simulator.inputs.problems import InputError
from simulator.storage.files import StorageError, explained

OK, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
NO_MEMORY: Final = "not enough memory; ask for fewer draws or trials"


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
        return code if isinstance(code, int) else OK
    except SystemExit as stop:
        # click ends the process where a pipe breaks, with a code of its own.
        if not went_away(stop.__context__):
            raise
        abandon()
        return OK
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _said("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        if "unexpected extra argument" in error.message and "=" in error.message:
            click.echo("values are given with --set PATH=VALUE", err=True)
        return BAD_INPUT
    except InputError as error:
        return _said(error.render(), BAD_INPUT)
    except (StorageError, ChildProcessError) as error:
        return _said(f"simulator: {error}", FAILURE)
    except OSError as error:
        return _stopped(error)
    except MemoryError:
        return _said(f"simulator: {NO_MEMORY}", FAILURE)


def _said(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


def _stopped(error: OSError) -> int:
    """Say what the system refused; a reader that went away is no failure, and gets nothing more."""
    gone = went_away(error)
    if not gone:
        # On a full disk the system does not always name the file.
        unnamed = error.filename is None
        why = explained(Path("output"), error) if unnamed else error.strerror or error
        click.echo(f"simulator: {why if unnamed else f'{error.filename}: {why}'}", err=True)
    abandon()
    return OK if gone else FAILURE
