"""Where the shipped scenarios and configurations are, in a checkout and in an installed package."""

from pathlib import Path
from typing import Final, Literal

from simulator.inputs.files import is_file, is_folder
from simulator.inputs.problems import InputError, Problem, closest, did_you_mean, listed

Kind = Literal["scenario", "sweep", "book"]
LIBRARIES: Final[dict[Kind, str]] = {
    "scenario": "scenarios",
    "sweep": "configs/sweeps",
    "book": "configs/assumptions",
}
_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """Return a shipped folder or file, such as ``scenarios`` or ``configs/assumptions``.

    In a wheel they lie inside the package, in a checkout and in an editable installation of it
    beside the package.
    """
    installed = _PACKAGE / "data" / folder
    if installed.exists():
        return installed
    checkout = _PACKAGE.parent
    # Beside an installed package lie other people's folders; only a checkout has this file.
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).exists():
        return checkout / folder
    message = f"the installation lacks '{folder}'"
    raise InputError([Problem(None, "", message, "install the package again")])


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the YAML files in a folder, sorted; none if there is no such folder."""
    found = folder.glob("*.yaml") if is_folder(folder) else ()
    return tuple(sorted(path.stem for path in found))


def find_input(name_or_path: str | Path, folder: Path, kind: str) -> Path:
    """Return the file that a user names: a path, or the name of a shipped file.

    A bare word is a shipped name; anything with a separator or ending in ``.yaml`` or ``.yml``
    is a path.
    """
    text = str(name_or_path)
    path = Path(text)
    names = names_in(folder)
    if isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or path.name != text:
        if is_file(path):
            return path
        what = "is not a file" if is_folder(path) else "no such file"
        near = closest(path.stem, names_in(path.parent))
        hint = f"did you mean '{path.with_name(near)}.yaml'?" if near else None
        raise InputError([Problem(None, f"{kind} '{text}'", what, hint)])
    if text in names:
        return folder / f"{text}.yaml"
    message = f"no such {kind}, shipped: {listed(names)}"
    hint = did_you_mean(text, names)
    other = next((k for k, folder in LIBRARIES.items() if text in names_in(shipped(folder))), None)
    if other is not None:
        hint = f"'{text}' is a shipped {other}"
    elif "=" in text:
        hint = f"did you mean '--set {text}'?"
    elif hint is None and is_file(Path(f"{text}.yaml")):
        hint = f"did you mean '{text}.yaml'?"
    raise InputError([Problem(None, f"{kind} '{text}'", message, hint)])
