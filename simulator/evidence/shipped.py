"""The evidence that comes with the project: read, checked against its digest, ready to use."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulator.inputs import InputError, Problem, did_you_mean, listed, read_document, shipped
from simulator.storage import digest

PARTS = ("life_tables", "reference_classes", "targets", "missions", "backtest")
BOOK_CLASSES = (
    "civil_no_force",
    "civil_no_victory",
    "interstate_rivals_war_or_fatal",
    "interstate_rivals_new_war",
    "interstate_war_or_fatal",
    "interstate_new_war",
)
"""Options of the structural choice ``reference_class`` whose resamples are shipped."""


def load_evidence(part: str) -> Mapping[str, Any]:
    """Return the content of one of `PARTS`; `InputError` if it is not the one computed."""
    if part not in PARTS:
        raise InputError(
            [Problem(None, part, f"unknown, known: {listed(PARTS)}", did_you_mean(part, PARTS))]
        )
    path = shipped("configs/evidence") / f"{part}.yaml"
    value = read_document(path).value
    content: dict[str, Any] = value["content"]
    if value["digest"] != digest(content):
        message = "the content does not match its digest: it was changed after it was computed"
        hint = "compute it again with research.build"
        raise InputError([Problem(None, str(path), message, hint)])
    return MappingProxyType(content)


def shipped_class(name: str, part: str = "life_tables") -> Mapping[str, Any]:
    """Return one class of ``life_tables`` or ``reference_classes``; `InputError` if it is none."""
    classes = load_evidence(part)
    if name not in classes:
        message = f"no class of that name, shipped: {listed(classes)}"
        raise InputError([Problem(None, name, message, did_you_mean(name, classes))])
    return dict(classes[name])
