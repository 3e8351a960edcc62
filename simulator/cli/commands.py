"""Every command with its options.

`help.toml` says what they are for, and the module that has the body of a command.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click
from click import Choice, argument, option

import simulator
from simulator import limits
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


def _refused(message: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    """What is said to whoever gives an option that was one; ``{old}`` and ``{value}`` stand in."""

    def refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value is not None:
            old = param.opts[0]
            new = old.replace("path", "trial")
            raise click.UsageError(message.format(old=old, new=new, value=value))

    return refuse


def _gone(flag: str, message: str) -> Decorator:
    return option(flag, hidden=True, expose_value=False, callback=_refused(message), metavar="N")


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", value or "1/1")
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{value}': expected i/n with 1 <= i <= n, such as 2/8")
    return value


def _executor(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if re.fullmatch(r"serial|processes|dask(:.+)?", value):
        return value
    raise click.BadParameter(f"'{value}': expected serial, processes, dask or dask:ADDRESS")


def _book_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a bare word: `run --book` would take it for the name of a shipped book."""
    if value is not None and value.name == str(value) and value.suffix not in (".yaml", ".yml"):
        raise click.BadParameter(f"'{value}' must end in .yaml, for run to find it: {value}.yaml")
    return value


def _kinds(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from simulator.cli.pages import print_kinds

        print_kinds()
        ctx.exit()


def _precision_of(names: tuple[str, ...]) -> Decorator:
    return option(
        "--precision-of",
        type=Choice(names),
        metavar="ESTIMATE",
        default=names[0],
        show_default=True,
    )


PATHS = (
    "there is no --paths: a trial is a world whose endings are computed, so few are needed. Write "
    "--trials for the worlds of each draw (the default is enough for most uses) and --draws for "
    "the draws, or ask for an error with --precision"
)
PATH = "there is no {old}: a path is one trial of a draw; write {new} {value}"
FILES = Choice(("plan", "book", "sweep"))

# Parameters by what commands call them below: arguments in capitals, options in small letters.
PARAMETERS: Final[Mapping[str, Decorator]] = {
    "PLANS": argument("scenarios", nargs=-1, required=True),
    "PLANS?": argument("scenarios", nargs=-1),
    "PLAN": argument("scenario"),
    "FILES": argument("files", nargs=-1, required=True),
    "KINDS": argument("kinds", nargs=-1, type=Choice(LISTED)),
    "NAMES": argument("names", nargs=-1, required=True, metavar="NAME..."),
    "KIND": argument("kind", type=FILES),
    "FIGURE": argument("kind"),
    "SCHEMA": argument("kind", type=FILES, default="plan"),
    "SHELL": argument("shell", type=Choice(("bash", "zsh", "fish"))),
    "DECIDED": argument("scenarios", nargs=-1, metavar="PLAN..."),
    "EXPLORED": argument("scenarios", nargs=-1, required=True, metavar="PLAN...|SWEEP_FOLDER"),
    "SWEEP": argument("config"),
    "OUT": argument("folder", metavar="OUT", type=click.Path(file_okay=False, path_type=Path)),
    "SHARDS": argument("shards", nargs=-1, type=existing(file_okay=False)),
    "MEASURED": argument("scenario", default="reassurance-force"),
    "DATA": argument("data", type=click.Path(path_type=Path)),
    "RESULT": argument("result", type=existing()),
    "out": option("--out", type=NewFolder(file_okay=False, path_type=Path)),
    "output": file("-o", "--output"),
    "page": file("-o", "--output", default="report.html"),
    "explored": file("-o", "--output", default="explore.html"),
    "report": file("--report", metavar="FILE"),
    "json": flag("--json", "as_json"),
    "quiet": flag("-q", "--quiet"),
    "verbose": flag("-v", "--verbose"),
    "book": option("--book"),
    "books": many("--book", "books"),
    "set": many("--set", "sets", metavar="PATH=VALUE"),
    "levers": many("--set", "sets", metavar="LEVER=VALUE"),
    "grid": many("--grid", "grids", metavar="LEVER=V1,V2,..."),
    "vs": many("--vs", "variants", metavar="'TITLE: LEVER=VALUE, ...'"),
    "seed": number("--seed", low=0, high=limits.MAX_SEED, default=1),
    "draws": number("--draws", default=limits.DEFAULT_DRAWS),
    "trials": number("--trials", high=limits.MOST_TRIALS, default=limits.DEFAULT_TRIALS),
    "seed?": number("--seed", low=0, high=limits.MAX_SEED),
    "draws?": number("--draws"),
    "trials?": number("--trials", high=limits.MOST_TRIALS),
    "resamples": number("--draws", low=2, high=100_000, default=200),
    "no-paths": _gone("--paths", PATHS),
    "no-trial-paths": _gone("--paths", PATH),
    "no-path": _gone("--path", PATH),
    "precision": option("--precision", type=click.FloatRange(min=0.0, min_open=True), metavar="X"),
    "of-quantity": _precision_of(tuple(QUANTITIES)),
    "of-ranked": _precision_of(RANKED),
    "max-draws": number("--max-draws", default=limits.DEFAULT_MAX_DRAWS),
    "sweep": option("--sweep", "folder", type=existing(file_okay=False)),
    "unchecked": option("--unchecked", "checked", flag_value=False, default=True, type=bool),
    "points": option("--points", metavar="N,N,..."),
    "workers": number("--workers", high=256, default=1),
    "workers?": number("--workers", high=4096),
    "resolved": flag("--resolved"),
    "from": option("--from", "start", metavar="NAME"),
    "by": option("--by", "quantity", type=Choice(RANKED), default="p_holds_20y", show_default=True),
    "by-estimate": option("--by", "quantity", metavar="ESTIMATE"),
    "top": option("--top", type=click.IntRange(1), default=10, show_default=True),
    "worth": option("--worth", metavar="EXPRESSION"),
    "given": many("--given", "beliefs", metavar="NAME=LOW..HIGH|CHOICE=OPTION"),
    "reference": option("--reference", metavar="PLAN"),
    "references": many("--reference", metavar="LEVER=VALUE"),
    "executor": option(
        "--executor",
        metavar="serial|processes|dask[:ADDRESS]",
        default="processes",
        show_default=True,
        callback=_executor,
    ),
    "shard": option("--shard", metavar="i/n", callback=_shard),
    "dry-run": flag("--dry-run"),
    "fail-fast": flag("--fail-fast"),
    "memory": option("--memory", type=click.FloatRange(0.25), metavar="GIB"),
    "exact-draws": number("--exact-draws", default=8),
    "exact-trials": number("--exact-trials", low=2, default=5_000),
    "quick": flag("--quick"),
    "rounds": number("--rounds", low=2, high=1000),
    "draw": number("--draw", low=0, high=limits.MOST_DRAWS - 1),
    "trial": number("--trial", low=0, high=limits.MOST_TRIALS - 1),
    "pick": option("--pick", type=Choice(SELECTORS)),
    "duration": option("--duration", metavar="COLUMN"),
    "unit": option("--unit", type=Choice(["years", "months", "weeks", "days"])),
    "event": option("--event", metavar="COLUMN[=VALUES]"),
    "entry": option("--entry", metavar="COLUMN"),
    "group": option("--group", metavar="COLUMN"),
    "cluster": option("--cluster", metavar="COLUMN"),
    "replicates": number("--replicates", low=50, high=100_000, default=1_000),
    "book-file": file("--book", "book_file", callback=_book_file),
    "figure": file("--plot"),
    "scenario": option("--scenario"),
    "narrow": flag("--narrow"),
    "kinds": flag("--kinds", is_eager=True, expose_value=False, callback=_kinds),
    "brief": flag("--brief"),
    "pdf": file("--pdf"),
}
COMMANDS: Final = {
    "run": "PLANS book set seed draws trials no-paths precision of-quantity max-draws out report "
    "vs json workers quiet verbose",
    "validate": "FILES set book resolved",
    "list": "KINDS json",
    "explain": "NAMES books json",
    "new": "KIND from output",
    "completion": "SHELL",
    "schema": "SCHEMA",
    "compare": "PLANS? book set seed draws trials no-paths precision of-ranked max-draws grid vs "
    "sweep unchecked points by workers out report top json verbose quiet",
    "decide": "DECIDED worth given books set seed draws trials no-paths sweep unchecked points "
    "workers out report json verbose quiet",
    "explore": "EXPLORED explored reference points books set seed draws trials no-paths unchecked "
    "workers quiet",
    "sweep": "SWEEP out workers? executor shard dry-run fail-fast book seed? draws? trials? "
    "no-paths precision levers grid references memory quiet",
    "gather": "OUT SHARDS",
    "verify": "PLAN book set seed draws trials exact-draws exact-trials json",
    "bench": "MEASURED book quick rounds json",
    "trace": "PLAN book set seed draw trial pick draws trials no-path no-trial-paths json",
    "calibrate": "DATA duration unit event entry group cluster replicates seed json book-file",
    "backtest": "seed resamples json figure",
    "experts": "json",
    "plot": "RESULT FIGURE output scenario by-estimate narrow unchecked kinds",
    "report": "RESULT page brief pdf unchecked",
}
# Where a command has other defaults. Values of information are biased below 4,000 draws; what is
# read draw by draw wants 16 trials; a comparison takes fewer draws than a run and more worlds of
# each: what a draw's difference is takes more of them to say than what its outcome is
# (`simulator.estimates.paired.difference_estimates`).
DEFAULTS: Final = {
    "compare": {"draws": 1_024, "trials": 16},
    "decide": {"draws": 4_096, "trials": 16},
    "explore": {"draws": 4_096, "trials": 16},
    "verify": {"draws": 50, "trials": 20},
    "trace": {"draws": 100, "trials": 2},
}


@click.group(
    cls=Commands,
    commands=Declared(
        {
            name: ([PARAMETERS[word] for word in words.split()], DEFAULTS.get(name))
            for name, words in COMMANDS.items()
        }
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(simulator.__version__, prog_name="simulator")
def cli() -> None:
    """How long a ceasefire lasts under a force plan, why it ends, and how sure that is.

    Start with: simulator run reassurance-force
    """
