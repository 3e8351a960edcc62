"""What can be named, and what names mean; and what makes a shell complete them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, contributor_name
from simulator.cli.commands import TERMS, cli
from simulator.cli.options import Given
from simulator.cli.tables import beside, console, say, terminal_width
from simulator.glossary.registry import KINDS, Term, find, in_books, terms
from simulator.inputs import InputError, Problem, names_in, read_document, shipped
from simulator.inputs.fields import kinds_at, words_at
from simulator.inputs.inheritance import SWITCHES, WORDS
from simulator.inputs.locations import LIBRARIES
from simulator.report.exhibit import kinds
from simulator.report.plan_tables import origin
from simulator.scenario import load_catalogues
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.levers import path_of
from simulator.templates import rendered

FILES: Final = {
    "scenarios": "scenarios",
    "books": "configs/assumptions",
    "sweeps": "configs/sweeps",
}


def list_command(given: Given, kinds: tuple[str, ...]) -> None:
    """Print names with what they stand for."""
    found = {kind: _entries(kind) for kind in kinds or (*FILES, "contributors", "sets", "bases")}
    if given.as_json:
        click.echo(json.dumps(found, indent=2))
        return
    columns = terminal_width() or 10**6
    for kind, entries in found.items():
        click.echo(kind)
        width = min(max(map(len, entries), default=0), 40)
        for name, title in entries.items():
            if columns - width < 30 or (len(name) > width and columns < 10**6):
                click.echo(f"  {name}\n{beside(' ' * 6, title)}")
            else:
                click.echo(beside(f"  {name:<{width}}  ", title))
    if any(kind in TERMS for kind in found):
        say(console(), "simulator explain NAME says more: range by book, source, where it acts.")


def _entries(kind: str) -> dict[str, str]:
    if kind in TERMS:
        units = {name: f" ({one.unit})" if one.unit else "" for name, one in terms(kind).items()}
        return {name: f"{one.meaning}{units[name]}" for name, one in terms(kind).items()}
    if kind in FILES:
        library = shipped(FILES[kind])
        trees = {
            n: read_document(library / f"{n}.yaml", library=library) for n in names_in(library)
        }
        return {name: str(tree.value.get("title", "")) for name, tree in trees.items()}
    known = load_catalogues()
    if kind == "contributors":
        return {n: f"{one.name} ({', '.join(one.roles)})" for n, one in known.contributors.items()}
    if kind == "sets":
        return {name: ", ".join(members) for name, members in known.sets.items()}
    return {name: f"{one.name} ({one.country})" for name, one in known.bases.items()}


def explain_command(given: Given, names: tuple[str, ...]) -> None:
    """Print what names mean; the mistakes in all are reported together."""
    books = [load_book(book) for book in given.books]
    found: list[Term] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found += find(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if given.as_json:
        click.echo(json.dumps([_tree(term, books) for term in found], indent=2))
        return
    known = ((term, _tree(term, books)["books"], _options(term)) for term in found)
    say(console(), *rendered("simulator.cli", "explain.txt", known=list(known)).split("\n"))


def _tree(term: Term, books: list[Book]) -> dict[str, Any]:
    said = [
        {
            "book": one.book,
            "range": one.text,
            "source": "" if one.source is None else origin(one.source.model_dump()),
        }
        for one in in_books(term, books)
    ]
    return asdict(term) | {"acts": term.acts, "books": said}


def _options(term: Term) -> dict[str, str]:
    """The options of a structural choice, and what they say."""
    if term.kind != "options" or "=" in term.name:
        return {}
    options = (one for one in terms("options").values() if one.name.startswith(f"{term.name}="))
    return {one.name.partition("=")[2]: one.meaning for one in options}


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


def words() -> dict[str, tuple[str, ...]]:
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
            elif isinstance(parameter, click.Option) and not parameter.hidden:
                flags += parameter.opts
                if not parameter.is_flag:
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
