"""Plans that commands put side by side: simulated together, or read from a sweep's folder."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.analysis.findings import MOST_NAMED, distinct, of_comparison
from simulator.analysis.run import Job, any_model
from simulator.analysis.workers import compared_rows
from simulator.cli.options import Given
from simulator.cli.progress import error_progress, progress
from simulator.cli.results import this_command
from simulator.estimates.compare import Comparison
from simulator.estimates.estimate import Precision
from simulator.estimates.force import most_offered
from simulator.estimates.paired import NotComparableError, Rows
from simulator.inputs.kinds import kind_of_file
from simulator.storage import StorageError, json_bytes, write_results
from simulator.storage.results import provenance
from simulator.sweeps.files import load_sweep, side_by_side
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import Point, SweepInputs, SweepPlan, described
from simulator.sweeps.planning import make_plan, remade
from simulator.sweeps.store import Store

if TYPE_CHECKING:
    from simulator.decide.draws import Draws

_FIXED = (
    *("--draws", "--trials", "--precision", "--precision-of", "--max-draws"),
    *("--book", "--set", "--seed", "--grid"),
)


@dataclass(frozen=True)
class Plans:
    """Points of a sweep, side by side.

    They are to be simulated from ``inputs``; where there are none they were, and their ``rows`` by
    digest stand in ``folder``.
    """

    plan: SweepPlan
    points: Sequence[Point]
    inputs: SweepInputs | None = None
    folder: Path | None = None
    rows: Mapping[str, Rows] | None = None
    reached: Precision | None = None
    named: Sequence[str] = ()  # in place of what distinguishes them

    @property
    def names(self) -> list[str]:
        """What distinguishes each from the others: its scenario, its variation, or both."""
        several = len({point.scenario for point in self.plan.points}) > 1
        names = []
        for point in self.points:
            varied = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
            parts = [point.scenario if several or not varied else "", varied]
            names.append(", ".join(part for part in parts if part))
        return names

    @property
    def titles(self) -> Sequence[str]:
        """What a comparison calls each."""
        if self.inputs is None:
            return [described(point) for point in self.points]
        return self.named or self.names

    def simulated(self, given: Given) -> "Plans":
        """With the rows of all, simulated in memory if they are not, and the precision reached."""
        if self.inputs is None:
            return self
        plan, numbers = self.plan, {p.digest: p.number for p in reversed(self.plan.points)}
        digests = list(dict.fromkeys(point.digest for point in plan.points))
        if len(digests) < len(plan.points):
            click.echo("note: some of these plans are the same in all that matters", err=True)
        jobs = [self.inputs.job(numbers[digest]) for digest in digests]
        if plan.precision is not None:
            with error_progress(plan.precision, quiet=given.silent) as look:
                found, reached = compared_rows(jobs, given.workers, plan.target, on_look=look)
        else:
            with progress(len(jobs) * plan.draws, "draws", quiet=given.silent) as advance:
                found, reached = compared_rows(jobs, given.workers, on_progress=advance)
        return replace(self, rows=dict(zip(digests, found, strict=True)), reached=reached)

    def jobs(self) -> list[Job]:
        """Their jobs, those of a sweep's folder made again."""
        again = remade(self.plan) if self.inputs is None else self.inputs
        jobs = [again.job(point.number) for point in self.points]
        pairs = zip(self.points, jobs, strict=True)
        changed = [point for point, job in pairs if again.address(job) != point.digest]
        if self.folder is not None and changed:
            message = (
                f"point {changed[0].number} ({changed[0].scenario}, {changed[0].book}) was "
                "simulated from a plan or a book that has changed since, or lies elsewhere: call "
                "this from the sweep file's folder, or run the sweep again"
            )
            raise StorageError(self.folder, message)
        return jobs

    def rows_in_order(self) -> list[Rows]:
        """The rows of each."""
        assert self.rows is not None
        return [self.rows[point.digest] for point in self.points]

    def draws(self, jobs: Sequence[Job], outcomes: Sequence[str] = ()) -> "Draws":
        """All under the same draws, with the usual outcomes and these."""
        from simulator.decide.gather import Simulated, gather

        found = zip(self.names, jobs, self.rows_in_order(), strict=True)
        try:
            return gather([Simulated(*one) for one in found], outcomes)
        except (NotComparableError, ValueError) as error:
            raise click.UsageError(str(error)) from error

    def write(
        self,
        out: Path,
        file: str,
        tree: Mapping[str, Any],
        jobs: Mapping[str, Job],
        tables: Mapping[str, bytes],
    ) -> None:
        """Write numbers with what stands behind them: the plans, the books and what was run.

        ``tree`` has the draws and trials of the answer, and the digest of each plan.
        """
        from simulator.results.simulated import behind_plans

        behind = behind_plans(jobs) if jobs else {}
        digests = {f"plan:{name}": address for name, address in tree["digests"].items()}
        run = provenance(
            this_command(),
            self.plan.seed,
            {**self.plan.inputs, **behind.pop("digests", {}), **digests},
            draws=tree["draws"],
            trials=tree["trials"],
        )
        write_results(out, {file: json_bytes({**tree, **behind}), **tables}, run)


def chosen(given: Given, to_simulate: Callable[[Given], Plans] | None = None) -> Plans:
    """The plans of a command: finished points of ``--sweep``, or those that are to be simulated."""
    if given.folder is not None:
        return from_sweep(given.folder, given, given.scenarios)
    if given.points is not None:
        raise click.UsageError("--points needs --sweep")
    return (to_simulate or named)(given)


def from_sweep(folder: Path, given: Given, scenarios: Sequence[str] = ()) -> Plans:
    """Finished points of a sweep, which is taken with the settings of its own."""
    refused = [*(["SCENARIOS"] if scenarios else []), *(f for f in _FIXED if f in given.written)]
    if refused:
        what = " and ".join(refused)
        raise click.UsageError(f"a finished sweep is taken as it was simulated, without {what}")
    store = Store(folder, given.checked)
    plan = store.read_plan()
    if plan is None:
        raise StorageError(folder, "holds no sweep")
    held = store.holdings()
    for error in held.broken:
        click.echo(f"{error}; left out", err=True)
    finished = {point.number: point for point in plan.points if point.digest in held.points}
    chosen = list(finished.values())
    if given.points is not None:
        chosen = [finished[n] for n in _numbers(given.points, set(finished), len(plan.points))]
    rows = store.rows({point.digest for point in chosen}, held)
    return Plans(plan, chosen, folder=folder, rows=rows)


def _numbers(text: str, finished: set[int], count: int) -> list[int]:
    words = [word.strip() for word in text.split(",")]
    wrong = [word for word in words if not word.isdecimal() or int(word) >= count]
    if wrong:
        raise click.BadParameter(
            f"{', '.join(wrong)}: expected numbers of points from 0 to {count - 1}, such as 0,3"
        )
    numbers = list(dict.fromkeys(int(word) for word in words))
    missing = [str(number) for number in numbers if number not in finished]
    if missing:
        raise click.BadParameter(f"not finished: {', '.join(missing)}; run the sweep again")
    return numbers


def named(given: Given) -> Plans:
    """Plans that are named, or the points of a sweep file with the sizes that it names."""
    sizes: dict[str, Any] = {"seed": given.seed, "draws": given.draws, "trials": given.trials}
    grids = [f"book={json.dumps(given.books)[1:-1]}"] if len(given.books) > 1 else []
    book = {"book": given.books[0]} if len(given.books) == 1 else {}
    if len(given.scenarios) == 1 and kind_of_file(given.scenarios[0]) == "sweep":
        said = {name: size for name, size in sizes.items() if f"--{name}" in given.written}
        sweep = load_sweep(given.scenarios[0], given.sets, grids, book | said)
    elif len(given.scenarios) < 2:
        raise click.UsageError(
            "two plans are needed, or one sweep (a file, or the folder of a finished one)"
        )
    else:
        sweep = side_by_side(given.scenarios, given.sets, grids, book | sizes)
    plan, inputs = make_plan(sweep)
    return Plans(plan, plan.points, inputs)


def titles_of(jobs: Mapping[str, Job]) -> dict[str, str]:
    """What plans are called in sentences: their titles, or their names if these repeat."""
    return distinct({name: job.scenario.title for name, job in jobs.items()})


def finding_of(found: Comparison, jobs: Mapping[str, Job]) -> str:
    """What a comparison of these jobs found, or of plans of which no job is known."""
    names = found.ranking.order
    planned = dict.fromkeys(names, 0.0)
    planned |= {name: float(job.scenario.force.target_troops) for name, job in jobs.items()}
    offered: dict[str, float] = {}
    if len(jobs) <= MOST_NAMED + 1 and len(set(planned.values())) > 1:  # it may be asked why
        offered = {name: float(most_offered(any_model(job)).mean()) for name, job in jobs.items()}
    titles = {name: name for name in names} | titles_of(jobs)
    return of_comparison(found, titles, planned, offered)
