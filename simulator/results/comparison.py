"""A comparison with what stands behind it, as ``simulator compare`` prints and writes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, PlainValidator

from simulator.addresses import REPLICATES
from simulator.decide.regret import Decides
from simulator.estimates import compare
from simulator.estimates.compare import Difference, Ranked, Ranking
from simulator.estimates.estimate import Estimate, Precision
from simulator.results.forms import Estimates, flat, of_tree, read_json, to_tree

COMPARISON: Final = "comparison.json"
Tree = Mapping[str, Any]


def _difference_json(one: Difference) -> dict[str, Any]:
    tree = flat({of.name: getattr(one, of.name) for of in fields(one)})
    return {"variance_gain" if name == "gain" else name: value for name, value in tree.items()}


def _difference(tree: Tree) -> Difference:
    more = {"estimate": of_tree(Estimate, tree), "gain": tree["variance_gain"]}
    return Difference(
        **{of.name: tree[of.name] for of in fields(Difference) if of.name not in more}, **more
    )


def _ranking_json(ranked: Ranking) -> dict[str, Any]:
    return {
        "quantity": ranked.quantity,
        "order": [flat(one._asdict()) for one in ranked.places],
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


def comparison_of(found: compare.Comparison, books: Iterable[str], **more: Any) -> Comparison:
    """A comparison with what is said of it and what stands behind it."""
    more |= {"book_names": tuple(dict.fromkeys(books)), "replicates": min(REPLICATES, found.draws)}
    return Comparison(**{of.name: getattr(found, of.name) for of in fields(found)}, **more)


def load_comparison(path: Path, checked: bool = True) -> Comparison:
    """Read a comparison, as `read_json` says; plans are called by their titles."""
    return read_json(
        path, COMPARISON, "compare", checked, lambda tree: of_tree(Comparison, _titled(tree))
    )


def _titled(tree: Tree) -> dict[str, Any]:
    """Call plans by their titles; their ids stand with the plans."""
    titles, ranking = tree["titles"], tree["ranking"]

    def called(item: Tree, *keys: str) -> dict[str, Any]:
        return {**item, **{key: titles.get(item[key], item[key]) for key in keys}}

    def pairs(items: Iterable[Tree]) -> list[dict[str, Any]]:
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
