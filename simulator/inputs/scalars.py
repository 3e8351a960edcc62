"""What an unquoted YAML word means: the core schema of YAML 1.2 (specification, section 10.3.2).

PyYAML resolves words by YAML 1.1, where ``NO`` is false, ``010`` is eight, ``1e5`` is text and
``12:30:45`` is 45045. Users expect none of that, so words are resolved here instead. A number that
begins with a zero is refused: it is the end of ``20,000``, a code, or an octal number.
"""

import math
import re

from simulator.inputs.problems import shortened

Scalar = str | int | float | bool | None

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")

# Integers of more digits than this are refused: they fit no 64-bit column of a result file,
# and converting a very long one takes quadratic time.
_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 64


class ScalarError(ValueError):
    """A word that YAML reads as a number which the simulator refuses."""

    def __init__(self, message: str, leading_zero: bool = False) -> None:
        super().__init__(message)
        self.leading_zero = leading_zero


def resolve_plain(word: str) -> Scalar:
    """Return the value of an unquoted word under the core schema of YAML 1.2.

    Examples
    --------
    >>> [resolve_plain(word) for word in ("NO", "1e5", "10", "0o10", "12:30:45", "~")]
    ['NO', 100000.0, 10, 8, '12:30:45', None]
    """
    if word in _NULL:
        return None
    # Numbers start with a digit, a sign or a dot; everything else is quickly known to be text.
    if word[0] not in "+-.0123456789":
        return True if word in _TRUE else False if word in _FALSE else word
    if _INTEGER.match(word):
        _refuse_leading_zero(word, "whole number")
        return _integer(word, 10)
    if _FLOAT.match(word):
        _refuse_leading_zero(word, "number")
        return _float(word)
    if _OCTAL.match(word):
        return _integer(word, 8)
    if _HEXADECIMAL.match(word):
        return _integer(word, 16)
    if _NOT_FINITE.match(word):
        raise ScalarError(f"{word} is not a finite number; only finite numbers are allowed")
    return word


def _refuse_leading_zero(word: str, kind: str) -> None:
    if _LEADING_ZERO.match(word):
        raise ScalarError(f"{kind} with a leading zero: {shortened(word)}", leading_zero=True)


def _integer(word: str, base: int) -> int:
    if len(word) > _MOST_DIGITS:
        raise ScalarError("whole number of too many digits; the largest is 9223372036854775807")
    value = int(word, base)
    if abs(value) > _LARGEST_INTEGER:
        raise ScalarError(f"whole number {word} is too large; the largest is {_LARGEST_INTEGER}")
    return value


def _float(word: str) -> float:
    value = float(word)
    if math.isinf(value):
        raise ScalarError("number is too large; the largest is about 1.8e308")
    return value
