"""Every command with its options.

`help.toml` says what they are for; what a command does is in the module of its name.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from click import argument, option

import simulator
from simulator.cli.options import (
    Commands,
    Decorator,
    NewFolder,
    command,
    existing,
    file,
    flag,
    many,
    number,
)
from simulator.limits import DEFAULT_MAX_DRAWS, MAX_SEED, MOST_DRAWS, MOST_TRIALS
from simulator.quantities import QUANTITIES, RANKED

# As in modules that are not imported for --help; tests compare them.
TERMS: Final = ("assumptions", "options", "estimates", "columns", "levers", "words")
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
RESULT: Final = argument("result", type=existing())


def _no_paths(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(
            "there is no --paths: a trial is a world whose endings are computed, so few are "
            "needed. Write --trials for the worlds of each draw (the default is enough for most "
            "uses) and --draws for the draws, or ask for an error with --precision"
        )


OUT = option("--out", type=NewFolder(file_okay=False, path_type=Path))
OUTPUT = file("-o", "--output")
REPORT = file("--report", metavar="FILE")
JSON = flag("--json", "as_json")
QUIET = flag("-q", "--quiet")
VERBOSE = flag("-v", "--verbose")
BOOK = option("--book")
BOOKS = many("--book", "books")
SETS = many("--set", "sets", metavar="PATH=VALUE")
GRIDS = many("--grid", "grids", metavar="LEVER=V1,V2,...")
VARIANTS = many("--vs", "variants", metavar="'TITLE: LEVER=VALUE, ...'")
SEED = number("--seed", low=0, high=MAX_SEED, default=1)
MODEL = (BOOK, SETS, SEED)
NO_PATHS = option("--paths", hidden=True, expose_value=False, callback=_no_paths, metavar="N")
DRAWS_AND_TRIALS = (
    number("--draws", default=6_144),
    number("--trials", high=MOST_TRIALS, default=8),
    NO_PATHS,
)
PRECISION = option("--precision", type=click.FloatRange(min=0.0, min_open=True), metavar="X")
POINTS = option("--points", metavar="N,N,...")
UNCHECKED = option("--unchecked", "checked", flag_value=False, default=True, type=bool)
FINISHED = (  # plans that a sweep has simulated already
    option("--sweep", "folder", type=existing(file_okay=False)),
    UNCHECKED,
    POINTS,
)
WORKERS = number("--workers", high=256, default=1)


def to_precision(names: Sequence[str]) -> tuple[Decorator, ...]:
    """``--precision`` of one of these estimates, the first unless said, and ``--max-draws``."""
    return (
        PRECISION,
        option(
            "--precision-of",
            type=click.Choice(names),
            metavar="ESTIMATE",
            default=names[0],
            show_default=True,
        ),
        number("--max-draws", default=DEFAULT_MAX_DRAWS),
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(simulator.__version__, prog_name="simulator")
def cli() -> None:
    """How long a ceasefire lasts under a force plan, why it ends, and how sure that is.

    Start with: simulator run reassurance-force
    """


def _add(name: str, *decorators: Decorator, **defaults: object) -> None:
    cli.add_command(command(name, *decorators, **defaults))


_add(
    "run",
    argument("scenarios", nargs=-1, required=True),
    *MODEL,
    *DRAWS_AND_TRIALS,
    *to_precision(tuple(QUANTITIES)),
    OUT,
    REPORT,
    VARIANTS,
    JSON,
    WORKERS,
    QUIET,
    VERBOSE,
)
_add("validate", argument("files", nargs=-1, required=True), SETS, BOOK, flag("--resolved"))
_add(
    "list",
    argument(
        "kinds",
        nargs=-1,
        type=click.Choice(
            ("scenarios", "books", "sweeps", "contributors", "sets", "bases", *TERMS)
        ),
    ),
    JSON,
)
_add("explain", argument("names", nargs=-1, required=True, metavar="NAME..."), BOOKS, JSON)
_add(
    "new",
    argument("kind", type=click.Choice(("plan", "book", "sweep"))),
    option("--from", "start", metavar="NAME"),
    OUTPUT,
)
_add("completion", argument("shell", type=click.Choice(("bash", "zsh", "fish"))))
_add("schema", argument("kind", type=click.Choice(("plan", "book", "sweep")), default="plan"))
_add(
    "compare",
    argument("scenarios", nargs=-1),
    *MODEL,
    *DRAWS_AND_TRIALS,
    *to_precision(RANKED),
    GRIDS,
    VARIANTS,
    *FINISHED,
    option("--by", "quantity", type=click.Choice(RANKED), default="p_holds_20y", show_default=True),
    WORKERS,
    OUT,
    REPORT,
    option("--top", type=click.IntRange(1), default=10, show_default=True),
    JSON,
    VERBOSE,
    QUIET,
    **TO_COMPARE,
)
_add(
    "decide",
    argument("scenarios", nargs=-1, metavar="PLAN..."),
    option("--worth", metavar="EXPRESSION"),
    many("--given", "beliefs", metavar="NAME=LOW..HIGH|CHOICE=OPTION"),
    BOOKS,
    SETS,
    SEED,
    *DRAWS_AND_TRIALS,
    *FINISHED,
    WORKERS,
    OUT,
    REPORT,
    JSON,
    VERBOSE,
    QUIET,
    **TO_DECIDE,
)
_add(
    "explore",
    argument("scenarios", nargs=-1, required=True, metavar="PLAN...|SWEEP_FOLDER"),
    file("-o", "--output", default="explore.html"),
    option("--reference", metavar="PLAN"),
    POINTS,
    BOOKS,
    SETS,
    SEED,
    *DRAWS_AND_TRIALS,
    UNCHECKED,
    WORKERS,
    QUIET,
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
    OUT,
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
    BOOK,
    number("--seed", low=0, high=MAX_SEED),
    number("--draws"),
    number("--trials", high=MOST_TRIALS),
    NO_PATHS,
    PRECISION,
    many("--set", "sets", metavar="LEVER=VALUE"),
    GRIDS,
    many("--reference", metavar="LEVER=VALUE"),
    option("--memory", type=click.FloatRange(0.25), metavar="GIB"),
    QUIET,
)
_add(
    "gather",
    argument("folder", metavar="OUT", type=click.Path(file_okay=False, path_type=Path)),
    argument("shards", nargs=-1, type=existing(file_okay=False)),
)
_add(
    "verify",
    argument("scenario"),
    *MODEL,
    number("--draws", default=50),
    number("--trials", high=MOST_TRIALS, default=20),
    number("--exact-draws", default=8),
    number("--exact-trials", low=2, default=5_000),
    JSON,
)
_add(
    "bench",
    argument("scenario", default="reassurance-force"),
    BOOK,
    flag("--quick"),
    number("--rounds", low=2, high=1000),
    JSON,
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
    *MODEL,
    number("--draw", low=0, high=MOST_DRAWS - 1),
    number("--trial", low=0, high=MOST_TRIALS - 1),
    option("--pick", type=click.Choice(SELECTORS)),
    number("--draws", default=100),
    number("--trials", high=MOST_TRIALS, default=2),
    option("--path", hidden=True, expose_value=False, callback=_renamed),
    option("--paths", hidden=True, expose_value=False, callback=_renamed),
    JSON,
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
    SEED,
    JSON,
    file("--book", "book_file", callback=_book_file),
)
_add("backtest", SEED, number("--draws", low=2, high=100_000, default=200), JSON, file("--plot"))
_add("experts", JSON)


def _kinds(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from simulator.cli.plot import print_kinds

        print_kinds()
        ctx.exit()


_add(
    "plot",
    RESULT,
    argument("kind"),
    OUTPUT,
    option("--scenario"),
    option("--by", "quantity", metavar="ESTIMATE"),
    flag("--narrow"),
    UNCHECKED,
    flag("--kinds", is_eager=True, expose_value=False, callback=_kinds),
)
_add(
    "report",
    RESULT,
    file("-o", "--output", default="report.html"),
    flag("--brief"),
    file("--pdf"),
    UNCHECKED,
)
