"""``simulator completion``: what makes a shell complete commands, options, names and values.

The words are written into the script, so that completing starts no Python.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import click

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


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print a script that completes commands, options, plans, books, levers and their values.

    \b
    bash: simulator completion bash > ~/.local/share/bash-completion/completions/simulator
    zsh:  simulator completion zsh > ~/.simulator.zsh; source it in ~/.zshrc after compinit
    fish: simulator completion fish > ~/.config/fish/completions/simulator.fish
    """  # noqa: D301
    click.echo(_fish(words()) if shell == "fish" else _BASH.replace("@CASES@", _cases(words())))


def words() -> dict[str, tuple[str, ...]]:
    """Return what can follow: by ``COMMAND``, ``COMMAND --option``, ``COMMAND :`` or ``=LEVER``.

    ``COMMAND :`` has the arguments, ``=LEVER`` the values of a lever, the empty key the commands.
    """
    from simulator.cli.main import COMMANDS, cli

    named = _named()
    found: dict[str, tuple[str, ...]] = {"": (*COMMANDS, "--help", "--version")}
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        flags: list[str] = ["--help"]
        for parameter in command.params:
            known = _choices(parameter, named)
            if isinstance(parameter, click.Argument):
                found[f"{name} :"] = (*found.get(f"{name} :", ()), *known)
            elif not getattr(parameter, "hidden", False):
                flags += parameter.opts
                if not getattr(parameter, "is_flag", False):
                    found |= {f"{name} {flag}": known for flag in parameter.opts}
        found[name] = tuple(flags)
    return found | {f"={lever}": values for lever, values in _levers().items() if values}


def _choices(parameter: click.Parameter, named: Words) -> tuple[str, ...]:
    if isinstance(parameter.type, click.Choice):
        return tuple(map(str, parameter.type.choices))
    return named.get(_KINDS.get(parameter.name or "", ""), ())


def _named() -> dict[str, tuple[str, ...]]:
    from simulator.glossary.registry import KINDS, terms
    from simulator.inputs.locations import LIBRARIES, names_in, shipped
    from simulator.report.exhibit import kinds

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
    from simulator.books.names import ASSUMPTIONS, CONTRIBUTOR_FIELDS, contributor_name
    from simulator.glossary.registry import terms
    from simulator.inputs.fields import kinds_at, words_at
    from simulator.inputs.inheritance import SWITCHES, WORDS
    from simulator.inputs.locations import names_in, shipped
    from simulator.scenario import load_catalogues
    from simulator.scenario.schema import ScenarioFile
    from simulator.sweeps.levers import path_of

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


def _cases(known: Words) -> str:
    return "\n".join(
        f"    {'|'.join(keys)}) echo '{' '.join(some)}' ;;" for keys, some in _joined(known)
    )


def _joined(known: Words) -> list[tuple[list[str], tuple[str, ...]]]:
    """Keys, quoted, that have the same words."""
    found: dict[tuple[str, ...], list[str]] = {}
    for key, some in known.items():
        if some:
            found.setdefault(some, []).append(f"'{key}'")
    return [(keys, some) for some, keys in found.items()]


# In words that bash and, by its bashcompinit, zsh understand.
_BASH: Final = r"""# Completion of simulator, written by: simulator completion
_simulator_words() {
  case "$1" in
@CASES@
  esac
}
_simulator() {
  local line="${COMP_LINE:0:$COMP_POINT}" word command="" previous="" first="" kept="" words
  local quotes="${line//[^\"\']/}" current="${line##*[[:space:]]}"
  while IFS= read -r word; do  # the words that are finished
    if [ -n "$first" ] && [ -z "$command" ] && [ "${word#-}" = "$word" ]; then command="$word"; fi
    first=1
    if [ -n "$word" ]; then previous="$word"; fi
  done < <(printf '%s' "${line%"$current"}" | tr -s ' \t' '\n')
  if [ "$((${#quotes} % 2))" = 1 ]; then  # within quotes: the levers of a plan
    kept="${line##*[\"\']}"
    current="${current##*[\"\']}"
    kept="${kept%"$current"}"
    previous="--set"
  fi
  case "$current" in
    --*=*) previous="${current%%=*}"; kept="$previous="; current="${current#*=}" ;;
  esac
  if [ -z "$command" ]; then
    words="$(_simulator_words '')"
  elif [ "$current" != "${current%=*}" ]; then
    kept="$kept${current%=*}="
    words="$(_simulator_words "=${current%=*}")"
    current="${current##*=}"
  elif [ "${current#-}" != "$current" ]; then
    words="$(_simulator_words "$command")"
  else
    words="$(_simulator_words "$command $previous")"
    if [ -z "$words" ]; then words="$(_simulator_words "$command :")"; fi
  fi
  COMPREPLY=()
  while IFS= read -r word; do
    case "$word" in
      "") ;;
      "$current"*) COMPREPLY+=("$kept$word") ;;
    esac
  done < <(printf '%s\n' "$words" | tr ' ' '\n')
  if [ -z "${ZSH_VERSION-}" ]; then
    if [ "$((${#quotes} % 2))" = 0 ] && [ -n "$kept" ]; then  # bash breaks words at = by itself
      COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    fi
    case "${COMPREPLY[0]-}" in *=) compopt -o nospace 2>/dev/null ;; esac
  fi
}
if [ -n "${ZSH_VERSION-}" ]; then autoload -U +X bashcompinit && bashcompinit; fi
complete -o bashdefault -o default -F _simulator simulator
"""


def _fish(known: Words) -> str:
    return "\n".join(_fish_lines(known))


def _fish_lines(known: Words) -> Iterator[str]:
    yield "# Completion of simulator, written by: simulator completion fish"
    yield "function __simulator_words"
    yield '    switch "$argv[1]"'
    for keys, some in _joined(known):
        yield f"        case {' '.join(keys)}"
        yield "            printf '%s\\n' " + " ".join(f"'{word}'" for word in some)
    yield "    end"
    yield "end"
    yield _FISH


_FISH: Final = r"""function __simulator_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l given (string match -v -- '-*' $words[2..-1])
    set -l command $given[1]
    if test -z "$command"
        __simulator_words ''
    else if string match -q -- '*=*' $current
        set -l lever (string replace -r -- '=.*' '' $current)
        for value in (__simulator_words "=$lever")
            echo "$lever=$value"
        end
    else if string match -q -- '-*' $current
        __simulator_words $command
    else
        set -l found (__simulator_words "$command $words[-1]")
        if test -z "$found"
            set found (__simulator_words "$command :")
        end
        string join \n -- $found
    end
end
complete -c simulator -a '(__simulator_complete)'"""
