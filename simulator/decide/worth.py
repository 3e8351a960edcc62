"""What a plan is worth in a draw: arithmetic over the estimates of that draw.

``200e9 * p_holds_20y - cost_gbp`` is one. Python's parser reads it; nothing of it is run: the tree
may hold numbers, estimates, ``+ - * /`` and parentheses, and is worked out here.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.decide.draws import Floats
from simulator.inputs import InputError, Position, Problem, did_you_mean, listed

_SOURCE: Final = "--worth"  # how the user knows the expression
LONGEST: Final = 300  # characters; bounds the depth of the tree too
ALLOWED: Final = "allowed are numbers, estimates, + - * / and parentheses"
_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Floats]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


@dataclass(frozen=True, slots=True)
class Worth:
    """An expression that was read, and its tree."""

    text: str
    tree: ast.expr


def read_worth(text: str, estimates: Collection[str]) -> Worth:
    """Read an expression over these estimates.

    Raises `InputError` with all that is not arithmetic and every unknown estimate, or with the
    place where the expression breaks off; each with a caret into it.
    """

    def problem(column: int, message: str, hint: str | None = None) -> Problem:
        return Problem(Position(_SOURCE, 1, column + 1, text), "", message, hint)

    if len(text) > LONGEST or not text.isascii() or not text.isprintable():
        message = f"a worth is one line of at most {LONGEST} plain characters (ASCII)"
        raise InputError([Problem(None, _SOURCE, message)])
    # Estimates such as cause:offensive are no names to Python; as many characters stand for them.
    names = {name.replace(":", "_") for name in estimates}
    blanks = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1or 2" and the like, which are refused below
            tree = ast.parse(text.strip().replace(":", "_"), mode="eval").body
    except SyntaxError as error:
        column = blanks + error.offset - 1 if error.offset else len(text.rstrip())
        hint = "write 200e9 for 200 billion"
        raise InputError([problem(column, f"cannot be read from here: {ALLOWED}", hint)]) from None
    problems: dict[int, Problem] = {}
    nodes: list[ast.expr] = [tree]
    for node in nodes:  # which grow below
        column = blanks + node.col_offset
        if isinstance(node, ast.Name):
            if node.id not in names:
                message = (
                    f"no estimate is called '{node.id}'; there are {listed(sorted(estimates))}"
                )
                problems[column] = problem(column, message, did_you_mean(node.id, estimates))
        elif isinstance(node, ast.BinOp | ast.UnaryOp) and type(node.op) in _OPERATORS:
            nodes += [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
        elif not (isinstance(node, ast.Constant) and type(node.value) in (int, float)):
            problems[column] = problem(column, f"is no arithmetic: {ALLOWED}")
    if not problems and not any(isinstance(node, ast.Name) for node in nodes):
        hint = "for example 200e9 * p_holds_20y - cost_gbp"
        message = "names no estimate: all plans are worth the same"
        problems[blanks] = problem(blanks, message, hint)
    if problems:
        raise InputError(problems[column] for column in sorted(problems))
    return Worth(text, tree)


def worth_of(worth: Worth, outcomes: Mapping[str, Floats]) -> Floats:
    """Worth of P plans in D draws, shape (P, D); `InputError` if it is not finite somewhere."""
    names = {name.replace(":", "_"): values for name, values in outcomes.items()}
    with np.errstate(all="ignore"):  # looked at as a whole below
        found = np.array(_evaluate(worth.tree, names))
    broken = int(np.count_nonzero(~np.isfinite(found)))
    if broken:
        message = f"'{worth.text}' is not finite in {broken:,} of {found.size:,} plans and draws"
        hint = "it divides by zero, or holds an estimate that the horizon does not reach"
        raise InputError([Problem(None, _SOURCE, message, hint)])
    return found


def _evaluate(node: ast.expr, names: Mapping[str, Floats]) -> Floats:
    match node:
        case ast.Constant(value):
            return np.asarray(float(str(value)))
        case ast.Name(name):
            return names[name]
        case ast.UnaryOp(op, operand):
            return _OPERATORS[type(op)](_evaluate(operand, names))
        case ast.BinOp(left, op, right):
            return _OPERATORS[type(op)](_evaluate(left, names), _evaluate(right, names))
    raise TypeError(f"{type(node).__name__} was let through")
