"""Every command with its options.

`help.toml` says what they are for, and the module that has the body of a command.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click
from click import argument, option

import simulator
from simulator.cli.options import (
    Commands,
    Declared,
    Decorator,
    NewFolder,
    existing,
    file,
    flag,
    many,
    number,
)
from simulator.limits import (
    DEFAULT_DRAWS,
    DEFAULT_MAX_DRAWS,
    DEFAULT_TRIALS,
    MAX_SEED,
    MOST_DRAWS,
    MOST_TRIALS,
)
from simulator.quantities import QUANTITIES, RANKED

# As in modules that are not imported for --help; tests compare them.
TERMS: Final = ("assumptions", "options", "estimates", "columns", "levers", "words")
LISTED: Final = ("scenarios", "books", "sweeps", "contributors", "sets", "bases", *TERMS)
SELECTORS: Final = (
    "collapse-early",
    "collapse-late",
    "longest",
    "typical",
    "eventful",
    "exodus",
    "backstop",
    "reinforced",
)
# Values of information are biased below 4,000 draws, and what is read draw by draw wants 16 trials.
TO_DECIDE: Final = {"draws": 4_096, "trials": 16}
# Fewer draws than a run and more worlds of each: what a draw's difference is takes more of them to
# say than what its outcome is (`simulator.estimates.paired.difference_estimate`).
TO_COMPARE: Final = {"draws": 1_024, "trials": 16}


def _no_paths(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(
            "there is no --paths: a trial is a world whose endings are computed, so few are "
            "needed. Write --trials for the worlds of each draw (the default is enough for most "
            "uses) and --draws for the draws, or ask for an error with --precision"
        )


# Options that several commands have, by their names.
SHARED: Final[Mapping[str, Decorator]] = {
    "out": option("--out", type=NewFolder(file_okay=False, path_type=Path)),
    "output": file("-o", "--output"),
    "report": file("--report", metavar="FILE"),
    "json": flag("--json", "as_json"),
    "quiet": flag("-q", "--quiet"),
    "verbose": flag("-v", "--verbose"),
    "book": option("--book"),
    "books": many("--book", "books"),
    "set": many("--set", "sets", metavar="PATH=VALUE"),
    "grid": many("--grid", "grids", metavar="LEVER=V1,V2,..."),
    "vs": many("--vs", "variants", metavar="'TITLE: LEVER=VALUE, ...'"),
    "seed": number("--seed", low=0, high=MAX_SEED, default=1),
    "draws": number("--draws", default=DEFAULT_DRAWS),
    "trials": number("--trials", high=MOST_TRIALS, default=DEFAULT_TRIALS),
    "paths": option("--paths", hidden=True, expose_value=False, callback=_no_paths, metavar="N"),
    "precision": option("--precision", type=click.FloatRange(min=0.0, min_open=True), metavar="X"),
    "sweep": option("--sweep", "folder", type=existing(file_okay=False)),
    "unchecked": option("--unchecked", "checked", flag_value=False, default=True, type=bool),
    "points": option("--points", metavar="N,N,..."),
    "workers": number("--workers", high=256, default=1),
}


def _shared(names: str) -> list[Decorator]:
    return [SHARED[name] for name in names.split()]


def to_precision(names: Sequence[str]) -> tuple[Decorator, ...]:
    """``--precision`` of one of these estimates, the first unless said, and ``--max-draws``."""
    return (
        SHARED["precision"],
        option(
            "--precision-of",
            type=click.Choice(names),
            metavar="ESTIMATE",
            default=names[0],
            show_default=True,
        ),
        number("--max-draws", default=DEFAULT_MAX_DRAWS),
    )


DECLARED: Final = Declared()


@click.group(
    cls=Commands, commands=DECLARED, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(simulator.__version__, prog_name="simulator")
def cli() -> None:
    """How long a ceasefire lasts under a force plan, why it ends, and how sure that is.

    Start with: simulator run reassurance-force
    """


def _add(name: str, *parameters: Decorator, **defaults: object) -> None:
    DECLARED.data[name] = parameters, defaults


_add(
    "run",
    argument("scenarios", nargs=-1, required=True),
    *_shared("book set seed draws trials paths"),
    *to_precision(tuple(QUANTITIES)),
    *_shared("out report vs json workers quiet verbose"),
)
_add(
    "validate",
    argument("files", nargs=-1, required=True),
    *_shared("set book"),
    flag("--resolved"),
)
_add("list", argument("kinds", nargs=-1, type=click.Choice(LISTED)), *_shared("json"))
_add(
    "explain",
    argument("names", nargs=-1, required=True, metavar="NAME..."),
    *_shared("books json"),
)
_add(
    "new",
    argument("kind", type=click.Choice(("plan", "book", "sweep"))),
    option("--from", "start", metavar="NAME"),
    *_shared("output"),
)
_add("completion", argument("shell", type=click.Choice(("bash", "zsh", "fish"))))
_add(
    "schema",
    argument("kind", type=click.Choice(("plan", "book", "sweep")), default="plan"),
)
_add(
    "compare",
    argument("scenarios", nargs=-1),
    *_shared("book set seed draws trials paths"),
    *to_precision(RANKED),
    *_shared("grid vs sweep unchecked points"),
    option("--by", "quantity", type=click.Choice(RANKED), default="p_holds_20y", show_default=True),
    *_shared("workers out report"),
    option("--top", type=click.IntRange(1), default=10, show_default=True),
    *_shared("json verbose quiet"),
    **TO_COMPARE,
)
_add(
    "decide",
    argument("scenarios", nargs=-1, metavar="PLAN..."),
    option("--worth", metavar="EXPRESSION"),
    many("--given", "beliefs", metavar="NAME=LOW..HIGH|CHOICE=OPTION"),
    *_shared("books set seed draws trials paths sweep unchecked points workers out report"),
    *_shared("json verbose quiet"),
    **TO_DECIDE,
)
_add(
    "explore",
    argument("scenarios", nargs=-1, required=True, metavar="PLAN...|SWEEP_FOLDER"),
    file("-o", "--output", default="explore.html"),
    option("--reference", metavar="PLAN"),
    *_shared("points books set seed draws trials paths unchecked workers quiet"),
    **TO_DECIDE,
)


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", value or "1/1")
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{value}': expected i/n with 1 <= i <= n, such as 2/8")
    return value


def _executor(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if re.fullmatch(r"serial|processes|dask(:.+)?", value):
        return value
    raise click.BadParameter(f"'{value}': expected serial, processes, dask or dask:ADDRESS")


_add(
    "sweep",
    argument("config"),
    *_shared("out"),
    number("--workers", high=4096),
    option(
        "--executor",
        metavar="serial|processes|dask[:ADDRESS]",
        default="processes",
        show_default=True,
        callback=_executor,
    ),
    option("--shard", metavar="i/n", callback=_shard),
    flag("--dry-run"),
    flag("--fail-fast"),
    *_shared("book"),
    number("--seed", low=0, high=MAX_SEED),
    number("--draws"),
    number("--trials", high=MOST_TRIALS),
    *_shared("paths precision"),
    many("--set", "sets", metavar="LEVER=VALUE"),
    *_shared("grid"),
    many("--reference", metavar="LEVER=VALUE"),
    option("--memory", type=click.FloatRange(0.25), metavar="GIB"),
    *_shared("quiet"),
)
_add(
    "gather",
    argument("folder", metavar="OUT", type=click.Path(file_okay=False, path_type=Path)),
    argument("shards", nargs=-1, type=existing(file_okay=False)),
)
_add(
    "verify",
    argument("scenario"),
    *_shared("book set seed"),
    number("--draws", default=50),
    number("--trials", high=MOST_TRIALS, default=20),
    number("--exact-draws", default=8),
    number("--exact-trials", low=2, default=5_000),
    *_shared("json"),
)
_add(
    "bench",
    argument("scenario", default="reassurance-force"),
    *_shared("book"),
    flag("--quick"),
    number("--rounds", low=2, high=1000),
    *_shared("json"),
)


def _renamed(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    old = param.opts[0]
    if value is not None:
        raise click.UsageError(
            f"there is no {old}: a path is one trial of a draw; "
            f"write {old.replace('path', 'trial')} {value}"
        )


_add(
    "trace",
    argument("scenario"),
    *_shared("book set seed"),
    number("--draw", low=0, high=MOST_DRAWS - 1),
    number("--trial", low=0, high=MOST_TRIALS - 1),
    option("--pick", type=click.Choice(SELECTORS)),
    number("--draws", default=100),
    number("--trials", high=MOST_TRIALS, default=2),
    option("--path", hidden=True, expose_value=False, callback=_renamed),
    option("--paths", hidden=True, expose_value=False, callback=_renamed),
    *_shared("json"),
)


def _book_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a bare word: `run --book` would take it for the name of a shipped book."""
    if value is not None and value.name == str(value) and value.suffix not in (".yaml", ".yml"):
        raise click.BadParameter(f"'{value}' must end in .yaml, for run to find it: {value}.yaml")
    return value


_add(
    "calibrate",
    argument("data", type=click.Path(path_type=Path)),
    option("--duration", metavar="COLUMN"),
    option("--unit", type=click.Choice(["years", "months", "weeks", "days"])),
    option("--event", metavar="COLUMN[=VALUES]"),
    option("--entry", metavar="COLUMN"),
    option("--group", metavar="COLUMN"),
    option("--cluster", metavar="COLUMN"),
    number("--replicates", low=50, high=100_000, default=1_000),
    *_shared("seed json"),
    file("--book", "book_file", callback=_book_file),
)
_add(
    "backtest",
    *_shared("seed"),
    number("--draws", low=2, high=100_000, default=200),
    *_shared("json"),
    file("--plot"),
)
_add("experts", *_shared("json"))


def _kinds(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from simulator.cli.pages import print_kinds

        print_kinds()
        ctx.exit()


_add(
    "plot",
    argument("result", type=existing()),
    argument("kind"),
    *_shared("output"),
    option("--scenario"),
    option("--by", "quantity", metavar="ESTIMATE"),
    flag("--narrow"),
    *_shared("unchecked"),
    flag("--kinds", is_eager=True, expose_value=False, callback=_kinds),
)
_add(
    "report",
    argument("result", type=existing()),
    file("-o", "--output", default="report.html"),
    flag("--brief"),
    file("--pdf"),
    *_shared("unchecked"),
)
