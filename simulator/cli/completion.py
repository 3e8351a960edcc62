"""``simulator completion``: what makes a shell complete commands, options, names and values.

The words are written into the script, so that completing starts no Python.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, contributor_name
from simulator.cli.commands import cli
from simulator.cli.options import Given
from simulator.glossary.registry import KINDS, terms
from simulator.inputs.fields import kinds_at, words_at
from simulator.inputs.inheritance import SWITCHES, WORDS
from simulator.inputs.locations import LIBRARIES, names_in, shipped
from simulator.report.exhibit import kinds
from simulator.scenario import load_catalogues
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.levers import path_of

Words = Mapping[str, tuple[str, ...]]

# Parameters of commands by what can be written there: a key of `_named`.
_KINDS: Final = {
    "scenarios": "plans",
    "scenario": "plans",
    "config": "sweeps",
    "files": "files",
    "book": "books",
    "books": "books",
    "sets": "settings",
    "grids": "settings",
    "variants": "settings",
    "beliefs": "beliefs",
    "names": "terms",
    "start": "files",
    "kind": "figures",
}
# of shell: how keys are joined, and what a case of them looks like
_CASES: Final = {
    "bash": ("|", "    {}) echo '{}' ;;", " "),
    "fish": (" ", "        case {}\n            printf '%s\\n' '{}'", "' '"),
}


def completion_command(given: Given, shell: str) -> None:
    """Print the script: zsh understands that of bash, by its bashcompinit."""
    shell = "fish" if shell == "fish" else "bash"
    by_words: dict[tuple[str, ...], list[str]] = {}  # keys, quoted, that have the same words
    for key, some in words().items():
        if some:
            by_words.setdefault(some, []).append(f"'{key}'")
    between, case, blank = _CASES[shell]
    cases = (case.format(between.join(keys), blank.join(some)) for some, keys in by_words.items())
    script = Path(__file__).with_name("templates") / f"completion.{shell}"
    click.echo(script.read_text("utf-8").replace("@CASES@", "\n".join(cases)), nl=shell == "bash")


def words() -> Words:
    """Return what can follow: by ``COMMAND``, ``COMMAND --option``, ``COMMAND :`` or ``=LEVER``.

    ``COMMAND :`` has the arguments, ``=LEVER`` the values of a lever, the empty key the commands.
    """
    named = _named()
    found: dict[str, tuple[str, ...]] = {"": (*cli.commands, "--help", "--version")}
    for name, command in cli.commands.items():
        flags: list[str] = ["--help"]
        for parameter in command.params:
            known = named.get(_KINDS.get(parameter.name or "", ""), ())
            if isinstance(parameter.type, click.Choice):
                known = tuple(map(str, parameter.type.choices))
            if isinstance(parameter, click.Argument):
                found[f"{name} :"] = (*found.get(f"{name} :", ()), *known)
            elif not getattr(parameter, "hidden", False):
                flags += parameter.opts
                if not getattr(parameter, "is_flag", False):
                    found |= {f"{name} {flag}": known for flag in parameter.opts}
        found[name] = tuple(flags)
    return found | {f"={lever}": values for lever, values in _levers().items() if values}


def _named() -> dict[str, tuple[str, ...]]:
    shipped_names = {kind: names_in(shipped(folder)) for kind, folder in LIBRARIES.items()}
    settings = tuple(f"{lever}=" for lever in _levers())
    meant = dict.fromkeys(name for kind in KINDS for name in terms(kind) if " " not in name)
    meant |= dict.fromkeys(name.rpartition("=")[2] for name in terms("options"))
    return {
        "plans": shipped_names["scenario"],
        "books": shipped_names["book"],
        "sweeps": shipped_names["sweep"],
        "files": tuple(name for names in shipped_names.values() for name in names),
        "settings": settings,
        "beliefs": (*terms("assumptions"), *(n for n in terms("options") if "=" in n)),
        "terms": tuple(meant),
        "figures": tuple(kinds()),
    }


def _levers() -> dict[str, tuple[str, ...]]:
    """Every lever with the words that it takes; none for numbers."""
    known = load_catalogues()
    lists = {"contributors.sets": known.sets, "contributors.without": known.contributors}
    found: dict[str, tuple[str, ...]] = {}
    for lever in terms("levers"):
        path = path_of(lever)
        values = tuple(words_at(ScenarioFile, path))
        if any(kind.annotation is bool for kind in kinds_at(ScenarioFile, path)):
            values = ("true", "false")
        elif path in SWITCHES:
            values = tuple(WORDS)
        elif lever in lists:
            values = tuple(f"[{name}]" for name in lists[lever])
        elif lever == "book":
            values = names_in(shipped("configs/assumptions"))
        found[lever] = values
    del found["air_support.bases"], found["contributors.members"]
    found |= {f"air_support.bases.{base}": () for base in known.bases}
    contributors = (
        contributor_name(one, field) for one in known.contributors for field in CONTRIBUTOR_FIELDS
    )
    found |= {f"assumptions.{name}": () for name in (*ASSUMPTIONS, *contributors)}
    for name in terms("options"):
        choice, _, option = name.partition("=")
        lever = f"structure.{choice}"
        found[lever] = (*found.get(lever, ()), *([option] if option else []))
    return found
