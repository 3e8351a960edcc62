"""A decision with what stands behind it, as ``simulator decide`` prints and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from simulator.decide import decision
from simulator.results.comparison import kept_or_printed
from simulator.results.forms import of_tree, read_as

DECISION: Final = "decision.json"
Tree = Mapping[str, Any]
_BEHIND: Final = ("resolved", "books", "provenance")


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
        tree = {k: v for k, v in asdict(self).items() if k not in _BEHIND}
        return tree | {"plan_names": tree.pop("plans")}


def decision_of(
    found: decision.Decision, seed: int, books: Sequence[str], finding: str, **more: Any
) -> Decision:
    """A decision with what is said of it."""
    numbers = {one.name: getattr(found, one.name) for one in fields(found)}
    names = tuple(dict.fromkeys(books))
    return Decision(**numbers, finding=finding, seed=seed, book_names=names, **more)


def load_decision(path: Path, checked: bool = True) -> Decision:
    """Read a decision from its JSON file; raises as `load_comparison`."""
    tree, provenance = kept_or_printed(path, DECISION, checked)

    def read() -> Decision:
        more = {"resolved": tree.get("plans", {}), "provenance": provenance}
        return of_tree(Decision, {**tree, "plans": tree["plan_names"], **more})

    return read_as(path, "simulator decide --json", read)
