"""Any result by its path: what it is, what it can show, what its report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.inputs.problems import InputError, Problem, did_you_mean, listed
from simulator.report.comparisons import NAME as COMPARISON
from simulator.report.comparisons import Comparison, load_comparison
from simulator.report.decision_words import NAME as DECISION
from simulator.report.decision_words import load_decision
from simulator.report.results import Runs, load_runs
from simulator.report.sweep_results import Sweep, load_sweep
from simulator.storage import StorageError, open_results
from simulator.storage.problems import explained
from simulator.storage.results import parsed

if TYPE_CHECKING:
    from simulator.report.exhibits.exhibit import Exhibit

# kind of figure -> (what it shows, of which results); a test holds it to the exhibits.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "survival": ("how long the ceasefire holds", "run"),
    "claim": ("early collapse, the middle, 20 years and more", "run"),
    "causes": ("why it ends", "run"),
    "troops": ("who is there, and how many", "run"),
    "influence": ("which assumptions move it most", "run"),
    "options": ("under each book and structural choice", "run"),
    "choices": ("how long it holds under each book and structural choice", "run"),
    "headlines": ("several plans side by side", "run"),
    "panels": ("several plans with their ranges", "run"),
    "ranking": ("plans in order", "compare"),
    "differences": ("what each plan adds to the reference", "compare"),
    "other-differences": ("duration and cost against the reference", "compare"),
    "better": ("how often each plan is better", "compare"),
    "frontier": ("which plan is best, by the worth of peace", "decide"),
    "losses": ("what choosing each plan loses, by the worth of peace", "decide"),
    "information": ("what is worth finding out", "decide"),
    "worse": ("where the best plan on average is not the better one", "decide"),
    "effects": ("which lever moves it most", "sweep"),
    "lever-differences": ("what each level of a lever adds to its first, by draw", "sweep"),
    "heat": ("an estimate over two levers, most combinations of them simulated", "sweep"),
    "response": ("an estimate along one lever of numbers", "sweep"),
    "scatter": ("an estimate over levers of numbers, as a sample has them", "sweep"),
    "points": ("all points in order, if they are at most 40", "sweep"),
    "timeline": ("one path from its first day to its end", "trace"),
}


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
        from simulator.report.exhibits.trace import load_trace

        return Trace(load_trace(path))
    message = (
        "holds no result; give the folder that `--out` of simulator run, compare, decide or sweep "
        "filled, or what `--json` of simulator compare, decide or trace printed"
    )
    raise InputError([Problem(None, str(path), message)])


def exhibits_of(
    result: Result, scenario: str | None = None, quantity: str | None = None
) -> list[Exhibit]:
    """Everything a result can show.

    Parameters
    ----------
    result : Result
    scenario : str, optional
        Of a run of several scenarios, the one to show; otherwise all side by side.
    quantity : str, optional
        Of a sweep, the estimate to show.

    Raises
    ------
    InputError
        If the result has no such scenario or estimate.
    """
    if isinstance(result, Runs):
        from simulator.report.exhibits import run, runs

        if scenario is None and len(result.runs) > 1:
            return list(runs.exhibits(result.runs))
        by_name = {one.name: one for one in result.runs}
        name = next(iter(by_name)) if scenario is None else scenario
        _known("scenario", name, by_name)
        return list(run.exhibits(by_name[name]))
    if isinstance(result, Comparison):
        from simulator.report.exhibits import compare

        return list(compare.exhibits(result))
    if isinstance(result, Sweep):
        from simulator.report.exhibits import sweep

        if quantity is not None:
            _known("estimate", quantity, result.points[0].estimates)
        return list(sweep.exhibits(result, quantity))
    if isinstance(result, Decision):
        from simulator.report.exhibits import decide

        return list(decide.exhibits(result.tree))
    from simulator.report.exhibits.trace import timeline_exhibit

    return [timeline_exhibit(result.tree)]


def _known(what: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        message = f"no such {what} in this result, known: {listed(known)}"
        raise InputError([Problem(None, name, message, did_you_mean(name, known))])


def report_of(result: Result) -> str:
    """The report of a result as one HTML page."""
    from simulator.report import build
    from simulator.report.page import html

    if isinstance(result, Runs):
        return html(build.run_report(result))
    if isinstance(result, Comparison):
        return html(build.comparison_report(result))
    if isinstance(result, Sweep):
        return html(build.sweep_report(result))
    if isinstance(result, Decision):
        from simulator.report.decided import decision_report

        return html(decision_report(result.tree))
    return html(build.trace_report(result.tree))
