"""Runs of plans: simulated, saved, read back and asked."""

from __future__ import annotations

import html
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.run import Job
from simulator.api.plans import Plan, as_plan
from simulator.api.tables import Table
from simulator.books.book import POOL_CHOICE
from simulator.estimates.estimate import Estimate
from simulator.estimates.paired import NotComparableError, comparable
from simulator.estimates.tally import COLUMNS
from simulator.inputs import InputError, Problem, did_you_mean, listed
from simulator.limits import DEFAULT_DRAWS, DEFAULT_TRIALS
from simulator.quantities import HEADLINES
from simulator.report.findings import runs_finding
from simulator.report.show import exhibits_of
from simulator.results.runs import OPTION, Runs, load_runs
from simulator.storage import hold, make_folder, write_results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.books.book import Book
    from simulator.decide.decision import Decision
    from simulator.decide.draws import Draws
    from simulator.scenario import Scenario


class RunResult:
    """What a run of one or several plans found; the same whether just simulated or read back."""

    def __init__(self, found: Runs) -> None:
        self._found = found

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the plans."""
        return tuple(one.name for one in self._found.runs)

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, seed, digests of the resolved inputs, and the command that made it."""
        return self._found.provenance

    @property
    def finding(self) -> str:
        """What was found and why, in a few sentences, each on its line.

        Of one plan how long its ceasefire holds; of several what each adds to the first.
        """
        if len(self.plans) == 1:
            return self._found.runs[0].finding
        try:
            return runs_finding(self._found.compared(self.plans[0]), self._found.runs)
        except NotComparableError:
            return "\n".join(run.finding for run in self._found.runs)

    @property
    def waterfall(self) -> Table:
        """What is left of each planned force at every step, in soldiers.

        ``plan``, ``step``, ``value``, ``mcse``. Without rows for plans without a force.
        """
        rows = [
            {"plan": run.name, "step": step, **_numbers(e)}
            for run in self._found.runs
            for step, e in run.waterfall.items()
        ]
        return _table(rows, ("plan", "step", "value", "mcse"))

    @property
    def estimates(self) -> Table:
        """Estimates of every plan.

        ``plan``, ``book``, ``estimate``, ``value``; ``mcse``, its Monte Carlo standard error;
        ``p05``, ``p95``, the range over assumptions; ``note``, why something is missing.
        """
        rows = [
            {"plan": run.name, "book": run.book, "estimate": name, **_numbers(e)}
            for run in self._found.runs
            for name, e in {
                **run.estimates,
                **{f"cause:{n}": e for n, e in run.causes.items()},
            }.items()
        ]
        return _table(rows)

    @property
    def curves(self) -> Table:
        """Curves of every plan: ``plan``, ``curve``, ``years``, and what `estimates` has of each.

        ``survival``, ``incidence:CAUSE`` and ``deployed`` (mean over the year that ends then).
        """
        return _renamed(self._found.curve_columns())

    @property
    def draws(self) -> Table:
        """One row for each plan and draw: assumptions, options taken, outcomes.

        ``plan``, ``draw``, ``replicate``; every assumption by name; ``structure.CHOICE``; every
        outcome, a mean over the trials of the draw. At most the first 16,384 draws.
        """
        return _renamed(self._found.draws)

    def difference(self, reference: str) -> Table:
        """Return every other plan less a reference, paired draw by draw.

        Parameters
        ----------
        reference : str
            Name of a plan of this run.

        Returns
        -------
        Table
            ``plan``, ``reference``, ``estimate``, ``value``, ``mcse`` (of the paired difference),
            ``p05``, ``p95``, ``note``, ``p_better``, ``p_better_mcse``, ``significant``.

        Raises
        ------
        InputError
            If there is no such plan, or no other.
        """
        self._known(reference)
        if len(self.plans) < 2:
            raise _refusal(reference, "the run has no other plan to compare it with")
        better = ("p_better", "p_better_mcse", "significant")
        rows = [
            {"plan": one.first, "reference": one.second, "estimate": one.quantity}
            | _numbers(one.estimate)
            | {name: getattr(one, name) for name in better}
            for one in self._found.compared(reference).differences
        ]
        return _table(rows)

    def decide(self, worth: str | None = None, given: Sequence[str] = ()) -> Decision:
        """Decide between the plans of the run.

        Parameters
        ----------
        worth : str, optional
            Arithmetic over outcomes of a draw, ``"200e9 * p_holds_20y - cost_gbp"``; without one
            the frontier over the worth of twenty years of peace.
        given : sequence of str
            What to believe: ``"hr.presence=..0.4"``, ``"reference_class=civil_no_force"``.

        Raises
        ------
        InputError
            If there is one plan only, a text cannot be read, or too few draws are left.
        """
        from simulator.decide.decision import decide
        from simulator.decide.gather import groups_of

        if len(self.plans) < 2:
            raise _refusal(self.plans[0], "the run has no other plan to decide against")
        draws = self._side_by_side()
        groups = groups_of([*draws.names, *draws.options])
        return decide(draws, worth, groups=groups, beliefs=given)

    def _side_by_side(self, more: Iterable[str] = ()) -> Draws:
        from simulator.decide.draws import Draws

        of = [self.draws.where(plan=name) for name in self.plans]
        like, first = of[0], self._found.runs[0]
        known = {"plan", "draw", "replicate", *COLUMNS}
        same: list[str] = []
        apart: list[str] = []
        for name, values in like.items():
            nan = values.dtype != object
            if name not in known:
                equal = all(np.array_equal(values, one[name], equal_nan=nan) for one in of)
                (same if equal else apart).append(name)
        names = sorted(name for name in same if not name.startswith(OPTION))
        options = {n.removeprefix(OPTION): like[n] for n in same if n.startswith(OPTION)}
        book = options.pop(POOL_CHOICE, None)
        return Draws(
            plans=self.plans,
            names=tuple(names),
            values=np.stack([like[name] for name in names], axis=1),
            options=options,
            outcomes={
                name: np.stack([one[name].astype(np.float64) for one in of])
                for name in (*comparable([run.horizon for run in self._found.runs]), *more)
            },
            book=np.full(like.rows, first.book, object) if book is None else book,
            replicate=like["replicate"].astype(np.int64),
            trials=first.trials,
            apart=tuple(sorted(apart)),
        )

    def plot(self, kind: str = "survival", plan: str | None = None) -> Figure:
        """Draw a figure.

        Parameters
        ----------
        kind : str
            One of those that ``simulator plot --kinds`` lists for runs.
        plan : str, optional
            Of a run of several plans, the one to show; otherwise the first that can be shown so.

        Raises
        ------
        InputError
            If there is no such plan or figure.
        """
        if plan is not None:
            self._known(plan)
        found = {
            one.kind: one
            for name in ([plan] if plan else [*self.plans, None])
            for one in exhibits_of(self._found, name)
        }
        if kind not in found:
            raise _refusal(kind, f"no figure of this name, known: {listed(found)}", found)
        return found[kind].figure()

    def explore(self, path: str | Path, reference: str | None = None) -> Path:
        """Write an offline page on which the plans and what is believed can be moved.

        Parameters
        ----------
        path : str or Path
            Of the HTML file.
        reference : str, optional
            Plan to compare with at first; otherwise the first of the run.

        Raises
        ------
        InputError
            If the run has one plan only, fewer than 50 draws, or a horizon below 20 years.
        StorageError
            If the page cannot be written.
        """
        from simulator.decide.draws import ADVISED
        from simulator.explore.explored import Shown, explored, python_source
        from simulator.explore.page import write
        from simulator.quantities import ALSO_HELD
        from simulator.report.exhibit import size_line

        draws, first = self._side_by_side(ALSO_HELD), self._found.runs[0]
        shown = [
            Shown(run.name, run.title, {"plan": run.name}, int(run.plan["force"]["target_troops"]))
            for run in self._found.runs
        ]
        source = python_source(
            f"{len(shown)} plans for one ceasefire",
            f"Book {first.book}, seed {first.seed}: {size_line(draws.size, first.trials)}.",
            shown,
            {"book": first.book, "draws": ADVISED, "trials": first.trials, "seed": first.seed},
        )
        return write(explored(draws, source, reference), Path(path))

    def save(self, folder: str | Path) -> Path:
        """Write the run into a folder, as ``simulator run --out`` does; return its path.

        Raises
        ------
        StorageError
            If it cannot be written; what was there is then untouched.
        """
        path = Path(folder)
        make_folder(path)
        with hold(path):
            write_results(path, self._found.files(), self._found.provenance)
        return path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunResult) and self._found == other._found

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<RunResult {', '.join(self.plans)}>\n{self.finding}\n{self._headlines()!r}"

    def _repr_html_(self) -> str:
        from simulator.report.save import figure_bytes

        curve = figure_bytes(self.plot("survival"), "svg").decode()
        said = "".join(f"<p>{html.escape(line)}</p>" for line in self.finding.splitlines())
        return said + self._headlines()._repr_html_() + curve[curve.index("<svg") :]

    def _headlines(self) -> Table:
        table = self.estimates
        kept = np.isin(table["estimate"].astype(str), HEADLINES)
        columns = ("plan", "estimate", "value", "mcse", "p05", "p95")
        return Table({name: table[name][kept] for name in columns})

    def _known(self, name: str) -> None:
        if name not in self.plans:
            raise _refusal(name, f"no plan of this run, known: {listed(self.plans)}", self.plans)


def run(
    plans: str | Path | Plan | Sequence[str | Path | Plan],
    book: str | None = None,
    *,
    draws: int = DEFAULT_DRAWS,
    trials: int = DEFAULT_TRIALS,
    seed: int = 1,
    workers: int = 1,
    progress: bool = False,
) -> RunResult:
    """Simulate the ceasefires of plans.

    Parameters
    ----------
    plans : str, Path, Plan or sequence of them
        What `plan` reads, or has read. They share their random numbers.
    book : str, optional
        Assumption book, a shipped name or a file; otherwise each plan's own, else ``blend``.
    draws, trials : int
        Draws of the assumptions, and worlds of each; at least 1.
    seed : int
        ``0 <= seed < 2**128``.
    workers : int
        Processes; they change no bit of the result.
    progress : bool
        Show on standard error what is done.

    Raises
    ------
    InputError
        With every mistake of every input, or if the run is too large for the machine.
    ChildProcessError
        If a worker dies.
    """
    from simulator.analysis.memory import TooLargeError, check_memory
    from simulator.analysis.workers import run_with_workers
    from simulator.cli.progress import progress as bar
    from simulator.results.simulated import runs_of

    several = [plans] if isinstance(plans, str | Path | Plan) else list(plans)
    jobs = [Job(*read, seed, draws, trials) for read in _read(several, book, seed, draws, trials)]
    try:
        check_memory(draws, max(job.horizon for job in jobs))
    except TooLargeError as error:
        raise _refusal("draws", str(error)) from error
    with bar(draws * len(jobs), "draws", quiet=not progress) as advance:
        results = (run_with_workers(job, workers, advance) for job in jobs)
        return RunResult(runs_of(results, [Path(sys.argv[0]).name, "simulator.run"]))


def load(folder: str | Path, *, checked: bool = True) -> RunResult:
    """Read a run that `RunResult.save` or ``simulator run --out`` wrote.

    Parameters
    ----------
    folder : str or Path
    checked : bool
        Refuse files that are not what was written.

    Raises
    ------
    StorageError, InputError
        If a file is missing, or was changed.
    """
    return RunResult(load_runs(Path(folder), checked))


def _read(
    plans: Sequence[str | Path | Plan], book: str | None, seed: int, draws: int, trials: int
) -> list[tuple[Scenario, Book]]:
    """Plans with their books; the mistakes in all that is given are raised together."""
    problems = [
        Problem(None, name, f"must be at least {least}, got {value}")
        for name, value, least in (("draws", draws, 1), ("trials", trials, 1), ("seed", seed, 0))
        if value < least
    ]
    read = []
    for one in plans:
        try:
            read.append(as_plan(one).with_book(book))
        except InputError as error:
            problems += error.problems
    problems += [
        Problem(None, name, "two plans of this name", "give one another: plan(..., name=...)")
        for name, count in Counter(scenario.name for scenario, _ in read).items()
        if count > 1
    ]
    if not plans:
        problems.append(Problem(None, "plans", "at least one is needed"))
    if problems:
        raise InputError(dict.fromkeys(problems))
    return read


def _numbers(e: Estimate) -> dict[str, object]:
    return {name: getattr(e, name) for name in ("value", "mcse", "p05", "p95", "note")}


def _table(rows: Sequence[Mapping[str, object]], names: Iterable[str] = ()) -> Table:
    """Rows as a table; ``names`` of the columns where there may be no row."""
    columns: dict[str, Any] = {}
    for name in names or rows[0]:
        values = [row[name] for row in rows]
        if any(isinstance(value, str) for value in values):
            columns[name] = np.array(values, object)
        elif all(isinstance(value, bool) for value in values):
            columns[name] = np.array(values, bool)
        else:
            columns[name] = np.array([np.nan if v is None else v for v in values], np.float64)
    return Table(columns)


def _renamed(columns: Mapping[str, np.ndarray[Any, Any]]) -> Table:
    return Table({"plan" if name == "scenario" else name: c for name, c in columns.items()})


def _refusal(what: str, message: str, known: Sequence[str] | Mapping[str, Any] = ()) -> InputError:
    return InputError([Problem(None, what, message, did_you_mean(what, list(known)))])
