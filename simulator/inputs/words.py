"""Our own words for every kind of error that pydantic can find in a document."""

from typing import Any

from pydantic import BaseModel

from simulator.inputs.fields import expected, field_names, meaning_at, words_at
from simulator.inputs.nodes import Node
from simulator.inputs.numerals import hint_for_dots, hint_for_text
from simulator.inputs.problems import KeyPath, did_you_mean, listed, shortened

# Kinds of pydantic errors that say only that a value is of another type.
OF_TYPE = frozenset(
    {
        "int_type",
        "int_from_float",
        "int_parsing",
        "int_parsing_size",
        "float_type",
        "float_parsing",
        "bool_type",
        "bool_parsing",
        "string_type",
        "list_type",
        "tuple_type",
        "set_type",
        "frozen_set_type",
        "dict_type",
        "mapping_type",
        "model_type",
        "model_attributes_type",
        "none_required",
        "literal_error",
        "enum",
        "union_tag_invalid",
        "union_tag_not_found",
        "dataclass_type",
    }
)
_OF_BOUNDS = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})
_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def neighbours(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the fields allowed beside an unknown one."""
    names = field_names(model, path[:-1])
    # Every file may extend another; that is settled before its model sees it.
    return [*names, "extends"] if len(path) == 1 else names


def explain(
    raw: Any, model: type[BaseModel], path: KeyPath, node: Node | None
) -> tuple[str, str | None]:
    """Return what is wrong and what is allowed, and how to fix it."""
    kind = raw["type"]
    cause = raw.get("ctx", {}).get("error")
    if kind in ("value_error", "assertion_error") and isinstance(cause, Exception):
        return str(cause) or "not allowed here", getattr(cause, "hint", None)
    if kind == "missing":
        return f"missing, expected {expected(model, path)}", None
    if kind == "extra_forbidden":
        return f"unknown field, allowed: {listed(neighbours(model, path))}", None
    if raw["loc"][-1:] == ("[key]",):
        return "this key is not allowed here", None
    if kind in OF_TYPE or kind in _OF_BOUNDS:
        message = f"expected {expected(model, path)}, got {described(node)}"
        return message, _mend(model, path, node)
    if kind == "string_pattern_mismatch" and (allowed := meaning_at(model, path)):
        return f"expected {allowed}, got {described(node)}", None
    return _measured(kind, raw.get("ctx", {}), node)


def described(node: Node | None) -> str:
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


def _mend(model: type[BaseModel], path: KeyPath, node: Node | None) -> str | None:
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


def _measured(kind: str, ctx: dict[str, Any], node: Node | None) -> tuple[str, str | None]:
    """Explain errors of length, pattern and the rarer kinds."""
    if kind in ("string_too_short", "string_too_long"):
        if kind == "string_too_short" and ctx["min_length"] == 1:
            return "must not be empty", None
        limit = ctx.get("min_length", ctx.get("max_length"))
        word = "least" if kind == "string_too_short" else "most"
        return f"text must have at {word} {limit} characters", None
    if kind in ("too_short", "too_long"):
        limit = ctx.get("min_length", ctx.get("max_length"))
        word = "least" if kind == "too_short" else "most"
        return f"must have at {word} {limit} entries, has {ctx.get('actual_length')}", None
    if kind == "string_pattern_mismatch":
        return f"text must match the pattern {ctx.get('pattern')}, got {described(node)}", None
    if kind == "multiple_of":
        return f"must be a multiple of {ctx.get('multiple_of')}, got {described(node)}", None
    if kind == "finite_number":
        return "must be a finite number", None
    return f"{described(node)} is not allowed here", None
