"""Worth expressions: what they give, what is refused, and where the caret stands."""

import contextlib
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.decide.worth import LONGEST, read_worth, worth_of
from simulator.inputs import InputError

RNG = np.random.default_rng(1)
OUTCOMES = {
    "p_holds_20y": RNG.random((2, 3)) + 0.1,
    "cost_gbp": RNG.random((2, 3)) + 0.1,
    "cause:offensive": RNG.random((2, 3)) + 0.1,
    "none": np.full((2, 3), np.nan),
    "zero": np.zeros((2, 3)),
}
SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": np.divide}


def value(text: str) -> np.ndarray:
    return worth_of(read_worth(text, OUTCOMES), OUTCOMES)


# An expression, and what it is worth by another route.
LEAVES = st.one_of(
    st.sampled_from([(n, OUTCOMES[n]) for n in ("p_holds_20y", "cost_gbp", "cause:offensive")]),
    st.floats(0.5, 2e11).map(lambda x: (repr(x), x)),
    st.integers(1, 10**12).map(lambda x: (f"{x:_}", float(x))),
)


def combined(inside: st.SearchStrategy) -> st.SearchStrategy:
    pairs = st.tuples(inside, st.sampled_from("+-*/"), inside, st.sampled_from(["", " "]))

    def joined(p):
        with np.errstate(all="ignore"):
            return f"({p[0][0]}{p[3]}{p[1]}{p[2][0]})", SIGNS[p[1]](p[0][1], p[2][1])

    binary = pairs.map(joined)
    return st.one_of(binary, inside.map(lambda one: (f"-{one[0]}", -one[1])))


@given(st.recursive(LEAVES, combined, max_leaves=8))
def test_gives_what_arithmetic_gives(case: tuple[str, np.ndarray]) -> None:
    text, expected = case
    text = f"p_holds_20y + {text}"
    with np.errstate(all="ignore"):
        expected = OUTCOMES["p_holds_20y"] + expected
    if len(text) <= LONGEST and np.isfinite(expected).all():
        np.testing.assert_array_equal(value(text), expected)


def test_precedence_and_association() -> None:
    p, c = OUTCOMES["p_holds_20y"], OUTCOMES["cost_gbp"]
    np.testing.assert_array_equal(value("200e9 * p_holds_20y - cost_gbp"), 200e9 * p - c)
    np.testing.assert_array_equal(value("p_holds_20y - cost_gbp - 1"), p - c - 1.0)
    np.testing.assert_array_equal(value("  -p_holds_20y / cost_gbp / 2 "), -p / c / 2.0)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("p_hold_20y - cost", [1, 14]),
        ("__import__('os').system('true') * zero", [1]),
        ("zero.real + (1).imag", [1, 13]),
        ("zero ** 2", [1]),
        ("zero + 9**9**9", [8]),
        ("2 * zero if zero else 'a'", [1]),
        ("zero + True", [8]),
        ("zero + 3j", [8]),
        ("[zero][0]", [1]),
        ("(lambda: zero)()", [1]),
        ("(x := zero)", [1]),
        ("200bn * zero", [4]),
        ("  2 * (zero + 1", [7]),
        ("zero +", [7]),
        ("   1 + 2", [4]),
        ("", [1]),
    ],
)
def test_refuses_with_a_caret_at_every_fault(text: str, columns: list[int]) -> None:
    with pytest.raises(InputError) as refused:
        read_worth(text, OUTCOMES)
    found = [problem.position.column for problem in refused.value.problems]
    assert found[0] == pytest.approx(columns[0], abs=1)  # Python's own place of a syntax error
    assert len(found) == len(columns)
    if len(columns) > 1:
        assert found == columns


def test_suggests_the_estimate_that_was_meant() -> None:
    with pytest.raises(InputError) as refused:
        read_worth("p_holds_20 * 2", OUTCOMES)
    (problem,) = refused.value.problems
    assert "p_holds_20y" in problem.hint
    assert problem.render().splitlines()[-1].rstrip().endswith("^")


@pytest.mark.parametrize("text", ["zero" + " + zero" * 60, "zéro", "zero\n+ zero", "zero\x00"])
def test_refuses_what_is_no_single_short_line(text: str) -> None:
    with pytest.raises(InputError, match=str(LONGEST)):
        read_worth(text, OUTCOMES)


@pytest.mark.parametrize("nest", ["-" * (LONGEST - 4) + "zero", "(" * 148 + "zero" + ")" * 148])
def test_deep_nesting_is_worked_out_or_refused(nest: str) -> None:
    with contextlib.suppress(InputError):
        np.testing.assert_array_equal(np.abs(value(nest)), 0.0)


@pytest.mark.parametrize("text", ["none - 1", "1 / zero", "zero + 1" + "0" * 280 + "e99"])
def test_refuses_a_worth_that_is_not_finite(text: str) -> None:
    with pytest.raises(InputError, match="6 of 6"):
        value(text)
