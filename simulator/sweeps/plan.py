"""A plan: every point of a sweep with its settings and the address of its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from simulator.model.compile import MODEL_VERSION
from simulator.storage import digest
from simulator.sweeps.pieces import Piece, cut, longest_piece
from simulator.sweeps.values import Label

FORMAT: Final = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a sweep.

    Attributes
    ----------
    number : int
        Its place in the plan, from 0.
    digest : str
        SHA-256 of its job: where its result is kept.
    scenario, book : str
        As the sweep file calls them.
    levers : mapping of str to label
        What it was given of the sweep's factors, as written in tables.
    """

    number: int
    digest: str
    scenario: str
    book: str
    levers: Mapping[str, Label]

    @property
    def settings(self) -> dict[str, Label]:
        """All that sets it apart from other points, its scenario and book included."""
        return {"scenario": self.scenario, "book": self.book, **self.levers}


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep resolved.

    Attributes
    ----------
    name, title : str
    description : str or None
    seed, trials, model_version : int
    draws : int
        Of every point; with a precision the most that a point may take.
    precision : float or None
        Standard error at which a point has draws enough.
    precision_of : str or None
        Of which estimate.
    keys : tuple of str
        The levers that differ between points; scenario and book are left out, every point has them.
    points : tuple of Point
    inputs : mapping of str to str
        SHA-256 of each book.
    fixed : mapping of str to plain data
        Levers that are set to the same at every point.
    options : mapping of lever to mapping of label to plain data
        What stands behind labels that are not the values themselves.
    """

    name: str
    title: str
    description: str | None
    seed: int
    draws: int
    trials: int
    precision: float | None
    precision_of: str | None
    model_version: int
    keys: tuple[str, ...]
    points: tuple[Point, ...]
    inputs: Mapping[str, str]
    fixed: Mapping[str, Any]
    options: Mapping[str, Mapping[str, Any]]

    def pieces(self, number: int) -> tuple[Piece, ...]:
        """Cut a point into the pieces that workers simulate."""
        digest = self.points[number].digest
        longest = longest_piece(self.trials)
        if self.precision is not None or self.draws <= longest:
            return (Piece(number, digest, 0, self.draws, "point"),)
        return cut(number, digest, 0, self.draws, longest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan."""
        return digest(self._body())

    def tree(self) -> dict[str, Any]:
        """Return the plan as plain data, its own digest included."""
        return {**self._body(), "digest": self.digest}

    def _body(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "model_version": self.model_version,
            "seed": self.seed,
            "draws": self.draws,
            "trials": self.trials,
            "precision": self.precision,
            "precision_of": self.precision_of,
            "levers": list(self.keys),
            "inputs": dict(self.inputs),
            "fixed": dict(self.fixed),
            "options": {key: dict(values) for key, values in self.options.items()},
            "points": [
                {
                    "point": point.number,
                    "digest": point.digest,
                    "scenario": point.scenario,
                    "book": point.book,
                    "levers": dict(point.levers),
                }
                for point in self.points
            ],
        }


_AS_WRITTEN = (
    "name",
    "title",
    "description",
    "model_version",
    "seed",
    "draws",
    "trials",
    "precision",
    "precision_of",
    "inputs",
    "fixed",
    "options",
)


def other_version(tree: Any) -> str | None:
    """Say that another version of the simulator wrote a plan, if one did."""
    if not isinstance(tree, dict):
        return None
    written = [tree.get(key) for key in ("format", "model_version")]
    if None in written or written == [FORMAT, MODEL_VERSION]:
        return None
    return (
        f"is the plan of another version of the simulator (format {written[0]}, model "
        f"{written[1]}; here format {FORMAT}, model {MODEL_VERSION}), whose results cannot be "
        "used: choose another folder, or go on with that version"
    )


def plan_from_tree(tree: Mapping[str, Any], checked: bool = True) -> Plan:
    """Return the plan that `Plan.tree` wrote down.

    Raises
    ------
    ValueError
        If it is not one, or ``checked`` and it was changed since.
    """
    body = {key: value for key, value in tree.items() if key != "digest"}
    try:
        if checked and tree["digest"] != digest(body):
            raise ValueError("it was changed; --unchecked reads it as it is")
        points = tuple(
            Point(p["point"], p["digest"], p["scenario"], p["book"], p["levers"])
            for p in tree["points"]
        )
        rest = {name: tree[name] for name in _AS_WRITTEN}
        return Plan(**rest, keys=tuple(tree["levers"]), points=points)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from None
