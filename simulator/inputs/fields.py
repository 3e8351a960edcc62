"""What a pydantic model allows at a place: found by walking its annotations."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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
    names: dict[str, None] = {}
    for kind in kinds_at(model, path):
        if _is_model(kind.annotation):
            for name, field in kind.annotation.model_fields.items():
                names[field.alias or name] = None
    return list(names)


def paths_of_field(model: type[BaseModel], name: str) -> list[str]:
    """Return the dotted paths of fields of that name in the blocks of a model."""
    found = []
    blocks: list[tuple[str, Any]] = [("", model)]
    for path, block in blocks:
        for field_name, field in block.model_fields.items():
            written = path + (field.alias or field_name)
            if (field.alias or field_name) == name:
                found.append(written)
            inner = _alternatives(_of_field(field))
            blocks += [(f"{written}.", k.annotation) for k in inner if _is_model(k.annotation)]
        if len(blocks) > MOST_BLOCKS:
            break
    return found


def words_at(model: type[BaseModel], path: Sequence[object]) -> list[str]:
    """Return the words that a value at `path` may be, if the model lists them."""
    return [word for kind in kinds_at(model, path) for word in _choices(kind.annotation)]


def meaning_at(model: type[BaseModel], path: Sequence[object]) -> str | None:
    """Return the words of the `Meaning` that a value at `path` carries, if any."""
    for kind in kinds_at(model, path):
        for item in kind.constraints:
            if isinstance(item, Meaning):
                return item.words
    return None


def expected(model: type[BaseModel], path: Sequence[object]) -> str:
    """Return in words what a value at `path` must be: ``a whole number >= 0, or null``."""
    words = dict.fromkeys(_in_words(kind) for kind in kinds_at(model, path))
    null = words.pop("null", "") is None
    text = " or ".join(words) or "null"
    return f"{text}, or null" if null and words else text


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
        extra = [part for item in extra for part in _opened(item)]
        return _alternatives(Kind(inner, (*constraints, *extra)))
    if origin is Union or origin is types.UnionType:
        members = get_args(annotation)
        return [found for item in members for found in _alternatives(Kind(item, constraints))]
    if _is_model(annotation) and issubclass(annotation, RootModel):
        return _alternatives(_of_field(annotation.model_fields["root"]))
    return [kind]


def _opened(item: Any) -> list[Any]:
    return list(item.metadata) if isinstance(item, FieldInfo) else [item]


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
    for item in constraints:
        if isinstance(item, Meaning):
            return item.words
    if choices := _choices(annotation):
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    origin = get_origin(annotation) or annotation
    return _word_for(origin) + _bounds(constraints)


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []


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
    low = limits.get("ge", limits.get("gt"))
    high = limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        opening = "[" if "ge" in limits else "("
        closing = "]" if "le" in limits else ")"
        return f" in {opening}{low}, {high}{closing}"
    if low is not None:
        return f" {'>=' if 'ge' in limits else '>'} {low}"
    if high is not None:
        return f" {'<=' if 'le' in limits else '<'} {high}"
    return ""
