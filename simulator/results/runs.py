"""What a run found of its plans: one object that is printed, drawn, saved, and held in Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import Field, PlainSerializer, PlainValidator

from simulator.estimates import compare
from simulator.estimates.estimate import ESTIMATE_FIELDS, Precision
from simulator.estimates.influence import Influence
from simulator.estimates.outcome import Band
from simulator.estimates.paired import Rows
from simulator.estimates.records import Deployment
from simulator.model.compiled import FloatArray
from simulator.quantities import CLAIM, COMPARED
from simulator.results import forms
from simulator.results.forms import Estimates, array, of_tree, to_tree
from simulator.storage import json_bytes, open_results, read_table, table_bytes

SUMMARY: Final = "summary.json"
CURVES: Final = "curves.parquet"
DRAWS: Final = "draws.parquet"
BACKGROUND: Final = "background.json"
OPTION: Final = "structure."  # before the name of a choice, among the columns of draws

Columns = Mapping[str, np.ndarray[Any, Any]]
Tree = Mapping[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Numbers:
    """What ``summary.json`` says of a plan, but for its curves."""

    name: Annotated[str, Field(alias="scenario")]
    title: str
    book: str
    seed: int
    draws: int
    trials: int  # of each draw
    replicates: int  # their means give every Monte Carlo error
    digest: str
    finding: str  # what a reader should see first
    estimates: Estimates
    waterfall: Estimates  # soldiers at each of `simulator.estimates.force.STEPS`
    causes: Annotated[Estimates, Field(alias="causes_detail")]  # collapsed by it by the horizon
    by_option: forms.Options  # of the draws that took each option of each choice
    precision: Precision | None = None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ranked:
    """Influences on an estimate, the largest first."""

    quantity: str
    ranked: tuple[Influence, ...]

    @property
    def clear(self) -> list[Influence]:
        """Those that chance alone would hardly show."""
        return [one for one in self.ranked if one.clear]


@dataclass(frozen=True, eq=False)
class CurvesByOption:
    """Survival of the draws that took each option of each choice, at fewer years."""

    years: forms.Array
    choices: Mapping[str, Mapping[str, forms.Curve]]


def _deployment_json(found: Deployment) -> dict[str, Any]:
    promised, deployed = (
        dict(zip(found.names, values.tolist(), strict=True))
        for values in (found.promised, found.deployed)
    )
    return {
        "draws": found.draws,
        "worlds": found.worlds,
        "edges_years": found.edges.tolist(),
        "promised": promised,
        "deployed": deployed,
        "reinforcement": found.reinforcement.tolist(),
    }


def _deployment(tree: Tree) -> Deployment:
    names, edges = tuple(tree["deployed"]), array(tree["edges_years"])
    promised, deployed = (
        array([tree[key][name] for name in names]).reshape(len(names), edges.size - 1)
        for key in ("promised", "deployed")
    )
    more = array(tree["reinforcement"])
    return Deployment(names, edges, promised, deployed, more, tree["draws"], tree["worlds"])


@dataclass(frozen=True, eq=False, kw_only=True)
class Background:
    """What stands behind the numbers of a plan: none of it is needed to use them."""

    draws: int  # of the run, the first, that all of this is read off
    choices: Mapping[str, Mapping[str, float]]  # share of the draws that took each option
    drawn: Mapping[str, tuple[float, float, float]]  # 5th, 50th, 95th percentile over draws
    influence: Ranked
    survival_by_option: CurvesByOption
    deployment: Annotated[
        Deployment, PlainValidator(_deployment), PlainSerializer(_deployment_json)
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class Run(Numbers):
    """What was found of one plan."""

    years: FloatArray  # shape (G + 1,), from 0 to the horizon
    survival: Band  # shape (G + 1,)
    incidence: Mapping[str, Band]  # of each cause, shape (G + 1,)
    year_ends: FloatArray  # shape (Y,)
    deployed: Band  # shape (Y,), mean over the year that ends then
    plan: Tree  # the resolved scenario
    background: Background | None = None  # not of a run that is only printed

    @property
    def horizon(self) -> float:
        """Years."""
        return float(self.years[-1])

    def curves(self) -> Columns:
        """Curves in tidy form: a row for each curve and year, NaN where a number is not known."""
        by_name = {
            "survival": (self.years, self.survival),
            **{f"incidence:{of}": (self.years, band) for of, band in self.incidence.items()},
            "deployed": (self.year_ends, self.deployed),
        }
        sizes = [years.size for years, _ in by_name.values()]
        return {
            "curve": np.repeat(np.array(list(by_name), object), sizes),
            "years": np.concatenate([years for years, _ in by_name.values()]),
            **{
                field: np.concatenate([getattr(band, field) for _, band in by_name.values()])
                for field in ESTIMATE_FIELDS
            },
        }

    def as_json(self) -> dict[str, Any]:
        """The run as ``summary.json`` has it and ``--json`` prints it."""
        target = self.plan["force"]["target_troops"]
        band = ESTIMATE_FIELDS[1:]
        return to_tree(Numbers, self) | {
            "causes": {name: e.value for name, e in self.causes.items()},
            "curve": {
                "years": self.years.tolist(),
                "survival": forms.numbers(self.survival.value),
                **forms.band_json(self.survival, *band),
            },
            "deployed_by_year": {
                "year": list(range(1, self.year_ends.size + 1)),
                "mean_troops": forms.numbers(self.deployed.value),
                **forms.band_json(self.deployed, *band),
                "fill_rate": [v / target for v in self.deployed.value.tolist()] if target else None,
            },
        }


@dataclass(frozen=True, eq=False)
class Runs:
    """The plans of a run, what it came from, and the assumption books it used.

    ``read_draws`` gives ``draws.parquet``: a row for each of the first `READ_DRAWS` draws of each
    plan, with what was assumed, the options taken, and every outcome.
    """

    runs: tuple[Run, ...]
    books: Mapping[str, Tree]  # as `Book.machine_form` gives them
    provenance: Tree
    read_draws: Callable[[], Columns]

    @cached_property
    def draws(self) -> Columns:
        """The table of draws, read when first asked for."""
        return self.read_draws()

    def __eq__(self, other: object) -> bool:
        """Whether both would be written as the same files."""
        return isinstance(other, Runs) and self.files() == other.files()

    __hash__ = None  # type: ignore[assignment]

    def rows(self, plan: str) -> Rows:
        """What comparisons need of a plan."""
        run = next(one for one in self.runs if one.name == plan)
        mine = (self.draws["scenario"] == plan).nonzero()[0]
        values = [self.draws[name][mine].astype(np.float32) for name in COMPARED]
        draws = self.draws["draw"][mine].astype(np.int64)
        return Rows(draws, run.horizon, run.trials, np.stack(values, axis=1))

    def compared(self, reference: str, quantity: str = CLAIM[1]) -> compare.Comparison:
        """Every other plan against one of them; raises NotComparableError."""
        names = [reference, *(one.name for one in self.runs if one.name != reference)]
        return compare.comparison([compare.Plan(n, self.rows(n)) for n in names], quantity)

    def curve_columns(self) -> Columns:
        """The table ``curves.parquet``: a row for each curve and year of each plan."""
        return stacked([run.name for run in self.runs], [run.curves() for run in self.runs])

    def files(self) -> dict[str, bytes]:
        """What its folder holds, by name, without its provenance."""
        behind = [
            {"scenario": run.name, "book": run.book, **to_tree(Background, run.background)}
            for run in self.runs
            if run.background is not None
        ]
        return {
            CURVES: table_bytes(self.curve_columns()),
            DRAWS: table_bytes(self.draws),
            SUMMARY: json_bytes([run.as_json() for run in self.runs]),
            BACKGROUND: json_bytes({"books": self.books, "scenarios": behind}),
        }


def load_runs(folder: Path, checked: bool = True) -> Runs:
    """Read what ``simulator run --out`` wrote, checked as `open_results` says.

    Raises StorageError or InputError if a file is missing or is not what was written.
    """
    kept = open_results(folder, checked)

    def table(name: str) -> Columns:
        return read_table(kept.read(name), folder / name, checked).columns

    heads, behind, columns = kept.json(SUMMARY), kept.json(BACKGROUND), table(CURVES)

    def read() -> Runs:
        plans, backgrounds = kept.provenance["resolved"], behind["scenarios"]
        runs = tuple(
            _run(of_tree(Numbers, head), columns, plans, of_tree(Background, one))
            for head, one in zip(heads, backgrounds, strict=True)
        )
        if not runs:
            raise ValueError("it names no scenario")
        about = {k: v for k, v in kept.provenance.items() if k != "outputs"}
        return Runs(runs, behind["books"], about, lambda: table(DRAWS))

    return forms.read_as(folder, "simulator run --out", read)


def _run(head: Numbers, columns: Columns, plans: Mapping[str, Tree], behind: Background) -> Run:
    def curve(name: str) -> tuple[FloatArray, Band]:
        at = (columns["scenario"] == head.name) & (columns["curve"] == name)
        if not at.any():
            raise ValueError(f"it has no curve '{name}' for '{head.name}'")
        years, *band = (array(columns[k][at]) for k in ("years", *ESTIMATE_FIELDS))
        return years, Band(*band)

    (years, survival), (year_ends, deployed) = curve("survival"), curve("deployed")
    return Run(
        **vars(head),
        years=years,
        survival=survival,
        incidence={cause: curve(f"incidence:{cause}")[1] for cause in head.causes},
        year_ends=year_ends,
        deployed=deployed,
        plan=plans[head.name],
        background=behind,
    )


def stacked(plans: Sequence[str], tables: Sequence[Columns]) -> Columns:
    """Put tables of several plans one below the other; what a plan lacks is missing."""
    sizes = [next(iter(table.values())).size for table in tables]

    def column(name: str) -> np.ndarray[Any, Any]:
        known = [table.get(name) for table in tables]
        texts = any(one is not None and one.dtype == object for one in known)
        missing, kind = (None, object) if texts else (np.nan, float)
        absent = [np.full(size, missing, kind) for size in sizes]
        pairs = zip(known, absent, strict=True)
        return np.concatenate([none if one is None else one for one, none in pairs])

    names = dict.fromkeys(name for table in tables for name in table)
    named = np.repeat(np.array(plans, object), sizes)
    return {"scenario": named, **{name: column(name) for name in names}}
