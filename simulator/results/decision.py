"""A decision with what stands behind it, as ``simulator decide`` prints and writes it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from simulator.decide import decision
from simulator.results.forms import of_tree, read_json

DECISION: Final = "decision.json"
Tree = Mapping[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Decision(decision.Decision):
    """Which plan, and what stands behind it."""

    seed: int
    finding: str  # what a reader should see first
    book_names: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)  # of the jobs of plans
    # Where only the numbers were kept these are empty: plan -> resolved scenario and book's name.
    resolved: Mapping[str, Tree] = field(default_factory=dict)
    books: Mapping[str, Tree] = field(default_factory=dict)  # as `Book.machine_form` gives them
    provenance: Tree = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The decision as ``--json`` prints it: without what a folder adds."""
        behind = ("resolved", "books", "provenance")
        tree = {k: v for k, v in asdict(self).items() if k not in behind}
        return tree | {"plan_names": tree.pop("plans")}


def decision_of(
    found: decision.Decision, seed: int, books: Iterable[str], finding: str, **more: Any
) -> Decision:
    """A decision with what is said of it."""
    more |= {"seed": seed, "finding": finding, "book_names": tuple(dict.fromkeys(books))}
    return Decision(**{of.name: getattr(found, of.name) for of in fields(found)}, **more)


def load_decision(path: Path, checked: bool = True) -> Decision:
    """Read a decision, as `read_json` says."""

    def read(tree: dict[str, Any]) -> Decision:
        plans = {"resolved": tree.get("plans", {}), "plans": tree["plan_names"]}
        return of_tree(Decision, tree | plans)

    return read_json(path, DECISION, "decide", checked, read)
