"""Any result by its path."""

from dataclasses import dataclass
from pathlib import Path

from simulator.estimates.records import Step
from simulator.inputs.problems import InputError, Problem
from simulator.results.comparison import COMPARISON, Comparison, load_comparison
from simulator.results.decision import DECISION, Decision, load_decision
from simulator.results.forms import of_tree, read_as
from simulator.results.runs import Runs, load_runs
from simulator.results.sweep import PLAN, Sweep, load_sweep
from simulator.storage import StorageError, open_results
from simulator.storage.files import explained
from simulator.storage.results import parsed


@dataclass(frozen=True)
class End:
    """How a path ended: ``cause`` is None where the ceasefire still holds."""

    years: float
    cause: str | None


@dataclass(frozen=True)
class Trace:
    """One path, as ``simulator trace --json`` printed it."""

    scenario: str
    book: str
    seed: int
    draw: int
    trial: int
    beginning: tuple[str, ...]  # what was decided on the first day
    backstop_on: bool | None  # on the first day; None where none was promised
    events: tuple[Step, ...]
    end: End


Result = Runs | Comparison | Sweep | Trace | Decision


def load_result(path: Path, checked: bool = True) -> Result:
    """Read a folder that ``--out`` filled, or the JSON of a comparison, a decision or a trace.

    Files of a folder that are not what was written are refused if ``checked``. Raises InputError if
    there is no result at that path, or a file of it is broken or was changed.
    """
    try:
        return _folder(path, checked) if path.is_dir() else _file(path, checked)
    except (OSError, StorageError) as error:
        refused = explained(path, error) if isinstance(error, OSError) else error
        raise InputError([Problem(None, str(refused.path), refused.message)]) from error


def _folder(path: Path, checked: bool) -> Result:
    kept = open_results(path, checked)
    if kept.has(PLAN):
        return load_sweep(path, checked)
    if kept.has(COMPARISON):
        return load_comparison(path / COMPARISON, checked)
    if kept.has(DECISION):
        return load_decision(path / DECISION, checked)
    return load_runs(path, checked)


def _file(path: Path, checked: bool) -> Result:
    tree = parsed(path, path.read_bytes())
    known = tree if isinstance(tree, dict) else {}
    if "ranking" in known:
        return load_comparison(path, checked)
    if "frontier" in known:
        return load_decision(path, checked)
    if "events" in known:
        return read_as(path, "simulator trace --json", lambda: of_tree(Trace, known))
    message = (
        "holds no result; give the folder that `--out` of simulator run, compare, decide or sweep "
        "filled, or what `--json` of simulator compare, decide or trace printed"
    )
    raise InputError([Problem(None, str(path), message)])
