"""Results read back from the folder of a run, checked, with every number where it belongs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.estimates.curves import Band
from simulator.estimates.estimate import Estimate
from simulator.estimates.options import Option
from simulator.inputs.problems import InputError, Problem
from simulator.model.compiled import FloatArray
from simulator.storage import Results, open_results, read_table

_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, eq=False)
class Run:
    """One scenario of a run.

    Attributes
    ----------
    name, title, book : str
    seed, draws, trials : int
        ``trials`` of each draw.
    digest : str
    estimates : mapping of name to Estimate
    causes : mapping of cause to Estimate
        Probability that it has collapsed by that cause before the horizon.
    years : float64 array, shape (G + 1,)
    survival : Band, shape (G + 1,)
    incidence : mapping of cause to Band, shape (G + 1,)
    year_ends : float64 array, shape (Y,)
    deployed : Band, shape (Y,)
    by_option : mapping of choice to mapping of option to Option
    finding : str
        What a reader should see first.
    waterfall : mapping of step to Estimate
        Soldiers at every step of `simulator.estimates.waterfall.STEPS`.
    notes : tuple of str
    plan : mapping
        The resolved scenario; empty where the folder does not tell.
    background : mapping
        What `simulator.analysis.background` wrote of this scenario; empty where there is none.
    """

    name: str
    title: str
    book: str
    seed: int
    draws: int
    trials: int
    digest: str
    estimates: Mapping[str, Estimate]
    causes: Mapping[str, Estimate]
    years: FloatArray
    survival: Band
    incidence: Mapping[str, Band]
    year_ends: FloatArray
    deployed: Band
    by_option: Mapping[str, Mapping[str, Option]]
    finding: str
    waterfall: Mapping[str, Estimate]
    notes: tuple[str, ...]
    plan: Mapping[str, Any]
    background: Mapping[str, Any]

    @property
    def horizon(self) -> float:
        """Years."""
        return float(self.years[-1])


@dataclass(frozen=True, eq=False)
class Runs:
    """All scenarios of a run, what it came from, and the assumption books it used."""

    runs: tuple[Run, ...]
    provenance: Mapping[str, Any]
    books: Mapping[str, Mapping[str, Any]]


def load_runs(folder: Path, checked: bool = True) -> Runs:
    """Read what ``simulator run --out`` wrote.

    Parameters
    ----------
    folder : Path
    checked : bool
        See `open_results`.

    Raises
    ------
    StorageError, InputError
        If a file is missing or is not what was written.
    """
    return runs_of(open_results(folder, checked))


def runs_of(kept: Results) -> Runs:
    """Read what `simulator.analysis.files.run_files` made; raise as `load_runs` does."""
    folder = kept.folder
    summaries = kept.json("summary.json")
    background = kept.json("background.json") if kept.checked or kept.has("background.json") else {}
    columns = read_table(
        kept.read("curves.parquet"), folder / "curves.parquet", kept.checked
    ).columns
    try:
        plans = kept.provenance.get("resolved", {})
        behind = {one["scenario"]: one for one in background.get("scenarios", [])}
        runs = tuple(
            _run(one, columns, plans.get(one["scenario"], {}), behind.get(one["scenario"], {}))
            for one in summaries
        )
        if not runs:
            raise ValueError("it names no scenario")
        return Runs(runs, kept.provenance, background.get("books", {}))
    except _BROKEN as error:
        raise broken(folder, "`simulator run --out`", error) from error


def broken(place: Path, writer: str, error: Exception) -> InputError:
    """The error for a file that is not what ``writer`` wrote."""
    reason = f"lacks {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
    message = f"is not what {writer} writes ({reason}); run it again"
    return InputError([Problem(None, str(place), message)])


def estimate_of(tree: Mapping[str, Any]) -> Estimate:
    """An estimate as it was written to JSON."""
    numbers = [None if tree[k] is None else float(tree[k]) for k in ("value", "mcse", "p05", "p95")]
    value, mcse, low, high = numbers
    return Estimate(value, mcse, low, high, note=str(tree.get("note", "")))


def estimates_of(tree: Mapping[str, Any]) -> dict[str, Estimate]:
    """Estimates by name as they were written to JSON."""
    return {str(name): estimate_of(one) for name, one in tree.items()}


def _run(
    one: Mapping[str, Any],
    columns: Mapping[str, np.ndarray[Any, Any]],
    plan: Mapping[str, Any],
    background: Mapping[str, Any],
) -> Run:
    mine = columns["scenario"] == one["scenario"]
    names = columns["curve"][mine]

    def curve(name: str) -> tuple[FloatArray, Band]:
        at = names == name
        if not at.any():
            raise ValueError(f"it has no curve '{name}' for '{one['scenario']}'")
        parts = {k: columns[k][mine][at].astype(np.float64) for k in _BAND}
        return columns["years"][mine][at].astype(np.float64), Band(**parts)

    years, survival = curve("survival")
    ends, deployed = curve("deployed")
    return Run(
        name=str(one["scenario"]),
        title=str(one["title"]),
        book=str(one["book"]),
        seed=int(one["seed"]),
        draws=int(one["draws"]),
        trials=int(one["trials"]),
        digest=str(one["digest"]),
        estimates=estimates_of(one["estimates"]),
        causes=estimates_of(one["causes_detail"]),
        years=years,
        survival=survival,
        incidence={str(c): curve(f"incidence:{c}")[1] for c in one["causes_detail"]},
        year_ends=ends,
        deployed=deployed,
        by_option={
            str(choice): {
                str(name): Option(int(option["draws"]), estimates_of(option["estimates"]))
                for name, option in options.items()
            }
            for choice, options in one["by_option"].items()
        },
        finding=str(one["finding"]),
        waterfall=estimates_of(one["waterfall"]),
        notes=_texts(one["notes"]),
        plan=plan,
        background=background,
    )


_BAND: Final = ("value", "mcse", "p05", "p95")


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)
