"""Strict pydantic checking of documents, every error turned into a problem with its place.

A document is checked as JSON in pydantic's strict mode: that is exactly what YAML's core schema can
say (lists may become tuples, nothing else is converted).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.inputs import fields
from simulator.inputs import problems as wording
from simulator.inputs.nodes import Document, Node, child
from simulator.inputs.problems import MAX_PROBLEMS, InputError, KeyPath, Problem, shortened
from simulator.inputs.scalars import hint_for_dots, hint_for_text

# Kinds of pydantic errors that say only that a value is of another type.
_OF_TYPE = re.compile(r"\w+_type|(int|float|bool)_\w+|none_required|literal_error")
_TRUTHS = dict.fromkeys(("yes", "on", "y"), "true") | dict.fromkeys(("no", "off", "n"), "false")

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
    """Check like `check`, but return the problems; absent fields are some if it is `complete`."""
    try:
        return model.model_validate_json(json.dumps(document.value), strict=True), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    faults = [_Fault(document, model, raw) for raw in errors[:MAX_PROBLEMS]]
    # Where a union failed, the member that the value was meant for: a mapping that is meant as one
    # member is also "not a number"; that says nothing.
    meant = {fault.branch for fault in faults if fault.branch is not None and fault.is_telling()}
    faults = [fault for fault in faults if fault.branch not in meant or fault.is_telling()]
    # Where reading the value was refused, that has been reported.
    faults = [fault for fault in faults if not (fault.node and fault.node.broken)]
    # Nothing is missing where an unknown neighbour is evidently that field, misspelt.
    misspelt = {(*fault.path[:-1], fault.suggestion) for fault in faults if fault.suggestion}
    problems = [
        fault.problem()
        for fault in faults
        if fault.type != "missing" or (complete and fault.path not in misspelt)
    ]
    return None, in_source_order(document, problems)


def in_source_order(document: Document, problems: Iterable[Problem]) -> list[Problem]:
    """Return each problem once, by file (the document's own first), line and column."""
    files = {name: index for index, name in enumerate(document.files)}

    def place(problem: Problem) -> tuple[int, int, int]:
        at = problem.position
        return (files.get(at.file, len(files)), at.line, at.column) if at else (-1, 0, 0)

    return sorted(dict.fromkeys(problems), key=place)


class _Fault:
    """One pydantic error, placed in the document."""

    def __init__(self, document: Document, model: type[BaseModel], raw: Any) -> None:
        self.document, self.model, self.type = document, model, raw["type"]
        self.context: dict[str, Any] = raw.get("ctx", {})
        self.cause = self.context.get("error")
        self.of_key = raw["loc"][-1:] == ("[key]",)
        self.path, self.branch = _placed(document, raw["loc"], self.type)
        if isinstance(self.cause, FieldError):
            self.path += self.cause.at
        self.node = document.at(self.path)
        self.suggestion: str | None = None
        if self.type == "extra_forbidden":
            # Every file may extend another; that is settled before its model sees it.
            top = ["extends"] if len(self.path) == 1 else []
            self.allowed = [*fields.field_names(model, self.path[:-1]), *top]
            self.suggestion = wording.closest(self.path[-1], self.allowed)

    def is_telling(self) -> bool:
        """Whether more is said than that a value is of another type than a union's member."""
        return self.path != self.branch or not _OF_TYPE.fullmatch(self.type)

    def problem(self) -> Problem:
        of_key = self.of_key or self.type == "extra_forbidden"
        return self.document.problem(self.path, *self._explained(), key=of_key)

    def _explained(self) -> tuple[str, str | None]:
        """Return what is wrong and what is allowed, and how to fix it."""
        kind, model, path = self.type, self.model, self.path
        if kind in ("value_error", "assertion_error") and isinstance(self.cause, Exception):
            return str(self.cause) or "not allowed here", getattr(self.cause, "hint", None)
        if kind == "missing":
            return f"missing, expected {fields.expected(model, path)}", None
        if kind == "extra_forbidden":
            return (
                f"unknown field, allowed: {wording.listed(self.allowed)}",
                self._better_place(),
            )
        if self.of_key:
            return "this key is not allowed here", None
        got = _described(self.node)
        if _OF_TYPE.fullmatch(kind) or kind.startswith(("greater_", "less_")):
            message = f"expected {fields.expected(model, path)}, got {got}"
            return message, _hint(model, path, self.node)
        if kind == "string_pattern_mismatch" and (allowed := fields.meaning_at(model, path)):
            return f"expected {allowed}, got {got}", None
        return _measured(kind, self.context, got), None

    def _better_place(self) -> str | None:
        """Return a hint at what an unknown field may have been meant for."""
        name = str(self.path[-1])
        for kind in fields.kinds_at(self.model, self.path[:-1]):
            if instead := getattr(kind.annotation, "instead", {}).get(name):
                return str(instead)
        if self.suggestion:
            return f"did you mean '{self.suggestion}'?"
        elsewhere = fields.paths_of_field(self.model, name)
        return f"did you mean {wording.listed(elsewhere)}?" if elsewhere else None


def _placed(document: Document, loc: Sequence[Any], kind: str) -> tuple[KeyPath, KeyPath | None]:
    """Return the document path of a pydantic location, and where it entered a union."""
    path: list[Any] = []
    union: KeyPath | None = None
    node: Node | None = document.root
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if last and part == "[key]":
            break
        found = child(node, part)
        if found is not None or (last and kind == "missing"):
            path.append(part)
            node = found
        elif union is None:
            union = tuple(path)
    return tuple(path), union


def _described(node: Node | None) -> str:
    """Return a value in a few words, for messages."""
    match node.content if node else None:
        case str(text):
            return f"the text '{shortened(text)}'"
        case bool(truth):
            return "true" if truth else "false"
        case dict():
            return "a mapping"
        case tuple():
            return "a list"
        case None:
            return "nothing (null)" if node else "nothing"
    return shortened(node.word if node else "")


def _hint(model: type[BaseModel], path: KeyPath, node: Node | None) -> str | None:
    if node is None:
        return None
    content, allowed = node.content, fields.expected(model, path)
    whole = "whole number" in allowed
    if isinstance(content, str):
        if "true or false" in allowed and (truth := _TRUTHS.get(content.casefold())):
            return f"did you mean {truth}? YAML 1.2 reads {content} as text"
        if "true or false" in allowed and content.casefold() in _TRUTHS.values():
            return f"did you mean {content.casefold()}, without quotes?"
        if words := fields.words_at(model, path):
            return wording.did_you_mean(content, words)
        if "number" in allowed:
            only_whole = "a number" not in allowed
            if hint := hint_for_text(content, only_whole, node.mark.source.file == "--set"):
                return hint
        if "a list" in allowed:
            return f"did you mean [{shortened(content)}]?"
    if whole and (hint := hint_for_dots(node.word)):
        return hint
    if whole and isinstance(content, float) and content.is_integer():
        return f"did you mean {int(content)}?"
    if isinstance(content, bool | int | float) and allowed.startswith("text"):
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
