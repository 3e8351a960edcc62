"""Sweeps, single paths, calibration, verification and assumptions, from Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.run import Job, compile_job
from simulator.api.plans import Plan, as_plan, sets_of
from simulator.api.tables import Table
from simulator.books.load import load_book
from simulator.books.names import SHARES
from simulator.inputs import InputError, Problem
from simulator.results.sweep import load_sweep as read_sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.analysis.trace import PathTrace
    from simulator.evidence.calibrate import Calibration
    from simulator.verification.against_exact import Agreement


class SweepResult:
    """The finished points of a sweep, in its folder.

    Attributes
    ----------
    folder : Path
    finished, missing, failed : int
        Points with a result, without one, and those that failed.
    """

    def __init__(self, folder: Path, checked: bool = True) -> None:
        self.folder, self._checked = folder, checked
        self._sweep = read_sweep(folder, checked)
        self.finished = len(self._sweep.points)
        self.missing, self.failed = self._sweep.missing, self._sweep.failed

    @property
    def estimates(self) -> Table:
        """One row a point: its levers and its estimates, as ``results.parquet`` has them."""
        return Table(self._sweep.columns)

    def plot(self, kind: str, quantity: str | None = None) -> Figure:
        """Draw one of the figures that ``simulator plot --kinds`` lists for sweeps.

        Raises
        ------
        InputError
            If there is no such figure or estimate.
        """
        from simulator.report.show import exhibits_of

        found = {one.kind: one for one in exhibits_of(self._sweep, None, quantity)}
        if kind not in found:
            raise InputError([Problem(None, kind, f"no such figure, known: {', '.join(found)}")])
        return found[kind].figure()

    def explore(self, path: str | Path, reference: str | None = None) -> Path:
        """Write an offline page on which the levers of the sweep and beliefs can be moved.

        Parameters
        ----------
        path : str or Path
            Of the HTML file.
        reference : str, optional
            Point to compare with at first, such as ``"force.target_troops = 5000"``; otherwise the
            first that is finished.

        Raises
        ------
        InputError
            If fewer than two points are finished, or they cannot be compared.
        StorageError
            If a plan or a book has changed since, or the page cannot be written.
        """
        from simulator.cli.options import Given
        from simulator.cli.pages import of_folder
        from simulator.explore.page import write

        given = Given(written=frozenset(), checked=self._checked)
        return write(of_folder(self.folder, given, reference), Path(path))

    def __repr__(self) -> str:
        return f"<SweepResult {self._sweep.plan.name}: {self.finished} points in {self.folder}>"


def sweep(
    config: str | Path,
    out: str | Path,
    *,
    levers: Mapping[str, Any] | None = None,
    workers: int = 1,
    progress: bool = False,
) -> SweepResult:
    """Run the points of a sweep that are not finished yet; the same call goes on after Ctrl-C.

    Parameters
    ----------
    config : str or Path
        A shipped sweep or a file.
    out : str or Path
        Folder of its results.
    levers : mapping, optional
        Changes by path, the same at every point.
    workers : int
        Processes; one runs in this process.
    progress : bool
        Show on standard error what is done.

    Raises
    ------
    InputError, StorageError
        As the command does.
    """
    from simulator.cli.progress import progress as bar
    from simulator.cli.sweep import launch_of
    from simulator.sweeps.files import load_sweep
    from simulator.sweeps.planning import make_plan
    from simulator.sweeps.run import Progress, run_plan

    found, inputs = make_plan(load_sweep(str(config), sets_of(levers), (), {}))
    launch = launch_of("serial" if workers == 1 else "processes", workers)
    with bar(len(found.points) * found.draws, "draws", quiet=not progress) as advance:
        watch = Progress(lambda: False, advance, lambda line: None)
        run_plan(found, inputs, Path(out), launch, ["simulator.sweep", str(config)], progress=watch)
    return SweepResult(Path(out))


def trace(
    source: str | Path | Plan,
    book: str | None = None,
    *,
    draw: int = 0,
    trial: int = 0,
    seed: int = 1,
) -> PathTrace:
    """Simulate one path, event by event: of that draw and that world of a run with this seed.

    Raises
    ------
    InputError
        If the plan or the book is not valid.
    """
    from simulator.analysis.trace import trace_path

    scenario, loaded = as_plan(source).with_book(book)
    model, _ = compile_job(Job(scenario, loaded, seed, draw + 1, trial + 1), draw, draw + 1)
    names = {key: member.name for key, member in scenario.contributors.items()}
    return trace_path(model, 0, trial, names)


def verify(
    source: str | Path | Plan,
    book: str | None = None,
    *,
    draws: int = 50,
    trials: int = 20,
    exact_draws: int = 8,
    exact_trials: int = 5_000,
    seed: int = 1,
) -> Agreement:
    """Compare the engines on a plan, as ``simulator verify`` does.

    Raises
    ------
    InputError
        If the plan or the book is not valid.
    """
    from simulator.verification import verify as engines

    scenario, loaded = as_plan(source).with_book(book)
    model, _ = compile_job(Job(scenario, loaded, seed, draws, trials))
    return engines.verify(model, trials, min(exact_draws, draws), exact_trials)


def calibrate(
    path: str | Path, *, replicates: int = 1_000, seed: int = 1, **columns: str
) -> Calibration:
    """Fit spells of past ceasefires in a CSV file, as ``simulator calibrate`` does.

    Parameters
    ----------
    path : str or Path
    replicates : int
        Bootstrap resamples behind the ranges.
    seed : int
    **columns : str
        What the file calls its columns: ``duration``, ``event``, ``entry``, ``unit``, ...

    Returns
    -------
    Calibration
        ``summary``, and ``book``, an assumption book in YAML.

    Raises
    ------
    InputError
        With every bad row.
    """
    from simulator.evidence.calibrate import calibrate_file
    from simulator.evidence.usercsv import Named

    return calibrate_file(Path(path), replicates, seed, Named(**columns))


def assumptions(book: str = "blend") -> Table:
    """Return the assumptions of a book: ``book``, ``name``, ``unit``, ``p05``, ``p50``, ``p95``.

    Of a pool, those of all its books. Options of structural choices may override them.

    Raises
    ------
    InputError
        If there is no such book, or it is not valid.
    """
    loaded = load_book(book)
    at = np.array([0.05, 0.5, 0.95])
    rows = [
        (one.name, name, entry.unit, *entry.distribution.ppf(at))
        for one in (loaded.pool or {loaded.name: loaded}).values()
        for name, entry in one.entries.items()
        if name not in SHARES
    ]
    names = ("book", "name", "unit", "p05", "p50", "p95")
    columns = zip(names, zip(*rows, strict=True), strict=True)
    kinds = {name: object if name in names[:3] else float for name in names}
    return Table({name: np.array(column, kinds[name]) for name, column in columns})
