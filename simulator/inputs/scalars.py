"""What an unquoted YAML word means (the core schema of YAML 1.2, specification, section 10.3.2).

PyYAML resolves words by YAML 1.1, where ``NO`` is false, ``010`` is eight and ``1:30`` is ninety. A
number that begins with a zero is refused: it is the end of ``20,000``, a code, or an octal number.
Numbers as people write them outside YAML (``20,000``, ``57 %``) are refused too, and what was
probably meant is named; digits of several values are never joined into one.
"""

import math
import re

from simulator.inputs.problems import shortened

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_CONSTANTS |= dict.fromkeys(("true", "True", "TRUE"), True)
_CONSTANTS |= dict.fromkeys(("false", "False", "FALSE"), False)
_NUMBERS = re.compile(
    r"(?P<whole>[-+]?[0-9]+)|(?P<octal>0o[0-7]+)|(?P<hexadecimal>0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<infinite>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_BASES = {"whole": 10, "octal": 8, "hexadecimal": 16}
_ZEROS = re.compile(r"\A([-+]?)0+(?=[0-9])")

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
    """Return the value of an unquoted word under the core schema of YAML 1.2."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    # Numbers start with a digit, a sign or a dot; everything else is quickly known to be text.
    found = _NUMBERS.fullmatch(word) if word[0] in "+-.0123456789" else None
    kind = found.lastgroup if found else None
    if kind is None:
        return word
    if kind == "infinite":
        raise ScalarError(f"{word} is not a finite number; only finite numbers are allowed")
    if _ZEROS.match(word):
        kind = "whole number" if kind == "whole" else "number"
        raise ScalarError(f"{kind} with a leading zero: {shortened(word)}", leading_zero=True)
    if kind == "float":
        if math.isinf(number := float(word)):
            raise ScalarError("number is too large; the largest is about 1.8e308")
        return number
    if len(word) > _MOST_DIGITS:
        raise ScalarError(f"whole number of too many digits; the largest is {_LARGEST_INTEGER}")
    value = int(word, _BASES[kind])
    if abs(value) > _LARGEST_INTEGER:
        raise ScalarError(f"whole number {word} is too large; the largest is {_LARGEST_INTEGER}")
    return value


_THOUSANDS = re.compile(
    r"[-+]?[1-9][0-9]{0,2}([,' _\u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*(\.[0-9]+)?"
)
_GROUPED = re.compile(r"[-+]?[0-9]+(_[0-9]+)+(\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"([-+]?)(0|[1-9][0-9]*),([0-9]+)")
_EUROPEAN = re.compile(r"[-+]?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+")
_DOTTED_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(\.[0-9]{3})+")
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_PLAIN = re.compile(_NUMBER)
_SEVERAL = re.compile(rf"{_NUMBER}(\s*[,;]\s*{_NUMBER})+")
_PERCENT = re.compile(rf"({_NUMBER})\s*%")
_THOUSAND = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)\s*[kK]")


def hint_for_text(text: str, whole: bool, command_line: bool) -> str | None:
    """Return what a text that stands where a number should was probably meant to say."""
    text = text.strip()[:80]
    if (one := _one_number(text, whole)) is not None:
        return f"did you mean {one}?"
    takes = "a sweep takes them under 'grid'"
    if command_line:
        takes = "give them to simulator sweep with --grid"
    return f"several values: {takes}" if _SEVERAL.fullmatch(text) else None


def hint_for_dots(word: str) -> str | None:
    """Return what a number with dots between its thousands means: ``20.000`` soldiers."""
    if not _DOTTED_THOUSANDS.fullmatch(word):
        return None
    meant = word.replace(".", "")
    return f"did you mean {meant}? A dot is the decimal point, not a separator of thousands"


def hint_for_leading_zero(text: str, start: int, word: str) -> str:
    """Return what to write instead of a number that begins with a zero."""
    plain = _ZEROS.sub(r"\1", word)
    decimal = f" or 0.{plain}" if re.fullmatch("0[1-9][0-9]*", word) else ""
    simple = f"write {plain}{decimal}, or put it in quotes if it is text"
    return hint_for_comma(text, start, word) or simple


def hint_for_comma(text: str, start: int, word: str) -> str | None:
    """Return the number of which `word`, at `start` of a text, is the part behind a comma."""
    left = re.search(r"[-+0-9.,]*\Z", text[max(0, start - 40) : start])
    right = re.match(r"[0-9.,]*", text[start + len(word) : start + len(word) + 40])
    run = ((left[0] if left else "") + word + (right[0] if right else "")).strip(",")
    thousands = _THOUSANDS.fullmatch(run)
    if not thousands and not _DECIMAL_COMMA.fullmatch(run):
        return None
    return f"a comma separates values, write {run.replace(',', '' if thousands else '.')}"


def one_number_of(low: str, high: str, whole: bool) -> str | None:
    """Return the one number that two values in a list may be, cut by its comma."""
    text = f"{low},{high}"
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if whole or not high.isdecimal():
        return None
    if low in ("0", "-0"):
        return f"{low}.{high}"
    return _one_number(text, whole) if _EUROPEAN.fullmatch(text) else None


def _one_number(text: str, whole: bool) -> str | None:
    if whole and _DOTTED_THOUSANDS.fullmatch(text):
        return text.replace(".", "")
    if _PLAIN.fullmatch(text):
        return _ZEROS.sub(r"\1", text)
    if thousands := _THOUSANDS.fullmatch(text):
        joined = text.replace(thousands[1], "")
        ambiguous = thousands[1] == "," and text.count(",") == 1 and not (thousands[2] or whole)
        return f"{joined} or {text.replace(',', '.')}" if ambiguous else joined
    if _GROUPED.fullmatch(text):
        return text.replace("_", "")
    if _EUROPEAN.fullmatch(text) and not whole:
        return text.replace(".", "").replace(",", ".")
    if thousand := _THOUSAND.fullmatch(text):
        return f"{float(thousand[1]) * 1000:.15g}"
    if whole:
        return None
    if percent := _PERCENT.fullmatch(text):
        return f"{float(percent[1]) / 100:.15g}"
    comma = _DECIMAL_COMMA.fullmatch(text)
    # With many digits on both sides these are two numbers: 10000,20000.
    if comma and not (len(comma[2]) > 3 and len(comma[3]) > 2):
        return f"{comma[1]}{comma[2]}.{comma[3]}"
    return None
