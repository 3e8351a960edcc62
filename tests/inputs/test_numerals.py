"""Numbers in other notations: what was meant is named, and digits of two values never joined."""

from __future__ import annotations

import pytest

from simulator.inputs.scalars import hint_for_leading_zero, hint_for_text


@pytest.mark.parametrize(
    ("text", "whole", "meant"),
    [
        ("20,000", True, "20000"),
        ("1,250,000", True, "1250000"),
        ("20 000", True, "20000"),
        ("20\u202f000", True, "20000"),
        ("20'000", True, "20000"),
        ("20_000", True, "20000"),
        ("2_0", True, "20"),
        ("20k", True, "20000"),
        ("20000", True, "20000"),
        ("00020", True, "20"),
        ("20.000", True, "20000"),
        ("1.250.000", True, "1250000"),
        ("0,57", False, "0.57"),
        ("-0,5", False, "-0.5"),
        ("0,570", False, "0.570"),
        ("12,5", False, "12.5"),
        ("1.234,56", False, "1234.56"),
        ("1,234.5", False, "1234.5"),
        ("1,234", False, "1234 or 1.234"),
        ("57%", False, "0.57"),
        ("2.5 %", False, "0.025"),
        ("0.57", False, "0.57"),
        ("1e5", False, "1e5"),
    ],
)
def test_one_number_in_another_notation(text: str, whole: bool, meant: str) -> None:
    assert hint_for_text(text, whole, command_line=True) == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("10000,20000", True),
        ("10000,20000", False),
        ("1,2", True),
        ("5,10", True),
        ("0.4,0.5", False),
        ("0.4, 0.5, 0.6", False),
        ("1,2,3", False),
        ("1; 2", True),
        ("1000,2000,3000", False),
    ],
)
def test_several_numbers(text: str, whole: bool) -> None:
    told = hint_for_text(text, whole, command_line=True)
    assert told == "several values: give them to simulator sweep with --grid"
    assert "'grid'" in (hint_for_text(text, whole, command_line=False) or "")


@pytest.mark.parametrize(
    "text", ["", "many", "1..2", "10-20", "1,,2", ",5", "٣", "1e", "x" * 10**6]
)
def test_what_is_no_number_gets_no_hint(text: str) -> None:
    assert hint_for_text(text, True, True) is None


@pytest.mark.parametrize(
    ("text", "word", "meant"),
    [
        ("[20,000]", "000", "write 20000"),
        ("[1,000,000]", "000", "write 1000000"),
        ("[1, 20,050]", "050", "write 20050"),
        ("{a: 0,05}", "05", "write 0.05"),
        ("[10, 010]", "010", "write 10 or 0.10, or put it in quotes"),
        ("a: 000", "000", "write 0, or put it in quotes"),
        ("[1,2,03]", "03", "write 3 or 0.3, or"),
        ("[010,20]", "010", "write 10 or 0.10, or"),
    ],
)
def test_leading_zeros(text: str, word: str, meant: str) -> None:
    assert meant in hint_for_leading_zero(text, text.index(word), word)
