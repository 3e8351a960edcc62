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
    models = [k.annotation for k in kinds_at(model, path) if _is_model(k.annotation)]
    fields = chain(*(one.model_fields.items() for one in models))
    return list(dict.fromkeys(field.alias or name for name, field in fields))


def paths_of_field(model: type[BaseModel], name: str) -> list[str]:
    """Return the dotted paths of fields of that name in the blocks of a model."""
    found = []
    blocks: list[tuple[str, Any]] = [("", model)]
    for path, block in blocks:
        for field_name, field in block.model_fields.items():
            written = field.alias or field_name
            if written == name:
                found.append(path + written)
            inner = _alternatives(_of_field(field))
            models = [kind.annotation for kind in inner if _is_model(kind.annotation)]
            blocks += [(f"{path}{written}.", one) for one in models]
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


def _inside(kind: Kind, part: object) -> list[Kind]:
    """Return the types of what lies under one key or index of a value of this type."""
    annotation, _ = kind
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if part == (field.alias or name):
                return _alternatives(_of_field(field))
        return []
    origin, arguments = get_origin(annotation), get_args(annotation)
    if not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping) and len(arguments) == 2:
        return _alternatives(Kind(arguments[1], ()))
    if issubclass(origin, tuple) and isinstance(part, int):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return _alternatives(Kind(arguments[0], ()))
        return _alternatives(Kind(arguments[part], ())) if part < len(arguments) else []
    if issubclass(origin, Sequence | frozenset | set) and arguments:
        return _alternatives(Kind(arguments[0], ()))
    return []


def _in_words(kind: Kind) -> str:
    annotation, constraints = kind
    if annotation is None or annotation is type(None):
        return "null"
    if meaning := _meaning(kind):
        return meaning
    if choices := _choices(annotation):
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    origin = get_origin(annotation) or annotation
    return _word_for(origin) + _bounds(constraints)


def _choices(annotation: Any) -> list[str]:
    return list(map(str, get_args(annotation))) if get_origin(annotation) is Literal else []


def _word_for(origin: Any) -> str:
    if _is_model(origin) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return "a mapping ('key: value' lines)"
    simple = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    if origin in simple:
        return simple[origin]
    if isinstance(origin, type) and issubclass(origin, Sequence | frozenset | set):
        return "a list"
    return "another value"


def _bounds(constraints: tuple[Any, ...]) -> str:
    """Return numeric limits in words, an interval where both ends are known."""
    limits = {
        name: getattr(item, name)
        for item in constraints
        for name in ("gt", "ge", "lt", "le")
        if getattr(item, name, None) is not None
    }
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        return f" in {'[' if 'ge' in limits else '('}{low}, {high}{']' if 'le' in limits else ')'}"
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    return next((f" {signs[name]} {limit}" for name, limit in limits.items()), "")
