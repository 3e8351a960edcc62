"""A plan: every point of a sweep with its settings and the address of its result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from simulator.analysis.precision import Target
from simulator.model.compile import MODEL_VERSION
from simulator.storage import digest
from simulator.sweeps.levers import Label, shown
from simulator.sweeps.tasks import Chunk, cut, longest_chunk

FORMAT: Final = 2


@dataclass(frozen=True, slots=True)
class Point:
    """A point: its place in the plan from 0, the SHA-256 of its job, and what it was given.

    Scenario and book are as the sweep file calls them, levers are those of the sweep's factors.
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

    def tree(self) -> dict[str, Any]:
        """Return the point as plain data."""
        tree = asdict(self)
        return {"point": tree.pop("number"), **tree}


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """A sweep resolved."""

    name: str
    title: str
    description: str | None
    model_version: int
    seed: int
    draws: int  # with a precision the most that a point may take
    trials: int
    precision: float | None
    precision_of: str | None
    levers: tuple[str, ...]  # those that differ between points, without scenario and book
    inputs: Mapping[str, str]  # SHA-256 of each book
    fixed: Mapping[str, Any]  # levers that do not differ
    options: Mapping[str, Mapping[str, Any]]  # lever -> label -> what stands behind it
    points: tuple[Point, ...]
    factors: tuple[Mapping[str, Any], ...] = ()  # kind and levers of each
    reference: int = 0  # number of a point

    @property
    def target(self) -> Target | None:
        """The error that every point, or every difference, is to reach."""
        if self.precision is None or self.precision_of is None:
            return None
        return Target(self.precision_of, self.precision)

    def chunks(self, number: int) -> tuple[Chunk, ...]:
        """Cut a point into the chunks that workers simulate."""
        digest = self.points[number].digest
        longest = longest_chunk(self.trials)
        if self.precision is not None or self.draws <= longest:
            return (Chunk(number, digest, 0, self.draws, whole=True),)
        return cut(number, digest, 0, self.draws, longest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides which points there are and what their results say."""
        return digest(self._body())

    def tree(self) -> dict[str, Any]:
        """Return the plan as plain data, its own digest included."""
        return {
            **self._body(),
            "digest": self.digest,
            "factors": list(self.factors),
            "reference": self.reference,
        }

    def _body(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            **{name: getattr(self, name) for name in _BODY},
            "points": [point.tree() for point in self.points],
        }


_BODY = tuple(SweepPlan.__annotations__)[:-3]  # all before the points


def described(point: Point) -> str:
    """Return a point in a few words: ``point 3 (force.posture = line)``."""
    levers = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
    return f"point {point.number} ({levers or f'{point.scenario}, {point.book}'})"


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


def plan_from_tree(tree: Mapping[str, Any], checked: bool = True) -> SweepPlan:
    """Return the plan that `SweepPlan.tree` wrote down.

    Raises ValueError if it is not one, or ``checked`` and it was changed since.
    """
    later = ("digest", "factors", "reference")
    body = {key: value for key, value in tree.items() if key not in later}
    try:
        if checked and tree["digest"] != digest(body):
            raise ValueError("it was changed; --unchecked reads it as it is")
        written = {name: tree[name] for name in _BODY} | {
            "levers": tuple(tree["levers"]),
            "points": tuple(
                Point(p["point"], p["digest"], p["scenario"], p["book"], p["levers"])
                for p in tree["points"]
            ),
        }
        return SweepPlan(
            **written,
            factors=tuple(tree.get("factors", ())),
            reference=tree.get("reference", 0),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from None
