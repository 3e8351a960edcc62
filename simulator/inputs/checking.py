"""Strict pydantic checking of documents, every error turned into a problem with its place.

A document is checked as JSON in pydantic's strict mode: that is exactly what YAML's core schema can
say (lists may become tuples, nothing else is converted).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.inputs.fields import (
    expected,
    field_names,
    kinds_at,
    meaning_at,
    paths_of_field,
    words_at,
)
from simulator.inputs.nodes import Document, Node, child
from simulator.inputs.problems import (
    MAX_PROBLEMS,
    InputError,
    KeyPath,
    Problem,
    closest,
    did_you_mean,
    dotted,
    listed,
    shortened,
)
from simulator.inputs.scalars import hint_for_dots, hint_for_text

# Kinds of pydantic errors that say only that a value is of another type.
_OF_TYPE = {
    *(
        f"{kind}_type"
        for kind in ("int", "float", "bool", "string", "list", "tuple", "set", "dict")
    ),
    *(
        f"{kind}_type"
        for kind in ("frozen_set", "mapping", "model", "model_attributes", "dataclass")
    ),
    *("int_from_float", "int_parsing", "int_parsing_size", "float_parsing", "bool_parsing"),
    *("none_required", "literal_error", "enum", "union_tag_invalid", "union_tag_not_found"),
}
_OF_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}

ModelT = TypeVar("ModelT", bound=BaseModel)


class StrictModel(BaseModel):
    """Base of what users write: strict, frozen, no unknown fields."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    # What to write instead of fields that people know from elsewhere.
    instead: ClassVar[Mapping[str, str]] = {}


class FieldError(ValueError):
    """Raised in a model's validator to say which field below it is at fault."""

    def __init__(self, message: str, at: Sequence[str | int] = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.at = tuple(at)
        self.hint = hint


def check(document: Document, model: type[ModelT]) -> ModelT:
    """Return a document as an instance of a strict pydantic model."""
    checked, problems = check_tolerantly(document, model)
    if problems or checked is None:
        raise InputError(problems)
    return checked


def check_tolerantly(
    document: Document, model: type[ModelT], complete: bool = True
) -> tuple[ModelT | None, list[Problem]]:
    """Check a document like `check`, but return the problems.

    Where a document is not ``complete``, absent fields are no problem: they could not be read.
    """
    try:
        return model.model_validate_json(json.dumps(document.value), strict=True), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    faults = [_Fault(document, model, raw) for raw in errors[:MAX_PROBLEMS]]
    # Where a union failed, the member that the value was meant for: a mapping that is meant as one
    # member is also "not a number"; that says nothing.
    meant = {fault.branch for fault in faults if fault.branch is not None and fault.is_telling()}
    faults = [fault for fault in faults if fault.branch not in meant or fault.is_telling()]
    faults = [fault for fault in faults if not fault.is_known()]
    # Nothing is missing where an unknown neighbour is evidently that field, misspelt.
    misspelt = {(*fault.path[:-1], fault.suggestion) for fault in faults if fault.suggestion}
    problems = [
        fault.problem()
        for fault in faults
        if fault.type != "missing" or (complete and fault.path not in misspelt)
    ]
    return None, in_source_order(document, list(dict.fromkeys(problems)))


def in_source_order(document: Document, problems: list[Problem]) -> list[Problem]:
    """Sort problems by file (the document's own first), line and column."""
    files = {name: index for index, name in enumerate(document.files)}

    def place(problem: Problem) -> tuple[int, int, int]:
        if problem.position is None:
            return (-1, 0, 0)
        position = problem.position
        return (files.get(position.file, len(files)), position.line, position.column)

    return sorted(problems, key=place)


class _Fault:
    """One pydantic error, placed in the document."""

    def __init__(self, document: Document, model: type[BaseModel], raw: Any) -> None:
        self.document, self.model, self.raw = document, model, raw
        self.type: str = raw["type"]
        self.cause = raw.get("ctx", {}).get("error")
        self.path, self.branch = _placed(document, raw["loc"], self.type)
        if isinstance(self.cause, FieldError):
            self.path += self.cause.at
        self.suggestion: str | None = None
        self.allowed: list[str] = []
        if self.type == "extra_forbidden":
            # Every file may extend another; that is settled before its model sees it.
            top = ["extends"] if len(self.path) == 1 else []
            self.allowed = [*field_names(model, self.path[:-1]), *top]
            self.suggestion = closest(self.path[-1], self.allowed)

    def is_telling(self) -> bool:
        """Whether more is said than that a value is of another type than a union's member."""
        return self.path != self.branch or self.type not in _OF_TYPE

    def is_known(self) -> bool:
        """Whether reading the value was refused, which has been reported."""
        node = self.document.at(self.path)
        return node is not None and node.broken

    def problem(self) -> Problem:
        of_key = self.type == "extra_forbidden" or self.raw["loc"][-1:] == ("[key]",)
        where = self.document.where_key if of_key else self.document.where
        return Problem(where(self.path), dotted(self.path), *self._explained())

    def _explained(self) -> tuple[str, str | None]:
        """Return what is wrong and what is allowed, and how to fix it."""
        kind, model, path = self.type, self.model, self.path
        node = self.document.at(path)
        if kind in ("value_error", "assertion_error") and isinstance(self.cause, Exception):
            return str(self.cause) or "not allowed here", getattr(self.cause, "hint", None)
        if kind == "missing":
            return f"missing, expected {expected(model, path)}", None
        if kind == "extra_forbidden":
            return f"unknown field, allowed: {listed(self.allowed)}", self._better_place()
        if self.raw["loc"][-1:] == ("[key]",):
            return "this key is not allowed here", None
        if kind in _OF_TYPE or kind in _OF_BOUNDS:
            message = f"expected {expected(model, path)}, got {_described(node)}"
            return message, _hint(model, path, node)
        if kind == "string_pattern_mismatch" and (allowed := meaning_at(model, path)):
            return f"expected {allowed}, got {_described(node)}", None
        return _measured(kind, self.raw.get("ctx", {}), _described(node)), None

    def _better_place(self) -> str | None:
        """Return a hint at what an unknown field may have been meant for."""
        name = str(self.path[-1])
        for kind in kinds_at(self.model, self.path[:-1]):
            if instead := getattr(kind.annotation, "instead", {}).get(name):
                return str(instead)
        if self.suggestion:
            return f"did you mean '{self.suggestion}'?"
        elsewhere = paths_of_field(self.model, name)
        return f"did you mean {listed(elsewhere)}?" if elsewhere else None


def _placed(document: Document, loc: Sequence[Any], kind: str) -> tuple[KeyPath, KeyPath | None]:
    """Return the document path of a pydantic location, and where it entered a union."""
    path: list[Any] = []
    union: KeyPath | None = None
    node = document.root
    for index, part in enumerate(loc):
        if part == "[key]" and index == len(loc) - 1:
            break
        found = child(node, part)
        if found is not None:
            path.append(part)
            node = found
        elif index == len(loc) - 1 and kind == "missing":
            path.append(part)
        elif union is None:
            union = tuple(path)
    return tuple(path), union


def _described(node: Node | None) -> str:
    """Return a value in a few words, for messages."""
    if node is None:
        return "nothing"
    content = node.content
    if content is None:
        return "nothing (null)"
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, dict):
        return "a mapping"
    if isinstance(content, tuple):
        return "a list"
    if isinstance(content, str):
        return f"the text '{shortened(content)}'"
    return shortened(node.word)


def _hint(model: type[BaseModel], path: KeyPath, node: Node | None) -> str | None:
    content = node.content if node is not None else None
    allowed = expected(model, path)
    if isinstance(content, str):
        if "true or false" in allowed and content.casefold() in _TRUTHS:
            return f"did you mean {_TRUTHS[content.casefold()]}? YAML 1.2 reads {content} as text"
        if "true or false" in allowed and content.casefold() in ("true", "false"):
            return f"did you mean {content.casefold()}, without quotes?"
        if words := words_at(model, path):
            return did_you_mean(content, words)
        if "number" in allowed and node is not None:
            whole = "a number" not in allowed
            hint = hint_for_text(content, whole, node.mark.source.file == "--set")
            if hint is not None:
                return hint
        if "a list" in allowed:
            return f"did you mean [{shortened(content)}]?"
    if node and "whole number" in allowed and (hint := hint_for_dots(node.word)):
        return hint
    if isinstance(content, float) and "whole number" in allowed and content.is_integer():
        return f"did you mean {int(content)}?"
    if isinstance(content, bool | int | float) and allowed.startswith("text") and node:
        return f"put it in quotes: '{node.word}'"
    return None


def _measured(kind: str, ctx: dict[str, Any], got: str) -> str:
    """Explain errors of length, pattern and the rarer kinds."""
    limit, most = ctx.get("min_length", ctx.get("max_length")), kind.endswith("too_long")
    bound = f"must have at {'most' if most else 'least'} {limit}"
    if kind in ("string_too_short", "string_too_long"):
        return "must not be empty" if limit == 1 and not most else f"text {bound} characters"
    if kind in ("too_short", "too_long"):
        return f"{bound} entries, has {ctx.get('actual_length')}"
    if kind == "string_pattern_mismatch":
        return f"text must match the pattern {ctx.get('pattern')}, got {got}"
    if kind == "multiple_of":
        return f"must be a multiple of {ctx.get('multiple_of')}, got {got}"
    return "must be a finite number" if kind == "finite_number" else f"{got} is not allowed here"
