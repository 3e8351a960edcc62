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
from simulator.storage.results import PROVENANCE, located, open_results, parsed

T = TypeVar("T")


def estimate_json(e: Estimate) -> dict[str, Any]:
    """An estimate as a JSON object; ``interval`` is that of 95 %, ``note`` only if there is one."""
    tree = {name: getattr(e, name) for name in ESTIMATE_FIELDS}
    tree |= {"interval": e.interval(), "replicates": e.replicates}
    return tree | ({"note": e.note} if e.note else {})


def numbers(values: FloatArray) -> list[float | None]:
    """An array as a list; what is not finite as null."""
    return [v if np.isfinite(v) else None for v in values.tolist()]


def array(values: Any) -> FloatArray:
    """A list as an array; null becomes NaN."""
    return np.array(values, np.float64)


def band_json(band: Band, *names: str) -> dict[str, list[float | None]]:
    """The named fields of a curve that are there."""
    return {name: numbers(v) for name in names if (v := getattr(band, name)) is not None}


def _option_json(option: Option) -> dict[str, Any]:
    estimates = {name: estimate_json(e) for name, e in option.estimates.items()}
    return {"draws": option.draws, "estimates": estimates}


Estimates = Mapping[str, Annotated[Estimate, PlainSerializer(estimate_json)]]
Options = Mapping[str, Mapping[str, Annotated[Option, PlainSerializer(_option_json)]]]
Array = Annotated[FloatArray, PlainValidator(array), PlainSerializer(numbers)]
Curve = Annotated[
    Band,
    PlainValidator(lambda tree: Band(**{name: array(values) for name, values in tree.items()})),
    PlainSerializer(lambda band: band_json(band, *ESTIMATE_FIELDS[:4])),
]


@cache
def _adapter(of: Any) -> TypeAdapter[Any]:
    return TypeAdapter(of)


def to_tree(of: Any, value: object) -> dict[str, Any]:
    """The fields of an object as plain data for JSON; a precision only if one was asked for."""
    tree: dict[str, Any] = _adapter(of).dump_python(value, by_alias=True, warnings=False)
    return {k: v for k, v in tree.items() if k != "precision" or v is not None}


def of_tree(of: type[T], tree: Any) -> T:
    """The object of plain data; raises what `read_as` reports if it is not such an object's."""
    kind: Any = of
    found: T = _adapter(kind).validate_python(tree)
    return found


def read_as(place: Path, writer: str, read: Callable[[], T]) -> T:
    """What ``read`` returns; InputError if the file at ``place`` is not what ``writer`` wrote."""
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        message = f"is not what `{writer}` writes ({reason}); run it again"
        raise InputError([Problem(None, str(place), message)]) from error


def read_json(
    path: Path, name: str, command: str, checked: bool, of: Callable[[dict[str, Any]], T]
) -> T:
    """What ``of`` makes of JSON that a command wrote under a name with ``--out``, or printed.

    What was printed has nothing to check it by, and no provenance. Raises StorageError or
    InputError if it is missing, was changed or is not such an object.
    """
    if path.name == name and located(path.parent, PROVENANCE).is_file():
        kept = open_results(path.parent, checked)
        tree, about = kept.json(name), kept.provenance
    else:
        tree, about = parsed(path, path.read_bytes()), {}
    written = f"simulator {command} --json"
    return read_as(path, written, lambda: of({**tree, "provenance": about}))


def flat(one: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a dataclass as a JSON object, with those of its estimate among them."""
    tree: dict[str, Any] = {}
    for name, value in one.items():
        tree |= estimate_json(value) if isinstance(value, Estimate) else {name: value}
    return tree
