"""A comparison with what stands behind it, as ``simulator compare`` prints and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, PlainValidator

from simulator.addresses import REPLICATES
from simulator.decide.regret import Decides
from simulator.estimates import compare
from simulator.estimates.compare import Difference, Ranked, Ranking
from simulator.estimates.estimate import Estimate, Precision
from simulator.results.forms import Estimates, estimate_json, of_tree, read_as, to_tree
from simulator.storage.results import PROVENANCE, located, open_results, parsed

COMPARISON: Final = "comparison.json"
Tree = Mapping[str, Any]


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "first": one.first,
        "second": one.second,
        "quantity": one.quantity,
        **estimate_json(one.estimate),
        "p_better": one.p_better,
        "p_better_mcse": one.p_better_mcse,
        "variance_gain": one.gain,
        "significant": one.significant,
        "same": one.same,
    }


def _difference(tree: Tree) -> Difference:
    names = ("first", "second", "quantity", "p_better", "p_better_mcse", "significant", "same")
    known = {name: tree[name] for name in names}
    return Difference(**known, estimate=of_tree(Estimate, tree), gain=tree["variance_gain"])


def _ranking_json(ranked: Ranking) -> dict[str, Any]:
    return {
        "quantity": ranked.quantity,
        "order": [
            {"plan": name, **estimate_json(e), "p_best": best, "p_best_mcse": mcse}
            for name, e, best, mcse in ranked.places
        ],
        "steps": [_difference_json(step) for step in ranked.steps],
        "p_order": ranked.p_order,
        "p_order_mcse": ranked.p_order_mcse,
        "unresolved": [[step.first, step.second] for step in ranked.unresolved],
    }


def _ranking(tree: Tree) -> Ranking:
    return Ranking(
        **{name: tree[name] for name in ("quantity", "p_order", "p_order_mcse")},
        places=tuple(
            Ranked(one["plan"], of_tree(Estimate, one), one["p_best"], one["p_best_mcse"])
            for one in tree["order"]
        ),
        steps=tuple(map(_difference, tree["steps"])),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison(compare.Comparison):
    """Plans against a reference, in order, and what stands behind them."""

    differences: tuple[
        Annotated[Difference, PlainValidator(_difference), PlainSerializer(_difference_json)], ...
    ]
    ranking: Annotated[Ranking, PlainValidator(_ranking), PlainSerializer(_ranking_json)]
    estimates: Mapping[str, Estimates]
    precision: Precision | None = None
    finding: str  # what a reader should see first
    seed: int
    replicates: int
    book_names: tuple[str, ...]
    titles: Mapping[str, str] = field(default_factory=dict)  # what plans are called in sentences
    digests: Mapping[str, str] = field(default_factory=dict)  # of the jobs of plans
    # What clearly decides the difference of each plan from the reference.
    decided_by: Mapping[str, tuple[Decides, ...]] = field(default_factory=dict)
    # Where only the numbers were kept these are empty: plan -> resolved scenario and book's name.
    plans: Mapping[str, Tree] = field(default_factory=dict)
    books: Mapping[str, Tree] = field(default_factory=dict)  # as `Book.machine_form` gives them
    provenance: Tree = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The comparison as ``--json`` prints it: without what a folder adds."""
        tree = to_tree(Comparison, self)
        return {k: v for k, v in tree.items() if k not in ("plans", "books", "provenance")}


def comparison_of(
    found: compare.Comparison, seed: int, books: Sequence[str], finding: str, **more: Any
) -> Comparison:
    """A comparison with what is said of it and what stands behind it."""
    numbers = {name: getattr(found, name) for name in compare.Comparison.__slots__}
    return Comparison(
        **numbers,
        finding=finding,
        seed=seed,
        replicates=min(REPLICATES, found.draws),
        book_names=tuple(dict.fromkeys(books)),
        **more,
    )


def kept_or_printed(path: Path, name: str, checked: bool) -> tuple[Any, Tree]:
    """JSON that ``--out`` wrote under this name, with its provenance, or that ``--json`` printed.

    Raises StorageError if it is missing or was changed.
    """
    if path.name == name and located(path.parent, PROVENANCE).is_file():
        kept = open_results(path.parent, checked)
        return kept.json(name), kept.provenance
    return parsed(path, path.read_bytes()), {}


def load_comparison(path: Path, checked: bool = True) -> Comparison:
    """Read a comparison from its JSON file; plans are called by their titles.

    What was printed has nothing to check it by. Raises StorageError or InputError if it is missing,
    was changed or is not a comparison.
    """
    tree, provenance = kept_or_printed(path, COMPARISON, checked)
    return read_as(
        path,
        "simulator compare --json",
        lambda: of_tree(Comparison, {**_titled(tree), "provenance": provenance}),
    )


def _titled(tree: Tree) -> dict[str, Any]:
    """Call plans by their titles; their ids stand with the plans."""
    titles, ranking = tree["titles"], tree["ranking"]

    def called(item: Tree, *keys: str) -> dict[str, Any]:
        return {**item, **{key: titles.get(item[key], item[key]) for key in keys}}

    def pairs(items: Sequence[Tree]) -> list[dict[str, Any]]:
        return [called(one, "first", "second") for one in items]

    order = [called(one, "plan") for one in ranking["order"]]
    return {
        **called(tree, "reference"),
        "differences": pairs(tree["differences"]),
        "ranking": {**ranking, "order": order, "steps": pairs(ranking["steps"])},
        **{
            key: {titles.get(name, name): one for name, one in tree.get(key, {}).items()}
            for key in ("estimates", "plans", "decided_by")
        },
    }
