"""Unquoted words mean what YAML 1.2's core schema says, and numbers survive being written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.inputs.scalars import ScalarError, resolve_plain

# Words, and what the tables of the YAML 1.2.2 specification (10.3.2) make of them.
TEXT = [
    "NO", "No", "no", "YES", "yes", "on", "off", "y", "n", "12:30:45", "1:30", "190:20:30",
    "1_000", "0b11", "0O7", "0o8", "0xg", "1e", "1e+", ".", "..", "-.", "e5", "+", "-", "--",
    "1,000", "1.2.3", "0x", "-0x10", "-0o7", "+0x1", "nan", "inf", "NaN", "Infinity", ".Nan",
    ".iNF", "+.nan", "truE", "nULL", "nil", "None", "2025-02-20", "1e5.0", "1d5", "½", "٣", "²",
    "１",
]  # fmt: skip
NULLS = ["", "~", "null", "Null", "NULL"]
INTEGERS = {
    "0": 0, "-7": -7, "+7": 7, "-0": 0, "0o10": 8, "0o0": 0, "0x1F": 31,
    "0xff": 255, "9223372036854775807": 2**63 - 1, "-9223372036854775807": -(2**63 - 1),
    "0x7FFFFFFFFFFFFFFF": 2**63 - 1,
}  # fmt: skip
FLOATS = {
    "1e5": 1e5, "1E5": 1e5, "1e+5": 1e5, "1e-5": 1e-5, "1.": 1.0, ".5": 0.5, "-.5": -0.5,
    "+.5e1": 5.0, "0.1": 0.1, "-0.5": -0.5, "1.e3": 1e3, "1e-999": 0.0, "12e03": 12000.0,
}  # fmt: skip
REFUSED = [".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN", "1e999", "-1e309"]
REFUSED += ["9223372036854775808", "-99999999999999999999", "0x8000000000000000", "9" * 100_000]
REFUSED += ["010", "000", "-07", "+00", "01.5", "00.5", "057", "01e3"]


@pytest.mark.parametrize("word", TEXT)
def test_text_stays_text(word: str) -> None:
    assert resolve_plain(word) == word


@pytest.mark.parametrize("word", NULLS)
def test_nulls(word: str) -> None:
    assert resolve_plain(word) is None


@pytest.mark.parametrize(("word", "value"), INTEGERS.items())
def test_integers(word: str, value: int) -> None:
    found = resolve_plain(word)
    assert type(found) is int
    assert found == value


@pytest.mark.parametrize(("word", "value"), FLOATS.items())
def test_floats(word: str, value: float) -> None:
    found = resolve_plain(word)
    assert type(found) is float
    assert found == value


def test_truths() -> None:
    assert [resolve_plain(word) for word in ("true", "True", "TRUE")] == [True] * 3
    assert [resolve_plain(word) for word in ("false", "False", "FALSE")] == [False] * 3


@pytest.mark.parametrize("word", REFUSED, ids=lambda word: word[:20])
def test_what_no_machine_number_holds_is_refused(word: str) -> None:
    with pytest.raises(ScalarError):
        resolve_plain(word)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive_being_written(value: float) -> None:
    found = resolve_plain(repr(value))
    assert type(found) is float
    assert (found, math.copysign(1, found)) == (value, math.copysign(1, value))


@settings(deadline=None)
@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_integers_survive_being_written(value: int) -> None:
    assert resolve_plain(str(value)) == value
    assert type(resolve_plain(str(value))) is int


@pytest.mark.slow
@settings(deadline=None)
@given(st.text())
def test_every_word_means_something(word: str) -> None:
    try:
        value = resolve_plain(word)
    except ScalarError:
        return
    assert value is None or isinstance(value, str | int | float)
    if isinstance(value, float):
        assert math.isfinite(value)
