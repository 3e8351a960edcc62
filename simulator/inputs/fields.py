"""What a pydantic model allows at a place: found by walking its annotations."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

# Models can contain themselves; a search for a field stops after this many.
MOST_BLOCKS = 200


@dataclass(frozen=True)
class Meaning:
    """What a field allows, in words; put into ``Annotated[...]`` where its type says too little."""

    words: str


class Kind(NamedTuple):
    """A type as annotated, with the constraints that came with it."""

    annotation: Any
    constraints: tuple[Any, ...]


def kinds_at(model: type[BaseModel], path: Sequence[object]) -> list[Kind]:
    """Return every type that a value at `path` may have; several where the model has a union."""
    kinds = _alternatives(Kind(model, ()))
    for part in path:
        kinds = [found for kind in kinds for found in _inside(kind, part)]
    return kinds


def field_names(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """Return the names of the fields that a mapping at `path` may have, as users write them."""
    return list(dict.fromkeys(chain(*map(_fields, kinds_at(model, path)))))


def paths_of_field(model: type[BaseModel], name: str) -> list[str]:
    """Return the dotted paths of fields of that name in the blocks of a model."""
    found = []
    blocks = [("", Kind(model, ()))]
    for path, block in blocks:
        for written, field in _fields(block).items():
            if written == name:
                found.append(path + written)
            blocks += [
                (f"{path}{written}.", inner) for inner in field if _is_model(inner.annotation)
            ]
        if len(blocks) > MOST_BLOCKS:
            break
    return found


def words_at(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """Return the words that a value at `path` may be, if the model lists them."""
    return [word for kind in kinds_at(model, path) for word in _choices(kind.annotation)]


def meaning_at(model: type[BaseModel], path: Sequence[object]) -> str | None:
    """Return the words of the `Meaning` that a value at `path` carries, if any."""
    return next(filter(None, map(_meaning, kinds_at(model, path))), None)


def expected(model: type[BaseModel], path: Sequence[object]) -> str:
    """Return in words what a value at `path` must be: ``a whole number >= 0, or null``."""
    words = dict.fromkeys(_in_words(kind) for kind in kinds_at(model, path))
    null = words.pop("null", "") is None
    text = " or ".join(words) or "null"
    return f"{text}, or null" if null and words else text


def _meaning(kind: Kind) -> str | None:
    return next((item.words for item in kind.constraints if isinstance(item, Meaning)), None)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _alternatives(kind: Kind) -> list[Kind]:
    """Return the members of a union, constraints passed down, root models opened."""
    annotation, constraints = kind
    if hasattr(annotation, "__value__"):  # a type alias; its class differs between versions
        return _alternatives(Kind(annotation.__value__, constraints))
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        opened = [item.metadata if isinstance(item, FieldInfo) else [item] for item in extra]
        return _alternatives(Kind(inner, (*constraints, *chain(*opened))))
    if origin is Union or origin is types.UnionType:
        members = get_args(annotation)
        return [found for item in members for found in _alternatives(Kind(item, constraints))]
    if _is_model(annotation) and issubclass(annotation, RootModel):
        return _alternatives(_of_field(annotation.model_fields["root"]))
    return [kind]


def _of_field(field: FieldInfo) -> Kind:
    return Kind(field.annotation, tuple(field.metadata))


def _fields(kind: Kind) -> dict[str, list[Kind]]:
    """Return the types of a model's fields, by their names as users write them."""
    fields = kind.annotation.model_fields.items() if _is_model(kind.annotation) else ()
    return {field.alias or name: _alternatives(_of_field(field)) for name, field in fields}


def _inside(kind: Kind, part: object) -> list[Kind]:
    """Return the types of what lies under one key or index of a value of this type."""
    if _is_model(kind.annotation):
        return _fields(kind).get(str(part), [])
    origin, arguments = get_origin(kind.annotation), get_args(kind.annotation)
    if not isinstance(origin, type) or not arguments:
        return []
    if issubclass(origin, Mapping):
        return _alternatives(Kind(arguments[1], ()))
    if issubclass(origin, tuple) and isinstance(part, int) and arguments[-1] is not Ellipsis:
        return _alternatives(Kind(arguments[part], ())) if part < len(arguments) else []
    is_list = issubclass(origin, Sequence | frozenset | set)
    return _alternatives(Kind(arguments[0], ())) if is_list else []


def _in_words(kind: Kind) -> str:
    annotation, constraints = kind
    if annotation in (None, type(None)):
        return "null"
    if meaning := _meaning(kind):
        return meaning
    if choices := _choices(annotation):
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    return _word_for(get_origin(annotation) or annotation) + _bounds(constraints)


def _choices(annotation: Any) -> list[str]:
    return list(map(str, get_args(annotation))) if get_origin(annotation) is Literal else []


def _word_for(origin: Any) -> str:
    simple = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    if origin in simple:
        return simple[origin]
    if isinstance(origin, type) and issubclass(origin, BaseModel | Mapping):
        return "a mapping ('key: value' lines)"
    is_list = isinstance(origin, type) and issubclass(origin, Sequence | frozenset | set)
    return "a list" if is_list else "another value"


def _bounds(constraints: tuple[Any, ...]) -> str:
    """Return numeric limits in words, an interval where both ends are known."""
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    found = ((name, getattr(item, name, None)) for item in constraints for name in signs)
    limits = {name: limit for name, limit in found if limit is not None}
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        return f" in {'[' if 'ge' in limits else '('}{low}, {high}{']' if 'le' in limits else ')'}"
    return next((f" {signs[name]} {limit}" for name, limit in limits.items()), "")
