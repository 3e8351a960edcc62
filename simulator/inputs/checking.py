"""Strict pydantic checking of documents, every error turned into a problem with its place.

A document is checked as JSON in pydantic's strict mode: that is exactly what YAML's core schema can
say (lists may become tuples, nothing else is converted).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.inputs.fields import kinds_at, paths_of_field
from simulator.inputs.nodes import Document, child
from simulator.inputs.problems import (
    MAX_PROBLEMS,
    InputError,
    KeyPath,
    Problem,
    closest,
    dotted,
    listed,
)
from simulator.inputs.words import OF_TYPE, explain, neighbours

ModelT = TypeVar("ModelT", bound=BaseModel)


class StrictModel(BaseModel):
    """Base of what users write: strict, frozen, no unknown fields."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    # What to write instead of fields that people know from elsewhere.
    instead: ClassVar[Mapping[str, str]] = {}


class FieldError(ValueError):
    """Raised in a model's validator to say which field below it is at fault.

    ``at`` is the path of the field, from the value that the validator sees.
    """

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
    faults = _without_idle_branches([_Fault(document, model, raw) for raw in errors[:MAX_PROBLEMS]])
    faults = [fault for fault in faults if not fault.is_known()]
    if not complete:
        faults = [fault for fault in faults if fault.type != "missing"]
    faults = _without_misspelt(faults)
    problems = list(dict.fromkeys(fault.problem() for fault in faults))
    return None, in_source_order(document, problems)


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
        self.document = document
        self.model = model
        self.raw = raw
        self.type: str = raw["type"]
        self.cause = raw.get("ctx", {}).get("error")
        self.path, self.branch = _placed(document, raw["loc"], self.type)
        if isinstance(self.cause, FieldError):
            self.path += self.cause.at
        self.suggestion: str | None = None
        if self.type == "extra_forbidden":
            self.suggestion = closest(self.path[-1], neighbours(self.model, self.path))

    def better_place(self) -> str | None:
        """Return a hint at what an unknown field may have been meant for."""
        for kind in kinds_at(self.model, self.path[:-1]):
            if instead := getattr(kind.annotation, "instead", {}).get(str(self.path[-1])):
                return str(instead)
        if self.suggestion:
            return f"did you mean '{self.suggestion}'?"
        elsewhere = paths_of_field(self.model, str(self.path[-1]))
        return f"did you mean {listed(elsewhere)}?" if elsewhere else None

    def is_known(self) -> bool:
        """Tell whether reading the value was refused, which has been reported."""
        node = self.document.at(self.path)
        return node is not None and node.broken

    def problem(self) -> Problem:
        document, path = self.document, self.path
        if self.type == "extra_forbidden" or self.raw["loc"][-1:] == ("[key]",):
            position = document.where_key(path)
        else:
            position = document.where(path)
        message, hint = explain(self.raw, self.model, path, document.at(path))
        if self.type == "extra_forbidden":
            hint = self.better_place()
        return Problem(position, dotted(path), message, hint)


def _placed(document: Document, loc: Sequence[Any], kind: str) -> tuple[KeyPath, KeyPath | None]:
    """Return the document path of a pydantic location, and where it entered a union.

    Pydantic puts the names of union members into its locations. They are no keys of the
    document, which tells them apart.
    """
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


def _without_idle_branches(faults: list[_Fault]) -> list[_Fault]:
    """Keep, where a union failed, the member that the value was meant for.

    A mapping that is meant as one member is also "not a number"; that says nothing.
    """

    def is_telling(fault: _Fault) -> bool:
        return fault.path != fault.branch or fault.type not in OF_TYPE

    told = {fault.branch for fault in faults if fault.branch is not None and is_telling(fault)}
    return [fault for fault in faults if fault.branch not in told or is_telling(fault)]


def _without_misspelt(faults: list[_Fault]) -> list[_Fault]:
    """Drop "missing" where an unknown neighbour is evidently that field, misspelt."""
    found = {(*fault.path[:-1], fault.suggestion) for fault in faults if fault.suggestion}
    return [fault for fault in faults if fault.type != "missing" or fault.path not in found]
