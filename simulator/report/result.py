"""Any result by its path."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.inputs.problems import InputError, Problem
from simulator.report.comparisons import NAME as COMPARISON
from simulator.report.comparisons import Comparison, load_comparison
from simulator.report.prose.decisions import NAME as DECISION
from simulator.report.prose.decisions import load_decision
from simulator.report.results import Runs, load_runs
from simulator.report.sweep_results import Sweep, load_sweep
from simulator.storage import StorageError, open_results
from simulator.storage.problems import explained
from simulator.storage.results import parsed


@dataclass(frozen=True)
class Trace:
    """One path, as ``simulator trace --json`` printed it."""

    tree: Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """A decision, as ``simulator decide --json`` printed it."""

    tree: Mapping[str, Any]


Result = Runs | Comparison | Sweep | Trace | Decision


def load_result(path: Path, checked: bool = True) -> Result:
    """Read a result: a folder that ``--out`` filled, or the JSON of a comparison or a trace.

    Parameters
    ----------
    path : Path
    checked : bool
        Refuse files of a folder that are not what was written (`open_results`).

    Raises
    ------
    InputError
        If there is no result at that path, or a file of it is broken or was changed.
    """
    try:
        return _load(path, checked)
    except OSError as error:
        raise _refused(explained(path, error)) from error
    except StorageError as error:
        raise _refused(error) from error


def _refused(error: StorageError) -> InputError:
    return InputError([Problem(None, str(error.path), error.message)])


def _load(path: Path, checked: bool) -> Result:
    if path.is_dir():
        kept = open_results(path, checked)
        if kept.has("plan.json"):
            return load_sweep(path, checked)
        if kept.has(COMPARISON):
            return load_comparison(path / COMPARISON, checked)
        if kept.has(DECISION):
            return Decision(load_decision(path / DECISION, checked))
        return load_runs(path, checked)
    tree = parsed(path, path.read_bytes())
    if isinstance(tree, dict) and "ranking" in tree:
        return load_comparison(path, checked)
    if isinstance(tree, dict) and "frontier" in tree:
        return Decision(load_decision(path, checked))
    if isinstance(tree, dict) and "events" in tree:
        from simulator.report.figures.timeline import load_trace

        return Trace(load_trace(path))
    message = (
        "holds no result; give the folder that `--out` of simulator run, compare, decide or sweep "
        "filled, or what `--json` of simulator compare, decide or trace printed"
    )
    raise InputError([Problem(None, str(path), message)])
