"""How results become JSON and are read back: one adapter for every object, and its refusals."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from simulator.estimates.estimate import ESTIMATE_FIELDS, Estimate
from simulator.estimates.influence import Option
from simulator.estimates.outcome import Band
from simulator.inputs.problems import InputError, Problem
from simulator.model.compiled import FloatArray

BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)
T = TypeVar("T")


def estimate_json(e: Estimate) -> dict[str, Any]:
    """An estimate as a JSON object; ``interval`` is that of 95 %, ``note`` only if there is one."""
    tree = {name: getattr(e, name) for name in ESTIMATE_FIELDS}
    tree |= {"interval": e.interval(), "replicates": e.replicates}
    return tree | ({"note": e.note} if e.note else {})


def estimates_json(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    """Estimates by name as JSON objects."""
    return {name: estimate_json(e) for name, e in estimates.items()}


def numbers(values: FloatArray) -> list[float | None]:
    """An array as a list; what is not finite as null."""
    return [v if np.isfinite(v) else None for v in values.tolist()]


def array(values: Any) -> FloatArray:
    """A list as an array; null becomes NaN."""
    return np.array(values, np.float64)


def band_json(band: Band, *names: str) -> dict[str, list[float | None]]:
    """The named fields of a curve that are there."""
    return {name: numbers(v) for name in names if (v := getattr(band, name)) is not None}


def _band(tree: Mapping[str, Any]) -> Band:
    return Band(**{name: array(values) for name, values in tree.items()})


def _option_json(option: Option) -> dict[str, Any]:
    return {"draws": option.draws, "estimates": estimates_json(option.estimates)}


_Estimate = Annotated[Estimate, PlainSerializer(estimate_json)]
Estimates = Mapping[str, _Estimate]
Options = Mapping[str, Mapping[str, Annotated[Option, PlainSerializer(_option_json)]]]
Array = Annotated[FloatArray, PlainValidator(array), PlainSerializer(numbers)]
Curve = Annotated[
    Band,
    PlainValidator(_band),
    PlainSerializer(lambda band: band_json(band, "value", "mcse", "p05", "p95")),
]


@cache
def _adapter(of: Any) -> TypeAdapter[Any]:
    return TypeAdapter(of)


def to_tree(of: Any, value: object) -> dict[str, Any]:
    """The fields of an object as plain data for JSON; a precision only if one was asked for."""
    tree: dict[str, Any] = _adapter(of).dump_python(value, by_alias=True, warnings=False)
    return {k: v for k, v in tree.items() if k != "precision" or v is not None}


def of_tree(of: type[T], tree: Any) -> T:
    """The object of plain data; raises one of `BROKEN` if it is not such an object's."""
    kind: Any = of
    found: T = _adapter(kind).validate_python(tree)
    return found


def read_as(place: Path, writer: str, read: Callable[[], T]) -> T:
    """What ``read`` returns; InputError if the file at ``place`` is not what ``writer`` wrote."""
    try:
        return read()
    except BROKEN as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        message = f"is not what `{writer}` writes ({reason}); run it again"
        raise InputError([Problem(None, str(place), message)]) from error
