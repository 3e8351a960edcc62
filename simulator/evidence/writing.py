"""How evidence is written down: rounded to what it knows, as YAML, with a digest; and read back."""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.inputs import InputError, Problem, did_you_mean, listed, read_document, shipped
from simulator.storage import digest


def rounded(value: float, digits: int = 4) -> float:
    """Round to significant digits; NaN and infinity stay."""
    if value == 0 or not math.isfinite(value):
        return float(value)
    return float(f"{value:.{digits}g}")


def rounded_share(value: float, digits: int = 4) -> float:
    """Round a share so that it keeps its digits near 1 as well as near 0."""
    if value < 0.9:
        return rounded(value, digits)
    return float(f"{1.0 - rounded(1.0 - value, digits - 1):.12g}")


def range_of(values: Any, share: bool = False) -> dict[str, float]:
    """Return ``{p05, p50, p95}`` of the values, rounded; NaN are left out."""
    cut = rounded_share if share else rounded
    low, middle, high = np.nanquantile(np.asarray(values, dtype=np.float64), [0.05, 0.5, 0.95])
    return {"p05": cut(float(low)), "p50": cut(float(middle)), "p95": cut(float(high))}


def drawn_whole(values: Iterable[float]) -> dict[str, Any]:
    """Return the distribution of one column of resamples; what is the same in all is fixed."""
    column = list(values)
    if len(set(column)) == 1:
        return {"fixed": column[0]}
    return {"resamples": " ".join(map(repr, column))}


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return a mapping of plain values as YAML, in the given order, innermost lists on one line."""
    import yaml

    return str(
        yaml.safe_dump(
            dict(content), sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
        )
    )


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
