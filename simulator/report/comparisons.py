"""A comparison of plans read back from the JSON that ``simulator compare`` prints or writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from simulator.estimates.compare import Difference
from simulator.estimates.estimate import Estimate
from simulator.estimates.no_effect import Inert
from simulator.report.results import broken, estimate_of
from simulator.storage.results import PROVENANCE, located, open_results, parsed

NAME: Final = "comparison.json"
_BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True)
class Ranked:
    """A plan in the order of the ranking."""

    plan: str
    estimate: Estimate
    p_best: float | None
    p_best_mcse: float | None


@dataclass(frozen=True)
class Comparison:
    """Plans against a reference, and in order.

    Attributes
    ----------
    finding : str
        What a reader should see first.
    reference : str
    seed, draws, trials : int
    differences : tuple of Difference
        From the reference, in every quantity.
    quantity : str
        Of the ranking.
    order : tuple of Ranked
        The best first.
    steps : tuple of Difference
        Between each plan and the next one.
    p_order : float or None
        Share of the draws that put all plans in exactly this order; None of draws of few trials.
    p_order_mcse : float or None
    book_names : tuple of str
        Of the books that the plans were simulated under; empty where that was not kept.
    estimates : mapping of plan to mapping of quantity to Estimate
        Each plan by itself; empty where that was not kept.
    plans, books, provenance : mapping
        The resolved plan of each name, the assumption books by name, and what was run: all empty
        where only the numbers were kept.
    inert : tuple of Inert
        Values of varied levers among which no row kept for comparisons differs.
    decided_by : mapping of plan to sequence of mapping
        What decides its difference from the reference, as in the JSON; empty of older results.
    """

    finding: str
    reference: str
    seed: int
    draws: int
    trials: int
    differences: tuple[Difference, ...]
    quantity: str
    order: tuple[Ranked, ...]
    steps: tuple[Difference, ...]
    p_order: float | None
    p_order_mcse: float | None
    book_names: tuple[str, ...]
    estimates: Mapping[str, Mapping[str, Estimate]]
    plans: Mapping[str, Mapping[str, Any]]
    books: Mapping[str, Mapping[str, Any]]
    provenance: Mapping[str, Any]
    inert: tuple[Inert, ...] = ()
    decided_by: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def kept_or_printed(path: Path, name: str, checked: bool) -> tuple[Any, Mapping[str, Any]]:
    """Read JSON that ``--out`` wrote under this name, with its provenance, or ``--json`` printed.

    Raises
    ------
    StorageError
        If it is missing or was changed.
    """
    if path.name == name and located(path.parent, PROVENANCE).is_file():
        kept = open_results(path.parent, checked)
        return kept.json(name), kept.provenance
    return parsed(path, path.read_bytes()), {}


def load_comparison(path: Path, checked: bool = True) -> Comparison:
    """Read a comparison from its JSON file, which ``--out`` wrote or ``--json`` printed.

    Parameters
    ----------
    path : Path
    checked : bool
        See `open_results`. What was printed has nothing to check it by.

    Raises
    ------
    StorageError, InputError
        If it is missing, was changed or is not a comparison.
    """
    tree, provenance = kept_or_printed(path, NAME, checked)
    try:
        tree = _titled(tree)
        ranking = tree["ranking"]
        return Comparison(
            finding=str(tree["finding"]),
            reference=str(tree["reference"]),
            seed=int(tree["seed"]),
            draws=int(tree["draws"]),
            trials=int(tree["trials"]),
            differences=_differences(tree["differences"]),
            quantity=str(ranking["quantity"]),
            order=tuple(
                Ranked(
                    str(one["plan"]),
                    estimate_of(one),
                    _number(one["p_best"]),
                    _number(one["p_best_mcse"]),
                )
                for one in ranking["order"]
            ),
            steps=_differences(ranking["steps"]),
            p_order=_number(ranking["p_order"]),
            p_order_mcse=_number(ranking["p_order_mcse"]),
            book_names=_book_names(tree, provenance),
            estimates={
                str(plan): {str(name): estimate_of(one) for name, one in of.items()}
                for plan, of in tree.get("estimates", {}).items()
            },
            plans={str(k): v["scenario"] for k, v in tree.get("plans", {}).items()},
            books=tree.get("books", {}),
            provenance=provenance,
            inert=_inert(tree.get("inert", ())),
            decided_by=tree.get("decided_by", {}),
        )
    except _BROKEN as error:
        raise broken(path, "`simulator compare --json`", error) from error


def _titled(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Call plans by their titles; their ids stand with the plans."""
    titles = tree.get("titles", {})

    def called(item: Mapping[str, Any], *keys: str) -> dict[str, Any]:
        return {**item, **{key: titles.get(item[key], item[key]) for key in keys}}

    ranking = tree["ranking"]
    return {
        **called(tree, "reference"),
        "differences": [called(one, "first", "second") for one in tree["differences"]],
        "ranking": {
            **ranking,
            "order": [called(one, "plan") for one in ranking["order"]],
            "steps": [called(one, "first", "second") for one in ranking["steps"]],
        },
        **{
            key: {titles.get(name, name): one for name, one in tree.get(key, {}).items()}
            for key in ("estimates", "plans", "decided_by")
        },
    }


def _book_names(tree: Mapping[str, Any], provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Of older results those that the plans name, or that the provenance does."""
    if "book_names" in tree:
        return tuple(str(name) for name in tree["book_names"])
    named = [str(plan["book"]) for plan in tree.get("plans", {}).values()]
    digests = provenance.get("digests", {})
    named = named or [key[len("book:") :] for key in digests if key.startswith("book:")]
    return tuple(dict.fromkeys(named))


def _inert(items: Sequence[Mapping[str, Any]]) -> tuple[Inert, ...]:
    return tuple(
        Inert(str(one["lever"]), tuple(one["labels"]), bool(one["is_first"]), bool(one["is_last"]))
        for one in items
    )


def _differences(items: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            first=str(one["first"]),
            second=str(one["second"]),
            quantity=str(one["quantity"]),
            estimate=estimate_of(one),
            p_better=_number(one["p_better"]),
            p_better_mcse=_number(one["p_better_mcse"]),
            gain=_number(one["variance_gain"]),
            significant=bool(one["significant"]),
            same=bool(one["same"]),
        )
        for one in items
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
